//! Risk levels of divisions: public, and changed by two officials of the province with the document they rest on.

use super::gather::{division_words, risk_code, risk_from};
use super::jobs::RiskChanged;
use super::layers::{Span, spans};
use super::model::{RiskChangeRow, RiskRow};
use super::risk_change::own;
use super::views_desk::{LevelView, RiskGroup, RiskRule, RiskWaiting, RisksDeskPage, RisksPage};
use super::words::pick;
use super::{RiskView, store, store_risks};
use crate::audit::{self, Actor, Entry};
use crate::clock::china_day;
use crate::crypto::Keyring;
use crate::db::{Id, Tx};
use crate::deps::App;
use crate::error::AppResult;
use crate::identity::{Division, DivisionCode, DivisionLevel, divisions};
use crate::jobs::{self, Job};
use crate::policy::{Kind, Risk, Rule};
use crate::slice::{Headline, Topic};
use crate::subscriptions;
use crate::web::ctx::Ctx;
use crate::web::format;
use crate::web::guard::Official;
use crate::web::i18n::{Lang, t};
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::{Answer, respond, respond_with};
use crate::web::view::{Choice, FormView};
use actix_web::http::StatusCode;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// Sets the risk level of a division from a moment on, without an end, and asks for a new evaluation of the persons it
/// may concern. For the console.
///
/// # Errors
/// Database errors.
#[allow(clippy::too_many_arguments)]
pub fn set_risk(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    by: impl Into<Actor>,
    division: DivisionCode,
    level: Risk,
    since: DateTime<Utc>,
    source: &str,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let by = by.into();
    let row = RiskRow {
        id: Id::new(),
        division: division.to_string(),
        level: risk_code(level).to_owned(),
        since: since.into(),
        until: None,
        source: source.to_owned(),
        entered_by: by.id(),
        entered_at: now.into(),
    };
    publish(tx, keys, by, row, now)
}

/// Lays a class over what the division had before, and asks for a new evaluation of the persons it may concern. The
/// caller has made sure that two officials agreed, or acts for the console.
pub(super) fn publish(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    by: impl Into<Actor>,
    row: RiskRow,
    now: DateTime<Utc>,
) -> AppResult<()> {
    store::add_risk(tx, &row)?;
    let entry = Entry::new(by, "risk.set", "division-risk").object(row.id);
    let detail = json!({
        "division": row.division, "level": row.level, "since": row.since, "until": row.until,
    });
    audit::append(tx, now, entry.detail(detail))?;
    let job = RiskChanged { division: row.division.clone(), after: None };
    let dedup = format!("{}:{}", RiskChanged::NAME, row.id);
    jobs::enqueue(tx, keys, &job, Some(&dedup), row.since.0.max(now), now)?;
    let told = json!({"level": row.level, "since": row.since, "until": row.until, "source": row.source});
    subscriptions::publish(tx, keys, TOPIC.name, &row.division, &row.id.to_string(), &told, now)
}

/// What subscribers are told of a level.
pub(super) const TOPIC: Topic = Topic { name: "risk", page: "/risks", headline };

fn headline(lang: Lang, division: &str, told: &Value) -> Headline {
    let text = |name: &str| told.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let at = |name: &str| text(name).parse::<DateTime<Utc>>().ok();
    let since = at("since").map(|at| format::date(lang, china_day(at), true)).unwrap_or_default();
    let level = t(lang, &format!("risk-{}", text("level")), &[]);
    let args = [
        ("place", full_name(lang, division).into()),
        ("level", level.clone().into()),
        ("since", since.clone().into()),
        ("source", text("source").into()),
    ];
    let body = match at("until") {
        None => t(lang, "topic-risk-body", &args),
        Some(until) => {
            let until = [("until", format::until(lang, until, true).into())];
            t(lang, "topic-risk-body-until", &[&args[..], &until].concat())
        }
    };
    let place = pick(&division_words(division), lang).to_owned();
    let title = [("place", place.into()), ("level", level.into()), ("since", since.into())];
    Headline { title: t(lang, "topic-risk-title", &title), text: body }
}

/// `GET /risks`: the levels in force, for everybody.
pub(super) async fn page_of_risks(ctx: Ctx, deps: App) -> AppResult<Answer<RisksPage>> {
    let rows = in_force(&deps, ctx.lang, ctx.now).await?;
    let view = RisksPage { groups: groups(&deps, ctx.lang, &rows, ctx.now) };
    respond(&deps, &ctx, "codes/risks.html", &view)
}

