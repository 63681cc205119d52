//! The list of rights to act for businesses, by the place that each claim names: those that wait for the counter, those that count,
//! those that are over. One that waits elsewhere in the province is found by its exact number.

use super::super::bodies::{AgentBody, AgentsBody};
use super::super::model::{Agent, Business};
use super::super::store_agents::{self, Key};
use super::super::{rules, views};
use super::Counter;
use crate::db::{Conn, Id};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::web::ctx::Ctx;
use crate::web::form::{Form, Valid};
use crate::web::format;
use crate::web::guard::{Looks, Official};
use crate::web::i18n::{Lang, t};
use crate::web::page::answer;
use crate::web::principal::OfficialPrincipal;
use crate::web::view::Choice;
use crate::worklist::{
    self, Among, Asked, Cell, Column, CountBody, Filter, Item, Lane, Scope, SearchInput, Shown, Sort, Spec,
    Tab, Texts, Worklist, paths,
};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};

/// The list.
pub struct Agents;

/// The states of a tab.
fn states_in(tab: &str) -> &'static [&'static str] {
    match tab {
        "confirmed" => &["confirmed"],
        "over" => &["rejected", "ended"],
        _ => &["pending"],
    }
}

/// The states of a tab that has several.
fn stages(_: &OfficialPrincipal, tab: &str, lang: Lang) -> Vec<Choice> {
    let states = states_in(tab);
    if states.len() > 1 { views::list(lang, "reopening-agent-", states) } else { Vec::new() }
}

/// How a state is marked.
pub(super) fn tag(state: &str) -> &'static str {
    match state {
        "pending" => "info",
        "confirmed" => "ok",
        "rejected" => "bad",
        _ => "idle",
    }
}

impl Worklist for Agents {
    type Who = Counter;
    type Row = (Agent, Business);
    type Key = Key;
    type Body = AgentBody;

    const SPEC: Spec = Spec {
        name: "agents",
        id: "business_agents.id",
        paths: paths!("/desk/agents"),
        entry: ("agents.view", "business_agent"),
        texts: Texts {
            title: "reopening-agents-title",
            caption: "reopening-agents-title",
            tabs: "reopening-agents-tabs",
            empty: "reopening-agents-none",
            empty_text: "reopening-agents-none-text",
        },
        tabs: &[
            Tab::counted("waiting", "reopening-agent-pending"),
            Tab::plain("confirmed", "reopening-agent-confirmed"),
            Tab::plain("over", "reopening-agents-over"),
        ],
        first: |_| "waiting",
        filters: &[
            Filter {
                name: "place",
                label: "worklist-place",
                choices: |who, _, lang| worklist::below(who, lang),
            },
            Filter {
                name: "kind",
                label: "reopening-kind",
                choices: |_, _, lang| views::list(lang, "reopening-kind-", &["enterprise", "individual"]),
            },
            Filter { name: "stage", label: "reopening-state", choices: stages },
        ],
        sorts: &[
            Sort { code: "oldest", label: Some("worklist-sort-oldest") },
            Sort { code: "newest", label: Some("worklist-sort-newest") },
        ],
        columns: &[
            Column::new("reopening-business", "", &["worklist-name", "worklist-number"]),
            Column::new("reopening-uscc", "m", &["reopening-uscc"]),
            Column::new("reopening-registered-name", "m", &["reopening-registered-name"]),
            Column::new("reopening-town", "m", &["reopening-town"]),
            Column::new("reopening-kind", "m", &["reopening-kind"]),
            Column::new("reopening-agent-since", "m", &["reopening-agent-since"]),
            Column::new("reopening-state", "st", &["reopening-state"]),
        ],
        search: Some("reopening-agents-hint"),
    };

    fn lanes(scope: &Scope, after: Option<&Key>, limit: i64) -> Vec<Lane> {
        let place = (Self::newest_first(scope), after, limit);
        if let Some(search) = &scope.search {
            return store_agents::found(&scope.who, search, place);
        }
        let pattern = worklist::within_reach(&scope.who, scope.filter("place"));
        let (stage, kind) = (scope.filter("stage"), scope.filter("kind"));
        let wanted = states_in(scope.tab).iter().filter(|state| stage.is_none_or(|one| one == **state));
        wanted.map(|state| store_agents::in_state(&pattern, state, kind, place)).collect()
    }

