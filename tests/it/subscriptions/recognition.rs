//! Agreements with other provinces are told to whoever asked for it: when one is entered or ended, and when a partner is
//! switched off or on.

use super::{COUNTY, READER, mails, subscribed, subscribed_to};
use crate::harness::App;
use crate::on_both;
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use fugong::audit::Actor;
use fugong::db::Id;
use fugong::db::schema::agreements;
use fugong::exchange::{NewAgreement, NewPartner, add_agreement, end_agreement, put_partner};

on_both!(an_agreement_is_told_when_it_begins_and_when_it_ends, a_partner_that_is_switched_off_is_told_once);

async fn partner(app: &App, active: bool) {
    let new = NewPartner {
        province: "440000".into(),
        endpoint: "https://gd.example".into(),
        phone: "020-12345".into(),
        active,
    };
    put_partner(&app.deps, Actor::Console, new).await.unwrap();
}

async fn agree(app: &App, kinds: &[&str], to: Option<DateTime<Utc>>) {
    let new = NewAgreement {
        province: "440000".into(),
        kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        direction: "both".into(),
        from: app.clock.now(),
        to,
        document: "川粤互认 1 号".into(),
    };
    add_agreement(&app.deps, Actor::Console, new, None).await.unwrap();
}

/// Subjects and texts of the news that have gone to the reader, the oldest first.
async fn told(app: &App) -> Vec<String> {
    app.drain().await;
    app.clock.advance(Duration::seconds(1));
    let all = mails(app, READER, "subscription-news").into_iter();
    all.map(|mail| format!("{} {}", mail.subject.unwrap_or_default(), mail.text)).collect()
}

async fn an_agreement_is_told_when_it_begins_and_when_it_ends(app: App) {
    // It is the province's, so the place that was chosen does not matter; whoever asked for levels gets none of it.
    subscribed_to(&app, "recognition", READER, COUNTY, "none").await;
    subscribed(&app, "levels@example.cn", COUNTY, "none").await;
    partner(&app, true).await;
    agree(&app, &["code", "certificate"], Some(app.clock.now() + Duration::days(90))).await;
    let news = told(&app).await;
    assert_eq!(news.len(), 1, "one act is told as one: {news:?}");
    for words in ["广东省", "健康码", "返岗证明", "互相承认", "川粤互认 1 号", "2020", "/recognition"]
    {
        assert!(news[0].contains(words), "{words}: {}", news[0]);
    }
    let ids = app.deps.store.read(|c| {
        let of_codes = agreements::table.filter(agreements::kind.eq("code"));
        Ok(of_codes.select(agreements::id).first::<Id>(c)?)
    });
    end_agreement(&app.deps, Actor::Console, ids.await.unwrap()).await.unwrap();
    let news = told(&app).await;
    assert_eq!(news.len(), 2, "{news:?}");
    assert!(news[1].contains("不再承认健康码") && !news[1].contains("返岗证明"), "{}", news[1]);
    assert!(mails(&app, "levels@example.cn", "subscription-news").is_empty());
    app.stop().await;
}

async fn a_partner_that_is_switched_off_is_told_once(app: App) {
    subscribed_to(&app, "recognition", READER, "", "none").await;
    // Without an agreement, and before there is anything on the page, there is nothing to tell.
    partner(&app, true).await;
    partner(&app, false).await;
    agree(&app, &["code"], None).await;
    assert!(told(&app).await.is_empty());
    for (active, words) in [(true, "恢复承认健康码"), (false, "暂停承认健康码")] {
        partner(&app, active).await;
        partner(&app, active).await;
        let news = told(&app).await;
        let meant: Vec<_> = news.iter().filter(|one| one.contains(words)).collect();
        assert_eq!(meant.len(), 1, "{words}: {news:?}");
    }
    // What is switched off is ended without a word: it stands on no page.
    let id = app.deps.store.read(|c| Ok(agreements::table.select(agreements::id).first::<Id>(c)?));
    end_agreement(&app.deps, Actor::Console, id.await.unwrap()).await.unwrap();
    assert_eq!(told(&app).await.len(), 2);
    app.stop().await;
}
