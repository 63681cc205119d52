//! The stored code: worked out from the facts, kept with the record that explains it, and told when it changes.
//!
//! It is worked out from a read ([`look`]) and stored in a transaction of its own ([`put`]): how much somebody has stated
//! is no matter of the others, who wait for the one writer of SQLite. What has changed between the two:
//!
//! - Another evaluation was stored: the version of the state is another, nothing is stored, and who was overtaken begins
//!   again. Nothing newer is written over.
//! - Something was written about the person: `store::written_about` is another, and it is begun again as well.
//! - Something that is not counted there has changed (the level of a place, where somebody lives who has stated nothing), or
//!   the change was not committed yet when it was looked for: an outcome of old facts is stored, but it is not the last
//!   word. **Whatever changes facts asks for an evaluation in the same transaction** ([`crate::colour::enqueue_evaluation`]), so one
//!   that reads the new facts follows, and what it finds stored in the meantime makes it begin again too. For levels it is
//!   the job of their change that asks. Which office answers is no fact that makes a colour: it is shown as the register has
//!   it after a day, when an outcome is worked out anew anyway.

use super::model::{StateRow, StoredCode, Told};
use super::{gather, prints, store};
use crate::accounts;
use crate::audit::{self, Actor, Entry};
use crate::certificates;
use crate::colour::Colours;
use crate::crypto::FieldContext;
use crate::db::{Conn, Id, Ts, Tx};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::notify::{self, Message};
use crate::policy::{Colour, Evaluation, RuleSet};
use crate::second::Moved;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

/// How often a code is worked out again when somebody else has just stored one: more evaluations of one person than that
/// do not come at once.
const RACES: usize = 20;

/// An outcome that is not stored yet, with what it was found beside.
#[derive(Debug)]
pub struct Found {
    person: Id,
    now: DateTime<Utc>,
    /// How much had been written about the person before their facts were read.
    written: i64,
    /// What was stored then.
    before: Option<StateRow>,
    evaluation: Evaluation,
    /// The first moment at which something dated ahead begins.
    next: Option<DateTime<Utc>>,
}

/// Works the code of a person out, without storing it. It only reads, and belongs outside of a transaction that writes.
///
/// # Errors
/// Database errors.
pub fn look(conn: &mut Conn, deps: &Deps, person: Id, now: DateTime<Utc>) -> AppResult<Found> {
    // First of all: what is written after this is noticed, what is written before it is read.
    let written = store::written_about(conn, person)?;
    let before = store::state(conn, person)?;
    let (evaluation, next) = outcome(conn, &Colours::of(deps)?, person, now)?;
    Ok(Found { person, now, written, before, evaluation, next })
}

/// Stores an outcome. The person is told when the colour changes, and when the first one is not green. Printed codes that
/// say something else are revoked. False when facts or another evaluation came between: then nothing is stored.
///
/// # Errors
/// Database errors; [`AppError::Conflict`] when what hangs on the code is changed at this moment.
pub fn put(tx: &mut Tx<'_>, deps: &Deps, found: &Found) -> AppResult<bool> {
    Ok(stored(tx, deps, found)?.is_some())
}

/// Works the code of a person out anew and stores it: what jobs and pages do. Who was overtaken begins again.
///
/// # Errors
/// Database errors; [`AppError::Conflict`] `changed-meanwhile` when others always came between, which a job
/// simply repeats.
pub(super) async fn renew(deps: &App, person: Id, now: DateTime<Utc>) -> AppResult<StateRow> {
    for _ in 0..RACES {
        let parts = deps.clone();
        let found = deps.store.read(move |conn| look(conn, &parts, person, now)).await?;
        let parts = deps.clone();
        if let Some(row) = deps.store.write(move |tx| stored(tx, &parts, &found)).await? {
            return Ok(row);
        }
    }
    Err(AppError::conflict("changed-meanwhile"))
}

