//! The counter: a guardian declares, somebody without a telephone agrees, either side has it ended.

use super::{MOTHER, SON, ask, begin, family, question, somebody};
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::on_both;
use crate::world::proxies::child;
use fugong::access::Role;
use fugong::identity::{DocumentKind, DocumentNumber};

on_both!(
    a_guardian_declares_it_for_a_child,
    a_child_turns_fourteen,
    documents_are_compared_and_guessing_ends,
    somebody_without_a_telephone_agrees,
    a_counter_ends_it_by_the_document,
    nobody_decides_their_own
);

const PLACE: &str = "511621";

/// What is typed from both documents; the version that is seen.
async fn confirm(
    b: &mut Browser,
    number: &str,
    (own, name, card): (&str, &str, &str),
) -> crate::harness::browser::Answer {
    let path = format!("/desk/proxies/{number}");
    let version = b.get(&path).await.expect(200).input("version").unwrap();
    let fields = [
        ("do", "confirm"),
        ("version", version.as_str()),
        ("own_number", own),
        ("name", name),
        ("doc_number", card),
        ("seen", "yes"),
    ];
    b.post(&path, &fields).await
}

async fn a_guardian_declares_it_for_a_child(app: App) {
    let mut son = somebody(&app, SON).await.browser;
    let card = child("2012-05-06");
    let number = ask(&mut son, &question("child", "王小宝", &card, "")).await;
    son.get("/me/for").await.expect(200).shows("请一起到任一服务点");
    // At whatever counter, by the number alone.
    let mut worker = app.official(Role::TownReviewer, "510104").await;
    worker.get("/desk/proxies").await.expect(200).hides(&number);
    let found = worker.post("/desk/proxies", &[("number", &number)]).await;
    found.leads_to(&format!("/desk/proxies/{number}"));
    let page = worker.get(&format!("/desk/proxies/{number}")).await.expect(200);
    page.shows("王*山").hides("王小宝").hides(&card).shows("监护人");
    confirm(&mut worker, &number, (SON.2, "王小宝", &card)).await.leads_to("/desk/receipts/HZ");
    begin(&mut son, &number).await;
    son.get("/code").await.expect(200).shows("你正在为 王*宝 代办");
    let declared = crate::declarations::declare(&mut son, "王小宝", &card).await;
    son.get(&format!("/declarations/{declared}")).await.expect(200);
    app.drain().await;
    let mut auditor = app.official(Role::Auditor, "510000").await;
    auditor.get("/audit").await.expect(200).shows("同意他人代办");
    app.stop().await;
}

async fn a_child_turns_fourteen(app: App) {
    let mut son = somebody(&app, SON).await.browser;
    // It is 12 March 2020.
    let card = child("2006-03-14");
    let number = ask(&mut son, &question("child", "王小宝", &card, "")).await;
    let mut worker = app.official(Role::VillageWorker, PLACE).await;
    confirm(&mut worker, &number, (SON.2, "王小宝", &card)).await.leads_to("/desk/receipts/HZ");
    begin(&mut son, &number).await;
    app.clock.advance(chrono::Duration::days(2));
    son.get("/code").await.expect(409).shows("你不再为 王*宝 代办");
    son.post("/me/for/leave", &[]).await.leads_to("/me/for");
    app.tick().await;
    son.get("/me/messages").await.expect(200).shows("你不为 王*宝 代办");
    // From now on the child is asked, who is no child any more.
    let number = ask(&mut son, &question("child", "王小宝", &card, "")).await;
    let mut worker = app.official(Role::VillageWorker, PLACE).await;
    let refused = confirm(&mut worker, &number, (SON.2, "王小宝", &card)).await;
    refused.expect(422).shows("此人已满 14 周岁");
    app.stop().await;
}

