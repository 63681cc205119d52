//! Who a document belongs to.
//!
//! The rule of the house: *no earlier data is shown before proof*. A claim through the web succeeds at once only when
//! nothing about the document exists yet, when it is the account's own already, or when staff who saw the document
//! wrote down this very phone. Everything else gives the same neutral answer with a number for the counter.

use super::merged::{Known, known};
use super::model::{Claim, ClaimPerson, IdentityLevel};
use super::standing::{Standing, sex_of};
use super::store::{account_of, candidates, person_field, unless_racing};
use crate::audit::{self, Entry};
use crate::colour;
use crate::crypto::{FieldContext, Keyring};
use crate::db::hot::update_row;
use crate::db::schema::{accounts, identity_claims, persons};
use crate::db::{Id, Ts, Tx};
use crate::error::AppResult;
use crate::identity::{DivisionCode, Phone};
use crate::number::{self, Numbered};
use crate::web::limits;
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use serde_json::json;

/// How many times a day an account can name documents that are not its own, on the page and by programs together.
const TRIED: i32 = 20;
/// Name of the durable counter of them.
const TRY: &str = "document-tried";

/// Open claims that one account may have at a time.
const OPEN_CLAIMS: i64 = 3;

/// Connects a document with an account, or enters a person whose document staff have seen.
///
/// By an account: [`Claim::Yours`] for a new document (level self-stated), for its own one (self-stated facts are
/// brought up to date), and for one that staff entered with this account's phone; otherwise [`Claim::Counter`], or
/// [`Claim::Full`] when the account waits for three claims already. Each of these two tells whether a document is
/// registered, so they are bounded by [`TRIED`] a day; they are no errors, for the count has to be committed.
/// By staff (`account` is `None`): [`Claim::Yours`] for a new document, for one that nobody stands for and nobody has seen
/// (both with level seen), and for a known one under its own name, which then stays as it is: where a person lives and how
/// they are called is changed by themselves or at a counter, not by an entry. [`Claim::OtherName`] else.
///
/// # Errors
/// [`crate::error::AppError::Conflict`] `in-progress` when the same document is being entered at this moment; [`TooMany`](crate::error::AppError::TooMany) past
/// the bound.
pub fn claim_person(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    claim: &ClaimPerson,
    now: DateTime<Utc>,
) -> AppResult<Claim> {
    let known = known(tx.conn(), keys, &claim.document)?;
    match claim.account {
        None => by_staff(tx, keys, claim, known, now),
        Some(account) => by_account(tx, keys, claim, account, known, now),
    }
}

fn by_staff(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    claim: &ClaimPerson,
    known: Option<Known>,
    now: DateTime<Utc>,
) -> AppResult<Claim> {
    let Some(known) = known else {
        return create(tx, keys, claim, IdentityLevel::Seen, now).map(Claim::Yours);
    };
    let (standing, person) = (Standing::of(tx, known)?, known.person);
    if standing.level == IdentityLevel::SelfStated && account_of(tx.conn(), person)?.is_none() {
        update(tx, keys, claim, known, IdentityLevel::Seen, now)?;
        return Ok(Claim::Yours(person));
    }
    if standing.is_called(keys, claim, known.record)? {
        return Ok(Claim::Yours(person));
    }
    let entry = Entry::new(claim.by.clone(), "claim.mismatch", "person").object(known.record);
    audit::append(tx, now, entry.subject(Some(person)).detail(json!({"fields": ["name"]})))?;
    Ok(Claim::OtherName(person))
}

fn by_account(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    claim: &ClaimPerson,
    account: Id,
    known: Option<Known>,
    now: DateTime<Utc>,
) -> AppResult<Claim> {
    let (own, detached) = person_of(tx, account)?;
    if let Some(known) = known.filter(|known| own == Some(known.person)) {
        let before = Standing::of(tx, known)?;
        if before.level == IdentityLevel::SelfStated && !before.says(keys, claim, known.record)? {
            update(tx, keys, claim, known, before.level, now)?;
        }
        return Ok(Claim::Yours(known.person));
    }
    if let (None, Some(known), false) = (own, known, detached)
        && staff_wrote_this_phone(tx, keys, account, known, claim)?
    {
        attach(tx, claim, account, known.person, now)?;
        return Ok(Claim::Yours(known.person));
    }
    let known = known.map(|known| known.person);
    if let Some(number) = waiting(tx, account, known)? {
        return Ok(Claim::Counter { number });
    }
    // An account that stands for nobody since its person's records were merged is bound to that person all the same: another
    // document is no way to another colour.
    if (own, known) != (None, None) || detached {
        tried(tx, keys, account, now)?;
        return to_counter(tx, keys, claim, account, known, now);
    }
    // Bound to the first document that nobody has, an account can try no other; but who has tried enough learns nothing more.
    limits::within(tx, keys, TRY, &account.to_string(), Duration::days(1), TRIED, now)?;
    let id = create(tx, keys, claim, IdentityLevel::SelfStated, now)?;
    attach(tx, claim, account, id, now)?;
    Ok(Claim::Yours(id))
}

