//! The list of applications: tabs by role, the earliest limit first; found by a part of the business's name.

use super::super::bodies::{ApplicationBody, WorkBody, WorkRow};
use super::super::model::Application;
use super::super::rules::{self, REOPENING};
use super::super::store_worklist::{self, Filter, Joined, Key, Opinions};
use super::super::views;
use super::Desk;
use super::hand::{department, states};
use crate::access::Role;
use crate::case::{self, Hands, Whose};
use crate::clock::{china_day, start_of_day};
use crate::db::{Conn, Id, Ts};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::web::ctx::Ctx;
use crate::web::form::{Form, Valid};
use crate::web::guard::{Looks, Official};
use crate::web::i18n::{Lang, t};
use crate::web::page::answer;
use crate::web::paging::counted;
use crate::web::principal::OfficialPrincipal;
use crate::web::view::Choice;
use crate::worklist::{
    self, Among, Asked, Cell, Choosing, Column, CountBody, Figure, Frame, Item, Lane, Listed, Scope,
    SearchInput, Shown, Spec, Tab, Texts, Worklist, paths,
};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};

/// The list.
pub struct Applications;

/// An application with all that its row shows.
pub struct Found {
    pub(super) app: Application,
    pub(super) business: String,
    /// Name of the official who has it.
    assignee: Option<String>,
    /// Whether a department still owes its opinion.
    unanswered: bool,
    place: Key,
}

/// Every state that an office can see.
const STATES: [&str; 15] = [
    "submitted",
    "correction",
    "accepted",
    "in-review",
    "prefecture-review",
    "approved",
    "filed",
    "opened",
    "inspected",
    "rectify",
    "suspended",
    "refused",
    "withdrawn",
    "revoked",
    "closed",
];

/// The states of a tab.
fn states_in(role: Role, tab: &str) -> &'static [&'static str] {
    match (tab, role) {
        ("waiting" | "unassigned" | "mine", _) => states(role),
        ("deciding", Role::PrefectureReviewer) => &["prefecture-review"],
        ("deciding", _) => &["in-review"],
        ("review", Role::PrefectureReviewer) => &["accepted", "in-review"],
        ("review", _) => &["accepted", "prefecture-review", "in-review"],
        ("correction", _) => &["correction"],
        _ => &STATES,
    }
}

/// What departments have said of an application in a state that stands in a tab.
fn opinions(role: Role, tab: &str, state: &str) -> Opinions {
    match (tab, state) {
        ("waiting", _) if department(role) => Opinions::MissingOf(role),
        ("deciding", "in-review") => Opinions::Complete,
        ("review", "in-review") if role != Role::PrefectureReviewer => Opinions::Missing,
        _ => Opinions::Any,
    }
}

/// Whose applications a tab shows: where one lands, those that one can begin with.
fn whose(role: Role, tab: &str) -> Whose {
    match tab {
        "waiting" if !department(role) => Whose::MineOrNobodys,
        "unassigned" => Whose::Nobodys,
        "mine" => Whose::Mine,
        _ => Whose::Anybodys,
    }
}

/// The state that an official reads: a case under review that every department has answered waits for a decision.
pub fn shown_state(role: Role, state: &str, answered: bool) -> &str {
    match (state, role) {
        ("prefecture-review", Role::PrefectureReviewer) => "deciding",
        ("in-review", _) if answered => "deciding",
        _ => state,
    }
}

fn takes(role: Role) -> bool {
    !department(role)
}

fn decides(role: Role) -> bool {
    matches!(role, Role::CountyDesk | Role::PrefectureReviewer)
}

const fn tab(code: &'static str, label: &'static str, is_for: fn(Role) -> bool) -> Tab {
    Tab { code, label, counted: true, is_for }
}

fn kinds(_: &OfficialPrincipal, _: &str, lang: Lang) -> Vec<Choice> {
    views::list(lang, "reopening-kind-", &["enterprise", "individual"])
}

