//! The pages of everybody: what there is to subscribe to, and the two links of the messages.

use super::ask::{self, Asking};
use super::model::{Channel, Digest, LINK, Row, hash_of};
use super::{places, store, tell};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::EmailAddress;
use crate::slice::Slices;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::i18n::{Lang, t};
use crate::web::page::{fail, page, see_other_with};
use crate::web::respond::{Answer, respond, respond_with};
use crate::web::view::{Choice, FormView};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// A topic, with what it is about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubscriptionTopic)]
pub(super) struct TopicChoice {
    value: &'static str,
    label: String,
    hint: String,
}

/// What can be chosen: topics with what they are about, and when news come.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubscriptionChoices)]
pub(super) struct Choices {
    topics: Vec<TopicChoice>,
    digests: Vec<Choice>,
    places: Vec<Choice>,
}

/// What everybody can subscribe to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SubscribePage {
    #[serde(flatten)]
    choices: Choices,
    form: FormView,
    /// So long the link of the message can be used.
    hours: i64,
}

/// What a link of a message is about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubscriptionTold)]
pub(super) struct About {
    topic: String,
    place: String,
    digest: String,
}

/// A subscription that is to be confirmed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SubscriptionConfirmPage {
    about: About,
    /// `waits`, `done`, `over`.
    state: &'static str,
    /// That of the address.
    token: String,
}

/// A subscription that is to be stopped.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SubscriptionStopPage {
    /// Nothing where it was stopped before.
    about: Option<About>,
    /// That of the address.
    token: String,
}

/// The choices of the forms.
pub(super) fn choices(deps: &Deps, lang: Lang) -> AppResult<Choices> {
    let topics = deps
        .part::<Slices>()?
        .topics()
        .map(|topic| {
            let hint = t(lang, &format!("topic-{}-text", topic.name), &[]);
            TopicChoice { value: topic.name, label: tell::topic_name(lang, topic.name), hint }
        })
        .collect();
    let digests =
        Digest::ALL.iter().map(|d| Choice::text(lang, d.code(), &format!("digest-{}", d.code()))).collect();
    Ok(Choices { topics, digests, places: places::choices(deps, lang) })
}

/// `GET /subscriptions`.
pub(super) async fn form(req: HttpRequest, ctx: Ctx, deps: App) -> AppResult<Answer<SubscribePage>> {
    let sent = Form::parse(req.query_string().as_bytes())?;
    // A page of a topic leads here with the topic, or the place, chosen.
    let view = FormView::new()
        .with("topic", sent.get("topic"))
        .with("division", sent.get("division"))
        .with("digest", Digest::None.code());
    show(&deps, &ctx, view)
}

fn show(deps: &App, ctx: &Ctx, form: FormView) -> AppResult<Answer<SubscribePage>> {
    let status = if form.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = SubscribePage { choices: choices(deps, ctx.lang)?, form, hours: LINK.num_hours() };
    respond_with(deps, ctx, status, "subscriptions/form.html", &view)
}

/// `POST /subscriptions`: a message with a link goes to the address. The answer is the same for every address.
pub(super) async fn sent(ctx: Ctx, deps: App, form: Form) -> AppResult<Answer<SubscribePage>> {
    let (wish, email) = match read(&deps, &form)? {
        Ok(read) => read,
        Err(errors) => {
            let mut view = form.view();
            fail(&mut view, ctx.lang, &errors);
            return show(&deps, &ctx, view);
        }
    };
    let (keys, asking) = (deps.keys.clone(), asking(&ctx));
    deps.store.write(move |tx| ask::ask(tx, &keys, &wish, &email, asking)).await?;
    Ok(see_other_with(&deps, "/subscriptions", "subscription-asked").into())
}

/// Who asks.
pub(super) fn asking(ctx: &Ctx) -> Asking {
    Asking { client: ctx.client, lang: ctx.lang, now: ctx.now }
}

