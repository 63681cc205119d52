//! Changes of risk levels: one official of the province sees beforehand how many persons change their colour, confirms
//! that number and gives an end; another sees the same, worked out anew, and decides.

use super::entries::{self, Decided, EnteredLine};
use super::gather::{risk_code, risk_from};
use super::model::RiskChangeRow;
use super::preview::{self, Count};
use super::records::plain;
use super::risks::{desk_page, full_name, publish};
use super::views_desk::{FieldKept, RiskPreviewPage};
use super::{RiskChange, state, store, store_decided, store_risks};
use crate::accounts::Recusal;
use crate::audit::{self, Entry};
use crate::clock::{china_day, end_of_day, start_of_day};
use crate::crypto::FieldContext;
use crate::db::{Conn, Id, Tx};
use crate::decision::{Act, Sent};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::{DivisionCode, divisions};
use crate::second::{self, EXPIRED, Entered, Fact, Names, Outcome, Shown, TwoPersons, Verdict, fact, reason};
use crate::slice::SecondWords;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::format;
use crate::web::guard::Official;
use crate::web::i18n::{Lang, t};
use crate::web::page::{fail, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::{Answer, respond_with};
use crate::web::text;
use crate::web::view::FormView;
use actix_web::http::StatusCode;
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::{Value, json};

/// The longest that one publication counts, in days; it can be published anew.
const LONGEST: u64 = 366;
/// What the form asks for, kept while the number is confirmed.
const FIELDS: [&str; 9] = [
    "division",
    "level",
    "since-year",
    "since-month",
    "since-day",
    "until-year",
    "until-month",
    "until-day",
    "source",
];

/// `POST /desk/risks`: shows what a change would do; with the number that was shown, enters it for a second person.
pub(super) async fn enter(
    ctx: Ctx,
    deps: App,
    official: Official<RiskChange>,
    form: Form,
) -> AppResult<Answer<RiskPreviewPage>> {
    let mut view = form.view();
    let read = read(&form, &mut view, &ctx, &official);
    let Some(mut row) = read.filter(|_| !form.has("again")) else {
        return desk_page(&deps, &ctx, &official, view).await.map(|page| page.into_inner().into());
    };
    let preview = preview::of(&deps, &row, ctx.now).await?;
    let shown = preview.changed();
    if form.has("count") && preview.done {
        match counted(form.get("count"), shown) {
            Ok(()) => row.counted = Some(i64::try_from(shown).map_err(AppError::internal)?),
            Err(e) => fail(&mut view, ctx.lang, &[e]),
        }
    }
    if row.counted.is_none() {
        return preview_page(&deps, &ctx, &row, &preview, view).await;
    }
    let (keys, by, now) = (deps.keys.clone(), (*official).clone(), ctx.now);
    let work = move |tx: &mut Tx<'_>| {
        // It is about nobody, but the two who agree on it have to be known as two.
        Recusal::of(&keys, &by)?;
        store_risks::add(tx, &row)?;
        second::propose(tx, &row)?;
        let entry = Entry::new(&by, "risk.enter", "risk-change").object(row.id);
        let detail = json!({
            "division": row.division, "level": row.level, "until": row.until, "persons": row.counted,
        });
        audit::append(tx, now, entry.detail(detail)).map(drop)
    };
    Act::of(&deps, &ctx, &official, "risk.enter").once(&Sent::form("", &form)?, work).await?;
    Ok(see_other_with(&deps, "/desk/risks", "risk-waits").into())
}

/// Whether the number that was typed is the one that holds now.
fn counted(typed: &str, shown: u64) -> Result<(), FieldError> {
    let typed = plain(typed);
    if typed.is_empty() {
        return Err(FieldError::new("count", "required"));
    }
    let typed = typed.trim_end_matches('人').replace([',', '，'], "");
    if typed.parse() == Ok(shown) {
        Ok(())
    } else {
        Err(FieldError::new("count", "differs").with("shown", shown))
    }
}

