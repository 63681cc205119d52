//! Putting a portal together, and running it.
//!
//! There is no global state: the demonstration runs two provinces in one process.

pub use crate::deps::{App, Deps};
pub use crate::tls::install as install_tls;

use crate::clock::Clock;
use crate::config::Config;
use crate::crypto::Keyring;
use crate::error::{AppError, AppResult};
use crate::router::{self, SLICES};
use crate::web::around::around;
use crate::web::door::{ClientCertificate, Door};
use crate::web::form::MAX_BODY;
use crate::web::unread::bounded;
use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::dev::Server;
use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::middleware::{Compress, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::{App as ActixApp, HttpRequest, HttpResponse, HttpServer, web};
use sha2::{Digest, Sha256};
use std::any::Any;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

impl Deps {
    /// Connects the parts of the portal that has [`SLICES`].
    ///
    /// # Errors
    /// A part that cannot be reached.
    pub async fn connect(config: Config, clock: Clock, keys: Arc<Keyring>) -> AppResult<Self> {
        let mut deps = Self::bare(config, clock, keys, router::routes().table())?;
        SLICES.connect(&mut deps)?;
        Ok(deps)
    }
}

/// Serves a portal on a listener.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(deps: App, listener: TcpListener) -> std::io::Result<Server> {
    serve_at(deps, Door::Portal, listener, None)
}

/// Serves one of a portal's doors on a listener: its routes and no others, over TLS that ends here where there are settings for
/// it.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve_at(
    deps: App,
    door: Door,
    listener: TcpListener,
    tls: Option<Arc<rustls::ServerConfig>>,
) -> std::io::Result<Server> {
    // Programs ask one after the other; a door of theirs takes no thread from people.
    let (workers, connections) =
        if door == Door::Portal { (deps.config.workers, 10_000) } else { (1, 1_000) };
    let server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(deps.clone())
            .app_data(door)
            .app_data(web::PayloadConfig::new(MAX_BODY))
            .wrap(from_fn(around))
            .wrap(Compress::default())
            .wrap(from_fn(bounded))
            .configure(move |config| router::routes().mount(door, config))
            .default_service(web::to(elsewhere))
    })
    .on_connect(|connection, data| {
        if let Some(shown) = certificate_of(connection) {
            data.insert(shown);
        }
    })
    .workers(workers)
    .max_connections(connections)
    .tls_handshake_timeout(Duration::from_secs(5))
    .client_request_timeout(Duration::from_secs(10))
    .client_disconnect_timeout(Duration::from_secs(2))
    .keep_alive(Duration::from_secs(30))
    .shutdown_timeout(30)
    .disable_signals();
    let server = match tls {
        None => server.listen(listener)?,
        Some(tls) => server.listen_rustls_0_23(listener, Arc::unwrap_or_clone(tls))?,
    };
    Ok(server.run())
}

/// The certificate that a client has shown in the TLS of this process, where it has.
fn certificate_of(connection: &dyn Any) -> Option<ClientCertificate> {
    let stream = connection.downcast_ref::<TlsStream<TcpStream>>()?;
    let (_, session) = stream.get_ref();
    let shown = session.peer_certificates()?.first()?;
    Some(ClientCertificate(Sha256::digest(shown).into()))
}

/// Serves the doors of programs that are configured.
///
/// # Errors
/// One line for the person who started the program.
pub fn serve_doors(deps: &App) -> Result<Vec<Server>, String> {
    let mut servers = Vec::new();
    for (door, settings) in [(Door::Partner, &deps.config.partner), (Door::Device, &deps.config.device)] {
        let Some(settings) = settings else { continue };
        let listener = bind(settings.listen)?;
        let server =
            serve_at(deps.clone(), door, listener, settings.tls.clone()).map_err(|e| e.to_string())?;
        servers.push(server);
    }
    Ok(servers)
}

/// What no route answers. `OPTIONS *` asks about the server as a whole (RFC 9110, 9.3.7).
async fn elsewhere(req: HttpRequest) -> AppResult<HttpResponse> {
    if *req.method() == Method::OPTIONS && req.uri().path() == "*" {
        let methods = "GET, HEAD, POST, PUT, DELETE, OPTIONS";
        return Ok(HttpResponse::NoContent().insert_header((ALLOW, methods)).finish());
    }
    Err(AppError::NotFound)
}

/// Serves `/metrics` in Prometheus' text format, on an address of its own that is not public.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve_metrics(listener: TcpListener) -> std::io::Result<Server> {
    actix_web::rt::spawn(crate::telemetry::keep_up());
    let server = HttpServer::new(|| {
        ActixApp::new().route(
            "/metrics",
            web::get().to(|| async {
                match crate::telemetry::metrics() {
                    Some(handle) => actix_web::HttpResponse::Ok()
                        .content_type("text/plain; version=0.0.4; charset=utf-8")
                        .body(handle.render()),
                    None => actix_web::HttpResponse::ServiceUnavailable().finish(),
                }
            }),
        )
    })
    .workers(1)
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(server)
}

/// Binds an address, or says in one line why not.
///
/// # Errors
/// One line for the person who started the program.
pub fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    let listener = TcpListener::bind(address).map_err(|e| match e.kind() {
        std::io::ErrorKind::AddrInUse => format!("{address} is already in use; stop the other program first"),
        std::io::ErrorKind::PermissionDenied => format!("{address}: not allowed to use this port"),
        _ => format!("{address}: {e}"),
    })?;
    listener.set_nonblocking(true).map_err(|e| e.to_string())?;
    Ok(listener)
}
