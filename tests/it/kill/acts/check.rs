//! What must hold after every kill: no act is lost, doubled or half-written.

use super::super::checker::chains;
use super::super::site::Site;
use super::paper;
use super::story::Story;
use super::trail::{self, Event};
use diesel::dsl::count_star;
use diesel::prelude::*;
use fugong::certificates::status::{self, Slot};
use fugong::db::schema::{
    audit_entries, certificates, code_appeals, code_states, declarations, health_records, idempotency_keys,
    inbox, jobs, outbox, record_ends, status_indexes, status_lists,
};
use fugong::db::{Conn, Id, Ts};
use fugong::hcert::EntryStatus;
use std::collections::HashMap;

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// Acts that were written although nobody got the answer.
    pub written: u64,
    /// Audit entries whose chain was followed.
    pub entries: u64,
}

/// Looks at all of it in one picture.
pub async fn check(site: &Site, stories: Vec<Story>) -> Found {
    let store = site.store();
    let found = store.read(move |conn| Ok(picture(conn, &stories))).await.unwrap();
    store.close().await;
    found
}

fn picture(conn: &mut Conn, stories: &[Story]) -> Found {
    let looked = conn.transaction(|conn| {
        if let Conn::Pg(_) = conn {
            diesel::sql_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").execute(conn)?;
        }
        Ok::<_, diesel::result::Error>(look(conn, stories))
    });
    looked.unwrap()
}

fn look(conn: &mut Conn, stories: &[Story]) -> Found {
    let timelines = trail::timelines(conn);
    let trails = trail::all(conn, &timelines);
    let (written, keyed) = trail::compare(stories, trails);
    let answers: i64 = idempotency_keys::table.select(count_star()).first(conn).unwrap();
    assert_eq!(answers, keyed, "stored answers");
    declared(conn, &timelines);
    certified(conn);
    found(conn);
    ended(conn);
    appealed(conn);
    followed(conn);
    paper::check(conn, &timelines);
    Found { written, entries: chains(conn) }
}

/// What is there for each of these, once, and for nothing else.
pub fn same<T: Ord + std::fmt::Debug>(what: &str, mut wanted: Vec<T>, mut found: Vec<T>) {
    wanted.sort();
    found.sort();
    assert_eq!(wanted, found, "{what}");
}

/// The objects of an action in the audit.
pub fn logged(conn: &mut Conn, action: &str) -> Vec<Id> {
    let entries = audit_entries::table.filter(audit_entries::action.eq(action.to_owned()));
    let found: Vec<Option<Id>> = entries.select(audit_entries::object_id).load(conn).unwrap();
    found.into_iter().map(|id| id.expect("an entry without its object")).collect()
}

/// Whom a message is about, as its name says: as often in the outbox as in the inboxes.
pub fn told(conn: &mut Conn, message: &str) -> Vec<String> {
    let sent = outbox::table.filter(outbox::message.eq(message.to_owned()));
    let names: Vec<Option<String>> = sent.select(outbox::dedup).load(conn).unwrap();
    let kept = inbox::table.filter(inbox::message.eq(message.to_owned()));
    let kept: i64 = kept.select(count_star()).first(conn).unwrap();
    assert_eq!(usize::try_from(kept).unwrap(), names.len(), "{message}: inbox and outbox");
    names.iter().flatten().filter_map(|n| Some(n.split(':').nth(2)?.to_owned())).collect()
}

