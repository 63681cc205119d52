//! A decision that is done: once, and not over what somebody else has done meanwhile.

use super::preview::{self, Foreseen};
use super::standing::Standing;
use crate::db::{Conn, Tx};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::idempotency::{Submission, in_turn, key_of};
use crate::web::principal::OfficialPrincipal;
use actix_web::HttpRequest;
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What was sent, and the key under which it is done once.
#[derive(Debug, Clone)]
pub struct Sent {
    key: Option<Uuid>,
    content: Vec<u8>,
}

impl Sent {
    /// By a form, about the thing that stands in its address.
    ///
    /// # Errors
    /// [`AppError::Internal`] when it cannot be written down.
    pub fn form(about: &str, form: &Form) -> AppResult<Self> {
        let content = serde_json::to_vec(&(about, form.answers())).map_err(AppError::internal)?;
        Ok(Self { key: form.once(), content })
    }

    /// One of several things that one form is about, each of which is done once: `about` names it with what was seen of it.
    pub fn one_of(form: &Form, about: &str) -> Self {
        let key = form.once().map(|key| {
            let own = Sha256::new().chain_update(key.as_bytes()).chain_update(about.as_bytes()).finalize();
            own.first_chunk::<16>().map_or(key, |bytes| Uuid::from_bytes(*bytes))
        });
        Self { key, content: about.as_bytes().to_vec() }
    }

    /// By a program: what it is about and the body.
    ///
    /// # Errors
    /// [`AppError::BadRequest`] `idempotency-key` for a key that is none; [`AppError::Internal`] when it cannot be written
    /// down.
    pub fn call(req: &HttpRequest, about: &impl Serialize) -> AppResult<Self> {
        let content = serde_json::to_vec(about).map_err(AppError::internal)?;
        Ok(Self { key: key_of(req)?, content })
    }
}

/// An official's act in one request.
#[derive(Clone, Copy)]
pub struct Act<'a> {
    deps: &'a App,
    ctx: &'a Ctx,
    by: &'a OfficialPrincipal,
    what: &'static str,
}

impl<'a> Act<'a> {
    /// `what` is the kind of act: a key that was used for another kind is another key.
    pub fn of(deps: &'a App, ctx: &'a Ctx, by: &'a OfficialPrincipal, what: &'static str) -> Self {
        Self { deps, ctx, by, what }
    }

    /// Does `work` once. Where it cannot be done because of what somebody else has done since this official saw it, that is
    /// told: `standing` says how it stands, and is asked only then.
    ///
    /// # Errors
    /// What `work` gives; [`AppError::Conflict`] `idempotency-mismatch` for the key of something else;
    /// [`AppError::Overtaken`] instead of a conflict when something has happened meanwhile.
    pub async fn done<T>(
        self,
        sent: &Sent,
        work: impl FnOnce(&mut Tx<'_>) -> AppResult<T> + Send + 'static,
        standing: impl FnOnce(&mut Conn) -> AppResult<Standing> + Send + 'static,
    ) -> AppResult<T>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
    {
        let done = self.once(sent, work).await;
        self.or_told(done, standing).await
    }

    /// That it can still be decided, for a form in which something is to be put right: whoever came too late is told that, and
    /// not what is wrong in it.
    ///
    /// # Errors
    /// What `look` gives; as [`Self::done`].
    pub async fn still(
        self,
        look: impl FnOnce(&mut Tx<'_>) -> AppResult<()> + Send + 'static,
        standing: impl FnOnce(&mut Conn) -> AppResult<Standing> + Send + 'static,
    ) -> AppResult<()> {
        let looked = self.deps.store.write(look).await;
        self.or_told(looked, standing).await
    }

    /// Does `work` once.
    ///
    /// # Errors
    /// What `work` gives; [`AppError::Conflict`] `idempotency-mismatch` for the key of something else.
    pub async fn once<T>(
        self,
        sent: &Sent,
        work: impl FnOnce(&mut Tx<'_>) -> AppResult<T> + Send + 'static,
    ) -> AppResult<T>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
    {
        let key = sent.key.map(|key| Submission::new(self.by.official_id, self.what, key, &sent.content));
        let (keys, now) = (self.deps.keys.clone(), self.ctx.now);
        self.deps.store.write(move |tx| in_turn(tx, &keys, key.as_ref(), now, work)).await
    }

    /// An answer as it is, and a conflict with what happened meanwhile, if anything did.
    ///
    /// # Errors
    /// Those of the answer, and [`AppError::Overtaken`] as [`Self::done`].
    pub async fn or_told<T>(
        self,
        done: AppResult<T>,
        standing: impl FnOnce(&mut Conn) -> AppResult<Standing> + Send + 'static,
    ) -> AppResult<T> {
        let code = match done {
            Err(AppError::Conflict(code)) if !OF_THE_KEY.contains(&code.as_str()) => code,
            other => return other,
        };
        let lang = self.ctx.lang;
        let now = self.deps.store.read(move |conn| {
            let standing = match standing(conn) {
                // Since then it is no longer theirs to see.
                Err(AppError::NotFound) => return Ok(AppError::Conflict(code)),
                standing => standing?,
            };
            let by_others = !standing.happened.is_empty() || code == CHANGED;
            if by_others { standing.told(conn, lang) } else { Ok(AppError::Conflict(code)) }
        });
        Err(now.await?)
    }

    /// What people would be told if `work` were done; nothing is changed. `work` gives what is drawn anew when it is really
    /// done, such as a number: it is left open in the texts.
    ///
    /// # Errors
    /// As [`Self::done`].
    pub async fn foreseen(
        self,
        work: impl FnOnce(&mut Tx<'_>) -> AppResult<Vec<String>> + Send + 'static,
        standing: impl FnOnce(&mut Conn) -> AppResult<Standing> + Send + 'static,
    ) -> AppResult<Foreseen> {
        let heard = preview::rehearsed(self.deps, work).await;
        let (told, drawn) = self.or_told(heard, standing).await?;
        Foreseen::of(self.deps, self.ctx, &told, &drawn)
    }
}

/// Conflicts that are about the key of a submission and not about the thing.
const OF_THE_KEY: [&str; 2] = ["idempotency-mismatch", "in-progress"];

/// Somebody else was faster.
const CHANGED: &str = "changed-meanwhile";
