//! The public record of a run can be checked by anybody, and a run that was cut off goes on.

use super::count;
use crate::harness::App;
use crate::on_both;
use chrono::Duration;
use diesel::prelude::*;
use fugong::audit::PublicKeys;
use fugong::audit::tree::{leaf_hash, root};
use fugong::crypto::SigningUsage;
use fugong::db::schema::{inbox, retention_runs};
use fugong::db::{Id, Ts};
use fugong::jobs::Job;
use fugong::retention::SignedRun;

on_both!(a_record_can_be_checked, a_run_goes_on_after_a_kill, what_began_at_no_moment_dates_nothing);

/// The row that lets those who count one key take turns has no beginning; a signed record does not give it one.
async fn what_began_at_no_moment_dates_nothing(app: App) {
    use fugong::db::schema::rate_counters;
    let now = app.clock.now();
    let write = app.deps.store.write(move |tx| {
        for start in [chrono::DateTime::UNIX_EPOCH, now] {
            diesel::insert_into(rate_counters::table)
                .values((
                    rate_counters::bucket.eq(b"a key".to_vec()),
                    rate_counters::window_start.eq(Ts::from(start)),
                    rate_counters::hits.eq(1),
                ))
                .execute(tx.conn())?;
        }
        Ok(())
    });
    write.await.unwrap();
    app.clock.advance(Duration::days(60));
    app.tick().await;
    let found = records(&app, "counter").await;
    let record = &found.first().expect("counters went").record;
    assert!(record.count >= 2, "{record:?}");
    assert!(record.oldest.is_some_and(|at| at >= now - Duration::days(1)), "{record:?}");
    app.browser().get("/retention").await.expect(200).hides("1970");
    app.stop().await;
}

/// Messages of an account, as many as asked for, written now.
pub async fn messages(app: &App, account: Id, many: usize) -> Vec<Id> {
    let now = Ts::from(app.clock.now());
    let mut all: Vec<Id> = (0..many).map(|_| Id::new()).collect();
    all.sort();
    for part in all.chunks(400) {
        let part = part.to_vec();
        let write = app.deps.store.write(move |tx| {
            for id in part {
                diesel::insert_into(inbox::table)
                    .values((
                        inbox::id.eq(id),
                        inbox::account_id.eq(account),
                        inbox::message.eq("declaration-received"),
                        inbox::params_sealed.eq(vec![1u8; 40]),
                        inbox::created_at.eq(now),
                    ))
                    .execute(tx.conn())?;
            }
            Ok(())
        });
        write.await.unwrap();
    }
    all
}

/// The records of a kind, the newest first, as anybody gets them.
pub async fn records(app: &App, kind: &str) -> Vec<SignedRun> {
    let answer = app.browser().api_get(&format!("/api/v1/retention/runs?kind={kind}")).await.expect(200);
    serde_json::from_value(answer.json()["runs"].clone()).unwrap()
}

async fn a_record_can_be_checked(app: App) {
    let (_, account) = app.resident_with("13800138000").await;
    let ids = messages(&app, account, 3).await;
    app.clock.advance(Duration::days(186));
    app.tick().await;
    let found = records(&app, "message").await;
    let [run] = found.as_slice() else { panic!("{found:?}") };
    let keys = PublicKeys::of(&app.deps.keys, SigningUsage::Audit);
    assert!(run.is_signed(&keys));
    assert_eq!((run.record.count, run.record.rule.as_str()), (3, "retention.message"));
    // Whoever knows the identifiers works the root out again.
    let salt = hex::decode(&run.record.salt).unwrap();
    let leaf = |id: &Id| leaf_hash(&[salt.clone(), id.0.simple().to_string().into_bytes()].concat());
    let leaves: Vec<_> = ids.iter().map(leaf).collect();
    assert_eq!(run.record.root, hex::encode(root(&leaves)));
    let mut forged = run.clone();
    forged.text = forged.text.replace("\"count\":3", "\"count\":2");
    assert!(forged.text != run.text && !forged.is_signed(&keys));
    // The next record names this one.
    messages(&app, account, 1).await;
    app.clock.advance(Duration::days(186));
    app.tick().await;
    let found = records(&app, "message").await;
    use sha2::Digest;
    let all = app.deps.store.read(|c| {
        let texts =
            retention_runs::table.filter(retention_runs::kind.eq("message")).order(retention_runs::id);
        Ok(texts.select(retention_runs::record).load::<Option<String>>(c)?)
    });
    let texts: Vec<String> = all.await.unwrap().into_iter().flatten().collect();
    assert_eq!(texts.len(), 2);
    assert_eq!(found[0].record.previous.clone().unwrap(), hex::encode(sha2::Sha256::digest(&texts[0])));
    let mut b = app.browser();
    b.get("/retention").await.expect(200).shows("站内消息").shows("1 条");
    b.get(&format!("/retention/{}", found[0].id)).await.expect(200).shows("有效");
    b.get("/retention/01920000-0000-7000-8000-00000000abcd").await.expect(404);
    app.stop().await;
}

async fn a_run_goes_on_after_a_kill(app: App) {
    let (_, account) = app.resident_with("13800138000").await;
    let ids = messages(&app, account, 1203).await;
    app.clock.advance(Duration::days(186));
    // A night that is killed after its first steps: the future is dropped in the middle.
    let deps = app.deps.clone();
    let night = fugong::retention::Daily.run(deps);
    let watch = async {
        loop {
            let done = app.deps.store.read(|c| Ok(count(c, "inbox"))).await.unwrap();
            if done < 1203 {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        ended = night => ended.unwrap(),
        () = watch => {}
    }
    // The next day: the run of the day before is brought to its end first, and nothing is counted twice.
    app.clock.advance(Duration::days(1));
    app.tick().await;
    assert_eq!(app.deps.store.read(|c| Ok(count(c, "inbox"))).await.unwrap(), 0);
    let found = records(&app, "message").await;
    assert_eq!(found.iter().map(|r| r.record.count).sum::<i64>(), 1203);
    let [run] = found.as_slice() else { panic!("{found:?}") };
    let salt = hex::decode(&run.record.salt).unwrap();
    let leaf = |id: &Id| leaf_hash(&[salt.clone(), id.0.simple().to_string().into_bytes()].concat());
    assert_eq!(run.record.root, hex::encode(root(&ids.iter().map(leaf).collect::<Vec<_>>())));
    app.stop().await;
}
