//! Who deals with a declaration: taken by one official, given to a colleague, or given back to all. Nothing is decided by
//! it: whoever could check or confirm before can do so after.

use super::decide::show;
use super::desk::Staff;
use super::list::Declarations;
use super::mine::state_word;
use super::store::Row;
use super::store_hand as store;
use crate::access::Role;
use crate::case::{self, HandBody, HandInput, HandView};
use crate::db::Conn;
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::number::normalise;
use crate::slice::Taken;
use crate::web::ctx::Ctx;
use crate::web::form::{Form, Valid};
use crate::web::guard::Official;
use crate::web::principal::OfficialPrincipal;
use crate::worklist;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};

/// How declarations are taken.
pub(super) static TAKEN: Taken = Taken {
    object: "declaration",
    entry: "declaration.assign",
    list: "/desk/declarations",
    word: state_word,
    takes,
    leads: |_, _| false,
    of: store::of,
    find: |conn, who, number| store::find(conn, &who.pattern(), number),
    put: store::put,
};

/// The village worker checks, the doctor confirms what is checked.
fn takes(role: Role, state: &str) -> bool {
    matches!((role, state), (Role::VillageWorker, "submitted") | (Role::Doctor, "community-checked"))
}

/// Acts on rows that share them out. They ask for no second factor, as those do that decide.
pub(super) const ACTS: [&str; 3] = ["take", "assign", "return"];

/// In whose hands a declaration is that was read for the official; of one that is only stored nothing is shown.
pub(super) fn view(
    conn: &mut Conn,
    who: &OfficialPrincipal,
    row: &Row,
    now: DateTime<Utc>,
) -> AppResult<HandView> {
    if row.is_locked() {
        return Ok(HandView::default());
    }
    let case = store::find(conn, &who.pattern(), &row.number)?;
    case::hand_view(conn, &TAKEN, who, &case, now)
}

/// POST `/desk/declarations/bulk`: take, assign or return several; each has its own result.
pub(super) async fn bulk(
    req: HttpRequest,
    deps: App,
    who: Official<Staff>,
    form: Form,
) -> AppResult<HttpResponse> {
    // Nothing is checked by this way, which asks for less.
    if !ACTS.contains(&form.get("do")) && form.get("do") != "all" {
        return Err(AppError::BadRequest("request-malformed"));
    }
    worklist::bulk::<Declarations, _>(&req, &deps, &who, &form).await
}

/// POST `/desk/declarations/{number}/assign`: take, assign or return one.
pub(super) async fn hand(
    ctx: Ctx,
    deps: App,
    who: Official<Staff>,
    number: web::Path<String>,
    form: Form,
) -> AppResult<HttpResponse> {
    let number = normalise(&number);
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let again = async |view| show(&deps, &ctx, &who, &number, view, None, refused).await;
    case::hand_on_page(&deps, &ctx, &who, (&TAKEN, &number), &form, again).await
}

/// Takes a declaration, gives it to a colleague, or gives it back to all. Nothing is decided by it. Idempotent by
/// `Idempotency-Key`.
#[utoipa::path(post, path = "/api/v1/desk/declarations/{number}/assign", tag = "desk", params(("number" = String, Path)),
    request_body = HandInput,
    responses((status = 200, body = HandBody), (status = 404), (status = 409), (status = 422)))]
pub(super) async fn hand_json(
    req: HttpRequest,
    deps: App,
    who: Official<Staff>,
    number: web::Path<String>,
    input: Valid<HandInput>,
) -> AppResult<HttpResponse> {
    case::hand_by_call((&req, &deps), &who, (&TAKEN, &number), &input.0).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_takes_what_waits_for_them() {
        assert!(takes(Role::VillageWorker, "submitted") && !takes(Role::VillageWorker, "community-checked"));
        assert!(takes(Role::Doctor, "community-checked") && !takes(Role::Doctor, "submitted"));
        for state in ["returned", "certificate-issued", "withdrawn"] {
            assert!(!takes(Role::VillageWorker, state) && !takes(Role::Doctor, state), "{state}");
        }
    }
}
