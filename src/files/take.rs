//! Taking a file: what it is is known from its bytes; it is written down before its bytes and becomes a file when they are
//! durable. What was cut off in between is nobody's, and the sweeping removes it.

use super::kind::{Kind, Refusal};
use super::place::Sealing;
use super::terms::Terms;
use super::work::Look;
use super::{Access, Files, copy, name, store};
use crate::audit::{self, Actor, Entry};
use crate::crypto::{FileKey, Keyring};
use crate::db::{Id, Tx};
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::jobs;
use crate::web::limits;
use crate::web::parts::SentFile;
use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// What stands around a file that is handed in: by whom, and what is asked of the case.
#[derive(Clone)]
pub struct Handing {
    /// The account.
    pub account: Id,
    /// Looks whether the account may add a file to the case now, and keeps others waiting who change the case. It is asked
    /// before the bytes are written and again when they are there; then, with `true`, it notes what has changed in the case.
    pub admit: Admit,
}

/// See [`Handing::admit`].
pub type Admit = Arc<dyn Fn(&mut Tx<'_>, bool) -> AppResult<Access> + Send + Sync>;

/// Errors of a file that is not taken stand at the form's field.
fn wrong(field: &str, refusal: Refusal) -> AppError {
    AppError::field(field, format!("file-{}", refusal.code()))
}

/// What a file is, if it may be handed in.
fn kind_of(sent: &SentFile, terms: &Terms) -> AppResult<Kind> {
    if sent.name.is_empty() && sent.bytes.is_empty() && !sent.too_large {
        return Err(AppError::field(sent.field, "file-none"));
    }
    if sent.too_large {
        let error = FieldError::new(sent.field, "file-large").with("most", terms.each >> 20);
        return Err(AppError::Invalid(vec![error]));
    }
    let kind = Kind::of(&sent.bytes).map_err(|refusal| wrong(sent.field, refusal))?;
    if !terms.kinds.contains(&kind) {
        return Err(wrong(sent.field, Refusal::Kind));
    }
    copy::header(&sent.bytes, kind).map_err(|refusal| wrong(sent.field, refusal))?;
    Ok(kind)
}

/// Takes a file; gives its identifier. The same bytes in the same case are one file, however often they are sent.
///
/// # Errors
/// [`AppError::Invalid`] at the form's field for a file that is not taken, with what its sender calls it;
/// [`AppError::Conflict`] `files-off` where none are taken, those of `admit`, [`AppError::Unavailable`] when it cannot be
/// written.
pub(super) async fn put(
    deps: &App,
    handing: Handing,
    sent: SentFile,
    terms: &'static Terms,
    now: DateTime<Utc>,
) -> AppResult<Id> {
    let called = name::called(&sent.name);
    let named = |error: FieldError| error.with("file", &called);
    match take(deps, handing, sent, terms, now).await {
        Err(AppError::Invalid(errors)) => Err(AppError::Invalid(errors.into_iter().map(named).collect())),
        taken => taken,
    }
}

async fn take(
    deps: &App,
    handing: Handing,
    sent: SentFile,
    terms: &'static Terms,
    now: DateTime<Utc>,
) -> AppResult<Id> {
    let place = Files::of(deps)?.place()?.clone();
    let kind = kind_of(&sent, terms)?;
    let new = New::of(deps, handing, sent, kind, terms, now)?;
    let (row, sealing) = match new.write(deps).await? {
        Begun::New(begun) => *begun,
        Begun::There(id) => return Ok(id),
    };
    let (id, blob) = (row.id, row.blob.unwrap_or(row.id));
    let done = async {
        place.put(blob, sealing).await?;
        new.finish(deps, id).await
    };
    let done = done.await;
    if let Err(error) = &done {
        // A disk that is full uses up nothing of what somebody may hand in.
        let back = matches!(error, AppError::Unavailable(_)).then(|| (new.clone(), deps.keys.clone()));
        // Without this the sweeping does it.
        let gone = deps.store.write(move |tx| {
            if let Some((new, keys)) = back {
                new.give_back(tx, &keys)?;
            }
            store::remove(tx, id)
        });
        let gone = gone.await;
        if gone.is_ok() {
            let _ = place.remove(blob).await;
        }
    }
    done.map(|()| id)
}

/// A request is over by then, one way or the other: whose bytes have not come has to be sent again.
const OVER: Duration = Duration::minutes(1);

/// Whether a file takes room in its case: it is there, or may still come.
fn counts(row: &store::Row, now: DateTime<Utc>) -> bool {
    match row.state.as_str() {
        "refused" => false,
        "receiving" => now - row.changed_at.0 < OVER,
        _ => true,
    }
}

/// A file that is being taken.
#[derive(Clone)]
struct New {
    handing: Handing,
    terms: &'static Terms,
    kind: Kind,
    bytes: Arc<Vec<u8>>,
    content: String,
    field: &'static str,
    name: String,
    now: DateTime<Utc>,
}

enum Begun {
    New(Box<(store::Row, Sealing)>),
    There(Id),
}

impl New {
    fn of(
        deps: &App,
        handing: Handing,
        sent: SentFile,
        kind: Kind,
        terms: &'static Terms,
        now: DateTime<Utc>,
    ) -> AppResult<Self> {
        Files::of(deps)?;
        let SentFile { field, name: called, bytes, .. } = sent;
        let content = hex::encode(Sha256::digest(&bytes));
        Ok(Self {
            handing,
            terms,
            kind,
            name: name::clean(&called, kind),
            bytes: Arc::new(bytes),
            content,
            field,
            now,
        })
    }

    /// Writes the file down, unless there is no room for it or it is there.
    async fn write(&self, deps: &App) -> AppResult<Begun> {
        let (new, keys) = (self.clone(), deps.keys.clone());
        let begun = deps.store.write(move |tx| {
            let access = (new.handing.admit)(tx, false)?;
            let digest = keys.blind("file", &format!("{}:{}", access.case, new.content));
            let rows = store::all_of(tx.conn(), &access)?;
            let now = new.now;
            let counted = || rows.iter().filter(move |row| counts(row, now));
            if let Some(same) = counted().find(|row| row.digest == digest) {
                return Ok((None, Some(same.id)));
            }
            new.room(counted().count(), counted().map(|row| row.size).sum())?;
            new.spend(tx, &keys)?;
            let key = FileKey::new(&keys);
            let row = new.row(&keys, &access, digest.to_vec(), &key)?;
            store::add(tx, &row)?;
            Ok((Some((row, key)), None))
        });
        match begun.await? {
            (Some((row, key)), _) => {
                Ok(Begun::New(Box::new((row, Sealing { key, plain: self.bytes.to_vec() }))))
            }
            (None, Some(id)) => Ok(Begun::There(id)),
            (None, None) => Err(AppError::internal("a file is neither new nor there")),
        }
    }

    fn row(&self, keys: &Keyring, access: &Access, digest: Vec<u8>, key: &FileKey) -> AppResult<store::Row> {
        let (id, blob) = (Id::new(), Id::new());
        Ok(store::Row {
            id,
            purpose: self.terms.name.into(),
            case_id: access.case,
            account_id: self.handing.account,
            state: "receiving".into(),
            reason: None,
            kind: self.kind.code().into(),
            size: i64::try_from(self.bytes.len()).map_err(AppError::internal)?,
            digest,
            shelf: store::shelf_of(blob),
            blob: Some(blob),
            making: None,
            name_sealed: store::seal_name(keys, id, &self.name)?,
            key_sealed: Some(store::seal_key(keys, id, key)?),
            created_at: self.now.into(),
            changed_at: self.now.into(),
        })
    }

    /// Whether the case has room for it.
    fn room(&self, count: usize, bytes: i64) -> AppResult<()> {
        let refused = |code: &str, most: usize| {
            Err(AppError::Invalid(vec![FieldError::new(self.field, code).with("most", most)]))
        };
        let size = i64::try_from(self.bytes.len()).map_err(AppError::internal)?;
        if count >= self.terms.count {
            return refused("file-many", self.terms.count);
        }
        if bytes.saturating_add(size) > self.terms.whole {
            return refused("file-whole", usize::try_from(self.terms.whole >> 20).unwrap_or_default());
        }
        Ok(())
    }

    /// Whose files are counted, and how many may come.
    fn budget(&self) -> (String, [(Duration, i32); 1]) {
        let whose = format!("{}:{}", self.terms.name, self.handing.account);
        (whose, [(Duration::days(1), self.terms.a_day)])
    }

    /// It was not taken, and not by its sender's fault.
    fn give_back(&self, tx: &mut Tx<'_>, keys: &Keyring) -> AppResult<()> {
        let (whose, budget) = self.budget();
        limits::give_back(tx, keys, ("files", &whose), &budget, self.now)
    }

    /// Counts it for the account.
    fn spend(&self, tx: &mut Tx<'_>, keys: &Keyring) -> AppResult<()> {
        let (whose, budget) = self.budget();
        if limits::spend(tx, keys, ("files", &whose), &budget, self.now)? {
            return Ok(());
        }
        let error = FieldError::new(self.field, "file-a-day").with("most", self.terms.a_day);
        Err(AppError::Invalid(vec![error]))
    }

    /// The bytes are durable: the file has been received, and is looked at.
    async fn finish(&self, deps: &App, id: Id) -> AppResult<()> {
        let (new, keys) = (self.clone(), deps.keys.clone());
        let done = deps.store.write(move |tx| {
            let access = (new.handing.admit)(tx, true)?;
            if !store::to(tx, id, &["receiving"], "received", new.now)? {
                return Err(AppError::conflict("changed-meanwhile"));
            }
            let entry = Entry::new(Actor::Resident(new.handing.account), "file.add", "file").object(id);
            let detail = json!({"purpose": new.terms.name, "case": access.case, "kind": new.kind.code()});
            audit::append(tx, new.now, entry.subject(access.person).detail(detail))?;
            jobs::enqueue(tx, &keys, &Look { file: id }, Some(&Look::name(id)), new.now, new.now)?;
            Ok(())
        });
        done.await
    }
}
