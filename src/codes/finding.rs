//! A finding that waits for a second officer, and what a finding or its end does to a person.

use super::gather::{self, WhatIf};
use super::model::{RecordRow, WholePerson};
use super::records::{TESTS, kind_key, tell};
use super::words::{colour_word, pick};
use super::{RecordConfirm, RecordConfirmFresh, state, store, store_decided};
use crate::certificates;
use crate::clock::china_day;
use crate::colour;
use crate::crypto::FieldContext;
use crate::db::{Conn, Id, Tx};
use crate::deps::{App, Deps};
use crate::error::AppResult;
use crate::policy::{self, CertificateEffect, Colour, Evaluation};
use crate::second::{Effect, Entered, Fact, Names, Outcome, Shown, TwoPersons, Verdict, fact};
use crate::slice::SecondWords;
use crate::web::ctx::Ctx;
use crate::web::format;
use crate::web::i18n::{Lang, t};
use crate::web::principal::OfficialPrincipal;
use crate::worklist::Holder;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// Days in which a second officer confirms a finding. Whoever is a contact is one for a fortnight at most by the published table
/// of causes, so a finding that nobody has looked at for half of that would change a colour when it hardly counts any more.
pub(super) const DAYS: i64 = 7;

impl TwoPersons for RecordRow {
    type Looks = RecordConfirm;
    type Decides = RecordConfirmFresh;

    const NAMES: Names = Names {
        kind: "record",
        title: "second-kind-record",
        object: "health-record",
        view: "record.view",
        confirm: ("record.confirm", "record-confirmed"),
        refuse: ("record.refuse", "record-refused"),
        expire: "record.expire",
        list: "/desk/records",
        page: "/desk/records/{id}/decide",
        texts: ["decide-record", "decide-record-yes", "decide-record-no"],
    };

    const DAYS: i64 = DAYS;

    fn open(conn: &mut Conn, _: &Deps, id: Id, within: &str) -> AppResult<Option<Self>> {
        store::open_record(conn, id, within)
    }

    fn decided(conn: &mut Conn, id: Id, within: &str) -> AppResult<Option<Outcome>> {
        store_decided::record(conn, id, within)
    }

    fn id(&self) -> Id {
        self.id
    }

    fn entered(&self) -> Entered {
        Entered { by: self.entered_by, office: self.office_id, at: self.created_at.0 }
    }

    fn division(&self) -> &str {
        self.division.as_deref().unwrap_or_default()
    }

    fn subject(&self) -> Option<Id> {
        Some(self.person_id)
    }

    fn detail(&self) -> Value {
        json!({"kind": self.kind})
    }

    fn words(detail: &Value, lang: Lang) -> SecondWords {
        SecondWords { what: kind_word(detail, lang), ..SecondWords::default() }
    }

    fn decide(
        &self,
        tx: &mut Tx<'_>,
        _: &Deps,
        by: Id,
        verdict: &Verdict,
        now: DateTime<Utc>,
    ) -> AppResult<bool> {
        store::decide_record(tx, self.id, by, verdict.sealed(), now)
    }

    fn take_effect(
        &self,
        tx: &mut Tx<'_>,
        deps: &Deps,
        by: &OfficialPrincipal,
        now: DateTime<Utc>,
    ) -> AppResult<()> {
        colour::enqueue_evaluation(tx, &deps.keys, self.person_id, now)?;
        tell(tx, deps, self, by, now)
    }

    fn expire(&self, tx: &mut Tx<'_>, _: &Deps, now: DateTime<Utc>) -> AppResult<bool> {
        store::expire_record(tx, self.id, now)
    }

    fn hold(tx: &mut Tx<'_>, person: Id) -> AppResult<()> {
        store::hold_state(tx, person)
    }

    fn follow(tx: &mut Tx<'_>, deps: &Deps, person: Id, now: DateTime<Utc>) -> AppResult<()> {
        state::evaluate_person(tx, deps, person, now).map(drop)
    }

    async fn shown(&self, deps: &App, ctx: &Ctx) -> AppResult<Shown> {
        let (parts, row, lang, now) = (deps.clone(), self.clone(), ctx.lang, ctx.now);
        deps.store
            .read(move |conn| {
                let facts = facts(conn, &parts, &row, lang)?;
                let what = WhatIf { with: Some(&row), ..WhatIf::default() };
                let effect = effect(conn, &parts, row.person_id, &what, lang, now)?;
                Ok(Shown::of(facts, effect))
            })
            .await
    }

