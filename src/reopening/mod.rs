//! Reopening of businesses: who may act for one, the form, the filing that takes effect at once, the application with
//! its correction notice, departments, permit or refusal, and what follows after.
//!
//! Every change of a case goes through [`act::act`]; what may happen is `workflow/reopening.toml`, who reviews is
//! `policy/reopening.toml`, the numbers are `policy/reopening-settings.toml`.

mod act;
mod agent_pages;
mod answers;
mod api;
mod attachments;
mod bodies;
mod cards;
mod case;
mod certified;
mod comments;
mod described;
mod desk;
mod desk_api;
mod draft;
mod filing;
mod imports;
mod kept;
mod listed;
mod many;
mod messages;
mod model;
mod pages;
mod party;
mod public;
mod register;
mod rules;
mod shown;
mod shown_draft;
mod staff;
mod staff_columns;
mod standing;
mod store;
mod store_agents;
mod store_business;
mod store_hand;
mod store_names;
mod store_opinions;
mod store_people;
mod store_register;
mod store_worklist;
mod upload;
mod views;
pub mod work;

#[cfg(any(test, fuzzing))]
pub(crate) use crate::import::decode as staff_text;
pub use cards::cards;
pub use model::{Form, StaffRow};
#[cfg(any(test, fuzzing))]
pub(crate) use staff::{parse as staff_rows, to_text as staff_as_text};

use crate::access::Role;
use crate::accounts::Recusal;
use crate::crypto::Keyring;
use crate::db::{Conn, Id};
use crate::deps::Deps;
use crate::error::AppResult;
use crate::import::Steps;
use crate::jobs::JobKind;
use crate::register::{csv, list};
use crate::slice::{Handed, Look, NOTHING, Slice, at, nav};
use crate::urgency::Urgency;
use crate::web::factor::Unasked;
use crate::web::guard::Roles;
use crate::web::principal::OfficialPrincipal;
use crate::web::program::Scope;
use crate::web::route::{Routes, Who};
use crate::worklist;
use actix_web::http::Method;
use desk::{Counter, Desk, Lead};
use register::Permits;
use serde_json::{Value, json};
use staff::StaffList;
use work::{Clock, Staff};

/// What this slice hands over.
pub const SLICE: Slice = Slice {
    routes,
    openapi: Some(openapi),
    kept: &[at(50, kept::KEPT)],
    parties: &[("application", is_party)],
    jobs: &[JobKind::of::<Clock>().every(300), JobKind::of::<Staff>(), JobKind::of::<Steps<StaffList>>()],
    nav: &[
        nav(10, "/desk/applications", "nav-desk-applications", REVIEWERS),
        nav(20, "/desk/agents", "nav-desk-agents", &[Role::TownReviewer, Role::CountyDesk]),
    ],
    mine: Some(at(40, ("/reopening", "reopening-title"))),
    cards: Some(at(60, cards)),
    handed: &[Handed { purpose: "attachment", case: attachments::case_of }],
    looks: &[Look { action: store_people::LOOK, by: store_people::business_of }],
    data: &[at(60, ("applications", data)), at(70, ("rights_to_act", rights))],
    acts: &[
        ("/desk/applications/", "", "stepup-for-application"),
        ("/desk/applications.csv", "", "stepup-for-list"),
        ("/desk/applications.xlsx", "", "stepup-for-list"),
        ("/desk/agents/", "", "stepup-for-agent"),
        ("/desk/agents.csv", "", "stepup-for-list"),
        ("/desk/agents.xlsx", "", "stepup-for-list"),
    ],
    taken: &[&desk::TAKEN],
    ..NOTHING
};

/// Who works on applications.
const REVIEWERS: &[Role] = &[
    Role::TownReviewer,
    Role::CountyDesk,
    Role::HealthReviewer,
    Role::IndustryReviewer,
    Role::MarketReviewer,
    Role::PrefectureReviewer,
];

/// Who has the officials' routes.
const DESK: Who = Who::Roles(Desk::ROLES);
const COUNTER: Who = Who::Roles(Counter::ROLES);
const LEAD: Who = Who::Roles(Lead::ROLES);

/// The routes.
fn routes(r: &mut Routes) {
    for_applicants(r);
    for_all_and_desks(r);
    for_programs(r);
    r.tell(described::CALLS);
}

