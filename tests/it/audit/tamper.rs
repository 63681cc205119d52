//! What an intruder with the database, and perhaps the folder of copies, could try. All of it is found.

use super::{check, fill, sign};
use crate::harness::App;
use crate::on_both;
use chrono::Duration;
use diesel::RunQueryDsl;
use fugong::audit::{Finding, HEADS_FILE};
use fugong::cli::audit::{AuditArgs, AuditCommand, AuditVerifyArgs};

on_both!(
    every_altered_entry_is_found,
    every_other_way_is_found,
    copies_are_compared,
    a_new_portal_has_no_heads_yet
);

async fn sql(app: &App, statements: &str) {
    let all: Vec<String> =
        statements.split(';').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect();
    app.deps
        .store
        .write(move |tx| {
            for statement in all {
                diesel::sql_query(statement).execute(tx.conn())?;
            }
            Ok(())
        })
        .await
        .unwrap();
}

const TABLES: [&str; 4] = ["audit_entries", "audit_lanes", "audit_heads", "audit_chunks"];

async fn prepare(app: &App) -> (i32, i64) {
    for n in [200, 150, 250] {
        fill(app, n).await;
        sign(app).await;
        app.clock.advance(Duration::minutes(1));
    }
    fill(app, 40).await;
    for table in TABLES {
        sql(app, &format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
    }
    assert_eq!(check(app).1, []);
    let lanes = app.deps.store.read(|conn| Ok(fugong::audit::latest(conn)?.unwrap().lanes)).await.unwrap();
    let (lane, part) = lanes.into_iter().max_by_key(|(_, p)| p.1).unwrap();
    (lane, part.1)
}

async fn restore(app: &App) {
    for table in TABLES {
        sql(app, &format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table}")).await;
    }
}

async fn every_altered_entry_is_found(app: App) {
    let (lane, length) = prepare(&app).await;
    let step = usize::try_from((length / 12).max(1)).unwrap();
    let fields = [
        "action = 'test.forged'",
        "actor_kind = 'console'",
        "object_kind = 'tesT'",
        "object_id = NULL",
        "subject_id = object_id",
        "office_id = object_id",
        "actor_id = object_id",
        "detail = '{\"i\": 900}'",
    ];
    for (seq, field) in (1..=length).step_by(step).zip(fields.iter().cycle()) {
        sql(&app, &format!("UPDATE audit_entries SET {field} WHERE lane = {lane} AND seq = {seq}")).await;
        assert_eq!(check(&app).1, [Finding::Altered { lane, seq }], "{field}");
        restore(&app).await;
    }
    if app.deps.store.is_sqlite() {
        sql(&app, &format!("UPDATE audit_entries SET detail = '{{' WHERE lane = {lane} AND seq = 3")).await;
        assert!(check(&app).1.contains(&Finding::Altered { lane, seq: 3 }), "not even readable");
    }
    app.stop().await;
}

async fn every_other_way_is_found(app: App) {
    let (lane, n) = prepare(&app).await;
    let m = n / 2;
    let entry = format!("lane = {lane} AND seq");
    let has = |wanted: Finding| move |found: &[Finding]| found.contains(&wanted);
    type Test = Box<dyn Fn(&[Finding]) -> bool>;
    let ways: Vec<(&str, String, Test)> = vec![
        (
            "an entry removed from the middle",
            format!("DELETE FROM audit_entries WHERE {entry} = {m}"),
            Box::new(has(Finding::Missing { lane, from: m, to: m })),
        ),
        (
            "two entries exchanged",
            format!(
                "UPDATE audit_entries SET seq = -1 WHERE {entry} = {m}; UPDATE audit_entries SET seq = {m} WHERE \
                 {entry} = {m} + 1; UPDATE audit_entries SET seq = {m} + 1 WHERE {entry} = -1"
            ),
            Box::new(move |f| [m, m + 1].iter().all(|seq| f.contains(&Finding::Altered { lane, seq: *seq }))),
        ),
        (
            "the hash forged with the entry",
            format!("UPDATE audit_entries SET hash = prev WHERE {entry} = {m}"),
            Box::new(has(Finding::Altered { lane, seq: m })),
        ),
        (
            "the end cut off",
            format!("DELETE FROM audit_entries WHERE {entry} > {m}"),
            Box::new(|f| f.iter().any(|f| matches!(f, Finding::Missing { .. }))),
        ),
        (
            "the end cut off with the lane's row",
            format!(
                "DELETE FROM audit_entries WHERE {entry} > {m}; UPDATE audit_lanes SET length = {m}, head = \
                 (SELECT hash FROM audit_entries WHERE {entry} = {m}) WHERE lane = {lane}"
            ),
            Box::new(|f| f.iter().any(|f| matches!(f, Finding::Missing { .. }))),
        ),
        (
            "everything taken back to an earlier head",
            cut_back(&app),
            Box::new(|f| f.iter().any(|f| matches!(f, Finding::HeadsMissing { from: 2, to: 3 }))),
        ),
        (
            "everything removed",
            TABLES.map(|t| format!("DELETE FROM {t}")).join(";"),
            Box::new(|f| f.iter().any(|f| matches!(f, Finding::HeadsMissing { from: 1, to: 3 }))),
        ),
        (
            "a lane's row removed",
            format!("DELETE FROM audit_lanes WHERE lane = {lane}"),
            Box::new(has(Finding::LaneRow { lane })),
        ),
        (
            "a lane's row altered",
            format!("UPDATE audit_lanes SET length = length - 1 WHERE lane = {lane}"),
            Box::new(|f| f.iter().any(|f| matches!(f, Finding::LaneRow { .. } | Finding::Extra { .. }))),
        ),
        (
            "an entry added past the end",
            format!(
                "INSERT INTO audit_entries SELECT lane, seq + 1000, at, actor_kind, actor_id, office_id, action, \
                 object_kind, object_id, subject_id, detail, prev, hash FROM audit_entries WHERE {entry} = {m}"
            ),
            Box::new(|f| f.iter().any(|f| matches!(f, Finding::Extra { .. }))),
        ),
        (
            "a head's size altered",
            "UPDATE audit_heads SET tree_size = tree_size + 1 WHERE number = 2".into(),
            Box::new(has(Finding::HeadSignature { number: 2 })),
        ),
        (
            "a head's root exchanged",
            "UPDATE audit_heads SET root = (SELECT root FROM audit_heads WHERE number = 1) WHERE number = 3"
                .into(),
            Box::new(has(Finding::HeadRoot { number: 3 })),
        ),
        (
            "a head removed",
            "DELETE FROM audit_heads WHERE number = 2".into(),
            Box::new(has(Finding::HeadsMissing { from: 2, to: 2 })),
        ),
        (
            "a stored root altered",
            "UPDATE audit_chunks SET root = (SELECT root FROM audit_heads WHERE number = 1) WHERE idx = 1"
                .into(),
            Box::new(has(Finding::Chunk { index: 1 })),
        ),
    ];
    for (what, statements, test) in ways {
        sql(&app, &statements).await;
        let found = check(&app).1;
        assert!(test(&found), "{what}: {found:?}");
        restore(&app).await;
        assert_eq!(check(&app).1, [], "after {what}");
    }
    // A whole record written anew, with chains that fit in themselves: only the signatures are missing.
    sql(&app, "DELETE FROM audit_entries; DELETE FROM audit_lanes").await;
    fill(&app, 640).await;
    let found = check(&app).1;
    assert!(found.iter().any(|f| matches!(f, Finding::HeadLane { number: 1, .. })), "{found:?}");
    app.stop().await;
}

/// Statements that leave the database as it was when the first head had been signed.
fn cut_back(app: &App) -> String {
    let mut conn = fugong::db::connect_read(&app.deps.config.database).unwrap();
    let head = fugong::audit::by_number(&mut conn, 1).unwrap().unwrap();
    let mut all = "DELETE FROM audit_heads WHERE number > 1; DELETE FROM audit_chunks".to_owned();
    for (lane, part) in &head.lanes {
        all.push_str(&format!(
            "; DELETE FROM audit_entries WHERE lane = {lane} AND seq > {n}; UPDATE audit_lanes SET length = {n}, head = \
             (SELECT hash FROM audit_entries WHERE lane = {lane} AND seq = {n}) WHERE lane = {lane}",
            n = part.1
        ));
    }
    all
}

/// Without a head and a copy nothing is wrong in the first minutes; later both were there and are gone.
async fn a_new_portal_has_no_heads_yet(app: App) {
    std::fs::create_dir_all(&app.deps.config.audit_heads).unwrap();
    fill(&app, 3).await;
    app.clock.advance(Duration::minutes(2));
    fill(&app, 1).await;
    assert_eq!(check(&app).1, []);
    app.clock.advance(Duration::seconds(1));
    fill(&app, 1).await;
    assert_eq!(check(&app).1, [Finding::NoCopies]);
    sign(&app).await;
    assert_eq!(check(&app).1, []);
    app.stop().await;
}

async fn copies_are_compared(app: App) {
    prepare(&app).await;
    let path = app.deps.config.audit_heads.join(HEADS_FILE);
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let file = HEADS_FILE.to_owned();
    let with = |changed: String| {
        std::fs::write(&path, changed).unwrap();
        check(&app).1
    };
    let forged = text.replacen("\"tree_size\":350", "\"tree_size\":351", 1);
    assert!(with(forged).contains(&Finding::CopySignature { file: file.clone(), number: 2 }));
    let gap = format!("{}\n{}\n", lines[0], lines[2]);
    assert_eq!(with(gap), [Finding::CopyGap { file: file.clone(), from: 2, to: 2 }]);
    assert_eq!(with(String::new()), [Finding::NoCopies]);
    // A write that was cut off is no tampering: the head was written again.
    let torn = format!("{}\n{}\n{}\n{}\n", lines[0], &lines[1][..100], lines[1], lines[2]);
    assert_eq!(with(torn), []);
    // An older copy put in the place of the present one.
    app.clock.advance(Duration::minutes(10));
    sign(&app).await;
    assert_eq!(check(&app).1, []);
    let old = with(text.clone());
    assert_eq!(old, [Finding::CopyGap { file, from: 4, to: 4 }]);
    sign(&app).await;
    assert_eq!(check(&app).1, [], "the next head brings the file up to date");

    let missing = AuditArgs {
        command: AuditCommand::Verify(AuditVerifyArgs {
            database: Some("sqlite:/nonexistent/x.db".into()),
            heads: None,
            keys: Some("/nonexistent".into()),
        }),
    };
    assert!(fugong::cli::audit::run(&missing, app.clock.now(), &mut Vec::new()).is_err());
    app.stop().await;
}
