//! Staff lists as tables that are sent: taken as a whole or as far as they are right, with what came of it as page and call.

use super::filing;
use super::listed;
use super::model::StaffRow;
use super::shown_draft::{Again, ImportPage};
use super::staff::{self, StaffList};
use super::{rules, store};
use crate::clock::china_day;
use crate::crypto::Keyring;
use crate::db::{Conn, Id, Tx};
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::import::{self, Fault, How, ImportBody, Importer, Sender, Step, Turn};
use crate::web::ctx::Ctx;
use crate::web::form::{Form, Valid};
use crate::web::guard::Resident;
use crate::web::i18n::{Lang, t};
use crate::web::page::{answer, answer_with, see_other};
use crate::web::parts::{self, Bounds, SentFile};
use crate::web::respond::{Answer, respond};
use crate::web::view::Choice;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

/// Bytes of an uploaded staff list: ten thousand people in a workbook take a fourth.
pub(super) const MAX_FILE: usize = 4 << 20;
/// The form with it.
pub(super) const BOUNDS: Bounds =
    Bounds { files: &["file"], file: MAX_FILE, text: 1000, fields: 20, drain: MAX_FILE, open: false };

impl Importer for StaffList {
    const JOB: &'static str = "reopening.staff-import";

    fn most() -> AppResult<usize> {
        Ok(rules::settings()?.staff_rows)
    }

    fn find(conn: &mut Conn, by: Id, name: &str) -> AppResult<Id> {
        Ok(store::own(conn, name, by)?.id)
    }

    fn admit(tx: &mut Tx<'_>, by: Id, name: &str) -> AppResult<Id> {
        let found = store::own(tx.conn(), name, by)?;
        store::hold(tx, found.id)?;
        let app = store::own(tx.conn(), name, by)?;
        if filing::editable(&app) { Ok(app.id) } else { Err(AppError::conflict("refused-not-from-state")) }
    }

    fn take(tx: &mut Tx<'_>, keys: &Keyring, step: &Step, rows: Vec<StaffRow>) -> AppResult<()> {
        // Whoever saves another answer meanwhile waits, or is told; the list goes on.
        store::hold(tx, step.subject)?;
        let (most, app) = (Self::most()?, store::by_id(tx.conn(), step.subject)?);
        filing::save_step(tx, keys, step.by, &app.number, "staff", step.now, |form| {
            listed::staff_part(form, rows, step, most)
        })?;
        Ok(())
    }

    fn faults(fault: &Fault) -> Vec<FieldError> {
        staff::faults(fault)
    }
}

/// How a form asks for a list to be taken.
pub(super) fn how(form: &Form) -> How {
    How { partly: form.get("mode") == "right", adding: form.get("add") == "1" }
}

/// The address of an import.
pub(super) fn address(number: &str, id: Id) -> String {
    format!("/reopening/{number}/imports/{id}")
}

/// GET `/reopening/{number}/imports/{import}`: how far it is, what came of it. Without a script the page loads itself anew
/// while it runs.
pub async fn one(
    ctx: Ctx,
    deps: App,
    who: Resident,
    path: web::Path<(String, String)>,
) -> AppResult<Answer<ImportPage>> {
    let (number, id) = path.into_inner();
    let (id, account, name) = (import::named(&id)?, who.account_id, number.clone());
    let found = deps.store.read(move |conn| import::find::<StaffList>(conn, account, &name, id)).await?;
    let sent = found.shown::<StaffList>(&deps, ctx.lang)?;
    // Rows that were right are there already; of a list that was refused none is.
    let add = sent.partly;
    let base = format!("/reopening/{number}");
    let view = ImportPage {
        sent,
        back: format!("{base}/staff"),
        on: format!("{base}/staff"),
        action: address(&number, id),
        upload: format!("{base}/staff/upload"),
        again: Again { mode: if add { "right" } else { "all" }, add },
    };
    respond(&deps, &ctx, "import/one.html", &view)
}

/// POST `/reopening/{number}/imports/{import}`: `do` is `stop` or `go-on`.
pub async fn turn(
    ctx: Ctx,
    deps: App,
    who: Resident,
    path: web::Path<(String, String)>,
    form: Form,
) -> AppResult<HttpResponse> {
    let (number, id) = path.into_inner();
    let (id, todo) = (import::named(&id)?, Turn::of(form.get("do"))?);
    import::turn::<StaffList>(&deps, (who.account_id, number.clone()), id, todo, ctx.now).await?;
    Ok(see_other(&address(&number, id)))
}

/// GET `/reopening/{number}/imports/{import}/wrong.xlsx`: the rows with errors, to be mended and sent again.
pub async fn wrong(
    ctx: Ctx,
    deps: App,
    who: Resident,
    path: web::Path<(String, String)>,
) -> AppResult<HttpResponse> {
    let (number, id) = path.into_inner();
    let (id, account) = (import::named(&id)?, who.account_id);
    let found = deps.store.read(move |conn| import::find::<StaffList>(conn, account, &number, id)).await?;
    let rows = found.wrong(&deps.keys)?;
    if rows.is_empty() {
        return Err(AppError::NotFound);
    }
    let body = import::wrong_xlsx::<StaffList>(&deps, rows, ctx.lang).await?;
    Ok(file("staff-to-mend.xlsx", import::XLSX, body))
}

fn file(name: &str, kind: &'static str, body: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{name}\"")))
        .insert_header(("Cache-Control", "private, no-store"))
        .body(body)
}

