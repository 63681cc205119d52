//! What an administrator changes by JSON: offices, staff and their rights, by the same rules as the pages; with a
//! fresh second factor (`POST /api/v1/desk/step-up`).

use super::AdminFresh;
use super::api_lists::OfficeBody;
use super::grave::{self, Grave};
use super::identity;
use super::lists;
use super::offices;
use super::rights::{OfficeInput, RightInput, give, hire, not_own, read_names};
use super::store::{self, Reach};
use super::vouch;
use crate::audit::Actor;
use crate::db::{Id, Tx};
use crate::decision::{Act, Sent};
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::officials::{NewAssignment, NewOfficial, add_office, hash, one_time_password};
use crate::web::ctx::Ctx;
use crate::web::form::Valid;
use crate::web::guard::Official;
use crate::web::page::{answer, answer_with};
use crate::web::principal::OfficialPrincipal;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// A new member of staff with a first right.
#[derive(Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfficialInput {
    /// Sign-in name: 3 to 40 of a-z, 0-9, dot, hyphen.
    #[validate(length(max = 64))]
    #[schema(max_length = 64)]
    pub login: String,
    /// Name, up to 60 characters.
    #[validate(length(max = 60))]
    #[schema(max_length = 60)]
    pub name: String,
    /// Kind of the official's document, such as `id_card` (as without it).
    #[serde(default)]
    #[validate(length(max = 40))]
    #[schema(max_length = 40)]
    pub document_kind: String,
    /// Number of the document of the person who the official is: one person is one official, and nobody decides about
    /// themselves.
    #[validate(length(max = 64))]
    #[schema(max_length = 64)]
    pub document_number: String,
    /// The official's own telephone; may be empty.
    #[serde(default)]
    #[validate(length(max = 40))]
    #[schema(max_length = 40)]
    pub phone: String,
    /// The first right.
    #[validate(nested)]
    pub right: RightInput,
}

/// A first password. It is stored nowhere and shown once; its first use asks for another and for the second factor.
#[derive(Serialize, ToSchema)]
pub struct FirstPassword {
    /// The official.
    pub id: String,
    /// Sign-in name.
    pub login: String,
    /// The password, to be handed over in person.
    pub password: String,
}

/// What was made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Made {
    /// Its identifier.
    pub id: String,
}

/// Adds an office. Idempotent by `Idempotency-Key`.
///
/// # Errors
/// 422 with field paths.
#[utoipa::path(post, path = "/api/v1/admin/offices", tag = "admin", request_body = OfficeInput,
    responses((status = 201, body = Made), (status = 422)))]
pub async fn add(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    o: Official<AdminFresh>,
    input: Valid<OfficeInput>,
) -> AppResult<HttpResponse> {
    let new = input.0.check(&o).map_err(AppError::Invalid)?;
    let (by, sent) = (Actor::from(&*o), Sent::call(&req, &input.0)?);
    let now = ctx.now;
    let work = move |tx: &mut Tx<'_>| Ok(Made { id: add_office(tx, by, &new, now)?.to_string() });
    let made = Act::of(&deps, &ctx, &o, "admin.office.api").once(&sent, work).await?;
    Ok(answer_with(StatusCode::CREATED, &made))
}

/// Changes an office that nobody has changed since it was seen.
///
/// # Errors
/// 404; 409 `changed-meanwhile`; 422 with field paths.
#[utoipa::path(put, path = "/api/v1/admin/offices/{id}", tag = "admin", params(("id" = String, Path)),
    request_body = OfficeInput,
    responses((status = 200, body = OfficeBody), (status = 404), (status = 409), (status = 422)))]
pub async fn change(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    o: Official<AdminFresh>,
    id: web::Path<Id>,
    input: Valid<OfficeInput>,
) -> AppResult<HttpResponse> {
    let id = id.into_inner();
    lists::office(&deps, &o, id, ctx.now).await?;
    let new = input.0.check(&o).map_err(AppError::Invalid)?;
    let version = input.0.version.ok_or_else(|| AppError::field("version", "required"))?;
    let sent = Sent::call(&req, &(id, &input.0))?;
    offices::change(&deps, &ctx, &o, (id, version, new), &sent).await?;
    Ok(answer(&OfficeBody::from(lists::office(&deps, &o, id, ctx.now).await?)))
}

