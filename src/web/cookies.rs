//! Cookies as they really come (RFC 6265): several lines, several with one name, in quotes, beside others' that are no
//! cookies at all. What cannot be read is passed over; it never hides what stands beside it.

use crate::config::Config;
use crate::crypto::{FieldContext, token};
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use actix_web::HttpResponse;
use actix_web::cookie::time::Duration as CookieDuration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::{COOKIE, HeaderMap};
use chrono::Duration;
use serde::{Serialize, de::DeserializeOwned};

/// So many cookies of one name are looked at; more nobody has for a reason.
const MOST: usize = 4;

/// The values of a cookie in the order sent, without surrounding space and quotes, each once. A browser sends a second one
/// of the same name when another path or the domain above has set it; which of them is ours only its content tells.
pub fn values(headers: &HeaderMap, name: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in headers.get_all(COOKIE) {
        for pair in line.as_bytes().split(|b| *b == b';') {
            let Some((key, value)) = std::str::from_utf8(pair).ok().and_then(|p| p.split_once('=')) else {
                continue;
            };
            let value = value.trim();
            let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
            if key.trim() == name && !found.iter().any(|f| f == value) && found.len() < MOST {
                found.push(value.to_owned());
            }
        }
    }
    found
}

/// The first value that is not empty.
pub fn first(headers: &HeaderMap, name: &str) -> Option<String> {
    values(headers, name).into_iter().find(|value| !value.is_empty())
}

/// What a browser keeps for us under seal, such as who has signed in there; what no key of ours opens is none.
pub fn sealed_list<T: DeserializeOwned>(
    deps: &Deps,
    headers: &HeaderMap,
    name: &str,
    context: &FieldContext<'_>,
) -> Vec<T> {
    let lists = values(headers, name);
    let open = |text: &String| deps.keys.open_json::<Vec<T>>(context, &token::from_base64url(text)?).ok();
    lists.iter().filter_map(open).flatten().collect()
}

/// Has the browser keep it for so long.
///
/// # Errors
/// [`AppError::Internal`] when the cookie cannot be written.
pub fn keep_sealed_list<T: Serialize>(
    deps: &Deps,
    response: &mut HttpResponse,
    (name, context): (&str, &FieldContext<'_>),
    list: &[T],
    age: Duration,
) -> AppResult<()> {
    let sealed = token::base64url(&deps.keys.seal_json(context, &list)?);
    let cookie = deps.cookies.cookie(name, sealed, Some(age.num_seconds()));
    response.add_cookie(&cookie).map_err(AppError::internal)
}

/// Names of our cookies: `__Host-` over TLS; with the province's code in the demonstration, because cookies do
/// not know ports.
#[derive(Debug, Clone)]
pub struct CookieNames {
    /// The session token.
    pub session: String,
    /// A visitor's random value that anonymous forms are checked against.
    pub visitor: String,
    /// Language.
    pub lang: String,
    /// Elder mode.
    pub elder: String,
    /// One message after a redirect.
    pub flash: String,
    /// What is kept between two steps of a sign-in, sealed.
    pub pending: String,
    /// As whom a device has signed in, sealed.
    pub device: String,
    /// With which telephones a browser has signed in, sealed.
    pub phones: String,
    secure: bool,
}

impl CookieNames {
    /// The names for a deployment.
    pub fn of(config: &Config) -> Self {
        let secure = config.is_https();
        let province = config.province.get(..2).unwrap_or("00");
        let name = |what: &str| {
            if secure { format!("__Host-fugong-{what}") } else { format!("fugong{province}-{what}") }
        };
        Self {
            session: name("session"),
            visitor: name("visitor"),
            lang: name("lang"),
            elder: name("elder"),
            flash: name("flash"),
            pending: name("pending"),
            device: name("device"),
            phones: name("phones"),
            secure,
        }
    }

    /// A cookie of ours; `None` for the age ends with the browser.
    pub fn cookie(&self, name: &str, value: impl Into<String>, age: Option<i64>) -> Cookie<'static> {
        let mut builder = Cookie::build(name.to_owned(), value.into())
            .path("/")
            .http_only(true)
            .secure(self.secure)
            .same_site(SameSite::Lax);
        if let Some(seconds) = age {
            builder = builder.max_age(CookieDuration::seconds(seconds));
        }
        builder.finish()
    }

    /// A cookie that removes one.
    pub fn removal(&self, name: &str) -> Cookie<'static> {
        self.cookie(name, "", Some(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn read(lines: &[&[u8]]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, HeaderValue::from_bytes(line).unwrap());
        }
        values(&headers, "a")
    }

    #[test]
    fn every_spelling_is_read_and_nothing_hides_a_neighbour() {
        for (lines, expected) in [
            (&[&b"a=1"[..]][..], &["1"][..]),
            (&[b"b=2; a=1"], &["1"]),
            (&[b"a=1;b=2"], &["1"]),
            (&[b"b=2", b"a=1"], &["1"]),
            (&[b"a=\"1\""], &["1"]),
            (&[b"  a = 1  ;"], &["1"]),
            (&[b"a=1; a=2; a=1"], &["1", "2"]),
            (&[b"a=1; A=2; aa=3"], &["1"]),
            (&[b"lonely; a=1"], &["1"]),
            (&[b"=x; a=1; ;;"], &["1"]),
            (&[b"b=\xff\xfe; a=1"], &["1"]),
            (&["b=广安; a=1".as_bytes()], &["1"]),
            (&[b"a=x=y=="], &["x=y=="]),
            (&[b"a="], &[""]),
            (&[b""], &[]),
            (&[b"a=1;a=2;a=3;a=4;a=5"], &["1", "2", "3", "4"]),
        ] {
            assert_eq!(read(lines), expected, "{lines:?}");
        }
        let long = ["x=".to_owned() + &"y".repeat(6000), "a=1".into()].join("; ");
        assert_eq!(read(&[long.as_bytes()]), ["1"]);
    }
}
