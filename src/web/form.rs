//! What clients send: HTML forms and JSON bodies, bounded and checked before a handler sees them.

use super::ctx::Ctx;
use super::view::FormView;
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use serde::de::DeserializeOwned;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use uuid::Uuid;
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

/// Fields of one form; more is no form of ours.
pub const MAX_FIELDS: usize = 500;
/// Bytes of a form or JSON body.
pub const MAX_BODY: usize = 256 * 1024;

/// How much of a body that is too large is still read, so that the answer can be received.
const DRAIN: usize = 1 << 20;

/// Fields that are ours and not an answer.
const TECHNICAL: [&str; 5] = ["_csrf", "_once", "next", "fresh-code", "fresh-to"];

/// Fields that no page shows again: a form that has one is not carried by a page.
const SECRET: [&str; 6] = ["password", "old", "new", "repeat", "code", "fresh-code"];

/// What is being read.
pub type Pending<T> = Pin<Box<dyn Future<Output = AppResult<T>>>>;

/// A submitted HTML form whose CSRF token was right.
#[derive(Debug, Clone, Default)]
pub struct Form {
    pairs: Vec<(String, String)>,
}

impl Form {
    /// The first value of a field, as typed; empty if it was not sent.
    pub fn get(&self, name: &str) -> &str {
        self.pairs.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
    }

    /// The first value without surrounding space, `None` if empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        Some(self.get(name).trim()).filter(|v| !v.is_empty())
    }

    /// Every value of a field, such as of checkboxes.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Whether a field was sent.
    pub fn has(&self, name: &str) -> bool {
        self.pairs.iter().any(|(n, _)| n == name)
    }

    /// The form as a page shows it again: everything typed, without the technical ones.
    pub fn view(&self) -> FormView {
        FormView::from_pairs(self.pairs.iter().filter(|(n, _)| !TECHNICAL.contains(&n.as_str())).cloned())
    }

    /// What a page has to send on so that this form arrives as it was sent.
    pub fn carried(&self) -> Vec<&(String, String)> {
        let ours = |name: &str| TECHNICAL.contains(&name) && name != "next";
        self.pairs.iter().filter(|(name, _)| !ours(name)).collect()
    }

    /// What a page has to send on to do the same once more: with its key, so that what was done after all is not done
    /// twice. `None` when there is a secret in it.
    pub fn again(&self) -> Option<Vec<(String, String)>> {
        let secret = self.pairs.iter().any(|(name, _)| SECRET.contains(&name.as_str()));
        (!secret).then(|| self.pairs.iter().filter(|(name, _)| name != "_csrf").cloned().collect())
    }

    /// What was answered, for telling whether the same is sent again: everything but the technical ones.
    pub fn answers(&self) -> Vec<&(String, String)> {
        self.pairs.iter().filter(|(name, _)| !TECHNICAL.contains(&name.as_str())).collect()
    }

    /// The key that makes a repeated submission harmless, from the hidden field `_once`.
    pub fn once(&self) -> Option<Uuid> {
        Uuid::parse_str(self.get("_once")).ok()
    }

    /// A form put together by the program, such as of an API's answers, to be read by the same rules.
    pub fn of(pairs: &[(&str, &str)]) -> Self {
        Self { pairs: pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect() }
    }

    /// The same of pairs that are made at run time.
    pub fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        Self { pairs }
    }

    /// All pairs, in the order sent.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// Reads `application/x-www-form-urlencoded`.
    ///
    /// # Errors
    /// [`AppError::BadRequest`] when it is not UTF-8 or has too many fields.
    pub fn parse(body: &[u8]) -> AppResult<Self> {
        if percent_decoded_is_not_utf8(body) {
            return Err(AppError::BadRequest("body-not-utf8"));
        }
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_bytes(body).map_err(|_| AppError::BadRequest("body-malformed"))?;
        if pairs.len() > MAX_FIELDS {
            return Err(AppError::TooLarge);
        }
        if pairs.iter().any(|(n, v)| n.contains('\0') || v.contains('\0')) {
            return Err(AppError::BadRequest("body-malformed"));
        }
        Ok(Self { pairs })
    }
}

