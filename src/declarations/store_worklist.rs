//! SQL of the worklist.

use super::store::Row;
use crate::case::{Hands, by_hands};
use crate::codes::SealedCode;
use crate::db::conn::Multi;
use crate::db::schema::{code_states, declarations, officials, persons};
use crate::db::types::DbUuid;
use crate::db::{Conn, Id, Ts};
use crate::error::AppResult;
use crate::kept::served;
use crate::worklist::{Among, Holder, Lane, Search, Within, looked_for};
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Text;

/// A declaration with whose it is, the person's stored code, and who has taken it.
pub(super) type Joined = (Row, Holder, Option<SealedCode>, Option<String>);

/// Where a declaration stands in the list.
pub(super) type Key = (Ts, Id);

/// What a list is limited to.
#[derive(Debug, Clone)]
pub(super) struct Filter {
    /// The jurisdiction, or a town of it.
    pub pattern: String,
    /// Whether only what needs attention.
    pub concern: bool,
    /// In whose hands.
    pub hands: Hands,
}

type Query = declarations::BoxedQuery<'static, Multi, DbUuid>;

/// The declarations in a state, what waits longest first, in the order of the index `declarations_by_county`.
pub(super) fn in_state(f: &Filter, state: &str, after: Option<&Key>, limit: i64) -> Vec<Lane> {
    let pieces = || vec![waiting(f, state, after)];
    let ordered =
        |query: Query| Lane::of(query.order((declarations::submitted_at, declarations::id)).limit(limit));
    by_hands!(f.hands, declarations::assignee, pieces, ordered)
}

/// The same without order.
fn waiting(f: &Filter, state: &str, after: Option<&Key>) -> Query {
    let mut query = declarations::table
        .filter(served("declarations"))
        .filter(Within::of("declarations.division", &f.pattern))
        .filter(declarations::state.eq(state.to_owned()))
        .filter(declarations::submitted_at.is_not_null())
        .filter(declarations::person_id.is_not_null())
        // What is only stored is in no list.
        .filter(declarations::consent_withdrawn_at.is_null())
        .select(declarations::id)
        .into_boxed();
    if f.concern {
        query = query.filter(declarations::concern.eq(true));
    }
    if let Some((at, id)) = after {
        // The first part alone bounds the scan of the index.
        query = query
            .filter(declarations::submitted_at.ge(*at).assume_not_null())
            .filter(declarations::submitted_at.gt(*at).or(declarations::id.gt(*id)).assume_not_null());
    }
    query
}

/// The declaration of a jurisdiction with a number, and those of persons with a name, document or telephone. By its number
/// what is only stored is found, too, to see that it was withdrawn.
pub(super) fn found(pattern: &str, search: &Search, limit: i64) -> Vec<Lane> {
    let here = || {
        declarations::table
            .filter(served("declarations"))
            .filter(Within::of("declarations.division", pattern))
            .filter(declarations::submitted_at.is_not_null())
            .select(declarations::id)
            .order((declarations::submitted_at, declarations::id))
            .limit(limit)
    };
    let numbered = here().filter(declarations::number.eq(search.number.clone()));
    let meant = persons::table.filter(looked_for!(search)).select(persons::id.nullable());
    let theirs = here()
        .filter(declarations::person_id.eq_any(meant))
        .filter(declarations::consent_withdrawn_at.is_null())
        // One that is found by its number is found once.
        .filter(declarations::number.ne(search.number.clone()));
    vec![Lane::of(numbered.into_boxed()), Lane::of(theirs.into_boxed())]
}

/// The rows among those, with whose they are and the stored colour.
pub(super) fn rows(conn: &mut Conn, among: Among) -> AppResult<Vec<Joined>> {
    Ok(declarations::table
        .inner_join(persons::table.on(persons::id.nullable().eq(declarations::person_id)))
        .left_join(code_states::table.on(code_states::person_id.nullable().eq(declarations::person_id)))
        .left_join(officials::table.on(officials::id.nullable().eq(declarations::assignee)))
        .filter(served("declarations"))
        .filter(among)
        .select((
            Row::as_select(),
            Holder::as_select(),
            Option::<SealedCode>::as_select(),
            officials::name.nullable(),
        ))
        .load(conn)?)
}

/// When a declaration was submitted, checked and decided.
pub(super) type Steps = (Option<Ts>, Option<Ts>, Option<Ts>);

/// The steps of the last 50 declarations of a county that got their certificate, the newest first: a sample of the
/// present pace, which decides nothing.
pub(super) fn last_decided(conn: &mut Conn, county: &str) -> AppResult<Vec<Steps>> {
    Ok(declarations::table
        .filter(declarations::state.eq("certificate-issued"))
        .filter(of_county(county))
        .order((declarations::submitted_at.desc(), declarations::id.desc()))
        .select((declarations::submitted_at, declarations::checked_at, declarations::decided_at))
        .limit(50)
        .load(conn)?)
}

/// As the index has it.
fn of_county(county: &str) -> diesel::dsl::Eq<SqlLiteral<Text>, String> {
    sql::<Text>("substr(declarations.division, 1, 6)").eq(county.to_owned())
}
