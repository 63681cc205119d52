//! Who looked at my data: every entry of the record that officials made about a person, or whoever acts for them, every
//! employer that saw how the certificate stands, and what was passed on.

use super::{merged, store};
use crate::crypto::Keyring;
use crate::db::schema::{audit_entries, disclosures, offices};
use crate::db::{Conn, Id, Ts};
use crate::deps::{App, Deps};
use crate::error::AppResult;
use crate::kept::served;
use crate::slice::{self, Slices};
use crate::web::ctx::Ctx;
use crate::web::guard::Resident;
use crate::web::i18n::{self, Lang, t};
use crate::web::paging::{PAGE_ROWS, cursor, cut, read_cursor};
use crate::web::respond::{Answer, respond};
use crate::web::view::Pager;
use actix_web::web;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// Place of the last row seen: moment, lane, number.
type Key = (Ts, i32, i64);

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
pub(super) struct Query {
    after: Option<String>,
}

/// Who looked at one's data.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccessPage {
    /// The newest first.
    looks: Vec<LookLine>,
    /// What was passed on, the newest first, up to 200; on the first page only.
    passed: Vec<PassedLine>,
    /// Whether there is more of that, which is in the copy of one's data.
    more_passed: bool,
    pager: Pager,
    /// Whether it is the first page.
    first: bool,
}

/// A look.
#[derive(Debug, Serialize, ToSchema)]
struct LookLine {
    at: DateTime<Utc>,
    /// What was done, in words.
    what: String,
    /// The office, or the employer.
    office: String,
    /// Its telephone; empty where none is known.
    phone: String,
}

/// What was passed on to another handler of personal information.
#[derive(Debug, Serialize, ToSchema)]
struct PassedLine {
    at: DateTime<Utc>,
    recipient: String,
    purpose: String,
}

#[derive(Debug)]
pub(super) struct Look {
    pub at: Ts,
    pub action: String,
    pub office: String,
    office_en: String,
    pub phone: String,
    lane: i32,
    seq: i64,
}

type LookRow = (Ts, (String, Option<Id>), String, Named, (i32, i64), Option<Id>);
/// An office's names and telephone.
type Named = (Option<String>, Option<String>, Option<String>);

/// Moment, recipient, purpose.
type Passed = (Ts, String, String);

/// So many of what was passed on are shown; all are in the copy of one's data.
const PASSED: i64 = 200;

/// What of it is shown, and whether there is more.
pub(super) type PassedOn = (Vec<Passed>, bool);

/// A page of looks, what was passed on, and where to go on.
pub(super) async fn read(
    deps: &Deps,
    person: Option<Id>,
    query: &Query,
) -> AppResult<(Vec<Look>, PassedOn, Option<String>)> {
    let after: Option<Key> = query.after.as_deref().map(read_cursor).transpose()?;
    let (others, keys) = (deps.part::<Slices>()?.looks(), deps.keys.clone());
    let (looks, passed) = deps
        .store
        .read(move |conn| match person {
            Some(person) => {
                let found = looks(conn, &keys, &others, person, after, PAGE_ROWS + 1)?;
                Ok((found, disclosed(conn, person, PASSED + 1)?))
            }
            None => Ok((Vec::new(), Vec::new())),
        })
        .await?;
    let (looks, more) = cut(looks, PAGE_ROWS);
    let next = match looks.last().filter(|_| more) {
        Some(l) => Some(cursor(&(l.at, l.lane, l.seq))?),
        None => None,
    };
    Ok((looks, cut(passed, PASSED), next))
}

/// The part of the copy of a resident's data: every look, and everything that was passed on.
///
/// # Errors
/// Database errors.
pub(super) fn data(conn: &mut Conn, deps: &Deps, _: Id, person: Option<Id>) -> AppResult<Value> {
    let Some(person) = person else { return Ok(Value::Null) };
    let looks = looks(conn, &deps.keys, &deps.part::<Slices>()?.looks(), person, None, i64::MAX)?;
    let looks = looks.iter().map(|l| json!({"at": l.at, "action": l.action, "office": l.office}));
    let passed = disclosed(conn, person, i64::MAX)?;
    let passed = passed.iter().map(passed_on);
    Ok(json!({"looks": looks.collect::<Vec<_>>(), "passed_on": passed.collect::<Vec<_>>()}))
}

fn passed_on((at, recipient, purpose): &Passed) -> PassedLine {
    PassedLine { at: at.0, recipient: recipient.clone(), purpose: purpose.clone() }
}

