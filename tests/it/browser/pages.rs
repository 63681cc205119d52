//! Every template in the browser: axe finds nothing (also in the dark), the HTML is valid, nothing is wider than a
//! phone, the console is silent. A template that is not in [`TABLE`] fails the test.

use super::visit::look_at;
pub(super) use super::visit::{CODE, Template, VERSION, Visit, error, open, sent};
use super::{residents, tools, visits_business, visits_staff, visits_wanted, worklists};
use crate::harness::App;
use crate::harness::chromium::{Chromium, Look, target};
use crate::world::World;
use std::collections::BTreeSet;
use std::path::Path;

/// Every template and how to reach it, in the files by area.
fn table() -> impl Iterator<Item = &'static Template> {
    let all = [
        TABLE,
        residents::TABLE,
        visits_business::TABLE,
        visits_staff::TABLE,
        visits_wanted::TABLE,
        worklists::TABLE,
    ];
    all.into_iter().flatten()
}

/// A change of a risk level, with a number that nobody was shown.
const COUNTED: &[(&str, &str)] = &[
    ("division", "511621"),
    ("level", "high"),
    ("since-year", "2020"),
    ("since-month", "3"),
    ("since-day", "12"),
    ("until-year", "2020"),
    ("until-month", "12"),
    ("until-day", "31"),
    ("source", "省指挥部第 9 号公告"),
    ("count", "999"),
];

