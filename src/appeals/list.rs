//! The reviewers' list: what waits in the jurisdiction, the earliest limit first; and what has been decided.

use super::Reviewer;
use super::model::{APPEAL, OPEN, Row, tag};
use super::store_worklist::{self, Key};
use crate::case::{self, Hands, Running, Whose};
use crate::codes::{self, CardHolder};
use crate::db::{Conn, Id};
use crate::deps::{App, Deps};
use crate::error::AppResult;
use crate::web::form::Valid;
use crate::web::guard::{Looks, Official};
use crate::web::i18n::{Lang, t};
use crate::web::principal::OfficialPrincipal;
use crate::web::view::Choice;
use crate::worklist::{
    self, Among, Cell, Choosing, Column, Filter, Frame, Holder, Item, Lane, Listed, Listing, Scope,
    SearchInput, Shown, Sort, Spec, Tab, Texts, Worklist, paths,
};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// The list.
pub(super) struct Appeals;

/// States of an appeal that is decided or was withdrawn.
const OVER: [&str; 3] = ["upheld", "overturned", "withdrawn"];

/// The states of a tab.
fn states(tab: &str) -> &'static [&'static str; 3] {
    if tab == "decided" { &OVER } else { &OPEN }
}

/// The states of a tab to choose from.
fn state_choices(_: &OfficialPrincipal, tab: &str, lang: Lang) -> Vec<Choice> {
    let choice = |state: &&str| Choice::text(lang, state, &format!("appeal-state-{state}"));
    states(tab).iter().map(choice).collect()
}

/// Whose: what is decided is nobody's any more.
fn hands(_: &OfficialPrincipal, tab: &str, lang: Lang) -> Vec<Choice> {
    if tab == "open" { Whose::choices(lang) } else { Vec::new() }
}

/// An appeal for programs.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppealBody {
    /// Its number.
    pub number: String,
    /// Send it with a decision.
    pub version: i64,
    /// State: `submitted`, `confirming`, `disputed`, `upheld`, `overturned`, `withdrawn`.
    pub state: String,
    /// Name, masked.
    pub name: String,
    /// Number of the document, masked.
    pub document: String,
    /// The rule of the cause that is contested.
    pub rule: String,
    /// Division whose reviewers decide.
    pub division: String,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// By when it is to be decided.
    pub due_at: Option<DateTime<Utc>>,
    /// Whether that is over.
    pub late: bool,
    /// When it was decided or withdrawn.
    pub decided_at: Option<DateTime<Utc>>,
    /// Name of the reviewer who has taken it.
    pub assignee: Option<String>,
}

impl Worklist for Appeals {
    type Who = Reviewer;
    type Row = (Row, Holder, Option<String>);
    type Key = Key;
    type Body = AppealBody;

    const SPEC: Spec = Spec {
        name: "appeals",
        id: "code_appeals.id",
        paths: paths!("/desk/appeals"),
        entry: ("appeal.list", "appeal"),
        texts: Texts {
            title: "appeals-title",
            caption: "appeals-title",
            tabs: "appeals-title",
            empty: "appeals-none",
            empty_text: "appeals-none-text",
        },
        tabs: &[Tab::counted("open", "appeals-tab-open"), Tab::plain("decided", "appeals-tab-decided")],
        first: |_| "open",
        filters: &[
            Filter { name: "state", label: "appeals-state", choices: state_choices },
            Filter {
                name: "place",
                label: "worklist-place",
                choices: |who, _, lang| worklist::below(who, lang),
            },
            Filter { name: "assignee", label: "hand-whose", choices: hands },
        ],
        sorts: &[
            Sort { code: "own", label: Some("worklist-sort-own") },
            Sort { code: "oldest", label: Some("worklist-sort-oldest") },
            Sort { code: "newest", label: Some("worklist-sort-newest") },
        ],
        columns: &[
            Column::new("appeals-limit", "", &["appeals-limit"]),
            Column::person("appeals-who"),
            Column::new("appeal-cause", "m", &["appeal-cause"]),
            Column::new("appeals-state", "st", &["appeals-state"]),
            Column::new("hand-whose", "m", &["hand-whose"]),
        ],
        search: Some("desk-declarations-search-hint"),
    };

    fn lanes(scope: &Scope, after: Option<&Key>, limit: i64) -> Vec<Lane> {
        let pattern = worklist::within_reach(&scope.who, scope.filter("place"));
        if let Some(search) = &scope.search {
            return store_worklist::found(&pattern, search, limit);
        }
        let newest = Self::newest_first(scope);
        let hands = Hands::of(scope, Whose::of(scope.filter("assignee")).unwrap_or(Whose::Anybodys));
        let wanted = scope.filter("state");
        let states = states(scope.tab).iter().filter(|state| wanted.is_none_or(|wanted| wanted == **state));
        let lanes = |state: &&str| store_worklist::in_state((&pattern, hands), state, newest, after, limit);
        states.flat_map(lanes).collect()
    }

    fn colleagues(scope: &Scope) -> Option<Lane> {
        Some(case::colleagues_of(scope))
    }

