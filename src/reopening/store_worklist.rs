//! SQL of the worklists: by office, overdue first, paged by key.

use super::model::Application;
use crate::access::Role;
use crate::case;
use crate::db::schema::{application_reviews as rv, applications as ap, businesses as bu, officials};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use crate::web::paging::COUNTED;
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use std::collections::HashSet;

/// A tab of the worklist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// What waits for the official: taken by nobody or by them; for a department what waits for its opinion.
    Waiting,
    /// Waiting for the official's role, taken by nobody.
    Unassigned,
    /// Past the limit.
    Overdue,
    /// Every department has answered: a decision is due.
    Deciding,
    /// Taken by the official.
    Mine,
    /// Under review elsewhere.
    Review,
    /// Waiting for the applicant.
    Correction,
    /// Decided today.
    Decided,
    /// Everything in the jurisdiction.
    All,
}

impl Tab {
    /// Every tab with its code, in the order of the page.
    pub const ALL: [(Tab, &'static str); 9] = [
        (Tab::Waiting, "waiting"),
        (Tab::Unassigned, "unassigned"),
        (Tab::Overdue, "overdue"),
        (Tab::Deciding, "deciding"),
        (Tab::Mine, "mine"),
        (Tab::Review, "review"),
        (Tab::Correction, "correction"),
        (Tab::Decided, "decided"),
        (Tab::All, "all"),
    ];

    /// The tab with this code; the first for an unknown one.
    pub fn of(code: &str) -> Self {
        Self::ALL.iter().find(|(_, c)| *c == code).map_or(Self::Waiting, |(tab, _)| *tab)
    }

    /// Whether a role has this tab: a department takes nothing and decides nothing.
    pub fn is_for(self, role: Role) -> bool {
        match self {
            Self::Unassigned | Self::Mine => !department(role),
            Self::Deciding => matches!(role, Role::CountyDesk | Role::PrefectureReviewer),
            _ => true,
        }
    }
}

/// What a worklist shows.
#[derive(Debug, Clone)]
pub struct Filter {
    /// The tab.
    pub tab: Tab,
    /// Division code or prefix.
    pub town: Option<String>,
    /// `enterprise` or `individual`.
    pub kind: Option<String>,
    /// State of the workflow.
    pub stage: Option<String>,
    /// `me` or `none`.
    pub assignee: Option<String>,
    /// Part of the name, number or credit code.
    pub q: Option<String>,
    /// In whose hands a case counts as the official's: their own, and those of whoever they stand in for.
    pub hands: Vec<Id>,
}

impl Filter {
    /// A whole tab.
    pub fn of(tab: Tab, hands: Vec<Id>) -> Self {
        Self { tab, town: None, kind: None, stage: None, assignee: None, q: None, hands }
    }
}

/// The state that an official reads: a case under review that every department has answered waits for a decision.
pub fn shown_state(role: Role, state: &str, answered: bool) -> &str {
    match (state, role) {
        ("prefecture-review", Role::PrefectureReviewer) => "deciding",
        ("in-review", _) if answered => "deciding",
        _ => state,
    }
}

/// The sort key of a row: limits first, the earliest first; then cases without one.
pub type Key = (Option<Ts>, Id);

/// A row: the case, the name of the business, who has taken it.
pub type Row = (Application, String, Option<String>);

/// States that wait for a role.
pub fn states(role: Role) -> &'static [&'static str] {
    match role {
        Role::TownReviewer => &["submitted"],
        Role::CountyDesk => &["accepted", "in-review"],
        Role::PrefectureReviewer => &["prefecture-review"],
        _ => &["in-review"],
    }
}

/// Whether a role gives an opinion instead of deciding.
pub fn department(role: Role) -> bool {
    matches!(role, Role::HealthReviewer | Role::IndustryReviewer | Role::MarketReviewer)
}

/// `%text%` without the wildcards that were typed.
fn containing(text: &str) -> String {
    let plain: String = text.chars().filter(|c| !matches!(c, '%' | '_' | '\\')).collect();
    format!("%{plain}%")
}

