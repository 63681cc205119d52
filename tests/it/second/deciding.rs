//! One enters it, another decides it, once; and what it brings about is shown before.

use super::{confirmed, enter, enter_risk, listed, noted, officer, operator};
use crate::codes::ends::{NO, YES};
use crate::codes::{declared_resident, state};
use crate::harness::App;
use crate::harness::declared::{self, healthy};
use crate::on_both;
use fugong::access::Role;
use futures_util::join;
use uuid::Uuid;

on_both!(
    whoever_entered_it_cannot_confirm_it,
    a_refusal_is_read_by_the_other,
    of_two_confirmations_at_once_one_counts,
    a_double_click_is_one_decision,
    a_confirmation_is_rehearsed_with_what_follows_from_it,
    a_level_is_rehearsed_with_examples,
    nothing_but_the_decision_is_left_when_it_is_made,
);

async fn whoever_entered_it_cannot_confirm_it(app: App) {
    declared_resident(&app, "13800000001").await;
    let mut first = officer(&app).await;
    let path = enter(&mut first, "10").await;
    first.get(&path).await.expect(200).shows("你不能自己确认").shows("到期时间").hides("value=\"confirm\"");
    first.post(&path, YES).await.expect(409).shows("另一名工作人员");
    assert_eq!((confirmed(&app).await, listed(&app, "open").await), (0, 1));
    first.post(&path, NO).await.leads_to("/desk/second");
    assert_eq!((confirmed(&app).await, listed(&app, "open").await), (0, 0), "taken back");
    app.stop().await;
}

async fn a_refusal_is_read_by_the_other(app: App) {
    declared_resident(&app, "13800000001").await;
    let (mut first, mut second) = (officer(&app).await, officer(&app).await);
    let path = enter(&mut first, "10").await;
    second.get(&path).await.expect(200).hides("谁的健康码会变");
    second.post(&path, NO).await.leads_to("/desk/second");
    first.get("/desk/records").await.expect(200).shows("已退回").shows("当天他在<外地>出差");
    second.get("/desk/second").await.expect(200).hides("密切接触者");
    app.stop().await;
}

async fn of_two_confirmations_at_once_one_counts(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    let mut first = officer(&app).await;
    let path = enter(&mut first, "10").await;
    let (mut one, mut two) = (officer(&app).await, officer(&app).await);
    one.get(&path).await.expect(200);
    two.get(&path).await.expect(200);
    let (a, b2) = join!(one.post(&path, YES), two.post(&path, YES));
    let (won, late) = if a.status == 303 { (a, b2) } else { (b2, a) };
    won.leads_to("/desk/second");
    late.expect(409).shows("有人先改动了").shows("已确认").shows("李经办");
    app.drain().await;
    assert_eq!((noted(&app, "record.confirm").await, confirmed(&app).await), (1, 1));
    assert_eq!(state(&mut b).await, "red");
    app.stop().await;
}

async fn a_double_click_is_one_decision(app: App) {
    declared_resident(&app, "13800000001").await;
    let (mut first, mut second) = (officer(&app).await, officer(&app).await);
    let path = enter(&mut first, "10").await;
    second.get(&path).await.expect(200);
    let key = Uuid::new_v4().to_string();
    let once = [YES, &[("_once", key.as_str())]].concat();
    let mut tab = second.tab();
    let (one, two) = join!(second.post(&path, &once), tab.post(&path, &once));
    assert_eq!(one.leads_to("/desk/second").location(), two.leads_to("/desk/second").location());
    second.post(&path, &once).await.leads_to("/desk/second");
    assert_eq!(noted(&app, "record.confirm").await, 1);
    app.stop().await;
}

async fn a_confirmation_is_rehearsed_with_what_follows_from_it(app: App) {
    let (mut b, _) = declared_resident(&app, "13800000001").await;
    assert_eq!(state(&mut b).await, "green");
    let (mut first, mut second) = (officer(&app).await, officer(&app).await);
    let path = enter(&mut first, "10").await;
    second.get(&path).await.expect(200);
    let preview = [YES, &[("preview", "1")]].concat();
    let seen = second.post(&path, &preview).await.expect(200).shows("谁的健康码会变").shows("对方将收到");
    // The finding itself, and the change of colour that the background makes of it.
    let seen = seen.shows("有一条关于你的记录生效").shows("你的健康码由绿码变为红码");
    let moved = &seen.body[seen.body.find("id=\"moved\"").unwrap()..];
    assert!(moved.find("绿码").unwrap() < moved.find("红码").unwrap());
    app.drain().await;
    assert_eq!(state(&mut b).await, "green", "a rehearsal changes nothing");
    assert_eq!((confirmed(&app).await, noted(&app, "record.confirm").await), (0, 0));
    b.get("/me/messages").await.expect(200).hides("有一条关于你的记录生效");
    second.post(&path, YES).await.leads_to("/desk/second");
    app.drain().await;
    b.get("/me/messages").await.expect(200).shows("有一条关于你的记录生效").shows("你的健康码变为红码");
    app.stop().await;
}

async fn a_level_is_rehearsed_with_examples(app: App) {
    let (mut b, person) = declared_resident(&app, "13800000001").await;
    let mut healthy = healthy(app.clock.now());
    healthy.present = Some("511621001".into());
    declared::state(person, healthy);
    assert_eq!(state(&mut b).await, "green");
    let (mut first, mut second) = (operator(&app).await, operator(&app).await);
    let path = enter_risk(&mut first).await;
    second.get(&path).await.expect(200).shows("1 人会变色");
    let preview = [YES, &[("preview", "1")]].concat();
    let seen = second.post(&path, &preview).await.expect(200).shows("谁的健康码会变");
    seen.shows("最多三个人的例子").shows("你的健康码由绿码变为红码");
    app.drain().await;
    assert_eq!(state(&mut b).await, "green", "a rehearsal changes nothing");
    app.browser().get("/risks").await.expect(200).shows("现在没有定级的地区");
    app.stop().await;
}

async fn nothing_but_the_decision_is_left_when_it_is_made(app: App) {
    declared_resident(&app, "13800000001").await;
    let (mut first, mut second) = (officer(&app).await, officer(&app).await);
    let path = enter(&mut first, "10").await;
    assert_eq!(listed(&app, "open").await, 1);
    // Whoever decides for a wider jurisdiction decides it, too.
    let mut wider = app.official(Role::ColourOfficer, "511600").await;
    wider.get(&path).await.expect(200);
    wider.post(&path, YES).await.leads_to("/desk/second");
    // Whoever opens it now reads how it was decided.
    second.get(&path).await.expect(200).shows("已确认").hides("decision");
    assert_eq!((listed(&app, "open").await, listed(&app, "expired").await), (0, 0));
    second.get("/desk/second").await.expect(200).shows("现在没有");
    let mut elsewhere = app.official(Role::ColourOfficer, super::ELSEWHERE).await;
    elsewhere.get(&path).await.expect(404);
    app.stop().await;
}
