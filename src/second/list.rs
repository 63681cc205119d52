//! The list of all that waits for a second official, of all kinds: what an official may decide, the oldest first.

use super::store::{self, Key, Listed, OPEN};
use super::{EXPIRED, Seconds};
use crate::access::Role;
use crate::db::{Conn, Id};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::slice::{SecondKind, SecondWords, Slices};
use crate::web::form::Valid;
use crate::web::format;
use crate::web::guard::{Looks, Official};
use crate::web::i18n::{Lang, t};
use crate::web::principal::OfficialPrincipal;
use crate::worklist::{
    self, Among, Cell, Column, Filter, Item, Lane, Listing, Scope, SearchInput, Shown, Sort, Spec, Tab,
    Texts, Worklist, paths,
};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The list.
pub(super) struct Waiting;

/// A row with its identifier as text, which is the number of its case.
pub(super) struct Row {
    number: String,
    listed: Listed,
}

/// Something that waits, for programs.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecondRow {
    /// Its identifier.
    pub id: Uuid,
    /// Its kind: `record` (a finding), `record-end` (that one ends), `risk` (a level), `merge` (two records of one person).
    pub kind: String,
    /// What was entered, in Chinese.
    pub what: String,
    /// Name of the person, masked, or what it is about.
    pub about: String,
    /// Number of the document, masked; none where it is about nobody.
    pub document: Option<String>,
    /// `open`, or `expired` when nobody decided it in time.
    pub state: String,
    /// Name and sign-in name of the official who entered it.
    pub entered_by: String,
    /// The office, in Chinese.
    pub office: String,
    /// When.
    pub entered_at: DateTime<Utc>,
    /// When it ends without effect if nobody decides it; when it has ended.
    pub expires_at: DateTime<Utc>,
    /// Whether the caller entered it, and can only take it back.
    pub own: bool,
}

impl Worklist for Waiting {
    type Who = Seconds;
    type Row = Row;
    type Key = Key;
    type Body = SecondRow;

    const SPEC: Spec = Spec {
        name: "second",
        id: "second_waits.id",
        paths: paths!("/desk/second"),
        entry: ("second.list", "second"),
        texts: Texts {
            title: "second-title",
            caption: "second-title",
            tabs: "second-title",
            empty: "second-none",
            empty_text: "second-none-text",
        },
        tabs: &[
            Tab::counted("open", "second-tab-open"),
            Tab::counted("own", "second-tab-own"),
            Tab::plain("expired", "second-tab-expired"),
        ],
        first: |_| "open",
        filters: &[Filter {
            name: "place",
            label: "worklist-place",
            choices: |who, _, lang| worklist::below(who, lang),
        }],
        sorts: &[
            Sort { code: "own", label: Some("worklist-sort-own") },
            Sort { code: "newest", label: Some("worklist-sort-newest") },
        ],
        columns: &[
            Column::new("second-what", "", &["second-about", "worklist-document", "second-what"]),
            Column::new("second-kind", "m", &["second-kind"]),
            Column::new("second-entered-by", "m", &["second-entered-by"]),
            Column::new("second-waits", "m", &["second-entered-at"]),
            Column::new("second-expires", "m", &["second-expires"]),
            Column::new("second-state", "st", &["second-state"]),
        ],
        search: Some("second-search-hint"),
    };

    fn lanes(scope: &Scope, after: Option<&Key>, limit: i64) -> Vec<Lane> {
        let pattern = worklist::within_reach(&scope.who, scope.filter("place"));
        let whose: (&str, Role) = (&pattern, scope.who.role);
        if let Some(search) = &scope.search {
            return vec![store::found(whose, search, limit)];
        }
        let newest = Self::newest_first(scope);
        vec![match scope.tab {
            "own" => store::own(whose, scope.who.official_id, newest, after, limit),
            "expired" => store::in_state(whose, EXPIRED, newest, after, limit),
            _ => store::in_state(whose, OPEN, newest, after, limit),
        }]
    }

    fn rows(conn: &mut Conn, _: &Deps, _: &Scope, among: Among) -> AppResult<Vec<Row>> {
        let rows = store::rows(conn, among)?;
        Ok(rows.into_iter().map(|listed| Row { number: listed.0.id.to_string(), listed }).collect())
    }

    fn id(row: &Row) -> Id {
        row.listed.0.id
    }

    fn number(row: &Row) -> &str {
        &row.number
    }

    fn key(row: &Row) -> Key {
        (row.listed.0.entered_at, row.listed.0.id)
    }

    fn newest_first(scope: &Scope) -> bool {
        scope.sort == "newest" || scope.search.is_some() || scope.tab == "expired"
    }

