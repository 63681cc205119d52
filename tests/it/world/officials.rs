//! Officials sign in: for the first time, with the second factor, into one of several posts; programs, too.

use super::World;
use crate::harness::people::totp;
use chrono::Duration;
use fugong::access::Role;
use reqwest::Method;
use serde_json::json;

/// The password that officials of the world choose.
pub const CHOSEN: &str = "秦时明月汉时关万里长征人";
/// What one of them changes it to.
const CHANGED: &str = "但使龙城飞将在不教胡马度阴山";

impl World {
    /// People: `newcomer` and `twin` have typed their first password, `deputy` is signed in and has two posts, `publisher` has no worklist.
    /// Things: `secret-<login>` of those who have an authenticator.
    pub(super) async fn officials(&mut self) {
        self.hire("publisher", Role::Publisher, "510000").await;
        for name in ["deputy", "newcomer", "twin"] {
            self.first_password(name).await;
        }
        self.enrol("deputy").await;
        let page = self.look("deputy", "/desk/sign-in/choose").await;
        let posts: Vec<String> = page
            .body
            .split("name=\"assignment\"")
            .skip(1)
            .map(|s| s.split("value=\"").nth(1).unwrap()[..36].to_owned())
            .collect();
        assert_eq!(posts.len(), 2, "a post and one as a substitute");
        self.send("deputy", "/desk/sign-in/choose", &[("assignment", &posts[0])]).await.leads_to("/desk/");
        self.look("deputy", "/desk/switch").await;
        self.send("deputy", "/desk/switch", &[("assignment", &posts[1])]).await.leads_to("/desk/");
        self.look("deputy", "/desk/step-up").await;
        let code = self.next_code("deputy");
        self.send("deputy", "/desk/step-up", &[("code", &code)]).await;
        self.leaver(&posts[0]).await;
        self.program(&posts[0]).await;
        self.own_account().await;
        self.away().await;
    }

    /// `away` says when they are, by page and by program, and takes it back; a colleague of the same office stands in.
    async fn away(&mut self) {
        let staff = self.app.official_full(Role::TownReviewer, "511622100").await;
        let _colleague = self.app.colleague(&staff, Role::TownReviewer, "511622100").await;
        self.meet("away", staff.browser);
        let all = self.person("away").api_get("/api/v1/desk/absences").await.expect(200).json();
        let substitute = all["colleagues"][0]["id"].as_str().unwrap().to_owned();
        self.look("away", "/desk/account/absences").await;
        let fields = [
            ("substitute", substitute.as_str()),
            ("from-year", "2020"),
            ("from-month", "3"),
            ("from-day", "23"),
            ("to-year", "2020"),
            ("to-month", "3"),
            ("to-day", "27"),
        ];
        self.send("away", "/desk/account/absences", &fields).await.leads_to("/desk/account/absences");
        let own = |all: &serde_json::Value| all["own"][0]["id"].as_str().unwrap().to_owned();
        let all = self.person("away").api_get("/api/v1/desk/absences").await.expect(200).json();
        self.send("away", &format!("/desk/account/absences/{}/end", own(&all)), &[]).await;
        let body = json!({"substitute": substitute, "from": "2020-04-06", "to": "2020-04-10"});
        let made = self.call("away", Method::POST, "/api/v1/desk/absences", &body).await.json();
        let path = format!("/api/v1/desk/absences/{}", made["id"].as_str().unwrap());
        self.call("away", Method::DELETE, &path, &json!({})).await;
        self.call("away", Method::POST, "/api/v1/desk/absences", &body).await;
    }

