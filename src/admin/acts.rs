//! What an administrator does with an official, each once, and not over what another administrator has done meanwhile.

use super::grave::{Grave, Sure};
use super::officials::{one_page, password_page, state};
use super::rights::{RightInput, give, not_own};
use super::store::{self, Reach};
use super::{AdminFresh, grave, identity, vouch};
use crate::audit::Actor;
use crate::db::{Conn, Id, Tx};
use crate::decision::{Act, Foreseen, Happened, Sent, Standing, previews};
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::officials::{NewAssignment, hash, one_time_password};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::i18n::{Lang, t};
use crate::web::page::{see_other, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::Answer;
use actix_web::{HttpResponse, web};

/// What changes an official's login.
const CHANGES: [&str; 5] =
    ["official.enable", "official.disable", "official.reset", "official.identify", "official.vouch"];

/// An act on one official: who does it, on whom, and what was seen of them.
#[derive(Clone, Copy)]
struct On<'a> {
    deps: &'a App,
    ctx: &'a Ctx,
    o: &'a OfficialPrincipal,
    id: Id,
    form: &'a Form,
}

impl On<'_> {
    /// Does `work` once, if nobody has changed the login since the page was made.
    async fn once(
        self,
        what: &'static str,
        work: impl FnOnce(&mut Tx<'_>) -> AppResult<()> + Send + 'static,
    ) -> AppResult<()> {
        let Self { deps, ctx, o, id, form } = self;
        let (reach, seen, lang) = (Reach::of(o, ctx.now), self.seen(), ctx.lang);
        let sought = reach.clone();
        let work = move |tx: &mut Tx<'_>| unchanged(tx, &sought, (id, seen)).and_then(|()| work(tx));
        let sent = Sent::form(&id.to_string(), form)?;
        let standing = move |conn: &mut Conn| standing(conn, &reach, (id, seen), lang);
        Act::of(deps, ctx, o, what).done(&sent, work, standing).await
    }

    /// The version that the page showed.
    fn seen(self) -> Option<i64> {
        self.form.get("version").parse().ok()
    }

    /// What the official would be told if `work` were done to the login that was seen, if any.
    async fn heard(
        self,
        seen: Option<i64>,
        work: impl FnOnce(&mut Tx<'_>) -> AppResult<()> + Send + 'static,
    ) -> AppResult<Foreseen> {
        let Self { deps, ctx, o, id, .. } = self;
        let (reach, lang) = (Reach::of(o, ctx.now), ctx.lang);
        let sought = reach.clone();
        let work = move |tx: &mut Tx<'_>| {
            unchanged(tx, &sought, (id, seen))?;
            work(tx).map(|()| Vec::new())
        };
        let standing = move |conn: &mut Conn| standing(conn, &reach, (id, seen), lang);
        Act::of(deps, ctx, o, "admin.foresee").foreseen(work, standing).await
    }

    /// What the official would be told of something grave; neither its reason nor a password stands in that.
    async fn foreseen(self, act: &Grave) -> AppResult<Foreseen> {
        let Self { deps, ctx, o, id, .. } = self;
        // A reset asks nobody what was seen, since the last one holds.
        let seen = self.seen().filter(|_| act.action != "reset");
        let (parts, by, now, doing) = (deps.clone(), o.clone(), ctx.now, act.clone());
        self.heard(seen, move |tx| grave::done(tx, &parts, &by, id, &doing, ("", Some("")), now)).await
    }

    /// The official's page, with what was done.
    fn saved(self, flash: &str) -> HttpResponse {
        see_other_with(self.deps, &format!("/admin/officials/{}", self.id), flash)
    }

    /// The same, or the page with what is to be put right.
    async fn or_page(self, done: AppResult<()>, flash: &str) -> AppResult<HttpResponse> {
        match done {
            Ok(()) => Ok(self.saved(flash)),
            Err(AppError::Invalid(errors)) => self.page(&errors, None).await,
            Err(e) => Err(e),
        }
    }

    /// The official's page with what was typed, what is to be put right of it, and what would be told.
    async fn page(self, errors: &[FieldError], preview: Option<Foreseen>) -> AppResult<HttpResponse> {
        let view = self.form.view();
        let page = one_page(self.deps, self.ctx, self.o, self.id, (view, preview), errors).await;
        page.map(Answer::into_inner)
    }
}

/// How a login stands, for whoever saw an older version of it.
fn standing(
    conn: &mut Conn,
    reach: &Reach,
    (id, seen): (Id, Option<i64>),
    lang: Lang,
) -> AppResult<Standing> {
    let row = store::official(conn, reach, id)?;
    let state = state(&row, reach.now());
    let grown = seen.map_or(0, |seen| row.version - seen);
    Ok(Standing {
        page: format!("/admin/officials/{id}"),
        back: "decision-back",
        state: state.to_owned(),
        word: t(lang, &format!("admin-state-{state}"), &[]),
        version: Some(row.version),
        happened: Happened::recorded(conn, id, &CHANGES, grown, lang)?,
    })
}

