//! The list of tasks: what waits in the jurisdiction for a role, the earliest limit first; what is one's own, what is late,
//! and what was done.

use super::model::{Found, Row};
use super::store::{self, Key};
use super::{KINDS, Worker};
use crate::clock::{china_day, end_of_day};
use crate::db::{Conn, Id};
use crate::deps::Deps;
use crate::error::AppResult;
use crate::web::division::full_name;
use crate::web::format;
use crate::web::i18n::{Lang, t};
use crate::web::principal::OfficialPrincipal;
use crate::web::view::Choice;
use crate::worklist::{
    self, Among, Cell, Column, Filter, Frame, Item, Lane, Link, Listed, Scope, Shown, Sort, Spec, Tab, Texts,
    Worklist, paths,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// The list.
pub(super) struct Tasks;

/// A task for programs.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskBody {
    /// Its number.
    pub number: String,
    /// Send it with what is done.
    pub version: i64,
    /// Its kind.
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// Name of the person; empty where it is about nobody.
    pub name: String,
    /// Number of the document, masked.
    pub document: String,
    /// Division.
    pub division: String,
    /// For which day it was made.
    pub day: String,
    /// By when it is to be done.
    pub due_at: DateTime<Utc>,
    /// Whether that is over.
    pub late: bool,
    /// `open`, `done` or `void`.
    pub state: String,
    /// Whether the official who asks has taken it.
    pub mine: bool,
    /// Whether anybody has.
    pub taken: bool,
    /// What came of it.
    pub result: Option<String>,
}

fn due_choices(_: &OfficialPrincipal, tab: &str, lang: Lang) -> Vec<Choice> {
    if tab == "done" { Vec::new() } else { vec![Choice::text(lang, "today", "tasks-due-today")] }
}

fn kind_choices(who: &OfficialPrincipal, _: &str, lang: Lang) -> Vec<Choice> {
    let own = KINDS.iter().filter(|(_, role)| *role == who.role);
    own.map(|(kind, _)| Choice::text(lang, kind, &format!("task-{kind}"))).collect()
}

impl Worklist for Tasks {
    type Who = Worker;
    type Row = Found;
    type Key = Key;
    type Body = TaskBody;

    const SPEC: Spec = Spec {
        name: "tasks",
        id: "tasks.id",
        paths: paths!("/desk/tasks"),
        entry: ("task.list", "task"),
        texts: Texts {
            title: "tasks-title",
            caption: "tasks-title",
            tabs: "tasks-title",
            empty: "tasks-none",
            empty_text: "tasks-none-text",
        },
        tabs: &[
            Tab::counted("open", "tasks-tab-open"),
            Tab::counted("mine", "tasks-tab-mine"),
            Tab::counted("late", "tasks-tab-late"),
            Tab::plain("done", "tasks-tab-done"),
        ],
        first: |_| "open",
        filters: &[
            Filter { name: "due", label: "tasks-due", choices: due_choices },
            Filter { name: "kind", label: "tasks-what", choices: kind_choices },
            Filter {
                name: "place",
                label: "worklist-place",
                choices: |who, _, lang| worklist::below(who, lang),
            },
        ],
        sorts: &[Sort { code: "due", label: None }],
        columns: &[
            Column::new("tasks-due", "", &["tasks-due"]),
            Column::person("tasks-who"),
            Column::new("tasks-what", "m", &["tasks-what"]),
            Column::new("tasks-place", "m", &["tasks-place"]),
            Column::new("tasks-state", "st", &["tasks-state"]),
        ],
        search: Some("tasks-search-hint"),
    };

    fn lanes(scope: &Scope, after: Option<&Key>, limit: i64) -> Vec<Lane> {
        let pattern = worklist::within_reach(&scope.who, scope.filter("place"));
        let whose = (pattern.as_str(), scope.who.role.code());
        if let Some(search) = &scope.search {
            return store::found(whose, search, limit);
        }
        let kind = scope.filter("kind");
        let state =
            |state, before, newest| store::in_state(whose, (state, kind), before, newest, after, limit);
        let today = scope.filter("due").map(|_| end_of_day(china_day(scope.now)));
        match scope.tab {
            "mine" => vec![store::taken((&pattern, &scope.who), kind, after, limit)],
            "late" => vec![state("open", Some(scope.now), false)],
            "done" => vec![state("done", None, true)],
            _ => vec![state("open", today, false)],
        }
    }

