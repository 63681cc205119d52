//! The same for programs.

use super::model::Row;
use super::pages::{asking, read};
use super::{ask, places, store, tell};
use crate::db::Id;
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::slice::Slices;
use crate::web::ctx::Ctx;
use crate::web::form::{Form, NoBody, Valid};
use crate::web::guard::Resident;
use crate::web::i18n::{Lang, t};
use crate::web::page::{answer, answer_with};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// What can be subscribed to.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopicBody {
    /// Its name in a subscription.
    pub topic: &'static str,
    /// In the language of `Accept-Language`.
    pub title: String,
    /// What it is about.
    pub text: String,
    /// Where it can be read in the portal.
    pub page: &'static str,
}

/// All topics.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopicsBody {
    /// Each.
    pub topics: Vec<TopicBody>,
}

/// What can be subscribed to, in the language of `Accept-Language`.
#[utoipa::path(get, path = "/api/v1/subscriptions/topics", tag = "subscriptions",
    responses((status = 200, body = TopicsBody)))]
pub async fn topics(ctx: Ctx, deps: App) -> AppResult<HttpResponse> {
    let lang = ctx.lang;
    let one = |topic: &crate::slice::Topic| TopicBody {
        topic: topic.name,
        title: tell::topic_name(lang, topic.name),
        text: t(lang, &format!("topic-{}-text", topic.name), &[]),
        page: topic.page,
    };
    Ok(answer(&TopicsBody { topics: deps.part::<Slices>()?.topics().map(one).collect() }))
}

/// A visitor's question.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionRequest {
    /// Where news are to go; nothing does before its link was confirmed.
    #[validate(length(min = 1, max = 320))]
    #[schema(min_length = 1, max_length = 320)]
    pub email: String,
    /// A topic.
    #[validate(length(min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40)]
    pub topic: String,
    /// Prefecture or county, six digits; without one the whole province.
    #[serde(default)]
    #[validate(length(max = 12))]
    #[schema(max_length = 12)]
    pub division: String,
    /// `none` (at once), `daily` or `weekly`.
    #[validate(length(min = 1, max = 10))]
    #[schema(min_length = 1, max_length = 10)]
    pub digest: String,
}

/// A message with a link is on its way, if the address has not had enough of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubscriptionAsked {
    /// Hours for which the link can be used.
    pub hours: i64,
}

/// Sends a message with a link to an address. The answer is the same for every address.
///
/// # Errors
/// 422 for what cannot be subscribed to; 429 when too much is asked for from the network.
#[utoipa::path(post, path = "/api/v1/subscriptions", tag = "subscriptions", request_body = SubscriptionRequest,
    responses((status = 202, body = SubscriptionAsked), (status = 422, description = "what is wrong with it")))]
pub async fn ask(ctx: Ctx, deps: App, input: Valid<SubscriptionRequest>) -> AppResult<HttpResponse> {
    let input = input.0;
    let form = Form::of(&[
        ("email", &input.email),
        ("topic", &input.topic),
        ("division", &input.division),
        ("digest", &input.digest),
    ]);
    let (wish, email) = read(&deps, &form)?.map_err(AppError::Invalid)?;
    let (keys, asking) = (deps.keys.clone(), asking(&ctx));
    deps.store.write(move |tx| ask::ask(tx, &keys, &wish, &email, asking)).await?;
    let body = SubscriptionAsked { hours: super::model::LINK.num_hours() };
    Ok(answer_with(StatusCode::ACCEPTED, &body))
}

/// A resident's wish.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionInput {
    /// A topic.
    #[validate(length(min = 1, max = 40))]
    #[schema(min_length = 1, max_length = 40)]
    pub topic: String,
    /// Prefecture or county, six digits; without one the whole province.
    #[serde(default)]
    #[validate(length(max = 12))]
    #[schema(max_length = 12)]
    pub division: String,
    /// `inbox`, `email` or `sms`.
    #[validate(length(min = 1, max = 10))]
    #[schema(min_length = 1, max_length = 10)]
    pub channel: String,
    /// `none` (at once), `daily` or `weekly`.
    #[validate(length(min = 1, max = 10))]
    #[schema(min_length = 1, max_length = 10)]
    pub digest: String,
}

