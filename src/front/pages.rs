//! The administrator's pages of keys: which there are, what each may do and when it was last used; giving, replacing and
//! revoking one. A secret stands on one page, once.

use super::act::{self, KeyMade};
use super::input::{KeyInput, NewKey, OVERLAPS, SecretInput};
use super::model::{AccessKey, KeyProof, KeyRow};
use super::views::{KeyFormPage, KeyPage, KeyProofShown, KeyShown, KeysPage};
use super::{KeyChange, KeyView, store};
use crate::audit::Actor;
use crate::db::{Conn, Id, Tx};
use crate::decision::{Act, Reading, Sent};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::{DivisionCode, divisions};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::i18n::t;
use crate::web::page::{fail, page, see_other_with};
use crate::web::paging::{PAGE_ROWS, cut};
use crate::web::principal::OfficialPrincipal;
use crate::web::program::{Kind, Scope};
use crate::web::respond::{Answer, respond, respond_with};
use crate::web::view::{Choice, FormView, Pager};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::Days;
use serde::Deserialize;
use serde_json::json;

/// Where a page of the list begins.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub(super) struct After {
    #[param(value_type = Option<String>, format = Uuid)]
    pub after: Option<Id>,
}

/// What the form suggests: a request a second, and a year.
const PER_MINUTE: &str = "60";
const PER_DAY: &str = "10000";
const LASTS: u64 = 365;

/// `GET /admin/keys`.
pub(super) async fn list(
    ctx: Ctx,
    deps: App,
    _o: Official<KeyView>,
    query: web::Query<After>,
) -> AppResult<Answer<KeysPage>> {
    let after = query.after;
    let rows = deps.store.read(move |conn| store::list(conn, after, PAGE_ROWS + 1)).await?;
    let (rows, more) = cut(rows, PAGE_ROWS);
    let older = rows.last().filter(|_| more).map(|row| format!("/admin/keys?after={}", row.id));
    let newer = after.map(|_| "/admin/keys".to_owned());
    let pager = Pager { newer, older, shown: rows.len(), total: None };
    let keys = rows.iter().map(|row| view(&ctx, row)).collect();
    respond(&deps, &ctx, "front/keys.html", &KeysPage { keys, pager })
}

fn province(ctx: &Ctx, code: &str) -> String {
    let known = DivisionCode::parse(code).ok().and_then(|code| divisions().get(code));
    known.map_or_else(|| code.to_owned(), |d| if ctx.english() { d.name_en } else { d.name }.to_string())
}

fn view(ctx: &Ctx, row: &KeyRow) -> KeyShown {
    let may = row.kind().map(|kind| t(ctx.lang, &format!("key-may-{}", kind.code()), &[]));
    let scopes = row.scopes();
    let scopes = scopes.iter().map(|scope| t(ctx.lang, &format!("key-scope-{scope}"), &[]));
    KeyShown {
        id: row.id,
        keyid: row.keyid.clone(),
        name: row.name.clone(),
        owner: row.owner.clone(),
        kind: t(ctx.lang, &format!("key-kind-{}", row.kind), &[]),
        province: row.province.as_deref().map(|code| province(ctx, code)),
        may: may.into_iter().chain(scopes).collect(),
        per_minute: row.per_minute,
        per_day: row.per_day,
        state: row.state(ctx.now),
        expires: row.expires_at,
        revoked: row.revoked_at,
        seen: row.seen_at,
        created: row.created_at,
        version: row.version.to_string(),
    }
}

/// `GET /admin/keys/new`; the second factor is asked for before anything is typed.
pub(super) async fn new_page(ctx: Ctx, deps: App, _o: Official<KeyChange>) -> AppResult<Answer<KeyFormPage>> {
    let today = crate::clock::china_day(ctx.now);
    let year = today.checked_add_days(Days::new(LASTS)).unwrap_or(today);
    let form = FormView::new()
        .with("kind", Kind::Client.code())
        .with("per_minute", PER_MINUTE)
        .with("per_day", PER_DAY)
        .with_date("until", year);
    form_page(&deps, &ctx, form, &[])
}

