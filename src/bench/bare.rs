//! The limits that need a server: actix-web without any of our middleware, which answers so many bytes, runs the bare
//! INSERTs of a probe, or writes one audited row.

use super::probe::probe_calls;
use crate::audit::{self, Actor, Entry};
use crate::crypto::Keyring;
use crate::db::{Id, Store};
use crate::error::AppResult;
use crate::jobs::Job;
use crate::notify::{Message, Recipient};
use crate::{app, jobs, notify};
use actix_web::dev::ServerHandle;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{App, HttpResponse, HttpServer, web};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;

/// The largest answer.
const MOST: usize = 256 * 1024;

struct Parts {
    store: Store,
    keys: Arc<Keyring>,
    clock: crate::clock::Clock,
    bytes: Bytes,
}

/// A running bare server.
pub struct Bare {
    /// Where it listens.
    pub address: SocketAddr,
    handle: ServerHandle,
}

impl Bare {
    /// Starts it on a free port.
    pub fn start(store: Store) -> Result<Self, String> {
        let listener = app::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let address = listener.local_addr().map_err(|e| e.to_string())?;
        let keys = Arc::new(Keyring::ephemeral().map_err(|e| e.to_string())?);
        let bytes = Bytes::from(vec![b'x'; MOST]);
        let clock = crate::clock::Clock::system();
        let parts = Data::new(Parts { store, keys, clock, bytes });
        let server = HttpServer::new(move || {
            App::new()
                .app_data(parts.clone())
                .route("/hello/{bytes}", web::get().to(hello))
                .route("/probe", web::post().to(probe))
                .route("/audited", web::post().to(audited))
        })
        .workers(super::portal::workers())
        .disable_signals()
        .listen(listener)
        .map_err(|e| e.to_string())?
        .run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Ok(Self { address, handle })
    }

    /// Stops it.
    pub async fn stop(&self) {
        self.handle.stop(false).await;
    }
}

async fn hello(parts: Data<Parts>, bytes: Path<usize>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(parts.bytes.slice(..bytes.into_inner().min(MOST)))
}

/// One row, whose trigger makes the INSERTs of the probe. The body is read: what is left of one closes the connection.
async fn probe(parts: Data<Parts>, _: Bytes) -> AppResult<HttpResponse> {
    parts
        .store
        .write(|tx| {
            diesel::insert_into(probe_calls::table).values(probe_calls::at.eq(1i64)).execute(tx.conn())?;
            Ok(())
        })
        .await?;
    Ok(HttpResponse::Ok().finish())
}

/// A job that nobody runs: what is measured is that it is queued.
#[derive(Serialize, Deserialize)]
struct Written {
    id: Id,
}

impl Job for Written {
    const NAME: &'static str = "bench";

    async fn run(self, _: crate::deps::App) -> AppResult<()> {
        Ok(())
    }
}

/// What every mutation of the house leaves beside its own row: audit entry, message, job.
async fn audited(parts: Data<Parts>, _: Bytes) -> AppResult<HttpResponse> {
    let (keys, now) = (parts.keys.clone(), parts.clock.now());
    parts
        .store
        .write(move |tx| {
            let id = Id::new();
            audit::append(tx, now, Entry::new(Actor::System, "bench.write", "bench").object(id))?;
            let to = Recipient { phone: Some("+8613800000000".into()), ..Recipient::default() };
            let message = Message::new("bench", json!({"number": id})).once(format!("bench:{id}"));
            notify::send(tx, &keys, &to, &message, now)?;
            jobs::enqueue(tx, &keys, &Written { id }, None, now, now)?;
            Ok(())
        })
        .await?;
    Ok(HttpResponse::Ok().finish())
}
