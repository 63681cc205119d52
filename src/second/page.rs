//! The page on which a second official decides.

use super::decide::{Deciding, Rehearsed};
use super::{EXPIRED, Effect, Entered, Named, Outcome, People, Shown, TwoPersons, store};
use crate::audit::{self, Entry};
use crate::db::{Id, Tx};
use crate::decision::{Sent, previews};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::slice::Slices;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::i18n::t;
use crate::web::page::{fail, page, page_with, see_other, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::view::{Choice, FormView};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

/// `GET /desk/second/{id}`: the way to the page of its kind.
pub(super) async fn way(
    _: HttpRequest,
    deps: App,
    official: Official<super::Seconds>,
    id: web::Path<Id>,
) -> AppResult<HttpResponse> {
    let page = kind_of(&deps, &official, *id).await?.page;
    Ok(see_other(&page.replace("{id}", &id.to_string())))
}

/// The kind of a thing that an official may decide.
///
/// # Errors
/// [`AppError::NotFound`]; database errors.
pub(super) async fn kind_of(
    deps: &App,
    by: &OfficialPrincipal,
    id: Id,
) -> AppResult<&'static crate::slice::SecondKind> {
    let kinds: Vec<_> =
        deps.part::<Slices>()?.second().filter(|kind| kind.roles.contains(&by.role)).collect();
    let (parts, within) = (deps.clone(), by.pattern());
    deps.store
        .read(move |conn| {
            for kind in kinds {
                if (kind.has)(conn, &parts, id, &within)? {
                    return Ok(kind);
                }
            }
            Err(AppError::NotFound)
        })
        .await
}

/// A thing as it was opened for an official, with the entry of the look.
pub(super) struct Looked<T> {
    pub waits: T,
    pub named: Named,
    pub entered: Entered,
    pub expires: DateTime<Utc>,
    pub shown: Shown,
}

/// Writes an entry about a thing into the record of everybody whom it is about; one, where that is nobody.
pub(super) fn of_each<T: TwoPersons>(
    tx: &mut Tx<'_>,
    waits: &T,
    now: DateTime<Utc>,
    entry: impl Fn() -> Entry,
) -> AppResult<()> {
    let mut subjects: Vec<_> = waits.subjects().into_iter().map(Some).collect();
    if subjects.is_empty() {
        subjects.push(None);
    }
    subjects.into_iter().try_for_each(|subject| {
        let entry = entry().object(waits.id()).subject(subject);
        audit::append(tx, now, entry).map(|_| ())
    })
}

/// Opens a thing for an official and notes the look.
///
/// # Errors
/// [`AppError::NotFound`] when it is not open and in the jurisdiction; database errors.
pub(super) async fn look<T: TwoPersons>(
    deps: &App,
    ctx: &Ctx,
    by: &OfficialPrincipal,
    id: Id,
) -> AppResult<Looked<T>> {
    let (parts, by, now) = (deps.clone(), by.clone(), ctx.now);
    let named = People::of(deps)?.named;
    let (waits, named, expires) = deps
        .store
        .write(move |tx| {
            let waits = T::open(tx.conn(), &parts, id, &by.pattern())?.ok_or(AppError::NotFound)?;
            of_each(tx, &waits, now, || Entry::new(&by, T::NAMES.view, T::NAMES.object))?;
            let Entered { by: who, office, at } = waits.entered();
            let listed = store::waiting(tx.conn(), id)?;
            let expires = listed.map_or(at + TimeDelta::days(T::DAYS), |wait| wait.expires_at.0);
            let named = named(tx.conn(), who, office)?;
            Ok((waits, named, expires))
        })
        .await?;
    let shown = waits.shown(deps, ctx).await?;
    Ok(Looked { named, entered: waits.entered(), waits, expires, shown })
}

/// Where all that waits stands: whoever has decided one goes on with the next.
const LIST: &str = "/desk/second";