fn form_page(
    deps: &Deps,
    ctx: &Ctx,
    mut form: FormView,
    errors: &[FieldError],
) -> AppResult<Answer<KeyFormPage>> {
    fail(&mut form, ctx.lang, errors);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let kinds = Kind::ALL.map(|k| Choice::text(ctx.lang, k.code(), &format!("key-kind-{}", k.code())));
    let scopes = Scope::GIVEN.map(|s| Choice::text(ctx.lang, s.code(), &format!("key-scope-{s}")));
    let others = divisions().provinces().into_iter().filter(|d| d.code.to_string() != deps.config.province);
    let named = |d: &crate::identity::Division| if ctx.english() { d.name_en } else { d.name };
    let provinces = others.map(|d| Choice::new(d.code.to_string(), named(d))).collect();
    let view = KeyFormPage { form, kinds: kinds.into(), scopes: scopes.into(), provinces };
    respond_with(deps, ctx, status, "front/key-new.html", &view)
}

/// `POST /admin/keys/new`.
pub(super) async fn new_sent(
    ctx: Ctx,
    deps: App,
    o: Official<KeyChange>,
    form: Form,
) -> AppResult<Answer<KeyFormPage>> {
    let mut errors = Vec::new();
    let input = KeyInput::of(&form, &mut errors);
    match input.check(&deps.config.province, ctx.now, errors) {
        Ok(new) => {
            let made = given(&deps, &ctx, &o, new, &Sent::form("", &form)?).await?;
            shown_once(&deps, &ctx, &made, "key-given").map(Into::into)
        }
        Err(errors) => form_page(&deps, &ctx, form.view(), &errors),
    }
}

/// Gives a key, once.
pub(super) async fn given(
    deps: &App,
    ctx: &Ctx,
    o: &OfficialPrincipal,
    new: NewKey,
    sent: &Sent,
) -> AppResult<KeyMade> {
    let (keys, by, now) = (deps.keys.clone(), Actor::from(o), ctx.now);
    let work = move |tx: &mut Tx<'_>| act::add(tx, &keys, by, &new, now);
    Act::of(deps, ctx, o, "front.key").once(sent, work).await
}

/// The page with the secret; without one back to the key.
fn shown_once(deps: &Deps, ctx: &Ctx, made: &KeyMade, flash: &str) -> AppResult<HttpResponse> {
    match &made.secret {
        None => Ok(see_other_with(deps, &format!("/admin/keys/{}", made.id), flash)),
        Some(secret) => {
            let data = json!({"id": made.id, "keyid": made.keyid, "secret": secret});
            page(deps, ctx, "front/secret.html", &data)
        }
    }
}

/// `GET /admin/keys/{id}`.
pub(super) async fn one(
    ctx: Ctx,
    deps: App,
    _o: Official<KeyChange>,
    id: web::Path<Id>,
) -> AppResult<Answer<KeyPage>> {
    one_page(&deps, &ctx, id.into_inner(), FormView::new().with("overlap", "24"), &[]).await
}

