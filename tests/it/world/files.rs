//! Files: evidence of the appeal that waits, attachments of the draft that is ready.

use super::World;
use chrono::Duration;
use reqwest::Method;

impl World {
    /// Hands three files in with a case, on the page and by program, and takes two back. `thing` is the one that stays.
    pub(super) async fn handed_in(
        &mut self,
        who: &str,
        thing: &str,
        (page, pages, calls): (&str, &str, &str),
    ) {
        self.look(who, page).await;
        for (mark, path) in [("a", pages), ("b", calls), ("c", pages)] {
            self.hand_in_file(who, path, mark).await;
        }
        self.app.drain().await;
        let path = self.fill_in(calls);
        let all = self.person(who).api_get(&path).await.expect(200).json();
        let id = |n: usize| all["files"][n]["id"].as_str().unwrap().to_owned();
        self.keep(thing, id(0));
        self.send(who, &format!("{pages}/{}/remove", id(1)), &[]).await;
        self.call(who, Method::DELETE, &format!("{calls}/{}", id(2)), &serde_json::json!({})).await;
        let path = self.fill_in(&format!("{pages}/{{{thing}}}"));
        assert_eq!(self.person(who).fetch(&path).await.0, 200);
    }

    async fn hand_in_file(&mut self, who: &str, path: &str, mark: &str) {
        let (path, file) = (self.fill_in(path), crate::files::document(mark));
        self.app.clock.advance(Duration::milliseconds(100));
        let before = self.entries().await;
        let answer = self.person(who).upload(&path, "file", "金丝雀检测报告.pdf", &file).await;
        assert!(answer.status.is_success() || answer.status == 303, "{path}: {}", answer.body);
        self.note(Method::POST, path, before).await;
    }
}
