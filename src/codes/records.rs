//! Findings about a person: test results by doctors, contact and quarantine records by colour officers.
//!
//! What can worsen a code counts only when a second colour officer has confirmed it; nobody confirms what they
//! entered. The kinds are the closed list of the policy: nothing outside the epidemic can be said about anybody.

use super::desk::blind;
use super::entries::EnteredLine;
use super::gather::{RESULTS, RecordDetail, detail_context};
use super::model::RecordRow;
use super::views_desk::RecordFormPage;
use super::{RecordEntry, RecordEntryFresh, entries, state, store, store_entry};
use crate::access::Role;
use crate::accounts::Recusal;
use crate::audit::{self, Entry};
use crate::clock::{china_day, end_of_day, start_of_day};
use crate::colour;
use crate::db::{Id, Tx};
use crate::decision::{Act, Sent};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::DocumentNumber;
use crate::notify::Message;
use crate::policy::RecordKind;
use crate::second;
use crate::web::ctx::Ctx;
use crate::web::document;
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::i18n::{Lang, t};
use crate::web::page::{fail, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::{Answer, respond_with};
use crate::web::text;
use crate::web::view::{Choice, FormView};
use actix_web::http::StatusCode;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};

/// The kinds of test.
pub(super) const TESTS: [&str; 2] = ["nucleic-acid", "antibody"];
/// The means of transport that the policy has words for.
const TRANSPORT: [&str; 3] = ["train", "flight", "coach"];
/// Characters of a source or place.
const TEXT: usize = 200;

/// Whether a finding can worsen a code: every record of an authority, and a positive test.
pub(super) fn worsens(kind: &str, result: Option<&str>) -> bool {
    RecordKind::ALL.iter().any(|k| k.field() == kind) || result == Some("positive")
}

/// Full-width digits and signs folded, without spaces.
pub(super) fn plain(typed: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    typed.nfkc().filter(|c| !c.is_whitespace()).collect()
}

fn kinds_for(role: Role) -> Vec<&'static str> {
    match role {
        Role::Doctor => TESTS.to_vec(),
        _ => RecordKind::ALL.iter().map(|k| k.field()).collect(),
    }
}

pub(super) fn kind_key(kind: &str) -> String {
    format!("record-kind-{}", kind.replace('_', "-"))
}

fn form_data(lang: Lang, role: Role, form: FormView, own: Vec<EnteredLine>) -> RecordFormPage {
    let choices = |codes: &[&str], prefix: &str| -> Vec<Choice> {
        codes.iter().map(|c| Choice::text(lang, c, &format!("{prefix}-{c}"))).collect()
    };
    let kinds = kinds_for(role);
    let results: Vec<&str> = RESULTS.iter().map(|(c, _)| *c).collect();
    RecordFormPage {
        form,
        own,
        doctor: role == Role::Doctor,
        doc_kinds: document::choices(lang),
        kinds: kinds.iter().map(|k| Choice::text(lang, k, &kind_key(k))).collect(),
        results: choices(&results, "record-result"),
        transports: choices(&TRANSPORT, "record-transport"),
    }
}

/// `GET /desk/records/new`.
pub(super) async fn form(
    ctx: Ctx,
    deps: App,
    official: Official<RecordEntry>,
) -> AppResult<Answer<RecordFormPage>> {
    let form = FormView::new().with("doc_kind", "id_card").with_date("at", china_day(ctx.now));
    new_page(&deps, &ctx, &official, form).await
}

/// The form, and below it what the official entered before.
async fn new_page(
    deps: &App,
    ctx: &Ctx,
    official: &OfficialPrincipal,
    form: FormView,
) -> AppResult<Answer<RecordFormPage>> {
    let (parts, by, lang, now) = (deps.clone(), official.clone(), ctx.lang, ctx.now);
    let own = {
        let by = by.clone();
        deps.store.read(move |conn| entries::own(conn, &parts, &by, lang)).await?
    };
    if !own.is_empty() {
        let entry = Entry::new(&by, "records.list", "health-record");
        let entry = entry.detail(json!({"filter": "own", "rows": own.len()}));
        deps.store.write(move |tx| audit::append(tx, now, entry)).await?;
    }
    let status = if form.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = form_data(lang, official.role, form, own);
    respond_with(deps, ctx, status, "codes/record-new.html", &view)
}

/// What the form says, checked.
struct Typed {
    document: DocumentNumber,
    kind: &'static str,
    result: Option<&'static str>,
    at: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
    source: String,
    detail: RecordDetail,
}

