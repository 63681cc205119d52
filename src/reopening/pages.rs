//! The applicant's pages: my businesses, the case, receipt and paper.

use super::act::{self, Ask, By, Parts};
use super::answers::{self, STEPS};
use super::filing::{self, NAME_MAX, Start};
use super::messages::Sender;
use super::model::{Agent, Application, Business, Note};
use super::shown::{OnePage, ReceiptPage};
use super::shown_draft::{AgentLine, CaseLine, CheckPage, PaperPage, StartPage};
use super::views::Fact;
use super::{attachments, case, certified, rules, store, store_business, store_opinions, views};
use crate::audit::Actor;
use crate::db::Id;
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::Uscc;
use crate::web::ctx::Ctx;
use crate::web::division::Level;
use crate::web::form::Form;
use crate::web::guard::Resident;
use crate::web::idempotency::{Submission, once};
use crate::web::page::{self, fail, see_other, see_other_with};
use crate::web::qr;
use crate::web::respond::{Answer, respond, respond_with};
use crate::web::text;
use crate::web::view::FormView;
use crate::web::{format, i18n};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

/// GET `/reopening`: my businesses and cases, and the way to a new one.
pub async fn start(ctx: Ctx, deps: App, who: Resident) -> AppResult<Answer<StartPage>> {
    start_page(&deps, &ctx, who.account_id, FormView::new(), StatusCode::OK).await
}

async fn start_page(
    deps: &App,
    ctx: &Ctx,
    account: Id,
    form: FormView,
    status: StatusCode,
) -> AppResult<Answer<StartPage>> {
    let (agents, cases) = deps
        .store
        .read(move |conn| {
            let cases: Vec<(Application, String)> = store::all_own(conn, account)?
                .into_iter()
                .map(|app| {
                    Ok((app.clone(), store_business::business_for(conn, app.business_id, account)?.name))
                })
                .collect::<AppResult<_>>()?;
            Ok((store_business::own_agents(conn, account)?, cases))
        })
        .await?;
    let right = |(agent, business): (Agent, Business)| AgentLine {
        kind: if agent.confirmed() { "ok" } else { "warn" },
        label: i18n::t(ctx.lang, &format!("reopening-agent-{}", agent.state), &[]),
        number: agent.number,
        name: business.name,
        state: agent.state,
    };
    let line = |(app, name): (Application, String)| {
        Ok(CaseLine {
            state: views::state(ctx.lang, &app.state),
            kind: views::tag(&app.state),
            clock: views::clock(ctx.lang, &app, ctx.now)?,
            when: format::when(ctx.lang, app.updated_at.0, ctx.now),
            number: app.number,
            name,
        })
    };
    let place = ["place-1", "place-2", "place-3"].map(|n| form.get(n).to_owned());
    let view = StartPage {
        agents: agents.into_iter().map(right).collect(),
        cases: cases.into_iter().map(line).collect::<AppResult<_>>()?,
        levels: cascade(deps, ctx, &place),
        form,
    };
    respond_with(deps, ctx, status, "reopening/start.html", &view)
}

/// The cascade of the province, as chosen so far.
pub fn cascade(deps: &Deps, ctx: &Ctx, chosen: &[String; 3]) -> Vec<Level> {
    let [prefecture, county, town] = chosen;
    views::cascade(ctx.lang, &deps.config.province, [prefecture, county, town])
}

/// Reads the first page's form.
///
/// # Errors
/// What has to be put right.
fn read_start(form: &Form) -> Result<Start, Vec<FieldError>> {
    let uscc = Uscc::parse(form.get("uscc")).map_err(|e| FieldError::new("uscc", e.code()));
    let name = text::line("name", form.get("name"), NAME_MAX);
    let division = answers::division(form, "place");
    match (uscc, name, division) {
        (Ok(uscc), Ok(name), Ok(division)) => Ok(Start { uscc, name, division }),
        (uscc, name, division) => {
            Err(uscc.err().into_iter().chain(name.err()).chain(division.err().unwrap_or_default()).collect())
        }
    }
}

