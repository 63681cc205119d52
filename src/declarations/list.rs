//! The worklist of village workers and doctors: whose declaration, where to and when, the present colour; what waits
//! longest first.

use super::desk::Staff;
use super::desk_api::WaitingBody;
use super::mine::{state_tag, state_word};
use super::store::Row;
use super::store_worklist::{self, Filter, Key};
use crate::access::Role;
use crate::case::{self, Hands, Whose};
use crate::codes;
use crate::crypto::Keyring;
use crate::db::{Conn, Id, Ts};
use crate::deps::Deps;
use crate::error::AppResult;
use crate::identity::{DivisionCode, divisions};
use crate::web::division::full_name;
use crate::web::format;
use crate::web::i18n::{Lang, t};
use crate::web::principal::OfficialPrincipal;
use crate::web::view::Choice;
use crate::worklist::{
    self, Among, Cell, Choosing, Column, Frame, Holder, Item, Lane, Link, Listed, Scope, Shown, Sort, Spec,
    Tab, Tag, Texts, Worklist, paths,
};
use chrono::{DateTime, NaiveDate, Utc};

/// The list.
pub(super) struct Declarations;

/// A row and whose declaration it is, still sealed.
pub(super) struct Found {
    pub row: Row,
    pub holder: Holder,
    /// `green`, `yellow`, `red` or `unknown`.
    pub colour: String,
    /// Name of the official who has taken it.
    pub assignee: Option<String>,
}

impl Found {
    /// Division of the destination (empty without one) and day of the journey.
    fn journey(&self, keys: &Keyring) -> AppResult<(String, Option<NaiveDate>)> {
        if self.row.is_locked() {
            return Ok(Default::default());
        }
        let destination = self.row.answers(keys)?.destination;
        Ok(destination.map_or_else(Default::default, |d| (d.division.to_string(), Some(d.day))))
    }

    /// The worst colour first: it is what somebody has to look at.
    fn rank(&self) -> u8 {
        match self.colour.as_str() {
            "red" => 0,
            "yellow" => 1,
            "unknown" => 2,
            _ => 3,
        }
    }

    fn colour_cell(&self, lang: Lang) -> Cell {
        let tag = match self.colour.as_str() {
            "red" => "bad",
            "yellow" => "warn",
            "green" => "ok",
            _ => "idle",
        };
        Cell::tag(tag, t(lang, &format!("code-word-{}", self.colour), &[]))
    }
}

/// The states of a tab.
fn states(tab: &str) -> &'static [&'static str] {
    match tab {
        "checked" => &["community-checked"],
        "returned" => &["returned"],
        "done" => &["doctor-confirmed", "certificate-issued", "rejected", "withdrawn", "expired"],
        _ => &["submitted"],
    }
}

/// The towns below the jurisdiction.
fn towns(who: &OfficialPrincipal, _: &str, lang: Lang) -> Vec<Choice> {
    let Ok(code) = DivisionCode::parse(&who.division) else { return Vec::new() };
    let name = |d: &&crate::identity::Division| if lang == Lang::En { d.name_en } else { d.name };
    let below = divisions().children(code);
    let towns = below.iter().filter(|d| divisions().children(d.code).is_empty());
    towns.map(|d| Choice::new(d.code.to_string(), name(d))).collect()
}

fn concerns(_: &OfficialPrincipal, _: &str, lang: Lang) -> Vec<Choice> {
    vec![Choice::text(lang, "yes", "desk-declarations-concern")]
}

/// Whose: where somebody has something to do with it.
fn hands(_: &OfficialPrincipal, tab: &str, lang: Lang) -> Vec<Choice> {
    if taken_in(tab) { Whose::choices(lang) } else { Vec::new() }
}

/// Whether what stands in a tab is taken.
fn taken_in(tab: &str) -> bool {
    matches!(tab, "submitted" | "checked")
}

const fn by(code: &'static str) -> Sort {
    Sort { code, label: None }
}

impl Worklist for Declarations {
    type Who = Staff;
    type Row = Found;
    type Key = Key;
    type Body = WaitingBody;

