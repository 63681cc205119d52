//! The portal as seen by the people of the demonstration: it runs on a free loopback port while it is being filled, and
//! they use its pages and interfaces like anybody else.

use super::hours::Hours;
use crate::app::{self, App, Deps};
use crate::clock::Clock;
use crate::db::Id;
use crate::demo::province::Province;
use crate::error::{AppError, AppResult};
use crate::web::session::{self, SessionKind};
use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use reqwest::{Client, Method, StatusCode, redirect};
use serde_json::Value;

/// A portal on a clock that can be turned.
pub(super) struct Portal {
    /// Its parts.
    pub(super) deps: App,
    base: String,
    client: Client,
    server: ServerHandle,
    hours: Hours,
}

/// Somebody who has signed in.
#[derive(Debug, Clone)]
pub(super) struct Person(String);

impl Portal {
    /// Starts the province's portal at the first of these hours.
    pub(super) async fn open(province: &Province, hours: Hours) -> AppResult<Self> {
        let clock = Clock::fixed(hours.first());
        let (config, keys) = (province.deps.config.clone(), province.deps.keys.clone());
        let deps = Data::new(Deps::connect(config, clock, keys).await?);
        let listener = app::bind(([127, 0, 0, 1], 0).into()).map_err(AppError::Internal)?;
        let base = format!("http://{}", listener.local_addr().map_err(AppError::internal)?);
        let server = app::serve(deps.clone(), listener).map_err(AppError::internal)?;
        let handle = server.handle();
        actix_web::rt::spawn(server);
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(AppError::internal)?;
        Ok(Self { deps, base, client, server: handle, hours })
    }

    /// Lets some minutes of the plan pass, in office hours.
    pub(super) fn wait(&self, minutes: i64) {
        self.hours.turn(&self.deps.clock, minutes);
    }

    /// Signs somebody in without the pages: the codes would go to invented telephones.
    pub(super) async fn sign_in(
        &self,
        kind: SessionKind,
        subject: Id,
        assignment: Option<Id>,
    ) -> AppResult<Person> {
        let now = self.deps.clock.now();
        let started = self
            .deps
            .store
            .write(move |tx| Ok(session::start(tx, kind, subject, assignment, "Demo", now)?.0));
        Ok(Person(started.await?))
    }

    /// Sends JSON and reads JSON.
    pub(super) async fn api(
        &self,
        who: &Person,
        method: Method,
        path: &str,
        body: &Value,
    ) -> AppResult<Value> {
        let request = self
            .client
            .request(method, format!("{}{path}", self.base))
            .bearer_auth(&who.0)
            .header("content-type", "application/json")
            .header("idempotency-key", uuid::Uuid::now_v7().to_string())
            .body(body.to_string());
        let (status, text) = self.send(request).await?;
        if !status.is_success() {
            return Err(AppError::Internal(format!("{path}: {status}: {text}")));
        }
        serde_json::from_str(&text).map_err(AppError::internal)
    }

    /// Sends a form as a page would.
    pub(super) async fn form(&self, who: &Person, path: &str, fields: &[(&str, &str)]) -> AppResult<()> {
        let body = serde_urlencoded::to_string(fields).map_err(AppError::internal)?;
        let request = self
            .client
            .post(format!("{}{path}", self.base))
            .bearer_auth(&who.0)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
            .body(body);
        let (status, _) = self.send(request).await?;
        if status != StatusCode::SEE_OTHER {
            return Err(AppError::Internal(format!("{path}: {status}")));
        }
        Ok(())
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> AppResult<(StatusCode, String)> {
        let response = request.send().await.map_err(AppError::internal)?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(AppError::internal)?;
        Ok((status, String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Ends it; what was accepted is written.
    pub(super) async fn close(self) {
        self.server.stop(true).await;
        self.deps.store.close().await;
    }
}
