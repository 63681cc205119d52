//! Browsers that have signed in with a telephone before. They have codes of their own to ask for, so that a stranger who
//! uses up those of a number shuts out nobody who has been here.

use crate::crypto::FieldContext;
use crate::deps::Deps;
use crate::error::AppResult;
use crate::identity::Phone;
use crate::web::cookies;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

/// A browser is known for so long after its last sign-in.
const KNOWN: Duration = Duration::days(180);
/// Telephones of one browser: a family shares one.
const SHARED: usize = 6;
const CONTEXT: FieldContext<'static> = FieldContext::new("cookie", "phones", uuid::Uuid::nil());

/// What the cookie says: with which telephone, by its search key, somebody has signed in.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Known {
    phone: String,
    until: DateTime<Utc>,
}

fn read(deps: &Deps, req: &HttpRequest, now: DateTime<Utc>) -> Vec<Known> {
    let all: Vec<Known> = cookies::sealed_list(deps, req.headers(), &deps.cookies.phones, &CONTEXT);
    all.into_iter().filter(|k| k.until > now).collect()
}

fn names(deps: &Deps, phone: &Phone) -> Vec<String> {
    super::store::candidates(&deps.keys, "known-phone", phone.as_str()).iter().map(hex::encode).collect()
}

/// Whether this browser has signed in with the telephone before.
pub(super) fn is_known(deps: &Deps, req: &HttpRequest, phone: &Phone, now: DateTime<Utc>) -> bool {
    let names = names(deps, phone);
    read(deps, req, now).iter().any(|k| names.contains(&k.phone))
}

/// Makes the browser known, after a sign-in.
///
/// # Errors
/// [`crate::error::AppError::Internal`] when the cookie cannot be written.
pub(super) fn make_known(
    deps: &Deps,
    req: &HttpRequest,
    response: &mut HttpResponse,
    phone: &Phone,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let names = names(deps, phone);
    let others = read(deps, req, now).into_iter().filter(|k| !names.contains(&k.phone)).take(SHARED - 1);
    let phone = hex::encode(deps.keys.blind("known-phone", phone.as_str()));
    let list: Vec<Known> = std::iter::once(Known { phone, until: now + KNOWN }).chain(others).collect();
    cookies::keep_sealed_list(deps, response, (&deps.cookies.phones, &CONTEXT), &list, KNOWN)
}