/// Adds a member of staff with a first right, and gives the first password. Without idempotency key: the password is not
/// kept, so that a repetition meets `login-taken` and the administrator resets it.
///
/// # Errors
/// 404 when the office is not within reach; 422 with field paths.
#[utoipa::path(post, path = "/api/v1/admin/officials", tag = "admin", request_body = OfficialInput,
    responses((status = 201, body = FirstPassword), (status = 404), (status = 422)))]
pub async fn add_official(
    ctx: Ctx,
    deps: App,
    o: Official<AdminFresh>,
    input: Valid<OfficialInput>,
) -> AppResult<HttpResponse> {
    let now = ctx.now;
    let (mut errors, mut within) = (Vec::new(), Vec::new());
    let (login, name) = read_names(&input.0.login, &input.0.name, &mut errors);
    let right = input.0.right.check(&o, now, &mut within);
    if input.0.right.stands_in().is_some() {
        // A first right is one's own; standing in for somebody is given afterwards.
        within.push(FieldError::new("substitute", "invalid"));
    }
    errors.extend(within.into_iter().map(|e| e.below("right")));
    let typed = identity::Typed {
        kind: &input.0.document_kind,
        number: &input.0.document_number,
        phone: &input.0.phone,
        reason: None,
    };
    let who = identity::read(&typed, now, &mut errors);
    let (Some(right), Some((document, phone)), true) = (right, who, errors.is_empty()) else {
        return Err(identity::for_programs(AppError::Invalid(errors)));
    };
    let password = one_time_password();
    let hashed = hash(ctx.client, password.clone()).await?;
    let new = NewOfficial::first(login.clone(), name, hashed, document, phone);
    let (keys, by, reach) = (deps.keys.clone(), Actor::from(&*o), Reach::of(&o, now));
    let hired = deps.store.write(move |tx| hire(tx, &keys, by, &reach, &new, &right, now)).await;
    let (id, _) = hired.map_err(identity::for_programs)?;
    Ok(answer_with(StatusCode::CREATED, &FirstPassword { id: id.to_string(), login, password }))
}

/// Why something is done that is hard to take back.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonInput {
    /// The reason, up to 2000 characters; it stays with the official's page. Not needed to `enable` and `vouch`.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub reason: Option<String>,
}

impl ReasonInput {
    fn checked(&self) -> AppResult<String> {
        grave::checked(self.reason.as_deref()).map_err(|e| AppError::Invalid(vec![e]))
    }
}

/// `disable` and `enable` an official, or `reset` the password and second factor, which gives a new first password. Whoever
/// is disabled gives their open cases back to their desk. A login that was made or reset does nothing that is hard to take
/// back for a day (409 `official-not-yet`), unless another administrator than who did that does `vouch` for it.
///
/// # Errors
/// 404 when there is none within reach, or no such action; 409 `own-account`, and to vouch `vouch-own`, `vouch-none`; 422
/// without a reason to disable or reset.
#[utoipa::path(post, path = "/api/v1/admin/officials/{id}/actions/{action}", tag = "admin",
    params(("id" = String, Path), ("action" = String, Path, description = "`disable`, `enable`, `reset`, `vouch`")),
    request_body = ReasonInput,
    responses((status = 200, body = FirstPassword, description = "reset"), (status = 204, description = "done"),
        (status = 404), (status = 409), (status = 422)))]
