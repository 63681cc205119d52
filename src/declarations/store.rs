//! SQL of declarations and of their timeline.

use super::answers::Answers;
use super::whose::Whose;
use crate::agreed;
use crate::crypto::{FieldContext, Keyring};
use crate::db::hot::{insert_row, run};
use crate::db::schema::declarations;
use crate::db::types::{DbTime, DbUuid};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use crate::kept::served;
use crate::number::{self, Numbered};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};

/// States in which somebody still has to act.
pub(super) const OPEN: [&str; 4] = ["submitted", "community-checked", "returned", "doctor-confirmed"];

/// A declaration as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = declarations)]
pub(super) struct Row {
    pub id: Id,
    pub number: String,
    pub account_id: Option<Id>,
    pub person_id: Option<Id>,
    pub state: String,
    pub version: i64,
    pub answers_sealed: Vec<u8>,
    pub step: String,
    pub division: String,
    pub concern: bool,
    pub entered_by: Option<Id>,
    pub updated_at: Ts,
    pub submitted_at: Option<Ts>,
    pub receipt_sealed: Option<Vec<u8>>,
    /// When the community accepted these answers; a correction takes it away.
    pub checked_at: Option<Ts>,
    /// Version of the text under which it was sent; empty for a draft, and where it was not noted yet.
    pub consent_text: String,
    /// When the consent to handling it was withdrawn: from then on it is only stored.
    pub consent_withdrawn_at: Option<Ts>,
    /// When the consent to giving it to the destination was withdrawn.
    pub share_withdrawn_at: Option<Ts>,
    /// Of what was begun for somebody else: under which consent.
    pub proxy_id: Option<Id>,
}

impl Row {
    /// For a draft that corrects a declaration: its number and the version that was seen.
    pub(super) fn corrects(&self) -> Option<(&str, i64)> {
        let (number, version) = self.step.strip_prefix("correct:")?.split_once(':')?;
        Some((number, version.parse().ok()?))
    }

    /// Whether officials no longer see what it says (PIPL art. 47: nothing but storing).
    pub(super) fn is_locked(&self) -> bool {
        self.consent_withdrawn_at.is_some()
    }

    /// Whether anything said here can bear on a colour: what staff typed for somebody does so only once another official
    /// has checked it.
    pub(super) fn counts(&self) -> bool {
        self.entered_by.is_none() || self.checked_at.is_some()
    }

    pub(super) fn answers(&self, keys: &Keyring) -> AppResult<Answers> {
        Ok(keys.open_json(&field("answers_sealed", self.id), &self.answers_sealed)?)
    }
}

