//! Officials: offices, staff, dated assignments, and their sign-in with two factors.
//!
//! A right is an assignment: role × jurisdiction, in an office, from a day to a day. A substitute is an assignment that
//! names whom it stands in for.

mod account;
mod api;
mod contact;
mod described;
mod desk;
mod enrol;
mod enter;
mod factors;
mod model;
mod named;
mod place;
mod second;
mod sign_in;
mod store;
mod tries;

pub use contact::recipient;
pub use factors::{hash, one_time_password};
pub use model::{NEW_FOR, NewAssignment, NewOffice, NewOfficial, OfficeDuty, OfficeKind};
pub use named::{Named, named};
pub use second::others_decide;
pub use store::{add_office, add_official, answering, assign, identify};

use crate::access::Role;
use crate::slice::{NOTHING, Slice};
use crate::urgency::Urgency;
use crate::web::factor::Unasked;
use crate::web::route::{Routes, Who};

/// What this slice hands over.
pub const SLICE: Slice = Slice {
    routes,
    openapi: Some(openapi),
    parts: |deps| {
        deps.keep(second::PEOPLE);
        Ok(())
    },
    acts: &[
        ("/desk/account/password", "", "stepup-for-password"),
        ("/desk/account/sessions/", "", "stepup-for-sessions"),
    ],
    ..NOTHING
};

/// The routes.
fn routes(r: &mut Routes) {
    let any = Who::Roles(Role::ALL);
    r.get("/desk/sign-in", Who::Public, sign_in::password_page)
        .urgent(Urgency::Forms)
        .post("/desk/sign-in", Who::Public, sign_in::password_sent)
        .get("/desk/sign-in/totp", Who::Public, sign_in::totp_page)
        .urgent(Urgency::Forms)
        .post("/desk/sign-in/totp", Who::Public, sign_in::totp_sent)
        .get("/desk/sign-in/enrol", Who::Public, enrol::enrol_page)
        .urgent(Urgency::Forms)
        .post("/desk/sign-in/enrol", Who::Public, enrol::enrol_sent)
        .get("/desk/sign-in/choose", Who::Public, sign_in::choose_page)
        .urgent(Urgency::Forms)
        .post("/desk/sign-in/choose", Who::Public, sign_in::choose_sent)
        .get("/desk", any, desk::home)
        .get("/office", any, desk::office)
        .get("/desk/step-up", any, desk::step_up_page)
        .urgent(Urgency::Forms)
        .post("/desk/step-up", any, desk::step_up_sent)
        .unasked(Unasked::OwnSession)
        .get("/desk/switch", any, desk::switch_page)
        .post("/desk/switch", any, desk::switch_sent)
        .unasked(Unasked::OwnSession)
        .get("/desk/account", any, account::show)
        .post("/desk/account/password", any, account::password)
        .post("/desk/account/sessions/end-others", any, account::end_others)
        .post("/desk/account/sessions/{id}/end", any, account::end_one)
        .post("/desk/sign-out", Who::Public, crate::accounts::sign_out)
        .post("/api/v1/desk/sessions", Who::Public, api::create)
        .post("/api/v1/desk/enrolments", Who::Public, enrol::begin)
        .post("/api/v1/desk/enrolments/confirm", Who::Public, enrol::confirm)
        .post("/api/v1/desk/step-up", any, api::step_up)
        .unasked(Unasked::OwnSession);
    r.tell(described::CALLS);
}

/// The full name of a division for people, or its code when the register does not have it.
pub(crate) fn division_name(code: &str, english: bool) -> String {
    use crate::identity::{DivisionCode, divisions};
    let name = DivisionCode::parse(code)
        .ok()
        .and_then(|c| if english { divisions().full_name_en(c) } else { divisions().full_name(c) });
    name.unwrap_or_else(|| code.to_owned())
}

crate::slice::calls!(api::create, api::step_up, enrol::begin, enrol::confirm);