    fn rows(conn: &mut Conn, _: &Deps, _: &Scope, among: Among) -> AppResult<Vec<Found>> {
        store::rows(conn, among)
    }

    fn id((row, _): &Found) -> Id {
        row.id
    }

    fn number((row, _): &Found) -> &str {
        &row.number
    }

    fn key((row, _): &Found) -> Key {
        (row.due_at, row.id)
    }

    fn newest_first(scope: &Scope) -> bool {
        scope.search.is_some() || scope.tab == "done"
    }

    fn item(deps: &Deps, who: &OfficialPrincipal, found: &Found, shown: Shown) -> AppResult<Item> {
        let (row, lang) = (&found.0, shown.lang);
        let (name, document) = whose(deps, found)?;
        let (kind, word) = row.standing(who, lang);
        let cells = vec![
            Cell::Until { text: format::until(lang, row.due_at.0, false), at: row.due_at.0 },
            Cell::Who {
                name: if name.is_empty() { row.title(lang) } else { name },
                document: Some(document),
                number: row.number.clone(),
            },
            Cell::text(row.title(lang)),
            Cell::text(full_name(lang, &row.division)),
            Cell::tag(kind, word),
        ];
        Ok(Item { version: row.version, late: row.is_late(shown.now), cells })
    }

    fn body(deps: &Deps, who: &OfficialPrincipal, found: &Found, now: DateTime<Utc>) -> AppResult<TaskBody> {
        body(deps, who, found, now)
    }

    fn frame(listed: &Listed<Self>, _: &OfficialPrincipal, lang: Lang) -> Frame {
        let link = |path: &str, key: &str| Link { href: path.to_owned(), label: t(lang, key, &[]) };
        let place = listed.asked.filters.iter().find(|(name, _)| *name == "place");
        let print = match (listed.asked.tab, place) {
            ("mine", _) => "/desk/tasks/print?mine=1".to_owned(),
            (_, Some((_, place))) => format!("/desk/tasks/print?place={place}"),
            _ => "/desk/tasks/print".to_owned(),
        };
        let links = vec![link(&print, "tasks-print"), link("/desk/tasks/enter", "tasks-enter")];
        Frame { links, ..Frame::default() }
    }
}

/// Name and masked document; empty of a task that is about nobody.
pub(super) fn whose(deps: &Deps, (_, holder): &Found) -> AppResult<(String, String)> {
    let Some(holder) = holder else { return Ok(Default::default()) };
    let (name, document) = holder.open(&deps.keys)?;
    Ok((name.as_str().to_owned(), document.masked()))
}

/// A task for programs.
pub(super) fn body(
    deps: &Deps,
    who: &OfficialPrincipal,
    found: &Found,
    now: DateTime<Utc>,
) -> AppResult<TaskBody> {
    let (name, document) = whose(deps, found)?;
    let row: &Row = &found.0;
    Ok(TaskBody {
        number: row.number.clone(),
        version: row.version,
        kind: row.kind.clone(),
        title: row.title(Lang::ZhCn),
        name,
        document,
        division: row.division.clone(),
        day: row.day.clone(),
        due_at: row.due_at.0,
        late: row.is_late(now),
        state: row.state.clone(),
        mine: row.assignee == Some(who.official_id),
        taken: row.assignee.is_some(),
        result: row.result.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::KINDS;
    use crate::router::SLICES;

    #[test]
    fn a_list_is_filtered_by_the_kinds_that_there_are() {
        let made: Vec<_> = SLICES.0.iter().flat_map(|slice| slice.tasks).map(|k| (k.name, k.role)).collect();
        assert_eq!(made, KINDS);
    }
}