/// `GET …/{id}/decide`.
pub(super) async fn show<T: TwoPersons>(
    ctx: Ctx,
    deps: App,
    official: Official<T::Looks>,
    id: web::Path<Id>,
) -> AppResult<HttpResponse> {
    let id = *id;
    match decision_page::<T>(&deps, &ctx, &official, id, (FormView::new(), None)).await {
        Err(AppError::NotFound) => ended_page::<T>(&deps, &ctx, &official, id).await,
        page => page,
    }
}

/// What became of it: how it was decided, or that its time has run out and what can be done then.
async fn ended_page<T: TwoPersons>(
    deps: &App,
    ctx: &Ctx,
    official: &OfficialPrincipal,
    id: Id,
) -> AppResult<HttpResponse> {
    let within = official.pattern();
    let outcome = deps.store.read(move |conn| T::decided(conn, id, &within)).await?;
    let Some(Outcome { state, at, .. }) = outcome else { return Err(AppError::NotFound) };
    let [title, ..] = T::NAMES.texts;
    let word = t(ctx.lang, &format!("decided-{state}"), &[]);
    let (title, expired) = (t(ctx.lang, title, &[]), state == EXPIRED);
    let data = json!({"title": title, "list": T::NAMES.list, "at": at, "word": word, "expired": expired});
    page(deps, ctx, "second/ended.html", &data)
}

async fn decision_page<T: TwoPersons>(
    deps: &App,
    ctx: &Ctx,
    official: &OfficialPrincipal,
    id: Id,
    (form, rehearsed): (FormView, Option<Rehearsed>),
) -> AppResult<HttpResponse> {
    let status = if form.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let looked = look::<T>(deps, ctx, official, id).await?;
    let mut data = about(&looked, ctx, official);
    if let Value::Object(data) = &mut data {
        data.insert("form".into(), json!(form));
        data.insert("rehearsed".into(), json!(rehearsed));
    }
    page_with(deps, ctx, status, "second/decide.html", &data)
}

/// What the page shows of a thing.
fn about<T: TwoPersons>(looked: &Looked<T>, ctx: &Ctx, official: &OfficialPrincipal) -> Value {
    let (Looked { waits, named, entered, expires, shown }, lang) = (looked, ctx.lang);
    let [title, yes, no] = waits.texts();
    let choices = [Choice::text(lang, "confirm", yes), Choice::text(lang, "refuse", no)];
    json!({
        "title": t(lang, title, &[]),
        "back": LIST,
        "list": T::NAMES.list,
        "action": T::NAMES.page.replace("{id}", &waits.id().to_string()),
        "who": named.who,
        "office": named.office(lang),
        "at": entered.at,
        "expires": expires,
        "own": entered.by == Some(official.official_id),
        "had_a_part": waits.had_a_part(official.official_id),
        "facts": shown.facts,
        "effect": shown.effect,
        "many": matches!(shown.effect, Effect::Many { .. }),
        "counting": shown.effect.is_counting(),
        "changed": shown.changed,
        "reason_hint": t(lang, shown.reason_hint, &[]),
        "choices": choices,
    })
}

/// `POST …/{id}/decide`.
pub(super) async fn decide<T: TwoPersons>(
    ctx: Ctx,
    deps: App,
    official: Official<T::Decides>,
    id: web::Path<Id>,
    form: Form,
) -> AppResult<HttpResponse> {
    let id = *id;
    let deciding = Deciding { deps: &deps, ctx: &ctx, by: &official, id };
    let decision = match deciding.read::<T>(&form).await? {
        Ok(decision) => decision,
        Err(errors) => {
            let mut view = form.view();
            fail(&mut view, ctx.lang, &errors);
            return decision_page::<T>(&deps, &ctx, &official, id, (view, None)).await;
        }
    };
    if previews(&form) {
        let rehearsed = deciding.rehearsed::<T>(decision).await?;
        return decision_page::<T>(&deps, &ctx, &official, id, (form.view(), Some(rehearsed))).await;
    }
    let flash = deciding.done::<T>(decision, &Sent::form(&id.to_string(), &form)?).await?;
    Ok(see_other_with(&deps, LIST, &flash))
}
