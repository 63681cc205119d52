//! The administrator gives keys to other systems, replaces a secret and revokes one, by page and by program.

use super::World;
use crate::harness::browser::Answer;
use reqwest::Method;
use serde_json::json;

/// A key of another system, as the form sends it.
pub const KEY: &[(&str, &str)] = &[
    ("kind", "client"),
    ("name", "岳池用工系统"),
    ("owner", "岳池县人力资源和社会保障局"),
    ("scopes", "register"),
    ("per_minute", "60"),
    ("per_day", "10000"),
    ("until-year", "2020"),
    ("until-month", "12"),
    ("until-day", "31"),
];

/// The identifier in the link behind the secret.
pub fn key_of(page: &Answer) -> String {
    let after = page.body.split("href=\"/admin/keys/").nth(1).unwrap_or_else(|| panic!("{}", page.body));
    after.chars().take(36).collect()
}

impl World {
    /// Things: `key`, of a client; another that is revoked.
    pub(super) async fn keys(&mut self) {
        self.look("admin", "/admin/keys/new").await;
        let given = self.send("admin", "/admin/keys/new", KEY).await;
        self.keep("key", key_of(&given));
        self.look("admin", "/admin/keys/{key}").await;
        let replaced = [("action", "rotate"), ("version", "1"), ("overlap", "24")];
        self.send("admin", "/admin/keys/{key}", &replaced).await;
        let body = json!({
            "kind": "device", "name": "西门闸机 3 号", "owner": "岳池县交通运输局", "per_minute": 60, "per_day": 10000,
            "until": "2020-12-31",
        });
        let made = self.call("admin", Method::POST, "/api/v1/admin/keys", &body).await.json();
        let path = format!("/api/v1/admin/keys/{}", made["id"].as_str().unwrap());
        let body = json!({"version": 1, "overlap_hours": 0});
        self.call("admin", Method::POST, &format!("{path}/rotate"), &body).await;
        let body = json!({"version": 2, "reason": "设备已拆除"});
        self.call("admin", Method::POST, &format!("{path}/revoke"), &body).await;
        self.keep("revoked-key", made["id"].as_str().unwrap());
    }
}