async fn one_page(
    deps: &App,
    ctx: &Ctx,
    id: Id,
    mut form: FormView,
    errors: &[FieldError],
) -> AppResult<Answer<KeyPage>> {
    fail(&mut form, ctx.lang, errors);
    let read = move |conn: &mut Conn| {
        let row = store::one(conn, id)?;
        let by = row.created_by.map(|by| store::official(conn, by)).transpose()?.flatten();
        Ok((store::proofs(conn, id)?, by, row))
    };
    let (proofs, by, row) = deps.store.read(read).await?;
    let overlaps =
        OVERLAPS.map(|hours| Choice::text(ctx.lang, &hours.to_string(), &format!("key-overlap-{hours}")));
    let shown = KeyPage {
        form,
        key: view(ctx, &row),
        proofs: proofs.into_iter().map(|proof| proof_view(ctx, proof.into())).collect(),
        by,
        overlaps: overlaps.into(),
        partner: row.kind() == Some(Kind::Partner),
        reason: act::reason(&deps.keys, &row)?,
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    respond_with(deps, ctx, status, "front/key.html", &shown)
}

fn proof_view(ctx: &Ctx, proof: KeyProof) -> KeyProofShown {
    KeyProofShown {
        algorithm: t(ctx.lang, &format!("key-algorithm-{}", proof.algorithm), &[]),
        certificate: proof.certificate,
        since: proof.since,
        ends: proof.ends_at,
        over: proof.ends_at.is_some_and(|end| end <= ctx.now),
    }
}

/// `POST /admin/keys/{id}`: replaces what verifies the key, or revokes it.
pub(super) async fn act(
    ctx: Ctx,
    deps: App,
    o: Official<KeyChange>,
    id: web::Path<Id>,
    form: Form,
) -> AppResult<Answer<KeyPage>> {
    let id = id.into_inner();
    let row = deps.store.read(move |conn| store::one(conn, id)).await?;
    let sent = Sent::form(&id.to_string(), &form)?;
    let mut reading = Reading::of(&form);
    let version = reading.version();
    match form.get("action") {
        "rotate" => {
            let asked = Replacing { secret: SecretInput::of(&form), overlap: overlap(form.get("overlap")) };
            if let Err(errors) = reading.done(()) {
                return one_page(&deps, &ctx, id, form.view(), &errors).await;
            }
            match replaced(&deps, &ctx, &o, (&row, version), &asked, &sent).await {
                Ok(made) => shown_once(&deps, &ctx, &made, "key-replaced").map(Into::into),
                Err(AppError::Invalid(errors)) => one_page(&deps, &ctx, id, form.view(), &errors).await,
                Err(e) => Err(e),
            }
        }
        "revoke" => {
            let reason = reading.needed("reason");
            if let Err(errors) = reading.done(()) {
                return one_page(&deps, &ctx, id, form.view(), &errors).await;
            }
            revoked(&deps, &ctx, &o, (id, version), reason, &sent).await?;
            Ok(see_other_with(&deps, &format!("/admin/keys/{id}"), "key-revoked").into())
        }
        _ => Err(AppError::BadRequest("request-malformed")),
    }
}

/// For how many hours the one before goes on counting; `None` for what cannot be chosen.
pub(super) fn overlap(text: &str) -> Option<u32> {
    text.parse().ok().filter(|hours| OVERLAPS.contains(hours))
}

/// What replaces a secret.
pub(super) struct Replacing {
    pub secret: SecretInput,
    pub overlap: Option<u32>,
}

/// Replaces what verifies a key, once, and not over what somebody else has done.
///
/// # Errors
/// [`AppError::Invalid`] with what is wrong; [`AppError::Overtaken`].
pub(super) async fn replaced(
    deps: &App,
    ctx: &Ctx,
    o: &OfficialPrincipal,
    (row, version): (&KeyRow, i64),
    asked: &Replacing,
    sent: &Sent,
) -> AppResult<KeyMade> {
    let mut errors = Vec::new();
    let kind = row.kind().ok_or_else(|| AppError::internal("a key of no kind"))?;
    let secret = asked.secret.check(kind, &mut errors);
    if asked.overlap.is_none() {
        errors.push(FieldError::new("overlap", "choose-one"));
    }
    let (Some(secret), Some(overlap), true) = (secret, asked.overlap, errors.is_empty()) else {
        return Err(AppError::Invalid(errors));
    };
    let (keys, by, now, lang, id) = (deps.keys.clone(), Actor::from(o), ctx.now, ctx.lang, row.id);
    let work = move |tx: &mut Tx<'_>| act::rotate(tx, &keys, by, (id, version), (&secret, overlap), now);
    let standing = move |conn: &mut Conn| act::standing(conn, (id, version), lang, now);
    Act::of(deps, ctx, o, "front.rotate").done(sent, work, standing).await
}

/// Revokes a key, once.
///
/// # Errors
/// [`AppError::Overtaken`] when somebody else was faster.
pub(super) async fn revoked(
    deps: &App,
    ctx: &Ctx,
    o: &OfficialPrincipal,
    (id, version): (Id, i64),
    reason: String,
    sent: &Sent,
) -> AppResult<()> {
    let (keys, by, now, lang) = (deps.keys.clone(), Actor::from(o), ctx.now, ctx.lang);
    let work = move |tx: &mut Tx<'_>| act::revoke(tx, &keys, by, (id, version), &reason, now);
    let standing = move |conn: &mut Conn| act::standing(conn, (id, version), lang, now);
    Act::of(deps, ctx, o, "front.revoke").done(sent, work, standing).await
}

/// One key for programs.
pub(super) async fn body(deps: &App, ctx: &Ctx, id: Id) -> AppResult<(AccessKey, Vec<KeyProof>)> {
    let now = ctx.now;
    let read = move |conn: &mut Conn| Ok((store::one(conn, id)?, store::proofs(conn, id)?));
    let (row, proofs) = deps.store.read(read).await?;
    Ok((AccessKey::of(&row, now), proofs.into_iter().map(Into::into).collect()))
}
