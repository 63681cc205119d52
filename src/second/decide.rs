//! Deciding a thing, by its page or by a program: the same steps in the same order.

use super::page::of_each;
use super::{Entered, Names, People, TwoPersons, Verdict, store};
use crate::audit::Entry;
use crate::db::{Conn, Id, Tx};
use crate::decision::{Act, Foreseen, Happened, Reading, Sent, Standing};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::i18n::{Lang, t};
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::sync::mpsc;

/// That the colour of somebody changes: whoever stores colours says it in a rehearsal ([`Tx::tells`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Code of the colour before.
    pub from: String,
    /// Code of the colour afterwards.
    pub to: String,
}

/// A change of a colour as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Change {
    from: String,
    from_word: String,
    to: String,
    to_word: String,
}

/// What a decision would bring about, as it was rehearsed.
#[derive(Debug, Default, Serialize)]
pub(super) struct Rehearsed {
    /// Whose colour changes: each change once.
    pub moved: Vec<Change>,
    /// What people will read.
    pub foreseen: Foreseen,
}

/// A decision as it was read.
pub(super) struct Decision {
    verdict: Verdict,
}

impl Decision {
    /// The state to which it leads.
    pub fn state(&self) -> &'static str {
        self.verdict.state()
    }
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

/// An official about to decide a thing.
pub(super) struct Deciding<'a> {
    pub deps: &'a App,
    pub ctx: &'a Ctx,
    pub by: &'a OfficialPrincipal,
    pub id: Id,
}

impl Deciding<'_> {
    fn act<T: TwoPersons>(&self) -> Act<'_> {
        Act::of(self.deps, self.ctx, self.by, T::NAMES.confirm.0)
    }

    /// How it stands, for whoever comes after another.
    fn standing<T: TwoPersons>(&self) -> impl FnOnce(&mut Conn) -> AppResult<Standing> + Send + use<T> {
        let (id, within, lang) = (self.id, self.by.pattern(), self.ctx.lang);
        move |conn| standing::<T>(conn, id, &within, lang)
    }

    /// That it is open; where somebody has decided it, or its time has run out, that is told.
    pub async fn still<T: TwoPersons>(&self) -> AppResult<()> {
        let (parts, within, id) = (self.deps.clone(), self.by.pattern(), self.id);
        let look = move |tx: &mut Tx<'_>| opened::<T>(tx.conn(), &parts, &within, id).map(drop);
        self.act::<T>().still(look, self.standing::<T>()).await
    }

    /// Reads a decision. Whoever came too late is told that, and not what is wrong in it.
    pub async fn read<T: TwoPersons>(&self, form: &Form) -> AppResult<Result<Decision, Vec<FieldError>>> {
        let verdict = match read(form) {
            Ok(None) => Verdict::Confirm,
            Ok(Some(reason)) => {
                Verdict::Refuse(self.deps.keys.seal(&T::refusal(self.id), reason.as_bytes())?)
            }
            Err(errors) => {
                self.still::<T>().await?;
                return Ok(Err(errors));
            }
        };
        Ok(Ok(Decision { verdict }))
    }

    /// Decides it once; gives the message for whoever decided.
    pub async fn done<T: TwoPersons>(&self, decision: Decision, sent: &Sent) -> AppResult<String> {
        let (parts, by, id, now) = (self.deps.clone(), self.by.clone(), self.id, self.ctx.now);
        let work = move |tx: &mut Tx<'_>| {
            settle::<T>(tx, &parts, &by, id, &decision.verdict, now).map(ToOwned::to_owned)
        };
        self.act::<T>().done(sent, work, self.standing::<T>()).await
    }

    /// Does it in a rehearsal, with what the background does after a confirmation, and takes it back.
    pub async fn rehearsed<T: TwoPersons>(&self, decision: Decision) -> AppResult<Rehearsed> {
        let (parts, by, id, now) = (self.deps.clone(), self.by.clone(), self.id, self.ctx.now);
        let touched = match &decision.verdict {
            Verdict::Confirm => self.touched::<T>().await?,
            Verdict::Refuse(_) => Vec::new(),
        };
        let (say, said) = mpsc::channel();
        let work = move |tx: &mut Tx<'_>| {
            touched.iter().try_for_each(|person| T::hold(tx, *person))?;
            settle::<T>(tx, &parts, &by, id, &decision.verdict, now)?;
            touched.iter().try_for_each(|person| T::follow(tx, &parts, *person, now))?;
            say.send(tx.overheard::<Moved>()).map_err(AppError::internal)?;
            Ok(Vec::new())
        };
        let foreseen = self.act::<T>().foreseen(work, self.standing::<T>()).await?;
        let moved = said.try_recv().map_err(AppError::internal)?;
        Ok(Rehearsed { moved: changes(moved, self.ctx.lang), foreseen })
    }

    async fn touched<T: TwoPersons>(&self) -> AppResult<Vec<Id>> {
        let (parts, within, id) = (self.deps.clone(), self.by.pattern(), self.id);
        let open = self.deps.store.read(move |conn| T::open(conn, &parts, id, &within)).await?;
        match open {
            Some(waits) => waits.touched(self.deps, self.ctx.now).await,
            None => Ok(Vec::new()),
        }
    }
}