/// What a visitor asks for, and the address.
#[allow(clippy::type_complexity)]
pub(super) fn read(
    deps: &Deps,
    form: &Form,
) -> AppResult<Result<(super::model::Wish, EmailAddress), Vec<FieldError>>> {
    let wish = ask::read(deps, form, Some(Channel::Email))?;
    let email = EmailAddress::parse(form.get("email")).map_err(|e| FieldError::new("email", e.code()));
    Ok(match (wish, email) {
        (Ok(wish), Ok(email)) => Ok((wish, email)),
        (wish, email) => {
            let mut errors = wish.err().unwrap_or_default();
            errors.extend(email.err());
            Err(errors)
        }
    })
}

/// The hash of a link's token.
fn token(path: &web::Path<String>) -> AppResult<Vec<u8>> {
    hash_of(path).ok_or(AppError::NotFound)
}

async fn behind(deps: &App, hash: Vec<u8>) -> AppResult<Option<Row>> {
    deps.store.read(move |conn| store::by_token(conn, &hash)).await
}

fn about(lang: Lang, row: &Row) -> About {
    About {
        topic: tell::topic_name(lang, &row.topic),
        place: places::name(lang, &row.division),
        digest: t(lang, &format!("digest-{}", row.digest), &[]),
    }
}

/// `GET /subscriptions/confirm/{token}`: asks for the button; a program that opens links confirms nothing.
pub(super) async fn confirm_page(
    ctx: Ctx,
    deps: App,
    path: web::Path<String>,
) -> AppResult<Answer<SubscriptionConfirmPage>> {
    let row = behind(&deps, token(&path)?).await?.ok_or(AppError::NotFound)?;
    let state = match (row.confirmed_at.is_some(), row.can_be_confirmed(ctx.now)) {
        (true, _) => "done",
        (false, true) => "waits",
        (false, false) => "over",
    };
    let view = SubscriptionConfirmPage { about: about(ctx.lang, &row), state, token: path.into_inner() };
    respond(&deps, &ctx, "subscriptions/confirm.html", &view)
}

/// `POST /subscriptions/confirm/{token}`.
pub(super) async fn confirm(
    ctx: Ctx,
    deps: App,
    path: web::Path<String>,
    _form: Form,
) -> AppResult<HttpResponse> {
    let (hash, now) = (token(&path)?, ctx.now);
    deps.store.write(move |tx| ask::confirm(tx, &hash, now)).await?;
    Ok(see_other_with(&deps, &format!("/subscriptions/confirm/{path}"), "subscription-confirmed"))
}

/// `GET /subscriptions/stop/{token}` and `…/all`: asks for the button; a program that opens links stops nothing.
pub(super) async fn stop_page(
    ctx: Ctx,
    deps: App,
    path: web::Path<String>,
) -> AppResult<Answer<SubscriptionStopPage>> {
    let row = behind(&deps, token(&path)?).await?;
    let about = row.as_ref().map(|row| about(ctx.lang, row));
    let view = SubscriptionStopPage { about, token: path.into_inner() };
    respond(&deps, &ctx, "subscriptions/stop.html", &view)
}

/// `POST /subscriptions/stop/{token}`: by the button, or by a mail program without a session (RFC 8058). Whoever has the link
/// may, so no page's token is asked for, and what the body says changes nothing.
pub(super) async fn stop_one(
    req: HttpRequest,
    deps: App,
    path: web::Path<String>,
) -> AppResult<HttpResponse> {
    stopped(&req, &deps, token(&path)?, false).await
}

/// `POST /subscriptions/stop/{token}/all`: the same for all that comes by e-mail to whoever has the link.
pub(super) async fn stop_all(
    req: HttpRequest,
    deps: App,
    path: web::Path<String>,
) -> AppResult<HttpResponse> {
    stopped(&req, &deps, token(&path)?, true).await
}

async fn stopped(req: &HttpRequest, deps: &App, hash: Vec<u8>, all: bool) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(req)?;
    let now = ctx.now;
    deps.store.write(move |tx| ask::stop(tx, &hash, all, now)).await?;
    if ctx.wants_page {
        return page(deps, &ctx, "subscriptions/stopped.html", &json!({"all": all}));
    }
    let text = t(ctx.lang, "subscriptions-stopped", &[]);
    Ok(HttpResponse::Ok()
        .insert_header(("Cache-Control", "no-store"))
        .content_type("text/plain; charset=utf-8")
        .body(text))
}
