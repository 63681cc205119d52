//! Residents: accounts (a phone that signs in), persons (an identity document), sign-in, sessions, and the claims that
//! are decided at the counter.
//!
//! An account acts for one person, once that person's document is claimed. Who claims a document first through the web
//! gets a person at level *self-stated*; a second phone that names the same document gets a neutral answer and goes to
//! the counter. No PIN signs in: the code sent to the phone is the proof, and whoever lost the phone goes to the
//! counter with the document.

mod access;
mod api;
mod asking;
mod claim;
mod code;
mod consents;
mod contact;
mod counter;
mod counter_api;
mod described;
mod email;
mod home;
mod kept;
mod known;
mod list;
mod me;
mod me_api;
mod merged;
mod model;
mod recusal;
mod reindex;
mod sign_in;
mod standing;
mod store;
mod store_claims;
mod verdict;

pub use asking::Asking;
pub use claim::{claim_person, to_counter_early};
pub use code::{agent_code, is_agent_code, proxy_code, try_proxy_code};
pub use consents::{email_consent, forget_email, notice};
pub use kept::PERSON_NEEDED;
pub use merged::{Known, documents, known, leading, person_by_document, pointing};
pub use model::{Claim, ClaimPerson, IdentityLevel, Person};
pub use recusal::{Recusal, looking};
pub use reindex::Reindex;
pub use store::{
    accept_notice, account_of, called, ensure_account, person, person_of, persons, reach, recipient,
};

pub(crate) use sign_in::sign_out;

use crate::access::Role;
use crate::jobs::JobKind;
use crate::notify::Reach;
use crate::slice::{NOTHING, Slice, at, nav};
use crate::urgency::Urgency;
use crate::web::factor::Unasked;
use crate::web::route::{Routes, Who};
use crate::worklist;
use actix_web::http::Method;

const COUNTER: Who = Who::Roles(&[Role::VillageWorker, Role::Doctor, Role::TownReviewer]);

/// What this slice hands over.
pub const SLICE: Slice = Slice {
    routes,
    openapi: Some(openapi),
    kept: &[at(110, kept::KEPT), at(200, kept::LAST)],
    parties: &[("claim", kept::is_party)],
    jobs: &[JobKind::of::<Reindex>().every(86_400).at_start()],
    nav: &[nav(
        40,
        "/desk/claims",
        "nav-desk-claims",
        &[Role::VillageWorker, Role::Doctor, Role::TownReviewer],
    )],
    cards: Some(at(10, home::claims)),
    data: &[at(10, ("account", store::data)), at(90, ("access", access::data))],
    acts: &[
        ("/desk/claims/", "", "stepup-for-claim"),
        ("/desk/claims.csv", "", "stepup-for-list"),
        ("/desk/claims.xlsx", "", "stepup-for-list"),
    ],
    parts: |deps| {
        deps.keep(Reach { recipient: store::recipient });
        Ok(())
    },
    ..NOTHING
};

/// The routes.
fn routes(r: &mut Routes) {
    r.get("/", Who::Public, home::start)
        .get("/sign-in", Who::Public, sign_in::phone_page)
        .urgent(Urgency::Forms)
        .post("/sign-in", Who::Public, sign_in::phone_sent)
        .get("/sign-in/code", Who::Public, sign_in::code_page)
        .urgent(Urgency::Forms)
        .post("/sign-in/code", Who::Public, sign_in::code_sent)
        .get("/sign-in/notice", Who::Resident, sign_in::notice_page)
        .urgent(Urgency::Forms)
        .post("/sign-in/notice", Who::Resident, sign_in::notice_sent)
        .post("/sign-out", Who::Public, sign_in::sign_out)
        .get("/me", Who::Resident, me::page_of_mine)
        .get("/me/sessions", Who::Resident, me::sessions)
        .post("/me/sessions/end-all", Who::Resident, me::end_all)
        .post("/me/sessions/{id}/end", Who::Resident, me::end_one)
        .get("/me/access", Who::Resident, access::list)
        .get("/me/contact", Who::Resident, contact::contact_page)
        .post("/me/contact", Who::Resident, email::sent)
        .get("/me/contact/email", Who::Resident, email::code_page)
        .post("/me/contact/email", Who::Resident, email::code_sent)
        .post("/me/contact/new-phone", Who::Resident, contact::phone_sent)
        .get("/me/contact/phone", Who::Resident, contact::codes_page)
        .post("/me/contact/phone", Who::Resident, contact::codes_sent)
        .get("/me/data", Who::Resident, me::data)
        .get("/me/data/download", Who::Resident, me::download)
        .urgent(Urgency::Files)
        .post("/desk/claims", COUNTER, counter::search)
        .unasked(Unasked::Looks)
        .get("/desk/claims/{number}", COUNTER, counter::one)
        .post("/desk/claims/{number}", COUNTER, counter::decide)
        .get("/api/v1/desk/claims", COUNTER, counter_api::list)
        .get("/api/v1/desk/claims/{number}", COUNTER, counter_api::one)
        .post("/api/v1/desk/claims/{number}/actions/{action}", COUNTER, counter_api::decide)
        .get("/api/v1/me", Who::Resident, me_api::home)
        .post("/api/v1/me/notice", Who::Resident, api::notice)
        .get("/api/v1/me/sessions", Who::Resident, me_api::sessions)
        .add(Method::DELETE, "/api/v1/me/sessions/{id}", Who::Resident, me_api::end)
        .get("/api/v1/me/access", Who::Resident, me_api::looked)
        .post("/api/v1/sign-in/code-requests", Who::Public, api::request)
        .post("/api/v1/sign-in/sessions", Who::Public, api::create)
        .add(Method::DELETE, "/api/v1/sessions/current", Who::SignedIn, api::end);
    worklist::routes::<list::Claims>(r);
    r.tell(described::CALLS);
}

crate::slice::calls!(
    api::request,
    api::create,
    api::end,
    api::notice,
    me_api::home,
    me_api::sessions,
    me_api::end,
    me_api::looked,
    counter_api::list,
    counter_api::one,
    counter_api::decide
);
