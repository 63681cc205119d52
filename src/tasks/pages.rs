//! One task: whom it is about and how they are reached, what came of it. Without a script, and with three taps from the list.

use super::api::TaskLine;
use super::model::{Found, Row};
use super::{Worker, act, list, settle, store};
use crate::audit::{self, Entry};
use crate::db::{Conn, Id, Ts, Tx};
use crate::decision::{Act, Sent};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::identity::Phone;
use crate::number::normalise;
use crate::slice::About;
use crate::web::ctx::Ctx;
use crate::web::division::full_name;
use crate::web::form::Form;
use crate::web::format;
use crate::web::guard::Official;
use crate::web::i18n::{Lang, t};
use crate::web::page::{fail, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::{Answer, respond_with};
use crate::web::view::{Choice, FormView};
use actix_web::http::StatusCode;
use actix_web::web;
use serde::Serialize;
use utoipa::ToSchema;

/// A task, whose it is, and what it is about; none of the last when there is nothing to be done any more.
pub(super) type Opened = (Found, Option<About>);

/// Reads a task; one whose reason has gone is closed.
pub(super) async fn open(deps: &App, ctx: &Ctx, who: &OfficialPrincipal, number: &str) -> AppResult<Opened> {
    let (parts, by, wanted, lang) = (deps.clone(), who.clone(), number.to_owned(), ctx.lang);
    let opened = deps.store.read(move |conn| read(conn, &parts, &by, &wanted, lang)).await?;
    let ((row, _), about) = &opened;
    let (id, person, now, by) = (row.id, row.person_id, ctx.now, who.clone());
    let gone = row.state == "open" && about.is_none();
    let noted = move |tx: &mut Tx<'_>| {
        let entry = Entry::new(&by, "task.view", "task").object(id).subject(person);
        audit::append(tx, now, entry)?;
        if gone { settle::close(tx, id, person, now) } else { Ok(()) }
    };
    deps.store.write(noted).await?;
    if !gone {
        return Ok(opened);
    }
    let (by, wanted) = (who.clone(), number.to_owned());
    Ok((deps.store.read(move |conn| store::here(conn, &by, &wanted)).await?, None))
}

fn read(
    conn: &mut Conn,
    deps: &Deps,
    who: &OfficialPrincipal,
    number: &str,
    lang: Lang,
) -> AppResult<Opened> {
    let found = store::here(conn, who, number)?;
    let about = match found.0.kind(deps)? {
        Some(kind) if found.0.state == "open" => (kind.about)(conn, deps, found.0.subject, lang)?,
        _ => None,
    };
    Ok((found, about))
}

/// A telephone as it is dialled and as it is read.
pub(super) fn phone(about: Option<&About>) -> Option<(String, String)> {
    let phone = about?.phone.as_ref()?;
    let read = Phone::parse(phone).map_or_else(|_| phone.clone(), |p| p.national().to_string());
    Some((phone.clone(), read))
}

/// To whom a task can be given.
pub(super) async fn colleagues(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
) -> AppResult<Vec<(Id, String)>> {
    let (by, now) = (who.clone(), ctx.now);
    deps.store.read(move |conn| act::colleagues(conn, &by, now)).await
}

fn results(deps: &Deps, row: &Row, lang: Lang) -> AppResult<Vec<Choice>> {
    let codes = row.kind(deps)?.map_or(&[][..], |kind| kind.results);
    Ok(codes.iter().map(|code| Choice::text(lang, code, &format!("task-{}-{code}", row.kind))).collect())
}

/// A task: who, the number to dial, what came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TaskPage {
    number: String,
    /// Send it with what is done.
    version: i64,
    /// What is to be done, in a few words …
    title: String,
    /// … and in a sentence.
    text: String,
    /// The person's name; empty where it is about nobody.
    name: String,
    /// Their document, masked.
    document: String,
    place: String,
    /// The telephone as it is dialled and as it is read.
    phone: Option<(String, String)>,
    lines: Vec<TaskLine>,
    /// How the state is marked.
    tag: &'static str,
    /// The state, in words.
    word: String,
    /// The limit, in words.
    due: String,
    late: bool,
    /// Whether there still is something to be done.
    open: bool,
    /// Whether the official who looks has taken it.
    mine: bool,
    /// Whether somebody has.
    taken: bool,
    note: String,
    #[schema(value_type = Option<DateTime<Utc>>)]
    done_at: Option<Ts>,
    /// What can come of it.
    results: Vec<Choice>,
    /// To whom it can be given.
    colleagues: Vec<Choice>,
    form: FormView,
}

