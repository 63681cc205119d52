//! The health code: a colour with its reasons, shown by a token that lives two minutes.
//!
//! What is known of a person ([`gather`]) goes through the rules of the policy; the outcome is stored with the
//! record that explains it ([`state`]) and shown (`show`). Whatever may change a colour asks for a new evaluation
//! by a job ([`crate::colour::Evaluate`]). Where there is no sound outcome there is no colour: the page says how the person
//! is let in. Findings and risk levels that can worsen a colour take two officials ([`records`], [`risks`]), and so
//! does ending a finding before its day ([`ends`]); the rules are public ([`rules`]). Paper holds for seven days and
//! is taken back when the colour changes ([`prints`]).

mod answers;
mod appealed;
mod areas;
mod cards;
mod contest;
mod copy;
mod described;
pub mod desk;
mod ending;
pub mod ends;
mod entries;
mod finding;
pub mod gather;
pub mod jobs;
pub mod kept;
mod known;
mod layers;
mod merged;
mod model;
pub mod pages;
pub mod plain;
mod preview;
pub mod previews;
mod prints;
pub mod records;
mod records_list;
pub mod risk_change;
mod risks;
mod risks_list;
mod routes;
pub mod rules;
pub mod show;
pub mod state;
mod store;
mod store_decided;
mod store_ends;
mod store_entry;
mod store_lists;
mod store_prints;
mod store_risks;
mod token;
mod trial;
mod views;
mod views_desk;
mod views_paper;
mod words;

pub use appealed::{Appeals, OpenAppeals, SecondWord, Settle, Waiting};
pub use cards::{cards, is_evaluated_since};
pub use contest::{
    Evidence, Ground, contested, found_since, ground, had_a_part, holder, is_new_to, propose_ends, set_aside,
};
pub use copy::data;
pub use jobs::{Recheck, RiskChanged};
pub use merged::{hold, worked_anew};
pub use model::{CardHolder, StateRow as SealedCode, StoredCode};
pub use previews::Preview;
pub use risks::set_risk;
pub use show::{Shown, ShownCache, present, refresh, show};
pub use store::print_holder;
pub use store::waiting_record;
pub use token::sign_code;
pub use views::{PresentView, ReasonView};
pub use words::colour_word;

use ending::Ending;
use model::{RecordRow, RiskChangeRow};

use crate::access::Role;
use crate::accounts;
use crate::colour::{Colours, Evaluate, Renew, WorkOut};
use crate::db::{Conn, Id};
use crate::deps::{App, Deps};
use crate::error::AppResult;
use crate::jobs::JobKind;
use crate::second;
use crate::slice::{NOTHING, Slice, at, nav};
use crate::urgency::Urgency;
use crate::web::factor::Unasked;
use crate::web::route::{Routes, Who};
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

crate::role_set! {
    /// Staff of a point where people without a phone are served.
    StaffedPoint = [VillageWorker, Doctor];
    /// Who may enter findings: doctors test results, colour officers the others.
    RecordEntry = [Doctor, ColourOfficer];
    /// The same with a fresh second factor, for the entry itself.
    RecordEntryFresh = [Doctor, ColourOfficer] step_up true;
    /// Who confirms findings.
    RecordConfirm = [ColourOfficer];
    /// The same with a fresh second factor, for decisions and ends.
    RecordConfirmFresh = [ColourOfficer] step_up true;
    /// Who looks at changes of risk levels.
    RiskView = [ProvinceOperator];
    /// Who changes risk levels, with a fresh second factor.
    RiskChange = [ProvinceOperator] step_up true;
}

const STAFF: Who = Who::Roles(&[Role::VillageWorker, Role::Doctor]);
const ENTRY: Who = Who::Roles(&[Role::Doctor, Role::ColourOfficer]);
const CONFIRM: Who = Who::Roles(&[Role::ColourOfficer]);
const RISK: Who = Who::Roles(&[Role::ProvinceOperator]);