    fn refusal(id: Id) -> FieldContext<'static> {
        FieldContext::new("health_records", "refusal_sealed", id.0)
    }
}

/// The kind of a finding in words, by its codes.
pub(super) fn kind_word(detail: &Value, lang: Lang) -> String {
    let kind = detail.get("kind").and_then(Value::as_str).unwrap_or_default();
    t(lang, &kind_key(kind), &[])
}

/// Exactly what was given of a finding, with the whole name and document: what is only a day is shown as one.
pub(super) fn facts(conn: &mut Conn, deps: &Deps, row: &RecordRow, lang: Lang) -> AppResult<Vec<Fact>> {
    let (person, _) = store::code_and_person(conn, row.person_id)?;
    let detail = gather::detail(row, &deps.keys)?;
    let mut facts = whole(&person, deps, lang)?;
    facts.push(fact(lang, "record-kind", t(lang, &kind_key(&row.kind), &[])));
    if let Some(result) = &row.result {
        facts.push(fact(lang, "record-result", t(lang, &format!("record-result-{result}"), &[])));
    }
    let label = if TESTS.contains(&row.kind.as_str()) { "record-sampled" } else { "record-at" };
    facts.push(fact(lang, label, format::date(lang, china_day(row.at.0), true)));
    if let Some(place) = detail.place {
        facts.push(fact(lang, "record-place", place));
    }
    if let Some(by) = detail.transport {
        facts.push(fact(lang, "record-transport", t(lang, &format!("record-transport-{by}"), &[])));
    }
    if let Some(until) = row.until {
        facts.push(fact(lang, "record-until", format::date(lang, format::last_day(until.0), true)));
    }
    if let Some(day) = detail.released_on {
        facts.push(fact(lang, "record-released", format::date(lang, day, true)));
    }
    facts.push(fact(lang, "record-source", row.source.clone()));
    Ok(facts)
}

fn whole(person: &Holder, deps: &Deps, lang: Lang) -> AppResult<Vec<Fact>> {
    let whole = WholePerson::of(person, &deps.keys)?;
    let kind = format!("code-doc-{}", whole.document_kind.as_str().replace('_', "-"));
    Ok(vec![
        fact(lang, "decide-name", whole.name),
        Fact { number: true, ..fact(lang, &kind, whole.document) },
    ])
}

/// What a person's colour and certificates become if something is as it is said to be.
pub(super) fn effect(
    conn: &mut Conn,
    deps: &Deps,
    person: Id,
    what: &WhatIf<'_>,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<Effect> {
    let stated = gather::stated(conn, deps, person, now)?;
    let mut outcome = |what: &WhatIf<'_>| -> AppResult<Evaluation> {
        Ok(gather::facts_if(conn, &deps.keys, stated.clone(), person, now, what)?.evaluate(&deps.policy))
    };
    let (before, after) = (outcome(&WhatIf::default())?, outcome(what)?);
    let (usable, suspended) = certificates::in_use(conn, person, now)?;
    let becomes = policy::certificate_effect(&deps.policy, &after.causes, now);
    Ok(Effect::Person {
        from: before.colour.code().to_owned(),
        from_word: colour_word(lang, before.colour),
        to: after.colour.code().to_owned(),
        to_word: colour_word(lang, after.colour),
        until: until(&after, lang),
        certificates: certificates_text(lang, becomes, usable, suspended),
    })
}

/// Until when the colour lasts, in the words that the person will read.
fn until(e: &Evaluation, lang: Lang) -> String {
    let ends = e.causes.first().and_then(|c| c.ends.as_ref()).map(|w| pick(w, lang).to_owned());
    match e.colour {
        Colour::Unknown => e.unknown.as_ref().map(|u| pick(&u.text, lang).to_owned()).unwrap_or_default(),
        Colour::Green => e.valid_until.map(|at| format::until(lang, at, true)).unwrap_or_default(),
        Colour::Yellow | Colour::Red => ends.unwrap_or_default(),
    }
}

fn certificates_text(lang: Lang, becomes: CertificateEffect, usable: i64, suspended: i64) -> String {
    let all = ("count", (usable + suspended).into());
    match becomes {
        CertificateEffect::Suspend => t(lang, "decide-certificates-suspend", &[all]),
        CertificateEffect::Revoke => t(lang, "decide-certificates-revoke", &[all]),
        CertificateEffect::Keep if suspended > 0 => {
            t(lang, "decide-certificates-resume", &[("count", suspended.into())])
        }
        CertificateEffect::Keep => t(lang, "decide-certificates-keep", &[all]),
    }
}
