//! What is kept of a resident until when, and what goes at once when they ask.

use super::count;
use super::proof::messages;
use crate::harness::App;
use crate::on_both;
use crate::world::World;
use crate::world::principals::OWNER;
use diesel::prelude::*;
use fugong::db::Conn;
use fugong::db::schema::inbox;

on_both!(
    messages_go_when_asked,
    an_account_with_nothing_left_goes_at_once,
    a_declaration_is_kept_as_long_as_its_certificate,
);

async fn messages_go_when_asked(app: App) {
    let (mut b, account) = app.resident_with("13800138000").await;
    messages(&app, account, 3).await;
    let (_, other) = app.resident_with("13800138001").await;
    messages(&app, other, 2).await;
    let now = fugong::db::Ts::from(app.clock.now());
    let read = app.deps.store.write(move |tx| {
        let mine = inbox::table
            .filter(inbox::account_id.eq(account))
            .select(inbox::id)
            .first::<fugong::db::Id>(tx.conn())?;
        diesel::update(inbox::table.find(mine)).set(inbox::read_at.eq(Some(now))).execute(tx.conn())?;
        diesel::update(inbox::table.filter(inbox::account_id.eq(other)))
            .set(inbox::read_at.eq(Some(now)))
            .execute(tx.conn())?;
        Ok(())
    });
    read.await.unwrap();
    // 12 March and 180 days.
    b.get("/me/kept")
        .await
        .expect(200)
        .shows("站内消息")
        .shows("3 条")
        .shows("2020 年 9 月 8 日")
        .shows("其中 1 条可以马上删除");
    b.post("/me/kept/delete", &[("kind", "message")]).await.expect(303);
    let left = |c: &mut Conn| Ok(count(c, "inbox"));
    assert_eq!(app.deps.store.read(left).await.unwrap(), 4, "what was read and is one's own, and no other");
    b.post("/me/kept/delete", &[("kind", "session")]).await.expect(400);
    b.post("/me/kept/delete", &[("kind", "x'; --")]).await.expect(400);
    app.stop().await;
}

async fn a_declaration_is_kept_as_long_as_its_certificate(app: App) {
    let world = World::new(app).await;
    let (mut owner, _) = world.app.resident_with(OWNER).await;
    let page = owner.get("/me/kept").await.expect(200).body.clone();
    let last = |name: &str| {
        let card =
            page.split(&format!("id=\"k-{name}\"")).nth(1).unwrap().split("class=\"card\"").next().unwrap();
        let days: Vec<&str> = card.split("2020 年").skip(1).map(|t| t.split(" 日").next().unwrap()).collect();
        (*days.last().unwrap()).to_owned()
    };
    assert_eq!(last("declaration"), last("certificate"));
    // Name and document stay as long as anything of their person does, and so does the account.
    assert!(page.contains("姓名和证件") && !page.contains("没有任何记录的个人信息"));
    let person = page.split("id=\"k-person\"").nth(1).unwrap();
    let day = |text: &str| {
        let day = text.split("不早于 ").nth(1).unwrap().split('<').next().unwrap().trim().to_owned();
        let parts: Vec<u32> = day.split(' ').filter_map(|p| p.parse().ok()).collect();
        (parts[0], parts[1], parts[2])
    };
    let certificate = page.split("id=\"k-certificate\"").nth(1).unwrap();
    let certificate = format!("不早于 {}", certificate.split("<dd>").nth(2).unwrap());
    assert!(day(person) >= day(&certificate), "{person}");
    world.app.stop().await;
}

async fn an_account_with_nothing_left_goes_at_once(app: App) {
    let (mut b, account) = app.resident_with("13800138000").await;
    messages(&app, account, 2).await;
    let (_, other) = app.resident_with("13800138001").await;
    let kept = b.get("/me/kept").await.expect(200).shows("/me/kept/delete?kind=account");
    kept.hides("action=\"/me/kept/delete\"");
    let ask = b.get("/me/kept/delete?kind=account").await.expect(200).shows("删除以后").shows("不能恢复");
    ask.shows("确认删除").shows("不删除").shows("你会退出登录");
    b.get("/me/kept/delete?kind=message").await.expect(200).shows("站内消息").hides("退出登录");
    for unknown in ["/me/kept/delete", "/me/kept/delete?kind=session", "/me/kept/delete?kind=x"] {
        b.get(unknown).await.expect(400);
    }
    b.post("/me/kept/delete", &[("kind", "account")]).await.expect(303);
    b.get("/me/kept").await.expect(303);
    let left = |c: &mut Conn| {
        use fugong::db::schema::accounts;
        Ok((accounts::table.select(accounts::id).load::<fugong::db::Id>(c)?, count(c, "inbox")))
    };
    assert_eq!(app.deps.store.read(left).await.unwrap(), (vec![other], 0));
    app.stop().await;
}
