//! The officials' side: worklist, case, decision, and the counter that confirms agents. Every look leaves an entry.

use super::act::{self, Ask, By};
use super::messages::{self, Sender};
use super::model::{Application, Note};
use super::pages::{Loaded, case_data, conflict, load};
use super::store_worklist::{self as list, Filter, Key, Tab};
use super::{rules, store, store_business, views};
use crate::app::App;
use crate::audit::{self, Entry};
use crate::db::{Id, Tx};
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::{DivisionCode, Phone, divisions};
use crate::number;
use crate::role_set;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::idempotency::{Submission, once};
use crate::web::page::{fail, page_with, see_other_with};
use crate::web::paging::{PAGE_ROWS, cursor, cut, read_cursor};
use crate::web::principal::OfficialPrincipal;
use crate::web::view::{Choice, FormView, Pager};
use crate::web::{format, i18n, i18n::Lang};
use crate::workflow::Effect;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

role_set! {
    /// Everybody who acts in a reopening.
    Desk = [TownReviewer, HealthReviewer, IndustryReviewer, MarketReviewer, CountyDesk, PrefectureReviewer];
    /// Who sees the proof of an agent's right at the counter.
    Counter = [TownReviewer, CountyDesk];
}

/// The query of a worklist.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct Query {
    tab: String,
    town: String,
    kind: String,
    stage: String,
    assignee: String,
    q: String,
    after: String,
}

impl Query {
    fn filter(&self) -> Filter {
        let some = |v: &str| Some(v.trim().to_owned()).filter(|v| !v.is_empty());
        Filter {
            tab: Tab::of(&self.tab),
            town: some(&self.town).filter(|t| t.chars().all(|c| c.is_ascii_digit())),
            kind: some(&self.kind),
            stage: some(&self.stage),
            assignee: some(&self.assignee),
            q: some(&self.q),
        }
    }

    /// The address of the same list with another tab or place.
    fn link(&self, tab: &str, after: &str) -> String {
        let all = [
            ("tab", tab),
            ("town", &self.town),
            ("kind", &self.kind),
            ("stage", &self.stage),
            ("assignee", &self.assignee),
            ("q", &self.q),
            ("after", after),
        ];
        let given: Vec<_> = all.into_iter().filter(|(_, v)| !v.is_empty()).collect();
        format!("/desk/applications?{}", serde_urlencoded::to_string(given).unwrap_or_default())
    }
}

