//! A signed request on its way to the handler.

use super::proof::{prove, read_claim};
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::urgency;
use crate::web::ctx::{Ctx, WHO_WITHIN};
use crate::web::limits::{Key, Rate};
use crate::web::principal::Principal;
use actix_web::dev::ServiceRequest;

impl Ctx {
    /// Reads what the request says about its signature, at the addresses of programs; whether there is one.
    ///
    /// # Errors
    /// [`AppError::BadRequest`] when it cannot be read.
    pub fn claims(&mut self, deps: &Deps, req: &ServiceRequest) -> AppResult<bool> {
        if deps.signed.has(req.path()) {
            self.claim = read_claim(req.headers())?;
        }
        Ok(self.claim.is_some())
    }

    /// Proves that the request comes from the program that it names; what it may ask is counted by its key from here on.
    ///
    /// # Errors
    /// [`AppError::Unsigned`] with why not; [`AppError::Enough`] when it asks too often; those of the database.
    pub async fn prove(&mut self, deps: &Deps, req: &ServiceRequest) -> AppResult<()> {
        let Some(claim) = &self.claim else { return Ok(()) };
        let late = |_| AppError::Unavailable("the key could not be looked up in time".into());
        let proving = prove(deps, self.door, req, claim, self.now);
        let (program, proof) = tokio::time::timeout(WHO_WITHIN, proving).await.map_err(late)??;
        let key = Key::Program(program.id);
        urgency::belongs_to(key.number());
        let often = f64::from(program.per_minute.max(1));
        let rate = Rate { burst: often, per_second: often / 60.0 };
        let wait = u64::try_from(60_i32.div_euclid(program.per_minute.max(1)) + 1).unwrap_or(60);
        let counted = deps.limiter.take("program", key, rate, self.now).await;
        counted.map_err(|_| AppError::Enough("quota-minute", wait))?;
        (self.principal, self.proof) = (Principal::Program(program), Some(proof));
        Ok(())
    }
}
