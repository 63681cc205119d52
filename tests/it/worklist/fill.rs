//! Many rows of a list: one is made as people make it, the others are written like it.

use super::{HERE, List};
use super::{agents, applications};
use crate::codes::appeals::{CONTACT, appeal};
use crate::codes::{declared_resident, ends};
use crate::declarations::{declare, issue};
use crate::harness::App;
use diesel::prelude::*;
use fugong::accounts::{Claim, ClaimPerson, claim_person};
use fugong::audit::Actor;
use fugong::crypto::FieldContext;
use fugong::db::schema::{certificates as ce, code_appeals as ap, declarations as de, identity_claims as ic};
use fugong::db::{Id, Js, Ts, Tx};
use fugong::identity::{DivisionCode, DocumentKind, DocumentNumber, PersonName};
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Makes so many rows in a county; gives their numbers in the order in which they came.
pub async fn fill(app: &App, list: &List, many: usize, division: &str) -> Vec<String> {
    match list.path {
        "/desk/appeals" => appeals(app, many, division, "submitted").await,
        "/desk/declarations" => declarations(app, list.document, many, division, "submitted").await,
        "/desk/certificates" => certificates(app, list.document, many, division).await,
        "/desk/applications" => applications::accepted(app, many, division).await,
        "/desk/claims" => claims(app, list.document, many, division).await,
        "/desk/agents" => agents::waiting(app, many, division).await,
        other => panic!("nobody fills {other}"),
    }
}

/// A number that no other row of this process has.
pub fn number(begin: &str) -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("{begin}200312-{:08}", NEXT.fetch_add(1, Ordering::Relaxed))
}

type Appeal = (Id, Id, Id, String, Vec<u8>, Js, Option<Ts>, Ts);

/// The appeal that is made by hand: of Wang Xiaoming, against the finding of a contact.
pub async fn one_appeal(app: &App) -> String {
    let (mut b, _) = declared_resident(app, "13800000001").await;
    ends::red(app).await;
    appeal(&mut b, CONTACT).await
}

/// Appeals in a state, written like the one there is; the first call makes that.
pub async fn appeals(app: &App, many: usize, division: &str, state: &'static str) -> Vec<String> {
    let found = app.deps.store.read(|c| Ok(ap::table.count().get_result::<i64>(c)?));
    let mut made = Vec::new();
    if found.await.unwrap() == 0 {
        let number = one_appeal(app).await;
        if (division, state) == (HERE, "submitted") {
            made.push(number);
        }
    }
    let division = division.to_owned();
    while made.len() < many {
        let (step, division, keys) = ((many - made.len()).min(400), division.clone(), app.deps.keys.clone());
        let written = app.deps.store.write(move |tx| {
            let model = model(tx)?;
            let sealed = FieldContext::new("code_appeals", "statement_sealed", model.0.0);
            let statement: Value = keys.open_json(&sealed, &model.4)?;
            let mut numbers = Vec::new();
            for _ in 0..step {
                let (id, number) = (Id::new(), number("SS"));
                let sealed = FieldContext::new("code_appeals", "statement_sealed", id.0);
                copy(tx, &model, (id, &number, &division, state), keys.seal_json(&sealed, &statement)?)?;
                numbers.push(number);
            }
            Ok(numbers)
        });
        made.extend(written.await.unwrap());
    }
    made
}

fn model(tx: &mut Tx<'_>) -> fugong::error::AppResult<Appeal> {
    Ok(ap::table
        .order(ap::id)
        .select((
            ap::id,
            ap::account_id,
            ap::person_id,
            ap::rule,
            ap::statement_sealed,
            ap::clock,
            ap::due_at,
            ap::created_at,
        ))
        .first(tx.conn())?)
}

fn copy(
    tx: &mut Tx<'_>,
    of: &Appeal,
    (id, number, division, state): (Id, &str, &str, &str),
    statement: Vec<u8>,
) -> fugong::error::AppResult<()> {
    let values = (
        ap::id.eq(id),
        ap::number.eq(number),
        ap::account_id.eq(of.1),
        ap::person_id.eq(of.2),
        ap::division.eq(division),
        ap::rule.eq(&of.3),
        ap::state.eq(state),
        ap::version.eq(1),
        ap::statement_sealed.eq(statement),
        ap::clock.eq(&of.5),
        ap::due_at.eq(of.6),
        ap::created_at.eq(of.7),
    );
    diesel::insert_into(ap::table).values(values).execute(tx.conn())?;
    Ok(())
}

type Declaration = (Id, Option<Id>, Option<Id>, Vec<u8>, String, Option<Ts>, Ts, Ts, String);

