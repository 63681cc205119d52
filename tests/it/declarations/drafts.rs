//! Drafts: where they go on, what a renewal begins with, when they end.

use super::walk::*;
use super::*;

on_both!(
    renewing_asks_only_what_can_have_changed,
    without_an_employer,
    pages_of_earlier_versions_lead_on,
    outdated_answers_expire,
    a_draft_is_resumed_on_another_device,
    a_correction_that_comes_too_late_says_so,
    a_correction_that_the_office_overtook_begins_anew,
);

/// The pages that would go on with a draft say why it cannot be sent, and how it is left.
async fn says_it_is_stale(b: &mut Browser, why: &str) {
    for page in ["/declare", "/declare/check", "/declarations"] {
        let page = b.get(page).await.expect(200).shows(why).shows("/declare/discard").hides(">接着填</a>");
        page.hides("提交后重新核对").hides("action=\"/declare/submit\"");
    }
    b.get("/me").await.expect(200).shows(why).hides(">接着填</a>");
}

/// Begun before the doctor confirmed, sent after it.
async fn a_correction_that_comes_too_late_says_so(app: App) {
    let mut b = app.resident("13600008871").await;
    let number = declare(&mut b, "蒋一", "360426199101010071").await;
    let seen =
        b.api_get(&format!("/api/v1/declarations/{number}")).await.expect(200).json()["version"].clone();
    b.post(&format!("/declarations/{number}/correct"), &[]).await.leads_to("/declare/check");
    let version = b.get("/declare/check").await.expect(200).input("version").unwrap();
    issue(&app, &number).await;
    let why = "医生已经确认或已有结果，这份更改不能再提交";
    says_it_is_stale(&mut b, why).await;
    let fields = [("version", version.as_str()), ("truth", "yes"), ("share", "yes")];
    for _ in 0..2 {
        b.post("/declare/submit", &fields).await.expect(409).shows("内容不能再改").hides("有人先改动了");
    }
    // Programs are told the same, whichever version they saw.
    let path = format!("/api/v1/declarations/{number}");
    let now = b.api_get(&path).await.expect(200).json()["version"].clone();
    for version in [seen, now] {
        let patch = json!({"version": version, "answers": {"present": {"address": "3 号"}}});
        assert_eq!(b.api(Method::PATCH, &path, &patch).await.expect(409).problem(), "declaration-locked");
    }
    b.post("/declare/discard", &[]).await.leads_to("/declare");
    b.get("/declare").await.expect(200).hides(why).shows("/declare/renew");
    app.stop().await;
}

async fn a_correction_that_the_office_overtook_begins_anew(app: App) {
    let mut b = app.resident("13600008872").await;
    let number = declare(&mut b, "蒋二", "360426199101010071").await;
    b.post(&format!("/declarations/{number}/correct"), &[]).await.leads_to("/declare/check");
    b.get("/declare/check").await.expect(200).shows("提交后重新核对");
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    decide(&mut worker, &number, &[("action", "check")]).await.leads_to("/desk/declarations/");
    says_it_is_stale(&mut b, "工作人员又办理过这份申报").await;
    b.post(&format!("/declarations/{number}/correct"), &[]).await.leads_to("/declare/check");
    b.get("/declare/check").await.expect(200).shows("提交后重新核对");
    assert_eq!(submit(&mut b).await, number);
    app.stop().await;
}

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
    // Going to study is no way to work, and no employer is needed for it.
    b.get("/declare/destination").await.expect(200).shows("用人单位（去上班时必填）");
    let without: Vec<_> = last.iter().filter(|(name, _)| *name != "transport").cloned().collect();
    let answer = send(&mut b, "/declare/destination", &without).await.expect(422);
    answer.shows("请选择怎么去").hides("怎么去上班的地方");
    let below = ["destination-division-2", "destination-division-3"];
    let province: Vec<_> = last.iter().filter(|(name, _)| !below.contains(name)).cloned().collect();
    let answer = send(&mut b, "/declare/destination", &province).await.expect(422);
    answer.shows("请选到县（市、区）").hides("请选到乡镇");
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
