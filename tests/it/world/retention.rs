//! A hold on a declaration: one operator enters it, another confirms it, the first ends it.

use super::World;
use fugong::access::Role;

impl World {
    pub(super) async fn holds(&mut self) {
        for name in ["holder-1", "holder-2"] {
            self.hire(name, Role::ProvinceOperator, "510000").await;
        }
        let number = self.fill_in("{declaration}");
        self.look("holder-1", "/desk/holds").await;
        let hold = [
            ("number", number.as_str()),
            ("reason", "行政复议"),
            ("until-year", "2020"),
            ("until-month", "6"),
            ("until-day", "30"),
        ];
        self.send("holder-1", "/desk/holds", &hold).await;
        let page = self.look("holder-2", "/desk/holds").await;
        let id = newest(&page.body);
        self.look("holder-2", &format!("/desk/holds/{id}")).await;
        self.send(
            "holder-2",
            &format!("/desk/holds/{id}/confirm"),
            &[("asked", "yes"), ("decision", "confirm")],
        )
        .await;
        self.look("holder-1", "/desk/holds").await;
        let ended = [("asked", "yes"), ("decision", "end"), ("reason", "复议已经终结")];
        self.send("holder-1", &format!("/desk/holds/{id}/end"), &ended).await;
        // One that waits.
        self.look("holder-1", "/desk/holds").await;
        self.send("holder-1", "/desk/holds", &hold).await;
        let page = self.look("holder-2", "/desk/holds").await;
        self.keep("hold", newest(&page.body));
        let view = [("do", "save"), ("tab", "over"), ("view", "已失效的")];
        self.send("holder-2", "/desk/holds/views", &view).await;
        let run = super::objects::retention_run(&self.app).await;
        self.keep("retention-run", &run);
    }
}

/// The first hold of the list.
fn newest(body: &str) -> String {
    let first = body.split("href=\"/desk/holds/").nth(1).expect("a hold waits");
    first.split('"').next().unwrap().to_owned()
}
