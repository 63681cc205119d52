//! The health code: states and reasons, tokens, two persons for what worsens, staffed points, rules.

mod apart;
pub mod appeals;
mod areas;
mod at_once;
mod certificates;
mod decide;
mod desk;
mod due;
pub mod ends;
pub mod levels;
mod lists;
mod many;
mod page;
mod paper;
mod recusal;
mod rules;
mod step_up;
mod told;
mod twice;

use crate::harness::App;
use crate::harness::browser::Browser;
use crate::harness::declared::{self, healthy};
use fugong::accounts::{Claim, ClaimPerson, claim_person};
use fugong::audit::Actor;
use fugong::colour::Evaluate;
use fugong::db::Id;
use fugong::identity::{DivisionCode, DocumentKind, DocumentNumber, PersonName};
use fugong::jobs::Job;

/// A valid number of an invented person.
pub const DOCUMENT: &str = "11010519491231002X";

/// A signed-in resident with a document and a healthy declaration of this moment.
pub async fn declared_resident(app: &App, phone: &str) -> (Browser, Id) {
    let (browser, person) = resident_with_document(app, phone).await;
    declared::state(person, healthy(app.clock.now()));
    (browser, person)
}

/// A signed-in resident with a document who has declared nothing.
pub async fn resident_with_document(app: &App, phone: &str) -> (Browser, Id) {
    let (browser, account) = app.resident_with(phone).await;
    let (keys, now) = (app.deps.keys.clone(), app.clock.now());
    let claimed = app.deps.store.write(move |tx| {
        let claim = ClaimPerson {
            by: Actor::Resident(account),
            account: Some(account),
            document: DocumentNumber::parse_stored(DocumentKind::IdCard, DOCUMENT).unwrap(),
            name: PersonName::parse("王小明").unwrap(),
            sex: None,
            division: DivisionCode::parse("511621").unwrap(),
            phone: None,
        };
        claim_person(tx, &keys, &claim, now)
    });
    let Claim::Yours(person) = claimed.await.unwrap() else { panic!("the document was taken") };
    (browser, person)
}

/// The colour of a resident, as programs get it.
pub async fn state(b: &mut Browser) -> String {
    b.api_get("/api/v1/code").await.expect(200).json()["state"].as_str().unwrap().to_owned()
}

/// Works the code out as the job would.
pub async fn evaluate(app: &App, person: Id) {
    Evaluate { person_id: person }.run(app.deps.clone()).await.unwrap();
}
