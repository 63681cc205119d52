//! In whose hands a case is: taken by one official, given to a colleague (the same right in the same office), or given back
//! to all. A slice says with a [`Taken`] how its cases are found and written; who may do what is the same for all of them.
//!
//! It decides nothing: whoever could decide a case before can do so after, whoever has it; and the version stays, so that
//! nobody's decision is overtaken by a case that changed hands.

use super::absence::{colleagues, hands};
use super::store_hand as store;
use crate::audit::{self, Entry};
use crate::db::{Conn, Id, Tx};
use crate::decision::{Act, Happened, Sent, Standing};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::number::normalise;
use crate::slice::{InHands, Taken};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::i18n::{Lang, t};
use crate::web::page::{answer, fail, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::view::{Choice, FormView};
use crate::worklist::{self, Outcome};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use validator::Validate;

/// Where a case is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hand {
    /// To whoever asks.
    Take,
    /// To a colleague.
    Give(Id),
    /// Back to all.
    Return,
}

impl Hand {
    /// Reads a form: `do`, and to whom.
    fn read(what: &str, colleague: &str) -> AppResult<Self> {
        match what {
            "take" => Ok(Self::Take),
            "return" => Ok(Self::Return),
            "assign" => {
                colleague.parse().map(Self::Give).map_err(|_| AppError::field("colleague", "choose-one"))
            }
            _ => Err(AppError::BadRequest("request-malformed")),
        }
    }
}

/// Takes, gives or returns a case, if it is still where the official saw it; gives who has it now.
fn put(
    tx: &mut Tx<'_>,
    kind: &Taken,
    who: &OfficialPrincipal,
    (number, hand): (&str, Hand),
    now: DateTime<Utc>,
) -> AppResult<Option<Id>> {
    let case = (kind.find)(tx.conn(), who, number)?;
    let leads = hand == Hand::Return && (kind.leads)(who.role, &case.state);
    if !leads && !(kind.takes)(who.role, &case.state) {
        return Err(AppError::NotFound);
    }
    let taken = || AppError::conflict("taken-by-other");
    if let Some(has) = case.by
        && !leads
        && !hands(tx.conn(), who.official_id, now)?.contains(&has)
    {
        return Err(taken());
    }
    let to = match hand {
        Hand::Take => Some(who.official_id),
        Hand::Return => None,
        Hand::Give(to) => {
            let all = colleagues(tx.conn(), who, now)?;
            let known = all.iter().any(|(id, _)| *id == to);
            Some(known.then_some(to).ok_or_else(|| AppError::field("colleague", "choose-one"))?)
        }
    };
    if !(kind.put)(tx, &case, to)? {
        let moved = (kind.find)(tx.conn(), who, number)?.by == case.by;
        return Err(if moved { AppError::conflict("changed-meanwhile") } else { taken() });
    }
    changed(tx, kind, who, (&case, to), now)?;
    Ok(to)
}

/// Notes in the record that a case has changed hands.
pub(super) fn changed(
    tx: &mut Tx<'_>,
    kind: &Taken,
    who: &OfficialPrincipal,
    (case, to): (&InHands, Option<Id>),
    now: DateTime<Utc>,
) -> AppResult<()> {
    let entry = Entry::new(who, kind.entry, kind.object).object(case.id).subject(case.person);
    audit::append(tx, now, entry.detail(json!({"to": to}))).map(drop)
}

/// Does one of a list's acts on a row that was chosen: `take`, `assign` or `return`.
///
/// # Errors
/// [`AppError::Invalid`] `colleague` where nobody, or nobody of the office, is named; [`AppError::BadRequest`] for another
/// act; database errors. A refusal is an [`Outcome`].
pub async fn hand_of_row(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    kind: &'static Taken,
    act: worklist::Act,
) -> AppResult<Outcome> {
    let hand = Hand::read(&act.what, &act.colleague)?;
    let (by, now, number) = (who.clone(), ctx.now, act.number);
    let work = move |tx: &mut Tx<'_>| put(tx, kind, &by, (&number, hand), now);
    match Act::of(deps, ctx, who, kind.entry).once(&act.sent, work).await {
        Ok(_) => Ok(Outcome::done(t(ctx.lang, "hand-done", &[]))),
        Err(AppError::NotFound) => Ok(Outcome { kind: "bad", label: t(ctx.lang, "hand-gone", &[]) }),
        Err(refused) => Outcome::refused(ctx.lang, refused),
    }
}