/// Every template and how to reach it: in its states that differ, and refused with messages where it is a form.
const TABLE: &[Template] = &[
    ("home.html", &[open("visitor", "/"), open("resident", "/")]),
    (
        "accounts/sign-in.html",
        &[open("visitor", "/sign-in"), sent("visitor", "/sign-in", "/sign-in", &[("phone", "12")], 422)],
    ),
    (
        "accounts/code.html",
        &[
            open("waiting", "/sign-in/code"),
            sent("waiting", "/sign-in/code", "/sign-in/code", &[("code", "12")], 422),
        ],
    ),
    ("accounts/notice.html", &[open("resident", "/sign-in/notice")]),
    ("accounts/me.html", &[open("resident", "/me"), open("mover", "/me")]),
    (
        "accounts/contact.html",
        &[
            open("resident", "/me/contact"),
            sent("resident", "/me/contact", "/me/contact", &[("email", "nobody")], 422),
            sent("resident", "/me/contact", "/me/contact/new-phone", &[("phone", "12")], 422),
        ],
    ),
    (
        "accounts/email.html",
        &[
            open("writer", "/me/contact/email"),
            sent("writer", "/me/contact/email", "/me/contact/email", &[("code", "1")], 422),
        ],
    ),
    (
        "accounts/phone.html",
        &[
            open("mover", "/me/contact/phone"),
            sent("mover", "/me/contact/phone", "/me/contact/phone", &[("old", "1"), ("new", "2")], 422),
        ],
    ),
    ("accounts/sessions.html", &[open("resident", "/me/sessions")]),
    ("accounts/access.html", &[open("resident", "/me/access")]),
    ("accounts/data.html", &[open("resident", "/me/data")]),
    (
        "codes/code.html",
        &[
            open("resident", "/code"),
            open("cough", "/code"),
            open("contact", "/code"),
            open("mover", "/code"),
        ],
    ),
    (
        "appeals/form.html",
        &[
            open("contact", "/code/appeal"),
            open("resident", "/code/appeal"),
            sent("contact", "/code/appeal", "/code/appeal", &[("reason", "")], 422),
        ],
    ),
    (
        "appeals/one.html",
        &[open("contact", "/code/appeals/{appeal}"), open("cough", "/code/appeals/{decided-appeal}")],
    ),
    (
        "appeals/case.html",
        &[
            open("reviewer", "/desk/appeals/{appeal}"),
            open("reviewer", "/desk/appeals/{decided-appeal}"),
            sent(
                "reviewer",
                "/desk/appeals/{appeal}",
                "/desk/appeals/{appeal}",
                &[("action", "uphold"), ("version", "1")],
                422,
            ),
            sent(
                "reviewer",
                "/desk/appeals/{appeal}",
                "/desk/appeals/{appeal}/comments",
                &[("comment", "写给谁忘了选")],
                422,
            ),
        ],
    ),
    ("codes/print.html", &[open("resident", "/code/print"), open("mover", "/code/print")]),
    (
        "codes/paper.html",
        &[open("resident", "/code/print/{paper}"), open("worker", "/desk/codes/print/{desk-paper}")],
    ),
    (
        "codes/records-found.html",
        &[
            sent(
                "colour-1",
                "/desk/records",
                "/desk/records/find",
                &[("doc_kind", "id_card"), ("doc_number", "51162119900307132X")],
                200,
            ),
            sent(
                "colour-1",
                "/desk/records",
                "/desk/records/find",
                &[("doc_kind", "id_card"), ("doc_number", "1")],
                422,
            ),
        ],
    ),
    (
        "codes/record-end.html",
        &[
            open("colour-1", "/desk/records/{counting}/end"),
            sent(
                "colour-1",
                "/desk/records/{counting}/end",
                "/desk/records/{counting}/end",
                &[("reason", "")],
                422,
            ),
        ],
    ),
    ("codes/why.html", &[open("resident", "/code/why"), open("contact", "/code/why")]),
    (
        "codes/desk.html",
        &[
            open("worker", "/desk/codes"),
            sent(
                "worker",
                "/desk/codes",
                "/desk/codes",
                &[("doc_kind", "id_card"), ("doc_number", "1")],
                422,
            ),
            sent(
                "worker",
                "/desk/codes",
                "/desk/codes",
                &[("doc_kind", "id_card"), ("doc_number", "11010519491231002X")],
                200,
            ),
        ],
    ),
    (
        "accounts/desk/claims.html",
        &[
            open("worker", "/desk/claims"),
            open("worker", "/desk/claims?sort=newest"),
            sent("worker", "/desk/claims", "/desk/claims", &[("number", "RL200312-00000000")], 422),
            sent("worker", "/desk/claims", "/desk/claims/views", &[("do", "save"), ("view", "")], 422),
        ],
    ),
    (
        "accounts/desk/claims-one.html",
        &[
            open("worker", "/desk/claims/{claim}"),
            sent(
                "worker",
                "/desk/claims/{claim}",
                "/desk/claims/{claim}",
                &[("do", "confirm"), ("name", "张三"), ("doc_number", "1")],
                422,
            ),
            sent("worker", "/desk/claims/{claim}", "/desk/claims/{claim}", &[("do", "reject")], 422),
            sent(
                "worker",
                "/desk/claims/{claim}",
                "/desk/claims/{claim}",
                &[("do", "reject"), ("version", "1"), ("reason", "invalid"), ("preview", "1")],
                200,
            ),
        ],
    ),
    (
        "second/decide.html",
        &[
            open("colour-2", "/desk/records/{record}/decide"),
            open("colour-1", "/desk/records/{record}/decide"),
            open("colour-2", "/desk/record-ends/{record-end}/decide"),
            open("merge-desk", "/desk/merges/{merge}/decide"),
            open("merge-desk", "/desk/merges/{merge-undoing}/decide"),
            open("operator-2", "/desk/risks/{risk}/decide"),
            sent(
                "colour-2",
                "/desk/records/{record}/decide",
                "/desk/records/{record}/decide",
                &[("decision", "refuse"), ("reason", "")],
                422,
            ),
            sent(
                "colour-2",
                "/desk/records/{record}/decide",
                "/desk/records/{record}/decide",
                &[("decision", "confirm"), ("preview", "1")],
                200,
            ),
        ],
    ),
    ("second/ended.html", &[open("colour-2", "/desk/records/{expired-record}/decide")]),
    ("codes/records.html", &[open("colour-1", "/desk/records"), open("colour-2", "/desk/records")]),
    (
        "codes/record-new.html",
        &[
            open("colour-1", "/desk/records/new"),
            sent("colour-1", "/desk/records/new", "/desk/records/new", &[("kind", "x")], 422),
        ],
    ),
    (
        "codes/risks-desk.html",
        &[
            open("operator-1", "/desk/risks"),
            open("operator-2", "/desk/risks"),
            sent("operator-1", "/desk/risks", "/desk/risks", &[("division", "440100")], 422),
        ],
    ),
    ("codes/risk-preview.html", &[sent("operator-1", "/desk/risks", "/desk/risks", COUNTED, 422)]),
    ("codes/risks.html", &[open("visitor", "/risks")]),
    ("rules/list.html", &[open("visitor", "/rules")]),
    ("rules/rule.html", &[open("visitor", "/rules/red.close-contact")]),
    (
        "rules/try.html",
        &[
            open("visitor", "/rules/try"),
            sent("visitor", "/rules/try", "/rules/try", &[("declared", "yes"), ("temperature", "999")], 422),
            sent(
                "visitor",
                "/rules/try",
                "/rules/try",
                &[
                    ("declared", "yes"),
                    ("declared_days", "0"),
                    ("symptoms", "cough"),
                    ("record", "close_contact"),
                    ("record_days", "2"),
                ],
                200,
            ),
        ],
    ),
    ("static/about.html", &[open("visitor", "/about")]),
    ("static/accessibility.html", &[open("visitor", "/accessibility")]),
    ("static/privacy.html", &[open("visitor", "/privacy")]),
    (
        "error.html",
        &[
            error("visitor", "/nothing/here", 404),
            sent("visitor", "/", "/language", &[("lang", "xx")], 400),
            sent("visitor", "/", "/elder", &[("_csrf", "old")], 403),
        ],
    ),
];

