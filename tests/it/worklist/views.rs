//! Saved views: one's own and the office's.

use super::fill::fill;
use super::{HERE, LISTS, numbers};
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::on_both;
use diesel::prelude::*;
use fugong::db::schema::{audit_entries, saved_views};

on_both!(views_are_saved_shared_and_removed, a_view_keeps_only_what_the_list_knows, views_have_an_end);

async fn save(b: &mut Browser, path: &str, fields: &[(&str, &str)]) -> crate::harness::browser::Answer {
    let mut all = vec![("do", "save")];
    all.extend_from_slice(fields);
    b.post(&format!("{path}/views"), &all).await
}

async fn views_are_saved_shared_and_removed(app: App) {
    for (before, list) in (0..).zip(LISTS) {
        let staff = app.official_full(list.role, HERE).await;
        let mut colleague = app.colleague(&staff, list.role, HERE).await;
        let mut stranger = app.official(list.role, HERE).await;
        let mut b = staff.browser;
        for who in [&mut b, &mut colleague, &mut stranger] {
            who.get(list.path).await.expect(200);
        }
        let here = format!("{}?tab={}", list.path, list.tab);
        save(&mut b, list.path, &[("tab", list.tab), ("view", "我自己的")]).await.leads_to(&here);
        let shared = [("tab", list.tab), ("view", "<全单位>的"), ("shared", "yes")];
        save(&mut b, list.path, &shared).await.leads_to(&here);
        // Once more under the same name takes its place.
        save(&mut b, list.path, &shared).await.leads_to(&here);
        let page = b.get(list.path).await.expect(200).shows("我自己的").shows("<全单位>的");
        assert_eq!(page.body.matches("value=\"remove\"").count(), 2);
        let page = colleague.get(list.path).await.expect(200).shows("<全单位>的").hides("我自己的");
        let id = page.input("id").unwrap();
        stranger.get(list.path).await.expect(200).hides("全单位>的").hides("我自己的");
        // Who has not got a view cannot remove it; somebody of the office can.
        let remove = [("do", "remove"), ("tab", list.tab), ("id", id.as_str())];
        let path = format!("{}/views", list.path);
        stranger.post(&path, &remove).await.expect(404);
        colleague.post(&path, &remove).await.leads_to(&here);
        colleague.post(&path, &remove).await.expect(404);
        let own = b.get(list.path).await.expect(200).hides("全单位>的").input("id").unwrap();
        colleague.post(&path, &[("do", "remove"), ("id", &own)]).await.expect(404);
        b.post(&path, &[("do", "remove"), ("id", &own)]).await.expect(303);
        b.post(&path, &[("do", "remove"), ("id", "no id")]).await.expect(404);
        let (left, entries) = app
            .deps
            .store
            .read(|c| {
                let views = saved_views::table.count().get_result::<i64>(c)?;
                let entries = audit_entries::table.filter(audit_entries::action.like("list.view-%"));
                Ok((views, entries.count().get_result::<i64>(c)?))
            })
            .await
            .unwrap();
        assert_eq!((left, entries), (0, 5 * (before + 1)), "{}", list.path);
    }
    app.stop().await;
}

async fn a_view_keeps_only_what_the_list_knows(app: App) {
    for list in LISTS {
        let rows = fill(&app, list, 1, HERE).await;
        let mut b = app.official(list.role, HERE).await;
        b.get(list.path).await.expect(200);
        // What is missing is said beside the field, on the list from which it was sent.
        let refused =
            save(&mut b, list.path, &[("tab", list.tab), ("view", " "), ("shared", "yes")]).await.expect(422);
        refused.shows("视图名称").shows("id=\"view-e\"");
        let long = "长".repeat(41);
        let refused = save(&mut b, list.path, &[("tab", list.tab), ("view", &long)]).await.expect(422);
        assert_eq!(numbers(&refused.shows(&long), list), rows);
        let sent = [
            ("tab", list.tab),
            ("view", "一"),
            ("q", "王小明"),
            ("after", "abc"),
            ("sort", "'; DROP TABLE"),
            ("state", "<script>"),
            ("evil", "1"),
        ];
        save(&mut b, list.path, &sent).await.expect(303);
        let places = app.deps.store.read(|c| {
            let own = saved_views::table.filter(saved_views::list.eq(list.name()));
            Ok(own.select(saved_views::place).load::<String>(c)?)
        });
        assert_eq!(places.await.unwrap(), [format!("tab={}", list.tab)]);
    }
    app.stop().await;
}

async fn views_have_an_end(app: App) {
    let list = &LISTS[0];
    let mut b = app.official(list.role, HERE).await;
    b.get(list.path).await.expect(200);
    for n in 0..20 {
        save(&mut b, list.path, &[("view", &format!("第 {n} 个"))]).await.expect(303);
    }
    save(&mut b, list.path, &[("view", "再一个")])
        .await
        .expect(422)
        .shows("最多保存 20 个视图")
        .shows("再一个");
    save(&mut b, list.path, &[("view", "第 3 个"), ("sort", "newest")]).await.expect(303);
    save(&mut b, list.path, &[("view", "全单位"), ("shared", "yes")]).await.expect(303);
    app.stop().await;
}
