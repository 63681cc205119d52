//! What an official does with their own sign-in: sees where it is, ends it, changes the password.

use crate::harness::App;
use crate::officials::{NEW, both_factors, enrol, password};
use crate::on_both;
use argon2::password_hash::PasswordHasher;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, Version};
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::audit::Actor;
use fugong::cli::admin::{EndSessionsArgs, end_sessions};
use fugong::crypto::password::needs_rehash;
use fugong::db::schema::officials;
use fugong::officials::{NewAssignment, assign};

on_both!(
    every_official_finds_their_account,
    sessions_are_seen_and_ended,
    another_password_ends_all_others,
    signing_out_clears_what_the_browser_kept,
    an_old_hash_is_renewed_at_sign_in,
    the_console_ends_sessions
);

const OTHER: &str = "但使龙城飞将在不教胡马度阴山";

/// From the page on which a role starts, at every width, leads a link to the own sign-in; from there to other posts.
async fn every_official_finds_their_account(app: App) {
    for role in Role::ALL {
        let mut b = app.official(*role, "510000").await;
        let start = b.get("/office").await.expect(303).location().to_owned();
        let page = b.get(&start).await.expect(200);
        let (header, foot) = page.body.split_once("<footer").unwrap();
        for part in [header, foot] {
            assert!(part.contains("href=\"/desk/account\""), "{role:?}: {}", page.body);
        }
        b.get("/desk/account").await.expect(200).shows("改密码").hides("href=\"/desk/switch\"");
    }
    let staff = app.official_full(Role::Doctor, "511621").await;
    let (official, office, from) = (staff.official, staff.office, app.clock.now());
    let made = app.deps.store.write(move |tx| {
        let (division, role) = ("511621".parse().unwrap(), Role::TownReviewer);
        let (to, substitute_for, created_by) = (None, None, None);
        let right = NewAssignment { official, office, role, division, from, to, substitute_for, created_by };
        assign(tx, Actor::Console, &right, from)
    });
    made.await.unwrap();
    let mut b = staff.browser;
    b.get("/desk/account").await.expect(200).shows("href=\"/desk/switch\"");
    b.get("/desk/switch").await.expect(200).shows("在“我的账号”里切换").shows("href=\"/desk/account\"");
    app.stop().await;
}

async fn sessions_are_seen_and_ended(app: App) {
    let staff = app.official_full(Role::Publisher, "510000").await;
    let mut b = app.browser();
    let (secret, _) = enrol(&app, &mut b, &staff.login).await;
    let (mut second, _) = both_factors(&app, &staff.login, &secret).await;
    let (mut third, _) = both_factors(&app, &staff.login, &secret).await;
    let page = b.get("/desk/account").await.expect(200).shows("这台设备");
    let ids: Vec<&str> = page
        .body
        .split("/desk/account/sessions/")
        .filter(|s| s.get(36..40) == Some("/end"))
        .map(|s| &s[..36])
        .collect();
    assert_eq!(ids.len(), 2, "the own one ends by signing out");
    // The newest is listed first. Somebody else's is not there.
    let path = format!("/desk/account/sessions/{}/end", ids[0]);
    let mut stranger = app.official(Role::Publisher, "510000").await;
    stranger.get("/desk/account").await.expect(200);
    stranger.post(&path, &[]).await.expect(404);
    third.get("/desk").await.expect(200);
    b.post(&path, &[]).await.leads_to("/desk/account");
    third.get("/desk").await.leads_to("/desk/sign-in");
    second.get("/desk").await.expect(200);
    b.post("/desk/account/sessions/end-others", &[]).await.leads_to("/desk/account");
    second.get("/desk").await.leads_to("/desk/sign-in");
    b.get("/desk/account").await.expect(200).shows("其他登录已全部结束");
    app.stop().await;
}

