//! Free text that others read: what nobody sees (marks of direction, zero-width spaces) is left out, a line is one line, and
//! other control characters are refused by the field's name, on every page and by every call that takes such a text.

mod forms;

use crate::harness::App;
use crate::harness::browser::Answer;
use crate::on_both;
use crate::world::codes::persons;
use crate::world::{COUNTY, World};
use forms::{FINDING, FORMS, OFFICE, RISK, TOWN};
use fugong::access::Role;
use fugong::identity::sample::Sampler;
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_control_character_is_refused_at_its_field,
    a_control_character_is_refused_by_its_path,
    what_nobody_sees_is_left_out,
);

/// A bell, which no field takes.
const BELL: char = '\u{7}';
/// What is pasted along, and line ends.
const HIDDEN: &str = "\u{202e}甲\u{200b}乙\u{2066}丙\u{feff}\r\n丁\u{2069}";
/// The same as others read it, in a field of one line.
const READ: &str = "甲乙丙 丁";

/// The world with everybody's second factor fresh.
async fn world(app: App) -> World {
    let mut world = World::new(app).await;
    for (name, role, division) in [
        ("town", Role::TownReviewer, "511622100"),
        ("counter", Role::CountyDesk, COUNTY),
        ("doctor", Role::Doctor, COUNTY),
        ("worker", Role::VillageWorker, COUNTY),
        ("reviewer", Role::AppealReviewer, COUNTY),
        ("colour-1", Role::ColourOfficer, COUNTY),
        ("colour-2", Role::ColourOfficer, "511600"),
        ("operator-1", Role::ProvinceOperator, "510000"),
        ("operator-2", Role::ProvinceOperator, "510000"),
        ("admin", Role::Administrator, "510000"),
        ("holder-1", Role::ProvinceOperator, "510000"),
        ("exchange", Role::ExchangeOperator, "510000"),
    ] {
        world.hire(name, role, division).await;
    }
    let somebody = world.app.resident("13800138077").await;
    world.meet("somebody", somebody);
    let code = Sampler::new(77).uscc_for(COUNTY, true).unwrap();
    world.keep("code", code.as_str());
    world
}

/// The fields of a form with something behind the text of one of them; things are filled in.
fn with(
    world: &World,
    fields: &[(&str, &str)],
    one: &str,
    text: &dyn Fn(&str) -> String,
) -> Vec<(String, String)> {
    let value = |name: &str, good: &str| if name == one { text(good) } else { good.to_owned() };
    fields.iter().map(|(name, good)| ((*name).to_owned(), world.fill_in(&value(name, good)))).collect()
}