/// The states of a tab that has several.
fn stages(who: &OfficialPrincipal, tab: &str, lang: Lang) -> Vec<Choice> {
    let states = states_in(who.role, tab);
    let choice = |state: &&str| Choice::new(*state, views::state(lang, state));
    if states.len() > 1 { states.iter().map(choice).collect() } else { Vec::new() }
}

/// Whose: not where the tab has said it.
fn hands(who: &OfficialPrincipal, tab: &str, lang: Lang) -> Vec<Choice> {
    if whose(who.role, tab) == Whose::Anybodys { Whose::choices(lang) } else { Vec::new() }
}

impl Worklist for Applications {
    type Who = Desk;
    type Row = Found;
    type Key = Key;
    type Body = WorkRow;

    const SPEC: Spec = Spec {
        name: "applications",
        id: "applications.id",
        paths: paths!("/desk/applications"),
        entry: ("worklist.view", "application"),
        texts: Texts {
            title: "nav-desk-applications",
            caption: "reopening-list-caption",
            tabs: "reopening-tabs",
            empty: "reopening-empty",
            empty_text: "reopening-empty-text",
        },
        tabs: &[
            tab("waiting", "reopening-tab-waiting", |_| true),
            tab("unassigned", "reopening-tab-unassigned", takes),
            tab("overdue", "reopening-tab-overdue", |_| true),
            tab("deciding", "reopening-tab-deciding", decides),
            tab("mine", "reopening-tab-mine", takes),
            tab("review", "reopening-tab-review", |_| true),
            tab("correction", "reopening-tab-correction", |_| true),
            tab("decided", "reopening-tab-decided", |_| true),
            tab("all", "reopening-tab-all", |_| true),
        ],
        first: |_| "waiting",
        filters: &[
            worklist::Filter {
                name: "town",
                label: "worklist-place",
                choices: |who, _, lang| worklist::below(who, lang),
            },
            worklist::Filter { name: "kind", label: "reopening-kind", choices: kinds },
            worklist::Filter { name: "stage", label: "reopening-state", choices: stages },
            worklist::Filter { name: "assignee", label: "hand-whose", choices: hands },
        ],
        sorts: &[],
        columns: &[
            Column::new("reopening-clock", "", &["reopening-clock"]),
            Column::new("reopening-business", "", &["worklist-name", "worklist-number"]),
            Column::new("reopening-town", "m", &["reopening-town"]),
            Column::new("reopening-kind", "m", &["reopening-kind"]),
            Column::new("reopening-returning", "m", &["reopening-returning"]),
            Column::new("reopening-state", "st", &["reopening-state"]),
            Column::new("hand-whose", "m", &["hand-whose"]),
        ],
        search: Some("reopening-find-hint"),
    };

    fn lanes(scope: &Scope, after: Option<&Key>, limit: i64) -> Vec<Lane> {
        let (role, pattern) = (scope.who.role, worklist::within_reach(&scope.who, scope.filter("town")));
        if let Some(search) = &scope.search {
            return store_worklist::found(&pattern, search, after, limit);
        }
        let whose = Whose::of(scope.filter("assignee")).unwrap_or_else(|| whose(role, scope.tab));
        let filter = Filter {
            pattern,
            kind: scope.filter("kind").map(str::to_owned),
            hands: Hands::of(scope, whose),
            opinions: Opinions::Any,
        };
        let stage = scope.filter("stage");
        if scope.tab == "decided" {
            let today = Ts::from(start_of_day(china_day(scope.now)));
            return store_worklist::decided(&filter, (stage, today), after, limit);
        }
        let wanted = states_in(role, scope.tab).iter().filter(|state| stage.is_none_or(|one| one == **state));
        let lanes = |state: &&str| {
            let filter = Filter { opinions: opinions(role, scope.tab, state), ..filter.clone() };
            match scope.tab {
                "overdue" => store_worklist::overdue(&filter, state, scope.now.into(), after, limit),
                _ => store_worklist::in_state(&filter, state, after, limit),
            }
        };
        wanted.flat_map(lanes).collect()
    }

