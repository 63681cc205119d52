//! The style sheet, the script and the pictures, embedded in the binary.
//!
//! An address carries the first eight digits of the file's SHA-256 (`/assets/fugong.css?v=1a2b3c4d`), so browsers
//! may keep it for a year and still see a new version at once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

/// A file to serve under `/assets/`.
pub struct Asset {
    /// Its bytes.
    pub data: Cow<'static, [u8]>,
    /// The `Content-Type`.
    pub content_type: &'static str,
    /// A strong `ETag` with its quotes: the file's SHA-256 in hex.
    pub etag: String,
}

static VERSIONS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    Files::iter()
        .filter_map(|name| {
            let hash = Files::get(&name)?.metadata.sha256_hash();
            Some((name.to_string(), hex::encode(hash.get(..4)?)))
        })
        .collect()
});

/// The file of that name below `assets/`, or `None`. Names with `..` or a leading slash are never found.
#[must_use]
pub fn asset(name: &str) -> Option<Asset> {
    let file = Files::get(name)?;
    let content_type = match name.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml; charset=utf-8",
        "png" => "image/png",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
    let etag = format!("\"{}\"", hex::encode(file.metadata.sha256_hash()));
    Some(Asset { data: file.data, content_type, etag })
}

/// The address of an embedded file with its version; of an unknown one, without.
#[must_use]
pub fn asset_url(name: &str) -> String {
    match VERSIONS.get(name) {
        Some(version) => format!("/assets/{name}?v={version}"),
        None => format!("/assets/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_carry_the_version() {
        let url = asset_url("fugong.css");
        let version = url.strip_prefix("/assets/fugong.css?v=").unwrap();
        assert_eq!(version.len(), 8);
        assert!(asset("fugong.css").unwrap().etag[1..].starts_with(version));
        assert!(asset("../Cargo.toml").is_none() && asset("/etc/passwd").is_none());
    }

    #[test]
    fn the_first_page_stays_light() {
        let size = |name: &str| asset(name).unwrap().data.len();
        assert!(size("fugong.js") <= 15 * 1024, "the script is {} bytes", size("fugong.js"));
        assert!(size("fugong.css") <= 32 * 1024, "the style sheet is {} bytes", size("fugong.css"));
    }
}
