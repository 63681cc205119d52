//! Signed requests as handlers ask for them: [`Caller`] for what only looks, [`Signed`] for a message that is worked with.

use super::{Program, Proof, stored};
use crate::db::Tx;
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::web::ctx::Ctx;
use crate::web::form::{self, Pending};
use crate::web::principal::Principal;
use crate::web::route::Who;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;
use validator::Validate;

/// Which programs a handler serves; the table of routes says the same ([`Who`]), and the start of the portal looks.
pub trait Asks: 'static {
    /// Which.
    const WHO: Who;
}

/// A signed message of one of the programs `A`, whose body is what was signed. Its nonce is spent by [`Signed::write`], in the
/// transaction of what is done with it: until then the same message can be sent again.
#[derive(Debug)]
pub struct Signed<A> {
    program: Arc<Program>,
    proof: Proof,
    body: Vec<u8>,
    json: bool,
    now: DateTime<Utc>,
    of: PhantomData<A>,
}

/// A program of `A` that asks for something; its nonce is spent.
#[derive(Debug)]
pub struct Caller<A>(Arc<Program>, PhantomData<A>);

impl<A> Deref for Signed<A> {
    type Target = Program;
    fn deref(&self) -> &Program {
        &self.program
    }
}

impl<A> Deref for Caller<A> {
    type Target = Program;
    fn deref(&self) -> &Program {
        &self.0
    }
}

impl<A> Signed<A> {
    /// The body as JSON, by the rules of [`form::parse_json`].
    ///
    /// # Errors
    /// [`AppError::UnsupportedMedia`] for a body of another type; those of the parser.
    pub fn json<T: DeserializeOwned + Validate>(&self) -> AppResult<T> {
        if self.json { form::parse_json(&self.body) } else { Err(AppError::UnsupportedMedia) }
    }

    /// Does something with the message, once: where it fails, its nonce is not spent either.
    ///
    /// # Errors
    /// [`AppError::Conflict`] `nonce-used`; [`AppError::Enough`] `quota-day`; those of `work`.
    pub async fn write<T: Send + 'static>(
        &self,
        deps: &Deps,
        work: impl FnOnce(&mut Tx<'_>) -> AppResult<T> + Send + 'static,
    ) -> AppResult<T> {
        let (program, proof, now, keys) =
            (self.program.clone(), self.proof.clone(), self.now, deps.keys.clone());
        deps.store
            .write(move |tx| {
                stored::spend(tx, &keys, &program, &proof, now)?;
                work(tx)
            })
            .await
    }
}

/// The program of a request, if it is one of those that are served.
fn allowed(ctx: &Ctx, who: Who) -> AppResult<(Arc<Program>, Proof)> {
    let (Principal::Program(program), Some(proof)) = (&ctx.principal, &ctx.proof) else {
        return Err(AppError::Unsigned("signature-missing"));
    };
    if who.kind() != Some(program.kind) {
        return Err(AppError::NotFound);
    }
    match who {
        // What calls there are is public: to name what is missing tells nothing.
        Who::Client(scope) if !program.may(scope) => Err(AppError::Forbidden("scope-missing")),
        _ => Ok((program.clone(), proof.clone())),
    }
}

impl<A: Asks> FromRequest for Signed<A> {
    type Error = AppError;
    type Future = Pending<Self>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let ctx = Ctx::of(req);
        let json = form::has_type(req, "application/json");
        let body = form::body(req.clone(), payload.take());
        Box::pin(async move {
            let ctx = ctx?;
            let (program, proof) = allowed(&ctx, A::WHO)?;
            let body = body.await?;
            match &proof.digest {
                Some(digest) if !digest.is_of(&body) => return Err(AppError::BadRequest("digest-wrong")),
                None if !body.is_empty() => return Err(AppError::Unsigned("signature-components")),
                _ => {}
            }
            Ok(Self { program, proof, body, json, now: ctx.now, of: PhantomData })
        })
    }
}

impl<A: Asks> FromRequest for Caller<A> {
    type Error = AppError;
    type Future = Pending<Self>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let deps = req.app_data::<App>().cloned();
        let signed = Signed::<A>::from_request(req, payload);
        Box::pin(async move {
            let deps = deps.ok_or_else(|| AppError::internal("no parts"))?;
            let signed = signed.await?;
            signed.write(&deps, |_| Ok(())).await?;
            Ok(Self(signed.program, PhantomData))
        })
    }
}
