//! A decision: what it asks for, what the applicant will get, and who was faster.

use super::super::act::{self, Ask, By, Parts};
use super::super::case::conflict;
use super::super::model::{Application, Note};
use super::super::rules::REOPENING;
use super::super::{store, views};
use super::Desk;
use super::case::case_page;
use crate::case::happened;
use crate::db::{Conn, Tx};
use crate::decision::{Act, Foreseen, Happened, Reading, Sent, Standing, previews};
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError, SignInKind};
use crate::number;
use crate::web::ctx::Ctx;
use crate::web::factor::{Fresh, Worklist};
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::i18n::Lang;
use crate::web::page::{fail, see_other_with};
use crate::web::principal::OfficialPrincipal;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};

/// Actions that are hard to take back: a permit that was revoked does not come back, so the factor is as fresh for it as
/// for anything grave. Every other decision of a case is undone by the next one or by a new application.
pub const GRAVE: [&str; 1] = ["revoke"];

/// Reads a decision, of the form or of a program brought to its shape.
///
/// # Errors
/// What is to be put right.
pub fn ask(form: &Form) -> Result<Ask, Vec<FieldError>> {
    let mut reading = Reading::of(form);
    let action = form.get("action").to_owned();
    if action.is_empty() {
        reading.wrong(FieldError::new("action", "choose-one"));
    }
    let written = |text: String| Some(text).filter(|text| !text.is_empty());
    let (reason, remedy) = (written(reading.text("reason")), written(reading.text("remedy")));
    let items = reading.items("items");
    let version = Some(reading.version());
    reading.done(Ask { action, version, note: Note { reason, remedy, items, until: None } })
}

/// POST `/desk/applications/{number}`: decide, or see first what the applicant will get.
pub async fn decide(
    ctx: Ctx,
    deps: App,
    who: Official<Worklist<Desk>>,
    number: web::Path<String>,
    form: Form,
) -> AppResult<HttpResponse> {
    let number = number::normalise(&number);
    let back = format!("/desk/applications/{number}");
    let errors = match decided(&deps, &ctx, &who, &number, &form).await {
        Ok(Some(preview)) => {
            return case_page(&deps, &ctx, &who, &number, (form.view(), Some(preview)), StatusCode::OK).await;
        }
        Ok(None) => return Ok(see_other_with(&deps, &back, "reopening-done")),
        Err(AppError::Invalid(errors)) => errors,
        Err(AppError::Conflict(code)) => return conflict(&deps, &ctx, &code, &back, Vec::new()),
        Err(AppError::SignIn(SignInKind::StepUp)) => {
            ctx.hold(form);
            return Err(AppError::SignIn(SignInKind::StepUp));
        }
        Err(other) => return Err(other),
    };
    let mut view = form.view();
    fail(&mut view, ctx.lang, &errors);
    case_page(&deps, &ctx, &who, &number, (view, None), StatusCode::UNPROCESSABLE_ENTITY).await
}

/// Decides, or gives what the applicant would get.
async fn decided(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    number: &str,
    form: &Form,
) -> AppResult<Option<Foreseen>> {
    let ask = ask(form).map_err(AppError::Invalid)?;
    if previews(form) {
        return foreseen(deps, ctx, who, number, ask).await.map(Some);
    }
    let sent = Sent::form(number, form)?;
    official(deps, ctx, who, (number, ask), &sent).await.map(|_| None)
}

/// Does an official's action once; the case's new state.
///
/// # Errors
/// As [`act::act`]; [`AppError::NotFound`] outside the jurisdiction; [`AppError::SignIn`] for one of [`GRAVE`] without a
/// fresh second factor, [`AppError::NotYet`] for one of them by a login that is new; [`AppError::Overtaken`] when somebody
/// was faster.
pub async fn official(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    (number, ask): (&str, Ask),
    sent: &Sent,
) -> AppResult<String> {
    if GRAVE.contains(&ask.action.as_str()) {
        who.no_longer_new(ctx.now)?;
        if !Fresh::Minutes15.holds(who, ctx.now) {
            return Err(AppError::SignIn(SignInKind::StepUp));
        }
    }
    let wanted = Wanted::of(deps, ctx, who, number, ask);
    let standing = wanted.standing(ctx.lang);
    let work = move |tx: &mut Tx<'_>| wanted.act(tx).map(|(_, after)| after.state);
    Act::of(deps, ctx, who, "reopening.decide").done(sent, work, standing).await
}

/// What would be told if an official did something; a number that is given only then is left open.
async fn foreseen(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    number: &str,
    ask: Ask,
) -> AppResult<Foreseen> {
    let wanted = Wanted::of(deps, ctx, who, number, ask);
    let standing = wanted.standing(ctx.lang);
    let work = move |tx: &mut Tx<'_>| {
        let (before, after) = wanted.act(tx)?;
        let drawn = after.permit_number.filter(|number| before.as_ref() != Some(number));
        Ok(drawn.into_iter().collect())
    };
    Act::of(deps, ctx, who, "reopening.decide").foreseen(work, standing).await
}

/// A decision that is to be made.
struct Wanted {
    parts: Parts,
    who: OfficialPrincipal,
    number: String,
    ask: Ask,
    now: DateTime<Utc>,
}

impl Wanted {
    fn of(deps: &App, ctx: &Ctx, who: &OfficialPrincipal, number: &str, ask: Ask) -> Self {
        let (parts, who) = (Parts::of(deps), who.clone());
        Self { parts, who, number: number::normalise(number), ask, now: ctx.now }
    }

    /// Makes it; the number of the permit before, and the case after.
    fn act(&self, tx: &mut Tx<'_>) -> AppResult<(Option<String>, Application)> {
        let app = store::inside(tx.conn(), &self.number, &self.who.pattern())?;
        let (before, by) = (app.permit_number.clone(), By::Official(Box::new(self.who.clone())));
        let after = act::act(tx, &self.parts, app, &by, &self.ask, self.now)?;
        Ok((before, after))
    }

    /// How the case stands, for whoever saw an older version.
    fn standing(&self, lang: Lang) -> impl FnOnce(&mut Conn) -> AppResult<Standing> + Send + 'static {
        let (number, pattern) = (self.number.clone(), self.who.pattern());
        let seen = self.ask.version.unwrap_or_default();
        move |conn| {
            let app = store::inside(conn, &number, &pattern)?;
            let happened = happened(conn, &REOPENING, app.id, seen, lang)?;
            Ok(stands(app, lang, happened))
        }
    }
}

/// How a case stands after what has happened.
pub(super) fn stands(app: Application, lang: Lang, happened: Vec<Happened>) -> Standing {
    Standing {
        page: format!("/desk/applications/{}", app.number),
        back: "reopening-back-to-case",
        word: views::state(lang, &app.state),
        state: app.state,
        version: Some(app.version),
        happened,
    }
}
