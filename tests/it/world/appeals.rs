//! Appeals: one decided, one withdrawn, one that waits.

use super::{COUNTY, World};
use fugong::access::Role;
use reqwest::Method;
use serde_json::json;

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
        let evidence =
            ("/code/appeals/{appeal}", "/code/appeals/{appeal}/files", "/api/v1/appeals/{appeal}/files");
        self.handed_in("contact", "appeal-file", evidence).await;
        let path = self.fill_in("/desk/appeals/{appeal}/files/{appeal-file}");
        assert_eq!(self.person("reviewer").fetch(&path).await.0, 200);
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
        for (who, kind) in [
            ("reviewer", "appeals/{appeal}"),
            ("worker", "declarations/{declaration}"),
            ("town", "applications/{submitted}"),
        ] {
            self.commented(who, &format!("/desk/{kind}"), &format!("/api/v1/desk/{kind}")).await;
        }
        for (who, list, thing) in
            [("reviewer", "appeals", "{appeal}"), ("worker", "declarations", "{declaration}")]
        {
            self.shared_out(who, list, thing).await;
        }
        let path = "/api/v1/desk/applications/{submitted}/assign";
        self.call("town", Method::POST, path, &json!({"do": "take"})).await;
        self.look("town", "/desk/applications").await;
        self.send("town", "/desk/applications", &[("q", "机械")]).await;
        let sought = json!({"q": "机械"});
        self.call("town", Method::POST, "/api/v1/desk/applications/search", &sought).await;
        let view = [("do", "save"), ("tab", "review"), ("kind", "enterprise"), ("view", "在审的企业")];
        self.send("town", "/desk/applications/views", &view).await;
        self.look("reviewer", "/desk/appeals?tab=decided").await;
        self.send("reviewer", "/desk/appeals", &[("q", "欧阳金丝雀")]).await;
        let view =
            [("do", "save"), ("tab", "decided"), ("state", "upheld"), ("view", "维持的"), ("shared", "yes")];
        self.send("reviewer", "/desk/appeals/views", &view).await;
    }

    /// A case is taken from the list, given back on its page, and both by call: in the end it is where it was.
    async fn shared_out(&mut self, who: &str, list: &str, thing: &str) {
        let row = self.fill_in(&format!("{thing}@1"));
        self.look(who, &format!("/desk/{list}/{thing}")).await;
        let take = [("do", "take"), ("case", row.as_str())];
        self.send(who, &format!("/desk/{list}/bulk"), &take).await.shows("完成");
        self.send(who, &format!("/desk/{list}/{thing}/assign"), &[("do", "return")]).await;
        let call = format!("/api/v1/desk/{list}/{thing}/assign");
        for what in ["take", "return"] {
            self.call(who, Method::POST, &call, &json!({"do": what})).await;
        }
    }

    /// Both kinds of comment on a case, by page and by call.
    async fn commented(&mut self, who: &str, page: &str, call: &str) {
        self.look(who, page).await;
        let path = format!("{page}/comments");
        let internal = [("audience", "internal"), ("comment", "先核对考勤记录，再决定。")];
        self.send(who, &path, &internal).await;
        let body = json!({"audience": "person", "text": "请带上 3 月 10 日的考勤记录。"});
        self.call(who, Method::POST, &format!("{call}/comments"), &body).await;
    }

    async fn file_appeal(&mut self, who: &str, rule: &str) -> String {
        self.look(who, "/code/appeal").await;
        let fields = [("cause", rule), ("reason", "那天不在九龙街道金丝雀市场")];
        let sent = self.send(who, "/code/appeal", &fields).await.leads_to("/code/appeals/");
        sent.location().rsplit('/').next().unwrap().to_owned()
    }
}