fn for_applicants(r: &mut Routes) {
    r.get("/reopening", Who::Resident, pages::start)
        .post("/reopening", Who::Resident, pages::begin)
        .get("/reopening/staff-template.csv", Who::Resident, imports::template_csv)
        .get("/reopening/staff-template.xlsx", Who::Resident, imports::template_xlsx)
        .get("/reopening/agents/{number}", Who::Resident, agent_pages::agent)
        .post("/reopening/agents/{number}/code", Who::Resident, agent_pages::agent_code)
        .get("/reopening/{number}", Who::Resident, pages::one)
        .get("/reopening/{number}/check", Who::Resident, draft::check)
        .get("/reopening/{number}/shut", Who::Resident, draft::shut)
        .get("/reopening/{number}/receipt", Who::Resident, pages::receipt)
        .get("/reopening/{number}/print", Who::Resident, pages::print)
        .post("/reopening/{number}/submit", Who::Resident, pages::submit)
        .post("/reopening/{number}/staff/upload", Who::Resident, upload::upload)
        .get("/reopening/{number}/imports/{import}", Who::Resident, imports::one)
        .post("/reopening/{number}/imports/{import}", Who::Resident, imports::turn)
        .get("/reopening/{number}/imports/{import}/wrong.xlsx", Who::Resident, imports::wrong)
        .urgent(Urgency::Files)
        .get("/reopening/{number}/files", Who::Resident, attachments::page)
        .post("/reopening/{number}/files", Who::Resident, attachments::add)
        .get("/reopening/{number}/files/{file}", Who::Resident, attachments::one)
        .urgent(Urgency::Files)
        .post("/reopening/{number}/files/{file}/remove", Who::Resident, attachments::remove)
        .post("/reopening/{number}/actions/{action}", Who::Resident, pages::action)
        .get("/reopening/{number}/{step}", Who::Resident, draft::step)
        .post("/reopening/{number}/{step}", Who::Resident, draft::save);
}

fn for_all_and_desks(r: &mut Routes) {
    r.get("/permits", Who::Public, list::<Permits>)
        .get("/permits/list.csv", Who::Public, csv::<Permits>)
        .urgent(Urgency::Files)
        .get("/permits/{number}", Who::Public, public::permit)
        .post("/desk/applications/bulk", DESK, desk::bulk)
        .unasked(Unasked::SharesOut)
        .get("/desk/applications/{number}", DESK, desk::case)
        .post("/desk/applications/{number}", DESK, desk::decide)
        .grave(&desk::GRAVE)
        .post("/desk/applications/{number}/comments", DESK, comments::comment)
        .post("/desk/applications/{number}/assign", DESK, desk::hand::hand)
        .unasked(Unasked::SharesOut)
        .post("/desk/applications/{number}/remind", LEAD, desk::remind_late)
        .unasked(Unasked::SharesOut)
        .get("/desk/applications/{number}/files/{file}", DESK, attachments::at_desk)
        .get("/desk/agents/{number}", COUNTER, desk::agent)
        .post("/desk/agents/{number}", COUNTER, desk::decide_agent);
    worklist::routes::<desk::Applications>(r);
    worklist::routes::<desk::Agents>(r);
}

