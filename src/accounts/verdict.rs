//! What the counter decides about an identity claim, in one transaction: the document in hand is compared with what
//! was stated, the person moves to the claiming account, and both accounts are told.

use super::counter::Replaced;
use super::merged::known;
use super::model::{IdentityLevel, Person};
use super::recusal::Recusal;
use super::store::{person, phone_of, recipient};
use super::store_claims::{self as claims, ClaimRow};
use crate::audit::{self, Entry};
use crate::clock::china_day;
use crate::colour::Colours;
use crate::crypto::Keyring;
use crate::db::{Conn, Id, Tx};
use crate::decision::{Act, Foreseen, Happened, Reading, Sent, Standing, previews};
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::{DivisionCode, DocumentNumber, PersonName};
use crate::notify::{self, Message};
use crate::number;
use crate::slice::Slices;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::i18n::{Lang, t};
use crate::web::limits;
use crate::web::principal::OfficialPrincipal;
use crate::web::session::{self, SessionKind};
use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use std::sync::Arc;

/// Why a claim is not accepted. A closed list: the audit log takes codes only, and no text about a person.
pub(super) const REASONS: &[&str] = &["holder", "differs", "invalid", "withdrawn"];

/// How often a day the document of one claim may be typed: mistakes are made, guessing is not served.
const ATTEMPTS: i32 = 10;

/// What the official wants.
#[derive(Debug, Clone)]
pub(super) enum Ask {
    /// The document was compared with the visitor; its name and number as typed from it.
    Confirm { name: String, document: String },
    /// Not accepted, with a code of [`REASONS`].
    Reject(&'static str),
}

impl Ask {
    /// Reads the form; what is missing stands at its field.
    ///
    /// # Errors
    /// [`AppError::BadRequest`] when no button of ours was pressed.
    pub(super) fn read(form: &Form) -> AppResult<Result<Self, Vec<FieldError>>> {
        match form.get("do") {
            "confirm" => Ok(Self::read_confirm(form)),
            "reject" => {
                let reason = REASONS.iter().find(|code| **code == form.get("reason"));
                let missing = || vec![FieldError::new("reason", "choose-one")];
                Ok(reason.map(|code| Self::Reject(code)).ok_or_else(missing))
            }
            _ => Err(AppError::BadRequest("request-malformed")),
        }
    }

    fn read_confirm(form: &Form) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        for field in ["name", "doc_number"] {
            if form.text(field).is_none() {
                errors.push(FieldError::new(field, "required"));
            }
        }
        if form.get("seen") != "yes" {
            errors.push(FieldError::new("seen", "claim-not-seen"));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self::Confirm { name: form.get("name").to_owned(), document: form.get("doc_number").to_owned() })
    }
}

/// What became of a decision that was sent.
pub(super) enum Verdict {
    /// It is made.
    Made,
    /// Nothing was done: this does not agree with the claim.
    Differs(Vec<FieldError>),
    /// Nothing was done: this is what people would be told.
    Foreseen(Foreseen),
}

/// Decides a claim, or shows what people would be told. A repeated submission changes nothing more.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] `changed-meanwhile` when somebody was faster or the version is not
/// the claim's, `refused-self-decision` for the official's own document or phone, `claim-colour` while the person whom the account
/// stands for has red or yellow causes; [`AppError::TooMany`] after ten attempts a day.
pub(super) async fn decide(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    number: &str,
    ask: Ask,
    form: &Form,
) -> AppResult<Verdict> {
    let mut reading = Reading::of(form);
    let version = reading.version();
    let version = match reading.done(version) {
        Ok(version) => version,
        Err(errors) => return Ok(Verdict::Differs(errors)),
    };
    let wanted = number::normalise(number);
    let desk = Arc::new(Counter::of(deps, ctx, who)?);
    let standing = {
        let (wanted, who, province, lang) = (wanted.clone(), who.clone(), desk.province.clone(), ctx.lang);
        move |conn: &mut Conn| standing(conn, (&wanted, version), &who, &province, lang)
    };
    let act = Act::of(deps, ctx, who, "claim.decide");
    if previews(form) {
        let seen = match compared(deps, desk.clone(), wanted.clone(), ask.clone()).await? {
            Ok(seen) => seen,
            Err(errors) => return Ok(Verdict::Differs(errors)),
        };
        let work = move |tx: &mut Tx<'_>| {
            let claim = claims::visible(tx.conn(), &wanted, &desk.who, &desk.province)?;
            desk.settle(tx, &claim, version, &ask, seen).map(|()| Vec::new())
        };
        return act.foreseen(work, standing).await.map(Verdict::Foreseen);
    }
    let sent = Sent::form(&wanted, form)?;
    // What was typed is an attempt, counted and recorded, also where it does not agree with the claim.
    let work = move |tx: &mut Tx<'_>| {
        let claim = claims::visible(tx.conn(), &wanted, &desk.who, &desk.province)?;
        match desk.shown(tx, &claim, &ask)? {
            Ok(seen) => desk.settle(tx, &claim, version, &ask, seen).map(|()| Vec::new()),
            Err(wrong) => Ok(wrong.into_iter().map(|e| (e.field, e.code)).collect()),
        }
    };
    let wrong: Vec<(String, String)> = act.done(&sent, work, standing).await?;
    if wrong.is_empty() {
        return Ok(Verdict::Made);
    }
    Ok(Verdict::Differs(wrong.into_iter().map(|(field, code)| FieldError::new(field, code)).collect()))
}