fn pairs(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

async fn a_control_character_is_refused_at_its_field(app: App) {
    let mut world = world(app).await;
    for (who, open, path, fields, free) in FORMS {
        for field in *free {
            world.look(who, open).await;
            let sent = with(&world, fields, field, &|good: &str| format!("{good}{BELL}"));
            let path = world.fill_in(path);
            let answer = world.person(who).post(&path, &pairs(&sent)).await;
            let told = answer.status == 422 && answer.body.contains("看不见的字符");
            assert!(told, "{path}: {field} as {who}: {} {}", answer.status, answer.body);
        }
    }
    world.app.stop().await;
}

/// Calls: who makes it, where it goes, the body, and where free text stands in it.
fn calls() -> Vec<(&'static str, &'static str, Value, Vec<&'static str>)> {
    let desk = "/api/v1/desk/applications/{submitted}/actions/request-correction";
    let declaration = "/api/v1/desk/declarations/{declaration}/actions";
    let right = json!({"role": "county-desk", "office": "{office}", "division": COUNTY});
    let individual = json!({"v": 1, "kind": "individual"});
    vec![
        (
            "somebody",
            "/api/v1/applications",
            json!({"uscc": "{code}", "name": "某店", "division": TOWN, "form": individual}),
            vec!["/name"],
        ),
        (
            "town",
            desk,
            json!({"version": 1, "items": ["一"], "reason": "二", "remedy": "三"}),
            vec!["/items/0", "/reason", "/remedy"],
        ),
        (
            "counter",
            "/api/v1/desk/agents/{agent}/actions/confirm",
            json!({"version": 1, "proof": "owner", "name": "某店"}),
            vec!["/name"],
        ),
        (
            "counter",
            "/api/v1/desk/agents/{agent-good}/actions/rename",
            json!({"version": 2, "name": "某店", "reason": "变更登记"}),
            vec!["/name", "/reason"],
        ),
        (
            "worker",
            [declaration, "/return"].concat().leak(),
            json!({"version": 1, "items": ["一"], "reason": "二", "note": "三"}),
            vec!["/items/0", "/reason", "/note"],
        ),
        (
            "worker",
            [declaration, "/reject"].concat().leak(),
            json!({"version": 1, "reason": "一", "remedy": "二"}),
            vec!["/remedy"],
        ),
        (
            "reviewer",
            "/api/v1/desk/appeals/{appeal}/comments",
            json!({"audience": "internal", "text": "一"}),
            vec!["/text"],
        ),
        (
            "admin",
            "/api/v1/admin/offices",
            json!({"name": "某院", "name_en": "A", "kind": "health-centre", "division": COUNTY, "phone": "12345"}),
            vec!["/name", "/name_en", "/phone"],
        ),
        (
            "admin",
            "/api/v1/admin/officials",
            json!({"login": "another", "name": "曹敏", "document_number": "360426199101010071", "right": right}),
            vec!["/name"],
        ),
        (
            "admin",
            "/api/v1/admin/officials/{newcomer}/actions/disable",
            json!({"reason": "调离"}),
            vec!["/reason"],
        ),
    ]
}

async fn a_control_character_is_refused_by_its_path(app: App) {
    let mut world = world(app).await;
    for (who, path, body, free) in calls() {
        let path = world.fill_in(path);
        for field in free {
            world.look(who, "/verify").await;
            let mut sent = body.clone();
            let good = sent.pointer(field).and_then(Value::as_str).unwrap().to_owned();
            *sent.pointer_mut(field).unwrap() = json!(format!("{good}{BELL}"));
            for thing in ["/uscc", "/right/office"] {
                if let Some(value) = sent.pointer_mut(thing) {
                    *value = json!(world.fill_in(value.as_str().unwrap()));
                }
            }
            let answer = world.person(who).api(Method::POST, &path, &sent).await;
            assert_eq!(answer.status, 422, "{path}: {field}: {}", answer.body);
            let errors = answer.json()["errors"].clone();
            let name = field.trim_start_matches('/').trim_end_matches("/0");
            let named = |e: &Value| e["code"] == "text-unseen" && e["field"] == name;
            assert!(errors.as_array().unwrap().iter().any(named), "{path}: {field}: {errors}");
        }
    }
    world.app.stop().await;
}

/// The page shows the text as it is read, and nothing that is not seen.
fn shown(answer: Answer) {
    let hidden =
        |c: char| matches!(c, '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    assert!(!answer.body.contains(hidden), "{}", answer.body);
    answer.shows(READ);
}

/// The page on which a second person decides about the text of this test.
async fn waiting(world: &mut World, who: &str, list: &str) -> Answer {
    let (page, before) = (world.look(who, list).await.body, format!("href=\"{list}/"));
    let open = page.split(&before).skip(1).filter(|rest| rest[36..].starts_with("/decide"));
    let ids: Vec<String> = open.map(|rest| rest[..36].to_owned()).collect();
    for id in ids {
        let one = world.look(who, &format!("{list}/{id}/decide")).await;
        if one.body.contains(READ) {
            return one;
        }
    }
    panic!("nothing that waits shows {READ}: {page}");
}

async fn what_nobody_sees_is_left_out(app: App) {
    let mut world = world(app).await;
    let hidden = |_: &str| HIDDEN.to_owned();
    // A business, by a page and by a program.
    world.look("somebody", "/reopening").await;
    let sent = with(&world, FORMS[0].3, "name", &hidden);
    world.send("somebody", "/reopening", &pairs(&sent)).await.leads_to("/reopening/QY");
    shown(world.look("somebody", "/reopening").await);
    let whole = json!({
        "uscc": Sampler::new(78).uscc_for(COUNTY, true).unwrap().as_str(), "name": HIDDEN, "division": TOWN, "form": {
            "v": 1, "kind": "individual", "operator": "陈㛃", "operator_phone": "+8613800138111", "premises": ["shop"],
            "address": HIDDEN, "returning": 1, "staff": [], "staff_done": true, "commitment": true,
        },
    });
    let made = world.call("somebody", Method::POST, "/api/v1/applications", &whole).await.json();
    assert_eq!(made["business"], READ);
    let path = format!("/api/v1/applications/{}", made["number"].as_str().unwrap());
    let case = world.person("somebody").api_get(&path).await.expect(200).json();
    assert_eq!(case["form"]["address"], READ);
    shown(world.look("counter", "/desk/agents").await);
    // The source of a risk level: in the preview, and for whoever confirms it.
    world.look("operator-1", "/desk/risks").await;
    let mut sent = with(&world, RISK, "source", &hidden);
    let preview = world.person("operator-1").post("/desk/risks", &pairs(&sent)).await.expect(200);
    sent.push(("count".to_owned(), persons(&preview.body)));
    shown(preview);
    world.send("operator-1", "/desk/risks", &pairs(&sent)).await.leads_to("/desk/risks");
    shown(waiting(&mut world, "operator-2", "/desk/risks").await);
    // Place and source of a finding.
    world.look("colour-1", "/desk/records/new").await;
    let mut sent = with(&world, FINDING, "place", &hidden);
    sent.iter_mut().filter(|(name, _)| name == "source").for_each(|(_, text)| *text = HIDDEN.to_owned());
    world.send("colour-1", "/desk/records/new", &pairs(&sent)).await;
    let page = waiting(&mut world, "colour-2", "/desk/records").await;
    assert!(page.body.matches(READ).count() > 1, "place and source: {}", page.body);
    shown(page);
    // Offices, by a page and by a program.
    world.look("admin", "/admin/offices/new").await;
    let sent = with(&world, OFFICE, "name", &hidden);
    world.send("admin", "/admin/offices/new", &pairs(&sent)).await;
    shown(world.look("admin", "/admin/offices?q=甲乙丙").await);
    let second = format!("{HIDDEN}二");
    let office =
        json!({"name": second, "name_en": second, "kind": "health-centre", "division": COUNTY, "phone": "1"});
    world.call("admin", Method::POST, "/api/v1/admin/offices", &office).await;
    let listed = world.person("admin").api_get("/api/v1/admin/offices?q=甲乙丙").await.expect(200);
    assert_eq!(listed.body.matches(READ).count(), 3, "{}", listed.body);
    shown(listed);
    world.app.stop().await;
}
