//! What a running portal is made of ([`Deps`]), and running it.
//!
//! There is no global state: the demonstration runs two provinces in one process.

use crate::clock::Clock;
use crate::codes::{DeclaredSource, ShownCache};
use crate::colour::ColourSource;
use crate::config::Config;
use crate::crypto::Keyring;
use crate::db::Store;
use crate::error::{AppError, AppResult};
use crate::exchange::Exchange;
use crate::notify::{Mailer, Sms};
use crate::policy::{RuleSet, first_policy};
use crate::router;
use crate::threads::Threads;
use crate::web::admission::Urgencies;
use crate::web::around::around;
use crate::web::ctx::CookieNames;
use crate::web::form::MAX_BODY;
use crate::web::intake::Intake;
use crate::web::limits::Limiter;
use crate::web::networks::Networks;
use crate::web::principal::Residents;
use crate::web::problem::BusyPages;
use crate::web::route::Pages;
use crate::web::unread::bounded;
use crate::web::view::Views;
use actix_web::dev::Server;
use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App as ActixApp, HttpRequest, HttpResponse, HttpServer, web};
use chrono::TimeDelta;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

/// What handlers ask for: the shared parts.
pub type App = web::Data<Deps>;

/// The parts of a running portal.
pub struct Deps {
    /// Configuration.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// Keys.
    pub keys: Arc<Keyring>,
    /// Templates and texts.
    pub views: Arc<Views>,
    /// Names of our cookies.
    pub cookies: CookieNames,
    /// Residents who asked lately.
    pub residents: Residents,
    /// How urgent the paths are.
    pub urgencies: Urgencies,
    /// Which of them can be opened.
    pub pages: Pages,
    /// Networks that verify: the address of IPv4, the /64 of IPv6.
    pub verifiers: Networks,
    /// Networks from which a resident has signed in: the /24 of IPv4, the /48 of IPv6.
    pub signed_in: Networks,
    /// Networks from which codes by SMS are asked for: the /16 of IPv4, the /32 of IPv6.
    pub asking: Networks,
    /// What is told to whoever has to come back.
    pub busy: BusyPages,
    /// How much may come in at a time.
    pub intake: Intake,
    /// Rate limits.
    pub limiter: Limiter,
    /// How e-mail leaves.
    pub mail: Mailer,
    /// How SMS leaves.
    pub sms: Sms,
    /// The rules in force.
    pub policy: Arc<RuleSet>,
    /// Where the colour rules learn what a person declared.
    pub declared: DeclaredSource,
    /// Who works a colour out, for rooms on which the codes rest.
    pub colour: ColourSource,
    /// Codes that are being shown.
    pub codes: ShownCache,
    /// Trust, status lists and pictures of the verifier.
    pub exchange: Exchange,
    /// Threads that read lists as long as people have them.
    pub(crate) lists: Threads,
}

impl Deps {
    /// Connects the parts.
    ///
    /// # Errors
    /// A part that cannot be reached.
    pub async fn connect(config: Config, clock: Clock, keys: Arc<Keyring>) -> AppResult<Self> {
        let store = Store::open(&config.database, config.pool_size, clock.clone())?;
        let views = Views::new().map_err(AppError::internal)?;
        let redis = match &config.redis {
            None => None,
            Some(url) => Some(redis_of(url)?),
        };
        let (mail, sms) = (Mailer::new(&config)?, Sms::new(&config.sms)?);
        let policy = first_policy().map_err(|issues| {
            AppError::Internal(format!("the policy has {} faults; see `fugong policy check`", issues.len()))
        })?;
        Ok(Self {
            store,
            clock,
            keys,
            views: Arc::new(views),
            cookies: CookieNames::of(&config),
            residents: Residents::default(),
            urgencies: Urgencies::of(router::routes().table()),
            pages: Pages::of(router::routes().table()),
            verifiers: Networks::known_for(TimeDelta::hours(1)),
            signed_in: Networks::known_for(TimeDelta::days(1)),
            asking: Networks::known_for(TimeDelta::hours(1)),
            busy: BusyPages::default(),
            intake: Intake::default(),
            limiter: Limiter::new(redis),
            mail,
            sms,
            exchange: Exchange::new(&config)?,
            config,
            policy,
            declared: crate::codes::gather::declared,
            colour: crate::codes::state::work_out,
            codes: ShownCache::default(),
            lists: Threads::start("lists", 1).map_err(AppError::internal)?,
        })
    }
}

/// Redis, which is connected to when it is first asked: a portal starts while it is away, too.
fn redis_of(url: &str) -> AppResult<redis::aio::ConnectionManager> {
    let client = redis::Client::open(url)
        .map_err(|_| AppError::Unavailable("REDIS_URL is no Redis address".into()))?;
    let settings = redis::aio::ConnectionManagerConfig::new()
        .set_connection_timeout(Some(Duration::from_secs(2)))
        .set_response_timeout(Some(Duration::from_millis(500)));
    redis::aio::ConnectionManager::new_lazy_with_config(client, settings)
        .map_err(|e| AppError::Unavailable(format!("Redis: {e}")))
}

/// Serves a portal on a listener.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(deps: App, listener: TcpListener) -> std::io::Result<Server> {
    let workers = deps.config.workers;
    let server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(deps.clone())
            .app_data(web::PayloadConfig::new(MAX_BODY))
            .wrap(from_fn(around))
            .wrap(Compress::default())
            .wrap(from_fn(bounded))
            .configure(|config| router::routes().mount(config))
            .default_service(web::to(elsewhere))
    })
    .workers(workers)
    .max_connections(10_000)
    .client_request_timeout(Duration::from_secs(10))
    .client_disconnect_timeout(Duration::from_secs(2))
    .keep_alive(Duration::from_secs(30))
    .shutdown_timeout(30)
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(server)
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

/// Chooses the TLS library for the whole process (ring). Calling it again changes nothing.
pub fn install_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
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