/// Whether a department still owes its opinion.
macro_rules! unanswered {
    () => {
        exists(rv::table.filter(rv::application_id.eq(ap::id)).filter(rv::state.eq("pending")))
    };
}

macro_rules! narrowed {
    ($query:expr, $who:expr, $filter:expr, $now:expr) => {{
        let mut query = $query
            .filter(ap::division.like($who.pattern()))
            .filter(ap::submitted_at.is_not_null())
            .filter(crate::kept::served("applications"));
        let waiting = states($who.role).to_vec();
        query = match $filter.tab {
            Tab::Waiting if department($who.role) => query.filter(ap::state.eq("in-review")).filter(
                ap::id.eq_any(
                    rv::table
                        .filter(rv::department.eq($who.role.code()))
                        .filter(rv::state.eq("pending"))
                        .select(rv::application_id),
                ),
            ),
            Tab::Waiting => query
                .filter(ap::state.eq_any(waiting))
                .filter(ap::assignee.is_null().or(ap::assignee.eq_any($filter.hands.clone()))),
            Tab::Mine => {
                query.filter(ap::assignee.eq_any($filter.hands.clone())).filter(ap::state.eq_any(waiting))
            }
            Tab::Unassigned => query.filter(ap::assignee.is_null()).filter(ap::state.eq_any(waiting)),
            Tab::Deciding if $who.role == Role::PrefectureReviewer => {
                query.filter(ap::state.eq("prefecture-review"))
            }
            Tab::Deciding => query.filter(ap::state.eq("in-review")).filter(not(unanswered!())),
            Tab::Review if $who.role == Role::PrefectureReviewer => {
                query.filter(ap::state.eq_any(vec!["accepted", "in-review"]))
            }
            Tab::Review => query.filter(
                ap::state
                    .eq_any(vec!["accepted", "prefecture-review"])
                    .or(ap::state.eq("in-review").and(unanswered!())),
            ),
            Tab::Overdue => query.filter(ap::due_at.le(Ts::from($now))),
            Tab::Correction => query.filter(ap::state.eq("correction")),
            Tab::Decided => query.filter(ap::decided_at.ge(day_start($now))),
            Tab::All => query,
        };
        if let Some(town) = &$filter.town {
            query = query.filter(ap::division.like(crate::access::pattern(town)));
        }
        if let Some(kind) = &$filter.kind {
            query = query.filter(ap::kind.eq(kind.clone()));
        }
        if let Some(stage) = &$filter.stage {
            query = query.filter(ap::state.eq(stage.clone()));
        }
        match $filter.assignee.as_deref() {
            Some("me") => query = query.filter(ap::assignee.eq_any($filter.hands.clone())),
            Some("none") => query = query.filter(ap::assignee.is_null()),
            _ => {}
        }
        if let Some(q) = &$filter.q {
            let number = crate::number::normalise(q);
            query = query.filter(
                bu::name.like(containing(q)).or(ap::number.eq(number.clone())).or(bu::uscc.eq(number)),
            );
        }
        query
    }};
}

macro_rules! selected {
    ($who:expr, $filter:expr, $now:expr) => {{
        let query = ap::table
            .inner_join(bu::table.on(bu::id.eq(ap::business_id)))
            .left_join(officials::table.on(officials::id.nullable().eq(ap::assignee)))
            .select((Application::as_select(), bu::name, officials::name.nullable()))
            .into_boxed();
        narrowed!(query, $who, $filter, $now)
    }};
}
fn day_start(now: DateTime<Utc>) -> Ts {
    crate::clock::start_of_day(crate::clock::china_day(now)).into()
}

/// Counts the cases of a filter, up to one more than [`COUNTED`].
///
/// # Errors
/// Database errors.
pub fn count(
    conn: &mut Conn,
    who: &OfficialPrincipal,
    filter: &Filter,
    now: DateTime<Utc>,
) -> AppResult<i64> {
    let query = ap::table.inner_join(bu::table.on(bu::id.eq(ap::business_id))).select(ap::id).into_boxed();
    let found: Vec<Id> = narrowed!(query, who, filter, now).limit(COUNTED + 1).load(conn)?;
    i64::try_from(found.len()).map_err(AppError::internal)
}

