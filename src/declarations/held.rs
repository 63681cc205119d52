//! Which of a person's statements count for the colour. A new statement may worsen it at once, but it lightens it only
//! once somebody has accepted it: until then what was stated before goes on counting beside it. What staff typed for
//! somebody counts only once another official has checked it, whichever way it would move the colour.

use super::answers::Answers;
use super::store::Row;
use super::{expiry, store_offices, store_versions};
use crate::colour::{Awaited, Declared, Statements};
use crate::crypto::Keyring;
use crate::db::{Conn, Id};
use crate::error::AppResult;
use crate::policy::{self, RuleSet};
use crate::web::division::full_name;
use crate::web::i18n::Lang;
use chrono::{DateTime, Utc};

/// What answers that were sent at a moment tell the colour rules.
pub(super) fn declared(answers: &Answers, submitted: DateTime<Utc>) -> Declared {
    let travel = answers.travel.iter().map(|stay| {
        let place = stay.division.map(|d| d.to_string()).unwrap_or_default();
        let name = match &stay.abroad {
            Some(abroad) => policy::Words::new(abroad, abroad),
            None => policy::Words::new(full_name(Lang::ZhCn, &place), full_name(Lang::En, &place)),
        };
        policy::Travel {
            place,
            name,
            risk: None,
            from: stay.from,
            to: stay.to,
            transport: Some(stay.transport.clone()),
            source: policy::Words::new("本人申报", "own declaration"),
        }
    });
    Declared {
        travel: travel.collect(),
        declaration: answers.facts(submitted),
        home: answers.household.as_ref().map(|p| p.division.to_string()),
        present: answers.present.as_ref().map(|p| p.division.to_string()),
    }
}

/// One set of answers as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement<T> {
    pub at: DateTime<Utc>,
    /// Orders what was sent at the same moment: declaration and version.
    pub rank: (Id, i64),
    /// Whether the community has accepted it.
    pub accepted: bool,
    /// Whether it stands: it was not replaced, withdrawn or rejected.
    pub stands: bool,
    pub what: T,
}

/// Parts statements into the one that stands and those that count beside it, the newest first: everything since the last
/// accepted one, and that one itself.
pub(super) fn in_force<T>(mut all: Vec<Statement<T>>) -> (Option<Statement<T>>, Vec<Statement<T>>) {
    all.sort_by_key(|s| std::cmp::Reverse((s.at, s.rank)));
    let current = all.iter().position(|s| s.stands);
    let accepted = all.iter().position(|s| s.accepted);
    let (mut standing, mut held) = (None, Vec::new());
    for (index, statement) in all.into_iter().enumerate() {
        if current == Some(index) {
            standing = Some(statement);
        } else if accepted.is_none_or(|last| index <= last) {
            held.push(statement);
        }
    }
    (standing, held)
}

/// What is kept of a statement: whose it is and where its answers are.
#[derive(Debug, Clone)]
pub(super) enum Kept {
    /// The present answers of a declaration.
    Present(Box<Row>),
    /// What a declaration said before it was corrected.
    Earlier(store_versions::VersionRow),
}

impl Kept {
    pub(super) fn answers(&self, keys: &Keyring) -> AppResult<Answers> {
        match self {
            Self::Present(row) => row.answers(keys),
            Self::Earlier(row) => row.answers(keys),
        }
    }

    /// The declaration it belongs to.
    pub(super) fn declaration(&self) -> Id {
        match self {
            Self::Present(row) => row.id,
            Self::Earlier(row) => row.declaration_id,
        }
    }
}

/// A statement that stands, and those that count beside it.
pub(super) type InForce = (Option<Statement<Kept>>, Vec<Statement<Kept>>);

/// The statements of a person that are in force. How old one is makes no difference, since what makes a colour red or
/// yellow can outlast its declaration; only one that was withdrawn or rejected is over with its days.
pub(super) fn of_person(
    conn: &mut Conn,
    rules: &RuleSet,
    person: Id,
    now: DateTime<Utc>,
) -> AppResult<InForce> {
    let since = store_versions::accepted_since(conn, person)?;
    let rows = store_versions::statements(conn, person, since)?;
    let gone: Vec<Id> = rows.iter().filter(|row| !store_versions::stands(row)).map(|row| row.id).collect();
    let mut all: Vec<Statement<Kept>> = rows.into_iter().filter_map(present).collect();
    let before = store_versions::earlier_of_person(conn, person, since)?.into_iter();
    all.extend(before.filter(|row| row.entered_by.is_none() || row.accepted_at.is_some()).map(earlier));
    let (current, held) = in_force(all);
    let mut counting = Vec::with_capacity(held.len());
    for statement in held {
        if !gone.contains(&statement.what.declaration()) || expiry::counts_until(rules, statement.at)? > now {
            counting.push(statement);
        }
    }
    Ok((current, counting))
}