    fn colleagues(scope: &Scope) -> Option<Lane> {
        takes(scope.who.role).then(|| case::colleagues_of(scope))
    }

    fn rows(conn: &mut Conn, _: &Deps, scope: &Scope, among: Among) -> AppResult<Vec<Found>> {
        let rows = store_worklist::rows(conn, among)?;
        let one = |(app, business, assignee, unanswered): Joined| {
            let place = match (scope.search.is_some(), scope.tab) {
                (true, _) => (false, Some(app.created_at), app.id),
                (false, "decided") => (false, app.decided_at, app.id),
                (false, _) => (app.due_at.is_none(), app.due_at, app.id),
            };
            Found { app, business, assignee, unanswered, place }
        };
        Ok(rows.into_iter().map(one).collect())
    }

    fn id(found: &Found) -> Id {
        found.app.id
    }

    fn number(found: &Found) -> &str {
        &found.app.number
    }

    fn key(found: &Found) -> Key {
        found.place
    }

    fn newest_first(scope: &Scope) -> bool {
        scope.search.is_some() || scope.tab == "decided"
    }

    fn item(_: &Deps, who: &OfficialPrincipal, found: &Found, shown: Shown) -> AppResult<Item> {
        let (Shown { lang, now }, app) = (shown, &found.app);
        let running = case::clock(&REOPENING, &app.at()?.clocks, lang, now)?;
        let late = running.as_ref().is_some_and(|running| running.view.state == "late");
        let state = shown_state(who.role, &app.state, !found.unanswered);
        let nobody = || t(lang, "hand-nobody", &[]);
        let returning = t(lang, "reopening-people", &[("count", app.returning_staff.into())]);
        let cells = vec![
            running.map_or(Cell::Nothing, |running| Cell::Clock { clock: running.view, due: running.due }),
            Cell::Who { name: found.business.clone(), document: None, number: app.number.clone() },
            Cell::text(rules::short_name(lang, &app.division)),
            Cell::text(t(lang, &format!("reopening-kind-{}", app.kind), &[])),
            Cell::text(returning),
            Cell::tag(views::tag(state), views::state(lang, state)),
            Cell::text(found.assignee.clone().unwrap_or_else(nobody)),
        ];
        Ok(Item { version: app.version, late, cells })
    }

    fn body(_: &Deps, _: &OfficialPrincipal, found: &Found, _: DateTime<Utc>) -> AppResult<WorkRow> {
        let answered = found.app.state == "in-review" && !found.unanswered;
        Ok(WorkRow {
            application: ApplicationBody::of(&found.app, &found.business),
            awaits_decision: answered || found.app.state == "prefecture-review",
            assignee: found.assignee.clone(),
        })
    }

    fn frame(listed: &Listed<Self>, who: &OfficialPrincipal, lang: Lang) -> Frame {
        let choosing = takes(who.role).then(|| Choosing {
            path: "/desk/applications/bulk",
            acts: Vec::new(),
            sharing: Some(case::sharing("/desk/applications/bulk", &listed.beside, lang)),
        });
        Frame { figures: figures(lang, listed), choosing, ..Frame::default() }
    }
}

/// What an official lands on: how many are overdue, taken by nobody, waiting for a decision; each leads to them.
fn figures(lang: Lang, listed: &Listed<Applications>) -> Vec<Figure> {
    if listed.asked.searches() || listed.asked.tab != "waiting" {
        return Vec::new();
    }
    let of = |code: &'static str| (code, listed.count(code).map_or(0, |found| counted(found).0));
    let one = |(code, count): (&'static str, i64)| Figure {
        href: listed.asked.in_tab(code).link(Applications::SPEC.paths.page),
        label: t(lang, &format!("reopening-figure-{code}"), &[("count", count.into())]),
        late: code == "overdue",
    };
    ["unassigned", "overdue", "deciding"]
        .into_iter()
        .map(of)
        .filter(|(_, count)| *count > 0)
        .map(one)
        .collect()
}

