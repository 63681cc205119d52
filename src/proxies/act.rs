//! Asking, agreeing, ending: what changes, with the record and the messages, in one transaction each.

use super::model::{Row, Ward, ward_field};
use super::rules::{self, MOST, MOST_FOR, Relation};
use super::{store, tell};
use crate::accounts;
use crate::agreed;
use crate::audit::{self, Actor, Entry};
use crate::crypto::Keyring;
use crate::db::{Id, Tx};
use crate::error::{AppError, AppResult, FieldError};
use crate::number::{self, Numbered};
use crate::pins;
use crate::web::limits;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde_json::json;

/// Questions that one account asks in a day, whatever becomes of them.
const A_DAY: i32 = 10;
/// Questions of which one person is told in a day: strangers who know a name and a number are no reason to be rung up.
const TOLD_A_DAY: i32 = 3;

/// PINs that one account tries in a day, whosever they are: a family's, and nobody's list of neighbours.
const PINS_A_DAY: i32 = 5;

/// A question as it was typed.
pub(super) struct Question {
    pub account: Id,
    /// The person whom the account stands for.
    pub person: Id,
    pub ward: Ward,
    pub relation: Relation,
    /// `own` or `counter`.
    pub way: &'static str,
    /// Whether the person agrees with their PIN.
    pub by_pin: bool,
}

fn at_document(code: &str, most: i64) -> AppError {
    AppError::Invalid(vec![FieldError::new("doc_number", code).with("most", most)])
}

/// Asks to act for somebody. The answer is the same whether or not the portal knows the person.
///
/// # Errors
/// [`AppError::Invalid`] for the sixth, for oneself and for who was asked for already; [`AppError::TooMany`].
pub(super) fn ask(tx: &mut Tx<'_>, keys: &Keyring, question: &Question, now: DateTime<Utc>) -> AppResult<()> {
    counted(tx, keys, question, now)?;
    let known = of_telephone(tx, keys, question)?;
    let row = written(tx, keys, question, known, now)?;
    if let Some(person) = known {
        // Past that the question stands on their page; they are not rung up for it.
        let budget = [(Duration::days(1), TOLD_A_DAY)];
        if limits::spend(tx, keys, ("proxy-asked", &person.to_string()), &budget, now)? {
            tell::asked(tx, keys, &row, person, now)?;
        }
    }
    Ok(())
}

/// Asks for somebody without a telephone, who has told whoever asks their PIN and so agrees at once. False when name, document
/// and PIN do not belong together: the attempt is kept, and nothing tells what of it is known.
///
/// # Errors
/// As [`ask`]; [`AppError::Invalid`] at `pin` for who is too young or for whom two act already, once the PIN was right.
pub(super) fn ask_by_pin(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    (question, pin): (&Question, &str),
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let account = question.account;
    counted(tx, keys, question, now)?;
    limits::count(tx, keys, "pin-tries", &account.to_string(), Duration::days(1), PINS_A_DAY, now)?;
    let person = named(tx, keys, &question.ward)?;
    let by = Actor::Resident(account);
    if !pins::tried(tx, keys, (person, pin), (by.clone(), "proxy"), now)? {
        return Ok(false);
    }
    let person = person.ok_or_else(|| AppError::internal("the PIN of nobody was right"))?;
    let born = question.ward.document.id_number().map(|number| number.birth_date());
    let until = agreeable(tx, question.relation, (person, born), "pin", now)?;
    let row = written(tx, keys, question, Some(person), now)?;
    grant(tx, keys, &row, (person, until), (by, None), now)?;
    Ok(true)
}

/// Whether it may be asked at all, and counts it.
fn counted(tx: &mut Tx<'_>, keys: &Keyring, question: &Question, now: DateTime<Utc>) -> AppResult<()> {
    store::hold_account(tx, question.account)?;
    refuse(tx, keys, question, now)?;
    let account = question.account.to_string();
    limits::count(tx, keys, "proxy-asks", &account, Duration::days(1), A_DAY, now)
}

/// Writes a question down, about whom it is known to be.
fn written(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    question: &Question,
    known: Option<Id>,
    now: DateTime<Utc>,
) -> AppResult<Row> {
    let account = question.account;
    let id = Id::new();
    let row = Row {
        id,
        number: number::new(tx.conn(), Numbered::Proxy, now)?,
        account_id: account,
        actor_id: question.person,
        person_id: known,
        ward_sealed: keys.seal_json(&ward_field(id), &question.ward)?,
        relation: question.relation.code().into(),
        way: question.way.into(),
        state: "asked".into(),
        version: 1,
        consent_text: agreed::PROXY.into(),
        created_at: now.into(),
        until_at: rules::waits_until(now).into(),
        granted_at: None,
        granted_by: None,
        ended_at: None,
        ended_by: None,
        ended_official: None,
        by_pin: question.by_pin,
    };
    store::add(tx, &row)?;
    let entry = Entry::new(Actor::Resident(account), "proxy.ask", "proxy").object(id).subject(known);
    let detail = json!({"relation": row.relation, "way": row.way, "pin": row.by_pin});
    audit::append(tx, now, entry.detail(detail))?;
    Ok(row)
}

