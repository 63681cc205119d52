//! How fresh the second factor has to be with which officials do something.
//!
//! A handler's guard says it, and the table of routes reads it from the handler's own parameters, so that the table cannot
//! say anything else than what is asked. Of what officials send without being asked the table has the reason.

use super::form::{Form, NoBody, Valid};
use super::guard::{Newcomer, Official, Oneself, Resident, Roles};
use super::principal::OfficialPrincipal;
use super::program::{Asks, Caller, Signed};
use super::route::Who;
use crate::access::Role;
use actix_web::{HttpRequest, web};
use chrono::{DateTime, Duration, Utc};
use std::marker::PhantomData;

/// How old the second factor may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fresh {
    /// A quarter of an hour, for what is hard to take back.
    Minutes15,
    /// Half a working day, for decisions by the hundred: whoever signs in in the morning types one code after noon.
    Hours4,
}

impl Fresh {
    /// The longest time since the code.
    #[must_use]
    pub const fn within(self) -> Duration {
        match self {
            Self::Minutes15 => Duration::minutes(15),
            Self::Hours4 => Duration::hours(4),
        }
    }

    /// Whether an official's factor is fresh enough.
    #[must_use]
    pub fn holds(self, official: &OfficialPrincipal, now: DateTime<Utc>) -> bool {
        official.session.stepped_up_at.is_some_and(|at| now - at.0 < self.within())
    }
}

/// The roles `R` for what is hard to take back.
#[derive(Debug, Clone, Copy)]
pub struct Grave<R: Roles>(PhantomData<R>);

impl<R: Roles> Roles for Grave<R> {
    const ROLES: &'static [Role] = R::ROLES;
    const STEP_UP: bool = true;
    const PROVINCE: bool = R::PROVINCE;
    const DECIDES: bool = R::DECIDES;
}

/// The roles `R` for decisions by the hundred, case by case from a worklist or from a pile of paper.
#[derive(Debug, Clone, Copy)]
pub struct Worklist<R: Roles>(PhantomData<R>);

impl<R: Roles> Roles for Worklist<R> {
    const ROLES: &'static [Role] = R::ROLES;
    const STEP_UP: bool = true;
    const WITHIN: Fresh = Fresh::Hours4;
    const PROVINCE: bool = R::PROVINCE;
    const DECIDES: bool = R::DECIDES;
}

/// Why something that officials send asks for no fresh second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unasked {
    /// It looks something up, verifies or prints it: nothing is changed, and the look is in the record.
    Looks,
    /// It is the official's own session, or the fresh factor itself.
    OwnSession,
    /// It shares work out among officials: nothing is decided about anybody.
    SharesOut,
    /// It writes down what a call or a visit brought: a report of what happened, which decides nothing about anybody.
    Reports,
    /// It arranges the official's or the office's own lists: nothing is decided about anybody.
    Arranges,
}

/// A parameter of a handler.
pub trait Parameter {
    /// How fresh it asks the second factor to be.
    const FRESH: Option<Fresh> = None;
    /// Which programs it serves, if it serves any.
    const PROGRAMS: Option<Who> = None;
}

impl Parameter for HttpRequest {}
impl<T: ?Sized> Parameter for web::Data<T> {}
impl<T> Parameter for web::Path<T> {}
impl<T> Parameter for web::Query<T> {}
impl Parameter for web::Payload {}
impl Parameter for Form {}
impl Parameter for NoBody {}
impl<E> Parameter for Result<NoBody, E> {}
impl<T> Parameter for Valid<T> {}
impl Parameter for Resident {}
impl Parameter for Newcomer {}
impl Parameter for Oneself {}

impl<A: Asks> Parameter for Signed<A> {
    const PROGRAMS: Option<Who> = Some(A::WHO);
}

impl<A: Asks> Parameter for Caller<A> {
    const PROGRAMS: Option<Who> = Some(A::WHO);
}

impl<R: Roles> Parameter for Official<R> {
    const FRESH: Option<Fresh> = if R::STEP_UP { Some(R::WITHIN) } else { None };
}

/// All parameters of a handler.
pub trait Parameters {
    /// How fresh they ask the second factor to be: as the strictest of them does.
    fn fresh() -> Option<Fresh>;
    /// Which programs they serve, if any.
    fn programs() -> Option<Who>;
}

impl Parameters for () {
    fn fresh() -> Option<Fresh> {
        None
    }

    fn programs() -> Option<Who> {
        None
    }
}

macro_rules! parameters {
    ($($name:ident)+) => {
        impl<$($name: Parameter),+> Parameters for ($($name,)+) {
            fn fresh() -> Option<Fresh> {
                [$($name::FRESH),+].into_iter().flatten().min()
            }

            fn programs() -> Option<Who> {
                [$($name::PROGRAMS),+].into_iter().flatten().next()
            }
        }
    };
}

parameters!(A);
parameters!(A B);
parameters!(A B C);
parameters!(A B C D);
parameters!(A B C D E);
parameters!(A B C D E F);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::guard::Any;

    #[test]
    fn the_strictest_of_the_parameters_counts() {
        assert_eq!(<()>::fresh(), None);
        assert_eq!(<(HttpRequest, Official<Any>)>::fresh(), None);
        assert_eq!(<(HttpRequest, Official<Worklist<Any>>, Form)>::fresh(), Some(Fresh::Hours4));
        assert_eq!(<(Official<Worklist<Any>>, Official<Grave<Any>>)>::fresh(), Some(Fresh::Minutes15));
    }
}
