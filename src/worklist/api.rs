//! The JSON twin of a list's page: the same reading, the same order, the same counts.

use super::Worklist;
use super::asked::Asked;
use super::look::{Listed, look};
use crate::deps::App;
use crate::error::AppResult;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::{Official, Roles};
use crate::web::page::answer;
use crate::web::paging::counted;
use crate::web::principal::OfficialPrincipal;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use validator::Validate;

/// How many stand in a tab.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountBody {
    /// Up to 1000.
    pub count: i64,
    /// Whether there are more.
    pub more: bool,
}

impl CountBody {
    /// Of a list's counts, by tab.
    pub fn of<L: Worklist>(listed: &Listed<L>) -> BTreeMap<String, Self> {
        let one = |(tab, found): &(&'static str, i64)| {
            let (count, more) = counted(*found);
            ((*tab).to_owned(), Self { count, more })
        };
        listed.beside.counts.iter().map(one).collect()
    }
}

/// A page of a worklist.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listing<T: ToSchema> {
    /// The tab that was listed; none in a search, which looks into all.
    pub tab: Option<String>,
    /// Up to 50 rows, in the order of the page.
    pub rows: Vec<T>,
    /// Value of `after` for the next page; a search has one page.
    pub next: Option<String>,
    /// How many stand in each tab that is counted.
    pub counts: BTreeMap<String, CountBody>,
}

/// Whom to look for.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchInput {
    /// A number, a whole name, a document number or a telephone number.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    pub q: String,
}

impl<T: ToSchema> Listing<T> {
    /// Of a page as it was read.
    pub(super) fn of<L: Worklist<Body = T>>(
        deps: &App,
        who: &OfficialPrincipal,
        listed: Listed<L>,
        now: DateTime<Utc>,
    ) -> AppResult<Self> {
        let rows = listed.rows.iter().map(|row| L::body(deps, who, row, now)).collect::<AppResult<_>>()?;
        let tab = (!listed.asked.searches()).then(|| listed.asked.tab.to_owned());
        let counts = CountBody::of(&listed);
        Ok(Self { tab, rows, next: listed.next, counts })
    }
}

async fn answered<L>(deps: &App, ctx: &Ctx, who: &OfficialPrincipal, asked: Asked) -> AppResult<HttpResponse>
where
    L: Worklist,
{
    let listed = look::<L>(deps, who, asked, ctx.now).await?;
    Ok(answer(&Listing::of(deps, who, listed, ctx.now)?))
}

/// Answers a page of the list to a program: `tab`, the filters, `sort` and `after` as in the page's address.
///
/// # Errors
/// As [`look`].
pub async fn listing<L, R>(req: &HttpRequest, deps: &App, who: &Official<R>) -> AppResult<HttpResponse>
where
    L: Worklist,
    R: Roles,
{
    let sent = Form::parse(req.query_string().as_bytes())?;
    let asked = Asked::read(&L::SPEC, who, &sent);
    answered::<L>(deps, &Ctx::of(req)?, who, asked).await
}

/// Answers to a program who or what it looks for.
///
/// # Errors
/// As [`look`].
pub async fn listing_of_search<L, R>(
    req: &HttpRequest,
    deps: &App,
    who: &Official<R>,
    typed: &str,
) -> AppResult<HttpResponse>
where
    L: Worklist,
    R: Roles,
{
    let asked = Asked::search(&L::SPEC, who, typed);
    answered::<L>(deps, &Ctx::of(req)?, who, asked).await
}
