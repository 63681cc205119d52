//! Asking, and agreeing on the own telephone.

use super::{MOTHER, SON, Somebody, agree, ask, code, family, question, somebody};
use crate::harness::App;
use crate::on_both;
use crate::world::proxies::child;
use serde_json::Value;

on_both!(
    nobody_acts_before_the_person_agrees,
    the_answer_is_the_same_whoever_is_known,
    five_and_no_sixth,
    two_act_for_one_and_no_third,
    a_code_is_guessed_five_times,
    both_are_told_and_the_copy_has_it
);

async fn nobody_acts_before_the_person_agrees(app: App) {
    let mut son = somebody(&app, SON).await.browser;
    let mut mother = somebody(&app, MOTHER).await.browser;
    let number = ask(&mut son, &question("family", MOTHER.1, MOTHER.2, "own")).await;
    son.post(&format!("/me/for/{number}/begin"), &[]).await.expect(409);
    app.drain().await;
    let told = app.deps.sms.sent().into_iter().filter(|m| m.text.contains("申请为你代办")).count();
    assert_eq!(told, 1, "she is asked");
    let path = format!("/me/for/asked/{number}");
    mother.get("/").await.expect(200).shows("王** 申请为你代办");
    mother
        .get(&path)
        .await
        .expect(200)
        .shows("王**")
        .shows("不能更改本人的手机")
        .shows(fugong::agreed::PROXY);
    // Neither without the tick nor without the code.
    mother.post(&format!("{path}/code"), &[]).await.leads_to(&path);
    let right = code(&app, MOTHER.0).await;
    mother.get(&path).await.expect(200);
    mother.post(&path, &[("do", "agree"), ("code", &right)]).await.expect(422).shows("同意的话请勾选");
    mother.post(&path, &[("do", "agree"), ("code", "000000"), ("agree", "yes")]).await.expect(422);
    son.post(&format!("/me/for/{number}/begin"), &[]).await.expect(409);
    // Nobody answers for her.
    son.get(&path).await.expect(404);
    son.get("/me/for").await.expect(200);
    son.post(&path, &[("do", "agree"), ("code", &right), ("agree", "yes")]).await.expect(404);
    mother.get(&path).await.expect(200);
    let yes = [("do", "agree"), ("code", right.as_str()), ("agree", "yes")];
    mother.post(&path, &yes).await.leads_to(&path);
    mother.post(&path, &yes).await.leads_to(&path);
    mother.get("/me/for").await.expect(200).shows("王**").shows("有效");
    son.get("/me/for").await.expect(200);
    son.post(&format!("/me/for/{number}/begin"), &[]).await.leads_to("/");
    app.stop().await;
}

/// Whoever asks learns neither whether a document is registered nor under which name, nor whether somebody has a telephone.
async fn the_answer_is_the_same_whoever_is_known(app: App) {
    let mut son = somebody(&app, SON).await.browser;
    let mut mother = somebody(&app, MOTHER).await.browser;
    let mut answers = Vec::new();
    let unknown = child("1960-05-06");
    for (name, card) in [(MOTHER.1, MOTHER.2), ("别的名字", MOTHER.2), ("没人认识", unknown.as_str())]
    {
        let number = ask(&mut son, &question("family", name, card, "own")).await;
        let page = son.get("/me/for").await.expect(200).body;
        let card = page.split("class=\"card\"").nth(1).unwrap().to_owned();
        // What was typed and the number differ, and nothing else.
        let told = card.split("</h3>").nth(1).unwrap().replace(&number, "");
        answers.push(told.split("<form").next().unwrap().to_owned());
        son.post(&format!("/me/for/{number}/end"), &[]).await.leads_to("/me/for");
    }
    assert!(answers.iter().all(|one| *one == answers[0]), "{answers:#?}");
    app.drain().await;
    let told = app.deps.sms.sent().into_iter().filter(|m| m.text.contains("申请为你代办")).count();
    assert_eq!(told, 1, "only who was named right");
    mother.get("/me/for").await.expect(200).hides("申请为你代办");
    app.stop().await;
}

