//! One error type. What a client did wrong is a typed 4xx with a stable code that both languages have a text for;
//! everything else is an opaque 5xx whose cause goes to the log and never to the client.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use chrono::{DateTime, Utc};
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

/// One thing that happened to what somebody was about to decide, in the reader's language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Change {
    /// When; nothing where it is not kept.
    pub at: Option<DateTime<Utc>>,
    /// What was done.
    pub what: String,
    /// The office that did it; nothing where it was the person, or the portal itself.
    pub office: Option<String>,
    /// The official, as colleagues know them.
    pub by: Option<String>,
}

/// How something stands that was changed after whoever decides had seen it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overtaken {
    /// Where it can be seen as it is now.
    pub page: String,
    /// What the way to that page is called.
    pub label: String,
    /// Stable code of its state.
    pub state: String,
    /// The state in words.
    pub word: String,
    /// Its version, to be sent with a new decision; nothing where a version is not what tells.
    pub version: Option<i64>,
    /// What happened since, the newest first.
    pub changes: Vec<Change>,
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
    /// 401: a program's request is not signed, or not so that it counts; a code such as `signature-clock`.
    Unsigned(&'static str),
    /// 403: refused whoever asks, such as a missing CSRF token. Not for "not yours", which is `NotFound`.
    Forbidden(&'static str),
    /// 404: not there, or not yours.
    NotFound,
    /// 405.
    MethodNotAllowed,
    /// 409: somebody was faster, or the case's state does not allow it; a code with a text.
    Conflict(String),
    /// 409: somebody was faster, with what they did.
    Overtaken(Box<Overtaken>),
    /// 409: a login that an administrator has just made or reset does nothing yet that is hard to take back; from then on.
    NotYet(DateTime<Utc>),
    /// 408: the request came too slowly.
    TooSlow,
    /// 413.
    TooLarge,
    /// 415.
    UnsupportedMedia,
    /// 429 with seconds to wait.
    TooMany(u64),
    /// 429: enough of one thing for now; a code with a text, and seconds to wait.
    Enough(&'static str, u64),
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
            Self::BadRequest(code) | Self::Unsigned(code) | Self::Forbidden(code) | Self::Enough(code, _) => {
                code
            }
            Self::SignIn(SignInKind::StepUp) => "step-up",
            Self::SignIn(SignInKind::Notice) => "notice",
            Self::SignIn(_) => "sign-in",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::Conflict(code) => code,
            Self::Overtaken(_) => "changed-meanwhile",
            Self::NotYet(_) => "official-not-yet",
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
            Self::TooMany(seconds) | Self::Enough(_, seconds) => Some(*seconds),
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

/// What never passes by itself among errors that the drivers name by no kind: a wrong statement or value. SQLite says so in
/// these words; of PostgreSQL, which says where it stands in the statement ([`is_ours`]), they are those for wrong values.
const OURS: &[&str] = &[
    "syntax error",
    "no such table",
    "no such column",
    "no such function",
    "has no column named",
    "already exists",
    "ambiguous column",
    "datatype mismatch",
    "wrong number of",
    "incomplete input",
    "unrecognized token",
    "bad parameter",
    "column index out of range",
    "too many SQL variables",
    "string or blob too big",
    "malformed",
    "not a database",
    "constraint failed",
    "current transaction is aborted",
    "invalid input syntax",
    "invalid byte sequence",
    "out of range",
    "value too long",
    "division by zero",
];

/// Whether a database error is a fault of ours, met again by the same request. Everything else passes: a lock not got in time,
/// a full disk, no memory, a server that goes or comes. Those are told in the language of `lc_messages`: what is ours is sought.
fn is_ours(
    kind: &diesel::result::DatabaseErrorKind,
    info: &dyn diesel::result::DatabaseErrorInformation,
) -> bool {
    use diesel::result::DatabaseErrorKind as Kind;
    match kind {
        Kind::ForeignKeyViolation
        | Kind::RestrictViolation
        | Kind::NotNullViolation
        | Kind::CheckViolation
        | Kind::ExclusionViolation => true,
        Kind::Unknown => {
            let message = info.message();
            // A lock that is not got while a statement is read has its place, too; what is wrong is named besides.
            let named = info.statement_position().is_some() && message.contains(['"', ':', '(']);
            named || OURS.iter().any(|part| message.contains(part))
        }
        // A key that two wrote (where it can be taken for a reason that its owner should hear, the caller has asked
        // before), two transactions that met, a connection that was lost, a server that takes no writes.
        _ => false,
    }
}

impl From<diesel::result::Error> for AppError {
    /// The one place where database errors become ours. Messages of the server are logged without the
    /// `DETAIL` line, which repeats values.
    fn from(e: diesel::result::Error) -> Self {
        use diesel::result::Error;
        match e {
            Error::NotFound => Self::NotFound,
            Error::DatabaseError(kind, info) => {
                let cause = format!("database: {kind:?}: {}", info.message());
                if is_ours(&kind, info.as_ref()) { Self::Internal(cause) } else { Self::Unavailable(cause) }
            }
            // Why nothing was committed says more than that it could not be taken back either.
            Error::RollbackErrorOnCommit { commit_error, .. } => Self::from(*commit_error),
            Error::BrokenTransactionManager => Self::Unavailable("the database connection was lost".into()),
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
            Self::SignIn(_) | Self::Unsigned(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            // The key was used with another content (draft-ietf-httpapi-idempotency-key).
            Self::Conflict(code) if code == "idempotency-mismatch" => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict(_) | Self::Overtaken(_) | Self::NotYet(_) => StatusCode::CONFLICT,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMedia => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooMany(_) | Self::Enough(..) => StatusCode::TOO_MANY_REQUESTS,
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

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
