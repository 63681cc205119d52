//! Tasks on paper: printed before going out, with a number and a QR code in each row, and typed in afterwards.

use super::api::TaskLine;
use super::model::{Found, Row};
use super::pages::{done, lines, phone};
use super::{Worker, act, list, store};
use crate::audit::{self, Entry};
use crate::db::Conn;
use crate::decision::{Reading, Sent};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::number::normalise;
use crate::slice::About;
use crate::web::ctx::Ctx;
use crate::web::division::full_name;
use crate::web::form::Form;
use crate::web::format;
use crate::web::guard::Official;
use crate::web::i18n::{Lang, t};
use crate::web::page::{fail, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::qr;
use crate::web::respond::{Answer, respond, respond_with};
use crate::web::view::FormView;
use crate::worklist::within_reach;
use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// Rows on paper; the earliest limits first.
const ROWS: i64 = 40;

type Printed = (Found, About);

/// Tasks as they are printed before going out.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TasksPaper {
    rows: Vec<TaskOnPaper>,
    /// The official's office …
    office: String,
    /// … and name.
    name: String,
    /// Whether there are more than stand here …
    cut: bool,
    /// … which are so many at most.
    most: usize,
}

/// A task on paper.
#[derive(Debug, Serialize, ToSchema)]
struct TaskOnPaper {
    number: String,
    /// The QR code of its address, as SVG.
    qr: String,
    /// What is to be done, in a few words.
    title: String,
    /// Empty where it is about nobody.
    name: String,
    /// Masked.
    document: String,
    place: String,
    /// The telephone as it is read.
    phone: Option<String>,
    /// The limit, in words.
    due: String,
    /// What can come of it, in the order of the numbers with which it is typed.
    results: Vec<String>,
    lines: Vec<TaskLine>,
}

/// Where it is typed what came of tasks on paper.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TaskEntryPage {
    form: FormView,
}

/// Reads what is printed, and whether more waits: what there is no reason for any more is left out.
fn read(
    conn: &mut Conn,
    deps: &Deps,
    who: &OfficialPrincipal,
    (place, mine): (Option<&str>, bool),
    lang: Lang,
) -> AppResult<(Vec<Printed>, bool)> {
    let pattern = within_reach(who, place);
    let mut waiting = store::waiting(conn, (&pattern, who), mine, ROWS + 1)?;
    let most = usize::try_from(ROWS).unwrap_or(0);
    let more = waiting.len() > most;
    waiting.truncate(most);
    let mut printed = Vec::new();
    for found in waiting {
        let Some(kind) = found.0.kind(deps)? else { continue };
        if let Some(about) = (kind.about)(conn, deps, found.0.subject, lang)? {
            printed.push((found, about));
        }
    }
    Ok((printed, more))
}

/// `GET /desk/tasks/print`: `mine=1` for what one has taken, `place` for a division of the jurisdiction.
pub(super) async fn print(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Official<Worker>,
) -> AppResult<Answer<TasksPaper>> {
    let asked = Form::parse(req.query_string().as_bytes())?;
    let place = asked.text("place").map(str::to_owned).filter(|p| p.bytes().all(|b| b.is_ascii_digit()));
    let (mine, lang, now) = (asked.has("mine"), ctx.lang, ctx.now);
    let (parts, by) = (deps.clone(), (*who).clone());
    let (found, cut) =
        deps.store.read(move |conn| read(conn, &parts, &by, (place.as_deref(), mine), lang)).await?;
    let seen: Vec<_> = found.iter().map(|((row, _), _)| (row.id, row.person_id)).collect();
    let by = (*who).clone();
    // Telephones leave the portal here: each of these persons sees that.
    let noted = deps.store.write(move |tx| {
        seen.into_iter().try_for_each(|(id, person)| {
            let entry = Entry::new(&by, "task.print", "task").object(id).subject(person);
            audit::append(tx, now, entry).map(drop)
        })
    });
    noted.await?;
    let rows = found.iter().map(|one| line(&deps, one, lang)).collect::<AppResult<Vec<_>>>()?;
    let (office, name) = (who.office_name(ctx.english()).to_owned(), who.name.clone());
    let most = usize::try_from(ROWS).unwrap_or(0);
    let view = TasksPaper { cut, rows, office, name, most };
    respond(&deps, &ctx, "tasks/print.html", &view)
}