fn present(row: Row) -> Option<Statement<Kept>> {
    if !row.counts() {
        return None;
    }
    let stands = store_versions::stands(&row);
    let (at, accepted) = (row.submitted_at?.0, row.checked_at.is_some());
    let rank = (row.id, row.version);
    Some(Statement { at, rank, accepted, stands, what: Kept::Present(Box::new(row)) })
}

pub(super) fn earlier(row: store_versions::VersionRow) -> Statement<Kept> {
    let (at, accepted) = (row.submitted_at.0, row.accepted_at.is_some());
    let rank = (row.declaration_id, row.version);
    Statement { at, rank, accepted, stands: false, what: Kept::Earlier(row) }
}

/// What a person has stated, as far as it counts for the colour.
///
/// # Errors
/// Database errors; a sealed value that cannot be opened.
pub fn facts(
    conn: &mut Conn,
    keys: &Keyring,
    rules: &RuleSet,
    person: Id,
    now: DateTime<Utc>,
) -> AppResult<Statements> {
    let (current, held) = of_person(conn, rules, person, now)?;
    let said = |s: &Statement<Kept>| Ok(declared(&s.what.answers(keys)?, s.at));
    let held: AppResult<Vec<Declared>> = held.iter().map(said).collect();
    let waits = current.as_ref().is_some_and(|c| !c.accepted);
    Ok(Statements { current: current.as_ref().map(said).transpose()?, held: held?, waits })
}

/// The declaration of a person that stands and that nobody has accepted yet.
///
/// # Errors
/// Database errors.
pub fn awaited(
    conn: &mut Conn,
    rules: &RuleSet,
    person: Id,
    now: DateTime<Utc>,
) -> AppResult<Option<Awaited>> {
    let (Some(current), _) = of_person(conn, rules, person, now)? else { return Ok(None) };
    let Kept::Present(row) = &current.what else { return Ok(None) };
    if current.accepted || !super::store::OPEN.contains(&row.state.as_str()) {
        return Ok(None);
    }
    let office = store_offices::responsible(conn, &row.division, "village-worker")?;
    Ok(Some(Awaited { number: row.number.clone(), since: current.at, office }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: u32) -> DateTime<Utc> {
        format!("2020-03-12T02:{minute:02}:00Z").parse().unwrap()
    }

    /// `name`, then `a` for accepted and `x` for one that does not stand.
    fn said(names: &[&'static str]) -> (Option<&'static str>, Vec<&'static str>) {
        let declaration = Id::new();
        let statement = |(i, name): (usize, &&'static str)| Statement {
            // Two a minute: the version tells them apart.
            at: at(u32::try_from(i / 2).unwrap()),
            rank: (declaration, i64::try_from(i).unwrap()),
            accepted: name.contains('a'),
            stands: !name.contains('x'),
            what: *name,
        };
        let (current, held) = in_force(names.iter().enumerate().map(statement).collect());
        (current.map(|s| s.what), held.into_iter().map(|s| s.what).collect())
    }

    #[test]
    fn what_was_said_first_counts_alone() {
        assert_eq!(said(&[]), (None, vec![]));
        assert_eq!(said(&["1"]), (Some("1"), vec![]));
        assert_eq!(said(&["1a"]), (Some("1a"), vec![]));
    }

    #[test]
    fn a_correction_does_not_take_the_place_of_what_it_corrects_before_it_is_accepted() {
        assert_eq!(said(&["1x", "2"]), (Some("2"), vec!["1x"]));
        assert_eq!(said(&["1x", "2a"]), (Some("2a"), vec![]));
        assert_eq!(
            said(&["1ax", "2x", "3"]),
            (Some("3"), vec!["2x", "1ax"]),
            "from red over yellow to green"
        );
        assert_eq!(
            said(&["0x", "1ax", "2"]),
            (Some("2"), vec!["1ax"]),
            "what was before the accepted one is done"
        );
    }

    #[test]
    fn withdrawing_and_declaring_anew_erase_nothing() {
        assert_eq!(said(&["1x"]), (None, vec!["1x"]));
        assert_eq!(said(&["1a", "2x"]), (Some("1a"), vec!["2x"]), "the accepted one stands again");
        assert_eq!(said(&["1x", "2x", "3"]), (Some("3"), vec!["2x", "1x"]));
        assert_eq!(said(&["1", "2ax"]), (Some("1"), vec!["2ax"]));
        assert_eq!(said(&["1x", "2x", "3a"]), (Some("3a"), vec![]));
    }
}
