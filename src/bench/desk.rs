//! An official's work: the list of waiting declarations, and a decision on each.

use super::Bench;
use super::figure::{Figure, Target};
use super::load::{self, Load, request};
use super::portal::Portal;
use super::writes::{Path, SAMPLE, beside_probe};
use crate::access::Role;
use crate::audit::Actor;
use crate::crypto::password;
use crate::db::Id;
use crate::db::schema::declarations;
use crate::error::AppError;
use crate::identity::{DivisionCode, DocumentNumber, sample};
use crate::officials::{NewAssignment, NewOffice, NewOfficial, OfficeKind, add_office, add_official, assign};
use crate::web::session::{self, SessionKind};
use diesel::prelude::*;
use std::sync::Arc;

/// The list at the desk of a village worker, then the check of each declaration in it.
pub async fn work(bench: &mut Bench) -> Result<(), String> {
    let token = village_worker(&bench.portal, 0).await?;
    let waiting = waiting(&bench.portal).await?;
    list(bench, &token, waiting.len()).await?;
    let (asked, waiting) = (token, Arc::new(waiting));
    let requests = move |n: u64| {
        let (number, version) = waiting.get(usize::try_from(n).ok()?)?;
        Some(check(&asked, n, number, *version))
    };
    let path = Path {
        name: "approve: a declaration is checked (durable)",
        address: bench.portal.address,
        counted: "case_events",
        expect: &[303],
        requests: Arc::new(requests),
        target: Some(|_| Target::Ratio(0.50)),
    };
    beside_probe(bench, path, SAMPLE).await?;
    Ok(())
}

pub(super) fn headers(token: &str, n: u64) -> Vec<String> {
    let [.., a, b, c] = n.to_be_bytes();
    vec![
        format!("authorization: Bearer {token}"),
        format!("x-forwarded-for: 10.{a}.{b}.{c}"),
        "accept: text/html".into(),
    ]
}

async fn list(bench: &mut Bench, token: &str, waiting: usize) -> Result<(), String> {
    let token = token.to_owned();
    let requests = move |n: u64| Some(request("GET", "/desk/declarations", &headers(&token, n), None));
    let load = Load { connections: 1, ..bench.load(bench.portal.address, requests) };
    let measured = load::run(load).await?;
    bench.report.add(
        Figure {
            p50_ms: Some(measured.percentile(50)),
            p99_ms: Some(measured.percentile(99)),
            cpu_ms: Some(measured.cpu_ms()),
            ..Figure::new("a page of the worklist, one official", measured.percentile(50), "ms")
        }
        .note(format!("{waiting} declarations wait in this jurisdiction; each look leaves an audit entry")),
    );
    Ok(())
}

fn check(token: &str, n: u64, number: &str, version: i64) -> Vec<u8> {
    let path = format!("/desk/declarations/{number}");
    form(&path, &headers(token, n), &format!("action=check&version={version}"))
}

/// A form that is sent.
pub(super) fn form(path: &str, headers: &[String], body: &str) -> Vec<u8> {
    let mut head = format!("POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n");
    for line in headers {
        head.push_str(line);
        head.push_str("\r\n");
    }
    head.push_str("content-type: application/x-www-form-urlencoded\r\n");
    head.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    head.into_bytes()
}

/// Numbers and versions of what waits. The rows of the probe wait too, under numbers that no program gave them.
async fn waiting(portal: &Portal) -> Result<Vec<(String, i64)>, String> {
    let found = portal.deps.store.read(|conn| {
        // Nor the one declaration whose rows the probe has repeated: its person has thousands, which nobody has.
        let probes = declarations::table
            .filter(declarations::number.not_like("SB%"))
            .filter(declarations::person_id.is_not_null())
            .select(declarations::person_id)
            .distinct()
            .load::<Option<Id>>(conn)?;
        let found = declarations::table
            .filter(declarations::state.eq("submitted"))
            .filter(declarations::number.like("SB%"))
            .select((declarations::person_id, (declarations::number, declarations::version)))
            .load::<(Option<Id>, (String, i64))>(conn)?;
        Ok(found.into_iter().filter(|(person, _)| !probes.contains(person)).map(|(_, waits)| waits).collect())
    });
    found.await.map_err(|e| e.to_string())
}

/// Signs the nth village worker in, of an office of its own.
pub(super) async fn village_worker(portal: &Portal, n: u64) -> Result<String, String> {
    let post = Post { n, role: Role::VillageWorker, kind: OfficeKind::County, division: "511621" };
    Ok(official(portal, post).await?.0)
}

/// What the nth official is, and where.
pub(super) struct Post {
    pub n: u64,
    pub role: Role,
    pub kind: OfficeKind,
    pub division: &'static str,
}

/// Signs an official in, of an office of their own: the token of the session, the official and the office.
pub(super) async fn official(portal: &Portal, post: Post) -> Result<(String, Id, Id), String> {
    let (keys, now) = (portal.deps.keys.clone(), portal.clock.now());
    let password_hash = password::hash("北风 卷地 白草 折").map_err(|e| e.to_string())?;
    let Post { n, role, kind, division } = post;
    let made = portal.deps.store.write(move |tx| {
        let division = DivisionCode::parse(division).map_err(AppError::internal)?;
        let office = NewOffice {
            name: "测试单位".into(),
            name_en: "Office of the bench".into(),
            kind,
            duty: None,
            division,
            phone: "0826-5220000".into(),
        };
        let office = add_office(tx, Actor::Console, &office, now)?;
        let new = NewOfficial {
            login: format!("bench{n}"),
            name: "李经办".into(),
            password_hash,
            must_change: false,
            email: None,
            phone: None,
            // Nobody of the persons that the load is made of: their declarations could not be decided by themselves.
            document: sample::id_number_nth(DivisionCode::parse("513431").map_err(AppError::internal)?, n)
                .map(DocumentNumber::from)
                .ok_or(AppError::NotFound)?,
        };
        let official = add_official(tx, &keys, Actor::Console, &new, now)?;
        let right = NewAssignment {
            official,
            office,
            role,
            division,
            from: now,
            to: None,
            substitute_for: None,
            created_by: None,
        };
        let assignment = assign(tx, Actor::Console, &right, now)?;
        let (token, _) = session::start(tx, SessionKind::Official, official, Some(assignment), "bench", now)?;
        Ok((token, official, office))
    });
    made.await.map_err(|e| e.to_string())
}