/// The comparison before a preview, which is kept: typing a document is an attempt and recorded, whatever it is typed for.
async fn compared(
    deps: &App,
    desk: Arc<Counter>,
    number: String,
    ask: Ask,
) -> AppResult<Result<Option<PersonName>, Vec<FieldError>>> {
    deps.store
        .write(move |tx| {
            let claim = claims::visible(tx.conn(), &number, &desk.who, &desk.province)?;
            desk.shown(tx, &claim, &ask)
        })
        .await
}

/// How a claim stands, for whoever saw an older version.
fn standing(
    conn: &mut Conn,
    (number, seen): (&str, i64),
    who: &OfficialPrincipal,
    province: &str,
    lang: Lang,
) -> AppResult<Standing> {
    let claim = claims::visible(conn, number, who, province)?;
    let changes = ["claim.confirm", "claim.reject"];
    Ok(Standing {
        page: format!("/desk/claims/{number}"),
        back: "decision-back",
        word: t(lang, &format!("decided-{}", claim.state), &[]),
        version: Some(claim.version),
        happened: Happened::recorded(conn, claim.id, &changes, claim.version - seen, lang)?,
        state: claim.state,
    })
}

/// One official at one moment.
struct Counter {
    keys: Arc<Keyring>,
    who: OfficialPrincipal,
    province: String,
    colours: Colours,
    slices: Slices,
    now: DateTime<Utc>,
}

impl Counter {
    fn of(deps: &App, ctx: &Ctx, who: &OfficialPrincipal) -> AppResult<Self> {
        Ok(Self {
            keys: deps.keys.clone(),
            who: who.clone(),
            province: deps.config.province.clone(),
            colours: Colours::of(deps)?,
            slices: *deps.part()?,
            now: ctx.now,
        })
    }

    /// Decides a claim that is as it was seen; `seen` is the name of a document that is the claim's.
    fn settle(
        &self,
        tx: &mut Tx<'_>,
        claim: &ClaimRow,
        version: i64,
        ask: &Ask,
        seen: Option<PersonName>,
    ) -> AppResult<()> {
        if !claim.is_open() || claim.version != version {
            return Err(AppError::conflict("changed-meanwhile"));
        }
        self.not_own(tx, claim)?;
        match (ask, seen) {
            (Ask::Reject(reason), _) => self.reject(tx, claim, reason),
            (Ask::Confirm { .. }, Some(name)) => self.confirm(tx, claim, &name),
            (Ask::Confirm { .. }, None) => Err(AppError::conflict("changed-meanwhile")),
        }
    }

    /// What was typed from a document compared with a claim that waits; of a refusal and of a claim that is decided nothing.
    fn shown(
        &self,
        tx: &mut Tx<'_>,
        claim: &ClaimRow,
        ask: &Ask,
    ) -> AppResult<Result<Option<PersonName>, Vec<FieldError>>> {
        match ask {
            Ask::Confirm { name, document } if claim.is_open() => {
                Ok(self.compare(tx, claim, name, document)?.map(Some))
            }
            _ => Ok(Ok(None)),
        }
    }

    /// The name as in the document, if document and name are those of the claim; else what differs, which is recorded.
    fn compare(
        &self,
        tx: &mut Tx<'_>,
        claim: &ClaimRow,
        name: &str,
        document: &str,
    ) -> AppResult<Result<PersonName, Vec<FieldError>>> {
        let day = Duration::days(1);
        limits::count(tx, &self.keys, "claim-document", &claim.number, day, ATTEMPTS, self.now)?;
        let (stated_name, stated_document) = claim.stated(&self.keys)?;
        let mut errors = Vec::new();
        let name = PersonName::parse(name);
        match &name {
            Err(e) => errors.push(FieldError::new("name", e.code())),
            Ok(n) if n.canonical() != stated_name.canonical() => {
                errors.push(FieldError::new("name", "claim-name-differs"));
            }
            Ok(_) => {}
        }
        match DocumentNumber::parse(stated_document.kind(), document, china_day(self.now)) {
            Err(e) => errors.push(FieldError::new("doc_number", e.code())),
            Ok(d) if d.canonical() != stated_document.canonical() => {
                errors.push(FieldError::new("doc_number", "claim-document-differs"));
            }
            Ok(_) => {}
        }
        if let (Ok(name), true) = (name, errors.is_empty()) {
            return Ok(Ok(name));
        }
        let fields: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
        self.log(tx, "claim.mismatch", claim, json!({"fields": fields}))?;
        Ok(Err(errors))
    }