fn tried(tx: &mut Tx<'_>, keys: &Keyring, account: Id, now: DateTime<Utc>) -> AppResult<()> {
    limits::count(tx, keys, TRY, &account.to_string(), Duration::days(1), TRIED, now)
}

/// For whom an account stands, and whether a merge of two records has left it standing for nobody.
fn person_of(tx: &mut Tx<'_>, account: Id) -> AppResult<(Option<Id>, bool)> {
    let found = accounts::table.find(account).select((accounts::person_id, accounts::detached));
    Ok(found.first(tx.conn())?)
}

/// Sends an account with the document of somebody else to the counter before anything more is asked: [`Claim::Counter`] or
/// [`Claim::Full`], or none where the document may be used on the web. Unlike at the end, a number that nobody has binds
/// the account to nothing here; so each document that is not the account's own counts, whoever has it.
///
/// # Errors
/// As [`claim_person`]; [`TooMany`](crate::error::AppError::TooMany) past the bound.
pub fn to_counter_early(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    claim: &ClaimPerson,
    now: DateTime<Utc>,
) -> AppResult<Option<Claim>> {
    let Some(account) = claim.account else { return Ok(None) };
    let known = known(tx.conn(), keys, &claim.document)?;
    let (own, detached) = person_of(tx, account)?;
    if let Some(known) = known
        && (own == Some(known.person)
            || (own.is_none() && !detached && staff_wrote_this_phone(tx, keys, account, known, claim)?))
    {
        return Ok(None);
    }
    let known = known.map(|known| known.person);
    if let Some(number) = waiting(tx, account, known)? {
        return Ok(Some(Claim::Counter { number }));
    }
    tried(tx, keys, account, now)?;
    match known {
        None => Ok(None),
        Some(_) => to_counter(tx, keys, claim, account, known, now).map(Some),
    }
}

/// Staff saw this document and wrote down this phone, which the account has just proved, and the name is the same.
fn staff_wrote_this_phone(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    account: Id,
    known: Known,
    claim: &ClaimPerson,
) -> AppResult<bool> {
    if account_of(tx.conn(), known.person)?.is_some() {
        return Ok(false);
    }
    let phone = super::store::recipient(tx.conn(), keys, account)?.phone.unwrap_or_default();
    let same: i64 = persons::table
        .find(known.record)
        .filter(persons::level.ne(IdentityLevel::SelfStated.code()))
        .filter(persons::phone_blind.eq_any(candidates(keys, "phone", &phone)))
        .filter(persons::name_blind.eq_any(candidates(keys, "name", &claim.name.canonical())))
        .count()
        .get_result(tx.conn())?;
    Ok(same == 1)
}

fn create(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    claim: &ClaimPerson,
    level: IdentityLevel,
    now: DateTime<Utc>,
) -> AppResult<Id> {
    let id = Id::new();
    let document = &claim.document;
    let facts = Facts::of(keys, claim, id)?;
    let row = (
        persons::id.eq(id),
        persons::doc_kind.eq(document.kind().as_str()),
        persons::doc_sealed.eq(keys.seal_str(&person_field("doc_sealed", id), document.number())?),
        persons::doc_blind.eq(keys.blind("document", &document.canonical()).to_vec()),
        facts,
        persons::level.eq(level.code()),
        persons::version.eq(1),
        persons::created_at.eq(Ts::from(now)),
        persons::updated_at.eq(Ts::from(now)),
    );
    diesel::insert_into(persons::table).values(row).execute(tx.conn()).map_err(unless_racing)?;
    let entry = Entry::new(claim.by.clone(), "person.create", "person").object(id).subject(Some(id));
    audit::append(tx, now, entry.detail(json!({"level": level.code()})))?;
    Ok(id)
}

/// Brings what was stated up to date.
fn update(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    claim: &ClaimPerson,
    Known { record: id, person }: Known,
    level: IdentityLevel,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let facts = Facts::of(keys, claim, id)?;
    tx.changed(id);
    tx.changed(person);
    update_row!(tx.conn(), persons, {
        name_sealed: facts.name_sealed, name_blind: facts.name_blind, sex: facts.sex,
        birth_date_sealed: facts.birth_date_sealed, phone_sealed: facts.phone_sealed,
        phone_blind: facts.phone_blind, division: facts.division, level: level.code(),
        updated_at: Ts::from(now),
    }, id = id)?;
    let entry = Entry::new(claim.by.clone(), "person.update", "person").object(id).subject(Some(person));
    audit::append(tx, now, entry.detail(json!({"level": level.code()})))?;
    // Rules look at where somebody lives.
    colour::enqueue_evaluation(tx, keys, person, now)
}