/// GET `/reopening/staff-template.csv`: the headings and an example, as spreadsheets open it.
pub async fn template_csv(ctx: Ctx, _who: Resident) -> AppResult<HttpResponse> {
    Ok(file("staff.csv", "text/csv; charset=utf-8", import::template_csv::<StaffList>(ctx.lang)?))
}

/// GET `/reopening/staff-template.xlsx`: the same with hints, its cells prepared for long numbers.
pub async fn template_xlsx(ctx: Ctx, deps: App, _who: Resident) -> AppResult<HttpResponse> {
    let lang = ctx.lang;
    let made = deps.lists.run(move || import::template_xlsx::<StaffList>(lang)).await;
    let body = made.unwrap_or_else(|| Err(AppError::internal("a template was not written")))?;
    Ok(file("staff.xlsx", import::XLSX, body))
}

/// A staff list as a form sends it.
#[derive(ToSchema)]
#[allow(dead_code, reason = "only described")]
pub struct StaffFile {
    /// XLSX, or text with columns in any encoding.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// `all` or none, or what is `right` now.
    #[schema(max_length = 5)]
    mode: Option<String>,
    /// `1` adds the people to the list that is there.
    #[schema(max_length = 1)]
    add: Option<String>,
}

/// Sends the staff list of an application whose answers can be changed. Up to 200 people have been taken when this answers;
/// more are taken in the background.
#[utoipa::path(post, path = "/api/v1/applications/{number}/imports", tag = "reopening", params(("number" = String, Path)),
    request_body(content = StaffFile, content_type = "multipart/form-data"),
    responses((status = 201, body = ImportBody), (status = 404), (status = 409), (status = 422)))]
pub async fn begin_json(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
    payload: web::Payload,
) -> AppResult<HttpResponse> {
    let (number, account) = (number.into_inner(), who.account_id);
    let asked = number.clone();
    if let Err(e) = deps.store.write(move |tx| StaffList::admit(tx, account, &asked)).await {
        return Err(deps.intake.refuse(payload, e).await);
    }
    let mut sent = parts::read(&req, &deps, &ctx, payload, BOUNDS).await?;
    let (how, file) = (how(&sent.form), sent.file("file").unwrap_or_else(|| SentFile::nothing("file")));
    if file.too_large {
        return Err(AppError::TooLarge);
    }
    let opened = import::open::<StaffList>(&deps, file.bytes, china_day(ctx.now), StaffList::most()?).await?;
    let (_, checked) = opened.map_err(|unread| AppError::field("file", unread.code()))?;
    let checked = checked.map_err(|fault| AppError::Invalid(staff::faults(&fault)))?;
    if checked.right.is_empty() && checked.wrong.is_empty() {
        return Err(AppError::field("file", "staff-file-empty"));
    }
    let sender = Sender { by: account, name: number.clone(), file: file.name };
    let id = import::begin::<StaffList>(&deps, sender, how, checked, ctx.now).await?;
    let body = body(&deps, &ctx, account, number, id).await?;
    Ok(answer_with(StatusCode::CREATED, &body))
}

async fn body(deps: &App, ctx: &Ctx, account: Id, number: String, id: Id) -> AppResult<ImportBody> {
    let found = deps.store.read(move |conn| import::find::<StaffList>(conn, account, &number, id)).await?;
    found.body::<StaffList>(&deps.keys, ctx.lang)
}

/// How far the import of a staff list is, and what came of it.
#[utoipa::path(get, path = "/api/v1/applications/{number}/imports/{import}", tag = "reopening",
    params(("number" = String, Path), ("import" = uuid::Uuid, Path)),
    responses((status = 200, body = ImportBody), (status = 404)))]
pub async fn one_json(
    ctx: Ctx,
    deps: App,
    who: Resident,
    path: web::Path<(String, String)>,
) -> AppResult<HttpResponse> {
    let (number, id) = path.into_inner();
    Ok(answer(&body(&deps, &ctx, who.account_id, number, import::named(&id)?).await?))
}

/// What is done with an import on its way.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TurnInput {
    /// `stop` or `go-on`.
    #[serde(rename = "do")]
    #[schema(max_length = 10)]
    todo: String,
}

/// Stops the import of a staff list, or lets it go on: what was taken stays, the rest waits for a week.
#[utoipa::path(post, path = "/api/v1/applications/{number}/imports/{import}", tag = "reopening",
    params(("number" = String, Path), ("import" = uuid::Uuid, Path)), request_body = TurnInput,
    responses((status = 200, body = ImportBody), (status = 404), (status = 409), (status = 422)))]
pub async fn turn_json(
    ctx: Ctx,
    deps: App,
    who: Resident,
    path: web::Path<(String, String)>,
    input: Valid<TurnInput>,
) -> AppResult<HttpResponse> {
    let (number, id) = path.into_inner();
    let (id, todo) = (import::named(&id)?, Turn::of(&input.0.todo)?);
    import::turn::<StaffList>(&deps, (who.account_id, number.clone()), id, todo, ctx.now).await?;
    Ok(answer(&body(&deps, &ctx, who.account_id, number, id).await?))
}

/// How a list can be taken, to choose from.
pub(super) fn modes(lang: Lang) -> Vec<Choice> {
    ["all", "right"].map(|mode| Choice::new(mode, t(lang, &format!("import-mode-{mode}"), &[]))).to_vec()
}
