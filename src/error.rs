//! One error type. What a client did wrong is a typed 4xx with a stable code that both languages have a text for;
//! everything else is an opaque 5xx whose cause goes to the log and never to the client.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use std::fmt;

/// One field that has to be put right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The field's name, dotted for nested JSON (`travel.0.from`).
    pub field: String,
    /// A stable code; the text is the catalogue's `error-<code>`.
    pub code: String,
    /// Values that the text shows (limits, counts); never what was typed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<(String, String)>,
}

impl FieldError {
    /// An error on `field` with a catalogue code.
    pub fn new(field: impl Into<String>, code: impl Into<String>) -> Self {
        Self { field: field.into(), code: code.into(), args: Vec::new() }
    }

    /// Adds a value that the text shows.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.args.push((name.to_owned(), value.to_string()));
        self
    }

    /// The same error under the name that a program's body has for a form's field.
    #[must_use]
    pub fn renamed(self, form: &str, body: &str) -> Self {
        if self.field == form { Self { field: body.to_owned(), ..self } } else { self }
    }

    /// The same error on a field that lies below another.
    #[must_use]
    pub fn below(self, parent: &str) -> Self {
        Self { field: format!("{parent}.{}", self.field), ..self }
    }
}

/// Every way in which a request can fail.
#[derive(Debug, Clone)]
pub enum AppError {
    /// 422: the fields to put right.
    Invalid(Vec<FieldError>),
    /// 400: the request cannot be read; a code such as `body-malformed`.
    BadRequest(&'static str),
    /// 401: sign in first; a page leads to the sign-in page of this kind.
    SignIn(SignInKind),
    /// 403: refused whoever asks, such as a missing CSRF token. Not for "not yours", which is `NotFound`.
    Forbidden(&'static str),
    /// 404: not there, or not yours.
    NotFound,
    /// 405.
    MethodNotAllowed,
    /// 409: somebody was faster, or the case's state does not allow it; a code with a text.
    Conflict(String),
    /// 408: the request came too slowly.
    TooSlow,
    /// 413.
    TooLarge,
    /// 415.
    UnsupportedMedia,
    /// 429 with seconds to wait.
    TooMany(u64),
    /// 503 with Retry-After: overloaded, or a part is away. The reason is for the log.
    Unavailable(String),
    /// 500. The cause is for the log.
    Internal(String),
}

/// Which sign-in page leads on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInKind {
    /// Phone code.
    Resident,
    /// Password and one-time code.
    Official,
    /// An official who has to confirm with a fresh one-time code.
    StepUp,
    /// A resident who has not acknowledged the privacy notice yet.
    Notice,
}

/// What fallible functions of the web give.
pub type AppResult<T> = Result<T, AppError>;

impl AppError {
    /// A single field's error.
    pub fn field(field: impl Into<String>, code: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, code)])
    }

    /// A conflict with a catalogue code.
    pub fn conflict(code: impl Into<String>) -> Self {
        Self::Conflict(code.into())
    }

    /// A fault of ours.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }

    /// The stable code: the last part of the problem's `type` and the catalogue key's suffix.
    pub fn code(&self) -> &str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::BadRequest(code) | Self::Forbidden(code) => code,
            Self::SignIn(SignInKind::StepUp) => "step-up",
            Self::SignIn(SignInKind::Notice) => "notice",
            Self::SignIn(_) => "sign-in",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::Conflict(code) => code,
            Self::TooSlow => "too-slow",
            Self::TooLarge => "too-large",
            Self::UnsupportedMedia => "unsupported-media",
            Self::TooMany(_) => "too-many",
            Self::Unavailable(_) => "unavailable",
            Self::Internal(_) => "internal",
        }
    }

    /// Seconds after which to try again, where that helps.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooMany(seconds) => Some(*seconds),
            Self::Unavailable(_) => Some(2),
            _ => None,
        }
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(errors) => {
                f.write_str("invalid:")?;
                errors.iter().try_for_each(|e| write!(f, " {}={}", e.field, e.code))
            }
            Self::Unavailable(cause) => write!(f, "unavailable: {cause}"),
            Self::Internal(cause) => write!(f, "internal: {cause}"),
            other => f.write_str(other.code()),
        }
    }
}

impl std::error::Error for AppError {}

/// What passes when a disk has room again, a lock is free, a server is back: parts of the messages of SQLite and
/// PostgreSQL, which have no code in common.
const PASSES: &[&str] = &[
    "full",
    "locked",
    "disk I/O",
    "readonly",
    "read-only",
    "unable to open database file",
    "No space left",
    "canceling statement",
    "deadlock detected",
    "terminating connection",
    "server closed the connection",
    "no connection to the server",
    "is starting up",
    "is shutting down",
    "in recovery mode",
];

impl From<diesel::result::Error> for AppError {
    /// The one place where database errors become ours. Messages of the server are logged without the
    /// `DETAIL` line, which repeats values.
    fn from(e: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind as Kind, Error};
        match e {
            Error::NotFound => Self::NotFound,
            Error::DatabaseError(Kind::ClosedConnection, _) => {
                Self::Unavailable("the database closed the connection".into())
            }
            Error::DatabaseError(Kind::SerializationFailure, _) => {
                Self::Unavailable("the transaction met another".into())
            }
            // Where a key can be taken for a reason that its owner should hear, the caller has asked before.
            Error::DatabaseError(Kind::UniqueViolation, _) => {
                Self::Unavailable("two transactions wrote the same key".into())
            }
            Error::DatabaseError(Kind::UnableToSendCommand, info) => {
                Self::Unavailable(format!("database: {}", info.message()))
            }
            Error::BrokenTransactionManager => Self::Unavailable("the database connection was lost".into()),
            Error::DatabaseError(kind, info) => {
                let message = info.message();
                if PASSES.iter().any(|part| message.contains(part)) {
                    return Self::Unavailable(format!("database: {message}"));
                }
                Self::Internal(format!("database: {kind:?}: {message}"))
            }
            other => Self::Internal(format!("database: {other}")),
        }
    }
}

impl From<crate::crypto::CryptoError> for AppError {
    fn from(e: crate::crypto::CryptoError) -> Self {
        Self::Internal(format!("crypto: {e}"))
    }
}

/// Whether a database error is a violated unique constraint.
pub fn is_unique_violation(e: &diesel::result::Error) -> bool {
    use diesel::result::{DatabaseErrorKind, Error};
    matches!(e, Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
}

impl ResponseError for AppError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::SignIn(SignInKind::Notice) => StatusCode::FORBIDDEN,
            Self::SignIn(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            // The key was used with another content (draft-ietf-httpapi-idempotency-key).
            Self::Conflict(code) if code == "idempotency-mismatch" => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMedia => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The bare response; it carries this error, and `web::around` turns it into problem+json or a page in the
    /// reader's language.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let Some(seconds) = self.retry_after() {
            response.insert_header(("Retry-After", seconds.to_string()));
        }
        response.finish()
    }
}