pub fn texts(ids: &[Id]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

fn declared(conn: &mut Conn, timelines: &HashMap<Id, Vec<Event>>) {
    use declarations as d;
    type Row = (Id, String, i64, Option<Vec<u8>>, Option<Ts>, Option<Id>, Option<Id>);
    let rows: Vec<Row> = d::table
        .select((
            d::id,
            d::state,
            d::version,
            d::receipt_sealed,
            d::submitted_at,
            d::checked_by,
            d::decided_by,
        ))
        .load(conn)
        .unwrap();
    let with = |action: &str| -> Vec<Id> {
        let has = |id: &Id| timelines[id].iter().any(|e| e.action == action);
        rows.iter().map(|r| r.0).filter(has).collect()
    };
    for (id, state, version, receipt, submitted, checked, decided) in &rows {
        let line = &timelines[id];
        trail::stands(line, "a declaration", state, *version);
        assert!(receipt.is_some() && submitted.is_some(), "{id} is half-written");
        let has = |action: &str| line.iter().any(|e| e.action == action);
        assert_eq!((checked.is_some(), decided.is_some()), (has("check"), has("issue")), "{id}");
        assert_eq!(has("confirm"), has("issue"), "{id}: confirmed and issued are one");
    }
    let all: Vec<Id> = rows.iter().map(|r| r.0).collect();
    same("submissions in the audit", all.clone(), logged(conn, "declaration.submit"));
    same("checks in the audit", with("check"), logged(conn, "declaration.check"));
    same("confirmations in the audit", with("confirm"), logged(conn, "declaration.confirm"));
    same("receipts by message", texts(&all), told(conn, "declaration-received"));
    let planned = jobs::table.filter(jobs::kind.eq("declarations.expire"));
    let names: Vec<Option<String>> = planned.select(jobs::dedup).load(conn).unwrap();
    let names = names.iter().flatten().filter_map(|n| Some(n.split(':').nth(1)?.to_owned())).collect();
    same("planned ends", texts(&all), names);
    let issued: Vec<Id> = certificates::table.select(certificates::declaration_id).load(conn).unwrap();
    same("certificates", with("issue"), issued);
}

/// A certificate has its entry in the log and in the status list, which says what it says; the colour does, too.
fn certified(conn: &mut Conn) {
    use certificates as c;
    let rows: Vec<(Id, String, i64, i32, Option<Ts>, Id)> = c::table
        .select((c::id, c::state, c::status_list, c::status_index, c::suspended_at, c::person_id))
        .load(conn)
        .unwrap();
    let colours: Vec<(Id, String)> =
        code_states::table.select((code_states::person_id, code_states::colour)).load(conn).unwrap();
    let colours: HashMap<Id, String> = colours.into_iter().collect();
    let mut slots = Vec::new();
    for (id, state, list, index, suspended, person) in &rows {
        assert_eq!(state, "valid", "{id}");
        let says = if suspended.is_some() { EntryStatus::Suspended } else { EntryStatus::Valid };
        let entry = status::get(conn, Slot { list: *list, index: *index }).unwrap();
        assert_eq!(entry, Some(says), "the status list on certificate {id}");
        let red = colours.get(person).is_some_and(|colour| colour == "red");
        assert_eq!(suspended.is_some(), red, "certificate {id} beside its holder's colour");
        slots.push((*list, *index));
    }
    let taken: Vec<(i64, i32)> =
        status_indexes::table.select((status_indexes::list_id, status_indexes::idx)).load(conn).unwrap();
    let counted: Vec<i32> = status_lists::table.select(status_lists::taken).load(conn).unwrap();
    assert_eq!(usize::try_from(counted.iter().sum::<i32>()).unwrap(), taken.len(), "entries taken");
    same("entries of the status lists", slots, taken);
    let ids: Vec<Id> = rows.iter().map(|r| r.0).collect();
    same("issues in the audit", ids.clone(), logged(conn, "certificate.issue"));
    same("issues by message", texts(&ids), told(conn, "certificate-issued"));
}

fn found(conn: &mut Conn) {
    use health_records as h;
    type Row = (Id, Option<Id>, Option<Id>, Option<Ts>, Option<Id>, Option<Vec<u8>>);
    let rows: Vec<Row> = h::table
        .select((h::id, h::entered_by, h::confirmed_by, h::confirmed_at, h::refused_by, h::refusal_sealed))
        .load(conn)
        .unwrap();
    for (id, entered, confirmed, at, refused, reason) in &rows {
        assert!(entered.is_some() && entered != confirmed && entered != refused, "{id}: two officers");
        assert_eq!((confirmed.is_some(), refused.is_some()), (at.is_some(), reason.is_some()), "{id}");
        assert!(confirmed.is_none() || refused.is_none(), "{id} is confirmed and refused");
    }
    let with = |has: fn(&Row) -> bool| -> Vec<Id> { rows.iter().filter(|r| has(r)).map(|r| r.0).collect() };
    same("findings in the audit", with(|_| true), logged(conn, "record.enter"));
    same("confirmations in the audit", with(|r| r.2.is_some()), logged(conn, "record.confirm"));
    same("refusals in the audit", with(|r| r.4.is_some()), logged(conn, "record.refuse"));
    same("findings by message", texts(&with(|r| r.2.is_some())), told(conn, "health-record"));
}

/// A finding has ended when two said so, two officers, a reviewer and an officer or two reviewers, and only then.
fn ended(conn: &mut Conn) {
    use record_ends as e;
    let rows: Vec<(Id, Id, String, Option<Id>)> =
        e::table.select((e::id, e::record_id, e::state, e::decided_by)).load(conn).unwrap();
    for (id, _, state, by) in &rows {
        assert_eq!(state != "open", by.is_some(), "{id} is half-written");
    }
    let confirmed = |row: &&(Id, Id, String, Option<Id>)| row.2 == "confirmed";
    let refused = rows.iter().filter(|r| r.2 == "refused").map(|r| r.0).collect();
    same("refused ends in the audit", refused, logged(conn, "record.end-refuse"));
    let asked = rows.iter().map(|r| r.1).collect();
    same("ends in the audit", asked, logged(conn, "record.end-enter"));
    let decided = rows.iter().filter(confirmed).map(|r| r.0).collect();
    same("confirmed ends in the audit", decided, logged(conn, "record.end-confirm"));
    let mut over: Vec<Id> = rows.iter().filter(confirmed).map(|r| r.1).collect();
    let again: Vec<Option<Id>> = logged(conn, "appeal.overturn").into_iter().map(Some).collect();
    let disputed = e::table.filter(e::appeal_id.eq_any(again)).select(e::record_id);
    over.extend(disputed.load::<Id>(conn).unwrap());
    let ended: Vec<Id> = health_records::table
        .filter(health_records::ended_at.is_not_null())
        .select(health_records::id)
        .load(conn)
        .unwrap();
    same("findings that have ended", over, ended.clone());
    same("ends by message", texts(&ended), told(conn, "health-record-ended"));
}

fn appealed(conn: &mut Conn) {
    use code_appeals as a;
    type Row = (Id, String, i64, Option<Ts>, Option<Id>, Option<Vec<u8>>);
    let rows: Vec<Row> = a::table
        .select((a::id, a::state, a::version, a::decided_at, a::decided_by, a::decision_sealed))
        .load(conn)
        .unwrap();
    // Those that a second reviewer has set aside.
    let again = logged(conn, "appeal.overturn");
    for (id, state, version, at, by, decision) in &rows {
        let decided = state != "submitted";
        let steps = match state.as_str() {
            "submitted" => 1,
            "confirming" | "upheld" => 2,
            "disputed" => 3,
            _ => 3 + i64::from(again.contains(id)),
        };
        assert_eq!(*version, steps, "{id}");
        assert!([at.is_some(), by.is_some(), decision.is_some()].iter().all(|is| *is == decided), "{id}");
        assert!(state == "overturned" || !again.contains(id), "{id}");
    }
    let with = |wanted: &str| -> Vec<Id> {
        rows.iter().filter(|r| wanted.is_empty() || wanted.contains(&r.1)).map(|r| r.0).collect()
    };
    let disputed: Vec<Id> = with("disputed").into_iter().chain(again.iter().copied()).collect();
    let confirmed = with("overturned").into_iter().filter(|id| !again.contains(id)).collect();
    same("appeal.confirm", confirmed, logged(conn, "appeal.confirm"));
    same("appeal.dispute", disputed.clone(), logged(conn, "appeal.dispute"));
    same("appeal-disputed", texts(&disputed), told(conn, "appeal-disputed"));
    same("appeal-overturned", texts(&with("overturned")), told(conn, "appeal-overturned"));
    for (state, action, message) in [
        ("", "appeal.submit", "appeal-received"),
        ("confirming disputed overturned", "appeal.propose", "appeal-confirming"),
        ("upheld", "appeal.uphold", "appeal-upheld"),
    ] {
        same(action, with(state), logged(conn, action));
        same(message, texts(&with(state)), told(conn, message));
    }
}

/// Of whom something has changed the colour was worked out since, or a job for it waits.
fn followed(conn: &mut Conn) {
    let changed: Vec<(Id, Option<Ts>, Option<Ts>)> = health_records::table
        .select((health_records::person_id, health_records::confirmed_at, health_records::ended_at))
        .load(conn)
        .unwrap();
    let known: Vec<(Id, Ts)> =
        code_states::table.select((code_states::person_id, code_states::evaluated_at)).load(conn).unwrap();
    let known: HashMap<Id, Ts> = known.into_iter().collect();
    let open: Vec<Option<String>> =
        jobs::table.filter(jobs::state.ne("dead")).select(jobs::dedup).load(conn).unwrap();
    for (person, confirmed, ended) in changed {
        let Some(last) = ended.or(confirmed) else { continue };
        let waits = open.contains(&Some(format!("codes.evaluate:{person}")));
        assert!(waits || known.get(&person).is_some_and(|at| *at >= last), "nobody follows {person}");
    }
}
