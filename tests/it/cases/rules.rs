//! Two portals in one process have each the rules of their own province.

use crate::declarations::declare;
use crate::harness::App;
use crate::reopening::{answer, begin, risk, uscc};
use fugong::access::Role;
use fugong::policy::{DOCUMENTS, RuleSet};
use std::sync::Arc;

/// The first policy, where answers count for a week and hairdressers stay shut.
fn stricter() -> Arc<RuleSet> {
    let changed = DOCUMENTS.map(|(name, text)| {
        let text = text.replace("declaration_valid_days = 14", "declaration_valid_days = 7");
        let text = text.replace("[\"cinema\", \"theatre\"", "[\"hairdresser\", \"cinema\", \"theatre\"");
        let word = "cinema = { zh = \"电影院\"";
        (
            name,
            text.replace(word, &format!("hairdresser = {{ zh = \"理发店\", en = \"hairdresser\" }}\n{word}")),
        )
    });
    let documents: Vec<(&str, &str)> = changed.iter().map(|(name, text)| (*name, text.as_str())).collect();
    Arc::new(RuleSet::parse(&documents).unwrap_or_else(|issues| panic!("{issues:#?}")))
}

/// Until when the answers of a declaration may be relied on, as officials' programs read it.
async fn outdated(app: &App) -> String {
    let mut b = app.resident("13800000001").await;
    let number = declare(&mut b, "阿依古丽·买买提江", "360426199101010071").await;
    let mut worker = app.official(Role::VillageWorker, "511621").await;
    let case = worker.api_get(&format!("/api/v1/desk/declarations/{number}")).await.expect(200).json();
    case["outdated_at"].as_str().unwrap().to_owned()
}

/// Where it leads to say that the premises are a hairdresser's.
async fn hairdresser(app: &App) -> String {
    risk(app, "low").await;
    let mut b = app.resident("13800138000").await;
    let number = begin(&mut b, &uscc(true, 1), "岳池县东外街理发店").await;
    let operator = [("operator", "陈㛃𠮷"), ("operator_phone", "138 0013 8111")];
    answer(&mut b, &number, "operator", &operator).await.expect(303);
    let led = answer(&mut b, &number, "premises", &[("premises", "hairdresser")]).await.expect(303);
    led.location().rsplit('/').next().unwrap().to_owned()
}

#[actix_web::test]
async fn each_province_has_its_own_rules() {
    let (usual, strict) = (App::sqlite().await, App::ruled_by(stricter()).await);
    assert_eq!(outdated(&usual).await, "2020-03-26T16:00:00Z");
    assert_eq!(outdated(&strict).await, "2020-03-19T16:00:00Z");
    assert_eq!(hairdresser(&strict).await, "shut");
    assert_eq!(hairdresser(&usual).await, "place");
    usual.stop().await;
    strict.stop().await;
}
