//! Tasks for programs.

use super::act::Step;
use super::list::{TaskBody, Tasks, body};
use super::pages::{colleagues, done, open, phone};
use super::{Worker, store};
use crate::db::Id;
use crate::decision::{Reading, Sent};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::number::normalise;
use crate::web::ctx::Ctx;
use crate::web::form::{Form, Valid};
use crate::web::guard::{Looks, Official};
use crate::web::i18n::t;
use crate::web::page::answer;
use crate::worklist::{self, Listing, SearchInput};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// The tasks of the jurisdiction for the role, the earliest limit first.
#[utoipa::path(get, path = "/api/v1/desk/tasks", tag = "desk",
    params(("tab" = Option<String>, Query, description = "`open`, `mine`, `late` or `done`"),
        ("due" = Option<String>, Query, description = "`today`: only what is to be done by tonight"),
        ("kind" = Option<String>, Query, description = "only tasks of this kind"),
        ("place" = Option<String>, Query, description = "a division one level below the jurisdiction"),
        ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = Listing<TaskBody>), (status = 400, description = "no such place in the list")))]
pub(super) async fn list(req: HttpRequest, deps: App, who: Official<Worker>) -> AppResult<HttpResponse> {
    worklist::listing::<Tasks, _>(&req, &deps, &who).await
}

/// Looks for a task of the jurisdiction in all tabs. What is looked for names a person, so it stands in no address.
#[utoipa::path(post, path = "/api/v1/desk/tasks/search", tag = "desk", request_body = SearchInput,
    responses((status = 200, body = Listing<TaskBody>)))]
pub(super) async fn search(
    req: HttpRequest,
    deps: App,
    who: Official<Looks<Worker>>,
    input: Valid<SearchInput>,
) -> AppResult<HttpResponse> {
    worklist::listing_of_search::<Tasks, _>(&req, &deps, &who, &input.0.q).await
}

/// Something to be known of a task.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskLine {
    /// What it is.
    pub label: String,
    /// What it says.
    pub value: String,
}

/// What can come of a task.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskResult {
    /// Its code.
    pub code: String,
    /// In words.
    pub label: String,
}

/// A task with what it is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenTaskBody {
    /// As in the list.
    pub task: TaskBody,
    /// Where the person is reached; none when there is nothing to be done any more.
    pub phone: Option<String>,
    /// What is to be known beside it.
    pub lines: Vec<TaskLine>,
    /// What can come of it.
    pub results: Vec<TaskResult>,
    /// To whom it can be given.
    pub colleagues: Vec<TaskColleague>,
}

/// A colleague to whom a task can be given.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskColleague {
    /// Names them in `colleague`.
    pub id: uuid::Uuid,
    /// Their name.
    pub name: String,
}

async fn opened(
    req: &HttpRequest,
    deps: &App,
    who: &Official<Worker>,
    number: &str,
) -> AppResult<OpenTaskBody> {
    let ctx = Ctx::of(req)?;
    let (found, about) = open(deps, &ctx, who, number).await?;
    let codes = found.0.kind(deps)?.map_or(&[][..], |kind| kind.results);
    let result = |code: &&str| TaskResult {
        code: (*code).to_owned(),
        label: t(ctx.lang, &format!("task-{}-{code}", found.0.kind), &[]),
    };
    let colleagues = colleagues(deps, &ctx, who).await?.into_iter();
    let phone = phone(about.as_ref()).map(|(dialled, _)| dialled);
    let lines = about.map(|about| about.lines).unwrap_or_default();
    Ok(OpenTaskBody {
        task: body(deps, who, &found, ctx.now)?,
        phone,
        lines: lines.into_iter().map(|(label, value)| TaskLine { label, value }).collect(),
        results: codes.iter().map(result).collect(),
        colleagues: colleagues.map(|(id, name)| TaskColleague { id: id.0, name }).collect(),
    })
}

/// A task of the jurisdiction. The person sees that it was opened.
///
/// # Errors
/// 404 when it is not there.
#[utoipa::path(get, path = "/api/v1/desk/tasks/{number}", tag = "desk", params(("number" = String, Path)),
    responses((status = 200, body = OpenTaskBody), (status = 404)))]
pub(super) async fn one(
    req: HttpRequest,
    deps: App,
    who: Official<Worker>,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    Ok(answer(&opened(&req, &deps, &who, &normalise(&number)).await?))
}

/// What is done with a task.
#[derive(Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskInput {
    /// The version that was seen.
    pub version: i64,
    /// The colleague, for the action `hand`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colleague: Option<uuid::Uuid>,
    /// Code of the result, for the action `result`.
    #[serde(default)]
    #[validate(length(max = 40))]
    #[schema(max_length = 40)]
    pub result: String,
    /// What is written beside it.
    #[serde(default)]
    #[validate(length(max = 2000))]
    #[schema(max_length = 2000)]
    pub note: String,
}

/// Takes a task (`take`), gives it back (`give`) or to a colleague (`hand`), or writes down what came of it (`result`).
///
/// # Errors
/// 404 when it is not there, or for another action; 409 when it has changed, or somebody else has taken it; 422 for a
/// result that is none of its kind, and for somebody who is no colleague or is away.
#[utoipa::path(post, path = "/api/v1/desk/tasks/{number}/actions/{action}", tag = "desk",
    params(("number" = String, Path), ("action" = String, Path)), request_body = TaskInput,
    responses((status = 200, body = OpenTaskBody), (status = 404), (status = 409, description = "it has changed"),
        (status = 422, description = "no such result, or no such colleague")))]
pub(super) async fn act(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Official<Worker>,
    path: web::Path<(String, String)>,
    input: Valid<TaskInput>,
) -> AppResult<HttpResponse> {
    let (number, action) = path.into_inner();
    let number = normalise(&number);
    let (by, wanted) = ((*who).clone(), number.clone());
    deps.store.read(move |conn| store::here(conn, &by, &wanted)).await?;
    let TaskInput { version, colleague, result, note } = &input.0;
    let step = match action.as_str() {
        "take" => Step::Take,
        "give" => Step::Give,
        "hand" => Step::Hand(colleague.map(Id).ok_or_else(|| AppError::field("colleague", "choose-one"))?),
        "result" => {
            let form = Form::of(&[("note", note)]);
            let mut reading = Reading::of(&form);
            let note = reading.text("note");
            let note = reading.done(note).map_err(AppError::Invalid)?;
            Step::Result { code: result.clone(), note }
        }
        _ => return Err(AppError::NotFound),
    };
    let sent = Sent::call(&req, &(&number, &action, &input.0))?;
    done(&deps, &ctx, &who, &number, (step, *version), &sent).await?;
    Ok(answer(&opened(&req, &deps, &who, &number).await?))
}
