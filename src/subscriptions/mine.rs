//! What a resident has subscribed to.

use super::model::{Channel, Row};
use super::pages::{Choices, choices};
use super::{ask, places, store, tell};
use crate::db::{Conn, Id, Ts};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Resident;
use crate::web::i18n::{Lang, t};
use crate::web::page::{fail, see_other_with};
use crate::web::respond::{Answer, respond_with};
use crate::web::view::{Choice, FormView};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// Something that a resident has subscribed to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnSubscription)]
pub(super) struct Line {
    #[schema(value_type = String, format = Uuid)]
    id: Id,
    topic: String,
    place: String,
    /// How news come, in words.
    channel: String,
    /// How often, in words.
    digest: String,
    #[schema(value_type = Option<DateTime<Utc>>)]
    since: Option<Ts>,
}

/// What a resident has subscribed to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OwnSubscriptionsPage {
    #[serde(flatten)]
    choices: Choices,
    rows: Vec<Line>,
    channels: Vec<Choice>,
    form: FormView,
}

fn line(lang: Lang, row: &Row) -> Line {
    Line {
        id: row.id,
        topic: tell::topic_name(lang, &row.topic),
        place: places::name(lang, &row.division),
        channel: t(lang, &format!("channel-{}", row.channel), &[]),
        digest: t(lang, &format!("digest-{}", row.digest), &[]),
        since: row.confirmed_at,
    }
}

async fn show(
    deps: &App,
    ctx: &Ctx,
    who: &Resident,
    form: FormView,
) -> AppResult<Answer<OwnSubscriptionsPage>> {
    let account = who.account_id;
    let own = deps.store.read(move |conn| store::of_account(conn, account)).await?;
    let channel = |c: &Channel| Choice::text(ctx.lang, c.code(), &format!("channel-{}", c.code()));
    let status = if form.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = OwnSubscriptionsPage {
        choices: choices(deps, ctx.lang)?,
        rows: own.iter().map(|row| line(ctx.lang, row)).collect(),
        channels: Channel::ALL.iter().map(channel).collect(),
        form,
    };
    respond_with(deps, ctx, status, "subscriptions/mine.html", &view)
}

/// `GET /me/subscriptions`.
pub(super) async fn list(ctx: Ctx, deps: App, who: Resident) -> AppResult<Answer<OwnSubscriptionsPage>> {
    let view = FormView::new().with("digest", "none").with("channel", "inbox");
    show(&deps, &ctx, &who, view).await
}

/// `POST /me/subscriptions`.
pub(super) async fn add(
    ctx: Ctx,
    deps: App,
    who: Resident,
    form: Form,
) -> AppResult<Answer<OwnSubscriptionsPage>> {
    let errors = match ask::read(&deps, &form, None)? {
        Err(errors) => errors,
        Ok(wish) => {
            let (parts, account, when) = (deps.clone(), who.account_id, (ctx.lang, ctx.now));
            match deps.store.write(move |tx| ask::add(tx, &parts, account, &wish, when)).await {
                Ok(()) => return Ok(see_other_with(&deps, "/me/subscriptions", "subscription-set").into()),
                Err(AppError::Invalid(errors)) => errors,
                Err(e) => return Err(e),
            }
        }
    };
    let mut view = form.view();
    fail(&mut view, ctx.lang, &errors);
    show(&deps, &ctx, &who, view).await
}

/// `POST /me/subscriptions/{id}/stop`.
pub(super) async fn stop(
    ctx: Ctx,
    deps: App,
    who: Resident,
    id: web::Path<uuid::Uuid>,
    _form: Form,
) -> AppResult<HttpResponse> {
    let (account, id, now) = (who.account_id, Id(id.into_inner()), ctx.now);
    deps.store.write(move |tx| ask::end(tx, account, id, now)).await?;
    Ok(see_other_with(&deps, "/me/subscriptions", "subscription-stopped"))
}

/// What an account has subscribed to, for the copy of one's data.
///
/// # Errors
/// Database errors.
pub(super) fn data(conn: &mut Conn, _: &Deps, account: Id, _: Option<Id>) -> AppResult<Value> {
    let one = |row: &Row| {
        json!({
            "topic": row.topic, "division": row.division, "channel": row.channel, "digest": row.digest,
            "since": row.confirmed_at,
        })
    };
    Ok(store::of_account(conn, account)?.iter().map(one).collect())
}
