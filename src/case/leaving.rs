//! The cases of an official who loses a post, or everything: they are given back to all at their desk, whatever they are
//! about.

use super::hand::changed;
use super::store_hand as store;
use crate::db::{Conn, Id, Tx};
use crate::deps::Deps;
use crate::error::AppResult;
use crate::slice::{InHands, Slices, Taken};
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Utc};

/// The open cases that an official has and cannot go on with: all of them, or those that no post in force but the one
/// that ends covers.
fn left(
    conn: &mut Conn,
    slices: Slices,
    official: Id,
    ends: Option<Id>,
    now: DateTime<Utc>,
) -> AppResult<Vec<(&'static Taken, InHands)>> {
    let posts = match ends {
        None => Vec::new(),
        Some(ends) => store::other_posts(conn, official, ends, now)?,
    };
    let mut left = Vec::new();
    for kind in slices.taken() {
        let cases = (kind.of)(conn, official)?.into_iter();
        let stays = |case: &InHands| posts.iter().any(|post| covers(kind, post, case));
        left.extend(cases.filter(|case| !stays(case)).map(|case| (kind, case)));
    }
    Ok(left)
}

/// Whether a post (role and division) lets its official go on with a case.
fn covers(kind: &Taken, (role, place): &store::Post, case: &InHands) -> bool {
    let takes = |role| (kind.takes)(role, &case.state);
    let inside = || case.division.starts_with(crate::access::pattern(place).trim_end_matches('%'));
    role.parse().is_ok_and(takes) && inside()
}

/// How many open cases an official would give back who loses this post, or leaves.
///
/// # Errors
/// Database errors.
pub fn held(
    conn: &mut Conn,
    slices: Slices,
    official: Id,
    ends: Option<Id>,
    now: DateTime<Utc>,
) -> AppResult<usize> {
    Ok(left(conn, slices, official, ends, now)?.len())
}

/// Gives these cases back to all at their desk, each with an entry in the record.
///
/// # Errors
/// Database errors.
pub fn release(
    tx: &mut Tx<'_>,
    deps: &Deps,
    by: &OfficialPrincipal,
    (official, ends): (Id, Option<Id>),
    now: DateTime<Utc>,
) -> AppResult<()> {
    for (kind, case) in left(tx.conn(), *deps.part::<Slices>()?, official, ends, now)? {
        if (kind.put)(tx, &case, None)? {
            changed(tx, kind, by, (&case, None), now)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Role;

    #[test]
    fn a_post_covers_what_waits_for_its_role_in_its_place() {
        let kind = Taken {
            takes: |role, state| role == Role::CountyDesk && state == "accepted",
            ..crate::slice::UNTAKEN
        };
        let case = |state: &str, division: &str| InHands {
            state: state.into(),
            division: division.into(),
            ..InHands::default()
        };
        let post = |role: &str, place: &str| (role.to_owned(), place.to_owned());
        let county = post("county-desk", "511621");
        assert!(covers(&kind, &county, &case("accepted", "511621101")));
        assert!(!covers(&kind, &county, &case("submitted", "511621101")), "not its turn");
        assert!(!covers(&kind, &county, &case("accepted", "511622")), "another county");
        for other in ["doctor", "unheard-of"] {
            assert!(!covers(&kind, &post(other, "511621"), &case("accepted", "511621")));
        }
    }
}