    /// `rover` is signed in at three places, ends one and the other, and changes the password.
    async fn own_account(&mut self) {
        self.first_password("rover").await;
        self.enrol("rover").await;
        for name in ["rover-2", "rover-3"] {
            self.password(name, "rover", CHOSEN).await;
            self.look(name, "/desk/sign-in/totp").await;
            let code = self.next_code("rover");
            self.send(name, "/desk/sign-in/totp", &[("code", &code)]).await;
        }
        let page = self.look("rover", "/desk/account").await;
        let mut ids = page.body.split("/desk/account/sessions/").filter(|s| s.get(36..40) == Some("/end"));
        let path = format!("/desk/account/sessions/{}/end", &ids.next().unwrap()[..36]);
        self.send("rover", &path, &[]).await.leads_to("/desk/account");
        self.send("rover", "/desk/account/sessions/end-others", &[]).await.leads_to("/desk/account");
        let fields = [("old", CHOSEN), ("password", CHANGED), ("repeat", CHANGED)];
        self.send("rover", "/desk/account/password", &fields).await.leads_to("/desk/account");
    }

    /// Steps that last minutes are begun last: `half` has typed the password and not the one-time code, `chooser` is asked
    /// for the post.
    pub(super) async fn on_the_way(&mut self) {
        self.password("half", "deputy", CHOSEN).await;
        self.look("half", "/desk/sign-in/totp").await;
        self.both_factors("chooser").await.leads_to("/desk/sign-in/choose");
    }

    /// Types a login and a password.
    async fn password(&mut self, name: &str, login: &str, password: &str) {
        let browser = self.app.browser();
        self.meet(name, browser);
        self.look(name, "/desk/sign-in").await;
        self.send(name, "/desk/sign-in", &[("login", login), ("password", password)]).await;
    }

    /// Somebody of that login has typed the password that the administrator handed over, and sees the secret.
    async fn first_password(&mut self, login: &str) {
        let password = self.fill_in(&format!("{{password-{login}}}"));
        self.password(login, login, &password).await;
        let page = self.look(login, "/desk/sign-in/enrol").await;
        let secret = page.body.split("class=\"ref\">").nth(1).unwrap().split('<').next().unwrap();
        self.keep(&format!("secret-{login}"), secret);
    }

    async fn enrol(&mut self, login: &str) {
        let code = self.code(login);
        let fields = [("password", CHOSEN), ("repeat", CHOSEN), ("code", code.as_str())];
        self.send(login, "/desk/sign-in/enrol", &fields).await.shows("备用码");
    }

    /// What the authenticator of a login shows now.
    pub fn code(&self, login: &str) -> String {
        totp(&self.fill_in(&format!("{{secret-{login}}}")), &self.app)
    }

    /// The same after it has changed: each code is taken once.
    fn next_code(&mut self, login: &str) -> String {
        self.app.clock.advance(Duration::seconds(30));
        self.code(login)
    }

    async fn both_factors(&mut self, name: &str) -> crate::harness::browser::Answer {
        self.password(name, "deputy", CHOSEN).await;
        self.look(name, "/desk/sign-in/totp").await;
        let code = self.next_code("deputy");
        self.send(name, "/desk/sign-in/totp", &[("code", &code)]).await
    }

    async fn leaver(&mut self, post: &str) {
        self.both_factors("off-duty").await;
        self.look("off-duty", "/desk/sign-in/choose").await;
        self.send("off-duty", "/desk/sign-in/choose", &[("assignment", post)]).await;
        self.look("off-duty", "/desk").await;
        self.send("off-duty", "/desk/sign-out", &[]).await.leads_to("/desk/sign-in");
    }

    async fn program(&mut self, post: &str) {
        let browser = self.app.browser();
        self.meet("desk-program", browser);
        let both = json!({"login": "deputy", "password": CHOSEN, "code": self.next_code("deputy"), "assignment": post});
        let made = self.call("desk-program", Method::POST, "/api/v1/desk/sessions", &both).await.json();
        self.person("desk-program").bearer = Some(made["token"].as_str().unwrap().to_owned());
        let code = json!({"code": self.next_code("deputy")});
        self.call("desk-program", Method::POST, "/api/v1/desk/step-up", &code).await;
    }
}
