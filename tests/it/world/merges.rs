//! Records of one person under two documents: merged, proposed, and still apart.

use super::{COUNTY, World};
use crate::world::proxies::child;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::accounts::{ClaimPerson, claim_person};
use fugong::audit::Actor;
use fugong::db::Id;
use fugong::db::schema::person_merges;
use fugong::identity::{DivisionCode, DocumentKind, DocumentNumber, PersonName};

/// How whoever has two records is called, in each.
pub const NAMES: (&str, &str) = ("双证人", "SHUANG ZHENGREN");

impl World {
    async fn on_file(&mut self, kind: DocumentKind, number: &str, name: &str) {
        let claim = ClaimPerson {
            by: Actor::Console,
            account: None,
            document: DocumentNumber::parse_stored(kind, number).unwrap(),
            name: PersonName::parse(name).unwrap(),
            sex: None,
            division: DivisionCode::parse(COUNTY).unwrap(),
            phone: None,
        };
        let (keys, now) = (self.app.deps.keys.clone(), self.app.clock.now());
        let claimed = self.app.deps.store.write(move |tx| claim_person(tx, &keys, &claim, now));
        claimed.await.unwrap();
    }

    /// Identifier and number of what was proposed last.
    async fn proposed(&mut self) -> (Id, String) {
        let found = self.app.deps.store.read(|c| {
            let newest =
                person_merges::table.order((person_merges::created_at.desc(), person_merges::id.desc()));
            Ok(newest.select((person_merges::id, person_merges::number)).first(c)?)
        });
        found.await.unwrap()
    }

    async fn pair(&mut self, born: &str, passport: &str, proposes: bool) -> String {
        let card = child(born);
        self.on_file(DocumentKind::IdCard, &card, NAMES.0).await;
        self.on_file(DocumentKind::Passport, passport, NAMES.1).await;
        let mut fields = vec![
            ("lead_kind", "id_card"),
            ("lead_number", card.as_str()),
            ("lead_name", NAMES.0),
            ("other_kind", "passport"),
            ("other_number", passport),
            ("other_name", NAMES.1),
        ];
        self.look("proxy-desk", "/desk/merges").await;
        self.send("proxy-desk", "/desk/merges", &fields).await.expect(200);
        if proposes {
            fields.extend([("reason", "两份证件都看过"), ("seen", "yes"), ("do", "propose")]);
            self.send("proxy-desk", "/desk/merges", &fields).await.leads_to("/desk/receipts/");
        }
        card
    }

    /// Staff: `merge-desk`. Things: `merge` and `merge-undoing` that wait for a second official; a pair that is still apart, by
    /// `merge-card` and the passport `E51162103`.
    pub(super) async fn merges(&mut self) {
        self.hire("merge-desk", Role::TownReviewer, COUNTY).await;
        self.pair("1971-02-03", "E51162101", true).await;
        let (id, number) = self.proposed().await;
        let path = format!("/desk/merges/{id}/decide");
        self.look("merge-desk", &path).await;
        self.send("merge-desk", &path, &[("decision", "confirm")]).await.leads_to("/desk/second");
        self.look("proxy-desk", "/desk/merges").await;
        let undo = [("number", number.as_str()), ("undo_reason", "照片不是同一个人")];
        self.send("proxy-desk", "/desk/merges/undo", &undo).await.leads_to("/desk/merges");
        let undoing = self.proposed().await.0;
        self.keep("merge-undoing", undoing.to_string());
        self.pair("1972-02-03", "E51162102", true).await;
        let open = self.proposed().await.0;
        self.keep("merge", open.to_string());
        let card = self.pair("1973-02-03", "E51162103", false).await;
        self.keep("merge-card", card);
    }
}
