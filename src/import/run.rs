//! Taking the rows: a few at once, many step by step in the background. Whether all or none is to be taken its sender says.
//!
//! Every row has been checked before the first one is taken. **All or none** is one transaction. **What is right** goes in
//! steps, each a transaction that takes some rows, notes how far it is and queues the next step: whatever ends the program,
//! it goes on from there, and no row is taken twice or left out.

use super::store::{self, About, Row};
use super::table::{CellError, Checked, Fault, Table};
use crate::audit::{self, Actor, Entry};
use crate::crypto::Keyring;
use crate::db::{Conn, Id, Tx};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::seen;
use crate::jobs::{self, Job};
use crate::web::limits;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::marker::PhantomData;

/// Rows that are taken in the request that brings them.
pub const AT_ONCE: usize = 200;
/// Rows of one step.
const STEP: usize = 250;
/// Tables that one account sends within 24 hours.
const A_DAY: i32 = 100;
/// Characters of a file's name that are kept.
const NAME: usize = 120;

/// A table with what becomes of its rows.
pub trait Importer: Table {
    /// The name of its background work.
    const JOB: &'static str;

    /// How many rows it may have.
    ///
    /// # Errors
    /// Settings that cannot be read.
    fn most() -> AppResult<usize>;

    /// What it is sent for, for whoever may see that.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for others; database errors.
    fn find(conn: &mut Conn, by: Id, name: &str) -> AppResult<Id>;

    /// What it is sent for, for whoever may change that now; others who change it wait until the end of the transaction.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for others, [`AppError::Conflict`] when it can no longer be changed; database errors.
    fn admit(tx: &mut Tx<'_>, by: Id, name: &str) -> AppResult<Id>;

    /// Takes rows. It looks again whether they may be taken: between two steps anything may have happened.
    ///
    /// # Errors
    /// [`AppError::Invalid`] or [`AppError::Conflict`] ends the import and is told; database errors are tried again.
    fn take(tx: &mut Tx<'_>, keys: &Keyring, step: &Step, rows: Vec<Self::Row>) -> AppResult<()>;

    /// What is wrong with a table as a whole, as errors of a form.
    fn faults(fault: &Fault) -> Vec<FieldError>;
}

/// What is taken of an import now.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// What it was sent for.
    pub subject: Id,
    /// Who sent it.
    pub by: Id,
    /// Whether nothing of it was taken before.
    pub first: bool,
    /// Whether these are all rows of it, and none was wrong.
    pub whole: bool,
    /// Whether the rows are added to what is there, rather than taking its place.
    pub adding: bool,
    /// The moment.
    pub now: DateTime<Utc>,
}

/// How a table is to be taken.
#[derive(Debug, Clone, Copy, Default)]
pub struct How {
    /// What is right now, the rest later; else all or none.
    pub partly: bool,
    /// Add the rows to what is there.
    pub adding: bool,
}

/// Who sends a table, for what, and what they call the file.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The account.
    pub by: Id,
    /// The name of what it is sent for, as [`Importer::admit`] takes it.
    pub name: String,
    /// The file's name.
    pub file: String,
}

fn count(n: usize) -> AppResult<i32> {
    i32::try_from(n).map_err(AppError::internal)
}

fn row_of<R>(
    keys: &Keyring,
    sender: &Sender,
    how: How,
    checked: &Checked<R>,
    now: DateTime<Utc>,
) -> AppResult<Row> {
    let (id, nobody) = (Id::new(), Id::new());
    let last = sender.file.rsplit(['/', '\\']).next().unwrap_or_default();
    let named =
        |(name, first, second): &(&str, String, String)| ((*name).to_owned(), first.clone(), second.clone());
    let about = About {
        name: seen(last, NAME),
        unknown: checked.unknown.clone(),
        doubled: checked.doubled.iter().map(named).collect(),
    };
    let wrong =
        (!checked.wrong.is_empty()).then(|| store::seal_wrong(keys, id, &checked.wrong)).transpose()?;
    Ok(Row {
        id,
        name: String::new(),
        subject_id: nobody,
        account_id: sender.by,
        state: "running".into(),
        mode: if how.partly { "right" } else { "all" }.into(),
        onto: if how.adding { "add" } else { "replace" }.into(),
        total: count(checked.right.len())?,
        taken: 0,
        wrong: count(checked.wrong.len())?,
        trouble: None,
        file_sealed: store::seal_about(keys, id, &about)?,
        wrong_sealed: wrong,
        created_at: now.into(),
        changed_at: now.into(),
    })
}