/// Declarations in a state, written like the one there is; the first call makes that, of Wang Xiaoming. Each is sent a
/// second after the one before.
pub async fn declarations(
    app: &App,
    document: &str,
    many: usize,
    division: &str,
    state: &'static str,
) -> Vec<String> {
    let found = app.deps.store.read(|c| Ok(de::table.count().get_result::<i64>(c)?));
    let mut made = Vec::new();
    if found.await.unwrap() == 0 {
        let mut b = app.resident("13800000002").await;
        let number = declare(&mut b, "王小明", document).await;
        app.drain().await;
        if (division, state) == (HERE, "submitted") {
            made.push(number);
        }
    }
    let division = division.to_owned();
    let written = app.deps.store.write({
        let (keys, left) = (app.deps.keys.clone(), many.saturating_sub(made.len()));
        move |tx| {
            let (model, last) = declaration(tx)?;
            let sealed = FieldContext::new("declarations", "answers_sealed", model.0.0);
            let answers: Value = keys.open_json(&sealed, &model.3)?;
            let mut numbers = Vec::new();
            for n in 1..=left {
                let (id, number) = (Id::new(), number("SB"));
                let at = Ts(last.0 + chrono::Duration::seconds(i64::try_from(n).unwrap()));
                let sealed = FieldContext::new("declarations", "answers_sealed", id.0);
                let values = (
                    de::id.eq(id),
                    de::number.eq(&number),
                    de::account_id.eq(model.1),
                    de::person_id.eq(model.2),
                    de::state.eq(state),
                    de::version.eq(2),
                    de::answers_sealed.eq(keys.seal_json(&sealed, &answers)?),
                    de::step.eq(&model.4),
                    de::division.eq(&division),
                    de::concern.eq(false),
                    de::created_at.eq(model.6),
                    de::updated_at.eq(model.7),
                    de::submitted_at.eq(Some(at)),
                    de::consent_text.eq(&model.8),
                );
                diesel::insert_into(de::table).values(values).execute(tx.conn())?;
                numbers.push(number);
            }
            Ok(numbers)
        }
    });
    made.extend(written.await.unwrap());
    made
}

/// The first declaration, and when the last one was sent.
fn declaration(tx: &mut Tx<'_>) -> fugong::error::AppResult<(Declaration, Ts)> {
    let model: Declaration = de::table
        .order(de::id)
        .select((
            de::id,
            de::account_id,
            de::person_id,
            de::answers_sealed,
            de::step,
            de::submitted_at,
            de::created_at,
            de::updated_at,
            de::consent_text,
        ))
        .first(tx.conn())?;
    let last: Option<Ts> =
        de::table.order(de::submitted_at.desc()).select(de::submitted_at).first(tx.conn())?;
    Ok((model, last.unwrap()))
}

/// Certificates that count, each of a declaration of its own and issued a second after the one before, of Wang Xiaoming.
pub async fn certificates(app: &App, document: &str, many: usize, division: &str) -> Vec<String> {
    let found = app.deps.store.read(|c| Ok(ce::table.count().get_result::<i64>(c)?));
    let mut made = Vec::new();
    if found.await.unwrap() == 0 {
        let mut b = app.resident("13800000003").await;
        let number = declare(&mut b, "王小明", document).await;
        app.drain().await;
        issue(app, &number).await;
        let number =
            app.deps.store.read(|c| Ok(ce::table.select(ce::number).first::<String>(c)?)).await.unwrap();
        if division == HERE {
            made.push(number);
        }
    }
    let left = many.saturating_sub(made.len());
    let of = declarations(app, document, left, division, "certificate-issued").await;
    let division = division.to_owned();
    let written = app.deps.store.write(move |tx| {
        let last: Ts = ce::table.order(ce::issued_at.desc()).select(ce::issued_at).first(tx.conn())?;
        let mut numbers = Vec::new();
        for (n, declaration) in (1..).zip(of) {
            let at = Ts(last.0 + chrono::Duration::seconds(n));
            let (declaration, number) = (declaration.clone(), number("FG"));
            certificate(tx, &declaration, (&number, &division, at, n))?;
            numbers.push(number);
        }
        Ok(numbers)
    });
    made.extend(written.await.unwrap());
    made
}

type Certificate = (Id, Option<Id>, String, i32, Vec<u8>, Vec<u8>, i64, Id, Id, Ts);

