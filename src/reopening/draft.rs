//! The form's pages: one question at a time, saved at every step, checked before it is sent. The same pages serve the
//! answer to a correction notice.

use super::answers::{self, STEPS};
use super::case::{self, Loaded};
use super::model::{Application, Form as Answers};
use super::shown_draft::{CheckPage, CheckRow, InTheWay, ReviewRule, ShutPage, StepPage};
use super::{attachments, filing, imports, listed, rules, staff, standing, store_business, views};
use crate::clock::china_day;
use crate::db::Id;
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::DivisionCode;
use crate::policy::{ReviewDecision, ReviewLevel, RuleSet};
use crate::risk;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Resident;
use crate::web::page::{fail, field_text, see_other};
use crate::web::respond::{Answer, respond, respond_with};
use crate::web::steps::CHANGE;
use crate::web::view::FormView;
use crate::web::{i18n, i18n::Lang};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};

/// A case whose answers can be changed, with what decides how it can be submitted.
pub(super) struct Draft {
    case: Loaded,
    confirmed: bool,
    agent: String,
    review: Option<ReviewDecision>,
    /// Another case of the business for the place, which stands in the way of a new one.
    other: Option<Application>,
}

pub(super) async fn load(deps: &App, account: Id, number: String, ctx: &Ctx) -> AppResult<Draft> {
    let case = case::mine(deps, account, number).await?;
    if !filing::editable(&case.app) {
        return Err(AppError::conflict("refused-not-from-state"));
    }
    let (keys, policy, now) = (deps.keys.clone(), deps.policy.clone(), ctx.now);
    deps.store
        .read(move |conn| {
            let agent = store_business::agent_of(conn, case.app.business_id, account)?;
            let division = DivisionCode::parse(&case.app.division).map_err(AppError::internal)?;
            let class = risk::level_at(conn, division, now)?;
            let review = rules::review(&policy, &case.form, &case.app.division, class, now)?;
            let confirmed = agent.as_ref().is_some_and(super::model::Agent::confirmed);
            // Only who is confirmed learns what the business has.
            let other = match confirmed && case.app.state == "draft" {
                true => standing::other(conn, &keys, &case.app, &case.form, now)?,
                false => None,
            };
            let agent = agent.map(|a| a.number).unwrap_or_default();
            Ok(Draft { case, confirmed, agent, review, other })
        })
        .await
}

fn changing(req: &HttpRequest, form: Option<&Form>) -> bool {
    let mark = format!("{CHANGE}=1");
    req.query_string().split('&').any(|q| q == mark) || form.is_some_and(|f| f.get(CHANGE) == "1")
}

/// GET `/reopening/{number}/{step}`.
pub async fn step(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Resident,
    path: web::Path<(String, String)>,
) -> AppResult<Answer<StepPage>> {
    let (number, step) = path.into_inner();
    let draft = load(&deps, who.account_id, number, &ctx).await?;
    let view = answers::shown(&draft.case.form, &step);
    step_page(&deps, &ctx, &draft, &step, view, changing(&req, None), StatusCode::OK)
}

pub(super) fn step_page(
    deps: &App,
    ctx: &Ctx,
    draft: &Draft,
    step: &str,
    form: FormView,
    changing: bool,
    status: StatusCode,
) -> AppResult<Answer<StepPage>> {
    let base = format!("/reopening/{}", draft.case.app.number);
    let saved = (!draft.case.app.step.is_empty()).then_some(draft.case.app.updated_at.0);
    let progress = STEPS
        .progress(step, &draft.case.form, changing, saved, ctx.lang, ctx.now)
        .ok_or(AppError::NotFound)?;
    let chosen = ["place-1", "place-2", "place-3"].map(|n| form.get(n).to_owned());
    let sent = chosen.iter().any(|c| !c.is_empty());
    let levels =
        if sent { chosen } else { views::levels_of(draft.case.form.division.as_deref().unwrap_or_default()) };
    let settings = rules::settings()?;
    let form = if form.get("mode").is_empty() { form.with("mode", "all") } else { form };
    let view = StepPage {
        step: step.to_owned(),
        modes: imports::modes(ctx.lang),
        enterprise: draft.case.form.enterprise(),
        action: format!("{base}/{step}"),
        back: progress.back.as_ref().map(|b| format!("{base}{b}")),
        base,
        progress,
        changing,
        form,
        industries: views::list(ctx.lang, "reopening-industry-", rules::INDUSTRIES),
        scales: views::list(ctx.lang, "reopening-scale-", rules::SCALES),
        premises: views::list(ctx.lang, "reopening-premises-", rules::PREMISES),
        levels: super::pages::cascade(deps, ctx, &levels),
        returning: draft.case.form.returning,
        days: settings.supply_days,
        most: settings.staff_rows,
    };
    respond_with(deps, ctx, status, "reopening/step.html", &view)
}

