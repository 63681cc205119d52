//! An end of a finding that waits for a second officer, and what it brings about.

use super::appealed::{self, Appeals, Waiting};
use super::ends::reason_context;
use super::finding::{self, effect, facts};
use super::gather::WhatIf;
use super::model::{EndRow, RecordRow};
use super::{RecordConfirm, RecordConfirmFresh, records, state, store, store_decided, store_ends};
use crate::colour;
use crate::crypto::FieldContext;
use crate::db::{Conn, Id, Tx};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::notify::Message;
use crate::second::{Entered, Names, Outcome, Shown, TwoPersons, Verdict, fact};
use crate::slice::SecondWords;
use crate::web::ctx::Ctx;
use crate::web::i18n::{Lang, t};
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// An end that waits, with the finding it is about and the appeal that waits for it.
#[derive(Clone)]
pub(super) struct Ending {
    end: EndRow,
    record: RecordRow,
    pub(super) appeal: Option<Waiting>,
    /// Who asked for an end on that appeal, this one or another.
    asked: Vec<Id>,
}

impl Ending {
    /// With the appeal that waits for it, if one does.
    pub fn of(conn: &mut Conn, deps: &Deps, end: EndRow, record: RecordRow) -> AppResult<Self> {
        let appeal = appealed::of(conn, deps, &end)?;
        let asked = end.appeal_id.map_or(Ok(Vec::new()), |id| appealed::asked_by(conn, id))?;
        Ok(Self { end, record, appeal, asked })
    }

    /// Tells the appeal that waits for this end what has become of it; without an official its time has run out.
    fn answer(
        &self,
        tx: &mut Tx<'_>,
        deps: &Deps,
        by: Option<&OfficialPrincipal>,
        now: DateTime<Utc>,
    ) -> AppResult<()> {
        let Some(appeal) = self.end.appeal_id else { return Ok(()) };
        appealed::settle(tx, deps, by, appeal, now)
    }

    /// Before the end: whoever decides another end of its appeal at the same moment would find this one open.
    fn hold_appeal(&self, tx: &mut Tx<'_>, deps: &Deps) -> AppResult<()> {
        self.end.appeal_id.map_or(Ok(()), |appeal| (Appeals::of(deps)?.hold)(tx, appeal))
    }
}

impl TwoPersons for Ending {
    type Looks = RecordConfirm;
    type Decides = RecordConfirmFresh;

    const NAMES: Names = Names {
        kind: "record-end",
        title: "second-kind-record-end",
        object: "record-end",
        view: "record.view",
        confirm: ("record.end-confirm", "record-ended"),
        refuse: ("record.end-refuse", "record-end-refused"),
        expire: "record.end-expire",
        list: "/desk/records",
        page: "/desk/record-ends/{id}/decide",
        texts: ["decide-end", "decide-end-yes", "decide-end-no"],
    };

    const DAYS: i64 = finding::DAYS;

    fn open(conn: &mut Conn, deps: &Deps, id: Id, within: &str) -> AppResult<Option<Self>> {
        let Some((end, record)) = store_ends::open_one(conn, id, within)? else { return Ok(None) };
        Self::of(conn, deps, end, record).map(Some)
    }

    fn decided(conn: &mut Conn, id: Id, within: &str) -> AppResult<Option<Outcome>> {
        store_decided::end(conn, id, within)
    }

    fn id(&self) -> Id {
        self.end.id
    }

    fn entered(&self) -> Entered {
        let EndRow { entered_by, office_id, created_at, .. } = self.end;
        Entered { by: Some(entered_by), office: office_id, at: created_at.0 }
    }

    fn division(&self) -> &str {
        self.record.division.as_deref().unwrap_or_default()
    }

    fn subject(&self) -> Option<Id> {
        Some(self.record.person_id)
    }

    fn holder(&self) -> Id {
        self.record.id
    }

    fn detail(&self) -> Value {
        json!({"kind": self.record.kind})
    }

    fn words(detail: &Value, lang: Lang) -> SecondWords {
        let kind = finding::kind_word(detail, lang);
        SecondWords { what: t(lang, "entries-end-of", &[("kind", kind.into())]), ..SecondWords::default() }
    }

    fn decide(
        &self,
        tx: &mut Tx<'_>,
        deps: &Deps,
        by: Id,
        verdict: &Verdict,
        now: DateTime<Utc>,
    ) -> AppResult<bool> {
        self.hold_appeal(tx, deps)?;
        store_ends::decide(tx, &self.end, by, verdict, now)
    }