async fn preview_page(
    deps: &App,
    ctx: &Ctx,
    row: &RiskChangeRow,
    preview: &Count,
    form: FormView,
) -> AppResult<Answer<RiskPreviewPage>> {
    let status = if form.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let value = |name: &str| if name == "source" { row.source.as_str() } else { form.get(name) };
    let kept = FIELDS.iter().map(|name| FieldKept { name, value: value(name).to_owned() }).collect();
    let facts = facts(deps, row, ctx.lang, ctx.now).await?;
    let view = RiskPreviewPage { facts, preview: preview.effect(ctx.lang), kept, form };
    respond_with(deps, ctx, status, "codes/risk-preview.html", &view)
}

/// What a change says, what counts now and what counts when it has ended.
async fn facts(deps: &App, row: &RiskChangeRow, lang: Lang, now: DateTime<Utc>) -> AppResult<Vec<Fact>> {
    let around = preview::around(deps, row, lang, now).await?;
    let text = |key: &str| around.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut facts = vec![
        fact(lang, "risks-division", full_name(lang, &row.division)),
        fact(lang, "preview-now", text("now")),
        fact(lang, "preview-new", t(lang, &format!("risk-{}", row.level), &[])),
        fact(lang, "risks-from", format::date(lang, china_day(row.since.0), true)),
    ];
    if let Some(until) = row.until {
        facts.push(fact(lang, "risks-to", format::until(lang, until.0, true)));
        facts.push(fact(lang, "preview-later", text("later")));
    }
    facts.push(fact(lang, "risks-source", row.source.clone()));
    Ok(facts)
}

fn day(view: &mut FormView, lang: Lang, name: &str) -> Option<NaiveDate> {
    match view.date(name) {
        Ok(Some(day)) => Some(day),
        Ok(None) => {
            fail(view, lang, &[FieldError::new(name, "required")]);
            None
        }
        Err(e) => {
            view.fail(name, t(lang, e.key(), &[]));
            None
        }
    }
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
    let source = text::line("source", form.get("source"), 200).map_err(|e| errors.push(e)).ok();
    fail(view, ctx.lang, &errors);
    let (since, until) = (day(view, ctx.lang, "since"), day(view, ctx.lang, "until"));
    if let (Some(since), Some(until)) = (since, until)
        && (until < since.max(china_day(ctx.now)) || until > since + Days::new(LONGEST))
    {
        fail(view, ctx.lang, &[FieldError::new("until", "risk-end")]);
    }
    if view.has_errors() {
        return None;
    }
    Some(RiskChangeRow {
        id: Id::new(),
        division: division?.to_string(),
        level: risk_code(level?).to_owned(),
        since: start_of_day(since?).into(),
        source: source?,
        state: "open".to_owned(),
        entered_by: by.official_id,
        created_at: ctx.now.into(),
        decided_by: None,
        decided_at: None,
        refusal_sealed: None,
        office_id: Some(by.office_id),
        until: Some(end_of_day(until?).into()),
        counted: None,
    })
}

/// Days in which a second official decides a change of a level: the situation on which it rests, and the number of persons that
/// was confirmed, are of the day on which it was entered.
const DAYS: i64 = 3;
/// So many persons are rehearsed as examples of a change that touches many.
const EXAMPLES: usize = 3;

impl TwoPersons for RiskChangeRow {
    type Looks = RiskChange;
    type Decides = RiskChange;

    const NAMES: Names = Names {
        kind: "risk",
        title: "second-kind-risk",
        object: "risk-change",
        view: "risk.view",
        confirm: ("risk.confirm", "risk-confirmed"),
        refuse: ("risk.refuse", "risk-refused"),
        expire: "risk.expire",
        list: "/desk/risks",
        page: "/desk/risks/{id}/decide",
        texts: ["decide-risk", "decide-risk-yes", "decide-risk-no"],
    };
    const DAYS: i64 = DAYS;

    fn open(conn: &mut Conn, _: &Deps, id: Id, within: &str) -> AppResult<Option<Self>> {
        store_risks::open(conn, id, within)
    }

    fn decided(conn: &mut Conn, id: Id, within: &str) -> AppResult<Option<Outcome>> {
        store_decided::risk_change(conn, id, within)
    }

    fn id(&self) -> Id {
        self.id
    }

    fn entered(&self) -> Entered {
        Entered { by: Some(self.entered_by), office: self.office_id, at: self.created_at.0 }
    }

