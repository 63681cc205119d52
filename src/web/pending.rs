//! What a browser keeps between two steps before it is signed in: the phone that waits for its code, the official whose
//! password was right. Sealed, so that it can be neither read nor made up, and short-lived. Never in a URL.

use super::cookies;
use crate::app::Deps;
use crate::crypto::{FieldContext, token};
use crate::error::{AppError, AppResult};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Duration, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// How long a step may take.
const WITHIN: Duration = Duration::minutes(15);

#[derive(Serialize, Deserialize)]
struct Kept<T> {
    until: DateTime<Utc>,
    value: T,
}

fn context(purpose: &str) -> FieldContext<'_> {
    FieldContext::new("cookie", purpose, uuid::Uuid::nil())
}

/// Seals a value for the next step of the same purpose.
///
/// # Errors
/// [`AppError::Internal`] when the value has no JSON form.
pub fn seal<T: Serialize>(deps: &Deps, purpose: &str, value: &T, now: DateTime<Utc>) -> AppResult<String> {
    let sealed = deps.keys.seal_json(&context(purpose), &Kept { until: now + WITHIN, value })?;
    Ok(token::base64url(&sealed))
}

/// What was sealed; `None` when it is too old, of another purpose or made up.
pub fn open<T: DeserializeOwned>(deps: &Deps, purpose: &str, text: &str, now: DateTime<Utc>) -> Option<T> {
    let kept: Kept<T> = deps.keys.open_json(&context(purpose), &token::from_base64url(text)?).ok()?;
    (now < kept.until).then_some(kept.value)
}

/// Gives the browser a value to bring back to the next step of the same purpose.
///
/// # Errors
/// [`AppError::Internal`] when the value has no JSON form.
pub fn keep<T: Serialize>(
    deps: &Deps,
    response: &mut HttpResponse,
    purpose: &str,
    value: &T,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let (names, sealed) = (&deps.cookies, seal(deps, purpose, value, now)?);
    let cookie = names.cookie(&names.pending, sealed, Some(WITHIN.num_seconds()));
    response.add_cookie(&cookie).map_err(AppError::internal)
}

/// What the browser brought back; `None` when there is nothing, it is too old or of another purpose.
pub fn read<T: DeserializeOwned>(
    deps: &Deps,
    req: &HttpRequest,
    purpose: &str,
    now: DateTime<Utc>,
) -> Option<T> {
    let sealed = cookies::values(req.headers(), &deps.cookies.pending);
    sealed.iter().find_map(|value| open(deps, purpose, value, now))
}

/// Removes it when the last step is done.
pub fn forget(deps: &Deps, response: &mut HttpResponse) {
    let names = &deps.cookies;
    // A cookie of ours always has a valid name and value; without this it ends by its age.
    let _ = response.add_cookie(&names.removal(&names.pending));
}
