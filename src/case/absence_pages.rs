//! The page of an official's own absences, and its JSON twin.

use super::absence::{self, NewAbsence};
use super::store_absence::{self as store, Absence};
use crate::clock::china_day;
use crate::db::Id;
use crate::decision::{Act, Sent};
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::web::ctx::Ctx;
use crate::web::form::{Form, NoBody, Valid};
use crate::web::format;
use crate::web::guard::{Any, Looks, Official};
use crate::web::page::{answer, answer_with, fail, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::{Answer, respond_with};
use crate::web::view::{Choice, FormView};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

const HERE: &str = "/desk/account/absences";

/// An absence for programs.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AbsenceBody {
    /// Identifier.
    #[schema(value_type = uuid::Uuid)]
    pub id: Id,
    /// The other official: who stands in, or who is away.
    pub official: String,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

/// A colleague who can stand in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ColleagueBody {
    /// Identifier.
    #[schema(value_type = uuid::Uuid)]
    pub id: Id,
    /// Name.
    pub name: String,
}

/// An official's absences that are not over.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AbsencesBody {
    /// One's own.
    pub own: Vec<AbsenceBody>,
    /// Those of others for whom one stands in.
    pub standing_in: Vec<AbsenceBody>,
    /// Who can stand in.
    pub colleagues: Vec<ColleagueBody>,
}

/// An absence that is to be entered.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AbsenceInput {
    /// Who stands in: a colleague.
    #[schema(value_type = uuid::Uuid)]
    pub substitute: Id,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

/// The identifier of what was entered.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AbsenceIdBody {
    /// Identifier.
    #[schema(value_type = uuid::Uuid)]
    pub id: Id,
}

async fn read(deps: &App, ctx: &Ctx, who: &OfficialPrincipal) -> AppResult<AbsencesBody> {
    let (who, now) = (who.clone(), ctx.now);
    deps.store
        .read(move |conn| {
            let body = |one: Absence| AbsenceBody {
                id: one.id,
                official: one.name,
                from: china_day(one.from),
                to: format::last_day(one.to),
            };
            let colleagues = store::colleagues(conn, &who, now)?.into_iter();
            let others = colleagues.filter(|(id, _)| *id != who.official_id);
            Ok(AbsencesBody {
                own: store::own(conn, who.official_id, now)?.into_iter().map(body).collect(),
                standing_in: store::of_others(conn, who.official_id, now)?.into_iter().map(body).collect(),
                colleagues: others.map(|(id, name)| ColleagueBody { id, name }).collect(),
            })
        })
        .await
}

/// An absence as the page shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AbsenceShown)]
pub(super) struct AbsenceView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// The other official: who stands in, or who is away.
    official: String,
    /// The first day, in words.
    from: String,
    /// The last day, in words.
    to: String,
}

/// An official's absences that are not over, and those of others for whom one stands in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AbsencesPage {
    own: Vec<AbsenceView>,
    standing_in: Vec<AbsenceView>,
    /// Who can stand in.
    colleagues: Vec<Choice>,
    form: FormView,
}

/// `GET /desk/account/absences`.
pub(super) async fn show(ctx: Ctx, deps: App, who: Official<Any>) -> AppResult<Answer<AbsencesPage>> {
    absences(&deps, &ctx, &who, FormView::new(), StatusCode::OK).await
}

async fn absences(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    form: FormView,
    status: StatusCode,
) -> AppResult<Answer<AbsencesPage>> {
    let found = read(deps, ctx, who).await?;
    let choice = |one: &ColleagueBody| Choice::new(one.id.to_string(), one.name.clone());
    let shown = |one: &AbsenceBody| AbsenceView {
        id: one.id,
        official: one.official.clone(),
        from: format::date(ctx.lang, one.from, true),
        to: format::date(ctx.lang, one.to, true),
    };
    let view = AbsencesPage {
        own: found.own.iter().map(shown).collect(),
        standing_in: found.standing_in.iter().map(shown).collect(),
        colleagues: found.colleagues.iter().map(choice).collect(),
        form,
    };
    respond_with(deps, ctx, status, "case/absences.html", &view)
}

/// `POST /desk/account/absences`.
pub(super) async fn enter(
    ctx: Ctx,
    deps: App,
    who: Official<Any>,
    form: Form,
) -> AppResult<Answer<AbsencesPage>> {
    let entered = match NewAbsence::read(&form, ctx.now) {
        Ok(new) => written(&deps, &ctx, &who, new, &Sent::form("absence", &form)?).await,
        Err(errors) => Err(AppError::Invalid(errors)),
    };
    match entered {
        Ok(_) => Ok(see_other_with(&deps, HERE, "absence-entered").into()),
        Err(AppError::Invalid(errors)) => {
            let mut view = form.view();
            fail(&mut view, ctx.lang, &errors);
            absences(&deps, &ctx, &who, view, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(other) => Err(other),
    }
}

async fn written(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    new: NewAbsence,
    sent: &Sent,
) -> AppResult<Id> {
    let (by, now) = (who.clone(), ctx.now);
    Act::of(deps, ctx, who, "absence.enter").once(sent, move |tx| absence::enter(tx, &by, new, now)).await
}

/// `POST /desk/account/absences/{id}/end`.
pub(super) async fn end(
    ctx: Ctx,
    deps: App,
    who: Official<Any>,
    id: web::Path<Id>,
    _form: Form,
) -> AppResult<HttpResponse> {
    over(&deps, &ctx, &who, *id).await?;
    Ok(see_other_with(&deps, HERE, "absence-ended"))
}

async fn over(deps: &App, ctx: &Ctx, who: &OfficialPrincipal, id: Id) -> AppResult<()> {
    let (by, now) = (who.clone(), ctx.now);
    deps.store.write(move |tx| absence::end(tx, &by, id, now)).await
}

/// One's own absences, those of others for whom one stands in, and who can stand in.
#[utoipa::path(get, path = "/api/v1/desk/absences", tag = "desk", responses((status = 200, body = AbsencesBody)))]
pub(super) async fn list_json(ctx: Ctx, deps: App, who: Official<Looks<Any>>) -> AppResult<HttpResponse> {
    Ok(answer(&read(&deps, &ctx, &who).await?))
}

/// Says from when to when one is away, and who stands in. Idempotent by `Idempotency-Key`.
#[utoipa::path(post, path = "/api/v1/desk/absences", tag = "desk", request_body = AbsenceInput,
    responses((status = 201, body = AbsenceIdBody), (status = 409), (status = 422)))]
pub(super) async fn enter_json(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    who: Official<Any>,
    input: Valid<AbsenceInput>,
) -> AppResult<HttpResponse> {
    let AbsenceInput { substitute, from, to } = input.0.clone();
    let sent = Sent::call(&req, &input.0)?;
    let new = NewAbsence::of(Ok::<_, FieldError>(substitute), Ok(from), Ok(to), china_day(ctx.now));
    let id = written(&deps, &ctx, &who, new.map_err(AppError::Invalid)?, &sent).await?;
    Ok(answer_with(StatusCode::CREATED, &AbsenceIdBody { id }))
}

/// Ends an absence of one's own now, or takes it back before it begins.
#[utoipa::path(delete, path = "/api/v1/desk/absences/{id}", tag = "desk", params(("id" = uuid::Uuid, Path)),
    responses((status = 204), (status = 404)))]
pub(super) async fn end_json(
    ctx: Ctx,
    deps: App,
    who: Official<Any>,
    id: web::Path<Id>,
    _token: NoBody,
) -> AppResult<HttpResponse> {
    over(&deps, &ctx, &who, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}