/// The decoder would put U+FFFD in place of broken UTF-8 and so lose what was typed; it is refused instead.
fn percent_decoded_is_not_utf8(body: &[u8]) -> bool {
    let mut plain = Vec::with_capacity(body.len());
    let mut rest = body.iter();
    while let Some(&byte) = rest.next() {
        if byte != b'%' {
            plain.push(byte);
            continue;
        }
        let mut peek = rest.clone();
        let hex = |b: Option<&u8>| b.and_then(|b| char::from(*b).to_digit(16));
        if let (Some(high), Some(low)) = (hex(peek.next()), hex(peek.next())) {
            plain.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
            rest = peek;
        } else {
            plain.push(byte);
        }
    }
    std::str::from_utf8(&plain).is_err()
}

/// The form of this request was taken by a guard that refuses.
struct Taken;

impl Form {
    /// Takes the form of a page for a guard that is going to refuse; `None` when there is none. The handler's own is
    /// never there then: it would be read empty, and its fault could be told before the guard's.
    pub fn taken(req: &HttpRequest, payload: &mut Payload) -> Option<Pending<Self>> {
        let page = Ctx::of(req).is_ok_and(|ctx| ctx.wants_page);
        if !page || !has_type(req, "application/x-www-form-urlencoded") {
            return None;
        }
        let form = Self::from_request(req, payload);
        req.extensions_mut().insert(Taken);
        Some(form)
    }
}

impl FromRequest for Form {
    type Error = AppError;
    type Future = Pending<Self>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if req.extensions().contains::<Taken>() {
            return Box::pin(std::future::pending());
        }
        let ctx = Ctx::of(req);
        let right_type = has_type(req, "application/x-www-form-urlencoded");
        let body = body(req.clone(), payload.take());
        Box::pin(async move {
            let ctx = ctx?;
            if !right_type {
                return Err(AppError::UnsupportedMedia);
            }
            let form = Self::parse(&body.await?)?;
            ctx.check_csrf(form.get("_csrf"))?;
            if ctx.wants_page {
                ctx.hold(form.clone());
            }
            Ok(form)
        })
    }
}

/// A JSON body that has the right shape and passed its `validator` rules. Types deny unknown fields.
#[derive(Debug, Clone)]
pub struct Valid<T>(pub T);

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Valid<T> {
    type Error = AppError;
    type Future = Pending<Self>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let ctx = Ctx::of(req);
        let sent = token_of(req).to_owned();
        let right_type = has_type(req, "application/json");
        let body = body(req.clone(), payload.take());
        Box::pin(async move {
            let ctx = ctx?;
            if !right_type {
                return Err(AppError::UnsupportedMedia);
            }
            // A JSON body cannot be sent by a plain form of another site, so only a signed-in browser needs a token.
            if super::ctx::session_of(&ctx.principal).is_some() {
                ctx.check_csrf(&sent)?;
            }
            Ok(Self(parse_json(&body.await?)?))
        })
    }
}

/// A change that is asked for without a body, such as a DELETE: a browser's token stands in `x-csrf-token`.
#[derive(Debug, Clone, Copy)]
pub struct NoBody;

impl FromRequest for NoBody {
    type Error = AppError;
    type Future = Ready<AppResult<Self>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::check(req))
    }
}

impl NoBody {
    /// Compares the token of the header, for a body that is read by the handler itself.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] `csrf`.
    pub fn check(req: &HttpRequest) -> AppResult<Self> {
        Ctx::of(req)?.check_csrf(token_of(req)).map(|()| Self)
    }
}

fn token_of(req: &HttpRequest) -> &str {
    req.headers().get("x-csrf-token").and_then(|v| v.to_str().ok()).unwrap_or_default()
}

/// Reads JSON with a path for what is wrong.
///
/// # Errors
/// [`AppError::BadRequest`] when it is no JSON, [`AppError::Invalid`] with a field path when a field is unknown,
/// missing, of the wrong type or out of its limits.
pub fn parse_json<T: DeserializeOwned + Validate>(body: &[u8]) -> AppResult<T> {
    // As in forms: no database keeps a NUL in a text the same way.
    if body.windows(6).any(|w| w == b"\\u0000") {
        return Err(AppError::BadRequest("body-malformed"));
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value: T = serde_path_to_error::deserialize(&mut reader).map_err(|e| {
        let field = e.path().to_string();
        match e.inner().classify() {
            serde_json::error::Category::Data => AppError::field(field, data_code(&e.inner().to_string())),
            _ => AppError::BadRequest("body-malformed"),
        }
    })?;
    reader.end().map_err(|_| AppError::BadRequest("body-malformed"))?;
    value.validate().map_err(|e| {
        let mut errors = Vec::new();
        flatten("", &e, &mut errors);
        errors.sort_by(|a, b| a.field.cmp(&b.field));
        AppError::Invalid(errors)
    })?;
    Ok(value)
}

fn data_code(message: &str) -> &'static str {
    if message.starts_with("unknown field") {
        "unknown-field"
    } else if message.starts_with("missing field") {
        "required"
    } else {
        "wrong-type"
    }
}