    const SPEC: Spec = Spec {
        name: "declarations",
        id: "declarations.id",
        paths: paths!("/desk/declarations"),
        entry: ("declaration.list", "declaration"),
        texts: Texts {
            title: "desk-declarations-title",
            caption: "desk-declarations-caption",
            tabs: "desk-declarations-tabs",
            empty: "desk-declarations-empty",
            empty_text: "desk-declarations-empty-text",
        },
        tabs: &[
            Tab::counted("submitted", "desk-declarations-tab-submitted"),
            Tab::counted("checked", "desk-declarations-tab-checked"),
            Tab::counted("returned", "desk-declarations-tab-returned"),
            Tab::plain("done", "desk-declarations-tab-done"),
        ],
        first: |role| if role == Role::Doctor { "checked" } else { "submitted" },
        filters: &[
            worklist::Filter { name: "town", label: "desk-declarations-town", choices: towns },
            worklist::Filter { name: "concern", label: "desk-declarations-look", choices: concerns },
            worklist::Filter { name: "assignee", label: "hand-whose", choices: hands },
        ],
        sorts: &[by("waiting"), by("destination"), by("departure"), by("colour")],
        columns: &[
            Column::new("desk-declarations-waiting", "", &["desk-declarations-waiting"])
                .sorted("waiting", "descending"),
            Column::person("desk-declarations-who"),
            Column::new("desk-declarations-colour", "m", &["desk-declarations-colour"])
                .sorted("colour", "ascending"),
            Column::new("desk-declarations-departs", "m", &["desk-declarations-departs"])
                .sorted("departure", "ascending"),
            Column::new("desk-declarations-destination", "m", &["desk-declarations-destination"])
                .sorted("destination", "ascending"),
            Column::new("desk-declarations-town", "m", &["desk-declarations-town"]),
            Column::new("desk-declarations-state", "st", &["desk-declarations-state"]),
            Column::new("hand-whose", "m", &["hand-whose"]),
        ],
        search: Some("desk-declarations-search-hint"),
    };

    fn lanes(scope: &Scope, after: Option<&Key>, limit: i64) -> Vec<Lane> {
        let pattern = worklist::within_reach(&scope.who, scope.filter("town"));
        if let Some(search) = &scope.search {
            return store_worklist::found(&pattern, search, limit);
        }
        let hands = Hands::of(scope, Whose::of(scope.filter("assignee")).unwrap_or(Whose::Anybodys));
        let filter = Filter { pattern, concern: scope.filter("concern").is_some(), hands };
        let states = states(scope.tab).iter();
        states.flat_map(|state| store_worklist::in_state(&filter, state, after, limit)).collect()
    }

    fn colleagues(scope: &Scope) -> Option<Lane> {
        Some(case::colleagues_of(scope))
    }

    fn rows(conn: &mut Conn, deps: &Deps, scope: &Scope, among: Among) -> AppResult<Vec<Found>> {
        let found = store_worklist::rows(conn, among)?;
        let one = |(row, holder, code, assignee): store_worklist::Joined| {
            let colour = code.map(|code| codes::colour_now(conn, deps, code, scope.now)).transpose()?;
            Ok(Found { row, holder, colour: colour.unwrap_or_else(|| "unknown".into()), assignee })
        };
        found.into_iter().map(one).collect()
    }

    fn id(found: &Found) -> Id {
        found.row.id
    }

    fn number(found: &Found) -> &str {
        &found.row.number
    }

    fn key(found: &Found) -> Key {
        (Ts(since(&found.row)), found.row.id)
    }

    fn newest_first(_: &Scope) -> bool {
        false
    }

    /// Destination, day and colour are sealed or worked out, so no database can sort by them: a page is sorted by itself.
    fn arrange(deps: &Deps, sort: &str, mut rows: Vec<Found>) -> AppResult<Vec<Found>> {
        if sort == "colour" {
            rows.sort_by_key(Found::rank);
            return Ok(rows);
        }
        if sort != "destination" && sort != "departure" {
            return Ok(rows);
        }
        let keyed = |found: Found| {
            let (destination, day) = found.journey(&deps.keys)?;
            let day = day.unwrap_or(NaiveDate::MAX);
            Ok((if sort == "departure" { (Some(day), String::new()) } else { (None, destination) }, found))
        };
        let mut keyed: Vec<_> = rows.into_iter().map(keyed).collect::<AppResult<_>>()?;
        keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(keyed.into_iter().map(|(_, found)| found).collect())
    }

