//! What one process keeps in memory of a resident is no longer used when another process has ended the session; officials
//! are looked up by each of them at every request.

use crate::accounts::steps::change_phone;
use crate::harness::App;
use crate::harness::browser::Browser;
use crate::officials::SURE;
use fugong::access::Role;
use fugong::crypto::token;
use fugong::web::session::{self, SessionKind};
use std::time::{Duration, Instant};

/// Longer than anything here takes; a test that gets there has failed.
const PATIENCE: Duration = Duration::from_secs(60);

const PHONE: &str = "13800138000";

/// A resident's token in a portal.
async fn signed_in(app: &App) -> String {
    let (_, account) = app.resident_with(PHONE).await;
    let now = app.clock.now();
    let made = app
        .deps
        .store
        .write(move |tx| session::start(tx, SessionKind::Resident, account, None, "Test", now))
        .await;
    made.unwrap().0
}

#[actix_web::test]
async fn a_log_out_reaches_other_processes() {
    let Some(here) = App::postgres().await else { return };
    let there = here.beside().await;
    let text = signed_in(&here).await;
    let (mut a, mut b) = (here.with_session(&text), kept(&there, &text).await);
    a.get("/me/sessions").await.expect(200);
    a.post("/sign-out", &[]).await.expect(303);
    a.get("/me/sessions").await.expect(303);
    is_out(&mut b).await;
    let hash = token::hash(text.as_bytes());
    assert!(there.deps.residents.get(&hash, there.deps.store.marks()).is_none());
    there.stop().await;
    here.stop().await;
}

/// A browser whose resident a process keeps in memory, which it does as soon as it hears of changes.
async fn kept(there: &App, text: &str) -> Browser {
    let (hash, mut b, begun) = (token::hash(text.as_bytes()), there.with_session(text), Instant::now());
    while there.deps.residents.get(&hash, there.deps.store.marks()).is_none() {
        b.get("/me/sessions").await.expect(200);
        assert!(begun.elapsed() < PATIENCE, "the resident is never kept");
    }
    b
}

async fn is_out(b: &mut Browser) {
    let begun = Instant::now();
    loop {
        match b.get("/me/sessions").await.status.as_u16() {
            303 => return,
            200 => assert!(begun.elapsed() < PATIENCE, "the session that was ended is still served"),
            other => panic!("{other}"),
        }
    }
}

#[actix_web::test]
async fn a_changed_phone_reaches_other_processes() {
    let Some(here) = App::postgres().await else { return };
    let there = here.beside().await;
    let mut a = here.resident(PHONE).await;
    let mut stolen = kept(&there, &signed_in(&here).await).await;
    change_phone(&here, &mut a, PHONE, "13900139000").await;
    is_out(&mut stolen).await;
    there.stop().await;
    here.stop().await;
}

#[actix_web::test]
async fn a_disabled_official_is_out_at_other_processes() {
    let Some(here) = App::postgres().await else { return };
    let there = here.beside().await;
    let staff = here.official_full(Role::CountyDesk, "511621").await;
    let token = staff.browser.cookies().values().next().unwrap().clone();
    let mut desk = there.with_session(&token);
    desk.get("/desk/applications").await.expect(200);
    let mut admin = here.official(Role::Administrator, "510000").await;
    let path = format!("/admin/officials/{}", staff.official);
    admin.get(&path).await.expect(200);
    admin.post(&path, &[&[("action", "disable")], &SURE[..]].concat()).await.leads_to(&path);
    desk.get("/desk/applications").await.leads_to("/desk/sign-in");
    there.stop().await;
    here.stop().await;
}
