//! The counter: who may act for a business, confirmed after the originals were seen.

use super::super::filing::NAME_MAX;
use super::super::messages::{self, Sender};
use super::super::model::{Agent, Business};
use super::super::{party, store_business, store_names};
use super::names::{self, NewName};
use crate::accounts::Recusal;
use crate::audit::{self, Entry};
use crate::crypto::Keyring;
use crate::db::{Conn, Tx};
use crate::decision::{Act, Foreseen, Happened, Reading, Sent, Standing};
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::Phone;
use crate::number;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::i18n::{self, Lang};
use crate::web::principal::OfficialPrincipal;
use crate::web::text;
use chrono::{DateTime, Utc};
use serde_json::json;
use std::sync::Arc;

/// What is seen at the counter before a right is confirmed.
pub(super) const PROOFS: &[&str] = &["legal-person", "authorisation", "owner"];

/// What the counter decides.
pub enum Verdict {
    /// Whether somebody may act for the business.
    Right(Right),
    /// What the business is called.
    Name(NewName),
}

/// The decision about a right.
pub struct Right {
    version: i64,
    /// The proof that was seen; none to reject.
    proof: Option<&'static str>,
    /// Phone of the legal person, from the originals.
    legal_phone: Option<Phone>,
    /// Name as on the licence, for a business that has none yet; none where it is as claimed.
    name: Option<String>,
}

impl Verdict {
    /// Reads the form.
    ///
    /// # Errors
    /// What is to be put right.
    pub fn read(form: &Form) -> Result<Self, Vec<FieldError>> {
        if form.get("do") == "rename" {
            NewName::read(form).map(Self::Name)
        } else {
            Right::read(form).map(Self::Right)
        }
    }
}

impl Right {
    fn read(form: &Form) -> Result<Self, Vec<FieldError>> {
        let confirm = form.get("do") == "confirm";
        let proof = PROOFS.iter().find(|p| **p == form.get("proof")).copied();
        let phone = form.text("legal_phone").map(Phone::parse).transpose();
        let typed = form.has("name") && confirm;
        let name = typed.then(|| text::line("name", form.get("name"), NAME_MAX)).transpose();
        let mut reading = Reading::of(form);
        if confirm && proof.is_none() {
            reading.wrong(FieldError::new("proof", "choose-one"));
        }
        let name = name.map_err(|e| reading.wrong(e)).ok().flatten();
        if let Err(e) = &phone {
            reading.wrong(FieldError::new("legal_phone", e.code()));
        }
        let version = reading.version();
        reading.done(Self {
            version,
            proof: proof.filter(|_| confirm),
            legal_phone: phone.ok().flatten().filter(|_| confirm),
            name,
        })
    }

    /// Confirms or rejects; gives the right's state. What the claim says becomes the business's with the first
    /// confirmation, its name as the counter has read it in the licence. Later claims change nothing of it.
    fn settle(&self, at: &mut Deciding<'_, '_>, agent: &Agent, business: &Business) -> AppResult<String> {
        if agent.version != self.version {
            return Err(AppError::conflict("changed-meanwhile"));
        }
        let own = at.not_own(business)?;
        // Later agents are confirmed by a code to this number: it would be the official who confirms them.
        if self.legal_phone.as_ref().is_some_and(|phone| own.has_phone(phone.as_str())) {
            return Err(AppError::field("legal_phone", "own-phone"));
        }
        let (how, confirm) = (self.proof.unwrap_or("counter"), self.proof.is_some());
        let state = if confirm { "confirmed" } else { "rejected" };
        store_business::decide_agent(at.tx, agent, state, Some(at.by.official_id), how, at.now)?;
        let name = if confirm { self.called(at, agent, business)? } else { agent.claims(business) };
        if let Some(phone) = &self.legal_phone {
            store_business::set_legal_phone(at.tx, at.keys, business.id, phone)?;
        }
        let entry = Entry::new(at.by, "business.agent-decide", "business_agent")
            .object(agent.id)
            .detail(json!({"state": state, "how": how, "named": confirm && business.name.is_empty()}));
        audit::append(at.tx, at.now, entry)?;
        let (account, number) = (agent.account_id, &agent.number);
        messages::agent_decided(at.tx, at.keys, at.sender, account, &name, number, confirm, at.now)?;
        Ok(state.to_owned())
    }

    /// Gives the business its name with the first confirmation.
    fn called(&self, at: &mut Deciding<'_, '_>, agent: &Agent, business: &Business) -> AppResult<String> {
        let typed = self.name.as_deref();
        if !business.name.is_empty() {
            return match typed {
                Some(name) if name != business.name => Err(AppError::field("name", "business-named")),
                _ => Ok(business.name.clone()),
            };
        }
        let name = typed.unwrap_or(&agent.claimed_name);
        if name.is_empty() {
            return Err(AppError::field("name", "required"));
        }
        store_business::set_name(at.tx, business, name, &agent.claimed_division)?;
        Ok(name.to_owned())
    }
}

