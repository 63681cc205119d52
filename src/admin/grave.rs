//! What an administrator does with an official that is hard to take back: it is shown beforehand with whom it concerns
//! and what becomes of their cases, chosen expressly, and given a reason that stays with the official's page.

use super::officials::{office_name, row};
use super::store::{self, Reach};
use crate::audit::Actor;
use crate::case;
use crate::crypto::{FieldContext, Keyring};
use crate::db::schema::official_acts as acts;
use crate::db::{Conn, Id, Ts, Tx};
use crate::decision::{Foreseen, TEXT};
use crate::deps::Deps;
use crate::error::{AppError, AppResult, FieldError};
use crate::notify::{self, Message};
use crate::officials;
use crate::slice::Slices;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::i18n::{Lang, t};
use crate::web::page::{fail, page_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::text;
use crate::web::view::Choice;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// An act on an official.
#[derive(Debug, Clone)]
pub(super) struct Grave {
    /// `disable`, `reset` or `end`.
    pub action: &'static str,
    /// The post that ends.
    pub post: Option<Id>,
}

impl Grave {
    /// Reads the act of a form; `None` for what can be taken back.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for an end of nothing.
    pub fn of(form: &Form) -> AppResult<Option<Self>> {
        let action = ["disable", "reset", "end"].into_iter().find(|a| *a == form.get("action"));
        let post = match action {
            Some("end") => Some(form.get("assignment").parse().map_err(|_| AppError::NotFound)?),
            _ => None,
        };
        Ok(action.map(|action| Self { action, post }))
    }
}

/// What the form says of it.
pub(super) enum Sure {
    /// Nothing yet: it has to be shown.
    Unasked,
    /// Leave it.
    No,
    /// Do it, for this reason.
    Yes(String),
    /// It cannot be read.
    Faulty(FieldError),
}

/// Whether the act is to be done.
pub(super) fn sure(form: &Form) -> Sure {
    if !form.has("asked") {
        return Sure::Unasked;
    }
    match (form.get("sure"), form.text("reason")) {
        ("no", _) => Sure::No,
        ("yes", reason) => checked(reason).map_or_else(Sure::Faulty, Sure::Yes),
        _ => Sure::Faulty(FieldError::new("sure", "required")),
    }
}

/// The reason of an act, which every one needs.
///
/// # Errors
/// It is not there, too long, or holds what cannot be seen.
pub(super) fn checked(reason: Option<&str>) -> Result<String, FieldError> {
    text::lines("reason", reason.unwrap_or_default(), TEXT)
}

/// Shows what the act does and, where that is asked for, what the official will be told; and asks.
pub(super) async fn ask(
    deps: &Deps,
    ctx: &Ctx,
    o: &OfficialPrincipal,
    id: Id,
    act: &Grave,
    form: &Form,
    (error, preview): (Option<FieldError>, Option<Foreseen>),
) -> AppResult<HttpResponse> {
    let (reach, post) = (Reach::of(o, ctx.now), act.post);
    let (keys, slices) = (deps.keys.clone(), *deps.part::<Slices>()?);
    let (who, posts, held, reached) = deps
        .store
        .read(move |c| {
            let who = store::official(c, &reach, id)?;
            let mut posts = store::assignments_of(c, id)?;
            posts
                .retain(|a| a.to.is_none_or(|to| to.0 > reach.now()) && post.is_none_or(|post| post == a.id));
            if post.is_some() && posts.is_empty() {
                return Err(AppError::NotFound);
            }
            let held = case::held(c, slices, id, post, reach.now())?;
            let to = officials::recipient(c, &keys, id)?;
            Ok((who, posts, held, to.phone.is_some() || to.email.is_some()))
        })
        .await?;
    let mut view = form.view();
    fail(&mut view, ctx.lang, error.as_slice());
    let status = if view.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let posts: Vec<String> = posts
        .iter()
        .map(|a| {
            format!(
                "{} · {}",
                t(ctx.lang, &format!("role-{}", a.role), &[]),
                office_name(ctx, &a.office, &a.office_en)
            )
        })
        .collect();
    let choices = [
        Choice::text(ctx.lang, "yes", &format!("admin-sure-{}", act.action)),
        Choice::text(ctx.lang, "no", "admin-sure-no"),
    ];
    let data = json!({
        "official": row(&who, ctx.now), "posts": posts, "held": held, "action": act.action,
        "post": act.post, "choices": choices, "preview": preview, "form": view,
        "title": t(ctx.lang, &format!("admin-act-{}", act.action), &[]),
        "effect": t(ctx.lang, &format!("admin-effect-{}", act.action), &[]),
        "told": t(ctx.lang, if reached { "admin-told-yes" } else { "admin-told-no" }, &[]),
    });
    page_with(deps, ctx, status, "admin/act.html", &data)
}

fn context(id: Id) -> FieldContext<'static> {
    FieldContext::new("official_acts", "reason_sealed", id.0)
}

