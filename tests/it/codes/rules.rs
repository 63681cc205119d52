//! The public register and the trial.

use crate::harness::App;
use crate::on_both;

on_both!(rules_are_public_in_both_languages, anybody_tries_the_rules);

async fn rules_are_public_in_both_languages(app: App) {
    let mut b = app.browser();
    b.get("/rules")
        .await
        .expect(200)
        .shows("密切接触者")
        .shows("第 1 版")
        .shows("（地点）")
        .hides("{county}")
        .hides("{date}");
    b.get("/rules/red.close-contact")
        .await
        .expect(200)
        .shows("传染病防治法")
        .shows("现在有效")
        .shows("records.close_contact");
    b.get("/rules/no.such-rule").await.expect(404);
    b.lang = "en";
    let mut english = app.browser();
    english.lang = "en";
    english.get("/rules").await.expect(200).shows("Close contact").shows("(place)").hides("地点");
    let answer = b.api_get("/api/v1/rules").await.expect(200);
    let rules = answer.json();
    assert_eq!(rules["digest"], app.deps.policy.digest());
    let list = rules["rules"].as_array().unwrap();
    assert_eq!(list.len(), app.deps.policy.in_force(app.clock.now()).count());
    assert!(list.iter().all(|r| r["title"]["zh"] != "" && r["title"]["en"] != "" && r["phone"] != ""));
    assert!(list.iter().any(|r| r["logic"].is_object()), "the logic is JSON and not a text");
    app.stop().await;
}

async fn anybody_tries_the_rules(app: App) {
    let mut b = app.browser();
    b.get("/rules/try").await.expect(200).shows("不会保存");
    let healthy = [("declared", "yes"), ("declared_days", "0"), ("contact", "no"), ("stayed", "no")];
    b.post("/rules/try", &healthy).await.expect(200).shows("is-green").shows("绿码");
    let mut coughing = healthy.to_vec();
    coughing.push(("symptoms", "cough"));
    b.post("/rules/try", &coughing).await.expect(200).shows("is-yellow").shows("咳嗽");
    let mut contact = coughing.clone();
    contact.extend([("record", "close_contact"), ("record_days", "2")]);
    b.post("/rules/try", &contact).await.expect(200).shows("is-red").shows("is-red").shows("自己申报");
    let old = [("declared", "yes"), ("declared_days", "20")];
    b.post("/rules/try", &old).await.expect(200).shows("is-unknown");
    let none = [("declared", "no"), ("temperature", "abc")];
    b.post("/rules/try", &none).await.expect(200).shows("is-unknown");
    let wrong = [("declared", "yes"), ("temperature", "999")];
    b.post("/rules/try", &wrong).await.expect(422).shows("34 到 43").shows("出错：").shows("value=\"999\"");
    app.stop().await;
}
