//! Who deals with an application: what is reopening's own of taking, giving and returning.

use super::super::{store, store_hand, views};
use super::Desk;
use super::case::case_page;
use super::list::Applications;
use crate::access::Role;
use crate::case::{self, HandBody, HandInput};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::number::normalise;
use crate::slice::Taken;
use crate::web::ctx::Ctx;
use crate::web::form::{Form, Valid};
use crate::web::guard::Official;
use crate::web::principal::OfficialPrincipal;
use crate::worklist::{self, Act, Bulk, Outcome};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

/// How applications are taken.
pub static TAKEN: Taken = Taken {
    object: "application",
    entry: "reopening.assign",
    list: "/desk/applications",
    word: views::state,
    takes,
    leads,
    of: store_hand::of,
    find: |conn, who, number| Ok(store::inside(conn, number, &who.pattern())?.in_hands()),
    put: store_hand::put,
};

/// States that wait for a role.
pub fn states(role: Role) -> &'static [&'static str] {
    match role {
        Role::TownReviewer => &["submitted"],
        Role::CountyDesk => &["accepted", "in-review"],
        Role::PrefectureReviewer => &["prefecture-review"],
        _ => &["in-review"],
    }
}

/// Whether a role gives an opinion instead of deciding.
pub fn department(role: Role) -> bool {
    matches!(role, Role::HealthReviewer | Role::IndustryReviewer | Role::MarketReviewer)
}

/// A department takes nothing: each of them answers.
fn takes(role: Role, state: &str) -> bool {
    let desk = matches!(role, Role::TownReviewer | Role::CountyDesk | Role::PrefectureReviewer);
    desk && states(role).contains(&state)
}

/// The county leads, so what somebody has left lying there goes on.
fn leads(role: Role, state: &str) -> bool {
    role == Role::CountyDesk && ["submitted", "accepted", "in-review"].contains(&state)
}

impl Bulk for Applications {
    async fn act(deps: &App, ctx: &Ctx, who: &OfficialPrincipal, act: Act) -> AppResult<Outcome> {
        case::hand_of_row(deps, ctx, who, &TAKEN, act).await
    }
}

/// POST `/desk/applications/bulk`: take, assign or return many; every row has its own result.
pub async fn bulk(req: HttpRequest, deps: App, who: Official<Desk>, form: Form) -> AppResult<HttpResponse> {
    if department(who.role) {
        return Err(AppError::NotFound);
    }
    worklist::bulk::<Applications, _>(&req, &deps, &who, &form).await
}

/// POST `/desk/applications/{number}/assign`: take, assign or return one.
pub async fn hand(
    ctx: Ctx,
    deps: App,
    who: Official<Desk>,
    number: web::Path<String>,
    form: Form,
) -> AppResult<HttpResponse> {
    let (number, refused) = (normalise(&number), StatusCode::UNPROCESSABLE_ENTITY);
    let again = async |view| case_page(&deps, &ctx, &who, &number, (view, None), refused).await;
    case::hand_on_page(&deps, &ctx, &who, (&TAKEN, &number), &form, again).await
}

/// Takes an application, gives it to a colleague, or gives it back to all. Nothing is decided by it. Idempotent by
/// `Idempotency-Key`.
#[utoipa::path(post, path = "/api/v1/desk/applications/{number}/assign", tag = "desk", params(("number" = String, Path)),
    request_body = HandInput,
    responses((status = 200, body = HandBody), (status = 404), (status = 409), (status = 422)))]
pub async fn hand_json(
    req: HttpRequest,
    deps: App,
    who: Official<Desk>,
    number: web::Path<String>,
    input: Valid<HandInput>,
) -> AppResult<HttpResponse> {
    case::hand_by_call((&req, &deps), &who, (&TAKEN, &number), &input.0).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_turn_it_is_takes_and_the_county_leads() {
        assert!(
            takes(Role::TownReviewer, "submitted") && takes(Role::PrefectureReviewer, "prefecture-review")
        );
        assert!(takes(Role::CountyDesk, "accepted") && !takes(Role::CountyDesk, "submitted"));
        assert!(leads(Role::CountyDesk, "submitted") && !leads(Role::TownReviewer, "submitted"));
        for taking_nothing in [Role::HealthReviewer, Role::Doctor] {
            assert!(!takes(taking_nothing, "in-review"));
        }
    }
}