fn flatten(prefix: &str, errors: &ValidationErrors, out: &mut Vec<FieldError>) {
    for (name, kind) in errors.errors() {
        let path = if prefix.is_empty() { name.to_string() } else { format!("{prefix}.{name}") };
        match kind {
            ValidationErrorsKind::Field(list) => out.extend(list.iter().map(|e| {
                let mut error = FieldError::new(path.clone(), e.code.to_string());
                for limit in ["min", "max"] {
                    if let Some(value) = e.params.get(limit) {
                        error = error.with(limit, value);
                    }
                }
                error
            })),
            ValidationErrorsKind::Struct(inner) => flatten(&path, inner, out),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    flatten(&format!("{path}.{index}"), inner, out);
                }
            }
        }
    }
}

pub(super) fn has_type(req: &HttpRequest, wanted: &str) -> bool {
    req.headers()
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.split(';').next())
        .is_some_and(|v| v.trim().eq_ignore_ascii_case(wanted))
}

/// All of a body, within the room that there is for it ([`super::intake`]), which is kept until the request is over.
///
/// # Errors
/// [`AppError::TooLarge`], [`AppError::TooSlow`], and when there is no room.
pub(super) async fn body(req: HttpRequest, payload: Payload) -> AppResult<Vec<u8>> {
    let deps = req.app_data::<App>().ok_or_else(|| AppError::internal("no parts"))?;
    let mut admitted = deps.intake.form(Ctx::of(&req)?.client);
    let (body, too_large) = admitted.collect(payload, MAX_BODY, DRAIN).await?;
    admitted.keep(&req);
    if too_large { Err(AppError::TooLarge) } else { Ok(body) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, Validate)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[validate(length(min = 1, max = 3))]
        name: String,
    }

    #[derive(Debug, Deserialize, Validate)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[validate(nested)]
        list: Vec<Inner>,
    }

    fn errors(text: &str) -> AppError {
        parse_json::<Outer>(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn every_error_has_a_path_and_a_code() {
        let invalid = |e: AppError| match e {
            AppError::Invalid(list) => {
                list.iter().map(|f| format!("{}:{}", f.field, f.code)).collect::<Vec<_>>().join(" ")
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(invalid(errors(r#"{"list":[{"name":"a"},{"name":"abcd"}]}"#)), "list.1.name:length");
        assert_eq!(invalid(errors(r#"{"list":[{"name":3}]}"#)), "list[0].name:wrong-type");
        assert_eq!(invalid(errors(r#"{"list":[{"name":"a","x":1}]}"#)), "list[0].x:unknown-field");
        assert!(matches!(errors(r#"{"list":["#), AppError::BadRequest(_)));
        assert!(matches!(errors(r#"{"list":[]} x"#), AppError::BadRequest(_)));
        assert!(matches!(parse_json::<Outer>(b"\xff"), Err(AppError::BadRequest(_))));
        assert!(matches!(errors(r#"{"list":[{"name":"\u0000"}]}"#), AppError::BadRequest(_)));
    }

    #[test]
    fn a_form_is_sent_once_more_as_it_was_unless_it_has_a_secret() {
        let form = Form::of(&[("_csrf", "t"), ("_once", "k"), ("reason", "缺体温"), ("next", "/me")]);
        let names: Vec<_> = form.again().unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["_once", "reason", "next"]);
        assert_eq!(Form::of(&[("login", "a"), ("password", "b")]).again(), None);
    }

    #[test]
    fn rare_names_survive_and_broken_text_is_refused() {
        let form = Form::parse("name=%F0%A0%AE%B7%E3%9B%83&s=1&s=2&_csrf=x".as_bytes()).unwrap();
        assert_eq!(form.get("name"), "𠮷㛃");
        assert_eq!(form.all("s").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(form.view().get("name"), "𠮷㛃");
        assert_eq!(form.view().get("_csrf"), "");
        assert!(matches!(Form::parse(b"name=%FF%FE"), Err(AppError::BadRequest("body-not-utf8"))));
        assert!(matches!(Form::parse(b"name=a%00b"), Err(AppError::BadRequest("body-malformed"))));
        assert_eq!(Form::parse(b"p=100%").unwrap().get("p"), "100%");
    }
}