/// A certificate like the first one, of another declaration.
fn certificate(
    tx: &mut Tx<'_>,
    declaration: &str,
    (number, division, at, n): (&str, &str, Ts, i64),
) -> fugong::error::AppResult<()> {
    let of: Id = de::table.filter(de::number.eq(declaration)).select(de::id).first(tx.conn())?;
    let model: Certificate = ce::table
        .order(ce::id)
        .select((
            ce::person_id,
            ce::account_id,
            ce::conclusion,
            ce::temperature_tenths,
            ce::token_sealed,
            ce::kid,
            ce::status_list,
            ce::office_id,
            ce::official_id,
            ce::expires_at,
        ))
        .first(tx.conn())?;
    let values = (
        ce::id.eq(Id::new()),
        ce::number.eq(number),
        ce::declaration_id.eq(of),
        ce::person_id.eq(model.0),
        ce::account_id.eq(model.1),
        ce::state.eq("valid"),
        ce::version.eq(1),
        ce::division.eq(division),
        ce::conclusion.eq(model.2),
        ce::temperature_tenths.eq(model.3),
        ce::token_sealed.eq(model.4),
        ce::kid.eq(model.5),
        ce::status_list.eq(model.6),
        ce::status_index.eq(i32::try_from(100_000 + n).unwrap()),
        ce::office_id.eq(model.7),
        ce::official_id.eq(model.8),
        ce::issued_at.eq(at),
        ce::expires_at.eq(model.9),
    );
    diesel::insert_into(ce::table).values(values).execute(tx.conn())?;
    Ok(())
}

/// Claims that wait at the counter, each made a second after the one before, of Wang Xiaoming.
pub async fn claims(app: &App, document: &str, many: usize, division: &str) -> Vec<String> {
    let found = app.deps.store.read(|c| Ok(ic::table.count().get_result::<i64>(c)?));
    let mut made = Vec::new();
    if found.await.unwrap() == 0 {
        let number = one_claim(app, document).await;
        if division == HERE {
            made.push(number);
        }
    }
    let (division, keys) = (division.to_owned(), app.deps.keys.clone());
    let left = many.saturating_sub(made.len());
    let written = app.deps.store.write(move |tx| {
        let (model, last) = claimed(tx)?;
        let sealed = |column, id: Id| FieldContext::new("identity_claims", column, id.0);
        let name = keys.open_str(&sealed("name_sealed", model.0), &model.3)?;
        let document = keys.open_str(&sealed("doc_sealed", model.0), &model.4)?;
        let mut numbers = Vec::new();
        for n in 1..=left {
            let (id, number) = (Id::new(), number("RL"));
            let at = Ts(last.0 + chrono::Duration::seconds(i64::try_from(n).unwrap()));
            let values = (
                ic::id.eq(id),
                ic::number.eq(&number),
                ic::account_id.eq(model.1),
                ic::person_id.eq(model.2),
                ic::name_sealed.eq(keys.seal_str(&sealed("name_sealed", id), &name)?),
                ic::doc_sealed.eq(keys.seal_str(&sealed("doc_sealed", id), &document)?),
                ic::division.eq(&division),
                ic::state.eq("open"),
                ic::created_at.eq(at),
                ic::version.eq(1),
            );
            diesel::insert_into(ic::table).values(values).execute(tx.conn())?;
            numbers.push(number);
        }
        Ok(numbers)
    });
    made.extend(written.await.unwrap());
    made
}

/// A second telephone names the document of somebody.
async fn one_claim(app: &App, document: &str) -> String {
    let mut counter = None;
    for phone in ["13800000004", "13800000005"] {
        let (_, account) = app.resident_with(phone).await;
        let stated = ClaimPerson {
            by: Actor::Resident(account),
            account: Some(account),
            document: DocumentNumber::parse_stored(DocumentKind::IdCard, document).unwrap(),
            name: PersonName::parse("王小明").unwrap(),
            sex: None,
            division: DivisionCode::parse(HERE).unwrap(),
            phone: None,
        };
        let (keys, now) = (app.deps.keys.clone(), app.clock.now());
        let claimed = app.deps.store.write(move |tx| claim_person(tx, &keys, &stated, now)).await.unwrap();
        if let Claim::Counter { number } = claimed {
            counter = Some(number);
        }
    }
    counter.expect("the second telephone goes to the counter")
}

type Claimed = (Id, Id, Id, Vec<u8>, Vec<u8>);

/// The first claim, and when the last one was made.
fn claimed(tx: &mut Tx<'_>) -> fugong::error::AppResult<(Claimed, Ts)> {
    let model = ic::table
        .order(ic::created_at)
        .select((ic::id, ic::account_id, ic::person_id, ic::name_sealed, ic::doc_sealed))
        .first(tx.conn())?;
    let last = ic::table.order(ic::created_at.desc()).select(ic::created_at).first(tx.conn())?;
    Ok((model, last))
}