fn for_programs(r: &mut Routes) {
    r.get("/api/v1/permits", Who::Public, register::list_json)
        .get("/api/v1/permits/{number}", Who::Public, public::permit_json)
        .post("/api/v1/permits/look-up", Who::Client(Scope::Register), many::look_up)
        .post("/api/v1/applications", Who::Resident, api::create)
        .get("/api/v1/applications", Who::Resident, api::list)
        .get("/api/v1/applications/{number}", Who::Resident, api::one)
        .post("/api/v1/applications/{number}/submit", Who::Resident, api::submit)
        .post("/api/v1/applications/{number}/resubmit", Who::Resident, api::resubmit)
        .post("/api/v1/applications/{number}/withdraw", Who::Resident, api::withdraw)
        .post("/api/v1/applications/{number}/imports", Who::Resident, imports::begin_json)
        .get("/api/v1/applications/{number}/imports/{import}", Who::Resident, imports::one_json)
        .post("/api/v1/applications/{number}/imports/{import}", Who::Resident, imports::turn_json)
        .get("/api/v1/applications/{number}/files", Who::Resident, attachments::list_json)
        .post("/api/v1/applications/{number}/files", Who::Resident, attachments::add_json)
        .get("/api/v1/applications/{number}/files/{file}", Who::Resident, attachments::one_json)
        .add(
            Method::DELETE,
            "/api/v1/applications/{number}/files/{file}",
            Who::Resident,
            attachments::remove_json,
        )
        .get("/api/v1/desk/applications/{number}/files", DESK, attachments::desk_list_json)
        .get("/api/v1/desk/applications/{number}/files/{file}", DESK, attachments::desk_one_json)
        .get("/api/v1/applications/{number}/comments", Who::Resident, comments::mine_json)
        .get("/api/v1/desk/applications/{number}/comments", DESK, comments::list_json)
        .post("/api/v1/desk/applications/{number}/comments", DESK, comments::comment_json)
        .get("/api/v1/desk/applications", DESK, desk::list::api)
        .post("/api/v1/desk/applications/search", DESK, desk::list::api_search)
        .unasked(Unasked::Looks)
        .post("/api/v1/desk/applications/{number}/assign", DESK, desk::hand::hand_json)
        .unasked(Unasked::SharesOut)
        .get("/api/v1/desk/applications/{number}", DESK, desk_api::one)
        .post("/api/v1/desk/applications/{number}/actions/{action}", DESK, api::act)
        .grave(&desk::GRAVE)
        .post("/api/v1/desk/applications/{number}/remind", LEAD, desk_api::remind)
        .unasked(Unasked::SharesOut)
        .get("/api/v1/desk/agents", COUNTER, desk::agents_list::agents)
        .post("/api/v1/desk/agents/search", COUNTER, desk::agents_list::agents_search)
        .unasked(Unasked::Looks)
        .post("/api/v1/desk/agents/{number}/actions/{action}", COUNTER, desk_api::decide_agent);
}

/// Whether an official is a party of a case: by the business, by what was filed, or by the account that filed it.
///
/// # Errors
/// Database errors; a sealed value that cannot be opened.
fn is_party(conn: &mut Conn, keys: &Keyring, by: &OfficialPrincipal, case: Id) -> AppResult<bool> {
    party::of(conn, keys, &Recusal::of(keys, by)?, case)
}

/// The part of the copy of a resident's data: the applications that the account has made, as they were filled in.
///
/// # Errors
/// Database errors; a sealed value that cannot be opened.
pub fn data(conn: &mut Conn, deps: &Deps, account: Id, _: Option<Id>) -> AppResult<Value> {
    let keys = &*deps.keys;
    let own = store::all_own(conn, account)?;
    let mut one = |app: &model::Application| -> AppResult<Value> {
        Ok(json!({
            "number": app.number, "state": app.state, "created_at": app.created_at, "due_at": app.due_at,
            "decided_at": app.decided_at, "permit": app.permit_number, "permit_until": app.permit_until,
            "form": store::form(keys, app)?, "files": attachments::copied(conn, deps, app)?,
            "comments": crate::case::comments_copied(conn, keys, app.id)?,
        }))
    };
    own.iter().map(&mut one).collect()
}

/// The part of the copy of a resident's data: for which businesses the account has asked to act.
///
/// # Errors
/// Database errors.
pub fn rights(conn: &mut Conn, _: &Deps, account: Id, _: Option<Id>) -> AppResult<Value> {
    let rights = store_business::own_agents(conn, account)?;
    let one = |(agent, business): &(model::Agent, model::Business)| {
        json!({
            "number": agent.number, "state": agent.state, "business": business.name, "uscc": business.uscc,
            "since": agent.created_at, "decided_at": agent.confirmed_at, "how": agent.how,
        })
    };
    Ok(rights.iter().map(one).collect())
}

crate::slice::calls!(
    register::list_json,
    public::permit_json,
    many::look_up,
    api::create,
    api::list,
    api::one,
    api::submit,
    api::resubmit,
    api::withdraw,
    api::act,
    imports::begin_json,
    imports::one_json,
    imports::turn_json,
    attachments::list_json,
    attachments::add_json,
    attachments::one_json,
    attachments::remove_json,
    attachments::desk_list_json,
    attachments::desk_one_json,
    comments::mine_json,
    comments::list_json,
    comments::comment_json,
    desk::list::api,
    desk::list::api_search,
    desk::hand::hand_json,
    desk_api::one,
    desk_api::remind,
    desk::agents_list::agents,
    desk::agents_list::agents_search,
    desk_api::decide_agent
);
