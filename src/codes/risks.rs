//! Risk levels of divisions: public, and changed by two officials of the province with the document they rest on.

use super::entries::{self, Decided};
use super::gather::{division_words, risk_code, risk_from};
use super::jobs::{Area, RISK_CHANGED};
use super::model::{RiskChangeRow, RiskRow};
use super::second::{Entered, Names, TwoPersons, Verdict, fact, reason};
use super::words::pick;
use super::{RiskChange, RiskView, store};
use crate::app::{App, Deps};
use crate::audit::{self, Actor, Entry};
use crate::clock::china_day;
use crate::crypto::{FieldContext, Keyring};
use crate::db::{Conn, Id, Tx};
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::{Division, DivisionCode, DivisionLevel, divisions};
use crate::jobs;
use crate::policy::{Kind, Risk};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::i18n::{Lang, t};
use crate::web::page::{fail, page, page_with, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::view::{Choice, FormView};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// Sets the risk level of a division from a moment on and asks for a new evaluation of the persons it may concern.
/// The caller has made sure that two officials agreed, or acts for the console.
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
    let (id, by) = (Id::new(), by.into());
    let row = RiskRow {
        id,
        division: division.to_string(),
        level: risk_code(level).to_owned(),
        since: since.into(),
        until: None,
        source: source.to_owned(),
        entered_by: by.id(),
    };
    store::replace_risk(tx, &row)?;
    let entry = Entry::new(by, "risk.set", "division-risk").object(id);
    let detail = json!({"division": row.division, "level": row.level, "since": since});
    audit::append(tx, now, entry.detail(detail))?;
    let payload = Area { division: row.division.clone(), after: None };
    let dedup = format!("{RISK_CHANGED}:{id}");
    jobs::enqueue(tx, keys, RISK_CHANGED, Some(&dedup), &payload, since.max(now), now)?;
    Ok(())
}

/// `GET /risks`: the levels in force, for everybody.
pub async fn page_of_risks(req: HttpRequest, deps: App) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let rows = in_force(&deps, ctx.lang, ctx.now).await?;
    let groups = groups(&deps, ctx.lang, &rows, ctx.now);
    page(&deps, &ctx, "codes/risks.html", &json!({"groups": groups}))
}

async fn in_force(deps: &App, lang: Lang, now: DateTime<Utc>) -> AppResult<Vec<Value>> {
    let mut rows = deps.store.read(move |conn| store::risks_at(conn, now)).await?;
    rows.sort_by_key(|r| (std::cmp::Reverse(risk_from(&r.level)), r.division.clone()));
    Ok(rows
        .iter()
        .map(|r| {
            json!({
                "name": full_name(lang, &r.division),
                "level": r.level,
                "word": t(lang, &format!("risk-{}", r.level), &[]),
                "since": r.since,
                "until": r.until,
                "source": r.source,
            })
        })
        .collect())
}

/// The levels in force, the worst first, each with what it means for people and the rules that read levels.
fn groups(deps: &App, lang: Lang, rows: &[Value], now: DateTime<Utc>) -> Vec<Value> {
    let reads = |field: &String| field.ends_with(".risk");
    let rules: Vec<Value> = deps
        .policy
        .of_kind(Kind::Colour, now)
        .filter(|c| c.rule.affected_fields.iter().any(reads))
        .map(|c| json!({"id": c.rule.id, "title": pick(&c.rule.title, lang)}))
        .collect();
    let group = |level: &&str| {
        let rows: Vec<&Value> = rows.iter().filter(|r| r.get("level") == Some(&json!(level))).collect();
        (!rows.is_empty()).then(|| {
            json!({
                "level": level,
                "word": t(lang, &format!("risk-{level}"), &[]),
                "meaning": t(lang, &format!("risks-means-{level}"), &[]),
                "rules": if *level == "low" { Vec::new() } else { rules.clone() },
                "rows": rows,
            })
        })
    };
    ["high", "medium", "low"].iter().filter_map(group).collect()
}

fn full_name(lang: Lang, code: &str) -> String {
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

async fn desk_data(deps: &App, ctx: &Ctx, form: &FormView, by: &OfficialPrincipal) -> AppResult<Value> {
    let lang = ctx.lang;
    let (parts, who) = (deps.clone(), by.clone());
    let (open, own) = deps
        .store
        .write(move |tx| Ok((store::open_risk_changes(tx.conn())?, own_changes(tx, &parts, &who, lang)?)))
        .await?;
    let open: Vec<Value> = open
        .iter()
        .map(|r| {
            json!({
                "id": r.id,
                "name": full_name(lang, &r.division),
                "level": r.level,
                "word": t(lang, &format!("risk-{}", r.level), &[]),
                "since": r.since,
                "source": r.source,
                "created": r.created_at,
                "own": r.entered_by == by.official_id,
            })
        })
        .collect();
    let levels: Vec<Choice> =
        ["low", "medium", "high"].iter().map(|l| Choice::text(lang, l, &format!("risk-{l}"))).collect();
    Ok(json!({
        "form": form,
        "open": open,
        "own": own,
        "rows": in_force(deps, lang, ctx.now).await?,
        "divisions": division_choices(lang, &by.division),
        "levels": levels,
    }))
}

/// `GET /desk/risks`.
pub async fn desk(req: HttpRequest, deps: App, official: Official<RiskView>) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let form = FormView::new().with_date("since", china_day(ctx.now));
    let data = desk_data(&deps, &ctx, &form, &official).await?;
    page(&deps, &ctx, "codes/risks-desk.html", &data)
}