/// A worklist as read: the rows, whether there are more, the count of each tab.
pub struct Listed {
    /// Rows.
    pub rows: Vec<list::Row>,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// Counts by tab.
    pub counts: Vec<(&'static str, i64)>,
}

/// Reads a page of the worklist and records the look.
///
/// # Errors
/// Database errors; [`AppError::BadRequest`] `cursor`.
pub async fn read(
    deps: &App,
    who: &OfficialPrincipal,
    query: &Query,
    now: DateTime<Utc>,
) -> AppResult<Listed> {
    let after: Option<Key> = match query.after.as_str() {
        "" => None,
        text => Some(read_cursor(text)?),
    };
    let (who, filter) = (who.clone(), query.filter());
    let digest = hex::encode(Sha256::digest(format!("{filter:?}")));
    let tab = query.tab.clone();
    let (rows, counts) = deps
        .store
        .write(move |tx| {
            let rows = list::rows(tx.conn(), &who, &filter, now, after, PAGE_ROWS)?;
            let mut counts = Vec::new();
            for (tab, code) in Tab::ALL {
                let plain = Filter { tab, town: None, kind: None, stage: None, assignee: None, q: None };
                counts.push((code, list::count(tx.conn(), &who, &plain, now)?));
            }
            let entry = Entry::new(&who, "worklist.view", "application")
                .detail(json!({"tab": tab, "filter": digest, "rows": rows.len()}));
            audit::append(tx, now, entry)?;
            Ok((rows, counts))
        })
        .await?;
    let (rows, more) = cut(rows, PAGE_ROWS);
    let next = match rows.last().filter(|_| more) {
        Some((app, ..)) => Some(cursor(&(app.due_at, app.id))?),
        None => None,
    };
    Ok(Listed { rows, next, counts })
}

/// GET `/desk/applications`.
pub async fn worklist(
    req: HttpRequest,
    deps: App,
    who: Official<Desk>,
    query: web::Query<Query>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    list_page(&deps, &ctx, &who, &query, Vec::new()).await
}

async fn list_page(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    query: &Query,
    results: Vec<Value>,
) -> AppResult<HttpResponse> {
    let listed = read(deps, who, query, ctx.now).await?;
    let lang = ctx.lang;
    let (reader, now) = (who.clone(), ctx.now);
    let colleagues = deps.store.read(move |conn| list::colleagues(conn, &reader, now)).await?;
    let current = query.filter().tab;
    let hidden = |code: &str| code == "unassigned" && list::department(who.role);
    let tabs: Vec<Value> = Tab::ALL
        .iter()
        .filter(|(_, code)| !hidden(code))
        .map(|(tab, code)| {
            let count = listed.counts.iter().find(|(c, _)| c == code).map(|(_, n)| *n);
            json!({
                "href": format!("/desk/applications?tab={code}"),
                "label": i18n::t(lang, &format!("reopening-tab-{code}"), &[]),
                "count": count,
                "current": *tab == current,
                "late": *tab == Tab::Overdue,
            })
        })
        .collect();
    let mut rows = Vec::new();
    for (app, name, assignee) in &listed.rows {
        let clock = views::clock(lang, app, now)?;
        rows.push(json!({
            "number": app.number,
            "name": name,
            "late": clock.as_ref().is_some_and(|c| c.state == "late"),
            "clock": clock,
            "town": rules::short_name(lang, &app.division),
            "kind": i18n::t(lang, &format!("reopening-kind-{}", app.kind), &[]),
            "returning": app.returning_staff,
            "state": views::state(lang, &app.state),
            "state_kind": views::tag(&app.state),
            "assignee": assignee,
        }));
    }
    let form = FormView::new()
        .with("q", query.q.clone())
        .with("town", query.town.clone())
        .with("kind", query.kind.clone())
        .with("stage", query.stage.clone())
        .with("assignee", query.assignee.clone());
    let stages: Vec<Choice> = rules::definition()?
        .states()
        .iter()
        .filter(|s| s.name != "draft")
        .map(|s| Choice::new(s.name.clone(), views::state(lang, &s.name)))
        .collect();
    let pager = Pager {
        newer: (!query.after.is_empty()).then(|| query.link(&query.tab, "")),
        older: listed.next.as_ref().map(|next| query.link(&query.tab, next)),
        shown: listed.rows.len(),
        total: None,
    };
    let data = json!({
        "office": who.office_name(ctx.english()),
        "tabs": tabs,
        "tab": query.tab,
        "tab_label": tabs.iter().find(|t| t.get("current") == Some(&Value::Bool(true))).and_then(|t| t.get("label")),
        "rows": rows,
        "towns": towns(lang, &who.division),
        "kinds": views::list(lang, "reopening-kind-", &["enterprise", "individual"]),
        "stages": stages,
        "assignees": views::list(lang, "reopening-assignee-", &["me", "none"]),
        "colleagues": colleagues.iter().map(|(id, name)| Choice::new(id.to_string(), name.clone())).collect::<Vec<_>>(),
        "bulk": !list::department(who.role),
        "everywhere": query.link("all", ""),
        "here": query.link(&query.tab, &query.after),
        "pager": pager,
        "results": results,
        "form": form,
    });
    page_with(deps, ctx, StatusCode::OK, "reopening/desk/list.html", &data)
}

/// The places to filter by: the next level below the jurisdiction.
fn towns(lang: Lang, division: &str) -> Vec<Choice> {
    let Ok(code) = DivisionCode::parse(division) else { return Vec::new() };
    let name = |d: &crate::identity::Division| {
        if lang == Lang::En { d.name_en.to_owned() } else { d.name.to_owned() }
    };
    divisions().children(code).into_iter().map(|d| Choice::new(d.code.to_string(), name(d))).collect()
}

/// Gives a case to somebody (`None` = back to all) and records it.
fn assign(
    tx: &mut Tx<'_>,
    who: &OfficialPrincipal,
    number: &str,
    to: Option<Id>,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let id = list::assign(tx, who, number, to)?;
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
            let all = deps.store.read(move |conn| list::colleagues(conn, &reader, now)).await?;
            all.iter().any(|(id, _)| *id == wanted).then_some(Some(wanted)).ok_or(AppError::NotFound)
        }
        _ => Err(AppError::BadRequest("request-malformed")),
    }
}

