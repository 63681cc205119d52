//! Somebody acts for another, a guardian declares it at a counter, and questions that nobody has answered.

use super::accounts::code_for;
use super::{COUNTY, PERSONAL, World};
use fugong::access::Role;
use fugong::identity::Sex;
use fugong::identity::sample::Sampler;

/// The number in the newest address of a kind on a page.
fn number(page: &str, after: &str) -> String {
    page.split(after).nth(1).expect("a number").split(['/', '"']).next().unwrap().to_owned()
}

impl World {
    async fn asks(&mut self, who: &str, fields: &[(&str, &str)]) -> String {
        self.look(who, "/me/for/new").await;
        self.send(who, "/me/for/new", fields).await.leads_to("/me/for");
        let page = self.look(who, "/me/for").await.body;
        number(&page, "action=\"/me/for/")
    }

    /// Things: `proxy`, by which `resident` acts for `cough`; `proxy-asked`, by which `contact` asks `resident`;
    /// `proxy-waits` of a child, for the counter; `proxy-over`, and the `receipt` of it. Staff: `proxy-desk`.
    pub(super) async fn proxies(&mut self) {
        self.hire("proxy-desk", Role::VillageWorker, COUNTY).await;
        let cough = [
            ("relation", "family"),
            ("name", PERSONAL[2]),
            ("doc_kind", "id_card"),
            ("doc_number", PERSONAL[3]),
            ("way", "own"),
        ];
        let granted = self.asks("resident", &cough).await;
        let asked = format!("/me/for/asked/{granted}");
        self.look("cough", &asked).await;
        self.send("cough", &format!("{asked}/code"), &[]).await.leads_to(&asked);
        let code = code_for(&self.app, "13800138011").await;
        self.look("cough", &asked).await;
        self.send("cough", &asked, &[("do", "agree"), ("code", &code), ("agree", "yes")]).await;
        self.look("resident", "/me/for").await;
        self.send("resident", &format!("/me/for/{granted}/begin"), &[]).await.leads_to("/");
        self.look("resident", "/code").await;
        self.send("resident", "/me/for/leave", &[]).await.leads_to("/me/for");
        self.keep("proxy", granted);
        let owner = [
            ("relation", "family"),
            ("name", PERSONAL[0]),
            ("doc_kind", "id_card"),
            ("doc_number", PERSONAL[1]),
            ("way", "own"),
        ];
        let waits = self.asks("contact", &owner).await;
        self.keep("proxy-asked", waits);
        self.child("2012-05-06", "proxy-over").await;
        self.child("2013-05-06", "proxy-waits").await;
        self.at_the_counter().await;
        self.child("2014-05-06", "proxy-given-up").await;
        self.look("resident", "/me/for").await;
        self.send("resident", "/me/for/{proxy-given-up}/end", &[]).await.leads_to("/me/for");
    }

    async fn child(&mut self, born: &str, thing: &str) {
        let card = child(born);
        let fields =
            [("relation", "child"), ("name", "孩童"), ("doc_kind", "id_card"), ("doc_number", &card)];
        let question = self.asks("resident", &fields).await;
        self.keep(thing, question);
        self.keep(&format!("{thing}-card"), card);
    }

    /// The guardian declares it, and ends it again.
    async fn at_the_counter(&mut self) {
        let (number, card) = (self.fill_in("{proxy-over}"), self.fill_in("{proxy-over-card}"));
        let path = format!("/desk/proxies/{number}");
        self.look("proxy-desk", "/desk/proxies").await;
        self.send("proxy-desk", "/desk/proxies", &[("number", &number)]).await.leads_to(&path);
        let version = self.look("proxy-desk", &path).await.input("version").unwrap();
        let confirm = [
            ("do", "confirm"),
            ("version", &version),
            ("own_number", PERSONAL[1]),
            ("name", "孩童"),
            ("doc_number", &card),
            ("seen", "yes"),
        ];
        let done = self.send("proxy-desk", &path, &confirm).await.leads_to("/desk/receipts/");
        self.keep("slip", number_in(done.location()));
        let version = self.look("proxy-desk", &path).await.input("version").unwrap();
        let end = [("do", "end"), ("version", version.as_str()), ("asked", "yes")];
        self.send("proxy-desk", &path, &end).await.leads_to("/desk/receipts/");
    }
}

/// The last part of an address.
fn number_in(path: &str) -> String {
    path.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned()
}

/// The identity card of a girl who was born on a day.
pub fn child(born: &str) -> String {
    let card = Sampler::new(1).id_number_for(COUNTY, born.parse().unwrap(), Sex::Female).unwrap();
    card.as_str().to_owned()
}
