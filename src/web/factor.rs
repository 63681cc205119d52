//! How fresh the second factor has to be with which officials do something.
//!
//! A handler's guard says it, and the table of routes reads it from the handler's own parameters, so that the table cannot
//! say anything else than what is asked. Of what officials send without being asked the table has the reason.

use super::ctx::Ctx;
use super::described::Takes;
use super::form::{Form, NoBody, Valid};
use super::guard::{Newcomer, Official, Oneself, Resident, Roles};
use super::principal::OfficialPrincipal;
use super::program::{Asks, Caller, Signed};
use super::route::Who;
use crate::access::Role;
use actix_web::{HttpRequest, web};
use chrono::{DateTime, Duration, Utc};
use std::marker::PhantomData;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter as Asked, ParameterIn};

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
    /// What kind of body it reads.
    const TAKES: Takes = Takes::Nothing;
    /// Which programs it serves, if it serves any.
    const PROGRAMS: Option<Who> = None;

    /// What it reads of the address's query.
    fn query() -> Vec<Asked> {
        Vec::new()
    }
}

impl Parameter for HttpRequest {}
impl Parameter for Ctx {}
impl<T: ?Sized> Parameter for web::Data<T> {}
impl<T> Parameter for web::Path<T> {}
impl<T: IntoParams> Parameter for web::Query<T> {
    fn query() -> Vec<Asked> {
        T::into_params(|| Some(ParameterIn::Query))
    }
}
impl Parameter for web::Payload {
    const TAKES: Takes = Takes::Bytes;
}
impl Parameter for Form {
    const TAKES: Takes = Takes::Form;
}
impl Parameter for NoBody {}
impl<E> Parameter for Result<NoBody, E> {}
impl<T> Parameter for Valid<T> {
    const TAKES: Takes = Takes::Json;
}
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

    /// What kind of body they read.
    fn takes() -> Takes;

    /// What they read of the address's query.
    fn query() -> Vec<Asked>;

    /// Which programs they serve, if any.
    fn programs() -> Option<Who>;
}

impl Parameters for () {
    fn fresh() -> Option<Fresh> {
        None
    }

    fn takes() -> Takes {
        Takes::Nothing
    }

    fn query() -> Vec<Asked> {
        Vec::new()
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

            fn takes() -> Takes {
                [$($name::TAKES),+].into_iter().max().unwrap_or(Takes::Nothing)
            }

            fn query() -> Vec<Asked> {
                let mut all = Vec::new();
                $(all.extend($name::query());)+
                all
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
parameters!(A B C D E F G);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::guard::Any;

    #[test]
    fn the_strictest_of_the_parameters_counts() {
        assert_eq!(<(HttpRequest, Official<Any>, Form)>::takes(), Takes::Form);
        assert_eq!(<()>::fresh(), None);
        assert_eq!(<(HttpRequest, Official<Any>)>::fresh(), None);
        assert_eq!(<(HttpRequest, Official<Worklist<Any>>, Form)>::fresh(), Some(Fresh::Hours4));
        assert_eq!(<(Official<Worklist<Any>>, Official<Grave<Any>>)>::fresh(), Some(Fresh::Minutes15));
    }
}