/// The same inside the caller's transaction, for a look of staff that is recorded with what was found, and where a code
/// was overtaken between [`renew`] and the transaction that rests on it. Nobody can have this done as often as they like.
///
/// # Errors
/// As [`renew`].
pub(super) fn evaluate_person(
    tx: &mut Tx<'_>,
    deps: &Deps,
    person: Id,
    now: DateTime<Utc>,
) -> AppResult<StoredCode> {
    for _ in 0..RACES {
        let found = look(tx.conn(), deps, person, now)?;
        if let Some(row) = stored(tx, deps, &found)? {
            return row.open(&deps.keys);
        }
    }
    Err(AppError::conflict("changed-meanwhile"))
}

/// None when facts or another evaluation came between.
fn stored(tx: &mut Tx<'_>, deps: &Deps, found: &Found) -> AppResult<Option<StateRow>> {
    let Found { person, now, evaluation, .. } = found;
    let (person, now, before) = (*person, *now, found.before.as_ref());
    if store::written_about(tx.conn(), person)? != found.written {
        return Ok(None);
    }
    // Nothing is stored for a record that has come to point to another meanwhile.
    if before.is_none() && store::points(tx, person)? {
        return Ok(None);
    }
    let colour = evaluation.colour.code();
    let held = before.filter(|b| b.colour == colour);
    let row = StateRow {
        person_id: person,
        colour: colour.to_owned(),
        evaluation_sealed: seal(deps, "code_states", person, evaluation)?,
        rule_digest: digest(&deps.policy),
        since: held.map_or(Ts::from(now), |b| b.since),
        evaluated_at: now.into(),
        valid_until: evaluation.valid_until.map(Ts::from),
        recheck_at: recheck_at(evaluation, found.next, &deps.policy, now).map(Ts::from),
        version: before.map_or(1, |b| b.version + 1),
    };
    if !store::put_state(tx, &row, before.map(|b| b.version))? {
        return Ok(None);
    }
    tx.changed(person);
    let old = before.map_or("unknown", |b| b.colour.as_str());
    if old != colour {
        note_change(tx, deps, person, old, evaluation, before.is_none(), now)?;
    }
    // A code that was green and is green had no cause before and has none now.
    if old != "green" || !evaluation.causes.is_empty() {
        certificates::follow(tx, deps, person, &evaluation.causes, now)?;
    }
    Ok(Some(row))
}

/// What the rules say of a person now, without storing it: the colour of a [`Colours`].
///
/// # Errors
/// Database errors.
pub fn work_out(conn: &mut Conn, colours: &Colours, person: Id, now: DateTime<Utc>) -> AppResult<Evaluation> {
    Ok(outcome(conn, colours, person, now)?.0)
}

/// The outcome, and the first moment at which something dated ahead begins.
fn outcome(
    conn: &mut Conn,
    colours: &Colours,
    person: Id,
    now: DateTime<Utc>,
) -> AppResult<(Evaluation, Option<DateTime<Utc>>)> {
    let gathered = gather::facts(conn, colours, person, now)?;
    let evaluation = gathered.evaluate(&colours.policy);
    for failure in &evaluation.failures {
        tracing::error!(rule = %failure.rule, version = failure.version, error = %failure.error, "a rule failed");
    }
    Ok((evaluation, gathered.next))
}

/// The digest of a rule set as it is stored.
pub(super) fn digest(rules: &RuleSet) -> Vec<u8> {
    rules.digest().as_bytes().to_vec()
}

/// Whether a stored code may be shown at a moment: made by the rules in force, and sound.
pub(super) fn is_current(row: &StateRow, rules: &RuleSet, now: DateTime<Utc>) -> bool {
    row.rule_digest == rules.digest().as_bytes() && Sound::of(row).at(rules, now)
}

/// For how long an outcome may be shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sound {
    evaluated_at: DateTime<Utc>,
    recheck_at: Option<DateTime<Utc>>,
}