    /// Nobody decides about themselves: neither who claims, nor whom the document is of, nor who would lose the person.
    fn not_own(&self, tx: &mut Tx<'_>, claim: &ClaimRow) -> AppResult<()> {
        match Recusal::of(&self.keys, &self.who)?.is_of(tx.conn(), claim)? {
            true => Err(AppError::conflict("refused-self-decision")),
            false => Ok(()),
        }
    }

    fn reject(&self, tx: &mut Tx<'_>, claim: &ClaimRow, reason: &str) -> AppResult<()> {
        claims::close(tx, claim, "rejected", self.who.official_id, self.now)?;
        self.log(tx, "claim.reject", claim, json!({"reason": reason}))?;
        self.tell(tx, claim, "rejected", reason)
    }

    fn confirm(&self, tx: &mut Tx<'_>, claim: &ClaimRow, name: &PersonName) -> AppResult<()> {
        let found = self.record(tx, claim)?;
        let (holder, own) = claims::before(tx.conn(), claim)?;
        // Another document at a counter is no way out of a red code.
        if let Some(own) = own
            && Replaced::of(tx.conn(), &self.colours, own, self.now)?.held
        {
            return Err(AppError::conflict("claim-colour"));
        }
        let phone = phone_of(tx.conn(), &self.keys, claim.account_id)?;
        let division = DivisionCode::parse(&claim.division).ok();
        claims::close(tx, claim, "confirmed", self.who.official_id, self.now)?;
        claims::prove(tx, &self.keys, &found, name, &phone, division, self.now)?;
        claims::hand_over(tx, self.slices, claim)?;
        let detail = json!({
            "level": found.level.max(IdentityLevel::Seen).code(),
            "moved": holder.is_some(),
            "renamed": found.name.canonical() != name.canonical(),
        });
        self.log(tx, "claim.confirm", claim, detail)?;
        if let Some(own) = own {
            self.detached(tx, claim.account_id, own)?;
        }
        if let Some(holder) = holder {
            self.detached(tx, holder, claim.person_id)?;
            let to = recipient(tx.conn(), &self.keys, holder)?;
            let moved = Message::new("claim-moved", json!({})).once(format!("claim-moved:{}", claim.id));
            notify::send(tx, &self.keys, &to, &moved, self.now)?;
        }
        self.tell(tx, claim, "confirmed", "")
    }

    /// The record of the document that was shown, which the person may have beside the leading one.
    fn record(&self, tx: &mut Tx<'_>, claim: &ClaimRow) -> AppResult<Person> {
        let (_, document) = claim.stated(&self.keys)?;
        let known = known(tx.conn(), &self.keys, &document)?.filter(|known| known.person == claim.person_id);
        person(tx.conn(), &self.keys, known.map_or(claim.person_id, |known| known.record))
    }

    /// An account no longer stands for a person; the declarations and codes stay the person's.
    fn detached(&self, tx: &mut Tx<'_>, account: Id, person: Id) -> AppResult<()> {
        let entry = Entry::new(&self.who, "person.detach", "account").object(account).subject(Some(person));
        audit::append(tx, self.now, entry)?;
        // Whoever is signed in there signs in again: the account is not what it was.
        session::end_all(tx, SessionKind::Resident, account)?;
        Ok(())
    }

    fn tell(&self, tx: &mut Tx<'_>, claim: &ClaimRow, state: &str, reason: &str) -> AppResult<()> {
        let to = recipient(tx.conn(), &self.keys, claim.account_id)?;
        let params = json!({"number": claim.number, "state": state, "reason": reason});
        let message = Message::new("claim-decided", params).once(format!("claim-decided:{}", claim.id));
        notify::send(tx, &self.keys, &to, &message, self.now)
    }

    fn log(
        &self,
        tx: &mut Tx<'_>,
        action: &'static str,
        claim: &ClaimRow,
        detail: serde_json::Value,
    ) -> AppResult<()> {
        let entry = Entry::new(&self.who, action, "claim").object(claim.id).subject(Some(claim.person_id));
        audit::append(tx, self.now, entry.detail(detail))?;
        Ok(())
    }
}