/// Templates that another server shows, and the test that looks at them.
const ELSEWHERE: &[(&str, &str)] = &[("demo/sandbox.html", "browser::demo")];

/// Templates that nobody has looked at yet. A new template does not belong here: say in [`TABLE`] how to reach it.
const NOT_LOOKED_AT: &[&str] = &[];

/// Templates that are no page of their own, and the page on which they are seen.
const FRAGMENTS: &[(&str, &str)] = &[("codes/card.html", "codes/code.html")];

/// Layouts, components, the bodies of messages, fragments, pages of another server.
fn is_part(name: &str) -> bool {
    name.starts_with("layout")
        || name.starts_with("components/")
        || name.starts_with("mail/")
        || ELSEWHERE.iter().any(|(page, _)| *page == name)
        || FRAGMENTS.iter().any(|(fragment, _)| *fragment == name)
}

fn templates() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut found = BTreeSet::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|e| e == "html") {
                found.insert(entry.strip_prefix(&root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.retain(|name| !is_part(name));
    found
}

#[test]
fn every_template_is_in_the_table() {
    let listed: BTreeSet<String> = table().map(|(name, _)| (*name).to_owned()).collect();
    let templates = templates();
    let waiting: BTreeSet<String> = NOT_LOOKED_AT.iter().map(|name| (*name).to_owned()).collect();
    assert!(waiting.is_subset(&templates), "strike off what is gone: {:?}", waiting.difference(&templates));
    assert!(
        waiting.is_disjoint(&listed),
        "strike off what is in TABLE now: {:?}",
        waiting.intersection(&listed)
    );
    let missing: Vec<_> = templates.difference(&listed).filter(|t| !waiting.contains(*t)).collect();
    let gone: Vec<_> = listed.difference(&templates).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "say in TABLE of tests/it/browser/pages.rs how to reach {missing:?}; no longer there: {gone:?}"
    );
    assert!(table().all(|(_, visits)| !visits.is_empty()));
    assert!(FRAGMENTS.iter().all(|(_, page)| listed.contains(*page)));
}

#[actix_web::test]
async fn on_a_phone_in_chinese() {
    look_at_everything(Look::PHONE).await;
}

#[actix_web::test]
async fn on_a_desktop_in_english() {
    look_at_everything(Look::DESKTOP.english()).await;
}

async fn look_at_everything(look: Look) {
    let Some(axe) = tools::axe() else { return };
    let app = App::sqlite().await;
    let Some(browser) = Chromium::start(&app.base, look).await else { return };
    let mut world = World::new(app).await;
    let folder = target().join("pages").join(look.name());
    let _ = std::fs::remove_dir_all(&folder);
    let mut faults = Vec::new();
    let mut all: Vec<_> = table()
        .flat_map(|(template, visits)| visits.iter().enumerate().map(move |(n, visit)| (template, n, visit)))
        .collect();
    // The steps of a sign-in last minutes: whoever is in the middle of one comes first.
    all.sort_by_key(|(_, _, visit)| !["half", "chooser"].contains(&visit.who));
    for (template, number, visit) in all {
        // One address may ask a hundred times a second; the clock stands still otherwise.
        world.app.clock.advance(chrono::Duration::seconds(1));
        let name = format!("{}-{}", template.replace('/', "-").replace(".html", ""), number + 1);
        let found = look_at(&mut world, &browser, &axe, visit, &folder.join(format!("{name}.html"))).await;
        faults.extend(found.into_iter().map(|f| format!("{template} ({} {}): {f}", visit.who, visit.path)));
        // Nearly eight hundred pictures take a third of the time: only for whoever wants to look at them.
        if std::env::var_os("FUGONG_SCREENSHOTS").is_some() {
            browser.screenshot(&format!("pages/{name}")).await;
        }
    }
    browser.close().await;
    world.app.stop().await;
    assert!(faults.is_empty(), "{} faults on {}:\n{}", faults.len(), look.name(), faults.join("\n"));
    if let Some(said) = tools::html_validate(&folder) {
        assert!(said.is_empty(), "html-validate on {}:\n{said}", folder.display());
    }
}