fn line(deps: &Deps, (found, about): &Printed, lang: Lang) -> AppResult<TaskOnPaper> {
    let (name, document) = list::whose(deps, found)?;
    let row: &Row = &found.0;
    let address = format!("{}/desk/tasks/{}", deps.config.public_url, row.number);
    let label = t(lang, "tasks-qr", &[("number", row.number.clone().into())]);
    let codes = row.kind(deps)?.map_or(&[][..], |kind| kind.results);
    let results: Vec<String> =
        codes.iter().map(|code| t(lang, &format!("task-{}-{code}", row.kind), &[])).collect();
    Ok(TaskOnPaper {
        number: row.number.clone(),
        qr: qr::svg(&address, "qr", &label).map_err(AppError::internal)?,
        title: row.title(lang),
        name,
        document,
        place: full_name(lang, &row.division),
        phone: phone(Some(about)).map(|(_, read)| read),
        due: format::until(lang, row.due_at.0, false),
        results,
        lines: lines(about),
    })
}

/// `GET /desk/tasks/enter`.
pub(super) async fn form(ctx: Ctx, deps: App, _who: Official<Worker>) -> AppResult<Answer<TaskEntryPage>> {
    show(&deps, &ctx, FormView::new())
}

fn show(deps: &App, ctx: &Ctx, form: FormView) -> AppResult<Answer<TaskEntryPage>> {
    let status = if form.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    respond_with(deps, ctx, status, "tasks/enter.html", &TaskEntryPage { form })
}

/// The task, what came of it and what was written beside it.
type Typed = (Row, act::Step);

async fn typed(
    deps: &App,
    who: &OfficialPrincipal,
    form: &Form,
) -> AppResult<Result<Typed, Vec<FieldError>>> {
    let mut reading = Reading::of(form);
    let (number, by) = (normalise(form.get("number")), who.clone());
    let row = match deps.store.read(move |conn| store::here(conn, &by, &number)).await {
        Ok((row, _)) => Some(row),
        Err(AppError::NotFound) => {
            let code = if form.text("number").is_some() { "task-unknown" } else { "required" };
            reading.wrong(FieldError::new("number", code));
            None
        }
        Err(e) => return Err(e),
    };
    let codes = match &row {
        Some(row) => row.kind(deps)?.map_or(&[][..], |kind| kind.results),
        None => &[],
    };
    // On paper the results have numbers, in the order of the page.
    let nth: Option<usize> = form.get("result").trim().parse().ok();
    let code = nth.and_then(|n| n.checked_sub(1)).and_then(|at| codes.get(at)).map_or("", |code| *code);
    if code.is_empty() && row.is_some() {
        reading.wrong(FieldError::new("result", "task-result").with("most", codes.len()));
    }
    let note = reading.text("note");
    let step = act::Step::Result { code: code.to_owned(), note };
    Ok(match (row, reading.done(())) {
        (Some(row), Ok(())) => Ok((row, step)),
        (_, Err(errors)) => Err(errors),
        (None, Ok(())) => Err(vec![FieldError::new("number", "task-unknown")]),
    })
}

/// `POST /desk/tasks/enter`: the number of a row on paper, and the number of what came of it.
pub(super) async fn enter(
    ctx: Ctx,
    deps: App,
    who: Official<Worker>,
    form: Form,
) -> AppResult<Answer<TaskEntryPage>> {
    let (row, step) = match typed(&deps, &who, &form).await? {
        Ok(typed) => typed,
        Err(errors) => {
            let mut view = form.view();
            fail(&mut view, ctx.lang, &errors);
            return show(&deps, &ctx, view);
        }
    };
    done(&deps, &ctx, &who, &row.number, (step, row.version), &Sent::form("", &form)?).await?;
    Ok(see_other_with(&deps, "/desk/tasks/enter", "task-done").into())
}
