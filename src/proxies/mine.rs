//! The side of whoever acts: for whom, asking, and the mode.

use super::act::{self, By, Question};
use super::model::Ward;
use super::rules::{MOST, Relation};
use super::store;
use super::views::{ProxiesPage, ProxyFormPage, ProxyOfOthers, ProxyOfOwn, ProxyView};
use crate::audit::{self, Actor, Entry};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::PersonName;
use crate::number::normalise;
use crate::web::ctx::Ctx;
use crate::web::document;
use crate::web::form::Form;
use crate::web::guard::{Oneself, Resident};
use crate::web::idempotency::{Submission, in_turn};
use crate::web::page::{self, see_other, see_other_with};
use crate::web::respond::{Answer, respond, respond_with};
use crate::web::session;
use crate::web::view::{Choice, FormView};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};

/// `GET /me/for`: for whom one acts, and who acts for oneself.
pub(super) async fn list(ctx: Ctx, deps: App, who: Oneself) -> AppResult<Answer<ProxiesPage>> {
    let (keys, account, person) = (deps.keys.clone(), who.account_id, who.person_id);
    let (lang, now) = (ctx.lang, ctx.now);
    let acting = who.acting_for.is_some();
    let (mine, others) = deps
        .store
        .read(move |conn| {
            let mut mine = Vec::new();
            for row in store::of_account(conn, account, store::LISTED)? {
                let ward = row.ward(&keys)?.name.masked();
                mine.push(ProxyOfOthers { proxy: ProxyView::of(&row, lang, now), ward });
            }
            // Who looks on while somebody acts for another sees what is for that, and no more.
            let rows = match person.filter(|_| !acting) {
                Some(person) => store::of_person(conn, person, store::LISTED)?,
                None => Vec::new(),
            };
            let others = rows.iter().map(|row| ProxyOfOwn::of(conn, &keys, row, lang, now));
            let others: Vec<ProxyOfOwn> = others.collect::<AppResult<_>>()?;
            Ok((mine, others))
        })
        .await?;
    let view = ProxiesPage { mine, others, person: person.is_some(), most: MOST };
    respond(&deps, &ctx, "proxies/list.html", &view)
}

/// `GET /me/for/new`.
pub(super) async fn form(ctx: Ctx, deps: App, who: Resident) -> AppResult<Answer<ProxyFormPage>> {
    who.person()?;
    form_page(&deps, &ctx, FormView::new().with("doc_kind", "id_card"), StatusCode::OK)
}

fn form_page(deps: &Deps, ctx: &Ctx, form: FormView, status: StatusCode) -> AppResult<Answer<ProxyFormPage>> {
    let choices = |codes: &[&str], what: &str| -> Vec<Choice> {
        codes.iter().map(|code| Choice::text(ctx.lang, code, &format!("proxy-{what}-{code}"))).collect()
    };
    let view = ProxyFormPage {
        form,
        kinds: document::choices(ctx.lang),
        most: MOST,
        relations: choices(&Relation::ALL.map(Relation::code), "relation"),
        ways: choices(&["own", "pin", "counter"], "way"),
    };
    respond_with(deps, ctx, status, "proxies/new.html", &view)
}

/// Reads the form; a guardian always goes to a counter.
fn read(form: &Form, now: DateTime<Utc>) -> Result<(Ward, Relation, &'static str), Vec<FieldError>> {
    let mut errors = Vec::new();
    let name =
        PersonName::parse(form.get("name")).map_err(|e| errors.push(FieldError::new("name", e.code()))).ok();
    let document = document::typed(form, now).map_err(|e| errors.push(e)).ok();
    let relation = Relation::of(form.get("relation"));
    if relation.is_none() {
        errors.push(FieldError::new("relation", "choose-one"));
    }
    let way = match (relation.is_some_and(Relation::is_guardian), form.get("way")) {
        (true, "pin") => {
            errors.push(FieldError::new("way", "pin-guardian"));
            ""
        }
        (true, _) | (_, "counter") => "counter",
        (_, "own") => "own",
        (_, "pin") => {
            if form.text("pin").is_none() {
                errors.push(FieldError::new("pin", "required"));
            }
            if form.get("agree") != "yes" {
                errors.push(FieldError::new("agree", "proxy-agree-here"));
            }
            "pin"
        }
        _ => {
            errors.push(FieldError::new("way", "choose-one"));
            ""
        }
    };
    match (name, document, relation) {
        (Some(name), Some(document), Some(relation)) if errors.is_empty() => {
            Ok((Ward { name, document }, relation, way))
        }
        _ => Err(errors),
    }
}

/// What is kept as the answer to a question, for a second click.
const ASKED: &str = "asked";
const PIN_WRONG: &str = "pin-wrong";

