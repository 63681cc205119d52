//! Who deals with a case: taken, given to a colleague, returned to all; one or many at once.

use super::super::case::conflict;
use super::super::{store, store_worklist as list};
use super::Desk;
use super::decide::stands;
use super::list::{Query, Sent, list_page};
use crate::audit::{self, Entry};
use crate::case::colleagues;
use crate::db::{Conn, Id, Tx};
use crate::decision::{self, Act, Happened, Standing};
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::i18n::{self, Lang};
use crate::web::page::see_other_with;
use crate::web::principal::OfficialPrincipal;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// Cases of one bulk action, at most.
const MANY: usize = 100;

/// Gives a case to somebody (`None` = back to all) and records it.
fn assign(
    tx: &mut Tx<'_>,
    who: &OfficialPrincipal,
    number: &str,
    to: Option<Id>,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let id = list::assign(tx, who, number, to, now)?;
    let entry = Entry::new(who, "reopening.assign", "application").object(id).detail(json!({"to": to}));
    audit::append(tx, now, entry)?;
    Ok(())
}

/// Whom a bulk action names; `Err` for a person who is no colleague.
async fn target(
    deps: &App,
    who: &OfficialPrincipal,
    form: &Form,
    now: DateTime<Utc>,
) -> AppResult<Option<Id>> {
    match form.get("do") {
        "take" => Ok(Some(who.official_id)),
        "return" => Ok(None),
        "assign" => {
            let wanted: Id = form.get("to").parse().map_err(|_| AppError::NotFound)?;
            let reader = who.clone();
            let all = deps.store.read(move |conn| colleagues(conn, &reader, now)).await?;
            all.iter().any(|(id, _)| *id == wanted).then_some(Some(wanted)).ok_or(AppError::NotFound)
        }
        _ => Err(AppError::BadRequest("request-malformed")),
    }
}

/// POST `/desk/applications/bulk`: take, assign or return many; every row has its own result. `all` chooses every row
/// of the page and shows it again, for those without a script.
pub async fn bulk(req: HttpRequest, deps: App, who: Official<Desk>, form: Form) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    if list::department(who.role) {
        return Err(AppError::NotFound);
    }
    let query = Query::of_form(&form);
    let chosen: Vec<String> = form.all("case").map(str::to_owned).collect();
    let mut sent =
        Sent { chosen, all: form.get("do") == "all", to: form.get("to").to_owned(), ..Sent::default() };
    if !sent.all && sent.chosen.is_empty() {
        sent.errors.push(FieldError::new("case", "none-chosen"));
    }
    if sent.chosen.len() > MANY {
        sent.errors.push(FieldError::new("case", "items-too-many").with("max", MANY));
    }
    if sent.all || !sent.errors.is_empty() {
        return list_page(&deps, &ctx, &who, &query, sent).await;
    }
    let to = target(&deps, &who, &form, ctx.now).await?;
    sent.results = each(&deps, &ctx, &who, (&sent.chosen, to), &form).await;
    sent.chosen.clear();
    list_page(&deps, &ctx, &who, &query, sent).await
}

/// Every row with its own result.
async fn each(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    (chosen, to): (&[String], Option<Id>),
    form: &Form,
) -> Vec<Value> {
    let mut results = Vec::new();
    for number in chosen {
        let (official, wanted, now) = (who.clone(), number.clone(), ctx.now);
        let sent = decision::Sent::one_of(form, &format!("{} {number}", form.get("do")));
        let work = move |tx: &mut Tx<'_>| assign(tx, &official, &wanted, to, now);
        let done = Act::of(deps, ctx, who, "reopening.assign").once(&sent, work).await;
        let code = match &done {
            Ok(()) => "done",
            Err(AppError::NotFound) => "gone",
            Err(AppError::Conflict(_)) => "taken",
            Err(_) => "failed",
        };
        results.push(json!({
            "number": number,
            "kind": if done.is_ok() { "ok" } else { "bad" },
            "label": i18n::t(ctx.lang, &format!("reopening-bulk-{code}"), &[]),
        }));
    }
    results
}

/// POST `/desk/applications/{number}/assign`: take or return one case.
pub async fn take(
    req: HttpRequest,
    deps: App,
    who: Official<Desk>,
    number: web::Path<String>,
    form: Form,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    if list::department(who.role) {
        return Err(AppError::NotFound);
    }
    let (to, now) = (target(&deps, &who, &form, ctx.now).await?, ctx.now);
    let back = format!("/desk/applications/{number}");
    let (official, wanted) = ((*who).clone(), number.into_inner());
    let sent = decision::Sent::form(&wanted, &form)?;
    let standing = {
        let (number, pattern, lang) = (wanted.clone(), who.pattern(), ctx.lang);
        move |conn: &mut Conn| standing(conn, &number, &pattern, lang)
    };
    let work = move |tx: &mut Tx<'_>| assign(tx, &official, &wanted, to, now);
    match Act::of(&deps, &ctx, &who, "reopening.assign").done(&sent, work, standing).await {
        Ok(()) => Ok(see_other_with(&deps, &back, "reopening-done")),
        Err(AppError::Conflict(code)) => conflict(&deps, &ctx, &code, &back, Vec::new()),
        Err(other) => Err(other),
    }
}

/// Who has a case that a colleague was faster to take.
fn standing(conn: &mut Conn, number: &str, pattern: &str, lang: Lang) -> AppResult<Standing> {
    let app = store::inside(conn, number, pattern)?;
    let what = i18n::t(lang, "reopening-taken", &[]);
    let taken = app.assignee.map(|by| Happened { at: None, what, by: Some(by), office: None });
    Ok(stands(app, lang, taken.into_iter().collect()))
}