/// That the login is as it was seen; it is held until the end of the transaction.
fn unchanged(tx: &mut Tx<'_>, reach: &Reach, (id, seen): (Id, Option<i64>)) -> AppResult<()> {
    let row = store::held(tx, reach, id)?;
    match seen {
        Some(seen) if seen != row.version => Err(AppError::conflict("changed-meanwhile")),
        _ => Ok(()),
    }
}

/// `POST /admin/officials/{id}`; never with one's own account.
pub(super) async fn act(
    ctx: Ctx,
    deps: App,
    o: Official<AdminFresh>,
    path: web::Path<Id>,
    form: Form,
) -> AppResult<HttpResponse> {
    let id = path.into_inner();
    not_own(&o, id)?;
    let (reach, now) = (Reach::of(&o, ctx.now), ctx.now);
    let sought = reach.clone();
    let who = deps.store.read(move |c| store::official(c, &sought, id)).await?;
    let on = On { deps: &deps, ctx: &ctx, o: &o, id, form: &form };
    if form.has("cascade") {
        return on.page(&[], None).await;
    }
    if let Some(grave) = Grave::of(&form)? {
        return grave_act(on, &who, &grave).await;
    }
    match form.get("action") {
        "enable" => {
            let by = Actor::from(&*o);
            on.once("admin.enable", move |tx| store::set_active(tx, by, &reach, id, true)).await?;
            Ok(on.saved("official-saved"))
        }
        "vouch" => vouched(on).await,
        "assign" => add_right(on).await,
        "identify" => {
            let (keys, by) = (deps.keys.clone(), (*o).clone());
            let typed = identity::Told::of(&identity::Typed::of(&form), now);
            let done = on.once("admin.identify", move |tx| identity::keep(tx, &keys, &by, id, typed, now));
            on.or_page(done.await, "official-saved").await
        }
        _ => Err(AppError::BadRequest("request-malformed")),
    }
}

/// Vouches for a login, or shows first what its owner is told of that.
async fn vouched(on: On<'_>) -> AppResult<HttpResponse> {
    let (parts, by, id, now) = (on.deps.clone(), on.o.clone(), on.id, on.ctx.now);
    let work = move |tx: &mut Tx<'_>| vouch::vouch(tx, &parts, &by, id, now);
    if previews(on.form) {
        let preview = on.heard(on.seen(), work).await?;
        return on.page(&[], Some(preview)).await;
    }
    on.once("admin.vouch", work).await?;
    Ok(on.saved("official-vouched"))
}

/// Asks before what is hard to take back, shows what is told of it, and does it when it is chosen with a reason.
async fn grave_act(on: On<'_>, who: &store::OfficialRow, act: &Grave) -> AppResult<HttpResponse> {
    let On { deps, ctx, o, form, .. } = on;
    let reason = match grave::sure(form) {
        // What is shown beforehand changes nothing, so it needs neither the choice nor the reason.
        Sure::Faulty(_) | Sure::Yes(_) if previews(form) => {
            let preview = on.foreseen(act).await?;
            return grave::ask(deps, ctx, o, who.id, act, form, (None, Some(preview))).await;
        }
        Sure::Unasked => return grave::ask(deps, ctx, o, who.id, act, form, (None, None)).await,
        Sure::Faulty(e) => return grave::ask(deps, ctx, o, who.id, act, form, (Some(e), None)).await,
        Sure::No => return Ok(see_other(&format!("/admin/officials/{}", who.id))),
        Sure::Yes(reason) => reason,
    };
    let (parts, by, id, now, doing) = (deps.clone(), o.clone(), who.id, ctx.now, act.clone());
    if act.action == "reset" {
        // The password is kept nowhere, so a repetition cannot show it again: it makes another.
        let first = one_time_password();
        let hashed = hash(ctx.client, first.clone()).await?;
        let done =
            move |tx: &mut Tx<'_>| grave::done(tx, &parts, &by, id, &doing, (&reason, Some(&hashed)), now);
        deps.store.write(done).await?;
        return password_page(deps, ctx, &who.login, &first);
    }
    let done = move |tx: &mut Tx<'_>| grave::done(tx, &parts, &by, id, &doing, (&reason, None), now);
    on.once(if act.action == "end" { "admin.end" } else { "admin.disable" }, done).await?;
    Ok(on.saved("official-saved"))
}

async fn add_right(on: On<'_>) -> AppResult<HttpResponse> {
    let On { ctx, o, id, form, .. } = on;
    let mut errors = Vec::new();
    let asked = RightInput::of(form, &o.division, &mut errors);
    let right = asked.check(o, ctx.now, &mut errors);
    let Some(right) = right.filter(|_| errors.is_empty()) else {
        return on.or_page(Err(AppError::Invalid(errors)), "").await;
    };
    let right = NewAssignment { official: id, ..right };
    let (now, by, reach) = (ctx.now, Actor::from(o), Reach::of(o, ctx.now));
    let work =
        move |tx: &mut Tx<'_>| give(tx, by, &reach, right, asked.stands_in().as_deref(), now).map(drop);
    let made = on.once("admin.assign", work).await;
    on.or_page(made, "official-saved").await
}
