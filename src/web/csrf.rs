//! Cross-site request forgery: a synchroniser token in every form, and the browser's own word about where a request
//! comes from (Origin, Sec-Fetch-Site).
//!
//! The token is masked anew on every page, so that compressing the page does not give it away byte by byte (BREACH).

use crate::crypto::token;
use actix_web::http::header::{HeaderMap, ORIGIN};

/// A token for a page: 32 random bytes and the secret XOR these, base64url.
pub fn mask(secret: &[u8]) -> String {
    let pad = token::random(secret.len());
    let masked: Vec<u8> = pad.iter().zip(secret).map(|(p, s)| p ^ s).collect();
    token::base64url(&[pad, masked].concat())
}

/// Whether a sent token carries the secret.
pub fn matches(secret: &[u8], sent: &str) -> bool {
    let Some(bytes) = token::from_base64url(sent) else { return false };
    if secret.is_empty() || bytes.len() != secret.len() * 2 {
        return false;
    }
    let (pad, masked) = bytes.split_at(secret.len());
    let plain: Vec<u8> = pad.iter().zip(masked).map(|(p, m)| p ^ m).collect();
    token::same(&plain, secret)
}

/// Whether the browser says that a request comes from another site. Old browsers send neither header; then the
/// token decides alone.
pub fn is_cross_site(headers: &HeaderMap, own_origin: &str) -> bool {
    if let Some(site) = headers.get("sec-fetch-site").and_then(|v| v.to_str().ok()) {
        return !matches!(site, "same-origin" | "none");
    }
    match headers.get(ORIGIN).and_then(|v| v.to_str().ok()) {
        Some(origin) => origin != own_origin,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    #[test]
    fn tokens_differ_on_every_page_and_only_ours_match() {
        let secret = [7u8; 32];
        let (a, b) = (mask(&secret), mask(&secret));
        assert_ne!(a, b);
        assert!(matches(&secret, &a) && matches(&secret, &b));
        assert!(!matches(&[8u8; 32], &a));
        assert!(!matches(&secret, "") && !matches(&[], "") && !matches(&secret, "%%%"));
    }

    #[test]
    fn another_site_is_refused() {
        let with = |name: &'static str, value: &'static str| {
            let mut h = HeaderMap::new();
            h.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            h
        };
        let own = "https://fugong.example";
        assert!(is_cross_site(&with("sec-fetch-site", "cross-site"), own));
        assert!(is_cross_site(&with("sec-fetch-site", "same-site"), own));
        assert!(!is_cross_site(&with("sec-fetch-site", "same-origin"), own));
        assert!(is_cross_site(&with("origin", "https://evil.example"), own));
        assert!(is_cross_site(&with("origin", "null"), own));
        assert!(!is_cross_site(&with("origin", own), own));
        assert!(!is_cross_site(&HeaderMap::new(), own));
    }
}
