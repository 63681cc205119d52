//! What of each story is in the database.

use super::story::Story;
use diesel::prelude::*;
use fugong::db::schema::{
    applications, business_agents, case_events, code_appeals, declarations, health_records, record_ends,
};
use fugong::db::{Conn, Id};
use std::collections::HashMap;

/// A line of a timeline.
#[derive(Debug, Clone, Queryable)]
pub struct Event {
    pub case: Id,
    pub seq: i32,
    pub action: String,
    pub from: String,
    pub to: String,
    pub version: i64,
}

/// The timeline of every case, whole: it begins with a draft, each line goes on where the one before has ended, and
/// nothing is there twice.
pub fn timelines(conn: &mut Conn) -> HashMap<Id, Vec<Event>> {
    use case_events as e;
    let all: Vec<Event> = e::table
        .order((e::case_id, e::seq))
        .select((e::case_id, e::seq, e::action, e::from_state, e::to_state, e::version))
        .load(conn)
        .unwrap();
    let mut cases: HashMap<Id, Vec<Event>> = HashMap::new();
    for event in all {
        let before = cases.entry(event.case).or_default();
        match before.last() {
            None => assert_eq!(event.from, "draft", "{event:?}"),
            Some(last) => {
                assert_eq!((&event.from, event.version), (&last.to, last.version + 1), "after {last:?}");
                assert!(event.seq > last.seq, "{event:?}");
            }
        }
        before.push(event);
    }
    cases
}

/// The case stands where its timeline ends.
pub fn stands(timeline: &[Event], what: &str, state: &str, version: i64) {
    let last = timeline.last().map(|e| (e.to.as_str(), e.version));
    assert_eq!(last, Some((state, version)), "{what}");
}

/// The acts that are written, for each account.
pub fn all(conn: &mut Conn, timelines: &HashMap<Id, Vec<Event>>) -> HashMap<Id, Vec<String>> {
    let mut trails: HashMap<Id, Vec<String>> = HashMap::new();
    let declared: Vec<(Id, Option<Id>, Option<Id>)> = declarations::table
        .select((declarations::id, declarations::account_id, declarations::person_id))
        .load(conn)
        .unwrap();
    for (id, account, person) in declared {
        let trail = trails.entry(account.expect("an account")).or_default();
        for event in &timelines[&id] {
            trail.extend(match event.action.as_str() {
                "submit" => Some("declare".to_owned()),
                "check" => Some("check".to_owned()),
                "confirm" => None,
                other => Some(other.to_owned()),
            });
        }
        found(conn, person.expect("a person"), trail);
    }
    let filed: Vec<(Id, Id, Id)> = applications::table
        .select((applications::id, applications::account_id, applications::business_id))
        .load(conn)
        .unwrap();
    for (id, account, business) in filed {
        let trail = trails.entry(account).or_default();
        trail.push("create".to_owned());
        let right: String = business_agents::table
            .filter(business_agents::business_id.eq(business))
            .select(business_agents::state)
            .first(conn)
            .unwrap();
        trail.extend((right == "confirmed").then(|| "agent".to_owned()));
        let events = timelines.get(&id).into_iter().flatten();
        // What the program does by itself belongs to the acceptance.
        trail.extend(events.filter(|e| e.action != "start-review").map(|e| e.action.clone()));
    }
    trails
}

/// The finding about a person and what came of it.
fn found(conn: &mut Conn, person: Id, trail: &mut Vec<String>) {
    use health_records as h;
    let records: Vec<(Id, Option<Id>, Option<Id>)> = h::table
        .filter(h::person_id.eq(person))
        .select((h::id, h::confirmed_by, h::refused_by))
        .load(conn)
        .unwrap();
    for (id, confirmed, refused) in records {
        trail.push("find".to_owned());
        trail.extend(confirmed.map(|_| "confirm".to_owned()));
        trail.extend(refused.map(|_| "refuse-finding".to_owned()));
        let ends: Vec<String> = record_ends::table
            .filter(record_ends::record_id.eq(id))
            .filter(record_ends::appeal_id.is_null())
            .select(record_ends::state)
            .load(conn)
            .unwrap();
        for state in ends {
            trail.push("ask-end".to_owned());
            trail.extend((state == "confirmed").then(|| "end".to_owned()));
        }
    }
    let appeals: Vec<(String, i64)> = code_appeals::table
        .filter(code_appeals::person_id.eq(person))
        .select((code_appeals::state, code_appeals::version))
        .load(conn)
        .unwrap();
    for (state, version) in appeals {
        trail.push("appeal".to_owned());
        let decided: &[&str] = match (state.as_str(), version) {
            ("confirming", _) => &["overturn"],
            ("disputed", _) => &["overturn", "dispute"],
            ("overturned", 4) => &["overturn", "dispute", "overturn-again"],
            ("overturned", _) => &["overturn", "set-aside"],
            ("upheld", _) => &["uphold"],
            _ => &[],
        };
        trail.extend(decided.iter().map(|act| (*act).to_owned()));
    }
}

/// Every act that was answered is there once, and beyond it at most the one that was on its way. Gives how many of these
/// there are, and how many acts with a key.
pub fn compare(stories: &[Story], mut trails: HashMap<Id, Vec<String>>) -> (u64, i64) {
    let (mut written, mut keyed) = (0, 0);
    for story in stories {
        let trail = trails.remove(&story.owner.account).unwrap_or_default();
        let path = story.path();
        let wanted: Vec<&str> = path.iter().take(trail.len()).map(|act| act.trace()).collect();
        assert_eq!(trail, wanted, "{} answered of {path:?}", story.done);
        assert!(story.done <= trail.len(), "{path:?}: {} answered, but {trail:?}", story.done);
        let sent = story.done + usize::from(story.doubt.is_some());
        assert!(trail.len() <= sent, "{path:?}: {sent} sent, but {trail:?}");
        written += u64::try_from(trail.len() - story.done).unwrap();
        let with_key = path.iter().take(trail.len()).filter(|act| act.has_key()).count();
        keyed += i64::try_from(with_key).unwrap();
    }
    assert!(trails.is_empty(), "acts of nobody: {trails:?}");
    (written, keyed)
}
