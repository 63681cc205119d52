//! Residents sign in, look after their sessions, change how they are reached; programs sign in, too.

use super::World;
use super::principals::OWNER;
use crate::harness::App;
use crate::harness::browser::Browser;
use reqwest::Method;
use serde_json::json;

/// The last code by SMS to a mainland number.
pub async fn code_for(app: &App, phone: &str) -> String {
    app.drain().await;
    let sent = app.deps.sms.sent();
    let to = format!("+86{phone}");
    let last =
        sent.iter().rev().find(|m| m.to == to && m.message.ends_with("-code")).expect("an SMS with a code");
    last.text.chars().skip_while(|c| !c.is_ascii_digit()).take(6).collect()
}

/// The code in the last e-mail to an address.
pub async fn code_mailed(app: &App, to: &str) -> String {
    app.drain().await;
    let sent = app.deps.mail.sent();
    let last = sent.iter().rev().find(|m| m.to == to && m.message == "email-code").expect("an e-mail");
    last.text.chars().skip_while(|c| !c.is_ascii_digit()).take(6).collect()
}

/// Names an e-mail address and types the code that was sent to it.
pub async fn name_email(app: &App, b: &mut Browser, email: &str) {
    b.get("/me/contact").await.expect(200);
    b.post("/me/contact", &[("email", email)]).await.leads_to("/me/contact/email");
    let code = code_mailed(app, email).await;
    b.get("/me/contact/email").await.expect(200);
    b.post("/me/contact/email", &[("code", &code)]).await.leads_to("/me/contact");
}

impl World {
    /// Signs somebody in through the pages, for the first time, and calls them by a name.
    pub async fn sign_in(&mut self, name: &str, phone: &str) {
        self.ask_for_code(name, phone).await;
        let code = code_for(&self.app, phone).await;
        self.send(name, "/sign-in/code", &[("code", &code)]).await.leads_to("/sign-in/notice");
        self.look(name, "/sign-in/notice").await;
        self.send(name, "/sign-in/notice", &[("next", "/me")]).await.leads_to("/me");
    }

    /// Somebody who has asked for a code and not typed it yet.
    async fn ask_for_code(&mut self, name: &str, phone: &str) {
        let browser = self.app.browser();
        self.meet(name, browser);
        self.look(name, "/sign-in").await;
        self.send(name, "/sign-in", &[("phone", phone)]).await.leads_to("/sign-in/code");
        self.look(name, "/sign-in/code").await;
    }

    /// People: `visitor`, `resident` (the owner of things), `waiting` (has asked for a code), `mover` (is about to
    /// change the phone). Things: `session`.
    pub(super) async fn accounts(&mut self) {
        let visitor = self.app.browser();
        self.meet("visitor", visitor);
        self.sign_in("resident", OWNER).await;
        self.ask_for_code("waiting", "13800138002").await;
        self.look("resident", "/me/contact").await;
        self.email("resident").await;
        self.sign_in("writer", "13800138045").await;
        self.look("writer", "/me/contact").await;
        self.send("writer", "/me/contact", &[("email", "canary-mail@example.cn")]).await;
        let name = self.newest_consent("resident").await;
        self.keep("consent", name);
        self.sessions().await;
        self.programs().await;
        self.sign_in("mover", "13800138003").await;
        self.look("mover", "/me/kept").await;
        self.look("mover", "/me/kept/delete?kind=message").await;
        self.send("mover", "/me/kept/delete", &[("kind", "message")]).await;
        self.look("mover", "/me/contact").await;
        self.email("mover").await;
        let path = format!("/me/consents/{}", self.newest_consent("mover").await);
        self.look("mover", &path).await;
        self.send("mover", &path, &[]).await.leads_to("/me/kept");
        self.look("mover", "/me/contact").await;
        self.send("mover", "/me/contact/new-phone", &[("phone", "13900139003")]).await;
    }

    async fn email(&mut self, name: &str) {
        let email = "canary-mail@example.cn";
        self.send(name, "/me/contact", &[("email", email)]).await.leads_to("/me/contact/email");
        let code = code_mailed(&self.app, email).await;
        self.look(name, "/me/contact/email").await;
        self.send(name, "/me/contact/email", &[("code", &code)]).await.leads_to("/me/contact");
    }

    /// The name of the first consent that somebody can withdraw.
    async fn newest_consent(&mut self, who: &str) -> String {
        let page = self.look(who, "/me/kept").await.body;
        page.split("/me/consents/").nth(1).expect("a consent").split('"').next().unwrap().to_owned()
    }

    async fn sessions(&mut self) {
        let (tablet, _) = self.app.resident_with(OWNER).await;
        self.meet("tablet", tablet);
        let id = newest_session(self.person("resident")).await;
        self.send("resident", &format!("/me/sessions/{id}/end"), &[]).await;
        self.sign_in("leaver", "13800138004").await;
        self.look("leaver", "/me/sessions").await;
        self.send("leaver", "/me/sessions/end-all", &[]).await;
        let (leaver, _) = self.app.resident_with("13800138004").await;
        self.meet("leaver", leaver);
        self.look("leaver", "/me").await;
        self.send("leaver", "/sign-out", &[]).await.leads_to("/");
        self.sign_in("changer", "13800138005").await;
        self.look("changer", "/me/contact").await;
        self.send("changer", "/me/contact/new-phone", &[("phone", "13900139005")]).await;
        self.look("changer", "/me/contact/phone").await;
        let (old, new) = (code_for(&self.app, "13800138005").await, code_for(&self.app, "13900139005").await);
        self.send("changer", "/me/contact/phone", &[("old", &old), ("new", &new)]).await;
        let id = newest_session(self.person("resident")).await;
        self.keep("session", id);
    }

    async fn programs(&mut self) {
        let program = self.app.browser();
        self.meet("program", program);
        let phone = "13800138006";
        let asked = json!({"phone": phone});
        let asked = self.call("program", Method::POST, "/api/v1/sign-in/code-requests", &asked).await.json();
        let code = code_for(&self.app, phone).await;
        let typed = json!({"phone": phone, "ticket": asked["ticket"], "code": code});
        let made = self.call("program", Method::POST, "/api/v1/sign-in/sessions", &typed).await.json();
        self.person("program").bearer = Some(made["token"].as_str().unwrap().to_owned());
        self.call("program", Method::POST, "/api/v1/me/notice", &json!({})).await;
        self.call("program", Method::DELETE, "/api/v1/sessions/current", &json!({})).await;
    }
}

async fn newest_session(b: &mut Browser) -> String {
    let page = b.get("/me/sessions").await.expect(200);
    let ids = page.body.split("action=\"/me/sessions/").skip(1);
    ids.filter_map(|s| s.split_once("/end\"")).map(|(id, _)| id.to_owned()).find(|id| id.len() == 36).unwrap()
}
