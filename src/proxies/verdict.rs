//! What the counter decides: by both documents that somebody may act for another, or that it ends.

use super::act::{self, By};
use super::model::{Row, Ward};
use super::store;
use crate::accounts::{self, Claim, ClaimPerson, Recusal};
use crate::audit::{self, Actor, Entry};
use crate::clock::china_day;
use crate::crypto::Keyring;
use crate::db::{Conn, Id, Tx};
use crate::decision::{Act, Happened, Reading, Sent, Standing};
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::{DivisionCode, DocumentNumber, PersonName};
use crate::slips::{self, Slip};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::i18n::{Lang, t};
use crate::web::limits;
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// How often a day the documents of one question may be typed: mistakes are made, guessing is not served.
const ATTEMPTS: i32 = 10;

/// What the official typed from two documents.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    own: String,
    name: String,
    document: String,
    born: Option<NaiveDate>,
}

/// What is wanted of a question or a consent.
#[derive(Debug, Clone)]
pub(super) enum Ask {
    Confirm(Typed),
    End,
}

impl Ask {
    /// Reads the form; what is missing stands at its field.
    pub(super) fn read(form: &Form) -> AppResult<Result<Self, Vec<FieldError>>> {
        match form.get("do") {
            "confirm" => Ok(Self::confirm(form)),
            "end" => Ok(match form.get("asked") {
                "yes" => Ok(Self::End),
                _ => Err(vec![FieldError::new("asked", "proxy-not-asked")]),
            }),
            _ => Err(AppError::BadRequest("request-malformed")),
        }
    }

    fn confirm(form: &Form) -> Result<Self, Vec<FieldError>> {
        let missing = |field: &&str| form.text(field).is_none();
        let fields = ["own_number", "name", "doc_number"];
        let mut errors: Vec<FieldError> =
            fields.iter().filter(|f| missing(f)).map(|field| FieldError::new(*field, "required")).collect();
        let born = form.view().date("born").unwrap_or_else(|e| {
            errors.push(FieldError::new("born", e.key()));
            None
        });
        if form.get("seen") != "yes" {
            errors.push(FieldError::new("seen", "proxy-not-seen"));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let text = |field: &str| form.get(field).to_owned();
        Ok(Self::Confirm(Typed {
            own: text("own_number"),
            name: text("name"),
            document: text("doc_number"),
            born,
        }))
    }
}

/// Decides: the number of the receipt, or what is wrong with what was typed. A repeated submission changes nothing more.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Overtaken`] when somebody was faster; [`AppError::Conflict`] `refused-self-decision`;
/// [`AppError::TooMany`] after ten attempts a day.
pub(super) async fn decided(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    number: &str,
    ask: Ask,
    form: &Form,
) -> AppResult<Result<String, Vec<FieldError>>> {
    let mut reading = Reading::of(form);
    let seen = reading.version();
    let seen = match reading.done(seen) {
        Ok(seen) => seen,
        Err(errors) => return Ok(Err(errors)),
    };
    let counter = Counter {
        keys: deps.keys.clone(),
        by: who.clone(),
        province: deps.config.province.clone(),
        now: ctx.now,
    };
    let (wanted, lang) = (number.to_owned(), ctx.lang);
    let standing = {
        let wanted = wanted.clone();
        move |conn: &mut Conn| standing(conn, (&wanted, seen), lang)
    };
    let work = move |tx: &mut Tx<'_>| counter.settle(tx, &wanted, seen, &ask);
    match Act::of(deps, ctx, who, "proxy.decide").done(&Sent::form(number, form)?, work, standing).await {
        Ok(Settled::Done(receipt)) => Ok(Ok(receipt)),
        Ok(Settled::Wrong(wrong)) => {
            Ok(Err(wrong.into_iter().map(|(field, code)| FieldError::new(field, code)).collect()))
        }
        Err(AppError::Invalid(errors)) => Ok(Err(errors)),
        Err(e) => Err(e),
    }
}

/// How it stands, for whoever saw an older version.
fn standing(conn: &mut Conn, (number, seen): (&str, i64), lang: Lang) -> AppResult<Standing> {
    let row = store::by_number(conn, number)?;
    let changes = ["proxy.grant", "proxy.refuse", "proxy.end"];
    Ok(Standing {
        page: "/desk/proxies".into(),
        back: "decision-back",
        word: t(lang, &format!("proxy-state-{}", row.state), &[]),
        version: Some(row.version),
        happened: Happened::recorded(conn, row.id, &changes, row.version - seen, lang)?,
        state: row.state,
    })
}

/// Fields and what is wrong with them.
type Wrong = Vec<(String, String)>;

/// What became of it: a second click gets the same.
#[derive(Debug, Serialize, Deserialize)]
enum Settled {
    /// The number of the receipt on paper.
    Done(String),
    /// The documents say something else; the attempt is kept.
    Wrong(Wrong),
}

/// One official at one moment.
struct Counter {
    keys: Arc<Keyring>,
    by: OfficialPrincipal,
    province: String,
    now: DateTime<Utc>,
}

impl Counter {
    /// Does what is asked; what does not agree with the documents is no error, for the attempt is kept.
    fn settle(&self, tx: &mut Tx<'_>, number: &str, seen: i64, ask: &Ask) -> AppResult<Settled> {
        let row = store::by_number(tx.conn(), number)?;
        if row.version != seen || !row.is_open(self.now) {
            return Err(AppError::conflict("changed-meanwhile"));
        }
        let ward = row.ward(&self.keys)?;
        self.not_own(tx.conn(), &row, &ward)?;
        match ask {
            Ask::End => {
                let by = (By::Counter(self.by.official_id), Actor::from(&self.by));
                act::end(tx, &self.keys, &row, by, self.now)?;
                self.on_paper(tx, ("proxy-end", &row, &ward), (row.person_id, None))
            }
            Ask::Confirm(_) if row.state != "asked" => Err(AppError::conflict("changed-meanwhile")),
            Ask::Confirm(typed) => self.confirm(tx, &row, &ward, typed),
        }
    }