/// What is to be known of a task.
pub(super) fn lines(about: &About) -> Vec<TaskLine> {
    let line = |(label, value): &(String, String)| TaskLine { label: label.clone(), value: value.clone() };
    about.lines.iter().map(line).collect()
}

async fn show(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    number: &str,
    form: FormView,
) -> AppResult<Answer<TaskPage>> {
    let (found, about) = open(deps, ctx, who, number).await?;
    let (name, document) = list::whose(deps, &found)?;
    let row = &found.0;
    let lang = ctx.lang;
    let (tag, word) = row.standing(who, lang);
    let others = colleagues(deps, ctx, who).await?.into_iter();
    let others: Vec<Choice> = others.map(|(id, name)| Choice::new(id.to_string(), name)).collect();
    let status = if form.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = TaskPage {
        number: row.number.clone(),
        version: row.version,
        title: row.title(lang),
        text: t(lang, &format!("task-{}-text", row.kind), &[]),
        name,
        document,
        place: full_name(lang, &row.division),
        phone: phone(about.as_ref()),
        lines: about.as_ref().map(lines).unwrap_or_default(),
        tag,
        word,
        due: format::until(lang, row.due_at.0, false),
        late: row.is_late(ctx.now),
        open: row.state == "open" && about.is_some(),
        mine: row.assignee == Some(who.official_id),
        taken: row.assignee.is_some(),
        note: row.note(&deps.keys)?,
        done_at: row.done_at,
        results: results(deps, row, lang)?,
        colleagues: others,
        form,
    };
    respond_with(deps, ctx, status, "tasks/one.html", &view)
}

/// `GET /desk/tasks/{number}`.
pub(super) async fn one(
    ctx: Ctx,
    deps: App,
    who: Official<Worker>,
    number: web::Path<String>,
) -> AppResult<Answer<TaskPage>> {
    show(&deps, &ctx, &who, &normalise(&number), FormView::new()).await
}

/// `POST /desk/tasks/{number}`: `do` is `take`, `give` or `hand`; else it is a result.
pub(super) async fn send(
    ctx: Ctx,
    deps: App,
    who: Official<Worker>,
    number: web::Path<String>,
    form: Form,
) -> AppResult<Answer<TaskPage>> {
    let number = normalise(&number);
    let (by, wanted) = ((*who).clone(), number.clone());
    let (row, _) = deps.store.read(move |conn| store::here(conn, &by, &wanted)).await?;
    let kind = row.kind(&deps)?.ok_or(AppError::NotFound)?;
    let (step, version) = match act::read(&form, kind.results) {
        Ok(read) => read,
        Err(errors) => {
            let mut view = form.view();
            fail(&mut view, ctx.lang, &errors);
            return show(&deps, &ctx, &who, &number, view).await;
        }
    };
    let flash = match step {
        act::Step::Take => "task-taken",
        act::Step::Give => "task-given",
        act::Step::Hand(_) => "task-handed",
        act::Step::Result { .. } => "task-done",
    };
    match done(&deps, &ctx, &who, &number, (step, version), &Sent::form(&number, &form)?).await {
        Err(AppError::Invalid(errors)) => {
            let mut view = form.view();
            fail(&mut view, ctx.lang, &errors);
            return show(&deps, &ctx, &who, &number, view).await;
        }
        outcome => outcome?,
    }
    let to = if flash == "task-taken" { format!("/desk/tasks/{number}") } else { "/desk/tasks".to_owned() };
    Ok(see_other_with(&deps, &to, flash).into())
}

/// Does it once; whoever comes too late is told what happened.
pub(super) async fn done(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    number: &str,
    (step, version): (act::Step, i64),
    sent: &Sent,
) -> AppResult<()> {
    let (parts, by, wanted, now) = (deps.clone(), who.clone(), number.to_owned(), ctx.now);
    let work = move |tx: &mut Tx<'_>| act::act(tx, &parts, &by, &wanted, (&step, version), now);
    let (by, wanted, lang) = (who.clone(), number.to_owned(), ctx.lang);
    let standing = move |conn: &mut Conn| act::standing(conn, &by, (&wanted, version), lang);
    Act::of(deps, ctx, who, "task.act").done(sent, work, standing).await
}
