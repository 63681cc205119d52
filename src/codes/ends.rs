//! A finding that ends before its day: it was wrong, or its ground is gone. One officer enters that with a reason,
//! another confirms it; the person is told, and the code is worked out anew. A reviewer who set a cause aside on an appeal
//! enters it just so, and it is confirmed or refused by an officer who had no part in the finding.

use super::appealed::{Appeals, Waiting};
use super::desk::blind;
use super::finding::{effect, facts};
use super::gather::WhatIf;
use super::model::{EndRow, RecordRow};
use super::second::{Entered, Names, Outcome, TwoPersons, Verdict, fact};
use super::{RecordConfirm, RecordConfirmFresh, appealed, records, records_list, state, store};
use super::{store_decided, store_ends};
use crate::accounts::Recusal;
use crate::audit::{self, Entry};
use crate::colour;
use crate::crypto::{FieldContext, Keyring};
use crate::db::{Conn, Id, Tx};
use crate::decision::{Act, Reading, Sent};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::notify::Message;
use crate::web::ctx::Ctx;
use crate::web::document;
use crate::web::form::Form;
use crate::web::guard::{Looks, Official};
use crate::web::i18n::{Lang, t};
use crate::web::page::{fail, page, page_with, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::view::FormView;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

pub(super) fn reason_context(id: Id) -> FieldContext<'static> {
    FieldContext::new("record_ends", "reason_sealed", id.0)
}

/// An end that waits, with the finding it is about and the appeal that waits for it.
#[derive(Clone)]
pub(super) struct Ending {
    end: EndRow,
    record: RecordRow,
    appeal: Option<Waiting>,
    /// Who asked for an end on that appeal, this one or another.
    asked: Vec<Id>,
}

/// An end that waits, for officials.
pub(super) fn view(
    conn: &mut Conn,
    deps: &Deps,
    by: &OfficialPrincipal,
    end: &EndRow,
    record: &RecordRow,
    (lang, now): (Lang, DateTime<Utc>),
) -> AppResult<Value> {
    let reason = deps.keys.open_str(&reason_context(end.id), &end.reason_sealed)?;
    let waits = Ending::of(conn, deps, end.clone(), record.clone())?;
    let appeal = waits.appeal.as_ref().map(|appeal| appealed::words(appeal, lang, now));
    Ok(json!({
        "id": end.id,
        "record": records_list::row_view(conn, deps, by, record, lang)?,
        "reason": appeal.into_iter().chain([reason.to_string()]).collect::<Vec<_>>().join(" "),
        "created": end.created_at,
        "own": end.entered_by == by.official_id,
        "had_a_part": waits.had_a_part(by.official_id),
    }))
}

/// `POST /desk/records/find`: the findings of a person that count. The number stands in no address.
pub async fn find(
    req: HttpRequest,
    deps: App,
    official: Official<Looks<RecordConfirm>>,
    form: Form,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let mut view = form.view();
    let document = match document::typed(&form, ctx.now) {
        Ok(document) => document,
        Err(e) => {
            fail(&mut view, ctx.lang, &[e]);
            return found(&deps, &ctx, StatusCode::UNPROCESSABLE_ENTITY, &view, &[]);
        }
    };
    let (parts, by, lang, now) = (deps.clone(), (*official).clone(), ctx.lang, ctx.now);
    let codes = blind(&deps.keys, &document);
    // Read and unsealed by whoever serves the page, not by the one writer; only the entry is written.
    let (rows, entry) = deps
        .store
        .read(move |conn| {
            // Whoever entered the finding may end it, wherever the person lives.
            let person = store::person_by_document(conn, &codes, "%")?.map(|p| p.id);
            let rows = match person {
                Some(person) => store_ends::of_person(conn, person, &by.pattern())?,
                None => Vec::new(),
            };
            let subject = person.filter(|_| !rows.is_empty());
            let entry = Entry::new(&by, "record.find", "health-record").subject(subject);
            let entry = entry.detail(json!({"rows": rows.len()}));
            Ok((views(conn, &parts, &by, &rows, lang)?, entry))
        })
        .await?;
    deps.store.write(move |tx| audit::append(tx, now, entry)).await?;
    if rows.is_empty() {
        fail(&mut view, ctx.lang, &[FieldError::new("doc_number", "no-finding-here")]);
        return found(&deps, &ctx, StatusCode::NOT_FOUND, &view, &[]);
    }
    found(&deps, &ctx, StatusCode::OK, &view, &rows)
}

