//! What an official entered and what became of it: that it waits, was confirmed, or was refused and why.

use super::ending::Ending;
use super::model::{CardHolder, RecordRow};
use super::records::kind_key;
use super::{store, store_ends, store_lists};
use crate::db::{Conn, Id, Ts};
use crate::deps::Deps;
use crate::error::AppResult;
use crate::officials;
use crate::second::{EXPIRED, TwoPersons, reason};
use crate::web::i18n::{Lang, t};
use crate::web::principal::OfficialPrincipal;
use serde::Serialize;
use utoipa::ToSchema;

/// So many of each are shown.
const SHOWN: i64 = 20;

/// What was decided about an entry.
pub(super) struct Decided {
    pub state: &'static str,
    pub by: Option<Id>,
    pub at: Option<Ts>,
    pub reason: Option<String>,
}

/// Something that an official entered, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EnteredLine {
    /// What was entered, in words.
    what: String,
    /// About whom (masked), or about which place.
    whom: String,
    #[schema(value_type = DateTime<Utc>)]
    created: Ts,
    /// `open`, `confirmed`, `refused`, `expired`.
    state: &'static str,
    /// The same as a word.
    word: String,
    /// Who decided; empty where nobody has.
    by: String,
    #[schema(value_type = Option<DateTime<Utc>>)]
    at: Option<Ts>,
    /// Why it was refused.
    reason: Option<String>,
}

/// One entry as the list shows it.
pub(super) fn line(
    conn: &mut Conn,
    lang: Lang,
    what: &str,
    whom: &str,
    created: Ts,
    decided: Decided,
) -> AppResult<EnteredLine> {
    let named = officials::named(conn, decided.by, None)?;
    Ok(EnteredLine {
        what: what.to_owned(),
        whom: whom.to_owned(),
        created,
        state: decided.state,
        word: t(lang, &format!("entries-{}", decided.state), &[]),
        by: named.who,
        at: decided.at,
        reason: decided.reason,
    })
}

/// The latest findings and ends that the official entered, each kind newest first.
pub(super) fn own(
    conn: &mut Conn,
    deps: &Deps,
    by: &OfficialPrincipal,
    lang: Lang,
) -> AppResult<Vec<EnteredLine>> {
    let mut lines = Vec::new();
    for row in store_lists::entered_records(conn, by.official_id, SHOWN)? {
        let decided = record(deps, &row)?;
        let what = t(lang, &kind_key(&row.kind), &[]);
        lines.push(finding(conn, deps, lang, &row, &what, row.created_at, decided)?);
    }
    for (end, row) in store_ends::entered(conn, by.official_id, SHOWN)? {
        let state = match end.state.as_str() {
            "confirmed" => "confirmed",
            "refused" => "refused",
            EXPIRED => EXPIRED,
            _ => "open",
        };
        let reason = reason(&deps.keys, &Ending::refusal(end.id), end.refusal_sealed.as_ref())?;
        let decided = Decided { state, by: end.decided_by, at: end.decided_at, reason };
        let what = t(lang, "entries-end-of", &[("kind", t(lang, &kind_key(&row.kind), &[]).into())]);
        lines.push(finding(conn, deps, lang, &row, &what, end.created_at, decided)?);
    }
    Ok(lines)
}

fn record(deps: &Deps, row: &RecordRow) -> AppResult<Decided> {
    let (state, by, at) = match (row.confirmed_by, row.refused_by) {
        (Some(by), _) => ("confirmed", Some(by), row.confirmed_at),
        (None, Some(by)) => ("refused", Some(by), row.refused_at),
        (None, None) if row.expired_at.is_some() => (EXPIRED, None, row.expired_at),
        (None, None) => ("open", None, None),
    };
    let reason = reason(&deps.keys, &RecordRow::refusal(row.id), row.refusal_sealed.as_ref())?;
    Ok(Decided { state, by, at, reason })
}

fn finding(
    conn: &mut Conn,
    deps: &Deps,
    lang: Lang,
    row: &RecordRow,
    what: &str,
    created: Ts,
    decided: Decided,
) -> AppResult<EnteredLine> {
    let (person, _) = store::code_and_person(conn, row.person_id)?;
    let holder = CardHolder::of(&person, &deps.keys)?;
    line(conn, lang, what, &format!("{} {}", holder.name, holder.document), created, decided)
}