/// POST `/desk/applications/bulk`: take, assign or return many; every row has its own result.
pub async fn bulk(req: HttpRequest, deps: App, who: Official<Desk>, form: Form) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    if list::department(who.role) {
        return Err(AppError::NotFound);
    }
    let (to, now) = (target(&deps, &who, &form, ctx.now).await?, ctx.now);
    let mut results = Vec::new();
    for number in form.all("case").take(100) {
        let (official, wanted) = ((*who).clone(), number.to_owned());
        let done = deps.store.write(move |tx| assign(tx, &official, &wanted, to, now)).await;
        let code = match &done {
            Ok(()) => "done",
            Err(AppError::NotFound) => "gone",
            Err(AppError::Conflict(_)) => "taken",
            Err(_) => "failed",
        };
        results.push(json!({
            "number": number,
            "ok": done.is_ok(),
            "label": i18n::t(ctx.lang, &format!("reopening-bulk-{code}"), &[]),
        }));
    }
    let query = Query { tab: form.get("tab").to_owned(), ..Query::default() };
    list_page(&deps, &ctx, &who, &query, results).await
}

/// Reads a case in the official's jurisdiction and records the look.
///
/// # Errors
/// [`AppError::NotFound`] when it lies elsewhere.
pub async fn look(
    deps: &App,
    who: &OfficialPrincipal,
    number: &str,
    now: DateTime<Utc>,
) -> AppResult<(Loaded, Vec<crate::workflow::ActionInfo>, Vec<Value>, Lang)> {
    let (keys, who, number) = (deps.keys.clone(), who.clone(), number::normalise(number));
    deps.store
        .write(move |tx| {
            let app = store::inside(tx.conn(), &number, &who.pattern())?;
            let case = load(tx.conn(), &keys, app)?;
            let by = By::Official(Box::new(who.clone()));
            let actions = act::choices(tx.conn(), &keys, &case.app, &case.form, &by, now)?;
            let mut opinions = Vec::new();
            for review in store::opinions(tx.conn(), case.app.id)? {
                let note: Option<Note> = review
                    .opinion_sealed
                    .as_ref()
                    .map(|sealed| keys.open_json(&store::opinion_place(review.id), sealed))
                    .transpose()?;
                opinions
                    .push(json!({"review": review.department, "state": review.state, "round": review.round,
                    "at": review.decided_at, "note": note}));
            }
            let lang = crate::accounts::recipient(tx.conn(), &keys, case.app.account_id)?.lang;
            let entry = Entry::new(&who, "reopening.view", "application").object(case.app.id);
            audit::append(tx, now, entry)?;
            Ok((case, actions, opinions, lang))
        })
        .await
}

/// GET `/desk/applications/{number}`.
pub async fn case(
    req: HttpRequest,
    deps: App,
    who: Official<Desk>,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    case_page(&deps, &ctx, &who, &number, FormView::new(), None, StatusCode::OK).await
}