    fn division(&self) -> &str {
        &self.division
    }

    fn subject(&self) -> Option<Id> {
        None
    }

    fn detail(&self) -> Value {
        json!({"division": self.division, "level": self.level, "until": self.until})
    }

    fn words(detail: &Value, lang: Lang) -> SecondWords {
        let code = |name: &str| detail.get(name).and_then(Value::as_str).unwrap_or_default();
        SecondWords {
            about: full_name(lang, code("division")),
            what: t(lang, &format!("risk-{}", code("level")), &[]),
        }
    }

    fn decide(
        &self,
        tx: &mut Tx<'_>,
        _: &Deps,
        by: Id,
        verdict: &Verdict,
        now: DateTime<Utc>,
    ) -> AppResult<bool> {
        store_risks::decide(tx, self.id, by, verdict, now)
    }

    fn take_effect(
        &self,
        tx: &mut Tx<'_>,
        deps: &Deps,
        by: &OfficialPrincipal,
        now: DateTime<Utc>,
    ) -> AppResult<()> {
        // Without an end only the console publishes. What is over when it is confirmed would say nothing.
        let Some(until) = self.until else { return Err(AppError::conflict("risk-endless")) };
        if until.0 <= now {
            return Err(AppError::conflict("risk-over"));
        }
        publish(tx, &deps.keys, by, preview::class_of(self, now), now)
    }

    fn expire(&self, tx: &mut Tx<'_>, _: &Deps, now: DateTime<Utc>) -> AppResult<bool> {
        store_risks::expire(tx, self.id, now)
    }

    async fn touched(&self, deps: &App, now: DateTime<Utc>) -> AppResult<Vec<Id>> {
        preview::examples(deps, self, EXAMPLES, now).await
    }

    fn hold(tx: &mut Tx<'_>, person: Id) -> AppResult<()> {
        store::hold_state(tx, person)
    }

    fn follow(tx: &mut Tx<'_>, deps: &Deps, person: Id, now: DateTime<Utc>) -> AppResult<()> {
        state::evaluate_person(tx, deps, person, now).map(drop)
    }

    async fn shown(&self, deps: &App, ctx: &Ctx) -> AppResult<Shown> {
        let facts = facts(deps, self, ctx.lang, ctx.now).await?;
        let preview = preview::of(deps, self, ctx.now).await?;
        let other = self.counted.filter(|count| u64::try_from(*count) != Ok(preview.changed()));
        // A number that is still being counted differs from none.
        let other = other.filter(|_| preview.done);
        let changed = other.map(|count| t(ctx.lang, "preview-counted", &[("count", count.into())]));
        Ok(Shown { changed, ..Shown::of(facts, preview.effect(ctx.lang)) })
    }

    fn refusal(id: Id) -> FieldContext<'static> {
        FieldContext::new("risk_changes", "refusal_sealed", id.0)
    }
}

/// The changes that the official entered, and what became of them.
pub(super) fn own(
    conn: &mut Conn,
    deps: &Deps,
    by: &OfficialPrincipal,
    lang: Lang,
) -> AppResult<Vec<EnteredLine>> {
    let rows = store_risks::entered(conn, by.official_id, 20)?;
    rows.iter()
        .map(|row| {
            let state = match row.state.as_str() {
                "confirmed" => "confirmed",
                "refused" => "refused",
                EXPIRED => EXPIRED,
                _ => "open",
            };
            let reason = reason(&deps.keys, &RiskChangeRow::refusal(row.id), row.refusal_sealed.as_ref())?;
            let decided = Decided { state, by: row.decided_by, at: row.decided_at, reason };
            let level = t(lang, &format!("risk-{}", row.level), &[]);
            entries::line(conn, lang, &level, &full_name(lang, &row.division), row.created_at, decided)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_the_one_that_holds_now() {
        assert!(
            counted("12", 12).is_ok() && counted(" １２ 人", 12).is_ok() && counted("1,200", 1200).is_ok()
        );
        assert_eq!(counted(" ", 12).unwrap_err().code, "required");
        for wrong in ["11", "-12", "twelve", "12.0"] {
            assert_eq!(counted(wrong, 12).unwrap_err().code, "differs", "{wrong}");
        }
    }
}