fn refuse(tx: &mut Tx<'_>, keys: &Keyring, question: &Question, now: DateTime<Utc>) -> AppResult<()> {
    let wanted = question.ward.document.canonical();
    let own = accounts::documents(tx.conn(), keys, question.person)?;
    if own.iter().any(|document| document.canonical() == wanted) {
        return Err(at_document("proxy-self", MOST));
    }
    for row in store::of_account(tx.conn(), question.account, store::LISTED)? {
        if row.is_open(now) && row.ward(keys)?.document.canonical() == wanted {
            return Err(at_document("proxy-again", MOST));
        }
    }
    if store::open_of(tx.conn(), question.account, now)? >= MOST {
        return Err(at_document("proxy-five", MOST));
    }
    Ok(())
}

/// The person who can be asked by telephone: known by this name, with an account of their own.
fn of_telephone(tx: &mut Tx<'_>, keys: &Keyring, question: &Question) -> AppResult<Option<Id>> {
    if question.way != "own" {
        return Ok(None);
    }
    let Some(id) = named(tx, keys, &question.ward)? else { return Ok(None) };
    Ok(accounts::account_of(tx.conn(), id)?.map(|_| id))
}

/// The person who is on file under this document and this name.
fn named(tx: &mut Tx<'_>, keys: &Keyring, ward: &Ward) -> AppResult<Option<Id>> {
    let Some(known) = accounts::known(tx.conn(), keys, &ward.document)? else { return Ok(None) };
    let same = accounts::person(tx.conn(), keys, known.record)?.name.canonical() == ward.name.canonical();
    Ok(same.then_some(known.person))
}

/// Until when a consent of a person holds that is given now, if it can be given.
///
/// # Errors
/// [`AppError::Invalid`] at `at`: the person is too young or too old for this relation, or two act for them already.
pub(super) fn agreeable(
    tx: &mut Tx<'_>,
    relation: Relation,
    (person, born): (Id, Option<NaiveDate>),
    at: &str,
    now: DateTime<Utc>,
) -> AppResult<DateTime<Utc>> {
    let invalid = |code: &str| AppError::Invalid(vec![FieldError::new(at, code).with("most", MOST_FOR)]);
    store::hold_person(tx, person)?;
    let acting =
        i64::try_from(store::for_person(tx.conn(), person, now)?.len()).map_err(AppError::internal)?;
    if acting >= MOST_FOR {
        return Err(invalid("proxy-two"));
    }
    rules::holds_until(relation, born, now).map_err(invalid)
}

/// A person has agreed, or their guardian has declared it before an official.
pub(super) fn grant(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    row: &Row,
    (person, until): (Id, DateTime<Utc>),
    (by, official): (Actor, Option<Id>),
    now: DateTime<Utc>,
) -> AppResult<()> {
    store::grant(tx, row, (person, until), official, now)?;
    let detail =
        json!({"relation": row.relation, "text": agreed::PROXY, "until": until, "account": row.account_id});
    let entry = Entry::new(by, "proxy.grant", "proxy").object(row.id).subject(Some(person));
    audit::append(tx, now, entry.detail(detail))?;
    tell::granted(tx, keys, row, (person, until), now)
}

/// Who ends a question or a consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// Whoever acts.
    Proxy,
    /// Whoever is acted for.
    Person,
    /// An official, for either of them.
    Counter(Id),
    /// A counter, where another account proved to be the person's.
    Moved,
    /// A year, or a month without an answer.
    Time,
    /// The birthday on which the person is asked, or decides alone.
    Age,
}

impl By {
    fn code(self) -> &'static str {
        match self {
            Self::Proxy => "proxy",
            Self::Person => "person",
            Self::Counter(_) | Self::Moved => "counter",
            Self::Time => "time",
            Self::Age => "age",
        }
    }

    fn official(self) -> Option<Id> {
        match self {
            Self::Counter(official) => Some(official),
            _ => None,
        }
    }
}

/// Ends it at once; what is over stays so.
pub(super) fn end(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    row: &Row,
    (by, actor): (By, Actor),
    now: DateTime<Utc>,
) -> AppResult<()> {
    if !matches!(row.state.as_str(), "asked" | "granted") {
        return Ok(());
    }
    let refused = row.state == "asked" && matches!(by, By::Person | By::Counter(_));
    let (state, action) = if refused { ("refused", "proxy.refuse") } else { ("ended", "proxy.end") };
    store::close(tx, row, (state, by.code()), by.official(), now)?;
    let entry = Entry::new(actor, action, "proxy").object(row.id).subject(row.person_id);
    audit::append(tx, now, entry.detail(json!({"by": by.code()})))?;
    tell::ended(tx, keys, row, by.code(), now)
}
