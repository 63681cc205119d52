//! Guards as extractors: a handler that asks for a [`Resident`] or an [`Official`] cannot run without one.
//!
//! Not signed in leads to the sign-in page; signed in but not allowed is 404, the same as not there.

use super::ctx::Ctx;
use super::factor::Fresh;
use super::form::Form;
use super::principal::{OfficialPrincipal, Principal, ResidentPrincipal};
use super::route::RoutePattern;
use crate::access::{Role, is_of_province};
use crate::db::Id;
use crate::error::{AppError, AppResult, SignInKind};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use std::future::{Future, Ready, ready};
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;

/// A signed-in resident who has acknowledged the privacy notice (PIPL art. 17): without that no page and no call of
/// residents answers, by whichever address one comes.
#[derive(Debug, Clone)]
pub struct Resident(pub Arc<ResidentPrincipal>);

/// A signed-in resident, the notice acknowledged or not: for the notice itself.
#[derive(Debug, Clone)]
pub struct Newcomer(pub Arc<ResidentPrincipal>);

impl Resident {
    /// The person, once a document has been claimed.
    ///
    /// # Errors
    /// [`AppError::Conflict`] `no-person` when nothing has been declared yet.
    pub fn person(&self) -> AppResult<Id> {
        self.0.person_id.ok_or_else(|| AppError::conflict("no-person"))
    }
}

impl Deref for Resident {
    type Target = ResidentPrincipal;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// Somebody who is signed in asks for what is not for them: the log says so, they are told that it is not there.
fn not_theirs(req: &HttpRequest, ctx: &Ctx) -> AppError {
    let path = req.app_data::<RoutePattern>().map_or("(none)", |p| p.0);
    match &ctx.principal {
        Principal::Official(o) => tracing::warn!(
            request_id = %ctx.request_id, path, official = %o.official_id, role = o.role.code(), "not for this role"
        ),
        Principal::Program(p) => tracing::warn!(
            request_id = %ctx.request_id, path, program = %p.id, kind = p.kind.code(), "not for programs"
        ),
        _ => tracing::warn!(request_id = %ctx.request_id, path, who = "resident", "not for residents"),
    }
    AppError::NotFound
}

impl FromRequest for Resident {
    type Error = AppError;
    type Future = Ready<AppResult<Self>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ctx::of(req).and_then(|ctx| match &ctx.principal {
            Principal::Resident(r) if !r.notice_read => Err(AppError::SignIn(SignInKind::Notice)),
            Principal::Resident(r) => Ok(Self(r.clone())),
            Principal::Anonymous => Err(AppError::SignIn(SignInKind::Resident)),
            Principal::Official(_) | Principal::Program(_) => Err(not_theirs(req, &ctx)),
        }))
    }
}

impl FromRequest for Newcomer {
    type Error = AppError;
    type Future = Ready<AppResult<Self>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ctx::of(req).and_then(|ctx| match &ctx.principal {
            Principal::Resident(r) => Ok(Self(r.clone())),
            Principal::Anonymous => Err(AppError::SignIn(SignInKind::Resident)),
            Principal::Official(_) | Principal::Program(_) => Err(not_theirs(req, &ctx)),
        }))
    }
}

/// A set of roles that a handler serves.
pub trait Roles: 'static {
    /// The roles.
    const ROLES: &'static [Role];
    /// Whether a fresh second factor is asked for.
    const STEP_UP: bool = false;
    /// How fresh, where it is.
    const WITHIN: Fresh = Fresh::Minutes15;
    /// Whether it is work for the province as a whole: a right in a part of it does not do.
    const PROVINCE: bool = false;
    /// Whether what is sent decides something, as everything does unless [`Looks`] says otherwise: then it is refused
    /// while nobody has written down who the official is.
    const DECIDES: bool = true;
}

/// The roles `R` for a handler that takes what is sent to look something up, or to see to the official's own account: who
/// is not known yet may do that.
#[derive(Debug, Clone, Copy)]
pub struct Looks<R: Roles>(PhantomData<R>);

impl<R: Roles> Roles for Looks<R> {
    const ROLES: &'static [Role] = R::ROLES;
    const STEP_UP: bool = R::STEP_UP;
    const WITHIN: Fresh = R::WITHIN;
    const PROVINCE: bool = R::PROVINCE;
    const DECIDES: bool = false;
}

/// Declares sets of roles: `role_set! { /// doc Name = [Role, …]; }`.
#[macro_export]
macro_rules! role_set {
    ($($(#[$doc:meta])* $name:ident = [$($role:ident),* $(,)?] $(step_up $step:literal)? $(province $province:literal)?;)*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;
        impl $crate::web::guard::Roles for $name {
            const ROLES: &'static [$crate::access::Role] = &[$($crate::access::Role::$role),*];
            $(const STEP_UP: bool = $step;)?
            $(const PROVINCE: bool = $province;)?
        }
    )* };
}

/// Any role.
#[derive(Debug, Clone, Copy)]
pub struct Any;

impl Roles for Any {
    const ROLES: &'static [Role] = Role::ALL;
}

/// A signed-in official in one of the roles `R`; for all that is sent but a look ([`Looks`]) one of whom it is known who
/// they are, and for what is hard to take back one whose login is not new ([`OfficialPrincipal::no_longer_new`]).
pub struct Official<R: Roles>(pub OfficialPrincipal, PhantomData<R>);

impl<R: Roles> Deref for Official<R> {
    type Target = OfficialPrincipal;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// Whether what is sent is hard to take back: a login that an administrator has just made or reset does not do it.
const fn is_grave<R: Roles>() -> bool {
    R::DECIDES && R::STEP_UP && matches!(R::WITHIN, Fresh::Minutes15)
}

impl<R: Roles> Official<R> {
    fn of(req: &HttpRequest) -> AppResult<Self> {
        Ctx::of(req).and_then(|ctx| match &ctx.principal {
            Principal::Official(o)
                if R::ROLES.contains(&o.role) && (!R::PROVINCE || is_of_province(&o.division)) =>
            {
                if R::DECIDES && !req.method().is_safe() {
                    o.identity()?;
                }
                if is_grave::<R>() && !req.method().is_safe() {
                    o.no_longer_new(ctx.now)?;
                }
                if R::STEP_UP && !R::WITHIN.holds(o, ctx.now) {
                    return Err(AppError::SignIn(SignInKind::StepUp));
                }
                Ok(Self((**o).clone(), PhantomData))
            }
            Principal::Anonymous => Err(AppError::SignIn(SignInKind::Official)),
            _ => Err(not_theirs(req, &ctx)),
        })
    }
}

impl<R: Roles> FromRequest for Official<R> {
    type Error = AppError;
    type Future = Pin<Box<dyn Future<Output = AppResult<Self>>>>;

    /// A form that asks for a fresh second factor is kept for the page that asks for it, so that nothing typed is lost.
    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let found = Self::of(req);
        if req.method().is_safe() || !matches!(found, Err(AppError::SignIn(SignInKind::StepUp))) {
            return Box::pin(ready(found));
        }
        let (Ok(ctx), Some(form)) = (Ctx::of(req), Form::taken(req, payload)) else {
            return Box::pin(ready(found));
        };
        Box::pin(async move {
            if let Ok(form) = form.await {
                ctx.hold(form);
            }
            found
        })
    }
}
