//! That a request comes from whom it says, from its head alone: the signature holds for this method and target, it was made
//! now, and the key counts. The body is compared with the signed digest when it is read, the nonce is spent with what is done.
//!
//! Nothing is told of a key to somebody who has not signed with it: that it is not there and that the signature is wrong is one
//! answer.

use super::stored;
use super::{Kind, Program, Secret};
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::signature::{Claim, Digest, Fault, Message};
use crate::web::door::{ClientCertificate, Door};
use actix_web::dev::{RequestHead, ServiceRequest};
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};
use actix_web::http::{Method, Uri};
use chrono::{DateTime, Duration, Utc};
use std::sync::Arc;

/// How far the clock of whoever signs may be from ours.
pub const CLOCK: Duration = Duration::seconds(300);

/// What a proven request has beside its program.
#[derive(Debug, Clone)]
pub struct Proof {
    pub(super) nonce: String,
    pub(super) digest: Option<Digest>,
    created: DateTime<Utc>,
}

impl Proof {
    /// From when on the message would be refused by its time, even by a clock that was set back meanwhile.
    pub(super) fn over(&self) -> DateTime<Utc> {
        self.created + CLOCK * 2
    }
}

/// The lines of a field as texts; `None` when one of them is none.
fn lines(headers: &HeaderMap, name: &str) -> Option<Vec<String>> {
    headers.get_all(name).map(|line| line.to_str().ok().map(str::to_owned)).collect()
}

/// What a request claims about its signature; `None` when it has none.
///
/// # Errors
/// [`AppError::BadRequest`] when it cannot be read.
pub(super) fn read_claim(headers: &HeaderMap) -> AppResult<Option<Claim>> {
    let one = |name| match lines(headers, name) {
        Some(lines) if lines.is_empty() => Ok(None),
        Some(lines) => Ok(Some(lines.join(", "))),
        None => Err(refused(Fault::Malformed)),
    };
    match Claim::read(one("signature-input")?.as_deref(), one("signature")?.as_deref()) {
        Ok(claim) => Ok(Some(claim)),
        Err(Fault::Missing) => Ok(None),
        Err(fault) => Err(refused(fault)),
    }
}

fn refused(fault: Fault) -> AppError {
    match fault {
        Fault::Missing => AppError::Unsigned("signature-missing"),
        Fault::Uncovered(_) | Fault::Component => AppError::Unsigned("signature-components"),
        Fault::Malformed => AppError::BadRequest("signature-malformed"),
        Fault::Several => AppError::BadRequest("signature-several"),
        Fault::Parameter(_) => AppError::BadRequest("signature-parameters"),
        Fault::Digest => AppError::BadRequest("digest-malformed"),
    }
}

/// Whether a request has, or may have, a body that has to be signed.
#[must_use]
fn expects_body(head: &RequestHead) -> bool {
    let plain = matches!(head.method, Method::GET | Method::HEAD | Method::OPTIONS | Method::DELETE);
    let length = head.headers.get(CONTENT_LENGTH).is_some_and(|length| length.as_bytes() != b"0");
    !plain || length || head.headers.contains_key(TRANSFER_ENCODING)
}

/// Proves a request.
///
/// # Errors
/// [`AppError::Unsigned`] with why not; [`AppError::BadRequest`] for what cannot be read; database errors.
pub(super) async fn prove(
    deps: &Deps,
    door: Door,
    req: &ServiceRequest,
    claim: &Claim,
    now: DateTime<Utc>,
) -> AppResult<(Arc<Program>, Proof)> {
    claim.covers_request(req.uri().query().is_some(), expects_body(req.head())).map_err(refused)?;
    let created = in_time(claim, now)?;
    let base = base(door.url(&deps.config), req, claim)?;
    let digest = match lines(req.headers(), "content-digest") {
        Some(lines) if lines.is_empty() => None,
        Some(lines) => Some(Digest::read(&lines.join(", ")).map_err(refused)?),
        None => return Err(refused(Fault::Digest)),
    };
    let unknown = || AppError::Unsigned("signature-refused");
    let program = stored::of_keyid(deps, claim.keyid()).await?.ok_or_else(unknown)?;
    accepts(&program, &base, claim, now)?;
    // Elsewhere than at their own door partners have no route.
    if door == Door::Partner {
        shows(&program, req.conn_data::<ClientCertificate>(), now)?;
    }
    // A digest that is not signed says nothing.
    let digest = digest.filter(|_| claim.covers_request(false, true).is_ok());
    Ok((program, Proof { nonce: claim.nonce().to_owned(), digest, created }))
}