/// A decision at the counter: in which transaction, by whom, when.
pub struct Deciding<'a, 'tx> {
    /// The transaction.
    pub tx: &'a mut Tx<'tx>,
    /// Keys.
    pub keys: &'a Keyring,
    /// How messages name the province.
    pub sender: &'a Sender,
    /// The official.
    pub by: &'a OfficialPrincipal,
    /// The moment.
    pub now: DateTime<Utc>,
}

impl Deciding<'_, '_> {
    /// Refuses whoever is a party of the business.
    ///
    /// # Errors
    /// [`AppError::Conflict`] `refused-self-decision`; database or crypto errors.
    pub fn not_own(&mut self, business: &Business) -> AppResult<Recusal> {
        let own = Recusal::of(self.keys, self.by)?;
        if party::of_business(self.tx.conn(), self.keys, &own, business.id)? {
            return Err(AppError::conflict("refused-self-decision"));
        }
        Ok(own)
    }
}

/// Confirms or rejects a right, or corrects the name of its business; gives the right's state.
///
/// # Errors
/// [`AppError::NotFound`] outside the jurisdiction; [`AppError::Overtaken`] when somebody was faster; [`AppError::Conflict`]
/// for a business of one's own; [`AppError::Invalid`] `legal_phone`: `own-phone` for the official's own number, `name`:
/// `business-named` for another name than the business has, `same-name` for the one that it has.
pub async fn settle(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    (number, verdict): (&str, Verdict),
    sent: &Sent,
) -> AppResult<String> {
    let (act, settling) = (act(deps, ctx, who), Settling::of(deps, ctx, who, number, verdict));
    let standing = settling.standing(ctx.lang);
    act.done(sent, move |tx| settling.done(tx), standing).await
}

/// What people would be told of the decision; nothing is changed.
///
/// # Errors
/// As [`settle`].
pub(super) async fn foreseen(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    (number, verdict): (&str, Verdict),
) -> AppResult<Foreseen> {
    let (act, settling) = (act(deps, ctx, who), Settling::of(deps, ctx, who, number, verdict));
    let standing = settling.standing(ctx.lang);
    act.foreseen(move |tx| settling.done(tx).map(|_| Vec::new()), standing).await
}

fn act<'a>(deps: &'a App, ctx: &'a Ctx, who: &'a OfficialPrincipal) -> Act<'a> {
    Act::of(deps, ctx, who, "reopening.agent-decide")
}

/// A decision at the counter that is to be made.
struct Settling {
    keys: Arc<Keyring>,
    sender: Sender,
    who: OfficialPrincipal,
    number: String,
    province: String,
    verdict: Verdict,
    now: DateTime<Utc>,
}

impl Settling {
    fn of(deps: &App, ctx: &Ctx, who: &OfficialPrincipal, number: &str, verdict: Verdict) -> Self {
        Self {
            keys: deps.keys.clone(),
            sender: Sender::of(deps),
            who: who.clone(),
            number: number::normalise(number),
            province: deps.config.province.clone(),
            verdict,
            now: ctx.now,
        }
    }

    fn done(&self, tx: &mut Tx<'_>) -> AppResult<String> {
        let pattern = self.who.pattern();
        let found = store_business::agent_at(tx.conn(), &pattern, &self.province, &self.number)?;
        let (agent, business) = found.ok_or(AppError::NotFound)?;
        let mut at = Deciding { tx, keys: &self.keys, sender: &self.sender, by: &self.who, now: self.now };
        match &self.verdict {
            Verdict::Right(right) => right.settle(&mut at, &agent, &business),
            Verdict::Name(name) => name.settle(&mut at, &agent, &business),
        }
    }

    /// How the right stands, or the name, for whoever saw an older version.
    fn standing(&self, lang: Lang) -> impl FnOnce(&mut Conn) -> AppResult<Standing> + Send + 'static {
        let (pattern, province, number) = (self.who.pattern(), self.province.clone(), self.number.clone());
        let seen = match &self.verdict {
            Verdict::Right(right) => Ok(right.version),
            Verdict::Name(name) => Err(name.version()),
        };
        move |conn| {
            let found = store_business::agent_at(conn, &pattern, &province, &number)?;
            let (agent, business) = found.ok_or(AppError::NotFound)?;
            let word = i18n::t(lang, &format!("reopening-agent-{}", agent.state), &[]);
            let (version, happened) = match seen {
                Ok(seen) => {
                    let at = agent.confirmed_at.map(|at| at.0);
                    let decided = Happened { at, what: word.clone(), by: agent.confirmed_by, office: None };
                    (agent.version, (agent.version != seen).then_some(decided))
                }
                Err(seen) => {
                    let newer = business.version != seen;
                    let renamed = store_names::last(conn, business.id)?.filter(|_| newer);
                    (business.version, renamed.map(|last| names::renamed(lang, &business, last)))
                }
            };
            Ok(Standing {
                page: format!("/desk/agents/{number}"),
                back: "decision-back",
                state: agent.state,
                word,
                version: Some(version),
                happened: happened.into_iter().collect(),
            })
        }
    }
}