/// POST `/reopening/{number}/{step}`.
pub async fn save(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Resident,
    path: web::Path<(String, String)>,
    form: Form,
) -> AppResult<Answer<StepPage>> {
    let (number, step) = path.into_inner();
    let draft = load(&deps, who.account_id, number.clone(), &ctx).await?;
    if form.has("cascade") {
        return step_page(
            &deps,
            &ctx,
            &draft,
            &step,
            form.view(),
            changing(&req, Some(&form)),
            StatusCode::OK,
        );
    }
    let known = STEPS.find(&step).filter(|s| (s.applies)(&draft.case.form)).ok_or(AppError::NotFound)?;
    let (keys, now, account) = (deps.keys.clone(), ctx.now, who.account_id);
    let settings = rules::settings()?;
    let list = match known.name {
        "staff" => Some(staff::read(&deps, form.get("staff").to_owned(), china_day(now)).await?),
        _ => None,
    };
    let sent = form.clone();
    let saved = deps.store.write(move |tx| {
        filing::save_step(tx, &keys, account, &number, known.name, now, |answers| match list {
            Some(rows) => listed::staff_list(answers, rows?),
            None => answers::take(answers, known.name, &sent, china_day(now), settings),
        })
    });
    let changing = changing(&req, Some(&form));
    match saved.await {
        Ok((app, answers)) => {
            Ok(see_other(&after(&deps, &ctx, &app, &answers, known.name, changing).await?).into())
        }
        Err(AppError::Invalid(errors)) => {
            let mut view = form.view();
            fail_rows(&mut view, ctx.lang, &errors);
            step_page(&deps, &ctx, &draft, &step, view, changing, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(other),
    }
}

/// Where a saved step leads: on, or to the page that says why such premises stay shut.
async fn after(
    deps: &App,
    ctx: &Ctx,
    app: &Application,
    answers: &Answers,
    step: &'static str,
    changing: bool,
) -> AppResult<String> {
    let base = format!("/reopening/{}", app.number);
    if step == "premises" {
        let draft = load(deps, app.account_id, app.number.clone(), ctx).await?;
        if draft.review.is_some_and(|r| r.terms.level == ReviewLevel::Shut) {
            return Ok(format!("{base}/shut"));
        }
    }
    Ok(format!("{base}{}", STEPS.after(step, answers, changing)))
}

/// Puts errors of a staff list under its field, each with its row and column in words.
pub(super) fn fail_rows(view: &mut FormView, lang: Lang, errors: &[FieldError]) {
    for error in errors {
        let mut parts = error.field.splitn(3, '.');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("staff"), Some(row), Some(column)) => {
                let column = i18n::t(lang, &format!("reopening-column-{column}"), &[]);
                let args = [
                    ("row", row.into()),
                    ("column", column.into()),
                    ("what", field_text(lang, error).into()),
                ];
                view.fail("staff", i18n::t(lang, "reopening-staff-row", &args));
            }
            _ => fail(view, lang, std::slice::from_ref(error)),
        }
    }
}

/// GET `/reopening/{number}/check`.
pub async fn check(
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
) -> AppResult<Answer<CheckPage>> {
    check_page(&deps, &ctx, who.account_id, number.into_inner(), FormView::new(), StatusCode::OK).await
}