    fn rows(conn: &mut Conn, _: &Deps, _: &Scope, among: Among) -> AppResult<Vec<Self::Row>> {
        store_worklist::rows(conn, among)
    }

    fn id((row, ..): &Self::Row) -> Id {
        row.id
    }

    fn number((row, ..): &Self::Row) -> &str {
        &row.number
    }

    fn key((row, ..): &Self::Row) -> Key {
        (row.created_at, row.id)
    }

    fn newest_first(scope: &Scope) -> bool {
        match scope.sort {
            "newest" => true,
            "oldest" => false,
            _ => scope.search.is_some() || scope.tab == "decided",
        }
    }

    fn item(
        deps: &Deps,
        _: &OfficialPrincipal,
        (row, holder, assignee): &Self::Row,
        shown: Shown,
    ) -> AppResult<Item> {
        let Shown { lang, now } = shown;
        let holder = CardHolder::of(holder, &deps.keys)?;
        let cause = codes::ReasonView::of(lang, &row.statement(&deps.keys)?.cause).title;
        let limit = limit(row, lang, now)?;
        let late = matches!(&limit, Cell::Clock { clock, .. } if clock.state == "late");
        let document = Some(codes::pages::document(lang, &holder));
        let word = t(lang, &format!("appeal-state-{}", row.state), &[]);
        // Of what is decided nobody waits to take it.
        let nobody = || if row.is_open() { t(lang, "hand-nobody", &[]) } else { String::new() };
        let cells = vec![
            limit,
            Cell::Who { name: holder.name, document, number: row.number.clone() },
            Cell::text(cause),
            Cell::tag(tag(&row.state), word),
            Cell::text(assignee.clone().unwrap_or_else(nobody)),
        ];
        Ok(Item { version: row.version, late, cells })
    }

    fn body(
        deps: &Deps,
        _: &OfficialPrincipal,
        (row, holder, assignee): &Self::Row,
        now: DateTime<Utc>,
    ) -> AppResult<AppealBody> {
        let holder = CardHolder::of(holder, &deps.keys)?;
        Ok(AppealBody {
            number: row.number.clone(),
            version: row.version,
            state: row.state.clone(),
            name: holder.name,
            document: holder.document,
            rule: row.rule.clone(),
            division: row.division.clone(),
            sent_at: row.created_at.0,
            due_at: row.due_at.map(|at| at.0),
            late: row.is_late(now),
            decided_at: row.decided_at.map(|at| at.0),
            assignee: assignee.clone(),
        })
    }

    fn frame(listed: &Listed<Self>, _: &OfficialPrincipal, lang: Lang) -> Frame {
        let open = !listed.asked.searches() && listed.asked.tab == "open";
        let choosing = open.then(|| Choosing {
            path: "/desk/appeals/bulk",
            acts: Vec::new(),
            sharing: Some(case::sharing("/desk/appeals/bulk", &listed.beside, lang)),
        });
        Frame { choosing, ..Frame::default() }
    }
}

/// The clock of what waits, the moment of what has been decided.
fn limit(row: &Row, lang: Lang, now: DateTime<Utc>) -> AppResult<Cell> {
    let running = clock(row, lang, now)?;
    Ok(match (running.and_then(|running| Some((running.view, running.due?))), row.decided_at) {
        (Some((clock, due)), _) => Cell::Clock { clock, due: Some(due) },
        (None, Some(at)) => Cell::Moment { at: at.0 },
        (None, None) => Cell::Nothing,
    })
}

/// The statutory clock, while it runs.
pub(super) fn clock(row: &Row, lang: Lang, now: DateTime<Utc>) -> AppResult<Option<Running>> {
    case::clock(&APPEAL, &row.at()?.clocks, lang, now)
}

/// The appeals of the jurisdiction, what waits longest first; in the tab `decided` what was decided last.
#[utoipa::path(get, path = "/api/v1/desk/appeals", tag = "desk",
    params(("tab" = Option<String>, Query, description = "`open` or `decided`"),
        ("state" = Option<String>, Query, description = "only those in this state"),
        ("place" = Option<String>, Query, description = "a division one level below the jurisdiction"),
        ("assignee" = Option<String>, Query, description = "`me`, `none`, `others`; in the tab `open`"),
        ("sort" = Option<String>, Query, description = "`oldest` or `newest`"),
        ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = Listing<AppealBody>), (status = 400, description = "no such place in the list")))]
pub(super) async fn api(req: HttpRequest, deps: App, who: Official<Reviewer>) -> AppResult<HttpResponse> {
    worklist::listing::<Appeals, _>(&req, &deps, &who).await
}

/// Looks for an appeal of the jurisdiction in all tabs. What is looked for names a person, so it stands in no address.
#[utoipa::path(post, path = "/api/v1/desk/appeals/search", tag = "desk", request_body = SearchInput,
    responses((status = 200, body = Listing<AppealBody>)))]
pub(super) async fn api_search(
    req: HttpRequest,
    deps: App,
    who: Official<Looks<Reviewer>>,
    input: Valid<SearchInput>,
) -> AppResult<HttpResponse> {
    worklist::listing_of_search::<Appeals, _>(&req, &deps, &who, &input.0.q).await
}