    fn take_effect(
        &self,
        tx: &mut Tx<'_>,
        deps: &Deps,
        by: &OfficialPrincipal,
        now: DateTime<Utc>,
    ) -> AppResult<()> {
        let reason = deps.keys.open_str(&reason_context(self.end.id), &self.end.reason_sealed)?;
        end(tx, deps, by, &self.record, &reason, now)?;
        self.answer(tx, deps, Some(by), now)
    }

    /// What a reviewer set aside is looked at by somebody who had no part in it: not the reviewer, nor who asked for this
    /// end or another of this appeal, nor who entered or confirmed the finding.
    fn had_a_part(&self, by: Id) -> bool {
        let RecordRow { entered_by, confirmed_by, .. } = self.record;
        self.end.appeal_id.is_some()
            && (self.asked.contains(&by)
                || [entered_by, confirmed_by, self.appeal.as_ref().and_then(|a| a.reviewer)]
                    .contains(&Some(by)))
    }

    fn refusal_told(&self) -> &'static str {
        if self.appeal.is_some() { "record-end-disputed" } else { Self::NAMES.refuse.1 }
    }

    fn refused(
        &self,
        tx: &mut Tx<'_>,
        deps: &Deps,
        by: &OfficialPrincipal,
        now: DateTime<Utc>,
    ) -> AppResult<()> {
        self.answer(tx, deps, Some(by), now)
    }

    fn expire(&self, tx: &mut Tx<'_>, deps: &Deps, now: DateTime<Utc>) -> AppResult<bool> {
        self.hold_appeal(tx, deps)?;
        store_ends::expire(tx, &self.end, now)
    }

    fn expired(&self, tx: &mut Tx<'_>, deps: &Deps, now: DateTime<Utc>) -> AppResult<()> {
        self.answer(tx, deps, None, now)
    }

    fn hold(tx: &mut Tx<'_>, person: Id) -> AppResult<()> {
        store::hold_state(tx, person)
    }

    fn follow(tx: &mut Tx<'_>, deps: &Deps, person: Id, now: DateTime<Utc>) -> AppResult<()> {
        state::evaluate_person(tx, deps, person, now).map(drop)
    }

    async fn shown(&self, deps: &App, ctx: &Ctx) -> AppResult<Shown> {
        let (parts, Self { end, record, appeal, .. }, lang, now) =
            (deps.clone(), self.clone(), ctx.lang, ctx.now);
        deps.store
            .read(move |conn| {
                let mut facts = facts(conn, &parts, &record, lang)?;
                let reason = parts.keys.open_str(&reason_context(end.id), &end.reason_sealed)?;
                facts.push(fact(lang, "record-end-reason", reason.as_str()));
                if let Some(appeal) = &appeal {
                    facts.push(fact(lang, "end-appeal", appealed::words(appeal, lang, now)));
                }
                let what = WhatIf { without: &[record.id], ..WhatIf::default() };
                let effect = effect(conn, &parts, record.person_id, &what, lang, now)?;
                let mut shown = Shown::of(facts, effect);
                if appeal.is_some() {
                    shown.reason_hint = "decide-reason-hint-appeal";
                }
                Ok(shown)
            })
            .await
    }

    fn refusal(id: Id) -> FieldContext<'static> {
        FieldContext::new("record_ends", "refusal_sealed", id.0)
    }
}

/// Ends a finding, tells the person why, and asks for a new evaluation. The caller has made sure that it may end: two
/// agreed, an officer or reviewer with an officer (`take_effect` above), or two reviewers on an appeal.
pub(super) fn end(
    tx: &mut Tx<'_>,
    deps: &Deps,
    by: &OfficialPrincipal,
    record: &RecordRow,
    reason: &str,
    now: DateTime<Utc>,
) -> AppResult<()> {
    if !store_ends::end(tx, record.id, now)? {
        return Err(AppError::conflict("changed-meanwhile"));
    }
    colour::enqueue_evaluation(tx, &deps.keys, record.person_id, now)?;
    let mut params = records::params(deps, record, by);
    if let Value::Object(map) = &mut params {
        map.insert("reason".to_owned(), reason.into());
    }
    let message = Message::new("health-record-ended", params);
    state::tell(tx, deps, record.person_id, &message.once(format!("health-record-ended:{}", record.id)), now)
}
