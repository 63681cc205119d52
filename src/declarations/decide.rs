//! A case page of the desk: facts with what needs attention, the timeline, and the decision.

use super::act;
use super::answers::{Answers, FEVER_TENTHS};
use super::comments;
use super::compare;
use super::decided;
use super::decision::{self, Decision};
use super::desk::Staff;
use super::hand;
use super::list::Declarations;
use super::mine::{event, state_tag, state_word};
use super::parse;
use super::present;
use super::questions::degrees;
use super::store::{self, Row};
use super::store_versions::{self, Beside};
use super::summary;
use super::timeline;
use super::views::StepView;
use crate::accounts;
use crate::audit::{self, Entry};
use crate::certificates::conclusion_of;
use crate::colour::Colours;
use crate::crypto::Keyring;
use crate::db::{Conn, Tx};
use crate::decision::{Foreseen, Reading, Sent, previews};
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::hcert::Conclusion;
use crate::number::normalise;
use crate::web::ctx::Ctx;
use crate::web::factor::Worklist;
use crate::web::form::Form;
use crate::web::format;
use crate::web::guard::Official;
use crate::web::i18n::{Lang, t};
use crate::web::page::{fail_missing, page_with, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::view::{Choice, FormView};
use crate::workflow::{self, ActionInfo};
use crate::worklist::next_case;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// What officials decide.
pub(super) const ACTIONS: [&str; 4] = ["check", "return", "confirm", "reject"];

pub(super) async fn case(
    ctx: Ctx,
    deps: App,
    who: Official<Staff>,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    show(&deps, &ctx, &who, &normalise(&number), FormView::new(), None, StatusCode::OK).await
}

pub(super) async fn show(
    deps: &App,
    ctx: &Ctx,
    by: &OfficialPrincipal,
    number: &str,
    form: FormView,
    preview: Option<Foreseen>,
    status: StatusCode,
) -> AppResult<HttpResponse> {
    let (colours, reader, wanted, lang, now) =
        (Colours::of(deps)?, by.clone(), number.to_owned(), ctx.lang, ctx.now);
    let mut data = deps
        .store
        .write(move |tx| {
            let (by, number) = (reader, wanted);
            let row = open(tx, &by, &number, now)?;
            let beside = store_versions::beside(tx.conn(), &row)?;
            let mut data = facts(tx, &colours, &by, (&row, &beside), lang, now)?;
            let changes = if row.is_locked() {
                Vec::new()
            } else {
                compare::changes(tx.conn(), &colours, &row, lang, now)?
            };
            let hangs = compare::hanging(tx.conn(), &colours, &row, &beside, now)?;
            let asked = compare::asked(&timeline::events(tx.conn(), &colours.keys, row.id)?, lang, now);
            let comments = comments::at_desk(tx.conn(), &colours.keys, &by, &row, lang)?;
            let hands = hand::view(tx.conn(), &by, &row, now)?;
            if let Some(map) = data.as_object_mut() {
                map.insert("comments".into(), comments);
                map.insert("hands".into(), json!(hands));
                map.insert("changes".into(), json!(changes));
                map.insert("asked".into(), json!(asked));
                map.insert("hangs".into(), json!(hangs));
            }
            Ok(data)
        })
        .await?;
    let next = next_case::<Declarations>(deps, by, number, now).await?;
    if let Some(map) = data.as_object_mut() {
        map.insert("next".into(), json!(next));
        let form = if form.get("version").is_empty() {
            form.with("version", map.get("version").map(ToString::to_string).unwrap_or_default())
        } else {
            form
        };
        map.insert("form".into(), serde_json::to_value(&form).map_err(AppError::internal)?);
        map.insert("preview".into(), json!(preview));
    }
    page_with(deps, ctx, status, "declarations/case.html", &data)
}

/// The case, if it lies in the official's jurisdiction; the look is in the record.
pub(super) fn open(
    tx: &mut Tx<'_>,
    by: &OfficialPrincipal,
    number: &str,
    now: DateTime<Utc>,
) -> AppResult<Row> {
    let row = store::in_jurisdiction(tx.conn(), &by.pattern(), number)?;
    let entry = Entry::new(by, "declaration.view", "declaration").object(row.id);
    audit::append(tx, now, entry.subject(row.person_id))?;
    Ok(row)
}

/// What the official's role has to do with here, also what cannot be done yet.
pub(super) fn offered(
    conn: &mut Conn,
    colours: &Colours,
    by: &OfficialPrincipal,
    (row, beside): (&Row, &Beside),
    now: DateTime<Utc>,
) -> AppResult<Vec<ActionInfo>> {
    let own_case = accounts::looking(decision::own_case(conn, &colours.keys, row, beside, by))?;
    let actor = workflow::Actor::Official { role: by.role.code(), own_case };
    act::DECLARATION.choices(&row.state, actor, &act::facts(&colours.policy, row, now)?)
}

/// Whether an action can be chosen; a certificate is issued by the confirmation, not by hand.
pub(super) fn is_open(action: &ActionInfo) -> bool {
    action.refusal.is_none() && action.name != "issue"
}

/// What officials see of the answers: nothing of what is only stored.
pub(super) fn visible(row: &Row, keys: &Keyring) -> AppResult<Answers> {
    if row.is_locked() { Ok(Answers::default()) } else { row.answers(keys) }
}

fn choice(lang: Lang, action: &str) -> Choice {
    let mut choice = Choice::text(lang, action, &format!("desk-declaration-action-{action}"));
    choice.hint = t(lang, &format!("desk-declaration-action-{action}-hint"), &[]);
    choice
}

/// The timeline with what was written, and how often the person has sent something.
fn told(
    conn: &mut Conn,
    keys: &Keyring,
    row: &Row,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<(Vec<StepView>, i32)> {
    let (mut timeline, mut sent) = (Vec::new(), 0);
    for e in timeline::events(conn, keys, row.id)? {
        sent += i32::from(matches!(e.action.as_str(), "submit" | "correct"));
        let mut shown = event(conn, keys, &e, lang, now)?;
        let written: Vec<&str> = [&e.note.internal, &e.note.reason, &e.note.remedy]
            .into_iter()
            .map(String::as_str)
            .chain(e.note.items.iter().map(String::as_str))
            .filter(|s| !s.is_empty())
            .collect();
        if !written.is_empty() {
            shown.text = Some(written.join(" / "));
        }
        timeline.push(shown);
    }
    Ok((timeline, sent))
}

fn facts(
    tx: &mut Tx<'_>,
    colours: &Colours,
    by: &OfficialPrincipal,
    (row, beside): (&Row, &Beside),
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<Value> {
    let (conn, keys) = (tx.conn(), &*colours.keys);
    let answers = visible(row, keys)?;
    let offered = offered(conn, colours, by, (row, beside), now)?;
    let actions: Vec<Choice> = offered.iter().filter(|a| is_open(a)).map(|a| choice(lang, &a.name)).collect();
    let blocked: Vec<String> = offered
        .iter()
        .filter_map(|a| a.refusal.as_ref())
        .map(|r| t(lang, &format!("problem-{}", act::DECLARATION.code(r)), &[]))
        .collect();
    let (timeline, sent) = told(conn, keys, row, lang, now)?;
    let level = match row.person_id {
        Some(id) => accounts::person(conn, keys, id)?.level.code().replace('_', "-"),
        None => "self-stated".into(),
    };
    let conclusions = ["no-abnormality", "fit-with-monitoring"]
        .map(|c| Choice::text(lang, c, &format!("certificate-conclusion-{c}")));
    let concerns: Vec<String> =
        answers.concerns().iter().map(|c| t(lang, &format!("declare-concern-{c}"), &[])).collect();
    let present = match row.person_id {
        Some(person) => Some(present::view(conn, colours, person, lang, now)?),
        None => None,
    };
    Ok(json!({
        "number": row.number, "version": row.version, "sent": sent.max(1).to_string(), "state": row.state, "present": present,
        "word": state_word(lang, &row.state), "tag": state_tag(&row.state),
        "locked": row.consent_withdrawn_at.map(|at| format::when(lang, at.0, now)),
        "share_withdrawn": row.share_withdrawn_at.map(|at| format::when(lang, at.0, now)),
        "name": answers.name.as_ref().map_or_else(|| row.number.clone(), |n| n.as_str().to_owned()),
        "waiting": super::list::waiting(lang, row, now),
        "received": row.submitted_at.map(|s| format::when(lang, s.0, now)).unwrap_or_default(),
        "until": format::deadline(lang, super::expiry::outdated_at(&colours.policy, row)?, now),
        "lines": if row.is_locked() { Vec::new() } else { summary::lines(lang, &answers, false) }, "concerns": concerns, "timeline": timeline,
        "actions": actions, "blocked": blocked.first(), "conclusions": conclusions,
        "can_check": offered.iter().any(|a| a.name == "check" && a.refusal.is_none()),
        "confirm": offered.iter().any(|a| a.name == "confirm" && a.refusal.is_none()),
        "writes": offered.iter().any(|a| a.name != "check" && a.refusal.is_none()),
        "certificate": crate::certificates::of_declaration(conn, row.id)?,
        "entered": row.entered_by.is_some(), "counts": row.counts(), "level": t(lang, &format!("declaration-level-{level}"), &[]),
    }))
}

/// Reads the form of a decision; what an action does not ask for is passed over.
pub(super) fn read(form: &Form) -> Result<Decision, Vec<FieldError>> {
    let mut reading = Reading::of(form);
    let action = reading.chosen("action", &ACTIONS);
    if action.is_empty() {
        return reading.done(Decision::default());
    }
    let tells = matches!(action, "return" | "reject");
    let reason = if tells { reading.needed("reason") } else { reading.text("reason") };
    let remedy = if action == "reject" { reading.needed("remedy") } else { reading.text("remedy") };
    let note = reading.text("note");
    let items = if action == "return" { reading.needed_items("items") } else { reading.items("items") };
    let found = if action == "confirm" { findings(form, &mut reading) } else { None };
    let version = reading.version();
    let keep = |s: String| if tells { s } else { String::new() };
    reading.done(Decision {
        action: action.to_owned(),
        version,
        note,
        reason: keep(reason),
        remedy: keep(remedy),
        items: if action == "return" { items } else { Vec::new() },
        accepts: form.get("accept") == "yes",
        found,
    })
}

/// What a doctor has found: conclusion and temperature in tenths.
fn findings(form: &Form, reading: &mut Reading<'_>) -> Option<(Conclusion, i32)> {
    let temperature = parse::temperature(form, "temperature").map_err(|e| reading.wrong(e)).ok();
    let conclusion = conclusion_of(form.get("conclusion"));
    if conclusion.is_none() {
        reading.wrong(FieldError::new("conclusion", "choose-one"));
    }
    // Both conclusions say that nothing keeps the person at home; at a fever that is not so.
    if temperature.is_some_and(|t| t >= FEVER_TENTHS) {
        let fever = FieldError::new("temperature", "conclusion-fever");
        reading.wrong(fever.with("degrees", degrees(FEVER_TENTHS)));
    }
    conclusion.zip(temperature)
}

pub(super) async fn decide(
    ctx: Ctx,
    deps: App,
    who: Official<Worklist<Staff>>,
    number: web::Path<String>,
    form: Form,
) -> AppResult<HttpResponse> {
    let number = normalise(&number);
    let wrong = match read(&form) {
        Ok(decision) => match decided(&deps, &ctx, &who, &number, decision, &form).await {
            Err(AppError::Conflict(code)) if code == "declaration-compare" => {
                vec![FieldError::new("accept", "accept-needed")]
            }
            answer => return answer,
        },
        Err(errors) => errors,
    };
    let mut view = form.view();
    fail_missing(&mut view, ctx.lang, "desk-missing", &wrong);
    show(&deps, &ctx, &who, &number, view, None, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// Decides, or shows beforehand what the applicant would get.
async fn decided(
    deps: &App,
    ctx: &Ctx,
    by: &OfficialPrincipal,
    number: &str,
    decision: Decision,
    form: &Form,
) -> AppResult<HttpResponse> {
    if previews(form) {
        let preview = decided::foreseen(deps, ctx, by, (number, decision)).await?;
        return show(deps, ctx, by, number, form.view(), Some(preview), StatusCode::OK).await;
    }
    let flash = match decision.action.as_str() {
        "check" => "declaration-checked",
        "return" => "declaration-returned",
        "confirm" => "declaration-confirmed",
        _ => "declaration-rejected",
    };
    let sent = Sent::form(number, form)?;
    decided::done(deps, ctx, by, (number, decision), &sent).await?;
    Ok(see_other_with(deps, &format!("/desk/declarations/{number}"), flash))
}