fn views(
    conn: &mut Conn,
    deps: &App,
    by: &OfficialPrincipal,
    rows: &[RecordRow],
    lang: Lang,
) -> AppResult<Vec<Value>> {
    let ids: Vec<Id> = rows.iter().map(|r| r.id).collect();
    let waiting = store_ends::waiting(conn, &ids)?;
    rows.iter()
        .map(|row| {
            let shown = records_list::row_view(conn, deps, by, row, lang)?;
            Ok(json!({"record": shown, "waits": waiting.contains(&row.id)}))
        })
        .collect()
}

fn found(
    deps: &App,
    ctx: &Ctx,
    status: StatusCode,
    form: &FormView,
    rows: &[Value],
) -> AppResult<HttpResponse> {
    let data = json!({"form": form, "doc_kinds": document::choices(ctx.lang), "rows": rows});
    page_with(deps, ctx, status, "codes/records-found.html", &data)
}

/// `GET /desk/records/{id}/end`: the form that asks why.
pub async fn form(
    req: HttpRequest,
    deps: App,
    official: Official<RecordConfirm>,
    id: web::Path<Id>,
) -> AppResult<HttpResponse> {
    let ctx = Ctx::of(&req)?;
    let data = one(&deps, &ctx, &official, *id, &FormView::new()).await?;
    page(&deps, &ctx, "codes/record-end.html", &data)
}

async fn one(
    deps: &App,
    ctx: &Ctx,
    official: &OfficialPrincipal,
    id: Id,
    form: &FormView,
) -> AppResult<Value> {
    let (parts, by, lang, now) = (deps.clone(), official.clone(), ctx.lang, ctx.now);
    let (shown, entry) = deps
        .store
        .read(move |conn| {
            let row = store_ends::record(conn, id, &by.pattern())?;
            let entry = Entry::new(&by, "record.view", "health-record").object(id);
            let entry = entry.subject(Some(row.person_id));
            Ok((views(conn, &parts, &by, &[row], lang)?.pop(), entry))
        })
        .await?;
    deps.store.write(move |tx| audit::append(tx, now, entry)).await?;
    Ok(json!({"row": shown, "form": form}))
}

/// `POST /desk/records/{id}/end`: enters the end, which waits for a second officer.
pub async fn enter(
    req: HttpRequest,
    deps: App,
    official: Official<RecordConfirmFresh>,
    id: web::Path<Id>,
    form: Form,
) -> AppResult<HttpResponse> {
    let (ctx, id) = (Ctx::of(&req)?, *id);
    let mut reading = Reading::of(&form);
    let reason = reading.needed("reason");
    let reason = match reading.done(reason) {
        Ok(reason) => reason,
        Err(errors) => {
            let mut view = form.view();
            fail(&mut view, ctx.lang, &errors);
            let data = one(&deps, &ctx, &official, id, &view).await?;
            return page_with(&deps, &ctx, StatusCode::UNPROCESSABLE_ENTITY, "codes/record-end.html", &data);
        }
    };
    let (keys, by, now) = (deps.keys.clone(), (*official).clone(), ctx.now);
    let sent = Sent::form(&id.to_string(), &form)?;
    let work = move |tx: &mut Tx<'_>| insert(tx, &keys, &by, id, &reason, now);
    Act::of(&deps, &ctx, &official, "record.end-enter").once(&sent, work).await?;
    Ok(see_other_with(&deps, "/desk/records", "record-end-waits"))
}

fn insert(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    by: &OfficialPrincipal,
    record: Id,
    reason: &str,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let row = store_ends::record(tx.conn(), record, &by.pattern())?;
    Recusal::of(keys, by)?.not_about(tx.conn(), Some(row.person_id), None)?;
    if add(tx, keys, by, &row, (reason, None), now)? { Ok(()) } else { Err(waits_already()) }
}

