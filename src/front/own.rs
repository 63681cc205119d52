//! As whom a program is recognised: the first call that whoever has a new key tries.

use super::store;
use crate::deps::App;
use crate::error::AppResult;
use crate::identity::{DivisionCode, divisions};
use crate::web::ctx::Ctx;
use crate::web::page::answer;
use crate::web::program::{Asks, Caller, Program, Scope};
use crate::web::route::Who;
use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// Any client.
#[derive(Debug)]
pub struct AnyClient;

impl Asks for AnyClient {
    const WHO: Who = Who::Client(Scope::Own);
}

/// Any device.
#[derive(Debug)]
pub struct AnyDevice;

impl Asks for AnyDevice {
    const WHO: Who = Who::Device;
}

/// Any partner.
#[derive(Debug)]
pub struct AnyPartner;

impl Asks for AnyPartner {
    const WHO: Who = Who::Partner;
}

/// A program as it is recognised.
#[derive(Debug, Serialize, ToSchema)]
pub struct SelfBody {
    /// The name of the key by which it was recognised.
    pub keyid: String,
    /// `client`, `device` or `partner`.
    pub kind: &'static str,
    /// What it is called here.
    pub name: String,
    /// Who answers for it.
    pub owner: String,
    /// What it may do, beside this call.
    pub scopes: Vec<String>,
    /// Requests in a minute.
    pub per_minute: i32,
    /// Requests in a day of China.
    pub per_day: i32,
    /// Exclusive end of the key.
    pub expires_at: DateTime<Utc>,
    /// The portal's time: signatures may be 300 seconds from it.
    pub time: DateTime<Utc>,
}

impl SelfBody {
    fn of(program: &Program, now: DateTime<Utc>) -> Self {
        Self {
            keyid: program.keyid.clone(),
            kind: program.kind.code(),
            name: program.name.clone(),
            owner: program.owner.clone(),
            scopes: program.scopes.iter().map(ToString::to_string).collect(),
            per_minute: program.per_minute,
            per_day: program.per_day,
            expires_at: program.expires_at,
            time: now,
        }
    }
}

/// As whom a client is recognised, what it may do, and until when. Signed (RFC 9421): docs/front.md.
///
/// # Errors
/// 401 with the reason why the signature does not count; 409 `nonce-used`; 429 `quota-minute`, `quota-day`.
#[utoipa::path(get, path = "/api/v1/self", tag = "clients", responses((status = 200, body = SelfBody), (status = 409)))]
pub async fn client(ctx: Ctx, who: Caller<AnyClient>) -> AppResult<HttpResponse> {
    Ok(answer(&SelfBody::of(&who, ctx.now)))
}

/// The same for a device, at the devices' door.
pub(super) async fn device(ctx: Ctx, who: Caller<AnyDevice>) -> AppResult<HttpResponse> {
    Ok(answer(&SelfBody::of(&who, ctx.now)))
}

/// The same for a partner, at the partners' door.
pub(super) async fn partner(ctx: Ctx, deps: App, who: Caller<AnyPartner>) -> AppResult<HttpResponse> {
    let now = ctx.now;
    let id = who.id;
    let proofs = deps.store.read(move |conn| store::proofs(conn, id)).await?;
    let current = proofs.into_iter().filter(|proof| proof.ends_at.is_none_or(|end| now < end.0));
    let province = who.province.clone().unwrap_or_default();
    let known = DivisionCode::parse(&province).ok().and_then(|code| divisions().get(code));
    let body = json!({
        "keyid": who.keyid,
        "province": province,
        "province_name": known.map(|d| d.name.to_string()),
        "name": who.name,
        "owner": who.owner,
        "expires_at": who.expires_at,
        "per_minute": who.per_minute,
        "per_day": who.per_day,
        "proofs": current.map(super::model::KeyProof::from).collect::<Vec<_>>(),
        "time": now,
    });
    Ok(answer(&body))
}
