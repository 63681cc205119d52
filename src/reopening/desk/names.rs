//! The counter corrects the name of a business: what the licence says now, with a reason. Everybody who acts for the
//! business is told; whoever has only claimed it is not.

use super::super::filing::NAME_MAX;
use super::super::messages;
use super::super::model::{Agent, Business};
use super::super::{store_business, store_names};
use super::agents::Deciding;
use crate::audit::{self, Entry};
use crate::decision::{Happened, Reading};
use crate::error::{AppError, AppResult, FieldError};
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::format;
use crate::web::i18n::{Lang, t};
use crate::web::principal::OfficialPrincipal;
use crate::web::text;
use serde::Serialize;
use utoipa::ToSchema;

/// What a business is called from now on.
pub struct NewName {
    /// The version of the business that was seen.
    version: i64,
    name: String,
    reason: String,
}

impl NewName {
    /// Reads the form.
    ///
    /// # Errors
    /// What is to be put right.
    pub fn read(form: &Form) -> Result<Self, Vec<FieldError>> {
        let mut reading = Reading::of(form);
        let name = text::line("name", form.get("name"), NAME_MAX).map_err(|e| reading.wrong(e));
        let (reason, version) = (reading.needed("reason"), reading.version());
        reading.done(Self { version, name: name.unwrap_or_default(), reason })
    }

    /// The version of the business that was seen.
    pub(super) fn version(&self) -> i64 {
        self.version
    }

    /// Corrects the name of the business for which somebody may act; gives the right's state.
    pub(super) fn settle(
        &self,
        at: &mut Deciding<'_, '_>,
        agent: &Agent,
        business: &Business,
    ) -> AppResult<String> {
        if !may(at.by, agent, business) {
            return Err(AppError::NotFound);
        }
        if business.version != self.version {
            return Err(AppError::conflict("changed-meanwhile"));
        }
        at.not_own(business)?;
        if business.name == self.name {
            return Err(AppError::field("name", "same-name"));
        }
        store_business::set_name(at.tx, business, &self.name, &business.division)?;
        store_names::keep(at.tx, at.keys, business, &self.reason, at.by, at.now)?;
        let entry = Entry::new(at.by, "business.rename", "business").object(business.id);
        audit::append(at.tx, at.now, entry)?;
        for (account, number) in store_names::told(at.tx.conn(), business.id)? {
            let names = (business.name.as_str(), self.name.as_str(), self.reason.as_str());
            let once = format!("business-renamed:{}:{}:{account}", business.id, business.version);
            messages::renamed(at.tx, at.keys, at.sender, (account, &number), names, once, at.now)?;
        }
        Ok(agent.state.clone())
    }
}

/// Whether this counter corrects the name: that of a business of its jurisdiction, through a right that is confirmed.
pub(super) fn may(who: &OfficialPrincipal, agent: &Agent, business: &Business) -> bool {
    agent.confirmed() && !business.name.is_empty() && who.covers(&business.division)
}

/// The last correction of a name, in words.
pub(super) fn renamed(lang: Lang, business: &Business, (at, by, office): store_names::Last) -> Happened {
    let what = t(lang, "reopening-renamed", &[("name", business.name.clone().into())]);
    Happened { at: Some(at.0), what, by: Some(by), office: Some(office) }
}

/// A name of before.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FormerName {
    name: String,
    /// Why it was corrected.
    reason: String,
    /// The office that corrected it.
    office: String,
    /// When.
    when: String,
}

impl FormerName {
    /// As the page shows it.
    pub(super) fn of(ctx: &Ctx, row: &store_names::Former) -> Self {
        let (zh, en) = &row.office;
        Self {
            name: row.name.clone(),
            reason: row.reason.clone(),
            office: if ctx.english() && !en.is_empty() { en.clone() } else { zh.clone() },
            when: format::when(ctx.lang, row.at, ctx.now),
        }
    }
}
