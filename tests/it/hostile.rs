//! Bytes that cost more than they are: what is packed, deep or endless, through the web.

use crate::harness::App;
use crate::on_both;
use reqwest::Method;
use std::io::Write;

/// So many zero bytes, packed.
fn packed(bytes: usize, gzip: bool) -> Vec<u8> {
    let zeros = vec![b'0'; bytes];
    if gzip {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(&zeros).unwrap();
        return packer.finish().unwrap();
    }
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(&zeros).unwrap();
    packer.finish().unwrap()
}

on_both!(nothing_packed_is_unpacked);

/// A body of 60 KB that unpacks to 64 MB is refused before anything reads it, whatever it is said to be.
async fn nothing_packed_is_unpacked(app: App) {
    let gzip = packed(64 << 20, true);
    for (path, kind) in [
        ("/api/v1/verify", "application/json"),
        ("/exchange/v1/verify", "application/json"),
        ("/api/v1/verify/image", "image/png"),
        ("/api/v1/verify/image", "multipart/form-data; boundary=b"),
        ("/verify", "application/x-www-form-urlencoded"),
        ("/sign-in", "application/x-www-form-urlencoded"),
    ] {
        for (name, body) in [("gzip", gzip.clone()), ("deflate", packed(1 << 20, false)), ("br", vec![1])] {
            for encoding in [name.to_owned(), format!("identity, {name}"), name.to_uppercase()] {
                let headers = [("content-type", kind), ("content-encoding", encoding.as_str())];
                let answer =
                    app.browser().request(Method::POST, path, &headers, Some(body.clone())).await.expect(415);
                assert!(answer.body.contains("unsupported-media"), "{path} {encoding}: {}", answer.body);
            }
        }
    }
    let plain = [("content-type", "application/json"), ("content-encoding", "identity")];
    let body = Some(br#"{"text": "HC1:"}"#.to_vec());
    app.browser().request(Method::POST, "/api/v1/verify", &plain, body).await.expect(200);
    app.stop().await;
}