impl Sound {
    /// Of a stored code.
    pub fn of(row: &StateRow) -> Self {
        Self { evaluated_at: row.evaluated_at.0, recheck_at: row.recheck_at.map(|t| t.0) }
    }

    /// Whether nothing is due, and it is not older than the policy allows.
    pub fn at(&self, rules: &RuleSet, now: DateTime<Utc>) -> bool {
        let oldest = TimeDelta::hours(i64::from(rules.settings().stale_after_hours));
        self.recheck_at.is_none_or(|t| now < t)
            && now - self.evaluated_at <= oldest
            && self.evaluated_at <= now
    }
}

fn seal(deps: &Deps, table: &str, row: Id, evaluation: &Evaluation) -> AppResult<Vec<u8>> {
    let plain = serde_json::to_vec(evaluation).map_err(AppError::internal)?;
    Ok(deps.keys.seal(&FieldContext::new(table, "evaluation_sealed", row.0), &plain)?)
}

/// The first moment after now at which a cause or the declaration ends, something dated ahead begins, or a rule
/// comes into force or goes out of it.
fn recheck_at(
    evaluation: &Evaluation,
    next: Option<DateTime<Utc>>,
    rules: &RuleSet,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let turns = rules.rules().iter().flat_map(|c| [Some(c.rule.valid_from), c.rule.valid_to]);
    turns.chain([evaluation.valid_until, next]).flatten().filter(|t| *t > now).min()
}

fn note_change(
    tx: &mut Tx<'_>,
    deps: &Deps,
    person: Id,
    old: &str,
    evaluation: &Evaluation,
    first: bool,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let id = Id::new();
    let new = evaluation.colour.code();
    let sealed = seal(deps, "code_changes", id, evaluation)?;
    store::add_change(tx, id, person, now, (old, new), sealed)?;
    tx.tells(|| Moved { from: old.to_owned(), to: new.to_owned() });
    let entry = Entry::new(Actor::System, "code.change", "code").object(id).subject(Some(person));
    let detail = json!({"from": old, "to": new, "rules": evaluation.rule_set_digest});
    audit::append(tx, now, entry.detail(detail))?;
    let papers = prints::end_others(tx, person, evaluation.colour, now)?;
    if first && matches!(evaluation.colour, Colour::Green | Colour::Unknown) {
        return Ok(());
    }
    tell(
        tx,
        deps,
        person,
        &Message::new("code-changed", params(deps, old, Told::of(evaluation, now.into()), papers, now))
            .once(format!("code-changed:{id}")),
        now,
    )
}

fn params(deps: &Deps, old: &str, told: Told<'_>, papers: usize, now: DateTime<Utc>) -> Value {
    let cause = told.main_cause();
    let until = match told.colour {
        Colour::Green => told.valid_until,
        Colour::Unknown => None,
        Colour::Yellow | Colour::Red => told.clears_at,
    };
    let reason = cause.map(|c| &c.reason).or(told.unknown.map(|u| &u.text));
    json!({
        "old": old,
        "new": told.colour.code(),
        "reason": reason,
        "authority": cause.map(|c| &c.authority.name),
        "phone": cause.map_or("12345", |c| c.authority.phone.as_str()),
        "until": until,
        "test": told.ends_by_test(),
        "declare_until": told.declared_ahead(now).filter(|_| told.declares_again(now)),
        "undeclared": told.declares_again(now) && told.declared_ahead(now).is_none(),
        "papers": papers,
        "url": format!("{}/code", deps.config.public_url),
    })
}

/// Tells a person by every way that is known; somebody without an account is told at the counter.
pub(super) fn tell(
    tx: &mut Tx<'_>,
    deps: &Deps,
    person: Id,
    message: &Message,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let Some(account) = accounts::account_of(tx.conn(), person)? else { return Ok(()) };
    let to = accounts::recipient(tx.conn(), &deps.keys, account)?;
    notify::send(tx, &deps.keys, &to, message, now)
}
