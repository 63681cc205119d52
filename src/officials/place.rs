//! From where somebody signs in as an official: the device, once it has done so before, else the network.

use crate::crypto::{FieldContext, Keyring};
use crate::db::Id;
use crate::deps::Deps;
use crate::error::AppResult;
use crate::web::cookies;
use crate::web::limits::{Client, Network};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

/// A device is known for so long after its last sign-in.
const KNOWN: Duration = Duration::days(180);
/// Officials who share one device.
const SHARED: usize = 8;

/// From where somebody tries.
#[derive(Debug, Clone)]
pub(super) struct Place {
    of: Of,
    network: Network,
}

#[derive(Debug, Clone)]
enum Of {
    /// A device that has signed in as this official.
    Device(Id),
    /// A session of the official's.
    Session(Id),
    /// Nothing is known but the network.
    Network,
}

/// What the cookie of a device says: as whom it has signed in, and under which number.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Known {
    official: Id,
    device: Id,
    until: DateTime<Utc>,
}

impl Place {
    /// Where a request for an official's login comes from.
    pub fn of(
        deps: &Deps,
        req: &HttpRequest,
        client: Client,
        official: Option<Id>,
        now: DateTime<Utc>,
    ) -> Self {
        let known = read(deps, req, now).into_iter().find(|k| Some(k.official) == official);
        let of = known.map_or(Of::Network, |k| Of::Device(k.device));
        Self { of, network: client.network() }
    }

    /// A session.
    pub fn session(id: Id, client: Client) -> Self {
        Self { of: Of::Session(id), network: client.network() }
    }

    /// Whether only the owner can be here.
    pub fn is_known(&self) -> bool {
        !matches!(self.of, Of::Network)
    }

    /// What tells it from other places.
    pub fn key(&self) -> String {
        match &self.of {
            Of::Device(id) => format!("device:{id}"),
            Of::Session(id) => format!("session:{id}"),
            Of::Network => format!("network:{}", self.network),
        }
    }

    /// The network under a keyed name: the record tells tries of one network from those of another, and no address.
    pub fn pseudonym(&self, keys: &Keyring) -> String {
        hex::encode(keys.blind("network", &self.network.to_string()).get(..8).unwrap_or_default())
    }
}

const CONTEXT: FieldContext<'static> = FieldContext::new("cookie", "device", uuid::Uuid::nil());

fn read(deps: &Deps, req: &HttpRequest, now: DateTime<Utc>) -> Vec<Known> {
    let all: Vec<Known> = cookies::sealed_list(deps, req.headers(), &deps.cookies.device, &CONTEXT);
    all.into_iter().filter(|k| k.until > now).collect()
}

/// Makes the device known to an official who has just signed in on it.
///
/// # Errors
/// [`crate::error::AppError::Internal`] when the cookie cannot be written.
pub(super) fn make_known(
    deps: &Deps,
    req: &HttpRequest,
    response: &mut HttpResponse,
    official: Id,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let before = read(deps, req, now);
    let device = before.iter().find(|k| k.official == official).map_or_else(Id::new, |k| k.device);
    let others = before.into_iter().filter(|k| k.official != official).take(SHARED - 1);
    let list: Vec<Known> =
        std::iter::once(Known { official, device, until: now + KNOWN }).chain(others).collect();
    cookies::keep_sealed_list(deps, response, (&deps.cookies.device, &CONTEXT), &list, KNOWN)
}