/// The check page, also with the error of a commitment that was not given.
///
/// # Errors
/// As the page.
pub async fn check_page(
    deps: &App,
    ctx: &Ctx,
    account: Id,
    number: String,
    form: FormView,
    status: StatusCode,
) -> AppResult<Answer<CheckPage>> {
    let draft = load(deps, account, number, ctx).await?;
    let base = format!("/reopening/{}", draft.case.app.number);
    if STEPS.first_incomplete(&draft.case.form).is_some() {
        return Ok(see_other(&format!("{base}{}", STEPS.resume_href(&draft.case.form))).into());
    }
    let (parts, app, lang) = (deps.clone(), draft.case.app.clone(), ctx.lang);
    let files = deps.store.read(move |conn| attachments::shown(conn, &parts, &app, lang)).await?;
    let business = &draft.case.business;
    let progress = STEPS.progress(
        "check",
        &draft.case.form,
        false,
        Some(draft.case.app.updated_at.0),
        ctx.lang,
        ctx.now,
    );
    let level = draft.review.as_ref().map(|r| rules::level_code(r.terms.level));
    let view = CheckPage {
        name: business.name.clone(),
        number: draft.case.app.number.clone(),
        version: draft.case.app.version,
        correction: draft.case.app.state == "correction",
        rows: check_rows(ctx.lang, &draft, &base),
        files,
        back: progress.as_ref().and_then(|p| p.back.as_ref()).map(|b| format!("{base}{b}")),
        base,
        progress,
        confirmed: draft.confirmed,
        level,
        because: because(&deps.policy, ctx.lang, draft.review.as_ref()),
        other: draft.other.as_ref().map(|other| in_the_way(other, account)),
        kind: draft.case.form.kind.clone(),
        agent: draft.agent,
        form,
    };
    respond_with(deps, ctx, status, "reopening/check.html", &view)
}

/// The answers, each with the way to its step.
fn check_rows(lang: Lang, draft: &Draft, base: &str) -> Vec<CheckRow> {
    let change = |step: &str| match step {
        "" => String::new(),
        step => format!("{base}{}", STEPS.change_href(step)),
    };
    views::rows(lang, &draft.case.form, &draft.case.business, false)
        .into_iter()
        .map(|r| CheckRow { change: change(r.step), label: r.label, value: r.value })
        .collect()
}

/// The case in the way: its paper where it has one, and the way to it where it is the same account's.
fn in_the_way(other: &Application, account: Id) -> InTheWay {
    let paper = other.permit_number.as_ref();
    InTheWay {
        number: paper.unwrap_or(&other.number).clone(),
        way: if paper.is_some() { "granted" } else { "open" },
        href: (other.account_id == account).then(|| format!("/reopening/{}", other.number)),
    }
}

/// The rules behind a level: reason and citation.
fn because(policy: &RuleSet, lang: Lang, review: Option<&ReviewDecision>) -> Vec<ReviewRule> {
    let rules = review.map(|r| r.because.as_slice()).unwrap_or_default();
    rules
        .iter()
        .map(|r| ReviewRule {
            reason: rules::words(lang, &r.reason),
            law: rules::legal_basis(policy, lang, &r.rule, r.version),
            rule: r.rule.clone(),
        })
        .collect()
}

/// GET `/reopening/{number}/shut`: why such premises stay shut, by which rule, and what can be done.
pub async fn shut(
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
) -> AppResult<Answer<ShutPage>> {
    let draft = load(&deps, who.account_id, number.into_inner(), &ctx).await?;
    if draft.review.as_ref().is_none_or(|r| r.terms.level != ReviewLevel::Shut) {
        return Ok(see_other(&format!("/reopening/{}", draft.case.app.number)).into());
    }
    let base = format!("/reopening/{}", draft.case.app.number);
    let view = ShutPage { base, because: because(&deps.policy, ctx.lang, draft.review.as_ref()) };
    respond(&deps, &ctx, "reopening/shut.html", &view)
}