/// The first other case that waits for an official: its number, and the name of the business.
///
/// # Errors
/// Database errors.
pub(super) async fn next_case(
    deps: &App,
    who: &OfficialPrincipal,
    number: &str,
    now: DateTime<Utc>,
) -> AppResult<Option<(String, String)>> {
    let next = worklist::next_row::<Applications>(deps, who, number, now).await?;
    Ok(next.map(|found| (found.app.number, found.business)))
}

async fn listed(
    req: &HttpRequest,
    deps: &App,
    who: &OfficialPrincipal,
    asked: Asked,
) -> AppResult<HttpResponse> {
    let now = Ctx::of(req)?.now;
    let listed = worklist::look::<Applications>(deps, who, asked, now).await?;
    let rows = listed.rows.iter().map(|found| Applications::body(deps, who, found, now));
    Ok(answer(&WorkBody {
        tab: (!listed.asked.searches()).then(|| listed.asked.tab.to_owned()),
        applications: rows.collect::<AppResult<_>>()?,
        counts: CountBody::of(&listed),
        next: listed.next,
    }))
}

/// The official's worklist. With `q` it is a search, as [`api_search`].
#[utoipa::path(get, path = "/api/v1/desk/applications", tag = "desk",
    params(("tab" = Option<String>, Query, description = "as on the page"),
        ("town" = Option<String>, Query, description = "a division one level below the jurisdiction"),
        ("kind" = Option<String>, Query, description = "`enterprise`, `individual`"),
        ("stage" = Option<String>, Query, description = "a state of the workflow that the tab has"),
        ("assignee" = Option<String>, Query, description = "`me`, `none`, `others`; not in the tabs that say it"),
        ("q" = Option<String>, Query, description = "a number; names are posted"),
        ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = WorkBody), (status = 400, description = "no such place in the list")))]
pub async fn api(req: HttpRequest, deps: App, who: Official<Desk>) -> AppResult<HttpResponse> {
    let sent = Form::parse(req.query_string().as_bytes())?;
    let asked = match sent.get("q").trim() {
        "" => Asked::read(&Applications::SPEC, &who, &sent),
        number => Asked::search(&Applications::SPEC, &who, number),
    };
    listed(&req, &deps, &who, asked).await
}

/// Looks for applications of the jurisdiction in all tabs: by number, by credit code, or by a part of the business's name.
#[utoipa::path(post, path = "/api/v1/desk/applications/search", tag = "desk", request_body = SearchInput,
    responses((status = 200, body = WorkBody), (status = 422)))]
pub async fn api_search(
    req: HttpRequest,
    deps: App,
    who: Official<Looks<Desk>>,
    input: Valid<SearchInput>,
) -> AppResult<HttpResponse> {
    let asked = Asked::search(&Applications::SPEC, &who, &input.0.q);
    if !asked.searches() {
        return Err(AppError::field("q", "required"));
    }
    listed(&req, &deps, &who, asked).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_of_the_workflow_is_in_the_list_but_what_was_not_sent() {
        let all = REOPENING.definition().unwrap().states().iter().map(|state| state.name.as_str());
        let mut all: Vec<&str> = all.filter(|state| *state != "draft").collect();
        let mut ours = STATES.to_vec();
        all.sort_unstable();
        ours.sort_unstable();
        assert_eq!(ours, all);
        for tab in Applications::SPEC.tabs {
            for role in <Desk as crate::web::guard::Roles>::ROLES {
                let known = states_in(*role, tab.code).iter().all(|state| STATES.contains(state));
                assert!(known, "{role} {}", tab.code);
            }
        }
    }

    #[test]
    fn a_tab_that_says_whose_it_is_has_no_filter_for_it() {
        let who = crate::web::principal::official_for_tests(Role::CountyDesk, "511621");
        for (tab, filtered) in [("waiting", false), ("mine", false), ("unassigned", false), ("all", true)] {
            assert_eq!(!hands(&who, tab, Lang::En).is_empty(), filtered, "{tab}");
        }
    }
}