/// What this slice hands over.
pub const SLICE: Slice = Slice {
    routes,
    openapi: Some(openapi),
    kept: &[at(40, kept::KEPT)],
    jobs: &[
        JobKind::of::<Evaluate>(),
        JobKind::of::<Recheck>().every(60),
        JobKind::of::<Settle>().every(3600),
        JobKind::of::<RiskChanged>(),
        JobKind::of::<Preview>(),
    ],
    parts: |deps| {
        deps.keep(ShownCache::default());
        deps.keep(WorkOut(state::work_out));
        deps.keep(Renew(renew));
        Ok(())
    },
    nav: &[
        nav(10, "/desk/risks", "nav-desk-risks", &[Role::ProvinceOperator]),
        nav(30, "/desk/codes", "nav-desk-codes", &[Role::VillageWorker, Role::Doctor]),
        nav(34, "/desk/records", "nav-desk-records", &[Role::ColourOfficer]),
        nav(35, "/desk/records/new", "nav-desk-record-new", &[Role::Doctor, Role::ColourOfficer]),
    ],
    mine: Some(at(30, ("/code", "nav-code"))),
    cards: Some(at(20, cards)),
    refresh: Some(up_to_now),
    data: &[at(40, ("code", data))],
    second: &[second::kind::<RecordRow>(), second::kind::<Ending>(), second::kind::<RiskChangeRow>()],
    topics: &[risks::TOPIC],
    acts: &[
        ("/desk/records/new", "", "stepup-for-record"),
        ("/desk/records/", "decide", "stepup-for-record-decide"),
        ("/desk/records/", "end", "stepup-for-record-end"),
        ("/desk/record-ends/", "decide", "stepup-for-record-end-decide"),
        ("/desk/risks/", "decide", "stepup-for-risk-decide"),
        ("/desk/risks", "", "stepup-for-risk"),
    ],
    ..NOTHING
};

fn up_to_now(deps: &App, person: Id, now: DateTime<Utc>) -> LocalBoxFuture<'_, ()> {
    refresh(deps, person, now).boxed_local()
}

fn renew(deps: &App, person: Id) -> LocalBoxFuture<'_, AppResult<()>> {
    async move {
        // What was asked for before two records of a person became one is asked of the one that leads.
        let person = deps.store.read(move |conn| accounts::leading(conn, person)).await?;
        state::renew(deps, person, deps.clock.now()).await.map(drop)
    }
    .boxed_local()
}

/// The routes.
fn routes(r: &mut Routes) {
    r.get("/code", Who::Resident, pages::code)
        .for_others()
        .urgent(Urgency::Code)
        .get("/code/card", Who::Resident, pages::card)
        .for_others()
        .urgent(Urgency::Code)
        .get("/code/why", Who::Resident, pages::why)
        .for_others()
        .get("/code/print", Who::Resident, prints::start)
        .for_others()
        .post("/code/print", Who::Resident, prints::print)
        .for_others()
        .get("/code/print/{id}", Who::Resident, prints::paper)
        .for_others()
        .get("/api/v1/code", Who::Resident, routes::make_code)
        .for_others()
        .urgent(Urgency::Code)
        .post("/api/v1/code/application", Who::Resident, routes::apply_for_code)
        .for_others()
        .get("/desk/codes", STAFF, desk::page_of_desk)
        .post("/desk/codes", STAFF, desk::lookup)
        .unasked(Unasked::Looks)
        .post("/desk/codes/print", STAFF, prints::desk_print)
        .unasked(Unasked::Looks)
        .get("/desk/codes/print/{id}", STAFF, prints::desk_paper)
        .get("/desk/records", CONFIRM, records_list::list)
        .get("/desk/records/new", ENTRY, records::form)
        .post("/desk/records/new", ENTRY, records::enter)
        .post("/desk/records/find", CONFIRM, ends::find)
        .unasked(Unasked::Looks)
        .get("/desk/records/{id}/end", CONFIRM, ends::form)
        .post("/desk/records/{id}/end", CONFIRM, ends::enter)
        .get("/desk/risks", RISK, risks::desk)
        .post("/desk/risks", RISK, risk_change::enter)
        .get("/risks", Who::Public, risks::page_of_risks)
        .get("/risks/list.csv", Who::Public, crate::register::csv::<risks_list::Risks>)
        .urgent(Urgency::Files)
        .get("/api/v1/risks", Who::Public, risks_list::list_json)
        .get("/rules", Who::Public, rules::page_of_rules)
        .get("/rules/try", Who::Public, trial::page_of_trial)
        .post("/rules/try", Who::Public, trial::answer)
        .get("/rules/{id}", Who::Public, rules::rule)
        .get("/api/v1/rules", Who::Public, rules::api);
    second::routes::<RecordRow>(r);
    second::routes::<Ending>(r);
    second::routes::<RiskChangeRow>(r);
    r.tell(described::CALLS);
}

/// The present colour of a stored code, for a list: `green`, `yellow`, `red` or `unknown`. What is stored is taken where it
/// is sound; what nobody has looked at for a day is worked out anew, as the person's own page does. The caller notes the look.
///
/// # Errors
/// Database errors; a sealed value that cannot be opened.
pub fn colour_now(conn: &mut Conn, deps: &Deps, row: SealedCode, now: DateTime<Utc>) -> AppResult<String> {
    if state::is_current(&row, &deps.policy, now) {
        return Ok(row.colour);
    }
    Ok(Colours::of(deps)?.now(conn, row.person_id, now)?.colour.code().to_owned())
}

crate::slice::calls!(routes::make_code, routes::apply_for_code, rules::api, risks_list::list_json);
