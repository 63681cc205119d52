//! Saved views: a tab with its filters and order under a name, for oneself or for the whole office.
//!
//! A view keeps what was asked, in codes that the list has checked, and never what was looked for. Whoever opens it sees
//! what is theirs to see: a view gives nobody a right.

use super::Worklist;
use super::asked::Asked;
use super::page::{Left, show};
use super::store::{self, New};
use crate::audit::{self, Entry};
use crate::db::Id;
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::{Looks, Official};
use crate::web::page::see_other_with;
use crate::web::principal::OfficialPrincipal;
use crate::web::text;
use actix_web::HttpResponse;
use serde_json::json;

/// Characters of a name.
const NAME: usize = 40;
/// Views that somebody has of one list, and as many that an office has.
const MOST: i64 = 20;

/// `POST …/views`: `do` is `save` or `remove`.
pub(super) async fn change<L: Worklist>(
    ctx: Ctx,
    deps: App,
    who: Official<Looks<L::Who>>,
    form: Form,
) -> AppResult<HttpResponse> {
    let asked = Asked::read(&L::SPEC, &who, &form).from("");
    if form.get("do") == "remove" {
        return remove::<L>(&deps, &ctx, &who, &form, &asked).await;
    }
    match save::<L>(&deps, &ctx, &who, &form, &asked).await {
        Err(AppError::Invalid(errors)) => {
            let left = Left { form: form.view(), errors, ..Left::default() };
            show::<L>(&deps, &ctx, &who, asked, left).await
        }
        saved => saved,
    }
}

async fn save<L: Worklist>(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    form: &Form,
    asked: &Asked,
) -> AppResult<HttpResponse> {
    let name = text::line("view", form.get("view"), NAME).map_err(|e| AppError::Invalid(vec![e]))?;
    let shared = form.has("shared");
    let view = New {
        id: Id::new(),
        list: L::SPEC.name.into(),
        name,
        place: asked.place(),
        official_id: who.official_id,
        office_id: shared.then_some(who.office_id),
        created_at: ctx.now.into(),
    };
    let (by, now) = (who.clone(), ctx.now);
    deps.store
        .write(move |tx| {
            store::save(tx, &view)?;
            // Counted with the new one: what was replaced has gone.
            if store::count(tx.conn(), L::SPEC.name, &by, shared)? > MOST {
                let full = FieldError::new("view", "views-full").with("most", MOST);
                return Err(AppError::Invalid(vec![full]));
            }
            let detail = json!({"list": L::SPEC.name, "place": view.place, "shared": shared});
            audit::append(
                tx,
                now,
                Entry::new(&by, "list.view-save", "saved-view").object(view.id).detail(detail),
            )
        })
        .await?;
    Ok(see_other_with(deps, &asked.link(L::SPEC.paths.page), "view-saved"))
}

async fn remove<L: Worklist>(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    form: &Form,
    asked: &Asked,
) -> AppResult<HttpResponse> {
    let id: Id = form.get("id").parse().map_err(|_| AppError::NotFound)?;
    let (by, now) = (who.clone(), ctx.now);
    deps.store
        .write(move |tx| {
            if !store::remove(tx, L::SPEC.name, &by, id)? {
                return Err(AppError::NotFound);
            }
            let detail = json!({"list": L::SPEC.name});
            audit::append(
                tx,
                now,
                Entry::new(&by, "list.view-remove", "saved-view").object(id).detail(detail),
            )
        })
        .await?;
    Ok(see_other_with(deps, &asked.link(L::SPEC.paths.page), "view-removed"))
}