/// Begins to take what was read of a table. Few rows have been taken when this answers; many are taken in the background. Of
/// a table with errors that is to be taken as a whole nothing is taken, and the errors are kept to be looked at.
///
/// # Errors
/// Those of [`Importer::admit`] and, of few rows, of [`Importer::take`]; [`AppError::TooMany`] past a hundred tables of an
/// account in a day.
pub async fn begin<T: Importer>(
    deps: &Deps,
    sender: Sender,
    how: How,
    checked: Checked<T::Row>,
    now: DateTime<Utc>,
) -> AppResult<Id> {
    let keys = deps.keys.clone();
    // Where no row is right, nothing takes the place of what is there.
    let refused = !checked.wrong.is_empty() && (!how.partly || checked.right.is_empty());
    let row = row_of(&keys, &sender, how, &checked, now)?;
    let right = checked.right;
    let begun = deps.store.write(move |tx| {
        let subject_id = T::admit(tx, sender.by, &sender.name)?;
        limits::count(tx, &keys, "import", &sender.by.to_string(), Duration::days(1), A_DAY, now)?;
        let mut row = Row { subject_id, name: T::NAME.into(), ..row };
        let few = right.len() <= AT_ONCE;
        match (refused, few) {
            (true, _) => row.state = "refused".into(),
            (false, true) => (row.state, row.taken) = ("done".into(), row.total),
            (false, false) => {}
        }
        store::add(tx, &row)?;
        note(tx, "import.begin", &row, now)?;
        match (refused, few) {
            (true, _) => {}
            (false, true) => T::take(tx, &keys, &step(&row, true, now), right)?,
            (false, false) => queue::<T>(tx, &keys, &row, &right, now)?,
        }
        Ok(row.id)
    });
    begun.await
}

fn queue<T: Importer>(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    row: &Row,
    rows: &[T::Row],
    now: DateTime<Utc>,
) -> AppResult<()> {
    for (number, part) in (0..).zip(rows.chunks(STEP)) {
        store::add_part(tx, keys, row, (number, part))?;
    }
    next::<T>(tx, keys, row.id, now)
}

fn next<T: Importer>(tx: &mut Tx<'_>, keys: &Keyring, id: Id, now: DateTime<Utc>) -> AppResult<()> {
    jobs::enqueue(tx, keys, &Steps::<T>::of(id), Some(&format!("{}:{id}", T::JOB)), now, now).map(|_| ())
}

fn step(row: &Row, first: bool, now: DateTime<Utc>) -> Step {
    let whole = row.mode == "all";
    Step { subject: row.subject_id, by: row.account_id, first, whole, adding: row.onto == "add", now }
}

fn note(tx: &mut Tx<'_>, action: &'static str, row: &Row, now: DateTime<Utc>) -> AppResult<()> {
    let actor = match action {
        "import.done" | "import.fail" => Actor::System,
        _ => Actor::Resident(row.account_id),
    };
    let detail = json!({
        "table": row.name, "subject": row.subject_id, "mode": row.mode, "onto": row.onto,
        "total": row.total, "taken": row.taken, "wrong": row.wrong,
    });
    audit::append(tx, now, Entry::new(actor, action, "import").object(row.id).detail(detail)).map(|_| ())
}

/// One step of an import.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Steps<T> {
    /// The import.
    import: Id,
    #[serde(skip)]
    table: PhantomData<fn() -> T>,
}

impl<T> Steps<T> {
    /// The next step of an import.
    #[must_use]
    pub const fn of(import: Id) -> Self {
        Self { import, table: PhantomData }
    }
}

