//! The desk: worklist, decisions, corrections, entry for somebody without a phone.

use super::walk::*;
use super::*;

on_both!(
    entered_by_staff,
    the_worklist_says_where_to_when_and_which_colour,
    two_officials_and_foreign_jurisdictions,
    at_a_fever_nobody_is_found_well,
    returned_corrected_and_rejected,
    how_long_it_takes_is_measured,
);

async fn entered_by_staff(app: App) {
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    worker.get("/desk/declarations/new").await.expect(200);
    worker.post("/desk/declarations/new", &[]).await.expect(422).shows("出错");
    let mut fields: Vec<(&'static str, String)> =
        pages("吴九", "360426199101010071").into_iter().flat_map(|(_, f)| f).collect();
    fields.extend(promise());
    fields.iter_mut().filter(|(name, _)| *name == "travelled").for_each(|(_, v)| *v = "yes".into());
    // Several journeys on one paper: a button shows the next, keeping what was typed; blank ones are passed over.
    for (name, value) in [
        ("stay-1-division", "420102"),
        ("stay-1-transport", "train"),
        ("stay-1-from-year", "2020"),
        ("stay-1-from-month", "3"),
        ("stay-1-from-day", "1"),
        ("stay-1-to-year", "2020"),
        ("stay-1-to-month", "3"),
        ("stay-1-to-day", "2"),
        ("stays", "1"),
    ] {
        fields.push((name, value.to_owned()));
    }
    // Somebody without a telephone.
    fields.retain(|(name, _)| *name != "phone");
    let mut more = fields.clone();
    more.push(("more", "1".into()));
    let page = send(&mut worker, "/desk/declarations/new", &more)
        .await
        .expect(200)
        .shows("第 2 处")
        .hides("第 3 处");
    assert_eq!(page.input("stays").as_deref(), Some("2"));
    page.shows("name=\"stay-1-from-day\" inputmode=\"numeric\" autocomplete=\"off\" value=\"1\"");
    fields.retain(|(name, _)| *name != "stays");
    for (name, value) in [
        ("stays", "3"),
        ("stay-2-abroad", "大韩民国"),
        ("stay-2-transport", "flight"),
        ("stay-2-from-year", "2020"),
        ("stay-2-from-month", "3"),
        ("stay-2-from-day", "3"),
    ] {
        fields.push((name, value.to_owned()));
    }
    send(&mut worker, "/desk/declarations/new", &fields).await.expect(422).shows("请填写哪天离开的");
    for (name, value) in [("stay-2-to-year", "2020"), ("stay-2-to-month", "3"), ("stay-2-to-day", "4")] {
        fields.push((name, value.to_owned()));
    }
    send(&mut worker, "/desk/declarations/new", &fields).await.leads_to("/desk/receipts/HZ");
    let number = entered::newest(&app).await;
    let case = worker.get(&format!("/desk/declarations/{number}")).await.expect(200);
    case.shows("要由别的工作人员办理").shows("没有电话").shows("武汉").shows("大韩民国");
    worker.get(&format!("/desk/declarations/{number}/receipt")).await.expect(200).shows("吴九");
    let own = [("version", "2"), ("action", "check")];
    worker.post(&format!("/desk/declarations/{number}"), &own).await.expect(409);
    let mut away = app.official(Role::VillageWorker, elsewhere()).await;
    away.get("/desk/declarations/new").await.expect(200);
    send(&mut away, "/desk/declarations/new", &fields).await.expect(422).shows("不在你的辖区");
    // The same document again: the page comes back with all that was typed, and the error at the document.
    let again = send(&mut worker, "/desk/declarations/new", &fields).await.expect(422);
    again
        .shows("有一份申报正在办理")
        .shows("东外街 118 号")
        .shows("大韩民国")
        .shows("href=\"#document_number\"");
    issue(&app, &number).await;
    app.stop().await;
}

async fn the_worklist_says_where_to_when_and_which_colour(app: App) {
    let mut first = app.resident("13800138031").await;
    let one = declare(&mut first, "欧阳㛃", "360426199101010071").await;
    let mut second = app.resident("13800138032").await;
    let two = declare(&mut second, "李四", "11010519491231002X").await;
    app.drain().await;
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    let list = worker.get("/desk/declarations").await.expect(200);
    list.shows("3 月 15 日").shows("鄞州区").shows("现在的码").shows("欧阳㛃");
    let json = worker.api_get("/api/v1/desk/declarations?sort=colour").await.expect(200).json();
    let row = &json["declarations"][0];
    assert_eq!(
        (row["destination"].as_str(), row["departs_on"].as_str()),
        (Some("330212"), Some("2020-03-15"))
    );
    assert_eq!(row["colour"], "green");
    worker.get("/desk/declarations?sort=departure").await.expect(200).shows("aria-sort=\"ascending\"");
    worker.get("/desk/declarations?sort=nothing").await.expect(200);
    // Nothing is chosen: it is said on the same page; then everything is, without a script.
    let path = "/desk/declarations/check";
    worker.post(path, &[("tab", "submitted")]).await.expect(422).shows("请先勾选至少一件").shows("欧阳㛃");
    let all = worker.post(path, &[("tab", "submitted"), ("do", "all")]).await.expect(200);
    assert_eq!(all.body.matches(" checked").count(), 2);
    // After one is decided the next is one step away, and its time has stopped once it is over.
    decide(&mut worker, &one, &[("action", "check")]).await.leads_to("/desk/declarations/");
    let next = format!("href=\"/desk/declarations/{two}\"");
    assert!(worker.get(&format!("/desk/declarations/{one}")).await.expect(200).body.contains(&next));
    let version = first.get(&format!("/declarations/{one}")).await.expect(200).input("version").unwrap();
    first.post(&format!("/declarations/{one}/withdraw"), &[("version", &version)]).await.expect(303);
    app.clock.advance(chrono::Duration::days(2));
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    worker.get("/desk/declarations?tab=done").await.expect(200).shows("用时").hides("2 天");
    // A colour at which nobody has looked for two days is as true in the list as on the person's page.
    let json = worker.api_get("/api/v1/desk/declarations").await.expect(200).json();
    assert_eq!(
        (&json["declarations"][0]["number"], &json["declarations"][0]["colour"]),
        (&two.into(), &"green".into())
    );
    app.stop().await;
}

async fn two_officials_and_foreign_jurisdictions(app: App) {
    let mut b = app.resident("13600008845").await;
    let number = declare(&mut b, "孙七", "360426199101010071").await;
    let mut foreign = app.official(Role::VillageWorker, elsewhere()).await;
    foreign.get(&format!("/desk/declarations/{number}")).await.expect(404);
    foreign.get("/desk/declarations").await.expect(200).hides(&number);
    let path = format!("/desk/declarations/{number}");
    let mut one = app.official(Role::VillageWorker, "511621").await;
    let mut two = app.official(Role::VillageWorker, &town()).await;
    let seen = one.get(&path).await.expect(200).input("version").unwrap();
    two.get(&path).await.expect(200);
    let row = format!("{number}@{seen}");
    two.post("/desk/declarations/check", &[("case", &row)]).await.expect(200).shows("已核对");
    two.post("/desk/declarations/check", &[("case", &row)]).await.expect(200).shows("有人改过");
    one.post(&path, &[("version", &seen), ("action", "check")]).await.expect(409).shows("已核对");
    let mut stranger = app.resident("13600008898").await;
    stranger.get(&format!("/declarations/{number}")).await.expect(404);
    stranger.get(&path).await.expect(404);
    let mut auditor = app.official(Role::Auditor, "510000").await;
    auditor.get(&path).await.expect(404);
    app.stop().await;
}

async fn at_a_fever_nobody_is_found_well(app: App) {
    let mut b = app.resident("13600008846").await;
    let number = declare(&mut b, "周八", "360426199101010071").await;
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    decide(&mut worker, &number, &[("action", "check")]).await.leads_to("/desk/declarations/");
    let mut doctor = app.official(Role::Doctor, "511621").await;
    for (conclusion, temperature) in
        [("no-abnormality", "40.5"), ("fit-with-monitoring", "40.5"), ("no-abnormality", "37.3")]
    {
        let found = [("action", "confirm"), ("temperature", temperature), ("conclusion", conclusion)];
        let refused = decide(&mut doctor, &number, &found).await.expect(422);
        refused.shows("37.3℃ 或以上，不能作出这个结论").shows(temperature);
    }
    let version =
        doctor.api_get(&format!("/api/v1/desk/declarations/{number}")).await.json()["version"].clone();
    let act = format!("/api/v1/desk/declarations/{number}/actions/confirm");
    let found = json!({"version": version, "temperature_tenths": 405, "conclusion": "no-abnormality"});
    let refused = doctor.api(Method::POST, &act, &found).await.expect(422).json();
    assert_eq!(refused["errors"][0]["field"], "temperature_tenths");
    assert_eq!(refused["errors"][0]["code"], "conclusion-fever");
    assert_eq!(certificates(&mut b).await, json!([]));
    let found = [("action", "confirm"), ("temperature", "37.2"), ("conclusion", "no-abnormality")];
    decide(&mut doctor, &number, &found).await.leads_to("/desk/declarations/");
    app.stop().await;
}

async fn returned_corrected_and_rejected(app: App) {
    let mut b = app.resident("13600008844").await;
    let number = declare(&mut b, "赵六", "360426199101010071").await;
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    decide(&mut worker, &number, &[("action", "return")]).await.expect(422);
    let back =
        [("action", "return"), ("reason", "地址不全"), ("items", "补上门牌号\n补上单元号"), ("preview", "1")];
    decide(&mut worker, &number, &back).await.expect(200).shows("复工通】").shows("2项");
    decide(&mut worker, &number, &back[..3]).await.leads_to("/desk/declarations/");
    let page = format!("/declarations/{number}");
    b.get(&page).await.expect(200).shows("补上门牌号").shows("测试单位").hides("李经办");
    b.post(&format!("{page}/correct"), &[]).await.leads_to("/declare/check");
    b.get("/declare/check").await.expect(200).shows("补上单元号");
    let address = [
        ("household-division", "511621".into()),
        ("household-address", "九龙街道 1 号".into()),
        ("present-division", town()),
        ("present-address", "东外街 118 号 2 单元".into()),
        ("change", "1".into()),
    ];
    send(&mut b, "/declare/address", &address).await.leads_to("/declare/check");
    assert_eq!(submit(&mut b).await, number, "a correction keeps its number");
    b.get(&page).await.expect(200).shows("2 单元");
    let mut doctor = app.official(Role::Doctor, "511621").await;
    let refuse = [("action", "reject"), ("reason", "体温偏高"), ("remedy", "三天后重新申报")];
    decide(&mut doctor, &number, &refuse).await.leads_to("/desk/declarations/");
    b.get(&page).await.expect(200).shows("三天后重新申报");
    b.post(&format!("{page}/withdraw"), &[("version", "5")]).await.expect(409);
    settle(&app).await;
    let texts: Vec<String> = app.deps.sms.sent().iter().map(|m| format!("{m:?}")).collect();
    assert!(texts.iter().any(|t| t.contains("没有通过")), "{texts:?}");
    app.stop().await;
}

/// Nobody is promised a time: what is said is what nine of ten needed in the county.
async fn how_long_it_takes_is_measured(app: App) {
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    let mut doctor = app.official(Role::Doctor, "511621").await;
    for nth in 0..11 {
        if nth == 6 {
            // After noon others sit at the desks, whose second factors are fresh.
            worker = app.official(Role::VillageWorker, "511621").await;
            doctor = app.official(Role::Doctor, "511621").await;
        }
        let mut b = app.resident(&format!("136000087{nth:02}")).await;
        b.get("/declare").await.expect(200);
        let mut whole = body("钱一");
        let card = fugong::identity::sample::id_number_nth("511621".parse().unwrap(), nth + 20).unwrap();
        whole["document_number"] = json!(card.as_str());
        whole["temperature_tenths"] = json!(365);
        (whole["symptoms"], whole["travel"]) = (json!([]), json!([]));
        let made = b.api(Method::POST, "/api/v1/declarations", &whole).await.expect(201).json();
        let number = made["number"].as_str().unwrap().to_owned();
        let page = b.get(&format!("/declarations/{number}")).await.expect(200);
        if nth < 10 {
            page.shows("要多久还说不准");
        } else {
            page.shows("十份里有九份在 25 分钟以内").shows("十份里有九份在 5 分钟以内");
        }
        app.clock.advance(chrono::Duration::minutes(25));
        decide(&mut worker, &number, &[("action", "check")]).await.leads_to("/desk/declarations/");
        app.clock.advance(chrono::Duration::minutes(5));
        let confirm = [("action", "confirm"), ("temperature", "36.6"), ("conclusion", "no-abnormality")];
        decide(&mut doctor, &number, &confirm).await.leads_to("/desk/declarations/");
    }
    app.stop().await;
}