/// A page of rows after a key; one row more than `limit` when there are more.
///
/// # Errors
/// Database errors.
pub fn rows(
    conn: &mut Conn,
    who: &OfficialPrincipal,
    filter: &Filter,
    now: DateTime<Utc>,
    after: Option<Key>,
    limit: i64,
) -> AppResult<Vec<Row>> {
    let mut found = Vec::new();
    if after.is_none_or(|(due, _)| due.is_some()) {
        let query = selected!(who, filter, now).filter(ap::due_at.is_not_null());
        let query = match after {
            Some((Some(due), id)) => {
                query.filter(ap::due_at.gt(due).or(ap::due_at.eq(due).and(ap::id.gt(id))))
            }
            _ => query,
        };
        found = query.order((ap::due_at.asc(), ap::id.asc())).limit(limit + 1).load(conn)?;
    }
    let left = limit + 1 - i64::try_from(found.len()).unwrap_or(limit + 1);
    if left > 0 {
        let query = selected!(who, filter, now).filter(ap::due_at.is_null());
        let query = match after {
            Some((None, id)) => query.filter(ap::id.gt(id)),
            _ => query,
        };
        let rest: Vec<Row> = query.order(ap::id.asc()).limit(left).load(conn)?;
        found.extend(rest);
    }
    Ok(found)
}

/// Those of the cases for which a department still owes its opinion; the others under review wait for a decision.
///
/// # Errors
/// Database errors.
pub fn unanswered(conn: &mut Conn, cases: Vec<Id>) -> AppResult<HashSet<Id>> {
    let found: Vec<Id> = rv::table
        .filter(rv::application_id.eq_any(cases))
        .filter(rv::state.eq("pending"))
        .select(rv::application_id)
        .load(conn)?;
    Ok(found.into_iter().collect())
}

/// States in which a role can give a case back to all, whoever has it: the county leads, so what somebody has left lying
/// there goes on.
pub fn leads(role: Role) -> &'static [&'static str] {
    if role == Role::CountyDesk { &["submitted", "accepted", "in-review"] } else { &[] }
}

/// Takes, gives or returns a case, if it is still where the official saw it.
///
/// # Errors
/// [`AppError::NotFound`] outside the jurisdiction or not waiting for this role; [`AppError::Conflict`]
/// `taken-by-other` when a colleague has it for whom the official does not stand in.
pub fn assign(
    tx: &mut Tx<'_>,
    who: &OfficialPrincipal,
    number: &str,
    to: Option<Id>,
    now: DateTime<Utc>,
) -> AppResult<Id> {
    let back = if to.is_none() { leads(who.role) } else { &[] };
    let here: Vec<&str> = states(who.role).iter().chain(back).copied().collect();
    let (id, has, state): (Id, Option<Id>, String) = ap::table
        .filter(crate::kept::served("applications"))
        .filter(ap::number.eq(number))
        .filter(ap::division.like(who.pattern()))
        .filter(ap::state.eq_any(here))
        .select((ap::id, ap::assignee, ap::state))
        .first(tx.conn())?;
    if let Some(has) = has
        && !back.contains(&state.as_str())
        && !case::hands(tx.conn(), who.official_id, now)?.contains(&has)
    {
        return Err(AppError::conflict("taken-by-other"));
    }
    let row = ap::table.filter(ap::id.eq(id));
    let changed = match has {
        None => {
            diesel::update(row.filter(ap::assignee.is_null())).set(ap::assignee.eq(to)).execute(tx.conn())?
        }
        Some(has) => {
            diesel::update(row.filter(ap::assignee.eq(has))).set(ap::assignee.eq(to)).execute(tx.conn())?
        }
    };
    if changed == 0 { Err(AppError::conflict("taken-by-other")) } else { Ok(id) }
}
