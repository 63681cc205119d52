//! Lists of cases that are taken: whose cases they show, and what can be done with rows that are chosen.

use crate::db::{Id, Ts};
use crate::web::i18n::Lang;
use crate::web::view::Choice;
use crate::worklist::{Beside, Scope, Sharing};

/// Whose cases a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Whoever has them.
    Anybodys,
    /// Taken by nobody.
    Nobodys,
    /// The official's to do: taken by them, or by somebody for whom they stand in.
    Mine,
    /// What somebody can begin with: their own, and what nobody has taken.
    MineOrNobodys,
    /// Taken by others.
    Colleagues,
}

impl Whose {
    /// As a filter of a list says it.
    pub fn of(filter: Option<&str>) -> Option<Self> {
        match filter? {
            "me" => Some(Self::Mine),
            "none" => Some(Self::Nobodys),
            "others" => Some(Self::Colleagues),
            _ => None,
        }
    }

    /// What such a filter offers.
    pub fn choices(lang: Lang) -> Vec<Choice> {
        let one = |code: &&str| Choice::text(lang, code, &format!("hand-of-{code}"));
        ["me", "none", "others"].iter().map(one).collect()
    }
}

/// Whose cases, seen by whom and when.
#[derive(Debug, Clone, Copy)]
pub struct Hands {
    /// Whose.
    pub whose: Whose,
    /// Who looks.
    pub official: Id,
    /// When: absences begin and end.
    pub now: Ts,
}

impl Hands {
    /// As a list is looked at.
    pub fn of(scope: &Scope, whose: Whose) -> Self {
        Self { whose, official: scope.who.official_id, now: scope.now.into() }
    }
}

/// Lanes of a list by whose hands the cases are in. `$pieces` makes boxed queries without order, from behind the key on;
/// `$ordered` makes a lane of one, in the order of the page and no longer than it. What is in the hands of colleagues for
/// whom the official stands in comes as a whole and without order, since no index has several people's cases in one: it is
/// what a few people have taken, and the page puts it in its place.
macro_rules! by_hands {
    ($hands:expr, $assignee:expr, $pieces:expr, $ordered:expr) => {{
        use $crate::case::Whose;
        use $crate::db::schema::official_absences as oa;
        let (hands, pieces, ordered) = ($hands, $pieces, $ordered);
        let stood_in = || {
            oa::table
                .filter(oa::substitute_id.eq(hands.official))
                .filter(oa::from_at.le(hands.now))
                .filter(oa::to_at.gt(hands.now))
                .select(oa::official_id.nullable())
        };
        let mut lanes: Vec<$crate::worklist::Lane> = Vec::new();
        if hands.whose == Whose::Anybodys {
            for query in pieces() {
                lanes.push(ordered(query));
            }
        }
        if matches!(hands.whose, Whose::Nobodys | Whose::MineOrNobodys) {
            for query in pieces() {
                lanes.push(ordered(query.filter($assignee.is_null())));
            }
        }
        if matches!(hands.whose, Whose::Mine | Whose::MineOrNobodys) {
            for query in pieces() {
                lanes.push(ordered(query.filter($assignee.eq(hands.official))));
            }
            for query in pieces() {
                lanes.push($crate::worklist::Lane::of(query.filter($assignee.eq_any(stood_in()))));
            }
        }
        if hands.whose == Whose::Colleagues {
            for query in pieces() {
                let taken = query.filter($assignee.is_not_null()).filter($assignee.ne(hands.official));
                lanes.push(ordered(taken.filter($assignee.ne_all(stood_in()))));
            }
        }
        lanes
    }};
}
pub(crate) use by_hands;

/// What a list offers for rows that are chosen, sent to an address: taking, returning, and giving to the colleagues that it
/// has read.
pub fn sharing(path: &'static str, beside: &Beside, lang: Lang) -> Sharing {
    let acts = ["take", "return"].iter().map(|act| Choice::text(lang, act, &format!("hand-{act}")));
    let one = |(id, name): &(Id, String)| Choice::new(id.to_string(), name.clone());
    Sharing { path, acts: acts.collect(), colleagues: beside.colleagues.iter().map(one).collect() }
}
