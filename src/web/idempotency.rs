//! A repeated submission gets the first answer again: double click, two tabs, a retry after a lost answer.
//!
//! The key comes from the client (`Idempotency-Key`, or the hidden field `_once`), is scoped to who asks and what
//! for, and is written in the transaction of the work itself. The stored answer is sealed.

use crate::crypto::{FieldContext, Keyring};
use crate::db::hot::insert_row;
use crate::db::schema::idempotency_keys;
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use actix_web::HttpRequest;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

/// One submission: whose, what for, with which content.
#[derive(Debug, Clone)]
pub struct Submission {
    scope: Vec<u8>,
    key: Uuid,
    digest: Vec<u8>,
}

impl Submission {
    /// `who` and `what` make the scope; `content` is what was sent, so that a key used for something else is
    /// noticed.
    pub fn new(who: Id, what: &str, key: Uuid, content: &[u8]) -> Self {
        let scope =
            Sha256::new().chain_update(who.0.as_bytes()).chain_update(what.as_bytes()).finalize().to_vec();
        Self { scope, key, digest: Sha256::digest(content).to_vec() }
    }

    /// Waits until no other transaction is at work on the same submission. Two different ones that have the same number wait
    /// for each other, and nothing more.
    fn wait(&self, conn: &mut Conn) -> AppResult<()> {
        if let Conn::Pg(c) = conn {
            let digest = Sha256::new().chain_update(&self.scope).chain_update(self.key.as_bytes()).finalize();
            let number = digest.iter().take(8).fold(0_i64, |n, byte| (n << 8) | i64::from(*byte));
            diesel::sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(number).execute(c)?;
        }
        Ok(())
    }

    /// The answer that it got before, if it was there.
    fn answered(&self, conn: &mut Conn, keyring: &Keyring) -> AppResult<Option<Zeroizing<Vec<u8>>>> {
        let stored: Option<(Vec<u8>, Vec<u8>)> = idempotency_keys::table
            .find((&self.scope, Id(self.key)))
            .select((idempotency_keys::digest, idempotency_keys::response_sealed))
            .first(conn)
            .optional()?;
        let Some((digest, sealed)) = stored else { return Ok(None) };
        if digest != self.digest {
            return Err(AppError::conflict("idempotency-mismatch"));
        }
        Ok(Some(keyring.open_sealed(&self.context(), &sealed)?))
    }

    /// Keeps its answer for its repetitions.
    fn keep(&self, tx: &mut Tx<'_>, keyring: &Keyring, plain: &[u8], now: DateTime<Utc>) -> AppResult<()> {
        let inserted = insert_row!(tx.conn(), idempotency_keys, {
            scope: &self.scope, key: Id(self.key), digest: &self.digest,
            response_sealed: keyring.seal(&self.context(), plain)?, created_at: Ts::from(now),
        });
        match inserted {
            Ok(_) => Ok(()),
            // The same submission is being written at this moment by another connection: its answer will be there.
            Err(e) if crate::error::is_unique_violation(&e) => Err(AppError::conflict("in-progress")),
            Err(e) => Err(e.into()),
        }
    }

    fn context(&self) -> FieldContext<'static> {
        FieldContext { table: "idempotency_keys", column: "response_sealed", row: self.key }
    }
}

/// The key that a program sends with a request which it may have to repeat: the header `Idempotency-Key`,
/// a UUID with or without quotes.
///
/// # Errors
/// [`AppError::BadRequest`] `idempotency-key` when it is not a UUID.
pub fn key_of(req: &HttpRequest) -> AppResult<Option<Uuid>> {
    let Some(value) = req.headers().get("idempotency-key") else { return Ok(None) };
    // A structured string (draft-ietf-httpapi-idempotency-key) or, as older programs send it, without the quotes.
    // A structured string may carry parameters (RFC 8941), which say nothing about the key.
    let plain = |text: &str| {
        let (key, rest) = text.trim().strip_prefix('"')?.split_once('"')?;
        let rest = rest.trim_start_matches(' ');
        (rest.is_empty() || rest.starts_with(';')).then(|| key.to_owned())
    };
    let key = value.to_str().ok().and_then(|t| Uuid::parse_str(plain(t).as_deref().unwrap_or(t.trim())).ok());
    key.map(Some).ok_or(AppError::BadRequest("idempotency-key"))
}

/// As [`once`], one after the other: whoever sends the same again while the first is still at work waits for it and gets its
/// answer, instead of being told that it is [being processed](once). It costs PostgreSQL one more statement (SQLite has one
/// writer), so it is for what few people send and one of two must not be told that it failed.
///
/// # Errors
/// As [`once`].
pub fn in_turn<T: Serialize + DeserializeOwned>(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    submission: Option<&Submission>,
    now: DateTime<Utc>,
    work: impl FnOnce(&mut Tx<'_>) -> AppResult<T>,
) -> AppResult<T> {
    if let Some(s) = submission {
        s.wait(tx.conn())?;
    }
    once(tx, keyring, submission, now, work)
}

/// Runs `work` once for a submission and gives the stored answer to its repetitions. Without a submission the work
/// simply runs.
///
/// # Errors
/// What `work` gives; [`AppError::Conflict`] `idempotency-mismatch` when the key was used with other content.
pub fn once<T: Serialize + DeserializeOwned>(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    submission: Option<&Submission>,
    now: DateTime<Utc>,
    work: impl FnOnce(&mut Tx<'_>) -> AppResult<T>,
) -> AppResult<T> {
    let Some(s) = submission else { return work(tx) };
    if let Some(plain) = s.answered(tx.conn(), keyring)? {
        return serde_json::from_slice(&plain).map_err(AppError::internal);
    }
    let answer = work(tx)?;
    s.keep(tx, keyring, &serde_json::to_vec(&answer).map_err(AppError::internal)?, now)?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::ResponseError;
    use actix_web::test::TestRequest;

    #[test]
    fn a_key_is_taken_plain_and_as_a_structured_string() {
        let key = "0190a1b2-0000-7000-8000-000000000001";
        let of = |text: &str| {
            key_of(&TestRequest::default().insert_header(("idempotency-key", text)).to_http_request())
        };
        for text in
            [key.to_owned(), format!("\"{key}\""), format!(" \"{key}\" "), format!("\"{key}\";a=1; b")]
        {
            assert_eq!(of(&text).unwrap(), Some(Uuid::parse_str(key).unwrap()), "{text}");
        }
        for text in ["", "x", "\"\"", "\"0190a1b2\"", "\"0190a1b2-0000-7000-8000-000000000001\"a=1"] {
            assert!(of(text).is_err(), "{text}");
        }
        assert_eq!(AppError::conflict("idempotency-mismatch").status_code().as_u16(), 422);
    }
}