/// `POST /desk/risks`: enters a change, which waits for a second person.
pub async fn enter(
    req: HttpRequest,
    deps: App,
    official: Official<RiskChange>,
    form: Form,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let mut view = form.view();
    let Some(row) = read(&form, &mut view, &ctx, &official) else {
        let data = desk_data(&deps, &ctx, &view, &official).await?;
        return page_with(&deps, &ctx, StatusCode::UNPROCESSABLE_ENTITY, "codes/risks-desk.html", &data);
    };
    let (by, now) = ((*official).clone(), ctx.now);
    deps.store
        .write(move |tx| {
            store::add_risk_change(tx, &row)?;
            let entry = Entry::new(&by, "risk.enter", "risk-change").object(row.id);
            audit::append(tx, now, entry.detail(json!({"division": row.division, "level": row.level})))?;
            Ok(())
        })
        .await?;
    Ok(see_other_with(&deps, "/desk/risks", "risk-waits"))
}

fn read(form: &Form, view: &mut FormView, ctx: &Ctx, by: &OfficialPrincipal) -> Option<RiskChangeRow> {
    let mut errors = Vec::new();
    let division = DivisionCode::parse(form.get("division"))
        .ok()
        .filter(|c| divisions().get(*c).is_some() && by.covers(&c.to_string()));
    if division.is_none() {
        errors.push(FieldError::new("division", "required"));
    }
    let level = risk_from(form.get("level"));
    if level.is_none() {
        errors.push(FieldError::new("level", "required"));
    }
    let source = form.text("source").unwrap_or_default().to_owned();
    if source.is_empty() {
        errors.push(FieldError::new("source", "required"));
    } else if source.chars().count() > 200 {
        errors.push(FieldError::new("source", "length"));
    }
    fail(view, ctx.lang, &errors);
    let since = match view.date("since") {
        Ok(Some(day)) => Some(day),
        Ok(None) => {
            fail(view, ctx.lang, &[FieldError::new("since", "required")]);
            None
        }
        Err(e) => {
            view.fail("since", t(ctx.lang, e.key(), &[]));
            None
        }
    };
    if view.has_errors() {
        return None;
    }
    Some(RiskChangeRow {
        id: Id::new(),
        division: division?.to_string(),
        level: risk_code(level?).to_owned(),
        since: super::gather::start_of(since?).into(),
        source,
        state: "open".to_owned(),
        entered_by: by.official_id,
        created_at: ctx.now.into(),
        decided_by: None,
        decided_at: None,
        refusal_sealed: None,
        office_id: Some(by.office_id),
    })
}

impl TwoPersons for RiskChangeRow {
    const NAMES: Names = Names {
        object: "risk-change",
        view: "risk.view",
        confirm: ("risk.confirm", "risk-confirmed"),
        refuse: ("risk.refuse", "risk-refused"),
        list: "/desk/risks",
        base: "/desk/risks",
        texts: ["decide-risk", "decide-risk-yes", "decide-risk-no"],
    };

    fn open(conn: &mut Conn, id: Id, by: &OfficialPrincipal) -> AppResult<Option<Self>> {
        Ok(store::open_risk_change(conn, id)?.filter(|row| by.covers(&row.division)))
    }

    fn entered(&self) -> Entered {
        Entered { by: Some(self.entered_by), office: self.office_id, at: self.created_at.0 }
    }

    fn subject(&self) -> Option<Id> {
        None
    }

    fn detail(&self) -> Value {
        json!({"division": self.division, "level": self.level})
    }

    fn decide(&self, tx: &mut Tx<'_>, by: Id, verdict: &Verdict, now: DateTime<Utc>) -> AppResult<bool> {
        store::decide_risk_change(tx, self.id, by, verdict, now)
    }

    fn take_effect(
        &self,
        tx: &mut Tx<'_>,
        deps: &Deps,
        by: &OfficialPrincipal,
        now: DateTime<Utc>,
    ) -> AppResult<()> {
        let division = DivisionCode::parse(&self.division).map_err(AppError::internal)?;
        let level = risk_from(&self.level).ok_or_else(|| AppError::internal("an unknown level"))?;
        set_risk(tx, &deps.keys, by, division, level, self.since.0, &self.source, now)
    }

    async fn shown(&self, _: &App, ctx: &Ctx) -> AppResult<Value> {
        let lang = ctx.lang;
        let day = crate::web::format::date(lang, china_day(self.since.0), true);
        let facts = vec![
            fact(lang, "risks-division", full_name(lang, &self.division)),
            fact(lang, "risks-level", t(lang, &format!("risk-{}", self.level), &[])),
            fact(lang, "risks-since", day),
            fact(lang, "risks-source", self.source.clone()),
        ];
        Ok(json!({"facts": facts}))
    }

    fn refusal(id: Id) -> FieldContext<'static> {
        FieldContext::new("risk_changes", "refusal_sealed", id.0)
    }
}

/// The changes that the official entered, and what became of them.
fn own_changes(tx: &mut Tx<'_>, deps: &Deps, by: &OfficialPrincipal, lang: Lang) -> AppResult<Vec<Value>> {
    let rows = store::entered_risk_changes(tx.conn(), by.official_id, 20)?;
    rows.iter()
        .map(|row| {
            let state = match row.state.as_str() {
                "confirmed" => "confirmed",
                "refused" => "refused",
                _ => "open",
            };
            let reason = reason(&deps.keys, &RiskChangeRow::refusal(row.id), row.refusal_sealed.as_ref())?;
            let decided = Decided { state, by: row.decided_by, at: row.decided_at, reason };
            let level = t(lang, &format!("risk-{}", row.level), &[]);
            entries::line(tx, lang, &level, &full_name(lang, &row.division), row.created_at, decided)
        })
        .collect()
}