pub(super) async fn list(
    ctx: Ctx,
    deps: App,
    resident: Resident,
    query: web::Query<Query>,
) -> AppResult<Answer<AccessPage>> {
    let (looks, (passed, more), next) = read(&deps, resident.person_id, &query).await?;
    let older = next.map(|key| format!("/me/access?after={key}"));
    let pager = Pager { newer: None, older, shown: looks.len(), total: None };
    let first = query.after.is_none();
    let view = AccessPage {
        looks: looks.iter().map(|l| line(ctx.lang, l)).collect(),
        // It stands on the first page only.
        passed: passed.iter().filter(|_| first).map(passed_on).collect(),
        more_passed: more && first,
        pager,
        first,
    };
    respond(&deps, &ctx, "accounts/access.html", &view)
}

fn line(lang: Lang, look: &Look) -> LookLine {
    let english = lang == Lang::En && !look.office_en.is_empty();
    LookLine {
        at: look.at.0,
        what: words(lang, &look.action),
        office: if english { look.office_en.clone() } else { look.office.clone() },
        phone: look.phone.clone(),
    }
}

/// What an action means in plain words: the text `access-<action>`, else the general one of viewing or changing.
fn words(lang: Lang, action: &str) -> String {
    let own = format!("access-{}", action.replace(['.', '_'], "-"));
    if i18n::has(&own) {
        return t(lang, &own, &[]);
    }
    let looked = [".view", ".read", ".list", ".search"].iter().any(|end| action.ends_with(end));
    if looked { t(lang, "access-looked", &[]) } else { t(lang, "access-handled", &[]) }
}

/// The looks of officials and of whoever acts for the person, and those of others that slices name.
fn looks(
    conn: &mut Conn,
    keys: &Keyring,
    others: &[slice::Look],
    person: Id,
    after: Option<Key>,
    rows: i64,
) -> AppResult<Vec<Look>> {
    let named: Vec<&str> = others.iter().map(|other| other.action).collect();
    let mut query = audit_entries::table
        .left_join(offices::table.on(offices::id.nullable().eq(audit_entries::office_id)))
        .filter(
            audit_entries::actor_kind
                .eq("official")
                .or(audit_entries::actor_kind.eq("proxy"))
                .or(audit_entries::action.eq_any(named)),
        )
        .into_boxed();
    // The record of acts is never rewritten: what was done to another record of the person stands under that one.
    let mut records = merged::pointing(conn, person)?;
    query = if records.is_empty() {
        query.filter(audit_entries::subject_id.eq(person))
    } else {
        records.push(person);
        query.filter(audit_entries::subject_id.eq_any(records))
    };
    if let Some((at, lane, seq)) = after {
        query = query.filter(audit_entries::at.lt(at).or(audit_entries::at.eq(at).and(
            audit_entries::lane.lt(lane).or(audit_entries::lane.eq(lane).and(audit_entries::seq.lt(seq))),
        )));
    }
    let rows: Vec<LookRow> = query
        .order((audit_entries::at.desc(), audit_entries::lane.desc(), audit_entries::seq.desc()))
        .limit(rows)
        .select((
            audit_entries::at,
            (audit_entries::actor_kind, audit_entries::actor_id),
            audit_entries::action,
            (offices::name.nullable(), offices::name_en.nullable(), offices::phone.nullable()),
            (audit_entries::lane, audit_entries::seq),
            audit_entries::object_id,
        ))
        .load(conn)?;
    rows.into_iter().map(|row| look(conn, keys, others, row)).collect()
}

/// A look, with the office that answers for it or the person who acted for somebody.
fn look(conn: &mut Conn, keys: &Keyring, others: &[slice::Look], row: LookRow) -> AppResult<Look> {
    let (at, (kind, actor), action, (office, office_en, phone), (lane, seq), object) = row;
    let other = others.iter().find(|other| other.action == action);
    let proxy = actor.filter(|_| kind == "proxy");
    let office = match proxy {
        Some(account) => Some(store::called(conn, keys, account)?),
        None => office,
    };
    let office = match (office, object, other) {
        (None, Some(object), Some(other)) => (other.by)(conn, object)?,
        (office, ..) => office,
    };
    let text = Option::unwrap_or_default;
    let (office, office_en, phone) = (text(office), text(office_en), text(phone));
    Ok(Look { at, action, office, office_en, phone, lane, seq })
}

/// What was passed on to other handlers of personal information, so many at most, newest first.
fn disclosed(conn: &mut Conn, person: Id, most: i64) -> AppResult<Vec<Passed>> {
    Ok(disclosures::table
        .filter(served("disclosures"))
        .filter(disclosures::person_id.eq(person))
        .order(disclosures::at.desc())
        .limit(most)
        .select((disclosures::at, disclosures::recipient, disclosures::purpose))
        .load(conn)?)
}
