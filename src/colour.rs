//! What the rooms on which the codes rest, and the codes themselves, tell each other: what a person has stated, and what the
//! colour rules make of it at this moment (for a doctor who is about to sign a certificate, a reviewer of an appeal).
//! Nothing is stored here; the stored code follows by its job ([`Evaluate`]), for which whoever changes what is known of a
//! person asks in the same transaction. Each side hands over its half as a part of the portal.

use crate::crypto::Keyring;
use crate::db::{Conn, Id, Tx};
use crate::deps::{App, Deps};
use crate::error::AppResult;
use crate::jobs::{self, Job};
use crate::policy::{self, CertificateEffect, Evaluation, RuleSet};
use chrono::{DateTime, Utc};
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What one statement tells the colour rules: the declaration itself, the stays it lists, and where the person lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// The declaration.
    pub declaration: policy::Declaration,
    /// Stays of the last 14 days; their risk is for the caller to fill in.
    pub travel: Vec<policy::Travel>,
    /// Division of household registration.
    pub home: Option<String>,
    /// Division of the present address.
    pub present: Option<String>,
}

/// The statements of a person that count for the colour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statements {
    /// The last one that was neither withdrawn nor rejected.
    pub current: Option<Declared>,
    /// What was stated before (or withdrawn since) and counts until somebody accepts newer answers, the newest first.
    pub held: Vec<Declared>,
    /// Whether the current one waits to be accepted.
    pub waits: bool,
}

impl From<Declared> for Statements {
    /// One statement that nothing else hangs on.
    fn from(current: Declared) -> Self {
        Self { current: Some(current), held: Vec::new(), waits: false }
    }
}

/// The last declaration of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Last {
    /// Its number.
    pub number: String,
    /// Whether its person can correct it now; then a new one is not taken.
    pub correctable: bool,
    /// When it was withdrawn, if it was.
    pub withdrawn_at: Option<DateTime<Utc>>,
}

/// A declaration that waits to be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaited {
    /// Its number.
    pub number: String,
    /// When it was sent.
    pub since: DateTime<Utc>,
    /// Name, English name and telephone of the office that looks at it.
    pub office: Option<(String, String, String)>,
}

/// What a person has stated, as far as it counts; without a statement there is no colour.
pub type DeclaredSource = fn(&mut Conn, &Keyring, &RuleSet, Id, DateTime<Utc>) -> AppResult<Statements>;

/// What is awaited of a person at a moment, if anything is.
pub type Awaits = fn(&mut Conn, &RuleSet, Id, DateTime<Utc>) -> AppResult<Option<Awaited>>;

/// What the slice of declarations hands over to the codes.
#[derive(Debug, Clone, Copy)]
pub struct Stated {
    /// What counts of a person.
    pub facts: DeclaredSource,
    /// The last declaration of an account or its person; none where none was sent.
    pub last: fn(&mut Conn, Id, Id) -> AppResult<Option<Last>>,
    /// The declaration of a person that stands and that nobody has accepted yet.
    pub awaited: Awaits,
}

impl Stated {
    /// That of a running portal.
    ///
    /// # Errors
    /// [`crate::error::AppError::Internal`] when no slice takes declarations.
    pub fn of(deps: &Deps) -> AppResult<Self> {
        deps.part().copied()
    }
}

/// Works one person's code out anew and stores it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluate {
    /// Whose.
    pub person_id: Id,
}

/// What the slice of codes hands over: does what [`Evaluate`] asks for.
#[derive(Clone, Copy)]
pub struct Renew(pub for<'a> fn(&'a App, Id) -> LocalBoxFuture<'a, AppResult<()>>);

impl Job for Evaluate {
    const NAME: &'static str = "codes.evaluate";

    /// # Errors
    /// Database errors.
    async fn run(self, deps: App) -> AppResult<()> {
        (deps.part::<Renew>()?.0)(&deps, self.person_id).await
    }
}

/// Asks for a new evaluation of a person, in the transaction that changes what is known of them.
///
/// # Errors
/// Database errors.
pub fn enqueue_evaluation(tx: &mut Tx<'_>, keys: &Keyring, person: Id, now: DateTime<Utc>) -> AppResult<()> {
    let dedup = format!("{}:{person}", Evaluate::NAME);
    jobs::enqueue(tx, keys, &Evaluate { person_id: person }, Some(&dedup), now, now)?;
    Ok(())
}

/// What the slice of codes hands over: works a colour out from what is stored about a person.
#[derive(Debug, Clone, Copy)]
pub struct WorkOut(pub fn(&mut Conn, &Colours, Id, DateTime<Utc>) -> AppResult<Evaluation>);

/// Everything that is needed to ask for a colour inside a transaction.
#[derive(Clone)]
pub struct Colours {
    /// Keys.
    pub keys: Arc<Keyring>,
    /// The rules in force.
    pub policy: Arc<RuleSet>,
    /// Where the rules learn what a person declared.
    pub declared: DeclaredSource,
    work_out: WorkOut,
}

impl Colours {
    /// Of a running portal.
    ///
    /// # Errors
    /// [`crate::error::AppError::Internal`] when no slice works colours out.
    pub fn of(deps: &Deps) -> AppResult<Self> {
        let (keys, policy) = (deps.keys.clone(), deps.policy.clone());
        Ok(Self { keys, policy, declared: Stated::of(deps)?.facts, work_out: *deps.part()? })
    }

    /// The outcome for a person from what is stored at this moment, also inside the transaction that changes it.
    ///
    /// # Errors
    /// Database errors; a sealed value that cannot be opened.
    pub fn now(&self, conn: &mut Conn, person: Id, now: DateTime<Utc>) -> AppResult<Evaluation> {
        (self.work_out.0)(conn, self, person, now)
    }

    /// What becomes of certificates by that outcome; new ones are issued only under [`CertificateEffect::Keep`].
    pub fn effect(&self, evaluation: &Evaluation, now: DateTime<Utc>) -> CertificateEffect {
        policy::certificate_effect(&self.policy, &evaluation.causes, now)
    }
}
