//! The wall has no holes that nobody knows of: each query of the source that reads records of people is filtered by
//! [`fugong::kept::served`], or stands below with the reason why it shows nobody what is past its period.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const OPEN: &str = "asks for what is open; only what has been decided is ever over";
const CHANGES: &str = "changes rows";
const WORKS: &str = "a job or the evaluation works with it; nobody is shown it";

/// File, function, table, reason.
const OUTSIDE: &[(&str, &str, &str, &str)] = &[
    ("accounts/claim.rs", "to_counter", "identity_claims", OPEN),
    ("accounts/claim.rs", "waiting", "identity_claims", OPEN),
    (
        "accounts/store_claims.rs",
        "still_there",
        "identity_claims",
        "whose a held claim is; nothing of it is shown",
    ),
    ("accounts/store.rs", "open_claims", "identity_claims", OPEN),
    ("appeals/store.rs", "open", "code_appeals", OPEN),
    ("appeals/store.rs", "open_against", "code_appeals", OPEN),
    ("appeals/store_hand.rs", "put", "code_appeals", CHANGES),
    ("certificates/issue.rs", "supersede", "certificates", CHANGES),
    ("certificates/store.rs", "consented", "declarations", "of certificates that passed the wall"),
    ("certificates/store.rs", "holder_of", "certificates", "whom to tell that a document was checked"),
    ("certificates/store.rs", "hand_over", "certificates", CHANGES),
    ("certificates/suspend.rs", "follow", "certificates", WORKS),
    ("certificates/suspend.rs", "in_use", "certificates", WORKS),
    ("certificates/suspend.rs", "write", "certificates", CHANGES),
    ("certificates/withdraw.rs", "end", "certificates", CHANGES),
    (
        "codes/store.rs",
        "code_and_person",
        "code_states",
        "joined to a person and a list that passed the wall",
    ),
    ("codes/store.rs", "state", "code_states", "the present colour, worked out anew when it is shown"),
    ("codes/store.rs", "written_about", "code_waivers", WORKS),
    ("codes/store.rs", "written_about", "declarations", WORKS),
    ("codes/store.rs", "written_about", "health_records", WORKS),
    ("codes/store.rs", "due", "code_states", WORKS),
    ("codes/store.rs", "persons_of_area", "code_states", WORKS),
    ("codes/store.rs", "coded", "code_states", WORKS),
    ("codes/store.rs", "uncoded", "code_states", WORKS),
    ("codes/store.rs", "more_coded_than", "code_states", WORKS),
    ("codes/store.rs", "in_jurisdiction", "declarations", "a condition on persons; no column of it is read"),
    ("codes/store.rs", "waiting_record", "health_records", "the demonstration's own seeding"),
    ("codes/store.rs", "decide_record", "health_records", CHANGES),
    ("codes/store.rs", "expire_record", "health_records", CHANGES),
    ("codes/store.rs", "print_holder", "code_prints", "whom to tell that a document was checked"),
    ("codes/store_ends.rs", "end", "health_records", CHANGES),
    ("codes/store_ends.rs", "waivers", "code_waivers", WORKS),
    ("codes/store_prints.rs", "saying_otherwise", "code_prints", WORKS),
    ("declarations/consents.rs", "lock", "declarations", CHANGES),
    (
        "declarations/consents.rs",
        "locked",
        "declarations",
        "which of these are closed; nothing of them is read",
    ),
    ("declarations/store.rs", "open_one", "declarations", OPEN),
    ("declarations/store.rs", "has_open", "declarations", OPEN),
    ("declarations/store.rs", "by_id", "declarations", WORKS),
    ("declarations/store.rs", "submit", "declarations", CHANGES),
    ("declarations/store.rs", "hand_over", "declarations", CHANGES),
    ("declarations/store_versions.rs", "accepted_since", "declarations", WORKS),
    ("declarations/store_versions.rs", "beside", "declarations", WORKS),
    (
        "declarations/store_versions.rs",
        "stated_since",
        "declarations",
        "whether there is anything newer; nothing of it is read",
    ),
    ("declarations/store_versions.rs", "statements", "declarations", WORKS),
    ("proxies/store.rs", "due", "proxies", WORKS),
    ("proxies/store.rs", "run_out", "proxies", CHANGES),
    ("proxies/store.rs", "open_of", "proxies", OPEN),
    ("proxies/store.rs", "acts", "proxies", OPEN),
    (
        "proxies/store.rs",
        "has_acted",
        "proxies",
        "whether there was one, for whom to tell; nothing of it is read",
    ),
    ("proxies/store.rs", "still", "proxies", CHANGES),
    ("proxies/store.rs", "grant", "proxies", CHANGES),
    ("proxies/store.rs", "close", "proxies", CHANGES),
    ("web/principal.rs", "acting", "proxies", "only a consent that is in force opens anything"),
    (
        "declarations/store_days.rs",
        "counted",
        "declarations",
        "how many were received on a day; no row is read",
    ),
    (
        "declarations/store_worklist.rs",
        "last_decided",
        "declarations",
        "how long a county takes; moments only",
    ),
    ("declarations/store_hand.rs", "put", "declarations", CHANGES),
    ("exchange/store.rs", "disclose", "disclosures", CHANGES),
    ("import/store.rs", "running", "imports", WORKS),
    ("import/store.rs", "replaced", "imports", WORKS),
    ("merges/store.rs", "waits", "person_merges", OPEN),
    ("merges/store.rs", "both_appeal", "code_appeals", OPEN),
    ("proxies/merging.rs", "act_for_each_other", "proxies", OPEN),
    ("proxies/merging.rs", "too_many_act", "proxies", OPEN),
    ("proxies/merging.rs", "acting", "proxies", OPEN),
    ("notify/letters.rs", "mark", "inbox", CHANGES),
    ("tasks/store.rs", "is_there", "tasks", WORKS),
    ("tasks/store.rs", "past", "tasks", WORKS),
    ("tasks/store.rs", "assign", "tasks", CHANGES),
    ("tasks/store.rs", "finish", "tasks", CHANGES),
    ("tasks/store.rs", "close", "tasks", CHANGES),
    ("second/store.rs", "announced", "second_waits", CHANGES),
];