/// Where a sealed column of a declaration belongs.
pub(super) fn field(column: &'static str, id: Id) -> FieldContext<'static> {
    FieldContext::new("declarations", column, id.0)
}

/// The draft of an account, or of whoever acts for somebody under the consent with this identifier: each has an own one.
pub(super) fn draft(conn: &mut Conn, seat: Id) -> AppResult<Option<Row>> {
    Ok(declarations::table
        .filter(served("declarations"))
        .filter(declarations::account_id.eq(seat).or(declarations::proxy_id.eq(seat)))
        .filter(declarations::state.eq("draft"))
        .order(declarations::created_at.desc())
        .select(Row::as_select())
        .first(conn)
        .optional()?)
}

/// What is still open of a person or an account.
#[diesel::dsl::auto_type]
fn is_open(account: Option<Id>, person: Option<Id>) -> _ {
    // Not as a list: a list of any length is prepared anew each time.
    let one: &'static str = OPEN[0];
    let two: &'static str = OPEN[1];
    let three: &'static str = OPEN[2];
    let four: &'static str = OPEN[3];
    let early = declarations::state.eq(one).or(declarations::state.eq(two));
    let late = declarations::state.eq(three).or(declarations::state.eq(four));
    declarations::account_id.eq(account).or(declarations::person_id.eq(person)).and(early.or(late))
}

/// The declaration of a person or an account that is still open.
pub(super) fn open_one(conn: &mut Conn, account: Option<Id>, person: Option<Id>) -> AppResult<Option<Row>> {
    Ok(declarations::table
        .filter(is_open(account, person))
        .order(declarations::created_at.desc())
        .select(Row::as_select())
        .first(conn)
        .optional()?)
}

/// Whether there is one; without the order that [`open_one`] has to make.
pub(super) fn has_open(conn: &mut Conn, account: Option<Id>, person: Id) -> AppResult<bool> {
    let found: Option<Id> = declarations::table
        .filter(is_open(account, Some(person)))
        .select(declarations::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// As many as a list shows of what somebody submitted; the copy of one's data has all.
pub(super) const LISTED: i64 = 100;

/// What an account submitted, and what staff entered for its person, the newest first.
pub(super) fn mine(conn: &mut Conn, account: Id, person: Option<Id>, most: i64) -> AppResult<Vec<Row>> {
    Ok(declarations::table
        .filter(served("declarations"))
        .filter(declarations::account_id.eq(account).or(declarations::person_id.eq(person)))
        .filter(declarations::submitted_at.is_not_null())
        .order((declarations::created_at.desc(), declarations::id.desc()))
        .limit(most)
        .select(Row::as_select())
        .load(conn)?)
}

/// One of them by its number.
pub(super) fn own(conn: &mut Conn, account: Id, person: Option<Id>, number: &str) -> AppResult<Row> {
    Ok(declarations::table
        .filter(served("declarations"))
        .filter(declarations::number.eq(number))
        .filter(declarations::account_id.eq(account).or(declarations::person_id.eq(person)))
        .filter(declarations::submitted_at.is_not_null())
        .select(Row::as_select())
        .first(conn)?)
}

/// A submitted one of a jurisdiction by its number.
pub(super) fn in_jurisdiction(conn: &mut Conn, pattern: &str, number: &str) -> AppResult<Row> {
    let (first, last) = crate::access::span(pattern);
    Ok(declarations::table
        .filter(served("declarations"))
        .filter(declarations::number.eq(number))
        .filter(declarations::division.between(first, last))
        .filter(declarations::submitted_at.is_not_null())
        .select(Row::as_select())
        .first(conn)?)
}

/// One of an account or person by its identifier.
pub(super) fn own_by_id(conn: &mut Conn, account: Id, person: Option<Id>, id: Id) -> AppResult<Row> {
    Ok(declarations::table
        .filter(served("declarations"))
        .find(id)
        .filter(declarations::account_id.eq(account).or(declarations::person_id.eq(person)))
        .filter(declarations::submitted_at.is_not_null())
        .select(Row::as_select())
        .first(conn)?)
}

/// One by its identifier, for jobs.
pub(super) fn by_id(conn: &mut Conn, id: Id) -> AppResult<Option<Row>> {
    Ok(declarations::table.find(id).select(Row::as_select()).first(conn).optional()?)
}

/// A draft that is not written yet. `division` is empty until the present address is known.
pub(super) fn new_draft(
    conn: &mut Conn,
    keys: &Keyring,
    whose: &Whose,
    entered_by: Option<Id>,
    answers: &Answers,
    step: &str,
    now: DateTime<Utc>,
) -> AppResult<Row> {
    let id = Id::new();
    Ok(Row {
        id,
        number: number::new(conn, Numbered::Declaration, now)?,
        account_id: whose.account,
        person_id: whose.person,
        state: "draft".into(),
        version: 1,
        answers_sealed: keys.seal_json(&field("answers_sealed", id), answers)?,
        step: step.into(),
        division: String::new(),
        concern: false,
        entered_by,
        updated_at: now.into(),
        submitted_at: None,
        receipt_sealed: None,
        checked_at: None,
        consent_text: String::new(),
        consent_withdrawn_at: None,
        share_withdrawn_at: None,
        proxy_id: whose.consent,
    })
}

/// A new draft, written.
pub(super) fn insert_draft(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    whose: &Whose,
    answers: &Answers,
    step: &str,
    now: DateTime<Utc>,
) -> AppResult<Row> {
    let draft = new_draft(tx.conn(), keys, whose, None, answers, step, now)?;
    let row = (&draft, declarations::created_at.eq(draft.updated_at));
    diesel::insert_into(declarations::table).values(row).execute(tx.conn())?;
    Ok(draft)
}

/// Saves a draft's answers.
pub(super) fn save_draft(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    row: &Row,
    answers: &Answers,
    now: DateTime<Utc>,
) -> AppResult<()> {
    diesel::update(declarations::table.find(row.id).filter(declarations::state.eq("draft")))
        .set((
            declarations::answers_sealed.eq(keys.seal_json(&field("answers_sealed", row.id), answers)?),
            declarations::version.eq(declarations::version + 1),
            declarations::updated_at.eq(Ts::from(now)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Removes a draft.
pub(super) fn delete_draft(tx: &mut Tx<'_>, id: Id) -> AppResult<()> {
    diesel::delete(declarations::table.find(id).filter(declarations::state.eq("draft")))
        .execute(tx.conn())?;
    Ok(())
}

/// What a submission or correction writes.
pub(super) struct Submitted<'a> {
    pub person: Id,
    pub answers: &'a Answers,
    pub division: &'a str,
    pub destination: Option<String>,
    pub receipt: Vec<u8>,
}

fn compared(changed: usize) -> AppResult<()> {
    if changed == 1 { Ok(()) } else { Err(AppError::conflict("changed-meanwhile")) }
}

/// Writes answers, person and receipt into a row whose version is still the one seen.
pub(super) fn submit(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    row: &Row,
    state: &str,
    s: Submitted<'_>,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let set = (
        declarations::person_id.eq(Some(s.person)),
        declarations::state.eq(state),
        declarations::version.eq(row.version + 1),
        declarations::answers_sealed.eq(keys.seal_json(&field("answers_sealed", row.id), s.answers)?),
        declarations::division.eq(s.division),
        declarations::destination_division.eq(s.destination),
        declarations::concern.eq(!s.answers.concerns().is_empty()),
        declarations::temperature_tenths.eq(s.answers.temperature_tenths),
        declarations::submitted_at.eq(Some(Ts::from(now))),
        declarations::updated_at.eq(Ts::from(now)),
        declarations::receipt_sealed.eq(Some(s.receipt)),
        // The words are the resident's own now, whoever typed what was said before.
        declarations::entered_by.eq(None::<Id>),
        declarations::checked_at.eq(None::<Ts>),
        declarations::checked_by.eq(None::<Id>),
        declarations::consent_text.eq(agreed::DECLARATION),
        declarations::share_withdrawn_at.eq(None::<Ts>),
        declarations::assignee.eq(None::<Id>),
    );
    let same = declarations::table.find(row.id).filter(declarations::version.eq(row.version));
    compared(diesel::update(same).set(set).execute(tx.conn())?)
}

/// Writes a declaration that was submitted at once, without a draft that is kept: `draft` with what a submission adds.
pub(super) fn insert_submitted(
    tx: &mut Tx<'_>,
    draft: &Row,
    state: &str,
    s: Submitted<'_>,
    now: DateTime<Utc>,
) -> AppResult<()> {
    insert_row!(tx.conn(), declarations, {
        id: draft.id, number: &draft.number, account_id: draft.account_id, person_id: Some(s.person), state: state,
        version: draft.version + 1, answers_sealed: &draft.answers_sealed, step: &draft.step, division: s.division,
        destination_division: s.destination, concern: !s.answers.concerns().is_empty(),
        entered_by: draft.entered_by, temperature_tenths: s.answers.temperature_tenths,
        created_at: draft.updated_at, updated_at: Ts::from(now), submitted_at: Some(Ts::from(now)),
        receipt_sealed: Some(s.receipt), consent_text: agreed::DECLARATION,
    })?;
    Ok(())
}

/// Who did what with a row that moves on.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stamp<'a> {
    /// Nobody that is noted in the row.
    None,
    /// Checked by an official.
    Checked(Id),
    /// Decided by an official, with conclusion and temperature where there are any.
    Decided(Id, Option<(&'a str, i32)>),
}

/// Moves a row to a state if its version is still the one seen, and notes by whom; gives the new version. What moves on is
/// in nobody's hands.
pub(super) fn advance(
    tx: &mut Tx<'_>,
    row: &Row,
    version: i64,
    state: &str,
    stamp: Stamp<'_>,
    now: DateTime<Utc>,
) -> AppResult<i64> {
    let (conn, at) = (tx.conn(), Ts::from(now));
    let changed = match stamp {
        Stamp::None => run!(
            conn,
            "UPDATE declarations SET version = version + 1, state = ?, updated_at = ?, assignee = NULL \
             WHERE id = ? AND version = ?",
            Text => state, DbTime => at, DbUuid => row.id, BigInt => version,
        )?,
        Stamp::Checked(by) => run!(
            conn,
            "UPDATE declarations SET version = version + 1, state = ?, updated_at = ?, checked_at = ?, \
             checked_by = ?, assignee = NULL WHERE id = ? AND version = ?",
            Text => state, DbTime => at, DbTime => at, DbUuid => by, DbUuid => row.id, BigInt => version,
        )?,
        Stamp::Decided(by, found) => run!(
            conn,
            "UPDATE declarations SET version = version + 1, state = ?, updated_at = ?, decided_at = ?, \
             decided_by = ?, conclusion = ?, temperature_tenths = ?, assignee = NULL WHERE id = ? AND version = ?",
            Text => state, DbTime => at, DbTime => at, DbUuid => by,
            Nullable<Text> => found.map(|(conclusion, _)| conclusion),
            Nullable<Integer> => found.map(|(_, tenths)| tenths),
            DbUuid => row.id, BigInt => version,
        )?,
    };
    compared(changed)?;
    Ok(version + 1)
}

/// Gives what accounts submitted for a person to the account that stands for them from now on.
///
/// # Errors
/// Database errors.
pub fn hand_over(tx: &mut Tx<'_>, person: Id, account: Id) -> AppResult<()> {
    let theirs = declarations::table
        .filter(declarations::person_id.eq(person))
        .filter(declarations::account_id.is_not_null());
    diesel::update(theirs).set(declarations::account_id.eq(Some(account))).execute(tx.conn())?;
    Ok(())
}
