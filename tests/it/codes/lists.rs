//! Nothing that waits is out of reach, and the copy of one's data leaves nothing of the code out.

use super::declared_resident;
use crate::harness::App;
use crate::on_both;
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::audit::{self, Actor, Entry};
use fugong::crypto::FieldContext;
use fugong::db::schema::{code_changes, code_prints, code_waivers, disclosures, health_records, record_ends};
use fugong::db::{Id, Ts, Tx};
use fugong::error::AppResult;
use std::collections::BTreeSet;

on_both!(more_than_a_page_waits, the_copy_has_everything_about_the_code);

/// A finding as entered; more is set afterwards.
fn entered(tx: &mut Tx<'_>, person: Id, by: Id, at: Ts) -> AppResult<Id> {
    let id = Id::new();
    diesel::insert_into(health_records::table)
        .values((
            health_records::id.eq(id),
            health_records::person_id.eq(person),
            health_records::kind.eq("close_contact"),
            health_records::at.eq(at),
            health_records::source.eq("县疾控中心流调报告"),
            health_records::entered_by.eq(Some(by)),
            health_records::created_at.eq(at),
            health_records::division.eq(Some("511621")),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

fn end(tx: &mut Tx<'_>, record: Id, by: Id, at: Ts, state: &str, sealed: Vec<u8>, id: Id) -> AppResult<()> {
    diesel::insert_into(record_ends::table)
        .values((
            record_ends::id.eq(id),
            record_ends::record_id.eq(record),
            record_ends::reason_sealed.eq(sealed),
            record_ends::state.eq(state),
            record_ends::entered_by.eq(by),
            record_ends::created_at.eq(at),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// What can be decided on a page.
fn waits(page: &str, list: &str) -> BTreeSet<String> {
    let link = format!("href=\"/desk/{list}/");
    let links = page.split(&link).skip(1);
    links.filter_map(|l| l.split_once("/decide\"")).map(|(id, _)| id.to_owned()).collect()
}

/// Who entered the oldest fifty sees those of the others on the next page.
async fn more_than_a_page_waits(app: App) {
    let (_, person) = declared_resident(&app, "13800000001").await;
    let mut first = app.official_full(Role::ColourOfficer, "511621").await;
    let other = app.official_full(Role::ColourOfficer, "511621").await.official;
    let (keys, now, by) = (app.deps.keys.clone(), app.clock.now(), first.official);
    let made = app.deps.store.write(move |tx| {
        let mut ids = (Vec::new(), Vec::new());
        for n in 0..57 {
            // Several of one moment, too.
            let at: Ts = (now - Duration::minutes(100 - n / 3)).into();
            ids.0.push(entered(tx, person, if n < 50 { by } else { other }, at)?);
            let counts = entered(tx, person, by, at)?;
            let confirmed = health_records::confirmed_by.eq(Some(other));
            diesel::update(health_records::table.find(counts)).set(confirmed).execute(tx.conn())?;
            let id = Id::new();
            let place = FieldContext::new("record_ends", "reason_sealed", id.0);
            end(tx, counts, by, at, "open", keys.seal_str(&place, "录错了人")?, id)?;
            ids.1.push(id);
        }
        Ok(ids)
    });
    let (findings, ends) = made.await.unwrap();
    let texts = |ids: &[Id]| ids.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    let page = first.browser.get("/desk/records").await.expect(200).body;
    assert_eq!(waits(&page, "records"), texts(&findings[..50]));
    assert_eq!(waits(&page, "record-ends"), texts(&ends[..50]));
    let link = |page: &str, name: &str| {
        let from = format!("<a href=\"/desk/records?{name}=");
        let at = page.find(&from).expect("a next page") + "<a href=\"".len();
        page[at..].split('"').next().unwrap().replace("&amp;", "&")
    };
    let page = first.browser.get(&link(&page, "after")).await.expect(200).body;
    assert_eq!(waits(&page, "records"), texts(&findings[50..]));
    assert_eq!(waits(&page, "record-ends"), texts(&ends[..50]), "the other list stays where it was");
    let page = first.browser.get(&link(&page, "after")).await.expect(200).body;
    assert_eq!(waits(&page, "records"), texts(&findings[50..]));
    assert_eq!(waits(&page, "record-ends"), texts(&ends[50..]));
    first.browser.get("/desk/records?after=zzz").await.expect(400);
    first.browser.get("/desk/records?ends=zzz").await.expect(400);
    app.stop().await;
}

async fn the_copy_has_everything_about_the_code(app: App) {
    let (mut b, person) = declared_resident(&app, "13800000001").await;
    let by = app.official_full(Role::ColourOfficer, "511621").await;
    let (keys, now, official) = (app.deps.keys.clone(), app.clock.now(), by.official);
    let made = app.deps.store.write(move |tx| {
        let at: Ts = (now - Duration::days(1)).into();
        entered(tx, person, official, at)?;
        let refused = entered(tx, person, official, at)?;
        let place = FieldContext::new("health_records", "refusal_sealed", refused.0);
        let why = keys.seal_str(&place, "不是本人")?;
        diesel::update(health_records::table.find(refused))
            .set((
                health_records::refused_by.eq(Some(official)),
                health_records::refused_at.eq(Some(at)),
                health_records::refusal_sealed.eq(Some(why)),
            ))
            .execute(tx.conn())?;
        let over = entered(tx, person, official, at)?;
        let ended = (health_records::confirmed_by.eq(Some(official)), health_records::ended_at.eq(Some(at)));
        diesel::update(health_records::table.find(over)).set(ended).execute(tx.conn())?;
        let id = Id::new();
        let place = FieldContext::new("record_ends", "reason_sealed", id.0);
        end(tx, over, official, at, "confirmed", keys.seal_str(&place, "录错了人")?, id)?;
        for n in 0..25 {
            history(tx, person, n, (now - Duration::minutes(i64::from(n))).into())?;
        }
        diesel::insert_into(code_waivers::table)
            .values((
                code_waivers::id.eq(Id::new()),
                code_waivers::person_id.eq(person),
                code_waivers::rule.eq("CR-0001"),
                code_waivers::decided_at.eq(at),
                code_waivers::decided_by.eq(official),
            ))
            .execute(tx.conn())?;
        for n in 0..60 {
            let who = Actor::Official { id: official, office: by.office };
            let look = Entry::new(who, "declaration.view", "x").subject(Some(person));
            audit::append(tx, now + Duration::seconds(n), look)?;
        }
        Ok(())
    });
    made.await.unwrap();
    let copy = b.get("/me/data/download").await.expect(200).json();
    let code = &copy["code"];
    let findings = code["findings"].as_array().unwrap();
    let find =
        |state: &str| findings.iter().find(|f| f["state"] == state).unwrap_or_else(|| panic!("{state}"));
    assert_eq!(findings.len(), 3);
    assert!(find("waiting")["confirmed_at"].is_null());
    // Nobody takes what one official wrote for what was found.
    let means = &find("waiting")["means"];
    assert!(means["zh-CN"].as_str().unwrap().contains("还没有确认；目前不起任何作用"), "{means}");
    assert!(
        means["en"].as_str().unwrap().contains("has not confirmed. It counts for nothing yet"),
        "{means}"
    );
    assert!(find("refused")["means"]["en"].as_str().unwrap().contains("counts for nothing"));
    assert!(find("ended")["means"].is_null());
    assert_eq!(find("refused")["refused_because"], "不是本人");
    assert_eq!(find("ended")["ends_entered"][0]["because"], "录错了人");
    assert_eq!(code["changes"].as_array().unwrap().len(), 25);
    assert_eq!(code["papers"].as_array().unwrap().len(), 25);
    assert_eq!(code["set_aside"][0]["rule"], "CR-0001");
    assert_eq!(copy["access"]["looks"].as_array().unwrap().len(), 60);
    assert_eq!(copy["access"]["passed_on"].as_array().unwrap().len(), 25);
    assert!(!copy["account"]["sessions"].as_array().unwrap().is_empty());
    app.stop().await;
}

/// A change of colour, a paper and something that was passed on.
fn history(tx: &mut Tx<'_>, person: Id, n: i32, at: Ts) -> AppResult<()> {
    diesel::insert_into(code_changes::table)
        .values((
            code_changes::id.eq(Id::new()),
            code_changes::person_id.eq(person),
            code_changes::at.eq(at),
            code_changes::from_colour.eq("green"),
            code_changes::to_colour.eq("yellow"),
            code_changes::evaluation_sealed.eq(vec![0u8]),
        ))
        .execute(tx.conn())?;
    diesel::insert_into(code_prints::table)
        .values((
            code_prints::id.eq(Id::new()),
            code_prints::person_id.eq(person),
            code_prints::colour.eq("green"),
            code_prints::status_list.eq(1i64),
            code_prints::status_index.eq(n),
            code_prints::issued_at.eq(at),
            code_prints::expires_at.eq(at),
        ))
        .execute(tx.conn())?;
    diesel::insert_into(disclosures::table)
        .values((
            disclosures::id.eq(Id::new()),
            disclosures::person_id.eq(person),
            disclosures::at.eq(at),
            disclosures::recipient.eq("CN-44"),
            disclosures::purpose.eq("核验"),
            disclosures::kind.eq("status"),
        ))
        .execute(tx.conn())?;
    Ok(())
}
