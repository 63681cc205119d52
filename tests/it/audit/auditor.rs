//! The auditor's pages: what they show, to whom, and that the look itself is recorded.

use super::{fill, sign};
use crate::harness::App;
use crate::on_both;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::db::schema::audit_entries;

on_both!(
    lists_filters_and_pages,
    verifies_and_shows_entries,
    exports_after_step_up,
    is_for_auditors_only,
    reads_names_and_words,
    one_request_is_one_line
);

async fn actions(app: &App) -> Vec<String> {
    app.deps
        .store
        .read(|conn| {
            Ok(audit_entries::table
                .filter(audit_entries::actor_kind.eq("official"))
                .order(audit_entries::at)
                .select(audit_entries::action)
                .load(conn)?)
        })
        .await
        .unwrap()
}

async fn lists_filters_and_pages(app: App) {
    let mut b = app.official(Role::Auditor, "510000").await;
    fill(&app, 60).await;
    let first = b.get("/audit").await.expect(200).shows("test.entry").shows("还没有签名记录头");
    let older = first
        .body
        .split("rel=\"next\"")
        .next()
        .unwrap()
        .rsplit("href=\"")
        .next()
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let second = b.get(older).await.expect(200);
    assert!(second.body.matches("/audit/entries/").count() >= 10);
    let places = |body: &str| -> Vec<String> {
        body.split("/audit/entries/").skip(1).map(|p| p.split('"').next().unwrap().to_owned()).collect()
    };
    let (one, two) = (places(&first.body), places(&second.body));
    assert!(one.len() == 50 && one.iter().all(|p| !two.contains(p)), "pages do not overlap");
    sign(&app).await;
    b.get("/audit?action=test.&from=2020-03-12&to=2020-03-12&actor=system")
        .await
        .expect(200)
        .shows("test.entry")
        .shows("签名有效");
    b.get("/audit?action=test.&from=2020-03-13").await.expect(200).shows("没有符合条件的记录");
    b.get("/audit?to=2020-03-11").await.expect(200).shows("没有符合条件的记录");
    b.get("/audit?from=yesterday").await.expect(422);
    b.get("/audit?object=1").await.expect(422);
    b.get("/audit?after=zzz").await.expect(400);
    b.get("/audit?action=%27%25").await.expect(422);
    assert_eq!(actions(&app).await.iter().filter(|a| *a == "audit.view").count(), 5, "each look is recorded");
    b.lang = "en";
    b.get("/audit").await.expect(200).shows("Audit record");
    app.stop().await;
}

async fn verifies_and_shows_entries(app: App) {
    let mut b = app.official(Role::Auditor, "510000").await;
    fill(&app, 40).await;
    sign(&app).await;
    b.get("/audit").await.expect(200);
    b.post("/audit/verify", &[]).await.expect(200).shows("全部相符");
    let lane: i32 = app
        .deps
        .store
        .read(|c| Ok(audit_entries::table.select(audit_entries::lane).first(c)?))
        .await
        .unwrap();
    b.get(&format!("/audit/entries/{lane}/1"))
        .await
        .expect(200)
        .shows("本条内容与散列值相符")
        .shows("证明有效");
    b.get(&format!("/audit/entries/{lane}/100000")).await.expect(404);
    b.get("/audit/entries/x/1").await.expect(404);
    app.deps
        .store
        .write(move |tx| {
            diesel::sql_query(format!(
                "UPDATE audit_entries SET action = 'forged' WHERE lane = {lane} AND seq = 1"
            ))
            .execute(tx.conn())?;
            Ok(())
        })
        .await
        .unwrap();
    b.post("/audit/verify", &[]).await.expect(200).shows(&format!("lane {lane} entry 1: altered"));
    b.get(&format!("/audit/entries/{lane}/1")).await.expect(200).shows("有人改动过");
    app.stop().await;
}

async fn exports_after_step_up(app: App) {
    let mut b = app.official(Role::Auditor, "510000").await;
    fill(&app, 3).await;
    let file = b.get("/audit/export.csv?action=test.").await.expect(200);
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    assert!(file.body.starts_with("\u{feff}lane,seq,at,"));
    assert_eq!(file.body.lines().count(), 4);
    app.clock.advance(chrono::Duration::minutes(16));
    b.get("/audit/export.csv").await.leads_to("/desk/step-up");
    app.stop().await;
}

async fn is_for_auditors_only(app: App) {
    for role in Role::ALL.iter().filter(|r| **r != Role::Auditor) {
        let mut b = app.official(*role, "510000").await;
        for path in ["/audit", "/audit/export.csv", "/audit/entries/0/1"] {
            b.get(path).await.expect(404);
        }
    }
    app.browser().get("/audit").await.leads_to("/desk/sign-in");
    app.stop().await;
}

async fn reads_names_and_words(app: App) {
    let mut doctor = app.official(Role::Doctor, "511621").await;
    doctor.get("/desk/declarations").await.expect(200);
    let mut b = app.official(Role::Auditor, "510000").await;
    let page = b.get("/audit").await.expect(200).shows("查看申报列表").shows("李经办");
    // The codes are there for those who ask.
    let (words, codes) =
        (page.body.find("查看申报列表").unwrap(), page.body.rfind("declaration.list").unwrap());
    assert!(words < codes && page.body[..codes].ends_with("<code>"));
    b.get("/audit?action=declaration.list").await.expect(200).shows("李经办");
    b.get("/audit?official=%E6%9D%8E%E7%BB%8F&action=declaration.list").await.expect(200).shows("李经办");
    b.get("/audit?official=%E7%BB%8F&action=declaration.list").await.expect(200).shows("没有符合条件的记录");
    b.get("/audit?office_name=%E6%B2%A1%E6%9C%89").await.expect(200).shows("没有符合条件的记录");
    let list = b.api_get("/api/v1/audit/entries?action=declaration.list").await.expect(200).json();
    assert_eq!(list["entries"][0]["action"], "declaration.list", "programs keep the codes");
    b.lang = "en";
    b.get("/audit?action=declaration.list").await.expect(200).shows("List of declarations looked at");
    app.stop().await;
}

async fn one_request_is_one_line(app: App) {
    let mut b = app.official(Role::Auditor, "510000").await;
    let by = app.official_full(Role::Doctor, "511621").await.official;
    let now = app.clock.now();
    let office = fugong::db::Id::new();
    let written = app.deps.store.write(move |tx| {
        for action in ["claims.view", "claim.view", "claim.view"] {
            let actor = fugong::audit::Actor::Official { id: by, office };
            fugong::audit::append(tx, now, fugong::audit::Entry::new(actor, action, "claim"))?;
        }
        Ok(())
    });
    written.await.unwrap();
    let page = b.get("/audit").await.expect(200);
    assert_eq!(page.body.matches("查看身份认领列表，查看身份认领<").count(), 1, "three entries, one line");
    page.shows("3 条");
    app.stop().await;
}
