//! What takes two officials: one has entered it, another decides on a page of its own.
//!
//! The page shows who entered it, exactly what was given, whom it is about in full, and what a confirmation brings
//! about. The steps are the same for everything that can change the colour of people: it must still be open and in the
//! official's jurisdiction, nobody decides about themselves or without being known, nobody confirms what they entered, a
//! refusal has a reason that the one who entered it reads, only the first decision counts, and it leaves an entry in the
//! transaction in which it takes effect.

use crate::accounts::Recusal;
use crate::audit::{self, Entry};
use crate::crypto::{FieldContext, Keyring};
use crate::db::{Conn, Id, Tx};
use crate::decision::{Act, Foreseen, Happened, Reading, Sent, Standing, previews};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::officials;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::{Official, Roles};
use crate::web::i18n::{Lang, t};
use crate::web::page::{fail, page_with, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::view::{Choice, FormView};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// What a kind of thing is called: in the log, on its page, and in the message after the decision.
pub(super) struct Names {
    /// Kind of the object in the log.
    pub object: &'static str,
    /// Action of a look.
    pub view: &'static str,
    /// Action and message of a confirmation.
    pub confirm: (&'static str, &'static str),
    /// Action and message of a refusal.
    pub refuse: (&'static str, &'static str),
    /// The page on which it waits.
    pub list: &'static str,
    /// The address of the page on which it is decided.
    pub page: &'static str,
    /// Texts: the title, and what confirming and refusing mean.
    pub texts: [&'static str; 3],
}

/// By whom, for which office and when something was entered.
pub(super) struct Entered {
    pub by: Option<Id>,
    pub office: Option<Id>,
    pub at: DateTime<Utc>,
}

/// Something that waits for a second official.
pub(super) trait TwoPersons: Sized + Clone + Send + 'static {
    /// Its names.
    const NAMES: Names;

    /// Reads it, if it is open and in the official's jurisdiction.
    fn open(conn: &mut Conn, deps: &Deps, id: Id, by: &OfficialPrincipal) -> AppResult<Option<Self>>;

    /// What became of it, where it is decided and in the official's jurisdiction.
    fn decided(conn: &mut Conn, id: Id, by: &OfficialPrincipal) -> AppResult<Option<Outcome>>;

    /// Who entered it.
    fn entered(&self) -> Entered;

    /// The person whom it is about, if it is about one.
    fn subject(&self) -> Option<Id>;

    /// Codes for the log.
    fn detail(&self) -> Value;

    /// Writes the decision down, a refusal with its sealed reason; false when somebody else has decided meanwhile.
    fn decide(
        &self,
        tx: &mut Tx<'_>,
        deps: &Deps,
        by: Id,
        verdict: &Verdict,
        now: DateTime<Utc>,
    ) -> AppResult<bool>;

    /// What a confirmation brings about.
    fn take_effect(
        &self,
        tx: &mut Tx<'_>,
        deps: &Deps,
        by: &OfficialPrincipal,
        now: DateTime<Utc>,
    ) -> AppResult<()>;

    /// Whether somebody had such a part in it that they may not even refuse it. Whoever entered a thing may take it back.
    fn had_a_part(&self, _by: Id) -> bool {
        false
    }

    /// What whoever refuses it is told.
    fn refusal_told(&self) -> &'static str {
        Self::NAMES.refuse.1
    }

    /// What a refusal brings about.
    fn refused(
        &self,
        _tx: &mut Tx<'_>,
        _deps: &Deps,
        _by: &OfficialPrincipal,
        _now: DateTime<Utc>,
    ) -> AppResult<()> {
        Ok(())
    }

    /// What the page shows beside who entered it: `facts`, a list of `{label, value}`, and `effect` or `preview`.
    fn shown(&self, deps: &App, ctx: &Ctx) -> impl Future<Output = AppResult<Value>>;

    /// Where the reason of a refusal is sealed to.
    fn refusal(id: Id) -> FieldContext<'static>;
}

/// What became of a thing that is no longer open.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    /// `confirmed` or `refused`.
    pub state: &'static str,
    pub by: Option<Id>,
    pub at: Option<DateTime<Utc>>,
}

/// What the second official has decided.
pub(super) enum Verdict {
    /// It is right.
    Confirm,
    /// It is not, with the sealed reason.
    Refuse(Vec<u8>),
}

impl Verdict {
    /// The stored code.
    pub fn state(&self) -> &'static str {
        match self {
            Self::Confirm => "confirmed",
            Self::Refuse(_) => "refused",
        }
    }

    /// The sealed reason of a refusal.
    pub fn sealed(&self) -> Option<Vec<u8>> {
        match self {
            Self::Confirm => None,
            Self::Refuse(sealed) => Some(sealed.clone()),
        }
    }
}

