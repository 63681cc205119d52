//! Many numbers of the public register at once, for other systems: those of employers and counties that would otherwise ask
//! for one after the other.

use super::register::RegisterRow;
use super::store_register as store;
use crate::deps::App;
use crate::error::AppResult;
use crate::number;
use crate::web::page::answer;
use crate::web::program::{Asks, Scope, Signed};
use crate::web::route::Who;
use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// Clients that may do this.
#[derive(Debug)]
pub struct Registers;

impl Asks for Registers {
    const WHO: Who = Who::Client(Scope::Register);
}

/// Numbers of permits and filings.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LookUpInput {
    /// 1 to 500, as they stand on the paper; spaces and hyphens do not matter.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_items = 1, max_items = 500)]
    pub numbers: Vec<String>,
}

/// How one number stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct LookedUp {
    /// As it was sent.
    pub asked: String,
    /// The permit or filing; null when there is none of this number.
    pub found: Option<RegisterRow>,
}

/// One for each number, in the order in which they were sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct LookUpBody {
    /// How they stand.
    pub permits: Vec<LookedUp>,
}

/// How up to 500 permits and filings stand. Signed by a key with the scope `register` (docs/front.md).
///
/// # Errors
/// 401 with the reason why the signature does not count; 403 `scope-missing`; 409 `nonce-used`; 422 with field paths; 429.
#[utoipa::path(post, path = "/api/v1/permits/look-up", tag = "clients", request_body = LookUpInput,
    responses((status = 200, body = LookUpBody), (status = 409), (status = 422)))]
pub async fn look_up(deps: App, sent: Signed<Registers>) -> AppResult<HttpResponse> {
    let input: LookUpInput = sent.json()?;
    // What the message asks for is read beside the writer; the writer only notes that it has come.
    let now = sent.write(&deps, |_| Ok(())).await.map(|()| deps.clock.now())?;
    let normal: Vec<String> = input.numbers.iter().map(|typed| number::normalise(typed)).collect();
    let wanted = normal.clone();
    let rows = deps.store.read(move |conn| store::numbered(conn, &wanted)).await?;
    let find = |number: &String| rows.iter().find(|row| row.number.as_ref() == Some(number));
    let pairs = input.numbers.into_iter().zip(&normal);
    let permits = pairs
        .map(|(asked, number)| LookedUp { asked, found: find(number).map(|row| RegisterRow::of(row, now)) });
    Ok(answer(&LookUpBody { permits: permits.collect() }))
}