/// Tables whose rows tell of a person and that pages, interfaces, copies or lists read.
const TABLES: [&str; 21] = [
    "applications",
    "business_agents",
    "business_staff",
    "certificates",
    "code_appeals",
    "code_changes",
    "code_prints",
    "code_states",
    "code_waivers",
    "declarations",
    "disclosures",
    "health_records",
    "identity_claims",
    "imports",
    "inbox",
    "person_merges",
    "proxies",
    "second_waits",
    "slips",
    "subscriptions",
    "tasks",
];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !["bench", "demo", "retention", "schema"].contains(&name.as_str()) {
            sources(&path, found);
        } else if name.ends_with(".rs") && name != "schema.rs" {
            found.push(path);
        }
    }
}

/// The statement around a place: from the end of the one before to its own end.
fn statement(text: &str, at: usize) -> &str {
    let before = &text[..at];
    let start = before.rfind(';').max(before.rfind("{\n")).map_or(0, |i| i + 1);
    let rest = &text[at..];
    let end = [rest.find(';'), rest.find("\n}\n")].into_iter().flatten().min().unwrap_or(rest.len());
    &text[start..at + end]
}

/// The function that a place stands in.
fn function(text: &str, at: usize) -> String {
    let start = text[..at].rfind("fn ").map_or(0, |i| i + 3);
    text[start..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Reads without the wall: file, function, table.
fn unfiltered(src: &Path) -> BTreeSet<(String, String, String)> {
    let (mut files, mut found) = (Vec::new(), BTreeSet::new());
    sources(src, &mut files);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        for table in TABLES {
            for (at, _) in text.match_indices(&format!("{table}::table")) {
                let statement = statement(text, at);
                let writes = ["insert_into", "diesel::update", "diesel::delete"].iter();
                let named = text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
                // A type names the table too; it reads nothing.
                let reads = !statement.contains("use ") && !statement.contains("type ") && !named;
                let passes = statement.contains("served(") || !reads;
                if !passes && !writes.clone().any(|w| statement.contains(w)) {
                    let name = file.strip_prefix(src).unwrap().to_string_lossy().into_owned();
                    found.insert((name, function(text, at), table.to_owned()));
                }
            }
            for (at, _) in text.match_indices("fetch!(") {
                if statement(text, at).contains(&format!("FROM {table} ")) {
                    let name = file.strip_prefix(src).unwrap().to_string_lossy().into_owned();
                    found.insert((name, function(text, at), table.to_owned()));
                }
            }
        }
    }
    found
}

#[test]
fn every_query_of_records_passes_the_wall_or_says_why_not() {
    let found = unfiltered(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let known: BTreeSet<_> =
        OUTSIDE.iter().map(|(f, n, t, _)| ((*f).to_owned(), (*n).to_owned(), (*t).to_owned())).collect();
    let holes: Vec<_> = found.difference(&known).collect();
    assert!(holes.is_empty(), "neither `served` nor a reason: {holes:?}");
    let stale: Vec<_> = known.difference(&found).collect();
    assert!(stale.is_empty(), "no longer there: {stale:?}");
}

#[test]
fn a_hole_would_be_seen() {
    let dir = crate::harness::scratch("wall");
    std::fs::create_dir(&dir).unwrap();
    let query = |filter: &str| format!("fn a(c: &mut Conn) {{\n    inbox::table{filter}.load(c)?;\n}}\n");
    std::fs::write(dir.join("a.rs"), query("")).unwrap();
    assert_eq!(unfiltered(&dir).len(), 1);
    std::fs::write(dir.join("a.rs"), query(".filter(served(\"inbox\"))")).unwrap();
    assert!(unfiltered(&dir).is_empty());
}