    fn item(deps: &Deps, _: &OfficialPrincipal, found: &Found, shown: Shown) -> AppResult<Item> {
        let (Shown { lang, now }, row) = (shown, &found.row);
        let (name, document) = found.holder.open(&deps.keys)?;
        let (destination, departs) = found.journey(&deps.keys)?;
        let mut tags = vec![Tag::new(state_tag(&row.state), state_word(lang, &row.state))];
        if row.concern {
            tags.push(Tag::new("warn", t(lang, "declare-look", &[])));
        }
        let since = since(row);
        let cells = vec![
            Cell::Since { text: waiting(lang, row, now), note: format::when(lang, since, now), at: since },
            Cell::Who {
                name: name.as_str().to_owned(),
                document: Some(document.masked()),
                number: row.number.clone(),
            },
            found.colour_cell(lang),
            departs.map_or(Cell::Nothing, |day| departure(lang, day, now)),
            Cell::text(full_name(lang, &destination)),
            Cell::text(full_name(lang, &row.division)),
            Cell::Tags { tags },
            assignee(found, lang),
        ];
        Ok(Item { version: row.version, late: false, cells })
    }

    fn body(deps: &Deps, _: &OfficialPrincipal, found: &Found, _: DateTime<Utc>) -> AppResult<WaitingBody> {
        let row = &found.row;
        let (name, document) = found.holder.open(&deps.keys)?;
        let (destination, departs_on) = found.journey(&deps.keys)?;
        Ok(WaitingBody {
            number: row.number.clone(),
            version: row.version,
            state: row.state.clone(),
            name: name.as_str().to_owned(),
            document: document.masked(),
            division: row.division.clone(),
            concern: row.concern,
            since: since(row),
            destination: Some(destination).filter(|d| !d.is_empty()),
            departs_on,
            colour: found.colour.clone(),
            assignee: found.assignee.clone(),
        })
    }

    fn frame(listed: &Listed<Self>, who: &OfficialPrincipal, lang: Lang) -> Frame {
        let new =
            Link { href: "/desk/declarations/new".into(), label: t(lang, "desk-declarations-new", &[]) };
        let checks = who.role == Role::VillageWorker;
        // Where a role lands is what waits for it.
        let turn = !listed.asked.searches() && (Self::SPEC.first)(who.role) == listed.asked.tab;
        let choosing = turn.then(|| Choosing {
            path: if checks { "/desk/declarations/check" } else { "/desk/declarations/bulk" },
            acts: checks.then(|| Choice::text(lang, "check", "desk-declarations-bulk")).into_iter().collect(),
            sharing: Some(case::sharing("/desk/declarations/bulk", &listed.beside, lang)),
        });
        Frame { links: vec![new], choosing, ..Frame::default() }
    }
}

/// Who has it; where nobody is to do anything, nothing.
fn assignee(found: &Found, lang: Lang) -> Cell {
    let waits = ["submitted", "community-checked"].contains(&found.row.state.as_str());
    match &found.assignee {
        Some(name) => Cell::text(name.clone()),
        None if waits => Cell::text(t(lang, "hand-nobody", &[])),
        None => Cell::Nothing,
    }
}

fn departure(lang: Lang, day: NaiveDate, now: DateTime<Utc>) -> Cell {
    let other_year = day.format("%Y").to_string() != now.format("%Y").to_string();
    Cell::Day { text: format::date(lang, day, other_year), day }
}

/// Since when somebody waits.
pub(super) fn since(row: &Row) -> DateTime<Utc> {
    row.submitted_at.unwrap_or(row.updated_at).0
}

/// How long somebody has waited; of what is decided, how long it took: that counts on no longer.
pub(super) fn waiting(lang: Lang, row: &Row, now: DateTime<Utc>) -> String {
    let open = ["submitted", "community-checked", "returned"].contains(&row.state.as_str());
    let until = if open { now } else { row.updated_at.0 };
    let time = format::duration(lang, until - since(row));
    if open { time } else { t(lang, "desk-declarations-took", &[("time", time.into())]) }
}