impl<T: Importer> Job for Steps<T> {
    const NAME: &'static str = T::JOB;

    async fn run(self, deps: App) -> AppResult<()> {
        let (keys, now, id) = (deps.keys.clone(), deps.clock.now(), self.import);
        match deps.store.write(move |tx| one_step::<T>(tx, &keys, id, now)).await {
            // It can never be taken: whoever sent it is told why.
            Err(AppError::Invalid(errors)) => fail(&deps, id, errors).await,
            Err(AppError::Conflict(code)) => fail(&deps, id, vec![FieldError::new("", code)]).await,
            Err(AppError::NotFound) => fail(&deps, id, vec![FieldError::new("", "import-gone")]).await,
            other => other,
        }
    }
}

fn one_step<T: Importer>(tx: &mut Tx<'_>, keys: &Keyring, id: Id, now: DateTime<Utc>) -> AppResult<()> {
    let Some(row) = store::running(tx, id)? else { return Ok(()) };
    let most = if row.mode == "all" { i64::MAX } else { 1 };
    let parts = store::parts::<T::Row>(tx, keys, id, most)?;
    let last = parts.last().map_or(i32::MAX, |(number, _)| *number);
    let rows: Vec<T::Row> = parts.into_iter().flat_map(|(_, rows)| rows).collect();
    let taken = count(rows.len())?;
    if taken > 0 {
        T::take(tx, keys, &step(&row, row.taken == 0, now), rows)?;
    }
    // Asked when what it was sent for is held: a list that came later and takes its place must not be mixed with this one.
    if store::replaced(tx, &row)? {
        return Err(AppError::conflict("import-replaced"));
    }
    if store::took(tx, id, (last, taken), now)? {
        return next::<T>(tx, keys, id, now);
    }
    store::to(tx, id, ("running", "done"), None, now)?;
    note(tx, "import.done", &Row { taken: row.taken + taken, ..row }, now)
}

async fn fail(deps: &Deps, id: Id, errors: Vec<FieldError>) -> AppResult<()> {
    let now = deps.clock.now();
    let told: Vec<CellError> = errors.into_iter().map(CellError::from).collect();
    let trouble = serde_json::to_string(&told).map_err(AppError::internal)?;
    deps.store
        .write(move |tx| {
            let Some(row) = store::running(tx, id)? else { return Ok(()) };
            store::to(tx, id, ("running", "failed"), Some(trouble), now)?;
            store::drop_rows(tx, id)?;
            note(tx, "import.fail", &row, now)
        })
        .await
}

/// What its sender does with an import on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Stop: what was taken stays, the rest waits.
    Stop,
    /// Go on from where it was stopped.
    GoOn,
}

impl Turn {
    /// By its name in forms and calls.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for another.
    pub fn of(name: &str) -> AppResult<Self> {
        match name {
            "stop" => Ok(Self::Stop),
            "go-on" => Ok(Self::GoOn),
            _ => Err(AppError::field("do", "choose-one")),
        }
    }
}

/// Stops an import or lets it go on. The same twice is no error.
///
/// # Errors
/// [`AppError::NotFound`] when it is not theirs, [`AppError::Conflict`] `import-over` when it is over.
pub async fn turn<T: Importer>(
    deps: &Deps,
    (by, name): (Id, String),
    id: Id,
    turn: Turn,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let keys = deps.keys.clone();
    let done = deps.store.write(move |tx| {
        let subject = T::find(tx.conn(), by, &name)?;
        let row = store::one(tx.conn(), T::NAME, subject, id)?;
        let (from, to, action) = match turn {
            Turn::Stop => ("running", "stopped", "import.stop"),
            Turn::GoOn => ("stopped", "running", "import.go-on"),
        };
        if row.state == to {
            return Ok(());
        }
        if !store::to(tx, id, (from, to), None, now)? {
            return Err(AppError::conflict("import-over"));
        }
        if turn == Turn::GoOn {
            next::<T>(tx, &keys, id, now)?;
        }
        note(tx, action, &row, now)
    });
    done.await
}
