//! What every room of a running portal can ask for. No slice is known here: what one keeps in memory it hands over when the
//! portal is put together, and asks for by its type ([`Deps::part`]).

use crate::carrier::{Mailer, Sms};
use crate::clock::Clock;
use crate::config::Config;
use crate::crypto::Keyring;
use crate::db::Store;
use crate::error::{AppError, AppResult};
use crate::policy::{RuleSet, first_policy};
use crate::threads::Threads;
use crate::web::admission::Urgencies;
use crate::web::cookies::CookieNames;
use crate::web::intake::Intake;
use crate::web::limits::Limiter;
use crate::web::networks::Networks;
use crate::web::opens::Pages;
use crate::web::principal::Residents;
use crate::web::problem::BusyPages;
use crate::web::program::{Programs, SignedPaths};
use crate::web::route::{self, RouteInfo};
use crate::web::view::Views;
use actix_web::web;
use chrono::TimeDelta;
use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
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
    /// Programs that asked lately.
    pub programs: Programs,
    /// At which paths their signatures are looked at.
    pub signed: SignedPaths,
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
    /// Threads that read lists as long as people have them.
    pub(crate) lists: Threads,
    parts: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
}

impl Deps {
    /// The parts that are no slice's, for a table of routes.
    ///
    /// # Errors
    /// A part that cannot be reached.
    pub(crate) fn bare(
        config: Config,
        clock: Clock,
        keys: Arc<Keyring>,
        routes: &[RouteInfo],
    ) -> AppResult<Self> {
        route::check(routes)?;
        let store = Store::open(&config.database, config.pool_size, clock.clone())?;
        let views = Views::embedded().map_err(AppError::internal)?;
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
            views,
            cookies: CookieNames::of(&config),
            residents: Residents::default(),
            programs: Programs::default(),
            signed: SignedPaths::of(routes),
            urgencies: Urgencies::of(routes),
            pages: Pages::of(routes),
            verifiers: Networks::known_for(TimeDelta::hours(1)),
            signed_in: Networks::known_for(TimeDelta::days(1)),
            asking: Networks::known_for(TimeDelta::hours(1)),
            busy: BusyPages::default(),
            intake: Intake::default(),
            limiter: Limiter::new(redis),
            mail,
            sms,
            config,
            policy,
            lists: Threads::start("lists", 1).map_err(AppError::internal)?,
            parts: HashMap::new(),
        })
    }

    /// Keeps a part of a slice, one of each type.
    pub fn keep<T: Any + Send + Sync>(&mut self, part: T) {
        self.parts.insert(TypeId::of::<T>(), Box::new(part));
    }

    /// A part that a slice has handed over.
    ///
    /// # Errors
    /// [`AppError::Internal`] when none of this type was: the slice is not among those of this portal.
    pub fn part<T: Any>(&self) -> AppResult<&T> {
        let kept = self.parts.get(&TypeId::of::<T>()).and_then(|part| part.downcast_ref());
        kept.ok_or_else(|| AppError::Internal(format!("no {} was handed over", type_name::<T>())))
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
