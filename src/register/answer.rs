//! An answer with a mark of what is in it: whoever names the mark is told that nothing has changed (RFC 9110, 8.8 and 13.1).

use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderValue, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};

/// The answer, or 304 when whoever asks has it. It may be kept and is asked for again each time.
pub fn tagged(req: &HttpRequest, kind: &'static str, body: Vec<u8>) -> HttpResponse {
    let mark = format!("\"{}\"", hex::encode(Sha256::digest(&body)));
    let known = req.headers().get_all(IF_NONE_MATCH).any(|header| names(header, &mark));
    let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((ETAG, mark)).insert_header((CACHE_CONTROL, "no-cache"));
    if known { answer.finish() } else { answer.content_type(kind).body(body) }
}

/// Whether a list of marks names one, however it was marked on its way: a proxy that packs an answer makes its mark weak.
fn names(header: &HeaderValue, mark: &str) -> bool {
    let Ok(text) = header.to_str() else { return false };
    text.split(',').map(str::trim).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == mark)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::StatusCode;
    use actix_web::test::TestRequest;

    #[test]
    fn whoever_names_the_mark_is_told_that_nothing_changed() {
        let ask = |mark: Option<&str>, body: &str| {
            let mut req = TestRequest::default();
            if let Some(mark) = mark {
                req = req.insert_header((IF_NONE_MATCH, mark));
            }
            tagged(&req.to_http_request(), "text/plain", body.as_bytes().to_vec())
        };
        let first = ask(None, "a");
        assert_eq!(first.status(), StatusCode::OK);
        let mark = first.headers().get(ETAG).unwrap().to_str().unwrap().to_owned();
        for known in [mark.clone(), format!("W/{mark}"), format!("\"x\", {mark}"), "*".to_owned()] {
            assert_eq!(ask(Some(&known), "a").status(), StatusCode::NOT_MODIFIED, "{known}");
        }
        assert_eq!(ask(Some(&mark), "b").status(), StatusCode::OK);
        assert_eq!(ask(Some("\"x\""), "a").status(), StatusCode::OK);
    }
}
