//! The administrator's lists by JSON: offices, staff and their rights. One of them needs a fresh second factor.

use super::lists::{self, OfficeLine, OfficialLine, Query};
use super::officials::state;
use super::store_lists::Post;
use super::{Admin, AdminFresh};
use crate::db::Id;
use crate::deps::App;
use crate::error::AppResult;
use crate::web::ctx::Ctx;
use crate::web::guard::Official;
use crate::web::page::answer;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// An office.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfficeBody {
    /// Identifier.
    pub id: String,
    /// Name as on its door plate.
    pub name: String,
    /// English name; may be empty.
    pub name_en: String,
    /// Kind.
    pub kind: String,
    /// What it answers for towards residents: `disease-control`, `health`, or nothing.
    pub duty: Option<String>,
    /// Where it is.
    pub division: String,
    /// Telephone for residents.
    pub phone: String,
    /// Whether it is in use.
    pub active: bool,
    /// How many officials have a right in it now.
    pub staff: i64,
    /// Send it to change the office.
    pub version: i64,
}

impl From<OfficeLine> for OfficeBody {
    fn from(OfficeLine { row, staff }: OfficeLine) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            name_en: row.name_en,
            kind: row.kind,
            duty: row.duty,
            division: row.division,
            phone: row.phone,
            active: row.active,
            staff,
            version: row.version,
        }
    }
}

/// A page of offices.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfficesBody {
    /// Up to 50.
    pub offices: Vec<OfficeBody>,
    /// Value of `after` for the next page.
    pub next: Option<String>,
}

/// An official.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfficialBody {
    /// Identifier.
    pub id: String,
    /// Sign-in name.
    pub login: String,
    /// Name.
    pub name: String,
    /// `new` until the first sign-in, `active`, `locked` by wrong attempts, `disabled`.
    pub state: String,
    /// The rights that hold now, the oldest first.
    pub posts: Vec<PostBody>,
    /// Whether it is on file who the official is; without that, nothing about people or businesses can be decided.
    pub identified: bool,
    /// From when on a login that an administrator has just made or reset does what is hard to take back; null for others.
    pub grave_from: Option<DateTime<Utc>>,
    /// Last sign-in; none before the first.
    pub last_signin_at: Option<DateTime<Utc>>,
}

/// A right that holds now.
#[derive(Debug, Serialize, ToSchema)]
pub struct PostBody {
    /// Code of the role.
    pub role: String,
    /// Name of the office.
    pub office: String,
    /// Division whose prefix is the jurisdiction.
    pub division: String,
}

impl OfficialBody {
    fn of(line: OfficialLine, now: DateTime<Utc>) -> Self {
        let (state, grave_from) = (state(&line.row, now).into(), line.row.waits_until(now));
        let OfficialLine { row, posts } = line;
        let post = |p: Post| PostBody { role: p.role, office: p.office, division: p.division };
        Self {
            id: row.id.to_string(),
            login: row.login,
            name: row.name,
            state,
            posts: posts.into_iter().map(post).collect(),
            identified: row.doc_sealed.is_some(),
            grave_from,
            last_signin_at: row.last_signin_at.map(|at| at.0),
        }
    }
}

/// A page of officials.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfficialsBody {
    /// Up to 50.
    pub officials: Vec<OfficialBody>,
    /// Value of `after` for the next page.
    pub next: Option<String>,
}

/// A right, past, present or future.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssignmentBody {
    /// Identifier.
    pub id: String,
    /// Name of the office.
    pub office: String,
    /// Code of the role.
    pub role: String,
    /// Division whose prefix is the jurisdiction.
    pub division: String,
    /// First moment.
    pub from: DateTime<Utc>,
    /// Exclusive end.
    pub to: Option<DateTime<Utc>>,
    /// Whether it is held for somebody else.
    pub substitute: bool,
}

/// An official with every right.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfficialDetail {
    /// The official.
    #[serde(flatten)]
    pub official: OfficialBody,
    /// The rights, the newest first.
    pub assignments: Vec<AssignmentBody>,
}

/// The offices of the administrator's jurisdiction.
///
/// # Errors
/// 400 when `after` is no cursor of ours; 422 for a kind or order that is not there.
#[utoipa::path(get, path = "/api/v1/admin/offices", tag = "admin",
    params(("q" = Option<String>, Query, description = "part of a name"),
        ("kind" = Option<String>, Query, description = "a kind of office"),
        ("sort" = Option<String>, Query, description = "`division` (as without it), `name`"),
        ("after" = Option<String>, Query)),
    responses((status = 200, body = OfficesBody), (status = 422)))]
pub async fn offices(
    ctx: Ctx,
    deps: App,
    o: Official<Admin>,
    query: web::Query<Query>,
) -> AppResult<HttpResponse> {
    let (lines, next) = lists::offices(&deps, &o, &query, ctx.now).await?;
    Ok(answer(&OfficesBody { offices: lines.into_iter().map(OfficeBody::from).collect(), next }))
}

/// One office.
///
/// # Errors
/// 404 when it is not there or elsewhere.
#[utoipa::path(get, path = "/api/v1/admin/offices/{id}", tag = "admin", params(("id" = String, Path)),
    responses((status = 200, body = OfficeBody), (status = 404)))]
pub async fn office(
    ctx: Ctx,
    deps: App,
    o: Official<AdminFresh>,
    id: web::Path<Id>,
) -> AppResult<HttpResponse> {
    let line = lists::office(&deps, &o, id.into_inner(), ctx.now).await?;
    Ok(answer(&OfficeBody::from(line)))
}

/// The officials whose rights all lie in the administrator's jurisdiction.
///
/// # Errors
/// 400 when `after` is no cursor of ours; 422 for a role, state or order that is not there.
#[utoipa::path(get, path = "/api/v1/admin/officials", tag = "admin",
    params(("q" = Option<String>, Query, description = "part of a sign-in name or name"),
        ("role" = Option<String>, Query, description = "a role that is held now"),
        ("state" = Option<String>, Query, description = "`new`, `active`, `locked`, `disabled`"),
        ("sort" = Option<String>, Query, description = "`login` (as without it), `name`, `last-sign-in`"),
        ("after" = Option<String>, Query)),
    responses((status = 200, body = OfficialsBody), (status = 422)))]
pub async fn officials(
    ctx: Ctx,
    deps: App,
    o: Official<Admin>,
    query: web::Query<Query>,
) -> AppResult<HttpResponse> {
    let now = ctx.now;
    let (lines, next) = lists::officials(&deps, &o, &query, now).await?;
    let officials = lines.into_iter().map(|line| OfficialBody::of(line, now)).collect();
    Ok(answer(&OfficialsBody { officials, next }))
}

/// One official with every right.
///
/// # Errors
/// 404 when there is none within reach.
#[utoipa::path(get, path = "/api/v1/admin/officials/{id}", tag = "admin", params(("id" = String, Path)),
    responses((status = 200, body = OfficialDetail), (status = 404)))]
pub async fn official(
    ctx: Ctx,
    deps: App,
    o: Official<AdminFresh>,
    id: web::Path<Id>,
) -> AppResult<HttpResponse> {
    let now = ctx.now;
    let (line, rights) = lists::official(&deps, &o, id.into_inner(), now).await?;
    let rights = rights.into_iter().map(|a| AssignmentBody {
        id: a.id.to_string(),
        office: a.office,
        role: a.role,
        division: a.division,
        from: a.from.0,
        to: a.to.map(|to| to.0),
        substitute: a.substitute_for.is_some(),
    });
    Ok(answer(&OfficialDetail { official: OfficialBody::of(line, now), assignments: rights.collect() }))
}