async fn documents_are_compared_and_guessing_ends(app: App) {
    let mut son = somebody(&app, SON).await.browser;
    let card = child("2012-05-06");
    let number = ask(&mut son, &question("child", "王小宝", &card, "")).await;
    let mut worker = app.official(Role::VillageWorker, PLACE).await;
    let other = child("2013-05-06");
    let wrong = confirm(&mut worker, &number, (MOTHER.2, "别的名字", &other)).await.expect(422);
    wrong.shows("这不是申请时填写的姓名").shows("这不是申请时填写的号码").shows("这不是申请人本人的证件");
    for _ in 0..9 {
        confirm(&mut worker, &number, (SON.2, "王小宝", &other)).await.expect(422);
    }
    confirm(&mut worker, &number, (SON.2, "王小宝", &card)).await.expect(429);
    app.clock.advance(chrono::Duration::days(2));
    let mut worker = app.official(Role::VillageWorker, PLACE).await;
    confirm(&mut worker, &number, (SON.2, "王小宝", &card)).await.leads_to("/desk/receipts/HZ");
    // Whoever saw it before is told, and a second click gets the first answer.
    worker.get(&format!("/desk/proxies/{number}")).await.expect(200).shows("有效");
    let late = [("do", "end"), ("version", "1"), ("asked", "yes")];
    worker.post(&format!("/desk/proxies/{number}"), &late).await.expect(409);
    app.stop().await;
}

async fn somebody_without_a_telephone_agrees(app: App) {
    let mut son = somebody(&app, SON).await.browser;
    let number = ask(&mut son, &question("family", MOTHER.1, MOTHER.2, "counter")).await;
    let mut worker = app.official(Role::VillageWorker, PLACE).await;
    confirm(&mut worker, &number, (SON.2, MOTHER.1, MOTHER.2)).await.leads_to("/desk/receipts/HZ");
    begin(&mut son, &number).await;
    // A child does not agree, a guardian declares it.
    let young = child("2012-05-06");
    son.post("/me/for/leave", &[]).await.leads_to("/me/for");
    let number = ask(&mut son, &question("family", "王小宝", &young, "counter")).await;
    let refused = confirm(&mut worker, &number, (SON.2, "王小宝", &young)).await.expect(422);
    refused.shows("此人不满 14 周岁");
    app.stop().await;
}

async fn a_counter_ends_it_by_the_document(app: App) {
    let (mut son, _, number) = family(&app).await;
    begin(&mut son.browser, &number).await;
    let mut worker = app.official(Role::Doctor, PLACE).await;
    worker.get("/desk/proxies").await.expect(200);
    let nobody = child("1960-05-06");
    let unknown = [("doc_kind", "id_card"), ("doc_number", nobody.as_str())];
    worker.post("/desk/proxies", &unknown).await.expect(422).shows("没有等待办理或有效的代办");
    let path = format!("/desk/proxies/{number}");
    let hers = [("doc_kind", "id_card"), ("doc_number", MOTHER.2)];
    worker.post("/desk/proxies", &hers).await.leads_to(&path);
    let version = worker.get(&path).await.expect(200).input("version").unwrap();
    let end = [("do", "end"), ("version", version.as_str())];
    worker.post(&path, &end).await.expect(422).shows("其中一方必须在场");
    let end = [("do", "end"), ("version", version.as_str()), ("asked", "yes")];
    worker.post(&path, &end).await.leads_to("/desk/receipts/HZ");
    son.browser.get("/code").await.expect(409);
    worker.get(&path).await.expect(404);
    // Not for everybody who works somewhere.
    let mut officer = app.official(Role::ColourOfficer, PLACE).await;
    officer.get("/desk/proxies").await.expect(404);
    app.stop().await;
}

async fn nobody_decides_their_own(app: App) {
    let mut son = somebody(&app, SON).await.browser;
    let number = ask(&mut son, &question("family", MOTHER.1, MOTHER.2, "counter")).await;
    for card in [SON.2, MOTHER.2] {
        let mut worker = app.official_full(Role::VillageWorker, PLACE).await;
        let document = DocumentNumber::parse_stored(DocumentKind::IdCard, card).unwrap();
        app.is_known(worker.official, document, None).await;
        confirm(&mut worker.browser, &number, (SON.2, MOTHER.1, MOTHER.2)).await.expect(409);
    }
    app.stop().await;
}
