//! Tasks: a call about a correction that nobody sends, taken, given back and done; the next one waits for tomorrow.

use super::World;
use crate::harness::App;
use diesel::prelude::*;
use fugong::db::Ts;
use fugong::db::schema::{declarations, tasks};
use fugong::declarations::Calls;
use fugong::jobs::Job;
use reqwest::Method;
use serde_json::json;

/// Makes the call about a returned declaration, as if days had gone by; gives its number.
pub async fn call_due(app: &App, declaration: &str) -> String {
    let (number, now) = (declaration.to_owned(), app.clock.now());
    let days = chrono::Duration::days(4);
    let of = |app: &App, at: chrono::DateTime<chrono::Utc>| {
        let number = number.clone();
        let store = app.deps.store.clone();
        async move {
            let set = store.write(move |tx| {
                let row = declarations::table.filter(declarations::number.eq(number));
                Ok(diesel::update(row).set(declarations::updated_at.eq(Ts(at))).execute(tx.conn())?)
            });
            assert_eq!(set.await.unwrap(), 1);
        }
    };
    of(app, now - days).await;
    Calls.run(app.deps.clone()).await.unwrap();
    of(app, now).await;
    newest_task(app).await
}

/// The number of the task that was made last.
pub async fn newest_task(app: &App) -> String {
    let found = app
        .deps
        .store
        .read(|c| Ok(tasks::table.order(tasks::id.desc()).select(tasks::number).first::<String>(c)?));
    found.await.unwrap()
}

impl World {
    /// Things: `task`, which waits for tomorrow, and `done-task`.
    pub(super) async fn tasks(&mut self) {
        let returned = self.fill_in("{returned}");
        let number = call_due(&self.app, &returned).await;
        let path = format!("/desk/tasks/{number}");
        self.look("worker", "/desk/tasks").await;
        self.look("worker", &path).await;
        self.send("worker", &path, &[("version", "1"), ("do", "take")]).await.leads_to(&path);
        self.look("worker", &path).await;
        self.send("worker", &path, &[("version", "2"), ("do", "give")]).await.leads_to("/desk/tasks");
        let take = json!({"version": 3});
        let api = format!("/api/v1/desk/tasks/{number}/actions/take");
        self.call("worker", Method::POST, &api, &take).await;
        self.call("worker", Method::POST, "/api/v1/desk/tasks/search", &json!({"q": number})).await;
        self.look("worker", "/desk/tasks").await;
        self.send("worker", "/desk/tasks", &[("q", "没有这个人")]).await;
        let view = [("do", "save"), ("tab", "late"), ("view", "超期的")];
        self.send("worker", "/desk/tasks/views", &view).await;
        self.look("worker", "/desk/tasks/enter").await;
        let typed = [("number", number.as_str()), ("result", "2"), ("note", "")];
        self.send("worker", "/desk/tasks/enter", &typed).await.leads_to("/desk/tasks/enter");
        self.keep("done-task", number);
        let next = newest_task(&self.app).await;
        self.keep("task", next);
    }
}
