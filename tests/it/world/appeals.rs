//! Appeals: one decided, one withdrawn, one that waits.

use super::{COUNTY, World};
use fugong::access::Role;
use reqwest::Method;

impl World {
    /// People: `reviewer`. Things: `appeal` of the contact, which waits; `decided-appeal` of somebody with a cough.
    pub(super) async fn appeals(&mut self) {
        self.hire("reviewer", Role::AppealReviewer, COUNTY).await;
        let number = self.file_appeal("contact", "red.close-contact").await;
        self.look("contact", &format!("/code/appeals/{number}")).await;
        let path = format!("/code/appeals/{number}/withdraw");
        self.send("contact", &path, &[("version", "1")]).await;
        let number = self.file_appeal("contact", "red.close-contact").await;
        self.keep("appeal", number);
        self.evidence().await;
        let number = self.file_appeal("cough", "yellow.self-report").await;
        self.keep("decided-appeal", number);
        self.look("reviewer", "/desk/appeals/{decided-appeal}").await;
        let uphold = [
            ("version", "1"),
            ("action", "uphold"),
            ("reason", "你申报了咳嗽，还没有检测结果。"),
            ("remedy", "检测阴性后自动转绿。"),
        ];
        self.send("reviewer", "/desk/appeals/{decided-appeal}", &uphold).await;
        self.look("reviewer", "/desk/appeals?tab=decided").await;
        self.send("reviewer", "/desk/appeals", &[("q", "欧阳金丝雀")]).await;
        let view =
            [("do", "save"), ("tab", "decided"), ("state", "upheld"), ("view", "维持的"), ("shared", "yes")];
        self.send("reviewer", "/desk/appeals/views", &view).await;
    }

    /// Things: `appeal-file`, which can be opened; another was taken back.
    async fn evidence(&mut self) {
        self.look("contact", "/code/appeals/{appeal}").await;
        for (mark, path) in [("a", "/code/appeals/{appeal}/files"), ("b", "/api/v1/appeals/{appeal}/files")] {
            self.hand_in("contact", path, mark).await;
        }
        self.hand_in("contact", "/code/appeals/{appeal}/files", "c").await;
        self.app.drain().await;
        let path = self.fill_in("/api/v1/appeals/{appeal}/files");
        let all = self.person("contact").api_get(&path).await.expect(200).json();
        let id = |n: usize| all["files"][n]["id"].as_str().unwrap().to_owned();
        self.keep("appeal-file", id(0));
        let remove = format!("/code/appeals/{{appeal}}/files/{}/remove", id(1));
        self.send("contact", &remove, &[]).await;
        let remove = format!("/api/v1/appeals/{{appeal}}/files/{}", id(2));
        self.call("contact", Method::DELETE, &remove, &serde_json::json!({})).await;
        let path = self.fill_in("/desk/appeals/{appeal}/files/{appeal-file}");
        self.person("reviewer").fetch(&path).await;
    }

    async fn hand_in(&mut self, who: &str, path: &str, mark: &str) {
        let (path, file) = (self.fill_in(path), crate::files::document(mark));
        self.app.clock.advance(chrono::Duration::milliseconds(100));
        let before = self.entries().await;
        let answer = self.person(who).upload(&path, "file", "金丝雀检测报告.pdf", &file).await;
        assert!(answer.status.is_success() || answer.status == 303, "{path}: {}", answer.body);
        self.note(Method::POST, path, before).await;
    }

    async fn file_appeal(&mut self, who: &str, rule: &str) -> String {
        self.look(who, "/code/appeal").await;
        let fields = [("cause", rule), ("reason", "那天不在九龙街道金丝雀市场")];
        let sent = self.send(who, "/code/appeal", &fields).await.leads_to("/code/appeals/");
        sent.location().rsplit('/').next().unwrap().to_owned()
    }
}