    /// Nobody lets themselves act, or somebody act for them, at their own counter.
    fn not_own(&self, conn: &mut Conn, row: &Row, ward: &Ward) -> AppResult<()> {
        let own = Recusal::of(&self.keys, &self.by)?;
        own.not_about(conn, row.person_id, Some(row.account_id))?;
        let person = accounts::person_by_document(conn, &self.keys, &ward.document)?;
        own.not_about(conn, person, None)?;
        match own.has_document(&ward.document) {
            true => Err(AppError::conflict("refused-self-decision")),
            false => Ok(()),
        }
    }

    /// What the two take home.
    fn on_paper(
        &self,
        tx: &mut Tx<'_>,
        (act, row, ward): (&'static str, &Row, &Ward),
        (person, until): (Option<Id>, Option<DateTime<Utc>>),
    ) -> AppResult<Settled> {
        let (number, name) = (Some(row.number.as_str()), ward.name.masked());
        let (further, proof) = (None, slips::DOCUMENT);
        let slip = Slip { act, about: row.id, number, person, name, until, further, proof };
        slips::give(tx, &self.keys, &self.by, slip, self.now).map(Settled::Done)
    }

    fn confirm(&self, tx: &mut Tx<'_>, row: &Row, ward: &Ward, typed: &Typed) -> AppResult<Settled> {
        let day = Duration::days(1);
        limits::count(tx, &self.keys, "proxy-document", &row.number, day, ATTEMPTS, self.now)?;
        let wrong = self.compare(tx.conn(), row, ward, typed)?;
        if !wrong.is_empty() {
            let fields: Vec<&String> = wrong.iter().map(|(field, _)| field).collect();
            let entry = Entry::new(&self.by, "proxy.mismatch", "proxy").object(row.id).subject(row.person_id);
            audit::append(tx, self.now, entry.detail(json!({"fields": fields})))?;
            return Ok(Settled::Wrong(wrong));
        }
        let Some(person) = self.person(tx, row, ward)? else {
            return Ok(Settled::Wrong(vec![("name".into(), "known-otherwise".into())]));
        };
        let born = ward.document.id_number().map(|number| number.birth_date()).or(typed.born);
        let until = act::agreeable(tx, row.relation()?, (person, born), "doc_number", self.now)?;
        let by = (Actor::from(&self.by), Some(self.by.official_id));
        act::grant(tx, &self.keys, row, (person, until), by, self.now)?;
        self.on_paper(tx, ("proxy-grant", row, ward), (Some(person), Some(until)))
    }

    /// What was typed from the documents and is not what they are.
    fn compare(&self, conn: &mut Conn, row: &Row, ward: &Ward, typed: &Typed) -> AppResult<Wrong> {
        let mut wrong = Wrong::new();
        let mut note = |field: &str, code: &str| wrong.push((field.to_owned(), code.to_owned()));
        match PersonName::parse(&typed.name) {
            Err(e) => note("name", e.code()),
            Ok(name) if name.canonical() != ward.name.canonical() => note("name", "proxy-name-differs"),
            Ok(_) => {}
        }
        let is = |document: &DocumentNumber, text: &str| {
            let typed = DocumentNumber::parse(document.kind(), text, china_day(self.now));
            typed.is_ok_and(|typed| typed.canonical() == document.canonical())
        };
        if !is(&ward.document, &typed.document) {
            note("doc_number", "proxy-document-differs");
        }
        let own = accounts::person_of(conn, row.account_id)?;
        let own = own.map(|id| accounts::documents(conn, &self.keys, id)).transpose()?.unwrap_or_default();
        if !own.iter().any(|document| is(document, &typed.own)) {
            note("own_number", "proxy-own-differs");
        }
        Ok(wrong)
    }

    /// The person of the document that was seen, entered where the portal did not know them; none under another name. Where
    /// somebody lives is not asked: what is known of them stays, and who was not known lives with whoever acts for them.
    fn person(&self, tx: &mut Tx<'_>, row: &Row, ward: &Ward) -> AppResult<Option<Id>> {
        let known = accounts::person_by_document(tx.conn(), &self.keys, &ward.document)?;
        let acting = accounts::person_of(tx.conn(), row.account_id)?;
        let known = known.map(|id| accounts::person(tx.conn(), &self.keys, id)).transpose()?;
        let acting = acting.map(|id| accounts::person(tx.conn(), &self.keys, id)).transpose()?;
        let division = known.as_ref().and_then(|p| p.division).or(acting.and_then(|p| p.division));
        let division = division.map_or_else(|| DivisionCode::parse(&self.province), Ok);
        let claim = ClaimPerson {
            by: Actor::from(&self.by),
            account: None,
            document: ward.document.clone(),
            name: ward.name.clone(),
            sex: ward.document.id_number().map(|number| number.sex()),
            division: division.map_err(AppError::internal)?,
            phone: known.and_then(|p| p.phone),
        };
        match accounts::claim_person(tx, &self.keys, &claim, self.now)? {
            Claim::Yours(person) => Ok(Some(person)),
            Claim::OtherName(_) => Ok(None),
            Claim::Counter { .. } | Claim::Full => Err(AppError::internal("a counter led to the counter")),
        }
    }
}
