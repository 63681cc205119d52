//! Imports: long staff lists of a draft that are stopped before anything is taken.

use super::World;
use chrono::Duration;
use reqwest::Method;
use serde_json::json;

impl World {
    /// Sends a list on the page and by program, and stops both; one of them waits as `<draft>-import`.
    pub(super) async fn imports(&mut self, who: &str, draft: &str) {
        let page = format!("/reopening/{{{draft}}}/staff");
        self.look(who, &page).await;
        let list = format!("{}张三,1\n", crate::import::people(201));
        for path in [format!("{page}/upload"), format!("/api/v1/applications/{{{draft}}}/imports")] {
            let path = self.fill_in(&path);
            self.app.clock.advance(Duration::milliseconds(100));
            let before = self.entries().await;
            let fields = [("mode", "right"), ("add", "1")];
            let answer = self
                .person(who)
                .upload_with(&path, &fields, ("file", "金丝雀名单.csv"), list.as_bytes())
                .await;
            self.note(Method::POST, path.clone(), before).await;
            let id = match answer.status.as_u16() {
                303 => answer.location().rsplit('/').next().unwrap().to_owned(),
                _ => answer.expect(201).json()["id"].as_str().unwrap().to_owned(),
            };
            self.keep(&format!("{draft}-import"), id);
            let import = format!("{{{draft}}}/imports/{{{draft}-import}}");
            self.look(who, &format!("/reopening/{import}")).await;
            self.send(who, &format!("/reopening/{import}"), &[("do", "stop")]).await;
            for todo in ["go-on", "stop"] {
                let call = format!("/api/v1/applications/{import}");
                self.call(who, Method::POST, &call, &json!({"do": todo})).await;
            }
            self.app.drain().await;
        }
    }
}
