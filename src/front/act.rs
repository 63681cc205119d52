//! What is done with keys, each in one transaction with its entry in the record. A secret is shown once, to whoever asks for
//! it; it stands in no log and no record.

use super::input::{NewKey, NewSecret};
use super::model::KeyRow;
use super::store;
use crate::audit::{self, Actor, Entry};
use crate::crypto::{FieldContext, Keyring, token};
use crate::db::{Conn, Id, Tx};
use crate::decision::{Happened, Standing};
use crate::error::AppResult;
use crate::signature::Key;
use crate::web::i18n::{Lang, t};
use crate::web::program::secret_context;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// A key that was given or whose secret was replaced.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KeyMade {
    /// Identifier of the key.
    pub id: String,
    /// The name of the key, which stands in each signature.
    pub keyid: String,
    /// The secret, which is shown once; nothing where the program signs with a key pair of its own.
    pub secret: Option<String>,
}

/// Actions that change a key.
const CHANGES: [&str; 2] = ["key.rotate", "key.revoke"];

fn reason_context(id: Id) -> FieldContext<'static> {
    FieldContext { table: "program_keys", column: "revoked_sealed", row: id.0 }
}

/// Gives a key.
///
/// # Errors
/// Database errors.
pub fn add(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    by: Actor,
    new: &NewKey,
    now: DateTime<Utc>,
) -> AppResult<KeyMade> {
    let id = Id::new();
    let keyid = format!("{}-{}", new.kind.code(), hex::encode(token::random(8)));
    let scopes: Vec<&str> = new.scopes.iter().map(|scope| scope.code()).collect();
    let row = KeyRow {
        id,
        keyid: keyid.clone(),
        kind: new.kind.code().to_owned(),
        name: new.name.clone(),
        owner: new.owner.clone(),
        province: new.province.clone(),
        scopes: scopes.join(" "),
        per_minute: new.per_minute,
        per_day: new.per_day,
        expires_at: new.expires_at.into(),
        revoked_at: None,
        revoked_sealed: None,
        seen_at: None,
        version: 1,
        created_by: by.id(),
        created_at: now.into(),
    };
    store::insert(tx, &row)?;
    let (secret, algorithm) = put_secret(tx, keyring, id, &new.secret, now)?;
    let detail = json!({
        "keyid": keyid, "kind": row.kind, "scopes": scopes, "province": row.province, "algorithm": algorithm,
        "per_minute": row.per_minute, "per_day": row.per_day, "expires_at": row.expires_at,
    });
    audit::append(tx, now, Entry::new(by, "key.create", "program-key").object(id).detail(detail))?;
    Ok(KeyMade { id: id.to_string(), keyid, secret })
}

/// Writes down what verifies a key; gives the secret that was made, if one was, and the algorithm.
fn put_secret(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    key: Id,
    new: &NewSecret,
    now: DateTime<Utc>,
) -> AppResult<(Option<String>, &'static str)> {
    let secret = new.key.is_none().then(token::bearer);
    let verifies = match (&new.key, &secret) {
        (Some(public), _) => public.clone(),
        (None, secret) => Key::secret(secret.as_deref().unwrap_or_default().as_bytes()),
    };
    let id = Id::new();
    let sealed = keyring.seal(&secret_context(id), verifies.material())?;
    store::insert_secret(tx, (id, key), &verifies, sealed, new.certificate, now)?;
    Ok((secret, verifies.algorithm().name()))
}

/// Replaces what verifies a key; what was before goes on counting for so many hours.
pub(super) fn rotate(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    by: Actor,
    (id, version): (Id, i64),
    (new, overlap): (&NewSecret, u32),
    now: DateTime<Utc>,
) -> AppResult<KeyMade> {
    store::claim(tx, id, version)?;
    store::end_secrets(tx, id, now + Duration::hours(overlap.into()))?;
    let (secret, algorithm) = put_secret(tx, keyring, id, new, now)?;
    let keyid = store::one(tx.conn(), id)?.keyid;
    let detail = json!({"keyid": keyid, "algorithm": algorithm, "overlap_hours": overlap});
    audit::append(tx, now, Entry::new(by, "key.rotate", "program-key").object(id).detail(detail))?;
    Ok(KeyMade { id: id.to_string(), keyid, secret })
}

/// Revokes a key: from the next request on it does not count.
pub(super) fn revoke(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    by: Actor,
    (id, version): (Id, i64),
    reason: &str,
    now: DateTime<Utc>,
) -> AppResult<()> {
    store::claim(tx, id, version)?;
    let sealed = keyring.seal_str(&reason_context(id), reason)?;
    store::revoke(tx, id, sealed, now)?;
    let keyid = store::one(tx.conn(), id)?.keyid;
    let entry = Entry::new(by, "key.revoke", "program-key").object(id).detail(json!({"keyid": keyid}));
    audit::append(tx, now, entry).map(drop)
}

/// Why a key was revoked.
pub(super) fn reason(keyring: &Keyring, row: &KeyRow) -> AppResult<Option<String>> {
    let Some(sealed) = &row.revoked_sealed else { return Ok(None) };
    Ok(Some(keyring.open_str(&reason_context(row.id), sealed)?.as_str().to_owned()))
}

/// How a key stands that somebody else has changed since its version was seen.
pub(super) fn standing(
    conn: &mut Conn,
    (id, seen): (Id, i64),
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<Standing> {
    let row = store::one(conn, id)?;
    let state = row.state(now);
    Ok(Standing {
        page: format!("/admin/keys/{id}"),
        back: "decision-back",
        state: state.to_owned(),
        word: t(lang, &format!("key-state-{state}"), &[]),
        version: Some(row.version),
        happened: Happened::recorded(conn, id, &CHANGES, row.version - seen, lang)?,
    })
}
