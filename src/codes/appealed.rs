//! Ends of findings that a reviewer entered on an appeal: the appeal waits until they are confirmed or refused.

use super::ending::Ending;
use super::ends;
use super::model::{EndRow, RecordRow};
use super::store_ends;
use crate::crypto::Keyring;
use crate::db::{Conn, Id, Ts, Tx};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::jobs::{self, Job};
use crate::second::{EXPIRED, TwoPersons, reason};
use crate::web::format;
use crate::web::i18n::{Lang, t};
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An appeal that waits for a second officer.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Its number.
    pub number: String,
    /// By when it is to be decided.
    pub due: Option<DateTime<Utc>>,
    /// The reviewer who set the cause aside.
    pub reviewer: Option<Id>,
}

/// What a second officer says to what a reviewer set aside: the findings have ended, or one goes on because of the
/// objection and another reviewer decides. Without an official the portal itself has found that all was said.
pub type SecondWord =
    fn(&mut Tx<'_>, &Deps, Option<&OfficialPrincipal>, Id, Option<String>, DateTime<Utc>) -> AppResult<()>;

/// Numbers of appeals, and by when each is to be decided.
pub type OpenAppeals = Vec<(String, Option<Ts>)>;

/// What the slice that reviews colours hands over to the codes on which it rests.
#[derive(Clone, Copy)]
pub struct Appeals {
    /// An appeal that waits for a second officer.
    pub waiting_for: fn(&mut Conn, Id) -> AppResult<Option<Waiting>>,
    /// The appeals of a person that wait to be decided.
    pub open: fn(&mut Conn, Id) -> AppResult<OpenAppeals>,
    /// The appeals that wait for a second officer, wherever they are.
    pub all_confirming: fn(&mut Conn) -> AppResult<Vec<Id>>,
    /// Keeps everybody else waiting who decides this appeal, or something that it waits for, until the end of the
    /// transaction.
    pub hold: fn(&mut Tx<'_>, Id) -> AppResult<()>,
    /// Tells an appeal what a second officer said.
    pub second_word: SecondWord,
}

impl Appeals {
    /// Those of a running portal.
    pub(super) fn of(deps: &Deps) -> AppResult<Self> {
        deps.part().copied()
    }
}

/// The appeal that waits for an end.
pub(super) fn of(conn: &mut Conn, deps: &Deps, end: &EndRow) -> AppResult<Option<Waiting>> {
    end.appeal_id.map_or(Ok(None), |id| (Appeals::of(deps)?.waiting_for)(conn, id))
}

/// That an end was entered on an appeal, and by when that is to be decided.
pub(super) fn words(appeal: &Waiting, lang: Lang, now: DateTime<Utc>) -> String {
    let number = ("number", appeal.number.clone().into());
    match appeal.due {
        Some(due) if due < now => {
            t(lang, "end-on-appeal-late", &[number, ("due", format::limit(lang, due, now).into())])
        }
        Some(due) => t(lang, "end-on-appeal", &[number, ("due", format::limit(lang, due, now).into())]),
        None => t(lang, "end-on-appeal-open", &[number]),
    }
}

/// Who asked for an end on an appeal so far.
pub(super) fn asked_by(conn: &mut Conn, appeal: Id) -> AppResult<Vec<Id>> {
    Ok(store_ends::of_appeal(conn, appeal)?.iter().map(|end| end.entered_by).collect())
}

/// Whether there is one among these findings that no reviewer has set aside on this appeal.
pub(super) fn has_new(conn: &mut Conn, appeal: Id, findings: &[RecordRow]) -> AppResult<bool> {
    let ends = store_ends::of_appeal(conn, appeal)?;
    Ok(findings.iter().any(|row| ends.iter().all(|end| end.record_id != row.id)))
}

/// What was said last of each finding of an appeal, by the ends in their order. What was refused can be asked for again.
fn last_of_each(ends: Vec<EndRow>) -> Vec<EndRow> {
    let last: BTreeMap<Id, EndRow> = ends.into_iter().map(|end| (end.record_id, end)).collect();
    last.into_values().collect()
}

/// Whether an appeal waits for ends, and for none of them any more.
fn all_said(ends: &[EndRow]) -> bool {
    !ends.is_empty() && ends.iter().all(|end| end.state != "open")
}

/// Tells an appeal what has become of the ends it waits for, once nothing of it waits any more. Whoever has decided one of
/// them (`by`; nobody, where the portal looks by itself) has held the appeal before that, so that of two at the same moment
/// the second finds what the first has said.
pub(super) fn settle(
    tx: &mut Tx<'_>,
    deps: &Deps,
    by: Option<&OfficialPrincipal>,
    appeal: Id,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let appeals = Appeals::of(deps)?;
    (appeals.hold)(tx, appeal)?;
    let ends = last_of_each(store_ends::of_appeal(tx.conn(), appeal)?);
    if !all_said(&ends) {
        return Ok(());
    }
    let objection = objection(&deps.keys, &ends)?;
    (appeals.second_word)(tx, deps, by, appeal, objection, now)
}

/// Why one of these findings goes on: what an officer said against its end, or that nobody looked at it in time.
fn objection(keys: &Keyring, ends: &[EndRow]) -> AppResult<Option<String>> {
    if let Some(end) = ends.iter().find(|end| end.state == "refused") {
        let said = reason(keys, &Ending::refusal(end.id), end.refusal_sealed.as_ref())?;
        return Ok(Some(said.unwrap_or_default()));
    }
    // It stands beside what people wrote and is read in whatever language.
    let late = ends.iter().any(|end| end.state == EXPIRED);
    Ok(late.then(|| Lang::ALL.map(|lang| t(lang, "end-expired", &[])).join(" ")))
}

/// Goes on with appeals that wait although all has been said that they wait for. Whoever says the last word settles them in
/// the same transaction, so there is none, unless something else went wrong.
#[derive(Debug, Serialize, Deserialize)]
pub struct Settle;

impl Job for Settle {
    const NAME: &'static str = "codes.settle";

    /// # Errors
    /// Database errors.
    async fn run(self, deps: App) -> AppResult<()> {
        settle_all(&deps).await
    }
}

async fn settle_all(deps: &App) -> AppResult<()> {
    let all_confirming = Appeals::of(deps)?.all_confirming;
    let stuck = deps.store.read(move |conn| {
        let mut stuck = Vec::new();
        for appeal in all_confirming(conn)? {
            if all_said(&last_of_each(store_ends::of_appeal(conn, appeal)?)) {
                stuck.push(appeal);
            }
        }
        Ok(stuck)
    });
    for appeal in stuck.await? {
        let (parts, now) = (deps.clone(), deps.clock.now());
        let settled = deps.store.write(move |tx| settle(tx, &parts, None, appeal, now));
        jobs::passed_over(Settle::NAME, settled.await)?;
    }
    Ok(())
}

/// Enters the end of a finding for an appeal; one that waits already becomes the appeal's.
pub(super) fn add(
    tx: &mut Tx<'_>,
    deps: &Deps,
    by: &OfficialPrincipal,
    record: &RecordRow,
    (reason, appeal): (&str, Id),
    now: DateTime<Utc>,
) -> AppResult<()> {
    let waits = ends::add(tx, deps, by, record, (reason, Some(appeal)), now)?
        || store_ends::take_along(tx, record.id, appeal)?;
    if !waits {
        return Err(ends::waits_already());
    }
    // Nobody could confirm the end of what has ended.
    if store_ends::hold(tx, record.id)? { Ok(()) } else { Err(AppError::conflict("changed-meanwhile")) }
}