async fn in_force(deps: &App, lang: Lang, now: DateTime<Utc>) -> AppResult<Vec<LevelView>> {
    let rows = deps.store.read(move |conn| store::risks_at(conn, now)).await?;
    let mut spans: Vec<Span> = spans(rows).into_iter().filter(|s| s.meets(now, now)).collect();
    spans.sort_by_key(|s| (std::cmp::Reverse(risk_from(&s.row.level)), s.row.division.clone()));
    Ok(spans
        .iter()
        .map(|s| {
            let r = &s.row;
            LevelView {
                name: full_name(lang, &r.division),
                level: r.level.clone(),
                word: t(lang, &format!("risk-{}", r.level), &[]),
                since: s.held_since,
                until: s.held_until,
                source: r.source.clone(),
            }
        })
        .collect())
}

/// The levels in force, the worst first, each with what it means for people and the rules that read levels.
fn groups(deps: &App, lang: Lang, rows: &[LevelView], now: DateTime<Utc>) -> Vec<RiskGroup> {
    let reads = |field: &String| field.ends_with(".risk");
    let named = |rule: &Rule| RiskRule { id: rule.id.clone(), title: pick(&rule.title, lang).to_owned() };
    let rules: Vec<(String, RiskRule)> = deps
        .policy
        .of_kind(Kind::Colour, now)
        .filter(|c| c.rule.affected_fields.iter().any(reads))
        .map(|c| (c.rule.logic.to_string(), named(&c.rule)))
        .collect();
    // A rule concerns the levels that its condition names.
    let about = |level: &str| -> Vec<RiskRule> {
        let named = format!("\"{level}\"");
        rules.iter().filter(|(logic, _)| logic.contains(&named)).map(|(_, rule)| rule.clone()).collect()
    };
    let group = |level: &'static str| {
        let rows: Vec<LevelView> = rows.iter().filter(|r| r.level == level).cloned().collect();
        (!rows.is_empty()).then(|| RiskGroup {
            level,
            word: t(lang, &format!("risk-{level}"), &[]),
            meaning: t(lang, &format!("risks-means-{level}"), &[]),
            rules: about(level),
            rows,
        })
    };
    ["high", "medium", "low"].into_iter().filter_map(group).collect()
}

pub(super) fn full_name(lang: Lang, code: &str) -> String {
    let found = DivisionCode::parse(code).ok().and_then(|c| match lang {
        Lang::ZhCn => divisions().full_name(c),
        Lang::En => divisions().full_name_en(c),
    });
    found.unwrap_or_else(|| pick(&division_words(code), lang).to_owned())
}

/// Prefectures and counties of the province, each county under its prefecture.
fn division_choices(lang: Lang, province: &str) -> Vec<Choice> {
    let Ok(province) = DivisionCode::parse(province) else { return Vec::new() };
    let name = |d: &Division| if lang == Lang::En { d.name_en } else { d.name };
    let mut choices = Vec::new();
    for prefecture in divisions().children(province) {
        choices.push(Choice::new(prefecture.code.to_string(), name(prefecture)));
        for county in divisions().children(prefecture.code) {
            if county.level == DivisionLevel::County {
                let label = format!("{} · {}", name(prefecture), name(county));
                choices.push(Choice::new(county.code.to_string(), label));
            }
        }
    }
    choices
}

async fn desk_data(
    deps: &App,
    ctx: &Ctx,
    form: FormView,
    by: &OfficialPrincipal,
) -> AppResult<RisksDeskPage> {
    let lang = ctx.lang;
    let (parts, who) = (deps.clone(), by.clone());
    let (open, own) = deps
        .store
        .read(move |conn| Ok((store_risks::all_open(conn)?, own(conn, &parts, &who, lang)?)))
        .await?;
    let waiting = |r: RiskChangeRow| RiskWaiting {
        id: r.id,
        name: full_name(lang, &r.division),
        word: t(lang, &format!("risk-{}", r.level), &[]),
        level: r.level,
        since: r.since,
        until: r.until,
        source: r.source,
        created: r.created_at,
        own: r.entered_by == by.official_id,
    };
    let levels = ["low", "medium", "high"].iter().map(|l| Choice::text(lang, l, &format!("risk-{l}")));
    Ok(RisksDeskPage {
        form,
        open: open.into_iter().map(waiting).collect(),
        own,
        rows: in_force(deps, lang, ctx.now).await?,
        divisions: division_choices(lang, &by.division),
        levels: levels.collect(),
    })
}

/// `GET /desk/risks`.
pub(super) async fn desk(
    ctx: Ctx,
    deps: App,
    official: Official<RiskView>,
) -> AppResult<Answer<RisksDeskPage>> {
    let form = FormView::new().with_date("since", china_day(ctx.now));
    desk_page(&deps, &ctx, &official, form).await
}

/// The desk with a form as far as it is filled.
pub(super) async fn desk_page(
    deps: &App,
    ctx: &Ctx,
    by: &OfficialPrincipal,
    form: FormView,
) -> AppResult<Answer<RisksDeskPage>> {
    let status = if form.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    respond_with(deps, ctx, status, "codes/risks-desk.html", &desk_data(deps, ctx, form, by).await?)
}