/// Each change once, in the order in which they were heard.
fn changes(moved: Vec<Moved>, lang: Lang) -> Vec<Change> {
    let word = |colour: &str| t(lang, &format!("code-word-{colour}"), &[]);
    let mut changes = Vec::new();
    for Moved { from, to } in moved {
        let change = Change { from_word: word(&from), to_word: word(&to), from, to };
        if !changes.contains(&change) {
            changes.push(change);
        }
    }
    changes
}

fn standing<T: TwoPersons>(conn: &mut Conn, id: Id, within: &str, lang: Lang) -> AppResult<Standing> {
    let outcome = T::decided(conn, id, within)?;
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

/// What waits; where another has decided it, or its time has run out, that is a conflict.
fn opened<T: TwoPersons>(conn: &mut Conn, deps: &Deps, within: &str, id: Id) -> AppResult<T> {
    match T::open(conn, deps, id, within)? {
        Some(waits) => Ok(waits),
        None if T::decided(conn, id, within)?.is_some() => Err(AppError::conflict("changed-meanwhile")),
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
    let waits = opened::<T>(tx.conn(), deps, &by.pattern(), id)?;
    may(tx.conn(), deps, by, &waits, yes)?;
    if !waits.decide(tx, deps, by.official_id, verdict, now)? {
        return Err(AppError::conflict("changed-meanwhile"));
    }
    store::remove(tx, id)?;
    let Names { confirm, refuse, object, .. } = T::NAMES;
    let (action, _) = if yes { confirm } else { refuse };
    of_each(tx, &waits, now, || Entry::new(by, action, object).detail(waits.detail()))?;
    if yes {
        waits.take_effect(tx, deps, by, now)?;
        return Ok(confirm.1);
    }
    waits.refused(tx, deps, by, now)?;
    Ok(waits.refusal_told())
}

/// Whether an official may decide it.
fn may<T: TwoPersons>(
    conn: &mut Conn,
    deps: &Deps,
    by: &OfficialPrincipal,
    waits: &T,
    yes: bool,
) -> AppResult<()> {
    if waits.had_a_part(by.official_id) {
        return Err(AppError::conflict("end-took-part"));
    }
    let Entered { by: entered_by, .. } = waits.entered();
    if yes && entered_by == Some(by.official_id) {
        return Err(AppError::conflict("two-persons"));
    }
    // Also where it is about nobody: two who decide have to be known as two.
    let People { impartial, same, .. } = People::of(deps)?;
    if let Some(other) = entered_by.filter(|other| yes && *other != by.official_id)
        && same(conn, &deps.keys, by, other)?
    {
        return Err(AppError::conflict("two-logins"));
    }
    impartial(conn, &deps.keys, by, waits.subject())?;
    let mut others = waits.subjects().into_iter().filter(|id| Some(*id) != waits.subject());
    others.try_for_each(|other| impartial(conn, &deps.keys, by, Some(other)))
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

    #[test]
    fn a_change_of_many_is_shown_once() {
        let to = |to: &str| Moved { from: "green".into(), to: to.into() };
        let heard = changes(vec![to("red"), to("red"), to("yellow")], Lang::ZhCn);
        assert_eq!(heard.iter().map(|c| c.to.as_str()).collect::<Vec<_>>(), ["red", "yellow"]);
        assert_eq!(heard[0].from_word, "绿码");
    }
}