/// The reason of a refusal, opened for whoever entered the thing.
pub(super) fn reason(
    keys: &Keyring,
    context: &FieldContext<'_>,
    sealed: Option<&Vec<u8>>,
) -> AppResult<Option<String>> {
    sealed.map(|sealed| Ok(keys.open_str(context, sealed)?.to_string())).transpose()
}

/// A fact of the page.
pub(super) fn fact(lang: Lang, label: &str, value: impl Into<String>) -> Value {
    json!({"label": t(lang, label, &[]), "value": value.into()})
}

/// `GET …/{id}/decide`.
pub(super) async fn show<T: TwoPersons, R: Roles>(
    req: HttpRequest,
    deps: App,
    official: Official<R>,
    id: web::Path<Id>,
) -> AppResult<HttpResponse> {
    decision_page::<T>(&deps, &*Ctx::of(&req)?, &official, *id, (FormView::new(), None)).await
}

async fn decision_page<T: TwoPersons>(
    deps: &App,
    ctx: &Ctx,
    official: &OfficialPrincipal,
    id: Id,
    (form, foreseen): (FormView, Option<Foreseen>),
) -> AppResult<HttpResponse> {
    let (parts, by, now) = (deps.clone(), official.clone(), ctx.now);
    let (waits, entered) = deps
        .store
        .write(move |tx| {
            let waits = T::open(tx.conn(), &parts, id, &by)?.ok_or(AppError::NotFound)?;
            let entry = Entry::new(&by, T::NAMES.view, T::NAMES.object).object(id);
            audit::append(tx, now, entry.subject(waits.subject()))?;
            let Entered { by: who, office, at } = waits.entered();
            Ok((waits, (officials::named(tx.conn(), who, office)?, at)))
        })
        .await?;
    let (named, at) = entered;
    let own = waits.entered().by == Some(official.official_id);
    let status = if form.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let [title, yes, no] = T::NAMES.texts;
    let choices = [Choice::text(ctx.lang, "confirm", yes), Choice::text(ctx.lang, "refuse", no)];
    let mut data = json!({
        "title": t(ctx.lang, title, &[]),
        "list": T::NAMES.list,
        "action": T::NAMES.page.replace("{id}", &id.to_string()),
        "who": named.who, "office": if ctx.english() { named.office_en } else { named.office }, "at": at,
        "own": own,
        "reason_hint": t(ctx.lang, "decide-reason-hint", &[]),
        "had_a_part": waits.had_a_part(official.official_id),
        "choices": choices,
        "form": form,
        "foreseen": foreseen,
        "effect": null,
        "preview": null,
        "counted": null,
    });
    let shown = waits.shown(deps, ctx).await?;
    if let (Value::Object(data), Value::Object(shown)) = (&mut data, shown) {
        data.extend(shown);
    }
    page_with(deps, ctx, status, "codes/decide.html", &data)
}

/// `POST …/{id}/decide`.
pub(super) async fn decide<T: TwoPersons, R: Roles>(
    req: HttpRequest,
    deps: App,
    official: Official<R>,
    id: web::Path<Id>,
    form: Form,
) -> AppResult<HttpResponse> {
    let (ctx, id) = (Ctx::of(&req)?, *id);
    let (parts, by, now, lang) = (deps.clone(), (*official).clone(), ctx.now, ctx.lang);
    let standing = move |conn: &mut Conn| standing::<T>(conn, id, &by, lang);
    let act = Act::of(&deps, &ctx, &official, T::NAMES.confirm.0);
    let verdict = match read(&form) {
        Ok(None) => Verdict::Confirm,
        Ok(Some(reason)) => Verdict::Refuse(deps.keys.seal(&T::refusal(id), reason.as_bytes())?),
        Err(errors) => {
            let by = (*official).clone();
            act.still(move |tx| opened::<T>(tx, &parts, &by, id).map(drop), standing).await?;
            let mut view = form.view();
            fail(&mut view, ctx.lang, &errors);
            return decision_page::<T>(&deps, &ctx, &official, id, (view, None)).await;
        }
    };
    let by = (*official).clone();
    let work = move |tx: &mut Tx<'_>| settle::<T>(tx, &parts, &by, id, &verdict, now).map(ToOwned::to_owned);
    if previews(&form) {
        let foreseen = act.foreseen(move |tx| work(tx).map(|_| Vec::new()), standing).await?;
        return decision_page::<T>(&deps, &ctx, &official, id, (form.view(), Some(foreseen))).await;
    }
    let flash: String = act.done(&Sent::form(&id.to_string(), &form)?, work, standing).await?;
    Ok(see_other_with(&deps, T::NAMES.list, &flash))
}