pub async fn act(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    o: Official<AdminFresh>,
    path: web::Path<(Id, String)>,
    input: Valid<ReasonInput>,
) -> AppResult<HttpResponse> {
    let (id, action) = path.into_inner();
    let (reach, by, now) = (Reach::of(&o, ctx.now), Actor::from(&*o), ctx.now);
    let sought = reach.clone();
    not_own(&o, id)?;
    let who = deps.store.read(move |c| store::official(c, &sought, id)).await?;
    let sent = Sent::call(&req, &(id, &input.0))?;
    let (parts, official) = (deps.clone(), (*o).clone());
    match action.as_str() {
        "reset" => {
            // The password is kept nowhere, so a repetition cannot give it again: it makes another.
            let (password, reason) = (one_time_password(), input.0.checked()?);
            let password_hash = hash(ctx.client, password.clone()).await?;
            let act = Grave { action: "reset", post: None };
            let work = move |tx: &mut Tx<'_>| {
                grave::done(tx, &parts, &official, id, &act, (&reason, Some(&password_hash)), now)
            };
            deps.store.write(work).await?;
            return Ok(answer(&FirstPassword { id: id.to_string(), login: who.login, password }));
        }
        "disable" => {
            let act = Grave { action: "disable", post: None };
            done(&deps, &ctx, &o, (id, act, input.0.checked()?), &sent).await?;
        }
        "vouch" => {
            let work = move |tx: &mut Tx<'_>| vouch::vouch(tx, &parts, &official, id, now);
            Act::of(&deps, &ctx, &o, "admin.vouch").once(&sent, work).await?;
        }
        "enable" => {
            let work = move |tx: &mut Tx<'_>| store::set_active(tx, by, &reach, id, true);
            Act::of(&deps, &ctx, &o, "admin.enable").once(&sent, work).await?;
        }
        _ => return Err(AppError::NotFound),
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Does what is hard to take back once, as the pages do.
async fn done(
    deps: &App,
    ctx: &Ctx,
    o: &OfficialPrincipal,
    (id, act, reason): (Id, Grave, String),
    sent: &Sent,
) -> AppResult<()> {
    let (parts, by, now) = (deps.clone(), o.clone(), ctx.now);
    let what = if act.action == "end" { "admin.end" } else { "admin.disable" };
    let work = move |tx: &mut Tx<'_>| grave::done(tx, &parts, &by, id, &act, (&reason, None), now);
    Act::of(deps, ctx, o, what).once(sent, work).await
}

/// Gives a right. Idempotent by `Idempotency-Key`.
///
/// # Errors
/// 404 when official or office are not within reach; 409 `own-account`; 422 with field paths.
#[utoipa::path(post, path = "/api/v1/admin/officials/{id}/assignments", tag = "admin", params(("id" = String, Path)),
    request_body = RightInput, responses((status = 201, body = Made), (status = 404), (status = 409), (status = 422)))]
pub async fn assign(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    o: Official<AdminFresh>,
    id: web::Path<Id>,
    input: Valid<RightInput>,
) -> AppResult<HttpResponse> {
    let (now, id) = (ctx.now, id.into_inner());
    not_own(&o, id)?;
    let (reach, by) = (Reach::of(&o, now), Actor::from(&*o));
    let sought = reach.clone();
    deps.store.read(move |c| store::official(c, &sought, id)).await?;
    let mut errors = Vec::new();
    let Some(right) = input.0.check(&o, now, &mut errors) else { return Err(AppError::Invalid(errors)) };
    let right = NewAssignment { official: id, ..right };
    let (sent, stands_in) = (Sent::call(&req, &(id, &input.0))?, input.0.stands_in());
    let work = move |tx: &mut Tx<'_>| {
        let made = give(tx, by, &reach, right, stands_in.as_deref(), now)?;
        Ok(Made { id: made.to_string() })
    };
    let made = Act::of(&deps, &ctx, &o, "admin.right.api").once(&sent, work).await?;
    Ok(answer_with(StatusCode::CREATED, &made))
}

/// Ends a right now; whoever acts in it loses it with the next request, and the open cases that no other right of theirs
/// covers go back to their desk.
///
/// # Errors
/// 404 when it is not there, elsewhere, or over; 409 `own-account`; 422 without a reason.
#[utoipa::path(post, path = "/api/v1/admin/officials/{id}/assignments/{assignment}/end", tag = "admin",
    params(("id" = String, Path), ("assignment" = String, Path)), request_body = ReasonInput,
    responses((status = 204, description = "ended"), (status = 404), (status = 409), (status = 422)))]
pub async fn end(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    o: Official<AdminFresh>,
    path: web::Path<(Id, Id)>,
    input: Valid<ReasonInput>,
) -> AppResult<HttpResponse> {
    let (id, right) = path.into_inner();
    not_own(&o, id)?;
    let sought = Reach::of(&o, ctx.now);
    deps.store.read(move |c| store::right(c, &sought, id, right)).await?;
    let act = Grave { action: "end", post: Some(right) };
    let sent = Sent::call(&req, &(id, right, &input.0))?;
    done(&deps, &ctx, &o, (id, act, input.0.checked()?), &sent).await?;
    Ok(HttpResponse::NoContent().finish())
}
