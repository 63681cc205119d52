//! The case as an official sees it: facts, staff, opinions, timeline, and what can be decided now.

use super::super::act::{self, By};
use super::super::case::{Loaded, data, load};
use super::super::model::{Form as Answers, Opinion};
use super::super::{attachments, certified, comments, rules, store, store_opinions, views};
use super::{Desk, Lead, hand, list, remind};
use crate::audit::{self, Entry};
use crate::case::{HandView, hand_view};
use crate::decision::Foreseen;
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::number;
use crate::web::ctx::Ctx;
use crate::web::guard::{Official, Roles};
use crate::web::i18n::{self, Lang};
use crate::web::page::page_with;
use crate::web::principal::OfficialPrincipal;
use crate::web::view::FormView;
use crate::workflow::ActionInfo;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// What an official sees of a case.
pub struct Look {
    /// The case.
    pub case: Loaded,
    /// What the official can do, or why not yet.
    pub actions: Vec<ActionInfo>,
    /// The departments' opinions with what they wrote.
    pub opinions: Vec<Opinion>,
    /// The answers as they were when a correction was asked for.
    pub asked: Option<Answers>,
    /// In whose hands it is, and what can be done about that.
    pub hands: HandView,
    /// What was handed in, as the page shows it.
    pub files: Value,
    /// The comments, as the page shows them.
    pub comments: Value,
}