pub(super) fn waits_already() -> AppError {
    AppError::conflict("record-end-waits")
}

/// Enters an end; false when one waits already.
pub(super) fn add(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    by: &OfficialPrincipal,
    record: &RecordRow,
    (reason, appeal): (&str, Option<Id>),
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let id = Id::new();
    let end = EndRow {
        id,
        record_id: record.id,
        reason_sealed: keys.seal(&reason_context(id), reason.as_bytes())?,
        state: "open".to_owned(),
        entered_by: by.official_id,
        created_at: now.into(),
        decided_by: None,
        decided_at: None,
        refusal_sealed: None,
        office_id: Some(by.office_id),
        appeal_id: appeal,
    };
    if !store_ends::add(tx, &end)? {
        return Ok(false);
    }
    let entry = Entry::new(by, "record.end-enter", "health-record").object(record.id);
    audit::append(tx, now, entry.subject(Some(record.person_id)).detail(json!({"kind": record.kind})))?;
    Ok(true)
}

impl Ending {
    fn of(conn: &mut Conn, deps: &Deps, end: EndRow, record: RecordRow) -> AppResult<Self> {
        let appeal = appealed::of(conn, deps, &end)?;
        let asked = end.appeal_id.map_or(Ok(Vec::new()), |id| appealed::asked_by(conn, id))?;
        Ok(Self { end, record, appeal, asked })
    }

    /// Tells the appeal that waits for this end what has become of it.
    fn answer(
        &self,
        tx: &mut Tx<'_>,
        deps: &Deps,
        by: &OfficialPrincipal,
        now: DateTime<Utc>,
    ) -> AppResult<()> {
        let Some(appeal) = self.end.appeal_id else { return Ok(()) };
        appealed::settle(tx, deps, Some(by), appeal, now)
    }
}

impl TwoPersons for Ending {
    const NAMES: Names = Names {
        object: "record-end",
        view: "record.view",
        confirm: ("record.end-confirm", "record-ended"),
        refuse: ("record.end-refuse", "record-end-refused"),
        list: "/desk/records",
        page: "/desk/record-ends/{id}/decide",
        texts: ["decide-end", "decide-end-yes", "decide-end-no"],
    };

    fn open(conn: &mut Conn, deps: &Deps, id: Id, by: &OfficialPrincipal) -> AppResult<Option<Self>> {
        let Some((end, record)) = store_ends::open_one(conn, id, &by.pattern())? else { return Ok(None) };
        Self::of(conn, deps, end, record).map(Some)
    }

    fn decided(conn: &mut Conn, id: Id, by: &OfficialPrincipal) -> AppResult<Option<Outcome>> {
        store_decided::end(conn, id, &by.pattern())
    }

    fn entered(&self) -> Entered {
        let EndRow { entered_by, office_id, created_at, .. } = self.end;
        Entered { by: Some(entered_by), office: office_id, at: created_at.0 }
    }

    fn subject(&self) -> Option<Id> {
        Some(self.record.person_id)
    }

    fn detail(&self) -> Value {
        json!({"kind": self.record.kind})
    }

    fn decide(
        &self,
        tx: &mut Tx<'_>,
        deps: &Deps,
        by: Id,
        verdict: &Verdict,
        now: DateTime<Utc>,
    ) -> AppResult<bool> {
        // Before the end: whoever decides another end of this appeal at the same moment would find this one open.
        if let Some(appeal) = self.end.appeal_id {
            (Appeals::of(deps)?.hold)(tx, appeal)?;
        }
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
        self.answer(tx, deps, by, now)
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
        self.answer(tx, deps, by, now)
    }

    async fn shown(&self, deps: &App, ctx: &Ctx) -> AppResult<Value> {
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
                let mut shown = json!({"facts": facts, "effect": effect});
                if let (Some(_), Some(shown)) = (&appeal, shown.as_object_mut()) {
                    shown.insert("reason_hint".into(), t(lang, "decide-reason-hint-appeal", &[]).into());
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