    fn rows(conn: &mut Conn, _: &Deps, _: &Scope, among: Among) -> AppResult<Vec<(Agent, Business)>> {
        store_agents::rows(conn, among)
    }

    fn id((agent, _): &(Agent, Business)) -> Id {
        agent.id
    }

    fn number((agent, _): &(Agent, Business)) -> &str {
        &agent.number
    }

    fn key((agent, _): &(Agent, Business)) -> Key {
        (agent.created_at, agent.id)
    }

    fn newest_first(scope: &Scope) -> bool {
        scope.search.is_some() || scope.sort == "newest"
    }

    fn item(
        _: &Deps,
        _: &OfficialPrincipal,
        (agent, business): &(Agent, Business),
        Shown { lang, now }: Shown,
    ) -> AppResult<Item> {
        let at = agent.created_at.0;
        let since = match agent.state.as_str() {
            "pending" => {
                Cell::Since { text: format::duration(lang, now - at), note: format::when(lang, at, now), at }
            }
            _ => Cell::Moment { at },
        };
        let cells = vec![
            Cell::Who { name: agent.title(business), document: None, number: agent.number.clone() },
            Cell::text(&business.uscc),
            Cell::text(&business.name),
            Cell::text(rules::short_name(lang, &agent.claimed_division)),
            Cell::text(t(lang, &format!("reopening-kind-{}", business.kind), &[])),
            since,
            Cell::tag(tag(&agent.state), t(lang, &format!("reopening-agent-{}", agent.state), &[])),
        ];
        Ok(Item { version: agent.version, late: false, cells })
    }

    fn body(
        _: &Deps,
        _: &OfficialPrincipal,
        row: &(Agent, Business),
        _: DateTime<Utc>,
    ) -> AppResult<AgentBody> {
        Ok(AgentBody::from(row))
    }
}

async fn listed(deps: &App, ctx: &Ctx, who: &OfficialPrincipal, asked: Asked) -> AppResult<HttpResponse> {
    let listed = worklist::look::<Agents>(deps, who, asked, ctx.now).await?;
    Ok(answer(&AgentsBody {
        tab: (!listed.asked.searches()).then(|| listed.asked.tab.to_owned()),
        agents: listed.rows.iter().map(AgentBody::from).collect(),
        counts: CountBody::of(&listed),
        next: listed.next,
    }))
}

/// The counter's list of rights to act for businesses. With `q` it is a search, as [`agents_search`].
#[utoipa::path(get, path = "/api/v1/desk/agents", tag = "desk",
    params(("tab" = Option<String>, Query, description = "`waiting`, `confirmed`, `over`"),
        ("place" = Option<String>, Query, description = "a division one level below the jurisdiction"),
        ("kind" = Option<String>, Query, description = "`enterprise`, `individual`"),
        ("stage" = Option<String>, Query, description = "in `over`: `rejected`, `ended`"),
        ("sort" = Option<String>, Query, description = "`newest`"),
        ("q" = Option<String>, Query, description = "a number; names are posted"),
        ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = AgentsBody), (status = 400, description = "no such place in the list")))]
pub async fn agents(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Official<Counter>,
) -> AppResult<HttpResponse> {
    let sent = Form::parse(req.query_string().as_bytes())?;
    let asked = match sent.get("q").trim() {
        "" => Asked::read(&Agents::SPEC, &who, &sent),
        number => Asked::search(&Agents::SPEC, &who, number),
    };
    listed(&deps, &ctx, &who, asked).await
}

/// Looks for rights to act in all tabs: by number, by credit code, or by a part of the business's name. One that waits is found by
/// its number at every counter of the province.
#[utoipa::path(post, path = "/api/v1/desk/agents/search", tag = "desk", request_body = SearchInput,
    responses((status = 200, body = AgentsBody), (status = 422)))]
pub async fn agents_search(
    ctx: Ctx,
    deps: App,
    who: Official<Looks<Counter>>,
    input: Valid<SearchInput>,
) -> AppResult<HttpResponse> {
    let asked = Asked::search(&Agents::SPEC, &who, &input.0.q);
    if !asked.searches() {
        return Err(AppError::field("q", "required"));
    }
    listed(&deps, &ctx, &who, asked).await
}
