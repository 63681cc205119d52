//! A decision: what it asks for, what the applicant will get, and who was faster.

use super::super::act::{self, Ask, By};
use super::super::case::{Loaded, conflict};
use super::super::messages::{self, Sender};
use super::super::model::{Application, Note};
use super::super::{rules, store, views};
use super::Desk;
use super::case::{case_page, look};
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError, SignInKind};
use crate::web::ctx::Ctx;
use crate::web::factor::{Fresh, Worklist};
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::i18n::{self, Lang};
use crate::web::idempotency::{Submission, once};
use crate::web::page::{fail, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::workflow::Effect;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

/// Actions that are hard to take back: a permit that was revoked does not come back, so the factor is as fresh for it as
/// for anything grave. Every other decision of a case is undone by the next one or by a new application.
pub const GRAVE: [&str; 1] = ["revoke"];

/// What a decision form asks for.
fn ask(form: &Form) -> Ask {
    let text = |name: &str| form.text(name).map(str::to_owned);
    let items =
        form.get("items").lines().filter(|l| !l.trim().is_empty()).map(str::to_owned).take(50).collect();
    Ask {
        action: form.get("action").to_owned(),
        version: form.get("version").parse().ok(),
        note: Note { reason: text("reason"), remedy: text("remedy"), items, until: None },
    }
}

/// POST `/desk/applications/{number}`: decide, or see first what the applicant will get.
pub async fn decide(
    req: HttpRequest,
    deps: App,
    who: Official<Worklist<Desk>>,
    number: web::Path<String>,
    form: Form,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let (number, mut ask) = (number.into_inner(), ask(&form));
    let mut errors = match ask.note.clone().read() {
        Ok(note) => {
            ask.note = note;
            Vec::new()
        }
        Err(errors) => errors,
    };
    if form.has("preview") && errors.is_empty() {
        return case_page(&deps, &ctx, &who, &number, form.view(), Some(ask), StatusCode::OK).await;
    }
    let back = format!("/desk/applications/{number}");
    if ask.action.is_empty() {
        errors.push(FieldError::new("action", "choose-one"));
    }
    let done = match errors.is_empty() {
        true => official(&deps, &ctx, &who, number.clone(), ask.clone(), form.once()).await,
        false => Err(AppError::Invalid(errors)),
    };
    match done {
        Ok(_) => Ok(see_other_with(&deps, &back, "reopening-done")),
        Err(AppError::Invalid(errors)) => {
            let mut view = form.view();
            fail(&mut view, ctx.lang, &errors);
            case_page(&deps, &ctx, &who, &number, view, None, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(AppError::Conflict(code)) => {
            let changes = changes(&deps, &ctx, &who, &number, ask.version).await?;
            conflict(&deps, &ctx, &code, &back, changes)
        }
        Err(AppError::SignIn(SignInKind::StepUp)) => {
            ctx.hold(form);
            Err(AppError::SignIn(SignInKind::StepUp))
        }
        Err(other) => Err(other),
    }
}

/// What happened in a case since the version that an official saw.
async fn changes(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    number: &str,
    seen: Option<i64>,
) -> AppResult<Vec<String>> {
    let case = look(deps, who, number, ctx.lang, ctx.now).await?.case;
    let newer: Vec<_> = case.events.into_iter().filter(|e| seen.is_some_and(|v| e.version > v)).collect();
    let line = |e: &Value| {
        let part = |k: &str| e.get(k).and_then(Value::as_str).unwrap_or_default().to_owned();
        format!("{} ({})", part("title"), part("note"))
    };
    Ok(views::timeline(ctx.lang, &newer, true, ctx.now).iter().map(line).collect())
}

/// Does an official's action once; the case's new state.
///
/// # Errors
/// As [`act::act`]; [`AppError::NotFound`] outside the jurisdiction; [`AppError::SignIn`] for one of [`GRAVE`] without a
/// fresh second factor, [`AppError::NotYet`] for one of them by a login that is new.
pub async fn official(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    number: String,
    ask: Ask,
    key: Option<uuid::Uuid>,
) -> AppResult<String> {
    if GRAVE.contains(&ask.action.as_str()) {
        who.no_longer_new(ctx.now)?;
        if !Fresh::Minutes15.holds(who, ctx.now) {
            return Err(AppError::SignIn(SignInKind::StepUp));
        }
    }
    let (keys, sender, now) = (deps.keys.clone(), Sender::of(deps), ctx.now);
    let content = serde_json::to_vec(&json!([number, ask.action, ask.version, ask.note]))
        .map_err(AppError::internal)?;
    let key = key.map(|k| Submission::new(who.official_id, "reopening.decide", k, &content));
    let who = who.clone();
    deps.store
        .write(move |tx| {
            once(tx, &keys, key.as_ref(), now, |tx| {
                let app = store::inside(tx.conn(), &number, &who.pattern())?;
                let by = By::Official(Box::new(who.clone()));
                act::act(tx, &keys, &sender, app, &by, &ask, now).map(|app| app.state)
            })
        })
        .await
}

/// The SMS and e-mail that the applicant will get, in the applicant's language, with the numbers that are known only
/// afterwards left open.
///
/// # Errors
/// [`AppError::Internal`] for a template that fails.
pub(super) fn preview_text(
    deps: &App,
    case: &Loaded,
    ask: &Ask,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<Option<String>> {
    let Some(action) = rules::definition()?.action(&ask.action) else { return Ok(None) };
    let name = action.effects.iter().find_map(|e| match e {
        Effect::Notify(name) => Some(name.as_str()),
        _ => None,
    });
    let Some(name) = name else { return Ok(None) };
    let (app, note) = foreseen(&case.app, &ask.note, now)?;
    let path = format!("/reopening/{}", app.number);
    let mut params = messages::params(&Sender::of(deps), lang, &case.business.name, &app, &note, &path);
    if let Some(map) = params.as_object_mut() {
        map.insert("now".into(), serde_json::json!(now));
    }
    let province = Sender::of(deps).province(Lang::ZhCn).to_owned();
    let signature = i18n::t(Lang::ZhCn, "mail-signature", &[("province", province.into())]);
    let part = |part: &str| {
        let template = format!("mail/{name}/{part}.txt");
        deps.views.render_bare(&template, lang, &params).map_err(AppError::internal)
    };
    let (sms, body) = (part("sms")?, part("body")?);
    Ok(Some(format!("{signature}{}\n\n{}", sms.trim_end(), body.trim_end())))
}

/// The case as it would be after the decision, as far as that is known beforehand.
fn foreseen(app: &Application, note: &Note, now: DateTime<Utc>) -> AppResult<(Application, Note)> {
    let (calendar, settings) = (rules::calendar()?, rules::settings()?);
    let after =
        |days: i64| calendar.add_working(now, Duration::days(1) * i32::try_from(days).unwrap_or(0)).value;
    let decision = rules::definition()?.deadline("decision").map_or(0, |d| i64::from(d.working_days));
    let app = Application {
        permit_number: app.permit_number.clone().or_else(|| Some("XK…".into())),
        permit_until: app.permit_until.or_else(|| Some(act::permit_end(now, settings.permit_days).into())),
        due_at: app.due_at.map(|_| after(decision).into()),
        ..app.clone()
    };
    let note = Note { until: Some(after(settings.correction_working_days.into())), ..note.clone() };
    Ok((app, note))
}
