//! A PIN for somebody whom staff have entered, who has no telephone.

use super::World;
use super::declarations::card;

/// Whom staff entered from paper.
pub const ENTERED: &str = "吴九";

impl World {
    /// Things: `entered-card`. The PIN is given and taken back at `proxy-desk`.
    pub(super) async fn pins(&mut self) {
        let card = card(9);
        let typed = |wish: &'static str| {
            [
                ("do", wish.to_owned()),
                ("doc_kind", "id_card".to_owned()),
                ("doc_number", card.clone()),
                ("name", ENTERED.to_owned()),
                ("seen", "yes".to_owned()),
            ]
        };
        for (wish, status) in [("give", 200), ("withdraw", 303)] {
            self.look("proxy-desk", "/desk/pins").await;
            let fields = typed(wish);
            let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
            let done = self.send("proxy-desk", "/desk/pins", &fields).await;
            assert_eq!(done.status.as_u16(), status, "{}", done.body);
        }
        self.keep("entered-card", card);
    }
}