#[allow(clippy::too_many_arguments)]
async fn case_page(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    number: &str,
    form: FormView,
    preview: Option<Ask>,
    status: StatusCode,
) -> AppResult<HttpResponse> {
    let (case, actions, opinions, theirs) = look(deps, who, number, ctx.now).await?;
    let lang = ctx.lang;
    let opinions: Vec<Value> = opinions
        .iter()
        .map(|o| {
            let state = o.get("state").and_then(Value::as_str).unwrap_or_default();
            let text = |k: &str| o.pointer(&format!("/note/{k}")).and_then(Value::as_str).map(str::to_owned);
            let at = o.get("at").and_then(|v| serde_json::from_value::<Option<DateTime<Utc>>>(v.clone()).ok()).flatten();
            let written: Vec<String> = [text("reason"), text("remedy")].into_iter().flatten().collect();
            json!({
                "department": i18n::t(lang, &format!("role-{}", o.get("review").and_then(Value::as_str).unwrap_or_default()), &[]),
                "label": i18n::t(lang, &format!("reopening-opinion-{state}"), &[]),
                "kind": match state { "agreed" => "ok", "objected" => "warn", _ => "info" },
                "text": written.join(" "),
                "note": at.map(|at| format::when(lang, at, ctx.now)),
            })
        })
        .collect();
    let offered: Vec<Value> = actions.iter().map(|a| views::action(lang, a)).collect();
    let able: Vec<&Value> = offered.iter().filter(|a| a.get("why").is_some_and(Value::is_null)).collect();
    let choices: Vec<Value> = able
        .iter()
        .map(|a| {
            let hint = ["reason", "remedy", "items"]
                .iter()
                .filter(|need| a.get(**need) == Some(&Value::Bool(true)))
                .map(|need| i18n::t(lang, &format!("reopening-needs-{need}"), &[]))
                .collect::<Vec<_>>()
                .join(&i18n::t(lang, "list-comma", &[]));
            json!({"value": a.get("value"), "label": a.get("label"), "hint": hint})
        })
        .collect();
    let wants = |need: &str| able.iter().any(|a| a.get(need) == Some(&Value::Bool(true)));
    let shown = match &preview {
        Some(ask) => preview_text(deps, &case, ask, theirs, ctx.now)?,
        None => None,
    };
    let mut data = case_data(ctx, &case, true)?;
    if let Some(map) = data.as_object_mut() {
        let open = list::states(who.role).contains(&case.app.state.as_str()) && !list::department(who.role);
        let more: Vec<(&str, Value)> = vec![
            ("choices", choices.into()),
            (
                "blocked",
                offered.iter().filter(|a| a.get("why").is_some_and(Value::is_string)).cloned().collect(),
            ),
            ("wants_reason", wants("reason").into()),
            ("wants_remedy", wants("remedy").into()),
            ("wants_items", wants("items").into()),
            ("opinions", opinions.into()),
            ("staff", views::staff(lang, &case.form, 200).into()),
            ("staff_count", case.form.staff.len().into()),
            ("preview", shown.into()),
            ("can_take", (open && case.app.assignee.is_none()).into()),
            ("can_return", (open && case.app.assignee == Some(who.official_id)).into()),
            ("town", rules::place_name(lang, &case.app.division).into()),
            ("form", serde_json::to_value(&form).map_err(AppError::internal)?),
        ];
        map.extend(more.into_iter().map(|(k, v)| (k.to_owned(), v)));
    }
    page_with(deps, ctx, status, "reopening/desk/case.html", &data)
}

/// The SMS that the applicant will get, in the applicant's language, with the numbers that are known only afterwards
/// left open.
fn preview_text(
    deps: &App,
    case: &Loaded,
    ask: &Ask,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<Option<String>> {
    let calendar = rules::calendar()?;
    let Some(action) = rules::definition()?.action(&ask.action) else { return Ok(None) };
    let name = action.effects.iter().find_map(|e| match e {
        Effect::Notify(name) => Some(name.as_str()),
        _ => None,
    });
    let Some(name) = name else { return Ok(None) };
    let settings = rules::settings()?;
    let mut note = ask.note.clone();
    note.until =
        Some(calendar.add_working(now, chrono::Duration::days(1) * settings.correction_working_days).value);
    let decision = rules::definition()?.deadline("decision").map_or(0, |d| i32::from(d.working_days));
    let app = Application {
        permit_number: case.app.permit_number.clone().or_else(|| Some("XK…".into())),
        permit_until: case
            .app
            .permit_until
            .or_else(|| Some((now + chrono::Duration::days(settings.permit_days)).into())),
        due_at: case
            .app
            .due_at
            .map(|_| calendar.add_working(now, chrono::Duration::days(1) * decision).value.into()),
        ..case.app.clone()
    };
    let path = format!("/reopening/{}", app.number);
    let params = messages::params(&Sender::of(deps), lang, &case.business.name, &app, &note, &path);
    let province = Sender::of(deps).province(Lang::ZhCn).to_owned();
    let signature = i18n::t(Lang::ZhCn, "mail-signature", &[("province", province.into())]);
    let mut text = String::new();
    for part in ["sms", "body"] {
        let template = format!("mail/{name}/{part}.txt");
        let rendered = deps.views.render_bare(&template, lang, &params).map_err(AppError::internal)?;
        text = if part == "sms" {
            format!("{signature}{rendered}")
        } else {
            format!("{}\n\n{}", text.trim_end(), rendered.trim_end())
        };
    }
    Ok(Some(text))
}

/// What a decision form asks for.
fn ask(form: &Form) -> Ask {
    let text = |name: &str| form.text(name).map(str::to_owned);
    let items =
        form.get("items").lines().map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()).take(50).collect();
    Ask {
        action: form.get("action").to_owned(),
        version: form.get("version").parse().ok(),
        note: Note { reason: text("reason"), remedy: text("remedy"), items, until: None },
    }
}