    fn item(deps: &Deps, who: &OfficialPrincipal, row: &Row, Shown { lang, now }: Shown) -> AppResult<Item> {
        let told = told(deps, row, lang)?;
        let wait = &row.listed.0;
        let (entered, expires) = (wait.entered_at.0, wait.expires_at.0);
        let late = wait.state == OPEN && wait.warned_at.is_some();
        let end = wait.ended_at.map_or(expires, |at| at.0);
        let by = [told.by.as_str(), told.office(lang)];
        let by = by.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ");
        let cells = vec![
            Cell::Who { name: told.about, document: told.document, number: told.what },
            Cell::text(t(lang, told.title, &[])),
            Cell::text(by),
            Cell::Since {
                text: format::duration(lang, wait.ended_at.map_or(now, |at| at.0) - entered),
                note: format::when(lang, entered, now),
                at: entered,
            },
            Cell::Moment { at: end },
            state(lang, &wait.state, wait.entered_by == Some(who.official_id), late),
        ];
        Ok(Item { version: 1, late, cells })
    }

    fn body(deps: &Deps, who: &OfficialPrincipal, row: &Row, _: DateTime<Utc>) -> AppResult<SecondRow> {
        let told = told(deps, row, Lang::ZhCn)?;
        let wait = &row.listed.0;
        Ok(SecondRow {
            id: wait.id.0,
            kind: wait.kind.clone(),
            office: told.office(Lang::ZhCn).to_owned(),
            what: told.what,
            about: told.about,
            document: told.document,
            state: wait.state.clone(),
            entered_by: told.by,
            entered_at: wait.entered_at.0,
            expires_at: wait.ended_at.unwrap_or(wait.expires_at).0,
            own: wait.entered_by == Some(who.official_id),
        })
    }
}

/// The state as the list marks it.
fn state(lang: Lang, state: &str, own: bool, late: bool) -> Cell {
    let (kind, key) = match (state, own, late) {
        (EXPIRED, ..) => ("bad", "second-state-expired"),
        (_, true, _) => ("idle", "second-state-own"),
        (_, _, true) => ("warn", "second-state-late"),
        _ => ("info", "second-state-open"),
    };
    Cell::tag(kind, t(lang, key, &[]))
}

/// A row in words.
struct Told<'a> {
    title: &'static str,
    what: String,
    about: String,
    document: Option<String>,
    by: String,
    offices: Option<&'a (String, String)>,
}

impl Told<'_> {
    fn office(&self, lang: Lang) -> &str {
        match self.offices {
            Some((_, en)) if lang == Lang::En && !en.is_empty() => en,
            Some((zh, _)) => zh,
            None => "",
        }
    }
}

fn told<'a>(deps: &Deps, row: &'a Row, lang: Lang) -> AppResult<Told<'a>> {
    let (wait, holder, official, offices) = &row.listed;
    let kind: &SecondKind = deps
        .part::<Slices>()?
        .second()
        .find(|kind| kind.name == wait.kind)
        .ok_or_else(|| AppError::internal("something waits whose kind nobody knows"))?;
    let SecondWords { about, what } = (kind.words)(&wait.detail.0, lang);
    let (about, document) = match holder {
        Some(holder) => {
            let (name, number) = holder.masked(&deps.keys)?;
            (name, Some(number.masked()))
        }
        None => (about, None),
    };
    Ok(Told {
        title: kind.title,
        what,
        about,
        document,
        by: official.as_ref().map(|(name, login)| format!("{name} ({login})")).unwrap_or_default(),
        offices: offices.as_ref(),
    })
}

/// What waits for a second official in the jurisdiction and may be decided by the caller's role, the oldest first.
#[utoipa::path(get, path = "/api/v1/desk/second", tag = "desk",
    params(("tab" = Option<String>, Query, description = "`open`, `own` (what the caller entered) or `expired`"),
        ("place" = Option<String>, Query, description = "a division one level below the jurisdiction"),
        ("sort" = Option<String>, Query, description = "`newest`"),
        ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = Listing<SecondRow>), (status = 400, description = "no such place in the list")))]
pub(super) async fn api(req: HttpRequest, deps: App, who: Official<Seconds>) -> AppResult<HttpResponse> {
    worklist::listing::<Waiting, _>(&req, &deps, &who).await
}

/// Looks for what is about a person, waiting or expired. What is looked for names a person, so it stands in no address.
#[utoipa::path(post, path = "/api/v1/desk/second/search", tag = "desk", request_body = SearchInput,
    responses((status = 200, body = Listing<SecondRow>)))]
pub(super) async fn api_search(
    req: HttpRequest,
    deps: App,
    who: Official<Looks<Seconds>>,
    input: Valid<SearchInput>,
) -> AppResult<HttpResponse> {
    worklist::listing_of_search::<Waiting, _>(&req, &deps, &who, &input.0.q).await
}
