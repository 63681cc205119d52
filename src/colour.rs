//! What the colour rules say of a person at this moment, for the rooms on which the codes rest and which therefore
//! cannot call them: a doctor who is about to sign a certificate, a reviewer of an appeal. Nothing is stored here; the
//! stored code follows by its job.

use crate::app::Deps;
use crate::codes::DeclaredSource;
use crate::crypto::Keyring;
use crate::db::{Conn, Id};
use crate::error::AppResult;
use crate::policy::{self, CertificateEffect, Evaluation, RuleSet};
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// Who works a colour out from what is stored about a person.
pub type ColourSource = fn(&mut Conn, &Colours, Id, DateTime<Utc>) -> AppResult<Evaluation>;

/// Everything that is needed to ask for a colour inside a transaction.
#[derive(Clone)]
pub struct Colours {
    /// Keys.
    pub keys: Arc<Keyring>,
    /// The rules in force.
    pub policy: Arc<RuleSet>,
    /// Where the rules learn what a person declared.
    pub declared: DeclaredSource,
    source: ColourSource,
}

impl Colours {
    /// Of a running portal.
    pub fn of(deps: &Deps) -> Self {
        let (keys, policy) = (deps.keys.clone(), deps.policy.clone());
        Self { keys, policy, declared: deps.declared, source: deps.colour }
    }

    /// The outcome for a person from what is stored at this moment, also inside the transaction that changes it.
    ///
    /// # Errors
    /// Database errors; a sealed value that cannot be opened.
    pub fn now(&self, conn: &mut Conn, person: Id, now: DateTime<Utc>) -> AppResult<Evaluation> {
        (self.source)(conn, self, person, now)
    }

    /// What becomes of certificates by that outcome; new ones are issued only under [`CertificateEffect::Keep`].
    pub fn effect(&self, evaluation: &Evaluation, now: DateTime<Utc>) -> CertificateEffect {
        policy::certificate_effect(&self.policy, &evaluation.causes, now)
    }
}