/// `POST /desk/records/new`.
pub(super) async fn enter(
    ctx: Ctx,
    deps: App,
    official: Official<RecordEntryFresh>,
    form: Form,
) -> AppResult<Answer<RecordFormPage>> {
    let mut view = form.view();
    let Some(typed) = read(&form, &mut view, ctx.lang, official.role, ctx.now) else {
        return new_page(&deps, &ctx, &official, view).await;
    };
    let (parts, by, now) = (deps.clone(), (*official).clone(), ctx.now);
    let waits = worsens(typed.kind, typed.result);
    let work = move |tx: &mut Tx<'_>| insert(tx, &parts, &by, &typed, now);
    let act = Act::of(&deps, &ctx, &official, "record.enter");
    let entered: AppResult<Id> = act.once(&Sent::form("", &form)?, work).await;
    if let Err(AppError::Invalid(errors)) = &entered {
        fail(&mut view, ctx.lang, errors);
        return new_page(&deps, &ctx, &official, view).await;
    }
    entered?;
    let flash = if waits { "record-waits" } else { "record-entered" };
    Ok(see_other_with(&deps, "/desk/records/new", flash).into())
}

/// Whether a finding says what an earlier one says already: the same of the same day. A test that worsens nothing is
/// another one when another source reports it.
fn repeats(new: &RecordRow, old: &RecordRow) -> bool {
    new.kind == old.kind
        && new.result == old.result
        && china_day(new.at.0) == china_day(old.at.0)
        && (worsens(&new.kind, new.result.as_deref()) || plain(&new.source) == plain(&old.source))
}

/// Writes a finding down, unless nobody in the jurisdiction has this document, or the same counts or waits already.
fn insert(
    tx: &mut Tx<'_>,
    deps: &App,
    by: &OfficialPrincipal,
    typed: &Typed,
    now: DateTime<Utc>,
) -> AppResult<Id> {
    let codes = blind(&deps.keys, &typed.document);
    let found = store::person_by_document(tx.conn(), &codes, &by.pattern())?;
    let person = found.ok_or_else(|| AppError::field("doc_number", "person-not-here"))?;
    Recusal::of(&deps.keys, by)?.not_about(tx.conn(), Some(person.id), None)?;
    let id = Id::new();
    let sealed = serde_json::to_vec(&typed.detail).map_err(AppError::internal)?;
    let row = RecordRow {
        id,
        person_id: person.id,
        kind: typed.kind.to_owned(),
        result: typed.result.map(str::to_owned),
        at: typed.at.into(),
        until: typed.until.map(Into::into),
        source: typed.source.clone(),
        office_id: Some(by.office_id),
        entered_by: Some(by.official_id),
        confirmed_by: None,
        created_at: now.into(),
        // Where the second officer sits who has to confirm it: with whoever entered it.
        division: Some(by.division.clone()),
        detail_sealed: Some(deps.keys.seal(&detail_context(id), &sealed)?),
        confirmed_at: None,
        refused_by: None,
        refused_at: None,
        ended_at: None,
        refusal_sealed: None,
        expired_at: None,
    };
    let day = start_of_day(china_day(typed.at));
    let others = store_entry::of_day(tx, &row, (day, end_of_day(china_day(typed.at))), now)?;
    if others.iter().any(|other| repeats(&row, other)) {
        return Err(AppError::field("at", "finding-twice"));
    }
    store::add_record(tx, &row)?;
    let waits = worsens(typed.kind, typed.result);
    if waits {
        second::propose(tx, &row)?;
    }
    let entry = Entry::new(by, "record.enter", "health-record").object(id).subject(Some(person.id));
    audit::append(tx, now, entry.detail(json!({"kind": typed.kind, "waits": waits})))?;
    if !waits {
        colour::enqueue_evaluation(tx, &deps.keys, person.id, now)?;
        tell(tx, deps, &row, by, now)?;
    }
    Ok(id)
}

/// The person is told what was recorded, by whom, and whom to ask.
pub(super) fn tell(
    tx: &mut Tx<'_>,
    deps: &Deps,
    row: &RecordRow,
    by: &OfficialPrincipal,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let message = Message::new("health-record", params(deps, row, by));
    let message = message.once(format!("health-record:{}", row.id));
    state::tell(tx, deps, row.person_id, &message, now)
}

/// What messages about a finding show.
pub(super) fn params(deps: &Deps, row: &RecordRow, by: &OfficialPrincipal) -> Value {
    json!({
        "kind": kind_key(&row.kind),
        "result": row.result.as_ref().map(|r| format!("record-result-{r}")),
        "at": row.at.0,
        "source": row.source,
        "office": {"zh": by.office, "en": by.office_name(true)},
        "phone": by.office_phone,
        "url": format!("{}/code", deps.config.public_url),
    })
}