/// How it stands, for whoever comes after another.
fn standing<T: TwoPersons>(
    conn: &mut Conn,
    id: Id,
    by: &OfficialPrincipal,
    lang: Lang,
) -> AppResult<Standing> {
    let outcome = T::decided(conn, id, by)?;
    let state = outcome.as_ref().map_or("open", |o| o.state);
    let word = t(lang, &format!("decided-{state}"), &[]);
    let happened = outcome.map(|o| Happened { at: o.at, what: word.clone(), by: o.by, office: None });
    Ok(Standing {
        page: T::NAMES.list.to_owned(),
        back: "decision-back",
        state: state.to_owned(),
        word,
        version: None,
        happened: happened.into_iter().collect(),
    })
}

/// What waits; where another has decided it, that is a conflict.
fn opened<T: TwoPersons>(tx: &mut Tx<'_>, deps: &Deps, by: &OfficialPrincipal, id: Id) -> AppResult<T> {
    match T::open(tx.conn(), deps, id, by)? {
        Some(waits) => Ok(waits),
        None if T::decided(tx.conn(), id, by)?.is_some() => Err(AppError::conflict("changed-meanwhile")),
        None => Err(AppError::NotFound),
    }
}

/// Writes a decision down with what follows from it; gives what the official is told.
fn settle<T: TwoPersons>(
    tx: &mut Tx<'_>,
    deps: &Deps,
    by: &OfficialPrincipal,
    id: Id,
    verdict: &Verdict,
    now: DateTime<Utc>,
) -> AppResult<&'static str> {
    let yes = matches!(verdict, Verdict::Confirm);
    let waits = opened::<T>(tx, deps, by, id)?;
    if waits.had_a_part(by.official_id) {
        return Err(AppError::conflict("end-took-part"));
    }
    if yes && waits.entered().by == Some(by.official_id) {
        return Err(AppError::conflict("two-persons"));
    }
    // Also where it is about nobody: two who decide have to be known as two.
    let own = Recusal::of(&deps.keys, by)?;
    if let Some(person) = waits.subject() {
        own.not_about(tx.conn(), Some(person), None)?;
    }
    if !waits.decide(tx, deps, by.official_id, verdict, now)? {
        return Err(AppError::conflict("changed-meanwhile"));
    }
    let (action, _) = if yes { T::NAMES.confirm } else { T::NAMES.refuse };
    let entry = Entry::new(by, action, T::NAMES.object).object(id).subject(waits.subject());
    audit::append(tx, now, entry.detail(waits.detail()))?;
    if yes {
        waits.take_effect(tx, deps, by, now)?;
        return Ok(T::NAMES.confirm.1);
    }
    waits.refused(tx, deps, by, now)?;
    Ok(waits.refusal_told())
}

/// The decision: nothing for a confirmation, the reason of a refusal.
fn read(form: &Form) -> Result<Option<String>, Vec<FieldError>> {
    let mut reading = Reading::of(form);
    let refused = match form.get("decision") {
        "confirm" => None,
        "refuse" => Some(reading.needed("reason")),
        _ => {
            reading.wrong(FieldError::new("decision", "required"));
            None
        }
    };
    reading.done(refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::TEXT;

    fn error(pairs: &[(&str, &str)]) -> (String, String) {
        let e = read(&Form::of(pairs)).unwrap_err().remove(0);
        (e.field, e.code)
    }

    #[test]
    fn nothing_is_decided_without_a_choice_and_nothing_refused_without_a_reason() {
        assert_eq!(error(&[]), ("decision".into(), "required".into()));
        assert_eq!(error(&[("decision", "yes"), ("reason", "x")]), ("decision".into(), "required".into()));
        assert_eq!(error(&[("decision", "refuse"), ("reason", "  ")]), ("reason".into(), "required".into()));
        let long = "长".repeat(TEXT + 1);
        assert_eq!(error(&[("decision", "refuse"), ("reason", &long)]).1, "text-too-long");
        assert_eq!(read(&Form::of(&[("decision", "confirm")])).unwrap(), None);
        let no = Form::of(&[("decision", "refuse"), ("reason", "日期不对")]);
        assert_eq!(read(&no).unwrap().as_deref(), Some("日期不对"));
    }
}