async fn five_and_no_sixth(app: App) {
    let mut son = somebody(&app, SON).await.browser;
    let mut first = String::new();
    for year in 2010..2015 {
        first = ask(&mut son, &question("child", "孩童", &child(&format!("{year}-05-06")), "counter")).await;
    }
    son.get("/me/for/new").await.expect(200);
    let sixth = child("2015-05-06");
    let page = son.post("/me/for/new", &question("child", "孩童", &sixth, "counter")).await;
    page.expect(422).shows("你已经为 5 人代办或申请").shows(&sixth);
    son.post(&format!("/me/for/{first}/end"), &[]).await.leads_to("/me/for");
    ask(&mut son, &question("child", "孩童", &sixth, "counter")).await;
    // Neither oneself nor the same once more.
    son.get("/me/for/new").await.expect(200);
    let own = question("family", SON.1, SON.2, "counter");
    son.post("/me/for/new", &own).await.expect(422).shows("这是你自己的证件");
    let again = question("child", "孩童", &sixth, "counter");
    son.post("/me/for/new", &again).await.expect(422).shows("你已经为此人代办");
    // Whoever has declared nothing has nobody to be for others.
    let mut nobody = app.resident("13800138109").await;
    nobody.get("/me/for").await.expect(200).shows("请先为自己申报健康");
    nobody.get("/me/for/new").await.expect(409);
    app.stop().await;
}

async fn two_act_for_one_and_no_third(app: App) {
    let (_, mut mother, _) = family(&app).await;
    let others =
        [("13800138103", "王小山", child("1980-01-02")), ("13800138104", "王小丽", child("1981-01-02"))];
    let mut numbers = Vec::new();
    for (phone, name, card) in &others {
        let Somebody { mut browser, .. } = somebody(&app, (*phone, *name, card.as_str())).await;
        numbers.push(ask(&mut browser, &question("family", MOTHER.1, MOTHER.2, "own")).await);
    }
    agree(&app, &mut mother.browser, MOTHER.0, &numbers[0]).await;
    app.clock.advance(chrono::Duration::minutes(2));
    let path = format!("/me/for/asked/{}", numbers[1]);
    mother.browser.get(&path).await.expect(200);
    mother.browser.post(&format!("{path}/code"), &[]).await.leads_to(&path);
    let code = code(&app, MOTHER.0).await;
    mother.browser.get(&path).await.expect(200);
    let yes = [("do", "agree"), ("code", code.as_str()), ("agree", "yes")];
    mother.browser.post(&path, &yes).await.expect(422).shows("已经有 2 人为此人代办");
    // One fewer, and the same code does.
    let first = format!("/me/for/asked/{}", numbers[0]);
    mother.browser.post(&first, &[("do", "end")]).await.leads_to(&first);
    mother.browser.get(&path).await.expect(200);
    mother.browser.post(&path, &yes).await.leads_to(&path);
    app.stop().await;
}

async fn a_code_is_guessed_five_times(app: App) {
    let mut son = somebody(&app, SON).await.browser;
    let mut mother = somebody(&app, MOTHER).await.browser;
    let number = ask(&mut son, &question("family", MOTHER.1, MOTHER.2, "own")).await;
    let path = format!("/me/for/asked/{number}");
    mother.get(&path).await.expect(200);
    mother.post(&format!("{path}/code"), &[]).await.leads_to(&path);
    mother.post(&format!("{path}/code"), &[]).await.expect(429);
    let right = code(&app, MOTHER.0).await;
    let wrong = if right == "000000" { "000001" } else { "000000" };
    mother.get(&path).await.expect(200);
    for _ in 0..5 {
        mother.post(&path, &[("do", "agree"), ("code", wrong), ("agree", "yes")]).await.expect(422);
    }
    mother.post(&path, &[("do", "agree"), ("code", &right), ("agree", "yes")]).await.expect(422);
    son.get("/me/for").await.expect(200).shows("等待同意");
    app.stop().await;
}

async fn both_are_told_and_the_copy_has_it(app: App) {
    let (mut son, mut mother, number) = family(&app).await;
    app.drain().await;
    let sms: Vec<String> = app.deps.sms.sent().into_iter().map(|m| m.text).collect();
    let granted = sms.iter().filter(|text| text.contains("可为你代办至")).count();
    assert_eq!(granted, 1, "only she on the telephone: {sms:?}");
    son.browser.get("/me/messages").await.expect(200).shows("你可以为 王** 代办");
    mother.browser.get("/me/messages").await.expect(200).shows("王** 可以为你代办");
    let copy: Value = son.browser.get("/me/data/download").await.expect(200).json();
    assert_eq!(copy["proxies"]["for_others"][0]["number"], number.as_str());
    assert_eq!(copy["proxies"]["for_others"][0]["name"], MOTHER.1);
    assert_eq!(copy["proxies"]["for_others"][0]["text"], fugong::agreed::PROXY);
    let copy: Value = mother.browser.get("/me/data/download").await.expect(200).json();
    assert_eq!(copy["proxies"]["for_me"][0]["number"], number.as_str());
    assert_eq!(copy["proxies"]["for_me"][0]["who"], "王**");
    app.stop().await;
}
