//! What a person changed: the statements that a declaration replaces beside what it says now, and the colour that hangs on
//! them. Staff accept changed answers with this before their eyes.

use super::answers::Answers;
use super::held::{self, Kept, Statement};
use super::input::DeclarationInput;
use super::store::Row;
use super::store_versions::Beside;
use super::timeline::Event;
use super::views::HeldView;
use super::{consents, store_versions, summary};
use crate::colour::Colours;
use crate::db::{Conn, Id};
use crate::error::AppResult;
use crate::web::format;
use crate::web::i18n::Lang;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

/// A statement before the present one, for programs.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EarlierBody {
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// Whether the community had accepted it.
    pub accepted: bool,
    /// The answers, in the shape in which programs declare.
    #[schema(value_type = Object)]
    pub answers: Value,
}

/// The statements before the present answers of a declaration, the oldest first: its own earlier versions, and what else
/// still counts for the person's colour.
fn before(
    conn: &mut Conn,
    colours: &Colours,
    row: &Row,
    now: DateTime<Utc>,
) -> AppResult<Vec<(Statement<()>, Answers)>> {
    let mut all: Vec<Statement<Kept>> =
        store_versions::earlier(conn, row.id)?.into_iter().map(held::earlier).collect();
    if let Some(person) = row.person_id {
        let (current, others) = held::of_person(conn, &colours.policy, person, now)?;
        let replaces = if row.counts() {
            current.is_some_and(|c| c.what.declaration() == row.id)
        } else {
            // Typed by staff: it stands nowhere yet, and would replace all that does.
            all.extend(current);
            true
        };
        if replaces {
            all.extend(others.into_iter().filter(|s| s.what.declaration() != row.id));
        }
    }
    // What somebody no longer agrees to is only kept, and so is what it said before a correction.
    let ids: Vec<Id> = all.iter().map(|s| s.what.declaration()).collect();
    let locked = consents::locked(conn, &ids)?;
    all.retain(|s| !locked.contains(&s.what.declaration()));
    all.sort_by_key(|s| (s.at, s.rank));
    let opened = all.into_iter().map(|s| {
        let answers = s.what.answers(&colours.keys)?;
        let Statement { at, rank, accepted, stands, .. } = s;
        Ok((Statement { at, rank, accepted, stands, what: () }, answers))
    });
    opened.collect()
}

/// For programs: the statements before, the oldest first.
pub(super) fn bodies(
    conn: &mut Conn,
    colours: &Colours,
    row: &Row,
    now: DateTime<Utc>,
) -> AppResult<Vec<EarlierBody>> {
    let body = |(s, answers): (Statement<()>, Answers)| EarlierBody {
        received_at: s.at,
        accepted: s.accepted,
        answers: DeclarationInput::of(&answers),
    };
    Ok(before(conn, colours, row, now)?.into_iter().map(body).collect())
}

/// For the case page: what changed from each statement to the next, the newest change first; a step without any change is
/// left out.
pub(super) fn changes(
    conn: &mut Conn,
    colours: &Colours,
    row: &Row,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<Vec<Value>> {
    let mut all = before(conn, colours, row, now)?;
    if let (false, Some(submitted)) = (all.is_empty(), row.submitted_at) {
        let (at, rank, accepted) = (submitted.0, (row.id, row.version), row.checked_at.is_some());
        let present = Statement { at, rank, accepted, stands: true, what: () };
        all.push((present, row.answers(&colours.keys)?));
    }
    let pairs = all.iter().zip(all.iter().skip(1));
    let shown = pairs.filter_map(|((old, was), (new, is))| {
        let lines = summary::changes(lang, was, is);
        (!lines.is_empty()).then(|| {
            json!({
                "from": format::when(lang, old.at, now), "to": format::when(lang, new.at, now),
                "accepted": old.accepted, "lines": lines,
            })
        })
    });
    Ok(shown.collect::<Vec<_>>().into_iter().rev().collect())
}

/// What was asked for when the declaration was last returned, if it was.
pub(super) fn asked(events: &[Event], lang: Lang, now: DateTime<Utc>) -> Option<Value> {
    let last = events.iter().find(|e| e.action == "return")?;
    Some(json!({
        "when": format::when(lang, last.at, now), "reason": last.note.reason, "items": last.note.items,
        // The timeline is the newest first, so an answer to it stands before it.
        "answered": events.iter().take_while(|e| e.version != last.version).any(|e| e.action == "correct"),
    }))
}

/// Whether the person's colour hangs on statements that the declaration's answers would replace once they are accepted.
/// What staff typed for somebody who had declared before always does: the check alone makes it count.
pub(super) fn hanging(
    conn: &mut Conn,
    colours: &Colours,
    row: &Row,
    beside: &Beside,
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let Some(person) = row.person_id else { return Ok(false) };
    // Most people have stated one thing: then nothing has to be worked out, which a village worker with many waits for.
    if row.counts() && !beside.stated {
        return Ok(false);
    }
    let (current, held) = held::of_person(conn, &colours.policy, person, now)?;
    if !row.counts() {
        return Ok(current.is_some() || !held.is_empty());
    }
    let stands =
        current.is_some_and(|c| !c.accepted && matches!(&c.what, Kept::Present(r) if r.id == row.id));
    Ok(stands && !held.is_empty() && colours.now(conn, person, now)?.held.is_some())
}

/// What the resident is told of a declaration whose answers (or whose withdrawal) do not count alone.
pub(super) fn told(
    conn: &mut Conn,
    colours: &Colours,
    row: &Row,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<Option<HeldView>> {
    let Some(person) = row.person_id else { return Ok(None) };
    let found = colours.now(conn, person, now)?;
    let Some(held) = found.held else { return Ok(None) };
    let word = crate::codes::colour_word(lang, found.colour);
    if let Some(waiting) =
        held::awaited(conn, &colours.policy, person, now)?.filter(|w| w.number == row.number)
    {
        let (zh, en, phone) = waiting.office.unwrap_or_default();
        let office = if lang == Lang::En && !en.is_empty() { en } else { zh };
        let then = Some(crate::codes::colour_word(lang, held.then));
        let (office, phone) = (Some(office), Some(phone));
        return Ok(Some(HeldView { waits: true, word, then, office, phone, until: None }));
    }
    let gone = matches!(row.state.as_str(), "withdrawn" | "rejected");
    let until = row.submitted_at.map(|at| super::expiry::counts_until(&colours.policy, at.0)).transpose()?;
    let counting = until.filter(|end| gone && *end > now && row.checked_at.is_none() && row.counts());
    Ok(counting.map(|end| HeldView {
        waits: false,
        word,
        then: None,
        office: None,
        phone: None,
        until: Some(format::until(lang, end, false)),
    }))
}