/// A subscription of a resident.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubscriptionBody {
    /// Names it.
    pub id: String,
    /// Its topic.
    pub topic: String,
    /// Its place; empty for the whole province.
    pub division: String,
    /// The place's name.
    pub place: String,
    /// `inbox`, `email` or `sms`.
    pub channel: String,
    /// `none` (at once), `daily` or `weekly`.
    pub digest: String,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
}

impl SubscriptionBody {
    fn of(lang: Lang, row: Row) -> Self {
        Self {
            id: row.id.to_string(),
            place: places::name(lang, &row.division),
            since: row.confirmed_at.map(|at| at.0),
            topic: row.topic,
            division: row.division,
            channel: row.channel,
            digest: row.digest,
        }
    }
}

/// All of a resident.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubscriptionsBody {
    /// At most 50.
    pub subscriptions: Vec<SubscriptionBody>,
}

async fn listed(deps: &App, lang: Lang, account: Id) -> AppResult<SubscriptionsBody> {
    let own = deps.store.read(move |conn| store::of_account(conn, account)).await?;
    let subscriptions = own.into_iter().map(|row| SubscriptionBody::of(lang, row)).collect();
    Ok(SubscriptionsBody { subscriptions })
}

/// What the resident has subscribed to.
#[utoipa::path(get, path = "/api/v1/me/subscriptions", tag = "me",
    responses((status = 200, body = SubscriptionsBody)))]
pub async fn list(ctx: Ctx, deps: App, who: Resident) -> AppResult<HttpResponse> {
    Ok(answer(&listed(&deps, ctx.lang, who.account_id).await?))
}

/// Subscribes; the same topic, place and channel once more changes when news come.
///
/// # Errors
/// 422 for what cannot be subscribed to; 409 `subscriptions-full`.
#[utoipa::path(post, path = "/api/v1/me/subscriptions", tag = "me", request_body = SubscriptionInput,
    responses((status = 200, body = SubscriptionsBody, description = "all that there are now"),
        (status = 409, description = "there are 50 already"), (status = 422, description = "what is wrong with it")))]
pub async fn add(
    ctx: Ctx,
    deps: App,
    who: Resident,
    input: Valid<SubscriptionInput>,
) -> AppResult<HttpResponse> {
    let input = input.0;
    let form = Form::of(&[
        ("topic", &input.topic),
        ("division", &input.division),
        ("channel", &input.channel),
        ("digest", &input.digest),
    ]);
    let wish = ask::read(&deps, &form, None)?.map_err(AppError::Invalid)?;
    let (parts, account, when) = (deps.clone(), who.account_id, (ctx.lang, ctx.now));
    deps.store.write(move |tx| ask::add(tx, &parts, account, &wish, when)).await?;
    Ok(answer(&listed(&deps, ctx.lang, account).await?))
}

/// Stops a subscription.
///
/// # Errors
/// 404 when it is not there or not theirs.
#[utoipa::path(delete, path = "/api/v1/me/subscriptions/{id}", tag = "me",
    params(("id" = String, Path)),
    responses((status = 204, description = "stopped"), (status = 404)))]
pub async fn stop(
    ctx: Ctx,
    deps: App,
    who: Resident,
    _token: NoBody,
    id: web::Path<uuid::Uuid>,
) -> AppResult<HttpResponse> {
    let (account, id, now) = (who.account_id, Id(id.into_inner()), ctx.now);
    deps.store.write(move |tx| ask::end(tx, account, id, now)).await?;
    Ok(HttpResponse::NoContent().finish())
}
