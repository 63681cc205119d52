//! Brings search keys (blind indexes) to their present form: after a change of what counts as one spelling of a name or
//! a number, and after a new key. Without it whoever was written down before would not be found.
//!
//! A walk goes through a table by its key in bounded steps and notes where it is in the transaction of each step; it goes
//! on there after a stop, and begins anew when the form changes. What is written meanwhile has the present form already.

use super::store::{account_field, person_field};
use crate::crypto::{FieldContext, Keyring};
use crate::db::schema::{accounts, persons, search_walks};
use crate::db::{Conn, Id, Tx};
use crate::deps::App;
use crate::error::AppResult;
use crate::identity::{DocumentKind, DocumentNumber, PersonName, Phone};
use crate::jobs::{self, Job};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// Of the spellings that canonical texts and phones have: one more with each change of them.
const SPELLINGS: u32 = 2;
/// Rows of one step.
const STEP: i64 = 200;
/// How long one job works before another goes on.
const TURN: Duration = Duration::from_secs(15);

/// The tables that have search keys.
#[derive(Debug, Clone, Copy)]
enum Walk {
    Persons,
    Accounts,
}

/// A search key that is to be replaced, and the sealed value beside it when its spelling changes, too.
struct Change {
    id: Id,
    column: Column,
    old: Vec<u8>,
    new: Vec<u8>,
    sealed: Option<Vec<u8>>,
}

#[derive(Debug, Clone, Copy)]
enum Column {
    Document,
    Name,
    PersonPhone,
    AccountPhone,
}

/// Walks on through both tables for a while; the rest is queued.
#[derive(Debug, Serialize, Deserialize)]
pub struct Reindex;

impl Job for Reindex {
    const NAME: &'static str = "accounts.reindex";

    /// # Errors
    /// Database errors; a sealed value that cannot be opened.
    async fn run(self, deps: App) -> AppResult<()> {
        walk_on(&deps).await
    }
}

async fn walk_on(deps: &App) -> AppResult<()> {
    let begun = Instant::now();
    let form = format!("{SPELLINGS}.{}", deps.keys.blind_version());
    for walk in [Walk::Persons, Walk::Accounts] {
        while !step(deps, walk, &form).await? {
            if begun.elapsed() >= TURN {
                let (keys, now) = (deps.keys.clone(), deps.clock.now());
                let more = move |tx: &mut Tx<'_>| jobs::enqueue(tx, &keys, &Reindex, None, now, now);
                return deps.store.write(more).await.map(|_| ());
            }
        }
    }
    Ok(())
}

/// One step; true when nothing is left.
async fn step(deps: &App, walk: Walk, form: &str) -> AppResult<bool> {
    let (keys, wanted) = (deps.keys.clone(), form.to_owned());
    let (after, found) = deps
        .store
        .read(move |conn| {
            let after = match position(conn, walk, &wanted)? {
                Some((_, true)) => return Ok((None, None)),
                Some((after, false)) => after,
                None => None,
            };
            let changes = match walk {
                Walk::Persons => of_persons(conn, &keys, after)?,
                Walk::Accounts => of_accounts(conn, &keys, after)?,
            };
            Ok((after, Some(changes)))
        })
        .await?;
    let Some((changes, last)) = found else { return Ok(true) };
    let form = form.to_owned();
    deps.store
        .write(move |tx| {
            for change in &changes {
                apply(tx, change)?;
            }
            note(tx, walk, &form, last.or(after), last.is_none())?;
            Ok(last.is_none())
        })
        .await
}

impl Walk {
    const fn name(self) -> &'static str {
        match self {
            Self::Persons => "persons",
            Self::Accounts => "accounts",
        }
    }
}

/// Where the walk of this form is, and whether it has ended.
fn position(conn: &mut Conn, walk: Walk, form: &str) -> AppResult<Option<(Option<Id>, bool)>> {
    Ok(search_walks::table
        .filter(search_walks::name.eq(walk.name()))
        .filter(search_walks::form.eq(form.to_owned()))
        .select((search_walks::position, search_walks::done))
        .first(conn)
        .optional()?)
}

fn note(tx: &mut Tx<'_>, walk: Walk, form: &str, at: Option<Id>, done: bool) -> AppResult<()> {
    let place =
        (search_walks::form.eq(form.to_owned()), search_walks::position.eq(at), search_walks::done.eq(done));
    let known =
        diesel::update(search_walks::table.find(walk.name())).set(place.clone()).execute(tx.conn())?;
    if known == 0 {
        diesel::insert_into(search_walks::table)
            .values((search_walks::name.eq(walk.name()), place.0, place.1, place.2))
            .execute(tx.conn())?;
    }
    Ok(())
}

type Found = (Vec<Change>, Option<Id>);
type PersonRow = (Id, String, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>);