/// When it was signed, if that is about now.
fn in_time(claim: &Claim, now: DateTime<Utc>) -> AppResult<DateTime<Utc>> {
    let clock = || AppError::Unsigned("signature-clock");
    let created = DateTime::from_timestamp(claim.created(), 0).ok_or_else(clock)?;
    let over = claim.expires().is_some_and(|second| second < now.timestamp());
    if over || (now - created).abs() > CLOCK { Err(clock()) } else { Ok(created) }
}

/// The text that the signature should be over.
fn base(url: &str, req: &ServiceRequest, claim: &Claim) -> AppResult<String> {
    let derived = |name: &str| derived(name, req.method(), url, req.uri());
    let field = |name: &str| lines(req.headers(), name).unwrap_or_default();
    claim.base(&Message { derived: &derived, field: &field }).map_err(refused)
}

/// A derived component of a request (RFC 9421, 2.2) that came to this address.
fn derived(name: &str, method: &Method, url: &str, uri: &Uri) -> Option<String> {
    let (scheme, authority) = url.split_once("://")?;
    let (scheme, authority) = (scheme.to_ascii_lowercase(), authority.to_ascii_lowercase());
    let path = if uri.path().is_empty() { "/" } else { uri.path() };
    let target = uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let usual = if scheme == "https" { ":443" } else { ":80" };
    let authority = authority.strip_suffix(usual).unwrap_or(&authority);
    Some(match name {
        "@method" => method.as_str().to_owned(),
        "@target-uri" => format!("{scheme}://{authority}{target}"),
        "@authority" => authority.to_owned(),
        "@scheme" => scheme,
        "@request-target" => target,
        "@path" => path.to_owned(),
        "@query" => format!("?{}", uri.query().unwrap_or_default()),
        _ => return None,
    })
}

/// What verifies now.
fn current(program: &Program, now: DateTime<Utc>) -> impl Iterator<Item = &Secret> {
    program.secrets.iter().filter(move |secret| secret.ends_at.is_none_or(|end| now < end))
}

/// That one of the key's secrets has signed it, and the key counts.
fn accepts(program: &Program, base: &str, claim: &Claim, now: DateTime<Utc>) -> AppResult<()> {
    let named = |secret: &Secret| claim.algorithm().is_none_or(|name| name == secret.key.algorithm().name());
    let signed = |secret: &Secret| named(secret) && secret.key.verifies(base.as_bytes(), claim.signature());
    if !current(program, now).any(signed) {
        return Err(AppError::Unsigned("signature-refused"));
    }
    if program.revoked {
        return Err(AppError::Unsigned("key-revoked"));
    }
    if program.expires_at <= now {
        return Err(AppError::Unsigned("key-expired"));
    }
    Ok(())
}

/// That the connection shows the certificate of the partner whose key has signed.
fn shows(program: &Program, shown: Option<&ClientCertificate>, now: DateTime<Utc>) -> AppResult<()> {
    let own = |secret: &Secret| shown.is_some_and(|shown| secret.certificate == Some(shown.0));
    if program.kind == Kind::Partner && !current(program, now).any(own) {
        return Err(AppError::Unsigned("signature-certificate"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_those_of_the_address_that_is_known_outside() {
        let uri: Uri = "/a/b?c=d&e".parse().unwrap();
        let of = |name: &str| derived(name, &Method::POST, "https://Fugong.example:443", &uri);
        for (name, value) in [
            ("@method", "POST"),
            ("@target-uri", "https://fugong.example/a/b?c=d&e"),
            ("@authority", "fugong.example"),
            ("@scheme", "https"),
            ("@request-target", "/a/b?c=d&e"),
            ("@path", "/a/b"),
            ("@query", "?c=d&e"),
        ] {
            assert_eq!(of(name).as_deref(), Some(value), "{name}");
        }
        assert_eq!(of("@status"), None);
        let bare: Uri = "/a".parse().unwrap();
        assert_eq!(derived("@query", &Method::GET, "http://127.0.0.1:8080", &bare).as_deref(), Some("?"));
        let target = derived("@target-uri", &Method::GET, "http://127.0.0.1:8080", &bare);
        assert_eq!(target.as_deref(), Some("http://127.0.0.1:8080/a"));
        assert_eq!(
            derived("@method", &Method::GET, "", &bare),
            None,
            "a door without an address knows nobody"
        );
    }

    #[test]
    fn what_may_have_a_body_has_to_sign_it() {
        use actix_web::test::TestRequest;
        for (request, expects) in [
            (TestRequest::get(), false),
            (TestRequest::delete(), false),
            (TestRequest::post(), true),
            (TestRequest::get().insert_header((CONTENT_LENGTH, "0")), false),
            (TestRequest::get().insert_header((CONTENT_LENGTH, "3")), true),
            (TestRequest::get().insert_header((TRANSFER_ENCODING, "chunked")), true),
        ] {
            assert_eq!(expects_body(request.to_srv_request().head()), expects);
        }
    }
}
