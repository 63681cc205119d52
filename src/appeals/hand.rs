//! Who deals with an appeal: taken by one reviewer, given to a colleague, or given back to all. Nothing is decided by it:
//! whoever could decide before can do so after, unless they had a part in the evidence.

use super::desk::show;
use super::list::Appeals;
use super::model::Row;
use super::{Reviewer, store_hand as store};
use crate::access::Role;
use crate::case::{self, HandBody, HandInput, HandView};
use crate::db::Conn;
use crate::deps::App;
use crate::error::AppResult;
use crate::number::normalise;
use crate::slice::Taken;
use crate::web::ctx::Ctx;
use crate::web::form::{Form, Valid};
use crate::web::guard::Official;
use crate::web::i18n::t;
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::Answer;
use crate::worklist::{self, Act, Bulk, Outcome};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};

/// How appeals are taken.
pub(super) static TAKEN: Taken = Taken {
    object: "appeal",
    entry: "appeal.assign",
    list: "/desk/appeals",
    word: |lang, state| t(lang, &format!("appeal-state-{state}"), &[]),
    takes,
    leads: |_, _| false,
    of: store::of,
    find: |conn, who, number| store::find(conn, &who.pattern(), number),
    put: store::put,
};

/// What waits for a second officer is no reviewer's to do.
fn takes(role: Role, state: &str) -> bool {
    role == Role::AppealReviewer && ["submitted", "disputed"].contains(&state)
}

/// In whose hands an appeal is that was read for the official.
pub(super) fn view(
    conn: &mut Conn,
    who: &OfficialPrincipal,
    row: &Row,
    now: DateTime<Utc>,
) -> AppResult<HandView> {
    let case = store::find(conn, &who.pattern(), &row.number)?;
    case::hand_view(conn, &TAKEN, who, &case, now)
}

impl Bulk for Appeals {
    async fn act(deps: &App, ctx: &Ctx, who: &OfficialPrincipal, act: Act) -> AppResult<Outcome> {
        case::hand_of_row(deps, ctx, who, &TAKEN, act).await
    }
}

/// `POST /desk/appeals/bulk`: take, assign or return several; each has its own result.
pub(super) async fn bulk(
    req: HttpRequest,
    deps: App,
    who: Official<Reviewer>,
    form: Form,
) -> AppResult<HttpResponse> {
    worklist::bulk::<Appeals, _>(&req, &deps, &who, &form).await
}

/// `POST /desk/appeals/{number}/assign`: take, assign or return one.
pub(super) async fn hand(
    ctx: Ctx,
    deps: App,
    who: Official<Reviewer>,
    number: web::Path<String>,
    form: Form,
) -> AppResult<HttpResponse> {
    let number = normalise(&number);
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let again =
        async |view| show(&deps, &ctx, &who, &number, (view, None), refused).await.map(Answer::into_inner);
    case::hand_on_page(&deps, &ctx, &who, (&TAKEN, &number), &form, again).await
}

/// Takes an appeal, gives it to a colleague, or gives it back to all. Nothing is decided by it. Idempotent by
/// `Idempotency-Key`.
#[utoipa::path(post, path = "/api/v1/desk/appeals/{number}/assign", tag = "desk", params(("number" = String, Path)),
    request_body = HandInput,
    responses((status = 200, body = HandBody), (status = 404), (status = 409), (status = 422)))]
pub(super) async fn hand_json(
    req: HttpRequest,
    deps: App,
    who: Official<Reviewer>,
    number: web::Path<String>,
    input: Valid<HandInput>,
) -> AppResult<HttpResponse> {
    case::hand_by_call((&req, &deps), &who, (&TAKEN, &number), &input.0).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_for_somebody_else_is_not_taken() {
        assert!(takes(Role::AppealReviewer, "submitted") && takes(Role::AppealReviewer, "disputed"));
        for state in ["confirming", "upheld", "overturned", "withdrawn"] {
            assert!(!takes(Role::AppealReviewer, state), "{state}");
        }
        assert!(!takes(Role::ColourOfficer, "submitted"));
    }
}