fn read(form: &Form, view: &mut FormView, lang: Lang, role: Role, now: DateTime<Utc>) -> Option<Typed> {
    let mut errors = Vec::new();
    let document = document::typed(form, now).map_err(|e| errors.push(e)).ok();
    let kind = kinds_for(role).into_iter().find(|k| *k == form.get("kind"));
    if kind.is_none() {
        errors.push(FieldError::new("kind", "required"));
    }
    let result = RESULTS.iter().map(|(c, _)| *c).find(|c| *c == form.get("result"));
    if role == Role::Doctor && result.is_none() {
        errors.push(FieldError::new("result", "required"));
    }
    let source = text::line("source", form.get("source"), TEXT).map_err(|e| errors.push(e)).ok();
    let place = text::some_line("place", form.get("place"), TEXT).map_err(|e| errors.push(e)).ok().flatten();
    let transport = TRANSPORT.iter().find(|c| **c == form.get("transport")).map(|c| (*c).to_owned());
    fail(view, lang, &errors);
    let at = day(view, lang, "at", true);
    let until = day(view, lang, "until", false);
    let released_on = day(view, lang, "released", false);
    if at.is_some_and(|d| d > china_day(now)) {
        fail(view, lang, &[FieldError::new("at", "date-future")]);
    }
    if view.has_errors() {
        return None;
    }
    Some(Typed {
        document: document?,
        kind: kind?,
        result: result.filter(|_| role == Role::Doctor),
        at: moment(at?, now),
        until: until.map(end_of_day),
        source: source?,
        detail: RecordDetail { place, transport, released_on },
    })
}

/// A day of the form; an error is put at its field.
fn day(view: &mut FormView, lang: Lang, name: &str, required: bool) -> Option<NaiveDate> {
    match view.date(name) {
        Ok(None) if required => {
            fail(view, lang, &[FieldError::new(name, "required")]);
            None
        }
        Ok(day) => day,
        Err(e) => {
            view.fail(name, t(lang, e.key(), &[]));
            None
        }
    }
}

/// The moment by which rules order findings of a day: now for today, noon for an earlier one. People are shown the day.
fn moment(day: NaiveDate, now: DateTime<Utc>) -> DateTime<Utc> {
    if day == china_day(now) { now } else { start_of_day(day) + TimeDelta::hours(12) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_helps_counts_by_one_person() {
        assert!(worsens("close_contact", None) && worsens("nucleic-acid", Some("positive")));
        assert!(!worsens("nucleic-acid", Some("negative")) && !worsens("nucleic-acid", Some("pending")));
        assert!(kinds_for(Role::Doctor).iter().all(|k| TESTS.contains(k)), "a doctor enters tests only");
        assert_eq!(kinds_for(Role::ColourOfficer).len(), RecordKind::ALL.len());
    }

    fn finding(kind: &str, result: Option<&str>, at: &str, source: &str) -> RecordRow {
        RecordRow {
            id: Id::new(),
            person_id: Id::new(),
            kind: kind.into(),
            result: result.map(Into::into),
            at: at.parse::<DateTime<Utc>>().unwrap().into(),
            until: None,
            source: source.into(),
            office_id: None,
            entered_by: None,
            confirmed_by: None,
            created_at: at.parse::<DateTime<Utc>>().unwrap().into(),
            division: None,
            detail_sealed: None,
            confirmed_at: None,
            refused_by: None,
            refused_at: None,
            ended_at: None,
            refusal_sealed: None,
            expired_at: None,
        }
    }

    #[test]
    fn the_same_finding_is_the_same_kind_result_and_day() {
        // Noon of a day, the hour before its midnight in China, and after it.
        let (noon, late, next) = ("2020-03-11T04:00:00Z", "2020-03-11T15:59:00Z", "2020-03-11T16:00:00Z");
        let contact = |at, source| finding("close_contact", None, at, source);
        assert!(repeats(&contact(noon, "流调报告"), &contact(late, "公安通报")), "whoever reports it");
        assert!(!repeats(&contact(noon, "流调报告"), &contact(next, "流调报告")), "another day");
        assert!(!repeats(&contact(noon, "a"), &finding("same_transport", None, noon, "a")), "another kind");
        let test = |result, source| finding("nucleic-acid", Some(result), noon, source);
        assert!(repeats(&test("positive", "县医院"), &test("positive", "市医院")));
        assert!(repeats(&test("negative", "县医院"), &test("negative", "县 医院")));
        assert!(!repeats(&test("negative", "县医院"), &test("negative", "市医院")), "two laboratories");
        assert!(!repeats(&test("negative", "县医院"), &test("positive", "县医院")));
    }

    #[test]
    fn a_day_stands_for_a_moment_of_it() {
        let now = "2020-03-12T02:32:00Z".parse().unwrap();
        assert_eq!(moment("2020-03-12".parse().unwrap(), now), now);
        let before = moment("2020-03-11".parse().unwrap(), now);
        assert_eq!(before.to_rfc3339(), "2020-03-11T04:00:00+00:00");
    }
}
