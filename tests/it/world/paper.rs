//! Codes on paper, by the resident and at the desk; findings that end before their day.

use super::{PERSONAL, World};

impl World {
    /// Things: `paper` of the resident, `desk-paper` made by the worker, `counting` finding about the contact, and
    /// `record-end`, which waits for a second officer.
    pub(super) async fn papers(&mut self) {
        self.look("resident", "/code/print").await;
        let made = self.send("resident", "/code/print", &[]).await.leads_to("/code/print/");
        self.keep("paper", last(made.location()));
        self.look("worker", "/desk/codes").await;
        let document = [("doc_kind", "id_card"), ("doc_number", PERSONAL[1])];
        let person = self.send("worker", "/desk/codes", &document).await.input("person").unwrap();
        let made = self.send("worker", "/desk/codes/print", &[("person", &person)]).await;
        self.keep("desk-paper", last(made.leads_to("/desk/codes/print/").location()));
        self.ended().await;
    }

    async fn ended(&mut self) {
        for day in ["8", "7"] {
            self.counts(day).await;
        }
        let found = self.findings_found().await;
        let [first, second, third] = found.as_slice() else { panic!("{found:?} count") };
        self.keep("counting", first);
        self.propose_end(second).await;
        self.decide_end("refuse").await;
        self.propose_end(second).await;
        self.decide_end("confirm").await;
        assert!(!self.findings_found().await.contains(second), "it has ended");
        self.propose_end(third).await;
        let waits = self.look("colour-2", "/desk/records").await;
        self.keep("record-end", &named(&waits.body, "/desk/record-ends/")[0]);
    }

    /// A finding about the contact that both officers agree upon.
    async fn counts(&mut self, day: &str) {
        self.look("colour-1", "/desk/records/new").await;
        let finding = [
            ("doc_kind", "id_card"),
            ("doc_number", PERSONAL[5]),
            ("kind", "contact_of_contact"),
            ("at-year", "2020"),
            ("at-month", "3"),
            ("at-day", day),
            ("source", "县疾控中心流调报告"),
        ];
        self.send("colour-1", "/desk/records/new", &finding).await;
        // The one that waits from before is left alone.
        let waits = self.look("colour-2", "/desk/records").await;
        let open = named(&waits.body, "/desk/records/");
        let path = format!("/desk/records/{}/decide", open.last().unwrap());
        self.send("colour-2", &path, &[("decision", "confirm")]).await;
    }

    /// The findings about the contact that count.
    async fn findings_found(&mut self) -> Vec<String> {
        self.look("colour-1", "/desk/records").await;
        let document = [("doc_kind", "id_card"), ("doc_number", PERSONAL[5])];
        named(&self.send("colour-1", "/desk/records/find", &document).await.body, "/desk/records/")
    }

    async fn propose_end(&mut self, record: &str) {
        let path = format!("/desk/records/{record}/end");
        self.look("colour-1", &path).await;
        self.send("colour-1", &path, &[("reason", "核实后不在九龙街道金丝雀市场")]).await;
    }

    async fn decide_end(&mut self, verb: &str) {
        let waits = self.look("colour-2", "/desk/records").await;
        let id = named(&waits.body, "/desk/record-ends/")[0].clone();
        let fields = [("decision", verb), ("reason", "核实不足")];
        self.send("colour-2", &format!("/desk/record-ends/{id}/decide"), &fields).await;
    }
}

fn last(path: &str) -> String {
    path.rsplit('/').next().unwrap().to_owned()
}

/// What a page names by identifier in addresses that begin so, each once.
fn named(body: &str, path: &str) -> Vec<String> {
    let before = format!("\"{path}");
    let ids = body.split(&before).skip(1).map(|rest| rest.split(['/', '"']).next().unwrap().to_owned());
    let mut ids: Vec<String> = ids.filter(|id| id.len() == 36).collect();
    ids.dedup();
    ids
}
