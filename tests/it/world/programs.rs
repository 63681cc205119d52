//! What programs change: at the desk, as administrator, as auditor, and for a resident.

use super::World;
use super::officials::CHOSEN;
use crate::harness::people::{document, totp};
use crate::world::declarations::town;
use crate::world::{COUNTY, PERSONAL};
use reqwest::Method;
use serde_json::{Value, json};

impl World {
    /// Nobody new; the steps leave the things of the world as they are, but for one more declaration, checked.
    pub(super) async fn desk_programs(&mut self) {
        self.declaration_by_program().await;
        self.administration_by_program().await;
        self.call("auditor", Method::POST, "/api/v1/audit/verify", &Value::Null).await;
        self.look("reviewer", "/desk/appeals").await;
        self.call("reviewer", Method::POST, "/api/v1/desk/appeals/search", &json!({"q": "SS1"})).await;
        let letters = self.person("resident").api_get("/api/v1/me/messages").await.expect(200).json();
        let unread = letters["messages"].as_array().unwrap().iter().find(|l| l["read"] == false).unwrap();
        let path = format!("/api/v1/me/messages/{}/read", unread["id"].as_str().unwrap());
        self.call("resident", Method::POST, &path, &Value::Null).await;
        let (extra, _) = self.app.resident_with("13800138007").await;
        self.meet("two-phones", extra);
        self.app.resident_with("13800138007").await;
        self.look("two-phones", "/me").await;
        let sessions = self.person("two-phones").api_get("/api/v1/me/sessions").await.expect(200).json();
        let other = sessions.as_array().unwrap().iter().find(|s| s["current"] == false).unwrap();
        let path = format!("/api/v1/me/sessions/{}", other["id"].as_str().unwrap());
        self.call("two-phones", Method::DELETE, &path, &Value::Null).await;
    }

    async fn declaration_by_program(&mut self) {
        let (browser, _) = self.app.resident_with("13800138040").await;
        self.meet("by-program", browser);
        self.look("by-program", "/declare").await;
        let body = json!({
            "name": "韩梅", "document_kind": "passport", "document_number": "E87654321", "sex": "female",
            "nationality": "中国", "household": {"division": COUNTY, "address": PERSONAL[15]},
            "present": {"division": town(), "address": PERSONAL[16]}, "phone": "13600008849", "conditions": [],
            "temperature_tenths": 365, "symptoms": [], "contact": false, "travel": [], "coresidents": "well",
            "isolation": false, "diagnosed": false, "vaccination": "none", "test": "none",
            "destination": {"division": "440306", "employer": "厂", "transport": "train", "day": "2020-03-15"},
            "truth": true, "share": true,
        });
        let made = self.call("by-program", Method::POST, "/api/v1/declarations", &body).await.json();
        let number = made["number"].as_str().unwrap().to_owned();
        self.look("worker", "/desk/declarations").await;
        self.call("worker", Method::POST, "/api/v1/desk/declarations/search", &json!({"q": number})).await;
        let path = format!("/api/v1/desk/declarations/{number}/actions/check");
        self.call("worker", Method::POST, &path, &json!({"version": made["version"]})).await;
    }

    async fn administration_by_program(&mut self) {
        self.look("admin", "/admin/offices/new").await;
        let mut office = json!({
            "name": "岳池县顾县镇卫生院", "kind": "health-centre", "division": COUNTY, "phone": "0826-5270121",
        });
        let made = self.call("admin", Method::POST, "/api/v1/admin/offices", &office).await.json();
        office["version"] = json!(1);
        let path = format!("/api/v1/admin/offices/{}", made["id"].as_str().unwrap());
        self.call("admin", Method::PUT, &path, &office).await;
        let right = json!({"role": "doctor", "office": made["id"], "division": COUNTY});
        let number = document().number().to_owned();
        let new = json!({"login": "programmed", "name": "韩雪", "document_number": number, "right": right});
        let first = self.call("admin", Method::POST, "/api/v1/admin/officials", &new).await.json();
        let path = format!("/api/v1/admin/officials/{}", first["id"].as_str().unwrap());
        let who = json!({"document_number": number, "phone": "13608260001", "reason": "补登手机号"});
        self.call("admin", Method::PUT, &format!("{path}/identity"), &who).await;
        let post = self.call("admin", Method::POST, &format!("{path}/assignments"), &right).await.json();
        let why = json!({"reason": "轮岗"});
        let ended = format!("{path}/assignments/{}/end", post["id"].as_str().unwrap());
        self.call("admin", Method::POST, &ended, &why).await;
        let browser = self.app.browser();
        self.meet("programmed", browser);
        let typed = json!({"login": "programmed", "password": first["password"]});
        let begun = self.call("programmed", Method::POST, "/api/v1/desk/enrolments", &typed).await.json();
        let code = totp(begun["secret"].as_str().unwrap(), &self.app);
        let chosen = json!({"ticket": begun["ticket"], "password": CHOSEN, "code": code});
        self.call("programmed", Method::POST, "/api/v1/desk/enrolments/confirm", &chosen).await;
        self.call("admin", Method::POST, &format!("{path}/actions/disable"), &why).await;
    }
}