/// Does the act: gives the cases back to the office, keeps the reason, and tells whoever it is about: a reset that somebody
/// has not asked for is how a login is taken over.
pub(super) fn done(
    tx: &mut Tx<'_>,
    deps: &Deps,
    o: &OfficialPrincipal,
    official: Id,
    act: &Grave,
    (reason, password): (&str, Option<&str>),
    now: DateTime<Utc>,
) -> AppResult<()> {
    let (by, reach) = (Actor::from(o), Reach::of(o, now));
    match (act.action, act.post, password) {
        ("reset", _, Some(hash)) => store::reset(tx, by, &reach, official, hash)?,
        ("end", Some(post), _) => {
            store::end_assignment(tx, by, &reach, official, post)?;
            case::release(tx, deps, o, (official, Some(post)), now)?;
        }
        _ => {
            store::set_active(tx, by, &reach, official, false)?;
            case::release(tx, deps, o, (official, None), now)?;
        }
    }
    tell(tx, &deps.keys, official, act.action, now)?;
    keep(tx, &deps.keys, o, official, (act.action, reason), now)
}

/// Tells an official what became of the own login; `action` chooses the words of the message.
pub(super) fn tell(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    official: Id,
    action: &str,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let to = officials::recipient(tx.conn(), keys, official)?;
    notify::send(tx, keys, &to, &Message::new("official-changed", json!({"action": action})), now)
}

/// Keeps an act and its reason with the official's page.
pub(super) fn keep(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    o: &OfficialPrincipal,
    official: Id,
    (action, reason): (&str, &str),
    now: DateTime<Utc>,
) -> AppResult<()> {
    let id = Id::new();
    diesel::insert_into(acts::table)
        .values((
            acts::id.eq(id),
            acts::official_id.eq(official),
            acts::action.eq(action),
            acts::reason_sealed.eq(keys.seal_str(&context(id), reason)?),
            acts::acted_by.eq(o.official_id),
            acts::created_at.eq(Ts::from(now)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Something grave that was done with an official.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActLine {
    /// What it was.
    title: String,
    reason: String,
    /// Who did it.
    by: String,
    #[schema(value_type = DateTime<Utc>)]
    at: Ts,
}

/// What was done with an official, newest first. The caller has made sure that the official is within reach.
pub(super) fn history(conn: &mut Conn, keys: &Keyring, lang: Lang, official: Id) -> AppResult<Vec<ActLine>> {
    let rows: Vec<(Id, String, Vec<u8>, Id, Ts)> = acts::table
        .filter(acts::official_id.eq(official))
        .order((acts::created_at.desc(), acts::id.desc()))
        .limit(20)
        .select((acts::id, acts::action, acts::reason_sealed, acts::acted_by, acts::created_at))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, action, sealed, by, at)| {
            Ok(ActLine {
                title: t(lang, &format!("admin-act-{action}"), &[]),
                reason: keys.open_str(&context(id), &sealed)?.as_str().to_owned(),
                by: officials::named(conn, Some(by), None)?.who,
                at,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_grave_happens_without_a_choice_and_a_reason() {
        let read = |pairs: &[(&str, &str)]| sure(&Form::of(pairs));
        assert!(matches!(read(&[("action", "disable"), ("sure", "yes"), ("reason", "x")]), Sure::Unasked));
        assert!(matches!(read(&[("asked", "1")]), Sure::Faulty(e) if e.field == "sure"));
        assert!(matches!(read(&[("asked", "1"), ("sure", "yes")]), Sure::Faulty(e) if e.field == "reason"));
        assert!(matches!(read(&[("asked", "1"), ("sure", "no")]), Sure::No));
        let yes = read(&[("asked", "1"), ("sure", "yes"), ("reason", "已调离")]);
        assert!(matches!(yes, Sure::Yes(reason) if reason == "已调离"));
        assert!(Grave::of(&Form::of(&[("action", "enable")])).unwrap().is_none());
        assert!(Grave::of(&Form::of(&[("action", "end"), ("assignment", "x")])).is_err());
    }
}