/// The columns that may change while a person is self-stated, sealed for its row.
#[derive(Insertable)]
#[diesel(table_name = persons)]
struct Facts {
    name_sealed: Vec<u8>,
    name_blind: Vec<u8>,
    sex: Option<String>,
    birth_date_sealed: Option<Vec<u8>>,
    phone_sealed: Option<Vec<u8>>,
    phone_blind: Option<Vec<u8>>,
    division: Option<String>,
}

impl Facts {
    fn of(keys: &Keyring, claim: &ClaimPerson, id: Id) -> AppResult<Self> {
        let card = claim.document.id_number();
        let seal = |column, text: &str| keys.seal_str(&person_field(column, id), text);
        let phone = claim.phone.as_ref().map(Phone::as_str);
        Ok(Self {
            name_sealed: seal("name_sealed", claim.name.as_str())?,
            name_blind: keys.blind("name", &claim.name.canonical()).to_vec(),
            sex: sex_of(claim).map(|s| s.as_str().to_owned()),
            birth_date_sealed: card
                .map(|c| seal("birth_date_sealed", &c.birth_date().to_string()))
                .transpose()?,
            phone_sealed: phone.map(|p| seal("phone_sealed", p)).transpose()?,
            phone_blind: phone.map(|p| keys.blind("phone", p).to_vec()),
            division: Some(claim.division.to_string()),
        })
    }
}

fn attach(tx: &mut Tx<'_>, claim: &ClaimPerson, account: Id, id: Id, now: DateTime<Utc>) -> AppResult<()> {
    tx.changed(account);
    diesel::update(accounts::table.find(account))
        .set(accounts::person_id.eq(Some(id)))
        .execute(tx.conn())
        .map_err(unless_racing)?;
    let entry = Entry::new(claim.by.clone(), "person.attach", "account").object(account).subject(Some(id));
    audit::append(tx, now, entry)?;
    Ok(())
}

/// Where a sealed column of a claim belongs.
pub(super) fn claim_field(column: &'static str, id: Id) -> FieldContext<'static> {
    FieldContext::new("identity_claims", column, id.0)
}

/// The number of the claim of an account to a person that waits already.
fn waiting(tx: &mut Tx<'_>, account: Id, known: Option<Id>) -> AppResult<Option<String>> {
    let Some(known) = known else { return Ok(None) };
    Ok(identity_claims::table
        .filter(identity_claims::account_id.eq(account))
        .filter(identity_claims::state.eq("open"))
        .filter(identity_claims::person_id.eq(known))
        .select(identity_claims::number)
        .first(tx.conn())
        .optional()?)
}

/// Writes a claim down for the counter. A document that nobody has waits there without an account, for the account stands
/// for somebody already.
fn to_counter(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    claim: &ClaimPerson,
    account: Id,
    known: Option<Id>,
    now: DateTime<Utc>,
) -> AppResult<Claim> {
    let open: i64 = identity_claims::table
        .filter(identity_claims::account_id.eq(account))
        .filter(identity_claims::state.eq("open"))
        .count()
        .get_result(tx.conn())?;
    if open >= OPEN_CLAIMS {
        return Ok(Claim::Full);
    }
    let id = match known {
        Some(known) => known,
        None => create(tx, keys, claim, IdentityLevel::SelfStated, now)?,
    };
    let number = number::new(tx.conn(), Numbered::Claim, now)?;
    insert_claim(tx, keys, claim, account, id, &number, now)?;
    Ok(Claim::Counter { number })
}

fn insert_claim(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    claim: &ClaimPerson,
    account: Id,
    person: Id,
    number: &str,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let id = Id::new();
    let document = claim.document.canonical();
    let division: DivisionCode = claim.division;
    let row = (
        identity_claims::id.eq(id),
        identity_claims::number.eq(number),
        identity_claims::account_id.eq(account),
        identity_claims::person_id.eq(person),
        identity_claims::name_sealed.eq(keys.seal_str(&claim_field("name_sealed", id), claim.name.as_str())?),
        identity_claims::doc_sealed.eq(keys.seal_str(&claim_field("doc_sealed", id), &document)?),
        identity_claims::division.eq(division.to_string()),
        identity_claims::state.eq("open"),
        identity_claims::created_at.eq(Ts::from(now)),
        identity_claims::version.eq(1),
    );
    diesel::insert_into(identity_claims::table).values(row).execute(tx.conn()).map_err(unless_racing)?;
    let entry = Entry::new(claim.by.clone(), "claim.open", "claim").object(id).subject(Some(person));
    audit::append(tx, now, entry)?;
    Ok(())
}