/// Does the same with one case, by the form on its page, and leads back there; `again` shows the page with what is to be put
/// right in the form. `number` is as [`normalise`] gives it.
///
/// # Errors
/// [`AppError::NotFound`] outside the jurisdiction or where it is not the role's turn; [`AppError::Overtaken`] when a colleague
/// has it for whom the official does not stand in; [`AppError::BadRequest`] as [`hand_of_row`]; those of `again`.
pub async fn hand_on_page(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    (kind, number): (&'static Taken, &str),
    form: &Form,
    again: impl AsyncFnOnce(FormView) -> AppResult<HttpResponse>,
) -> AppResult<HttpResponse> {
    let done = match Hand::read(form.get("do"), form.get("colleague")) {
        Ok(hand) => once(deps, ctx, who, (kind, number, hand), &Sent::form(number, form)?).await,
        Err(unread) => Err(unread),
    };
    match done {
        Ok(_) => Ok(see_other_with(deps, &format!("{}/{number}", kind.list), "hand-changed")),
        Err(AppError::Invalid(errors)) => {
            let mut view = form.view();
            fail(&mut view, ctx.lang, &errors);
            again(view).await
        }
        Err(other) => Err(other),
    }
}

/// Moves a case; `number` is as [`normalise`] gives it.
async fn once(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    (kind, number, hand): (&'static Taken, &str, Hand),
    sent: &Sent,
) -> AppResult<Option<Id>> {
    let (by, now, number, lang) = (who.clone(), ctx.now, number.to_owned(), ctx.lang);
    let (reader, wanted) = (who.clone(), number.clone());
    let work = move |tx: &mut Tx<'_>| put(tx, kind, &by, (&number, hand), now);
    let standing = move |conn: &mut Conn| standing(conn, kind, &reader, &wanted, lang);
    Act::of(deps, ctx, who, kind.entry).done(sent, work, standing).await
}

/// Who has a case that a colleague was faster to take.
fn standing(
    conn: &mut Conn,
    kind: &Taken,
    who: &OfficialPrincipal,
    number: &str,
    lang: Lang,
) -> AppResult<Standing> {
    let case = (kind.find)(conn, who, number)?;
    let what = t(lang, "hand-taken", &[]);
    let taken = case.by.map(|by| Happened { at: None, what, by: Some(by), office: None });
    Ok(Standing {
        page: format!("{}/{}", kind.list, case.number),
        back: "decision-back",
        word: (kind.word)(lang, &case.state),
        state: case.state,
        version: Some(case.version),
        happened: taken.into_iter().collect(),
    })
}

/// Where a case is to go.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandInput {
    /// `take`, `assign` to a colleague, or `return` to all.
    #[serde(rename = "do")]
    #[validate(length(max = 20))]
    #[schema(max_length = 20)]
    pub what: String,
    /// To whom, for `assign`: an official of the same office with the same right.
    #[serde(default)]
    #[schema(value_type = Option<uuid::Uuid>)]
    pub colleague: Option<Id>,
}

/// In whose hands a case is now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HandBody {
    /// Number of the case.
    pub number: String,
    /// Whether an official has it.
    pub taken: bool,
    /// Whether it is the caller.
    pub mine: bool,
}

/// Does the same for a program.
///
/// # Errors
/// As [`hand_on_page`]; [`AppError::BadRequest`] `idempotency-key`.
pub async fn hand_by_call(
    (req, deps): (&HttpRequest, &App),
    who: &OfficialPrincipal,
    (kind, number): (&'static Taken, &str),
    input: &HandInput,
) -> AppResult<HttpResponse> {
    let (ctx, number) = (Ctx::of(req)?, normalise(number));
    let colleague = input.colleague.map(|id| id.to_string()).unwrap_or_default();
    let hand = match Hand::read(&input.what, &colleague) {
        Err(AppError::BadRequest(_)) => return Err(AppError::field("do", "choose-one")),
        read => read?,
    };
    let sent = Sent::call(req, &(&number, input))?;
    let now = once(deps, &ctx, who, (kind, &number, hand), &sent).await?;
    Ok(answer(&HandBody { number, taken: now.is_some(), mine: now == Some(who.official_id) }))
}

/// In whose hands a case is, and what the official can do about it, as its page shows it.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct HandView {
    /// Name of the official who has it.
    pub assignee: Option<String>,
    /// Whether anything of this is shown: the role takes such cases now, or somebody has it.
    pub shown: bool,
    /// Whether it can be taken.
    pub take: bool,
    /// Whether it can be given back to all.
    pub give_back: bool,
    /// To whom it can be given.
    pub colleagues: Vec<Choice>,
}

/// Reads that for a case that was found for the official.
///
/// # Errors
/// Database errors.
pub fn hand_view(
    conn: &mut Conn,
    kind: &Taken,
    who: &OfficialPrincipal,
    case: &InHands,
    now: DateTime<Utc>,
) -> AppResult<HandView> {
    let turn = (kind.takes)(who.role, &case.state);
    let mine = match case.by {
        Some(has) if turn => hands(conn, who.official_id, now)?.contains(&has),
        _ => false,
    };
    let leads = case.by.is_some() && (kind.leads)(who.role, &case.state);
    let free = turn && case.by.is_none();
    let others = if free || mine { colleagues(conn, who, now)? } else { Vec::new() };
    let others = others.into_iter().filter(|(id, _)| *id != who.official_id && Some(*id) != case.by);
    Ok(HandView {
        assignee: case.by.map(|by| store::name(conn, by)).transpose()?,
        shown: turn || case.by.is_some(),
        take: free,
        give_back: mine || leads,
        colleagues: others.map(|(id, name)| Choice::new(id.to_string(), name)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_where_a_case_goes() {
        let id = Id::new();
        assert_eq!(Hand::read("take", "").unwrap(), Hand::Take);
        assert_eq!(Hand::read("return", "whoever").unwrap(), Hand::Return);
        assert_eq!(Hand::read("assign", &id.to_string()).unwrap(), Hand::Give(id));
        for nobody in ["", "x", "王同事"] {
            assert!(matches!(Hand::read("assign", nobody), Err(AppError::Invalid(_))), "{nobody}");
        }
        assert!(matches!(Hand::read("keep", ""), Err(AppError::BadRequest(_))));
    }
}
