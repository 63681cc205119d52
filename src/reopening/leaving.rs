//! The cases of an official who loses a post, or everything: they are given back to all at their desk.

use super::store_worklist::states;
use crate::access::{Role, pattern};
use crate::audit::{self, Entry};
use crate::db::schema::{applications as ap, assignments};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::AppResult;
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::json;

/// A post: role and division.
type Post = (String, String);

/// Whether a post lets its official go on with a case in this state and division.
fn covers((role, place): &Post, state: &str, division: &str) -> bool {
    let desk = |role: &Role| matches!(role, Role::TownReviewer | Role::CountyDesk | Role::PrefectureReviewer);
    let takes = |role: Role| desk(&role) && states(role).contains(&state);
    role.parse().is_ok_and(takes) && division.starts_with(pattern(place).trim_end_matches('%'))
}

/// The open cases that an official has taken and cannot go on with: all of them, or those that no post in force but the
/// one that ends covers.
fn left(conn: &mut Conn, official: Id, ends: Option<Id>, now: DateTime<Utc>) -> AppResult<Vec<Id>> {
    let now = Ts::from(now);
    let posts: Vec<Post> = match ends {
        None => Vec::new(),
        Some(ends) => assignments::table
            .filter(assignments::official_id.eq(official))
            .filter(assignments::id.ne(ends))
            .filter(assignments::valid_from.le(now))
            .filter(assignments::valid_to.is_null().or(assignments::valid_to.gt(now)))
            .select((assignments::role, assignments::division))
            .load(conn)?,
    };
    let cases: Vec<(Id, String, String)> =
        ap::table.filter(ap::assignee.eq(official)).select((ap::id, ap::state, ap::division)).load(conn)?;
    let mine = |state: &str, division: &str| posts.iter().any(|post| covers(post, state, division));
    Ok(cases.into_iter().filter(|(_, state, division)| !mine(state, division)).map(|(id, _, _)| id).collect())
}

/// How many open cases an official would give back who loses this post, or leaves.
///
/// # Errors
/// Database errors.
pub fn held(conn: &mut Conn, official: Id, ends: Option<Id>, now: DateTime<Utc>) -> AppResult<usize> {
    Ok(left(conn, official, ends, now)?.len())
}

/// Gives these cases back to all at their desk, each with an entry in the record.
///
/// # Errors
/// Database errors.
pub fn release(
    tx: &mut Tx<'_>,
    by: &OfficialPrincipal,
    official: Id,
    ends: Option<Id>,
    now: DateTime<Utc>,
) -> AppResult<()> {
    for case in left(tx.conn(), official, ends, now)? {
        let row = ap::table.find(case).filter(ap::assignee.eq(official));
        diesel::update(row).set(ap::assignee.eq(None::<Id>)).execute(tx.conn())?;
        let entry = Entry::new(by, "reopening.assign", "application").object(case);
        audit::append(tx, now, entry.detail(json!({"to": null})))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn a_post_covers_what_waits_for_its_role_in_its_place() {
        let post = |role: &str, place: &str| (role.to_owned(), place.to_owned());
        let county = post("county-desk", "511621");
        assert!(covers(&county, "accepted", "511621000000") && covers(&county, "in-review", "511621101"));
        assert!(!covers(&county, "submitted", "511621101"), "that is the town's");
        assert!(!covers(&county, "accepted", "511622"), "another county");
        assert!(covers(&post("town-reviewer", "511600"), "submitted", "511621101"));
        assert!(covers(&post("prefecture-reviewer", "511600"), "prefecture-review", "511621"));
        for taking_nothing in ["health-reviewer", "doctor", "unheard-of"] {
            assert!(!covers(&post(taking_nothing, "511621"), "in-review", "511621"));
        }
    }
}