/// POST `/desk/applications/{number}`: decide, or see first what the applicant will get.
pub async fn decide(
    req: HttpRequest,
    deps: App,
    who: Official<Desk>,
    number: web::Path<String>,
    form: Form,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let (number, ask) = (number.into_inner(), ask(&form));
    if form.has("preview") {
        return case_page(&deps, &ctx, &who, &number, form.view(), Some(ask), StatusCode::OK).await;
    }
    let back = format!("/desk/applications/{number}");
    let mut errors = too_long(&ask.note);
    if ask.action.is_empty() {
        errors.push(FieldError::new("action", "choose-one"));
    }
    let done = match errors.is_empty() {
        true => official(&deps, &ctx, &who, number.clone(), ask.clone(), form.once()).await,
        false => Err(AppError::Invalid(errors)),
    };
    match done {
        Ok(_) => Ok(see_other_with(&deps, &back, "reopening-done")),
        Err(AppError::Invalid(errors)) => {
            let mut view = form.view();
            fail(&mut view, ctx.lang, &errors);
            case_page(&deps, &ctx, &who, &number, view, None, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(AppError::Conflict(code)) => {
            let changes = changes(&deps, &ctx, &who, &number, ask.version).await?;
            conflict(&deps, &ctx, &code, &back, changes)
        }
        Err(other) => Err(other),
    }
}

/// Characters of a reason, a remedy or an item.
const NOTE_MAX: usize = 2_000;

fn too_long(note: &Note) -> Vec<FieldError> {
    let over = |text: &str| text.chars().count() > NOTE_MAX;
    let fields = [
        ("reason", note.reason.as_deref().is_some_and(over)),
        ("remedy", note.remedy.as_deref().is_some_and(over)),
        ("items", note.items.iter().any(|i| over(i))),
    ];
    fields
        .into_iter()
        .filter(|(_, long)| *long)
        .map(|(field, _)| FieldError::new(field, "too-long").with("max", NOTE_MAX))
        .collect()
}

/// What happened in a case since the version that an official saw.
async fn changes(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    number: &str,
    seen: Option<i64>,
) -> AppResult<Vec<String>> {
    let (case, ..) = look(deps, who, number, ctx.now).await?;
    let newer: Vec<_> = case.events.into_iter().filter(|e| seen.is_some_and(|v| e.version > v)).collect();
    let line = |e: &Value| {
        let part = |k: &str| e.get(k).and_then(Value::as_str).unwrap_or_default().to_owned();
        format!("{} ({})", part("title"), part("note"))
    };
    Ok(views::timeline(ctx.lang, &newer, true, ctx.now).iter().map(line).collect())
}

/// Does an official's action once; the case's new state.
///
/// # Errors
/// As [`act::act`]; [`AppError::NotFound`] outside the jurisdiction.
pub async fn official(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    number: String,
    ask: Ask,
    key: Option<uuid::Uuid>,
) -> AppResult<String> {
    let (keys, sender, now) = (deps.keys.clone(), Sender::of(deps), ctx.now);
    let content = serde_json::to_vec(&json!([number, ask.action, ask.version, ask.note]))
        .map_err(AppError::internal)?;
    let key = key.map(|k| Submission::new(who.official_id, "reopening.decide", k, &content));
    let who = who.clone();
    deps.store
        .write(move |tx| {
            once(tx, &keys, key.as_ref(), now, |tx| {
                let app = store::inside(tx.conn(), &number, &who.pattern())?;
                let by = By::Official(Box::new(who.clone()));
                act::act(tx, &keys, &sender, app, &by, &ask, now).map(|app| app.state)
            })
        })
        .await
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
    match deps.store.write(move |tx| assign(tx, &official, &wanted, to, now)).await {
        Ok(()) => Ok(see_other_with(&deps, &back, "reopening-done")),
        Err(AppError::Conflict(code)) => conflict(&deps, &ctx, &code, &back, Vec::new()),
        Err(other) => Err(other),
    }
}

/// GET `/desk/agents`: claims that wait for the counter, or the one whose number the visitor names.
pub async fn agents(
    req: HttpRequest,
    deps: App,
    who: Official<Counter>,
    query: web::Query<Query>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    agents_page(&deps, &ctx, &who, &query.q, FormView::new().with("q", query.q.clone()), StatusCode::OK).await
}

async fn agents_page(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    q: &str,
    form: FormView,
    status: StatusCode,
) -> AppResult<HttpResponse> {
    let wanted = Some(number::normalise(q)).filter(|n| !n.is_empty());
    let (reader, now) = (who.clone(), ctx.now);
    let found = deps
        .store
        .write(move |tx| {
            let found = store_business::agents_at(tx.conn(), &reader.pattern(), wanted.as_deref())?;
            let entry =
                Entry::new(&reader, "agents.view", "business_agent").detail(json!({"rows": found.len()}));
            audit::append(tx, now, entry)?;
            Ok(found)
        })
        .await?;
    let rows: Vec<Value> = found
        .iter()
        .map(|(agent, business)| {
            json!({
                "number": agent.number,
                "version": agent.version,
                "state": agent.state,
                "label": i18n::t(ctx.lang, &format!("reopening-agent-{}", agent.state), &[]),
                "name": business.name,
                "uscc": business.uscc,
                "when": format::when(ctx.lang, agent.created_at.0, ctx.now),
            })
        })
        .collect();
    let proofs = views::list(ctx.lang, "reopening-proof-", PROOFS);
    let data =
        json!({"rows": rows, "proofs": proofs, "form": form, "office": who.office_name(ctx.english())});
    page_with(deps, ctx, status, "reopening/desk/agents.html", &data)
}

/// What is seen at the counter before a right is confirmed.
const PROOFS: &[&str] = &["legal-person", "authorisation", "owner"];

/// POST `/desk/agents/{number}`: confirm with the proof that was seen, or reject.
pub async fn decide_agent(
    req: HttpRequest,
    deps: App,
    who: Official<Counter>,
    number: web::Path<String>,
    form: Form,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let confirm = form.get("do") == "confirm";
    let proof = PROOFS.iter().find(|p| **p == form.get("proof")).copied();
    let phone = form.text("legal_phone").map(Phone::parse).transpose();
    let mut errors = Vec::new();
    if confirm && proof.is_none() {
        errors.push(FieldError::new("proof", "choose-one"));
    }
    if let Err(e) = &phone {
        errors.push(FieldError::new("legal_phone", e.code()));
    }
    if !errors.is_empty() {
        let mut view = form.view();
        fail(&mut view, ctx.lang, &errors);
        return agents_page(&deps, &ctx, &who, &number, view, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let (keys, sender, now, official) = (deps.keys.clone(), Sender::of(&deps), ctx.now, (*who).clone());
    let (phone, wanted) = (phone.ok().flatten(), number.into_inner());
    let version: i64 = form.get("version").parse().unwrap_or(0);
    let done = deps.store.write(move |tx| {
        let found = store_business::agents_at(tx.conn(), &official.pattern(), Some(&wanted))?;
        let (agent, business) = found.into_iter().next().ok_or(AppError::NotFound)?;
        if agent.version != version {
            return Err(AppError::conflict("changed-meanwhile"));
        }
        not_own_claim(tx, &keys, &official, agent.account_id)?;
        let state = if confirm { "confirmed" } else { "rejected" };
        let how = proof.filter(|_| confirm).unwrap_or("counter");
        store_business::decide_agent(tx, &agent, state, Some(official.official_id), how, now)?;
        if let Some(phone) = phone.filter(|_| confirm) {
            store_business::set_legal_phone(tx, &keys, business.id, &phone)?;
        }
        let entry = Entry::new(&official, "business.agent-decide", "business_agent")
            .object(agent.id)
            .detail(json!({"state": state, "how": how}));
        audit::append(tx, now, entry)?;
        messages::agent_decided(
            tx,
            &keys,
            &sender,
            agent.account_id,
            &business.name,
            &agent.number,
            confirm,
            now,
        )
    });
    match done.await {
        Ok(()) => Ok(see_other_with(&deps, "/desk/agents", "reopening-done")),
        Err(AppError::Conflict(code)) => conflict(&deps, &ctx, &code, "/desk/agents", Vec::new()),
        Err(other) => Err(other),
    }
}

/// Nobody confirms a claim of their own phone.
fn not_own_claim(
    tx: &mut Tx<'_>,
    keys: &crate::crypto::Keyring,
    who: &OfficialPrincipal,
    account: Id,
) -> AppResult<()> {
    let theirs = crate::accounts::recipient(tx.conn(), keys, account)?.phone;
    let own = act::phone_of(tx.conn(), keys, who.official_id)?;
    match (theirs, own) {
        (Some(a), Some(b)) if a == b.as_str() => Err(AppError::conflict("refused-self-decision")),
        _ => Ok(()),
    }
}