/// POST `/reopening`: claims a business and opens a draft.
pub async fn begin(ctx: Ctx, deps: App, who: Resident, form: Form) -> AppResult<Answer<StartPage>> {
    let mut view = form.view();
    if form.has("cascade") {
        return start_page(&deps, &ctx, who.account_id, view, StatusCode::OK).await;
    }
    let start = match read_start(&form) {
        Ok(start) => start,
        Err(errors) => {
            fail(&mut view, ctx.lang, &errors);
            return start_page(&deps, &ctx, who.account_id, view, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    let (account, keys, now) = (who.account_id, deps.keys.clone(), ctx.now);
    let (app, answers) = deps
        .store
        .write(move |tx| {
            let (agent, business) = filing::claim(tx, &keys, account, &start, now)?;
            let app = filing::draft(tx, &keys, &agent, &business, &start.division, now)?;
            let answers = store::form(&keys, &app)?;
            Ok((app, answers))
        })
        .await?;
    Ok(see_other(&format!("/reopening/{}{}", app.number, STEPS.resume_href(&answers))).into())
}

/// GET `/reopening/{number}`: the case; a draft goes on where it was left.
pub async fn one(
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
) -> AppResult<Answer<OnePage>> {
    let case = case::mine(&deps, who.account_id, number.into_inner()).await?;
    if case.app.state == "draft" {
        let step = STEPS.resume_href(&case.form);
        return Ok(see_other(&format!("/reopening/{}{step}", case.app.number)).into());
    }
    let (keys, now, by) = (deps.keys.clone(), ctx.now, By::Applicant(who.account_id));
    let (app, form) = (case.app.clone(), case.form.clone());
    let (parts, lang) = (deps.clone(), ctx.lang);
    let (actions, opinions, files, comments) = deps
        .store
        .read(move |conn| {
            Ok((
                act::choices(conn, &parts, &app, &form, &by, now)?,
                store_opinions::signed_opinions(conn, &keys, app.id)?,
                attachments::shown(conn, &parts, &app, lang)?,
                crate::case::comments_to_person(conn, &keys, app.id, lang)?,
            ))
        })
        .await?;
    let actions = actions
        .iter()
        .filter(|a| a.refusal.is_none() && !matches!(a.name.as_str(), "file" | "submit" | "resubmit"))
        .map(|a| views::offered(lang, a))
        .collect();
    let states = certified::read(&deps, Actor::Resident(who.account_id), &case, now).await?;
    let view = OnePage {
        staff: certified::list(lang, &case.form, &states, now),
        actions,
        opinions: opinions.iter().map(|o| views::given_opinion(lang, o, false, now)).collect(),
        files,
        comments,
        editable: filing::editable(&case.app),
        case: case::view(&ctx, &case, false)?,
    };
    respond(&deps, &ctx, "reopening/case.html", &view)
}

/// GET `/reopening/{number}/receipt`.
pub async fn receipt(
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
) -> AppResult<Answer<ReceiptPage>> {
    let case = case::mine(&deps, who.account_id, number.into_inner()).await?;
    let app = case.app;
    let Some(at) = app.submitted_at else { return Err(AppError::NotFound) };
    let town = rules::short_name(ctx.lang, &app.division);
    let view = ReceiptPage { number: app.number, permit: app.permit_number, at: at.0, town };
    respond(&deps, &ctx, "reopening/receipt.html", &view)
}

/// POST `/reopening/{number}/submit`.
pub async fn submit(
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
    form: Form,
) -> AppResult<Answer<CheckPage>> {
    let (account, number) = (who.account_id, number.into_inner());
    let (parts, now) = (Parts::of(&deps), ctx.now);
    let version: i64 = form.get("version").parse().unwrap_or(0);
    let committed = form.get("commitment") == "yes";
    let content = format!("{number}:{version}:{committed}");
    let key = form.once().map(|k| Submission::new(account, "reopening.submit", k, content.as_bytes()));
    let wanted = number.clone();
    let done = deps.store.write(move |tx| {
        once(tx, &parts.keys, key.as_ref(), now, |tx| {
            filing::submit(tx, &parts, account, &wanted, version, committed, now).map(|app| app.number)
        })
    });
    match done.await {
        Ok(number) => Ok(see_other(&format!("/reopening/{number}/receipt")).into()),
        Err(AppError::Invalid(errors)) => {
            let mut view = form.view();
            fail(&mut view, ctx.lang, &errors);
            super::draft::check_page(&deps, &ctx, account, number, view, StatusCode::UNPROCESSABLE_ENTITY)
                .await
        }
        Err(AppError::Conflict(code)) => {
            case::conflict(&deps, &ctx, &code, &format!("/reopening/{number}"), Vec::new()).map(Into::into)
        }
        Err(other) => Err(other),
    }
}

/// What an applicant may do by a plain button.
const PLAIN: [&str; 5] = ["withdraw", "report-opening", "report-rectified", "turn-into-filing", "close"];

/// POST `/reopening/{number}/actions/{action}`: withdraw, report opening …
pub async fn action(
    ctx: Ctx,
    deps: App,
    who: Resident,
    path: web::Path<(String, String)>,
    form: Form,
) -> AppResult<HttpResponse> {
    let (number, action) = path.into_inner();
    if !PLAIN.contains(&action.as_str()) {
        return Err(AppError::NotFound);
    }
    let ask = Ask { action, version: form.get("version").parse().ok(), note: Note::default() };
    let back = format!("/reopening/{number}");
    match applicant(&deps, &ctx, who.account_id, number, ask, form.once()).await {
        Ok(_) => Ok(see_other_with(&deps, &back, "reopening-done")),
        Err(AppError::Conflict(code)) => case::conflict(&deps, &ctx, &code, &back, Vec::new()),
        Err(other) => Err(other),
    }
}

/// Does an applicant's action once; the case's new state.
///
/// # Errors
/// As [`act::act`]; [`AppError::NotFound`] when the case is not theirs.
pub async fn applicant(
    deps: &App,
    ctx: &Ctx,
    account: Id,
    number: String,
    ask: Ask,
    key: Option<uuid::Uuid>,
) -> AppResult<String> {
    let (parts, now) = (Parts::of(deps), ctx.now);
    let content = format!("{number}:{}:{:?}", ask.action, ask.version);
    let key = key.map(|k| Submission::new(account, "reopening.action", k, content.as_bytes()));
    deps.store
        .write(move |tx| {
            once(tx, &parts.keys, key.as_ref(), now, |tx| {
                let app = store::own(tx.conn(), &number, account)?;
                act::act(tx, &parts, app, &By::Applicant(account), &ask, now).map(|app| app.state)
            })
        })
        .await
}

/// Whether an answer stands on the paper.
fn on_paper(row: &Fact) -> bool {
    matches!(row.step, "" | "place" | "operator" | "lead" | "headcount")
        && !matches!(row.key, "reopening-operator-phone" | "reopening-staff-total")
}

/// GET `/reopening/{number}/print`: permit or filing certificate on paper.
pub async fn print(
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
) -> AppResult<Answer<PaperPage>> {
    let case = case::mine(&deps, who.account_id, number.into_inner()).await?;
    let Some(permit) = case.app.permit_number.clone() else { return Err(AppError::NotFound) };
    let link = Sender::of(&deps).link(&format!("/permits/{permit}"));
    let label = i18n::t(ctx.lang, "reopening-qr", &[]);
    let code = qr::svg(&link, "qr", &label).map_err(AppError::internal)?;
    let decision = ["approve", "approve-prefecture", "file", "turn-into-filing"];
    let event = case.events.iter().rev().find(|e| decision.contains(&e.action.as_str()));
    let office = event.and_then(|e| e.office.clone()).map(|(zh, en)| if ctx.english() { en } else { zh });
    let rows = views::rows(ctx.lang, &case.form, &case.business, true).into_iter();
    let view = PaperPage {
        number: case.app.number.clone(),
        state_label: views::state(ctx.lang, &case.app.state),
        permit,
        permit_until: case.app.permit_until.map(|until| until.0),
        filing: case.app.review_level == "filing",
        good: super::public::good(&case.app, ctx.now),
        name: case.business.name.clone(),
        rows: rows.filter(on_paper).collect(),
        decided: case.app.decided_at.map(|at| at.0),
        office,
        province: page::province(&deps, ctx.lang).name,
        link,
        qr: code,
    };
    respond(&deps, &ctx, "reopening/print.html", &view)
}
