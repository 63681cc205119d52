//! What must hold after every kill.

use super::site::{Site, count};
use diesel::prelude::*;
use fugong::audit;
use fugong::db::schema::{
    audit_entries, audit_lanes, case_events, declarations, idempotency_keys, inbox, jobs, outbox,
};
use fugong::db::{Conn, Id};
use std::collections::{BTreeMap, HashMap};

/// Id, number, state, person and receipt of a declaration.
type Submitted = (Id, String, String, Option<Id>, Option<Vec<u8>>);

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// Submissions that were written although nobody got the answer.
    pub unacknowledged: u64,
    /// Audit entries whose chain was followed.
    pub entries: u64,
}

/// Every acknowledged submission is there once, every submission is whole, the chains hold.
///
/// All of it is one picture: PostgreSQL's own processes outlive the killed program and may still finish a commit that
/// they were given, between two of the checker's queries.
pub async fn check(site: &Site, acknowledged: &BTreeMap<u64, String>) -> Found {
    let store = site.store();
    let numbers: Vec<String> = acknowledged.values().cloned().collect();
    let found = store.read(move |conn| Ok(picture(conn, &numbers))).await.unwrap();
    store.close().await;
    found
}

fn picture(conn: &mut Conn, acknowledged: &[String]) -> Found {
    let looked = conn.transaction(|conn| {
        if let Conn::Pg(_) = conn {
            diesel::sql_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").execute(conn)?;
        }
        Ok::<_, diesel::result::Error>(look(conn, acknowledged))
    });
    looked.unwrap()
}

fn look(conn: &mut Conn, acknowledged: &[String]) -> Found {
    let rows: Vec<Submitted> = declarations::table
        .select((
            declarations::id,
            declarations::number,
            declarations::state,
            declarations::person_id,
            declarations::receipt_sealed,
        ))
        .load(conn)
        .unwrap();
    let mut times: HashMap<&str, u32> = HashMap::new();
    let mut people: HashMap<Id, u32> = HashMap::new();
    for (_, number, state, person, receipt) in &rows {
        *times.entry(number).or_default() += 1;
        *people.entry(person.expect("a submission without its person")).or_default() += 1;
        assert_eq!(state, "submitted", "{number} is half-written");
        assert!(receipt.is_some(), "{number} has no receipt");
    }
    assert!(people.values().all(|n| *n == 1), "a submission was doubled");
    for number in acknowledged {
        assert_eq!(times.get(number.as_str()), Some(&1), "{number} was acknowledged");
    }
    whole(conn, &rows.iter().map(|r| r.0).collect::<Vec<_>>());
    let written = u64::try_from(rows.len() - acknowledged.len()).unwrap();
    Found { unacknowledged: written, entries: chains(conn) }
}

/// Each submission has its timeline, audit entry, message, job and stored answer, and none of these is alone.
fn whole(conn: &mut Conn, ids: &[Id]) {
    let once = |what: &str, found: Vec<Option<Id>>| {
        let mut times: HashMap<Id, u32> = HashMap::new();
        found.into_iter().flatten().for_each(|id| *times.entry(id).or_default() += 1);
        for id in ids {
            assert_eq!(times.remove(id), Some(1), "submission {id}: {what}");
        }
        assert!(times.is_empty(), "{what} without a submission: {times:?}");
    };
    let events = case_events::table.filter(case_events::action.eq("submit"));
    once("timeline", events.select(case_events::case_id.nullable()).load(conn).unwrap());
    let entries = audit_entries::table.filter(audit_entries::action.eq("declaration.submit"));
    once("audit entry", entries.select(audit_entries::object_id).load(conn).unwrap());
    let named = |name: Option<String>, at: usize| name.and_then(|n| n.split(':').nth(at)?.parse().ok());
    let messages = outbox::table.filter(outbox::message.eq("declaration-received"));
    let names: Vec<Option<String>> = messages.select(outbox::dedup).load(conn).unwrap();
    once("message", names.into_iter().map(|n| named(n, 2)).collect());
    let planned = jobs::table.filter(jobs::kind.eq("declarations.expire"));
    let names: Vec<Option<String>> = planned.select(jobs::dedup).load(conn).unwrap();
    once("job", names.into_iter().map(|n| named(n, 1)).collect());
    let submissions = i64::try_from(ids.len()).unwrap();
    assert_eq!(
        idempotency_keys::table.count().get_result::<i64>(conn).unwrap(),
        submissions,
        "stored answers"
    );
    assert_eq!(inbox::table.count().get_result::<i64>(conn).unwrap(), submissions, "inbox");
    assert_eq!(count(conn, "SELECT count(*) AS n FROM declarations WHERE submitted_at IS NULL"), 0);
}

/// Follows every lane from its first entry to its head.
pub fn chains(conn: &mut Conn) -> u64 {
    let lanes: Vec<(i32, i64, Vec<u8>)> = audit_lanes::table
        .select((audit_lanes::lane, audit_lanes::length, audit_lanes::head))
        .load(conn)
        .unwrap();
    let mut entries = 0;
    for (lane, length, head) in lanes {
        let rows: Vec<(i64, Vec<u8>, Vec<u8>)> = audit_entries::table
            .filter(audit_entries::lane.eq(lane))
            .order(audit_entries::seq)
            .select((audit_entries::seq, audit_entries::prev, audit_entries::hash))
            .load(conn)
            .unwrap();
        assert_eq!(
            i64::try_from(rows.len()).unwrap(),
            length,
            "lane {lane} has another length than its head"
        );
        let mut before = vec![0u8; 32];
        for (at, (seq, prev, hash)) in rows.into_iter().enumerate() {
            assert_eq!(seq, i64::try_from(at).unwrap() + 1, "lane {lane} has a gap");
            assert_eq!(prev, before, "lane {lane}, entry {seq} does not follow the one before");
            assert_eq!(
                audit::entry_hash(conn, lane, seq).unwrap().to_vec(),
                hash,
                "lane {lane}, entry {seq}"
            );
            before = hash;
            entries += 1;
        }
        assert_eq!(before, head, "lane {lane} ends elsewhere than its head says");
    }
    entries
}
