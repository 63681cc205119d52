//! Drafts: where they go on, what a renewal begins with, when they end.

use super::walk::*;
use super::*;

on_both!(
    renewing_asks_only_what_can_have_changed,
    without_an_employer,
    pages_of_earlier_versions_lead_on,
    outdated_answers_expire,
    a_draft_is_resumed_on_another_device,
);

async fn renewing_asks_only_what_can_have_changed(app: App) {
    let mut b = app.resident("13600008861").await;
    b.get("/declare").await.expect(200).hides("/declare/renew");
    let number = declare(&mut b, "褚二", "360426199101010071").await;
    issue(&app, &number).await;
    app.clock.advance(chrono::Duration::days(2));
    let mut b = app.resident("13600008861").await;
    b.get("/declare").await.expect(200).shows("/declare/renew");
    let mut next = b.post("/declare/renew", &[]).await.leads_to("/declare/today").location().to_owned();
    let asked = pages("褚二", "360426199101010071").into_iter().skip(3);
    let mut count = 1;
    for (step, fields) in asked {
        assert_eq!(next, format!("/declare/{step}"));
        let page = b.get(&next).await.expect(200).shows("共 6 步");
        if step == "destination" {
            page.shows("宁波某某机械厂").shows("value=\"15\"");
        } else if step == "exposure" || step == "today" {
            page.hides("checked");
        }
        next = send(&mut b, &format!("/declare/{step}"), &fields).await.location().to_owned();
        count += 1;
    }
    assert!(count <= 8, "{count} steps");
    assert_eq!(next, "/declare/check");
    // The promise comes after checking, and it is asked for.
    let check = b
        .get("/declare/check")
        .await
        .expect(200)
        .shows("褚二")
        .shows("东外街 118 号")
        .shows("name=\"truth\"");
    let version = check.input("version").unwrap();
    b.post("/declare/submit", &[("version", &version)])
        .await
        .expect(422)
        .shows("勾选承诺")
        .shows("请选择是否");
    let again = submit(&mut b).await;
    assert_ne!(again, number);
    app.stop().await;
}

async fn without_an_employer(app: App) {
    let mut b = app.resident("13600008862").await;
    let mut all = pages("卫三", "360426199101010071");
    let last = &mut all.last_mut().unwrap().1;
    last.retain(|(name, _)| *name != "employer");
    b.get("/declare").await.expect(200);
    send(&mut b, "/declare/destination", last).await.expect(422).shows("去做什么");
    last.push(("purpose", "work".into()));
    send(&mut b, "/declare/destination", last).await.expect(422).shows("请填写用人单位");
    last.retain(|(name, _)| *name != "purpose");
    last.push(("purpose", "study".into()));
    for (step, fields) in &all {
        send(&mut b, &format!("/declare/{step}"), fields).await.leads_to("/declare/");
    }
    b.get("/declare/check").await.expect(200).shows("上学").hides("<dt>用人单位</dt>");
    let number = submit(&mut b).await;
    issue(&app, &number).await;
    let mut program = app.resident("13600008863").await;
    program.get("/declare").await.expect(200);
    let mut whole = body("蒋四");
    whole["document_number"] = json!("11010519491231002X");
    whole["destination"].as_object_mut().unwrap().remove("employer");
    let refused =
        program.api(Method::POST, "/api/v1/declarations", &whole).await.expect(422).json().to_string();
    assert!(refused.contains("destination.purpose"), "{refused}");
    whole["destination"]["purpose"] = json!("home");
    let made = program.api(Method::POST, "/api/v1/declarations", &whole).await.expect(201).json();
    assert_eq!(made["answers"]["destination"]["purpose"], "home");
    app.stop().await;
}

async fn pages_of_earlier_versions_lead_on(app: App) {
    let mut b = app.resident("13600008864").await;
    b.get("/declare").await.expect(200);
    for (old, new) in [
        ("about", "identity"),
        ("household", "address"),
        ("present", "address"),
        ("phone", "reach"),
        ("conditions", "reach"),
        ("temperature", "today"),
        ("symptoms", "today"),
        ("contact", "exposure"),
        ("coresidents", "exposure"),
        ("history", "exposure"),
        ("vaccination", "protection"),
        ("test", "protection"),
        ("consent", "check"),
    ] {
        b.get(&format!("/declare/{old}")).await.leads_to(&format!("/declare/{new}"));
        b.post(&format!("/declare/{old}"), &[]).await.leads_to(&format!("/declare/{new}"));
    }
    b.get("/declare/temperature?change=1").await.leads_to("/declare/today?change=1");
    app.stop().await;
}

async fn outdated_answers_expire(app: App) {
    let mut b = app.resident("13600008849").await;
    let number = declare(&mut b, "冯一", "360426199101010071").await;
    // The end of the fourteenth day, as the page says and as the colour rules have it.
    b.get(&format!("/declarations/{number}")).await.expect(200).shows("3 月 26 日（星期四）24:00");
    let end: chrono::DateTime<chrono::Utc> = "2020-03-26T16:00:00Z".parse().unwrap();
    app.clock.advance(end - app.clock.now() - chrono::Duration::minutes(1));
    let mut b = app.resident("13600008849").await;
    settle(&app).await;
    b.get(&format!("/declarations/{number}")).await.expect(200).hides("已过期");
    app.clock.advance(chrono::Duration::minutes(1));
    settle(&app).await;
    b.get(&format!("/declarations/{number}")).await.expect(200).shows("已过期");
    app.stop().await;
}

async fn a_draft_is_resumed_on_another_device(app: App) {
    let mut phone = app.resident("13600008843").await;
    let first: Vec<_> = pages("王五", "360426199101010071").into_iter().take(2).collect();
    for (step, fields) in &first {
        phone.get(&format!("/declare/{step}")).await.expect(200);
        send(&mut phone, &format!("/declare/{step}"), fields).await.leads_to("/declare/");
    }
    let mut other = app.resident("13600008843").await;
    other.get("/declare").await.expect(200).shows("接着填").shows("href=\"/declare/reach\"");
    other.get("/declare/identity").await.expect(200).shows("王五");
    other.post("/declare/discard", &[]).await.leads_to("/declare");
    phone.get("/declare").await.expect(200).shows("开始申报");
    let mut stranger = app.resident("13600008899").await;
    stranger.get("/declare/identity").await.expect(200).hides("王五");
    app.stop().await;
}