/// What of the next persons does not have its present form, and the last of them.
fn of_persons(conn: &mut Conn, keys: &Keyring, after: Option<Id>) -> AppResult<Found> {
    use persons as p;
    let mut query = p::table.order(p::id).limit(STEP).into_boxed();
    if let Some(after) = after {
        query = query.filter(p::id.gt(after));
    }
    let rows: Vec<PersonRow> = query
        .select((
            p::id,
            p::doc_kind,
            p::doc_sealed,
            p::doc_blind,
            p::name_sealed,
            p::name_blind,
            p::phone_sealed,
            p::phone_blind,
        ))
        .load(conn)?;
    let last = rows.last().map(|row| row.0);
    let mut changes = Vec::new();
    for (id, kind, doc, doc_blind, name, name_blind, phone, phone_blind) in rows {
        let doc = keys.open_str(&person_field("doc_sealed", id), &doc)?;
        let doc = DocumentKind::from_code(&kind).and_then(|k| DocumentNumber::parse_stored(k, &doc).ok());
        if let Some(doc) = doc {
            let new = keys.blind("document", &doc.canonical()).to_vec();
            changes.push(Change { id, column: Column::Document, old: doc_blind, new, sealed: None });
        }
        let name = keys.open_str(&person_field("name_sealed", id), &name)?;
        if let Ok(name) = PersonName::parse(&name) {
            let new = keys.blind("name", &name.canonical()).to_vec();
            changes.push(Change { id, column: Column::Name, old: name_blind, new, sealed: None });
        }
        if let (Some(sealed), Some(old)) = (phone, phone_blind) {
            let place = person_field("phone_sealed", id);
            changes.extend(of_phone(keys, &place, Column::PersonPhone, id, &sealed, old)?);
        }
    }
    changes.retain(|change| change.old != change.new);
    Ok((changes, last))
}

/// The same of accounts.
fn of_accounts(conn: &mut Conn, keys: &Keyring, after: Option<Id>) -> AppResult<Found> {
    use accounts as a;
    let mut query = a::table.order(a::id).limit(STEP).into_boxed();
    if let Some(after) = after {
        query = query.filter(a::id.gt(after));
    }
    let rows: Vec<(Id, Vec<u8>, Vec<u8>)> =
        query.select((a::id, a::phone_sealed, a::phone_blind)).load(conn)?;
    let last = rows.last().map(|row| row.0);
    let mut changes = Vec::new();
    for (id, sealed, old) in rows {
        let place = account_field("phone_sealed", id);
        changes.extend(of_phone(keys, &place, Column::AccountPhone, id, &sealed, old)?);
    }
    changes.retain(|change| change.old != change.new);
    Ok((changes, last))
}

fn of_phone(
    keys: &Keyring,
    place: &FieldContext<'_>,
    column: Column,
    id: Id,
    sealed: &[u8],
    old: Vec<u8>,
) -> AppResult<Option<Change>> {
    let text = keys.open_str(place, sealed)?;
    let Ok(phone) = Phone::parse(&text) else { return Ok(None) };
    let new = keys.blind("phone", phone.as_str()).to_vec();
    let same = phone.as_str() == text.as_str();
    let sealed = if same { None } else { Some(keys.seal_str(place, phone.as_str())?) };
    Ok(Some(Change { id, column, old, new, sealed }))
}

/// Replaces a key that is still the old one. Where a second row has the present form already (a number that was written
/// in two ways before), both stay as they are: which of them is right only their owner knows.
fn apply(tx: &mut Tx<'_>, change: &Change) -> AppResult<()> {
    let Change { id, column, old, new, sealed } = change;
    match column {
        Column::Document => {
            if taken(persons::table.filter(persons::doc_blind.eq(new)).count().get_result(tx.conn())?) {
                return Ok(());
            }
            let row = persons::table.find(*id).filter(persons::doc_blind.eq(old));
            diesel::update(row).set(persons::doc_blind.eq(new)).execute(tx.conn())?;
        }
        Column::Name => {
            let row = persons::table.find(*id).filter(persons::name_blind.eq(old));
            diesel::update(row).set(persons::name_blind.eq(new)).execute(tx.conn())?;
        }
        Column::PersonPhone => {
            let row = persons::table.find(*id).filter(persons::phone_blind.eq(Some(old)));
            let text = sealed.as_ref().map(|s| persons::phone_sealed.eq(Some(s)));
            diesel::update(row).set((persons::phone_blind.eq(Some(new)), text)).execute(tx.conn())?;
        }
        Column::AccountPhone => {
            if taken(accounts::table.filter(accounts::phone_blind.eq(new)).count().get_result(tx.conn())?) {
                return Ok(());
            }
            let row = accounts::table.find(*id).filter(accounts::phone_blind.eq(old));
            let text = sealed.as_ref().map(|s| accounts::phone_sealed.eq(s));
            diesel::update(row).set((accounts::phone_blind.eq(new), text)).execute(tx.conn())?;
        }
    }
    tx.changed(*id);
    Ok(())
}

fn taken(rows: i64) -> bool {
    rows > 0
}