/// Reads a case in the official's jurisdiction and records the look.
///
/// # Errors
/// [`AppError::NotFound`] when it lies elsewhere.
pub async fn look(
    deps: &App,
    who: &OfficialPrincipal,
    number: &str,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<Look> {
    let parts = deps.clone();
    let (keys, who, number) = (deps.keys.clone(), who.clone(), number::normalise(number));
    deps.store
        .write(move |tx| {
            let app = store::inside(tx.conn(), &number, &who.pattern())?;
            let case = load(tx.conn(), &keys, app)?;
            let by = By::Official(Box::new(who.clone()));
            let actions = act::choices(tx.conn(), &parts, &case.app, &case.form, &by, now)?;
            let opinions = store_opinions::signed_opinions(tx.conn(), &keys, case.app.id)?;
            let asked = store::asked(tx.conn(), &keys, case.app.id)?;
            let hands = hand_view(tx.conn(), &hand::TAKEN, &who, &case.app.in_hands(), now)?;
            let entry = Entry::new(&who, "reopening.view", "application").object(case.app.id);
            audit::append(tx, now, entry)?;
            let files = attachments::shown_at_desk(tx.conn(), &parts, &case.app, lang)?;
            let comments = comments::at_desk(tx.conn(), &keys, &who, &case.app, lang)?;
            Ok(Look { case, actions, opinions, asked, hands, files, comments })
        })
        .await
}

/// GET `/desk/applications/{number}`.
pub async fn case(
    ctx: Ctx,
    deps: App,
    who: Official<Desk>,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    case_page(&deps, &ctx, &who, &number, (FormView::new(), None), StatusCode::OK).await
}

/// The page of a case, also with the errors of a decision or with what the applicant would get.
///
/// # Errors
/// As [`look`].
pub async fn case_page(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    number: &str,
    (form, preview): (FormView, Option<Foreseen>),
    status: StatusCode,
) -> AppResult<HttpResponse> {
    let seen = look(deps, who, number, ctx.lang, ctx.now).await?;
    let app = &seen.case.app;
    let states = certified::read(deps, who.into(), &seen.case, ctx.now).await?;
    let mut data = data(ctx, &seen.case, true)?;
    // The way on, once there is nothing left to decide here: of a business that is open whatever may be done later does not wait.
    let open = matches!(app.state.as_str(), "approved" | "filed" | "opened" | "inspected");
    let waits = !open && seen.actions.iter().any(|a| a.refusal.is_none());
    let next = match waits {
        true => None,
        false => list::next_case(deps, who, &app.number, ctx.now).await?,
    };
    let more = [
        ("opinions", seen.opinions.iter().map(|o| views::opinion(ctx.lang, o, true, ctx.now)).collect()),
        ("staff", certified::table(ctx.lang, &seen.case.form, &states, ctx.now)),
        ("hands", json!(seen.hands)),
        ("files", seen.files.clone()),
        ("comments", seen.comments.clone()),
        ("preview", json!(preview)),
        ("town", rules::place_name(ctx.lang, &app.division).into()),
        ("next", next.map_or(Value::Null, |(number, name)| json!({"number": number, "name": name}))),
        ("form", serde_json::to_value(&form).map_err(AppError::internal)?),
    ];
    if let Some(map) = data.as_object_mut() {
        map.extend(
            more.into_iter()
                .chain(offers(ctx.lang, &seen.actions))
                .chain(stage(ctx, who, &seen))
                .map(|(k, v)| (k.to_owned(), v)),
        );
    }
    page_with(deps, ctx, status, "reopening/desk/case.html", &data)
}

/// Where the case stands between departments and decision, and what its correction changed.
fn stage(ctx: &Ctx, who: &OfficialPrincipal, seen: &Look) -> Vec<(&'static str, Value)> {
    let (lang, app) = (ctx.lang, &seen.case.app);
    let missing = |o: &&Opinion| o.review.state == "pending";
    let answered = !seen.opinions.iter().any(|o| missing(&o));
    let state = list::shown_state(who.role, &app.state, answered);
    let mut found = vec![
        ("state_label", views::state(lang, state).into()),
        ("state_kind", views::tag(state).into()),
        ("asked", views::asked(&seen.case.events, app).into()),
        ("changes", seen.changes(lang).into()),
    ];
    if app.state == "in-review" && !answered && Lead::ROLES.contains(&who.role) {
        let late = seen.opinions.iter().filter(missing);
        let names: Vec<String> =
            late.map(|o| i18n::t(lang, &format!("role-{}", o.review.department), &[])).collect();
        let able = seen.opinions.iter().any(|o| remind::can_be_reminded(&o.review, ctx.now));
        let names = names.join(&i18n::t(lang, "list-comma", &[]));
        found.push(("remind", json!({"able": able, "names": names})));
    }
    found
}

impl Look {
    /// What the applicant changed after a correction was asked for.
    pub fn changes(&self, lang: Lang) -> Vec<Value> {
        let asked = self.asked.as_ref().filter(|_| self.case.app.state != "correction");
        asked.map(|old| views::changes(lang, old, &self.case.form, &self.case.business)).unwrap_or_default()
    }
}

/// What can be decided, what each decision needs, and what cannot be decided yet.
fn offers(lang: Lang, actions: &[ActionInfo]) -> [(&'static str, Value); 5] {
    let offered: Vec<Value> = actions.iter().map(|a| views::action(lang, a)).collect();
    let able: Vec<&Value> = offered.iter().filter(|a| a.get("why").is_some_and(Value::is_null)).collect();
    let needs = |action: &Value, need: &str| action.get(need) == Some(&Value::Bool(true));
    let wants = |need: &str| Value::Bool(able.iter().any(|a| needs(a, need)));
    let choice = |action: &&Value| {
        let hint = ["reason", "remedy", "items"]
            .iter()
            .filter(|need| needs(action, need))
            .map(|need| i18n::t(lang, &format!("reopening-needs-{need}"), &[]))
            .collect::<Vec<_>>()
            .join(&i18n::t(lang, "list-comma", &[]));
        json!({"value": action.get("value"), "label": action.get("label"), "hint": hint})
    };
    let blocked = offered.iter().filter(|a| a.get("why").is_some_and(Value::is_string)).cloned().collect();
    [
        ("choices", able.iter().map(choice).collect()),
        ("wants_reason", wants("reason")),
        ("wants_remedy", wants("remedy")),
        ("wants_items", wants("items")),
        ("blocked", blocked),
    ]
}