async fn another_password_ends_all_others(app: App) {
    let staff = app.official_full(Role::Publisher, "510000").await;
    let mut b = app.browser();
    let (secret, _) = enrol(&app, &mut b, &staff.login).await;
    let (mut second, _) = both_factors(&app, &staff.login, &secret).await;
    b.get("/desk/account").await.expect(200);
    let change = async |b: &mut crate::harness::browser::Browser, old: &str, new: &str, repeat: &str| {
        b.post("/desk/account/password", &[("old", old), ("password", new), ("repeat", repeat)]).await
    };
    change(&mut b, NEW, "qazwsxedcrfv", "qazwsxedcrfv").await.expect(422).shows("太容易猜");
    change(&mut b, NEW, OTHER, "x").await.expect(422).shows("两次输入的密码不一样");
    for _ in 0..5 {
        change(&mut b, "wrong", OTHER, OTHER).await.expect(422).shows("现在的密码不对");
    }
    let late = change(&mut b, NEW, OTHER, OTHER).await.expect(429).shows("请 1 分钟后再试");
    assert_eq!(late.headers["retry-after"], "60");
    app.clock.advance(Duration::minutes(1));
    second.get("/desk").await.expect(200);
    change(&mut b, NEW, OTHER, OTHER).await.leads_to("/desk/account");
    b.get("/desk").await.expect(200);
    second.get("/desk").await.leads_to("/desk/sign-in");
    password(&mut second, &staff.login, NEW).await.expect(422);
    password(&mut second, &staff.login, OTHER).await.leads_to("/desk/sign-in/totp");
    // After a quarter of an hour a fresh code is asked for first.
    app.clock.advance(Duration::minutes(16));
    change(&mut b, OTHER, NEW, NEW).await.expect(401).shows("15 分钟内不再问");
    app.stop().await;
}

async fn signing_out_clears_what_the_browser_kept(app: App) {
    for (mut b, path) in [
        (app.resident("13800138000").await, "/sign-out"),
        (app.official(Role::Publisher, "510000").await, "/desk/sign-out"),
    ] {
        b.get("/").await;
        b.get(if path == "/sign-out" { "/me" } else { "/desk" }).await.expect(200);
        let out = b.post(path, &[]).await.expect(303);
        assert_eq!(out.headers["clear-site-data"], "\"cache\", \"storage\"");
    }
    app.stop().await;
}

async fn an_old_hash_is_renewed_at_sign_in(app: App) {
    let staff = app.official_full(Role::Publisher, "510000").await;
    let (secret, _) = enrol(&app, &mut app.browser(), &staff.login).await;
    let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).unwrap());
    let weak: PasswordHash = weak.hash_password(NEW.as_bytes()).unwrap();
    let (id, weak) = (staff.official, weak.to_string());
    let set = app.deps.store.write(move |tx| {
        diesel::update(officials::table.find(id))
            .set(officials::password_hash.eq(weak))
            .execute(tx.conn())?;
        Ok(())
    });
    set.await.unwrap();
    let stored = async || {
        let hash = app.deps.store.read(move |c| {
            Ok(officials::table.find(id).select(officials::password_hash).first::<String>(c)?)
        });
        hash.await.unwrap()
    };
    password(&mut app.browser(), &staff.login, "wrong").await.expect(422);
    assert!(needs_rehash(&stored().await), "a wrong password changes nothing");
    // The sign-in goes on, and the password stays the same.
    let (mut b, answer) = both_factors(&app, &staff.login, &secret).await;
    answer.leads_to("/desk");
    b.get("/desk").await.expect(200);
    assert!(!needs_rehash(&stored().await));
    password(&mut app.browser(), &staff.login, NEW).await.leads_to("/desk/sign-in/totp");
    app.stop().await;
}

async fn the_console_ends_sessions(app: App) {
    let mut resident = app.resident("13800138000").await;
    let mut other = app.official(Role::Auditor, "510000").await;
    let staff = app.official_full(Role::Publisher, "510000").await;
    let mut desk = staff.browser;
    desk.get("/desk").await.expect(200);
    let end = async |login: Option<&str>| {
        let args = EndSessionsArgs { login: login.map(str::to_owned), everybody: login.is_none() };
        end_sessions(&args, &app.deps.store, app.clock.now()).await
    };
    assert!(end(Some("nobody")).await.is_err());
    assert_eq!(end(Some(&staff.login)).await.unwrap(), 1);
    desk.get("/desk").await.leads_to("/desk/sign-in");
    resident.get("/me").await.expect(200);
    other.get("/desk").await.expect(200);
    assert_eq!(end(None).await.unwrap(), 2);
    resident.get("/me").await.leads_to("/sign-in");
    other.get("/desk").await.leads_to("/desk/sign-in");
    assert_eq!(end(None).await.unwrap(), 0);
    app.stop().await;
}