/// `POST /me/for/new`.
pub(super) async fn send(ctx: Ctx, deps: App, who: Resident, form: Form) -> AppResult<Answer<ProxyFormPage>> {
    let refused = |errors: &[FieldError]| {
        let mut view = form.view();
        page::fail(&mut view, ctx.lang, errors);
        form_page(&deps, &ctx, view, StatusCode::UNPROCESSABLE_ENTITY)
    };
    let (account, person, now) = (who.account_id, who.person()?, ctx.now);
    let (ward, relation, way) = match read(&form, now) {
        Ok(read) => read,
        Err(errors) => return refused(&errors),
    };
    let content = serde_json::to_vec(form.answers().as_slice()).map_err(AppError::internal)?;
    let submission = form.once().map(|key| Submission::new(account, "proxy.ask", key, &content));
    let by_pin = way == "pin";
    let (keys, pin) = (deps.keys.clone(), form.get("pin").to_owned());
    let question =
        Question { account, person, ward, relation, way: if by_pin { "own" } else { way }, by_pin };
    let asked: AppResult<String> = deps
        .store
        .write(move |tx| {
            in_turn(tx, &keys, submission.as_ref(), now, |tx| {
                let done = match by_pin {
                    true => act::ask_by_pin(tx, &keys, (&question, pin.as_str()), now)?,
                    false => act::ask(tx, &keys, &question, now).map(|()| true)?,
                };
                Ok(if done { ASKED } else { PIN_WRONG }.to_owned())
            })
        })
        .await;
    let flash = match way {
        "own" => "proxy-asked",
        "pin" => "proxy-by-pin",
        _ => "proxy-to-counter",
    };
    match asked {
        Ok(done) if done == PIN_WRONG => refused(&[FieldError::new("pin", PIN_WRONG)]),
        Ok(_) => Ok(see_other_with(&deps, "/me/for", flash).into()),
        Err(AppError::Invalid(errors)) => refused(&errors),
        Err(e @ AppError::TooMany(_)) => {
            let (field, code) =
                if by_pin { ("pin", "pin-too-many") } else { ("doc_number", "proxy-too-many") };
            let late = refused(&[FieldError::new(field, code)]);
            page::later(late, e.retry_after())
        }
        Err(e) => Err(e),
    }
}

/// `POST /me/for/{number}/begin`: the session acts for that person from now on.
pub(super) async fn begin(
    ctx: Ctx,
    deps: App,
    who: Oneself,
    number: web::Path<String>,
    _form: Form,
) -> AppResult<HttpResponse> {
    let (account, session, now, number) =
        (who.account_id, who.session.id.clone(), ctx.now, normalise(&number));
    let own = who.person_id;
    deps.store
        .write(move |tx| {
            let row = store::own(tx.conn(), account, &number)?;
            let person = row.person_id.filter(|_| row.holds(now) && own == Some(row.actor_id));
            let person = person.ok_or_else(|| AppError::conflict("proxy-over"))?;
            session::act_for(tx, &session, account, Some(row.id), now)?;
            let entry = Entry::new(Actor::Proxy { account, person }, "proxy.begin", "proxy").object(row.id);
            audit::append(tx, now, entry).map(drop)
        })
        .await?;
    Ok(see_other("/"))
}

/// `POST /me/for/leave`: the session acts for its owner again.
pub(super) async fn leave(ctx: Ctx, deps: App, who: Oneself, _form: Form) -> AppResult<HttpResponse> {
    let Some(acting) = who.acting_for.clone() else { return Ok(see_other("/me/for")) };
    let (account, session, now) = (who.account_id, who.session.id.clone(), ctx.now);
    deps.store
        .write(move |tx| {
            session::act_for(tx, &session, account, None, now)?;
            let entry = Entry::new(Actor::Resident(account), "proxy.leave", "proxy").object(acting.consent);
            audit::append(tx, now, entry).map(drop)
        })
        .await?;
    Ok(see_other_with(&deps, "/me/for", "proxy-left"))
}

/// `POST /me/for/{number}/end`: whoever acts or asks to does not want to any more.
pub(super) async fn end(
    ctx: Ctx,
    deps: App,
    who: Oneself,
    number: web::Path<String>,
    _form: Form,
) -> AppResult<HttpResponse> {
    let (keys, account, now, number) = (deps.keys.clone(), who.account_id, ctx.now, normalise(&number));
    deps.store
        .write(move |tx| {
            let row = store::own(tx.conn(), account, &number)?;
            act::end(tx, &keys, &row, (By::Proxy, Actor::Resident(account)), now)
        })
        .await?;
    Ok(see_other_with(&deps, "/me/for", "proxy-ended"))
}
