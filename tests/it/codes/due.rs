//! Codes in which something has ended by itself are worked out by the clock, and one that cannot be stops no other.

use crate::harness::App;
use crate::harness::declared::{self, healthy};
use crate::on_both;
use chrono::Duration;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::accounts::{Claim, ClaimPerson, claim_person};
use fugong::audit::Actor;
use fugong::db::schema::{accounts, code_states, code_waivers};
use fugong::db::{Id, Ts};
use fugong::identity::sample::id_number_nth;
use fugong::identity::{DivisionCode, DocumentKind, DocumentNumber, PersonName};
use fugong::jobs::Job;

on_both!(one_code_that_cannot_be_worked_out_stops_no_other);

/// More than one step of the job looks at.
const UNREADABLE: u64 = 51;

/// A person with a healthy declaration and a green code; of an account, if one is given.
async fn green(app: &App, n: u64, account: Option<Id>) -> Id {
    let (keys, now) = (app.deps.keys.clone(), app.clock.now());
    let claimed = app.deps.store.write(move |tx| {
        let division = DivisionCode::parse("511621").unwrap();
        let number = id_number_nth(division, n).unwrap();
        let claim = ClaimPerson {
            by: account.map_or(Actor::System, Actor::Resident),
            account,
            document: DocumentNumber::parse_stored(DocumentKind::IdCard, number.as_str()).unwrap(),
            name: PersonName::parse("王小明").unwrap(),
            sex: None,
            division,
            phone: None,
        };
        claim_person(tx, &keys, &claim, now)
    });
    let Claim::Yours(person) = claimed.await.unwrap() else { panic!("the document was taken") };
    declared::state(person, healthy(now));
    super::evaluate(app, person).await;
    person
}

async fn colour(app: &App, person: Id) -> String {
    let found = app
        .deps
        .store
        .read(move |c| Ok(code_states::table.find(person).select(code_states::colour).first::<String>(c)?));
    found.await.unwrap()
}

async fn one_code_that_cannot_be_worked_out_stops_no_other(app: App) {
    let official = app.official_full(Role::ColourOfficer, "511621").await.official;
    let mut unreadable = Vec::new();
    for n in 0..UNREADABLE {
        unreadable.push(green(&app, n, None).await);
    }
    // Whom the portal cannot tell, and somebody about whom nothing is wrong.
    let (_, account) = app.resident_with("13800000001").await;
    let untold = green(&app, UNREADABLE, Some(account)).await;
    let sound = green(&app, UNREADABLE + 1, None).await;
    let (spoiled, now) = (unreadable.clone(), Ts::from(app.clock.now()));
    let done = app.deps.store.write(move |tx| {
        for person in spoiled {
            let waiver = (
                (code_waivers::id.eq(Id::new()), code_waivers::person_id.eq(person)),
                (code_waivers::rule.eq("yellow.self-report"), code_waivers::decided_at.eq(now)),
                (code_waivers::decided_by.eq(official), code_waivers::about_sealed.eq(Some(vec![0_u8; 40]))),
            );
            diesel::insert_into(code_waivers::table).values(waiver).execute(tx.conn())?;
        }
        let broken = accounts::phone_sealed.eq(vec![0_u8; 40]);
        diesel::update(accounts::table.find(account)).set(broken).execute(tx.conn())?;
        Ok(())
    });
    done.await.unwrap();
    assert_eq!(colour(&app, sound).await, "green");
    // The declarations are over.
    app.clock.advance(Duration::days(30));
    fugong::codes::Recheck.run(app.deps.clone()).await.unwrap();
    assert_eq!(colour(&app, sound).await, "unknown", "it was worked out beside the others");
    assert_eq!(colour(&app, untold).await, "green", "all of a change is stored, or nothing");
    for person in unreadable {
        assert_eq!(colour(&app, person).await, "green");
    }
    app.stop().await;
}
