//! What the administrator's pages show, as pages and for programs.

use super::grave::ActLine;
use super::identity::IdentityView;
use super::officials::{LoginView, office_name};
use super::store::AssignmentRow;
use crate::db::{Id, Ts};
use crate::decision::Foreseen;
use crate::web::ctx::Ctx;
use crate::web::division::Level;
use crate::web::i18n::t;
use crate::web::view::{Choice, FormView, Pager};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A column by which a list can be sorted.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Order {
    /// Whether it is.
    pub current: bool,
    /// The list in that order.
    pub href: String,
}

/// A page of officials.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OfficialsPage {
    pub officials: Vec<OfficialListed>,
    pub pager: Pager,
    /// The filter.
    pub form: FormView,
    pub roles: Vec<Choice>,
    pub states: Vec<Choice>,
    pub sorts: OfficialSorts,
}

/// Orders of officials.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OfficialSorts {
    pub login: Order,
    pub name: Order,
    /// By the last sign-in.
    pub seen: Order,
}

/// What the list shows of an official.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OfficialListed {
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    pub login: String,
    pub name: String,
    /// `disabled`, `locked`, `new`, `active`.
    pub state: &'static str,
    /// Whether it is on file who they are.
    pub identified: bool,
    /// The rights that hold now.
    pub posts: Vec<PostName>,
    /// The last sign-in.
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub seen: Option<Ts>,
}

/// A right, in words.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PostName {
    pub role: String,
    pub office: String,
}

/// What can be chosen for a right.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RightChoices {
    pub offices: Vec<Choice>,
    pub roles: Vec<Choice>,
    /// Divisions of the administrator's jurisdiction, level by level.
    pub levels: Vec<Level>,
}

/// Who is hired, and for what.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HiringPage {
    pub form: FormView,
    /// What the new official would be told.
    pub preview: Option<Foreseen>,
    /// Kinds of document.
    pub doc_kinds: Vec<Choice>,
    #[serde(flatten)]
    pub right: RightChoices,
}

/// An official.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OfficialPage {
    /// Whether the login is new or reset, and so waits.
    pub waits: Option<Waits>,
    pub official: LoginView,
    /// Every right, also those that are over.
    pub posts: Vec<PostView>,
    /// Whether it is the administrator's own.
    pub own: bool,
    /// What was done with the official, the newest first.
    pub history: Vec<ActLine>,
    /// What the official would be told if somebody vouched for the login.
    pub preview: Option<Foreseen>,
    pub form: FormView,
    /// Who they are on file as; nobody knows where there is none.
    pub who: Option<IdentityView>,
    /// Kinds of document.
    pub doc_kinds: Vec<Choice>,
    #[serde(flatten)]
    pub right: RightChoices,
}

/// A login that does nothing grave yet.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Waits {
    pub until: DateTime<Utc>,
    /// Whether another administrator has to vouch for it.
    pub for_another: bool,
}

/// A right of an official.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PostView {
    #[schema(value_type = String, format = Uuid)]
    id: Id,
    office: String,
    role: String,
    division: String,
    #[schema(value_type = DateTime<Utc>)]
    from: Ts,
    #[schema(value_type = Option<DateTime<Utc>>)]
    to: Option<Ts>,
    over: bool,
    /// Whether it stands in for another's.
    substitute: bool,
}

impl PostView {
    pub(super) fn of(ctx: &Ctx, row: &AssignmentRow) -> Self {
        Self {
            id: row.id,
            office: office_name(ctx, &row.office, &row.office_en).to_owned(),
            role: t(ctx.lang, &format!("role-{}", row.role), &[]),
            division: crate::officials::division_name(&row.division, ctx.english()),
            from: row.from,
            to: row.to,
            over: row.to.is_some_and(|to| to.0 <= ctx.now),
            substitute: row.substitute_for.is_some(),
        }
    }
}

/// A page of offices.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OfficesPage {
    pub offices: Vec<OfficeListed>,
    pub pager: Pager,
    /// The filter.
    pub form: FormView,
    pub kinds: Vec<Choice>,
    pub sorts: OfficeSorts,
}

/// Orders of offices.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OfficeSorts {
    pub name: Order,
    pub division: Order,
}

/// What the list shows of an office.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OfficeListed {
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    pub name: String,
    pub name_en: String,
    /// The kind, in words.
    pub kind: String,
    pub division: String,
    pub phone: String,
    /// What it answers for towards residents, in words.
    pub duty: Option<String>,
    /// How many have a right in it now.
    pub staff: i64,
}

/// An office, to be added or changed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OfficePage {
    /// Where it is sent.
    pub action: String,
    pub form: FormView,
    pub kinds: Vec<Choice>,
    pub duties: Vec<Choice>,
    /// Divisions of the administrator's jurisdiction, level by level.
    pub levels: Vec<Level>,
}
