//! Acting for somebody else: who agrees and how, what can be done in the mode and what not, and that it ends.

mod agreed;
mod counter;
mod ended;
mod mode;
mod programs;

use crate::harness::App;
use crate::harness::browser::Browser;
use fugong::accounts::{Claim, ClaimPerson, claim_person};
use fugong::audit::Actor;
use fugong::db::Id;
use fugong::identity::{DivisionCode, DocumentKind, DocumentNumber, PersonName};

/// Two people with telephones of their own, and who is asked most.
pub const SON: (&str, &str, &str) = ("13800138101", "王大山", "360426199101010071");
pub const MOTHER: (&str, &str, &str) = ("13800138102", "王淑芳", "11010519491231002X");

/// Somebody with an account, whose document is claimed.
pub struct Somebody {
    pub browser: Browser,
    pub account: Id,
    pub person: Id,
}

/// Signs somebody in who names their document: telephone, name, identity card.
pub async fn naming(app: &App, (phone, name, card): (&str, &str, &str)) -> (Browser, Id, Claim) {
    let (browser, account) = app.resident_with(phone).await;
    let claim = ClaimPerson {
        by: Actor::Resident(account),
        account: Some(account),
        document: DocumentNumber::parse_stored(DocumentKind::IdCard, card).unwrap(),
        name: PersonName::parse(name).unwrap(),
        sex: None,
        division: DivisionCode::parse("511621").unwrap(),
        phone: None,
    };
    let (keys, now) = (app.deps.keys.clone(), app.clock.now());
    let claimed = app.deps.store.write(move |tx| claim_person(tx, &keys, &claim, now)).await.unwrap();
    (browser, account, claimed)
}

/// Signs somebody in who stands for their document.
pub async fn somebody(app: &App, who: (&str, &str, &str)) -> Somebody {
    let (browser, account, claimed) = naming(app, who).await;
    let Claim::Yours(person) = claimed else { panic!("{claimed:?}") };
    Somebody { browser, account, person }
}

/// What is typed to ask.
pub fn question<'a>(
    relation: &'a str,
    name: &'a str,
    card: &'a str,
    way: &'a str,
) -> Vec<(&'a str, &'a str)> {
    vec![("relation", relation), ("name", name), ("doc_kind", "id_card"), ("doc_number", card), ("way", way)]
}

/// Asks to act for somebody; the number.
pub async fn ask(b: &mut Browser, fields: &[(&str, &str)]) -> String {
    b.get("/me/for/new").await.expect(200);
    b.post("/me/for/new", fields).await.leads_to("/me/for");
    let page = b.get("/me/for").await.expect(200).body;
    page.split("action=\"/me/for/").nth(1).expect("a question").split('/').next().unwrap().to_owned()
}

/// The code in the last SMS to a mainland number.
pub async fn code(app: &App, phone: &str) -> String {
    crate::world::accounts::code_for(app, phone).await
}

/// A person agrees on their own telephone.
pub async fn agree(app: &App, b: &mut Browser, phone: &str, number: &str) {
    // A telephone gets a code a minute.
    app.clock.advance(chrono::Duration::minutes(2));
    let path = format!("/me/for/asked/{number}");
    b.get(&path).await.expect(200);
    b.post(&format!("{path}/code"), &[]).await.leads_to(&path);
    let code = code(app, phone).await;
    b.get(&path).await.expect(200);
    b.post(&path, &[("do", "agree"), ("code", &code), ("agree", "yes")]).await.leads_to(&path);
}

/// The son may act for the mother; both, and the number.
pub async fn family(app: &App) -> (Somebody, Somebody, String) {
    let mut son = somebody(app, SON).await;
    let mut mother = somebody(app, MOTHER).await;
    let number = ask(&mut son.browser, &question("family", MOTHER.1, MOTHER.2, "own")).await;
    agree(app, &mut mother.browser, MOTHER.0, &number).await;
    (son, mother, number)
}

/// The session acts for whom a consent is about.
pub async fn begin(b: &mut Browser, number: &str) {
    b.get("/me/for").await.expect(200);
    b.post(&format!("/me/for/{number}/begin"), &[]).await.leads_to("/");
    b.get("/").await.expect(200);
}
