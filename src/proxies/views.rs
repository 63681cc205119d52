//! What the pages of acting for others show, and a program reads at the same addresses.

use super::model::Row;
use crate::crypto::Keyring;
use crate::db::{Conn, Ts};
use crate::error::AppResult;
use crate::web::i18n::{Lang, t};
use crate::web::view::{Choice, FormView};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A question or a consent, whoever reads it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProxyShown)]
pub(super) struct ProxyView {
    pub number: String,
    /// The relation, in words.
    pub relation: String,
    /// The state, in words.
    pub word: String,
    /// How the state is marked.
    pub tag: &'static str,
    /// `asked`, `granted`, `refused`, `ended`.
    pub state: String,
    /// Whether it can still be ended.
    pub open: bool,
    #[schema(value_type = DateTime<Utc>)]
    pub asked: Ts,
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub granted: Option<Ts>,
    /// Until when the question waits, or the consent holds.
    #[schema(value_type = DateTime<Utc>)]
    pub until: Ts,
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub ended: Option<Ts>,
    /// `own` for a consent by the person's own telephone, `counter`.
    pub way: String,
}

impl ProxyView {
    /// Of a row at a moment.
    pub fn of(row: &Row, lang: Lang, now: DateTime<Utc>) -> Self {
        Self {
            number: row.number.clone(),
            relation: t(lang, &format!("proxy-relation-{}", row.relation), &[]),
            word: row.word(lang, now),
            tag: row.tag(now),
            state: row.state_at(now).to_owned(),
            open: row.is_open(now),
            asked: row.created_at,
            granted: row.granted_at,
            until: row.until_at,
            ended: row.ended_at,
            way: row.way.clone(),
        }
    }
}

/// For whom the resident acts, or asks to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProxyOfOthers {
    #[serde(flatten)]
    pub proxy: ProxyView,
    /// The person's name, masked.
    pub ward: String,
}

/// Who acts for the resident, or asks to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProxyOfOwn {
    #[serde(flatten)]
    pub proxy: ProxyView,
    /// Whoever acts, as the person may know them.
    pub who: String,
}

impl ProxyOfOwn {
    /// Of a row at a moment.
    ///
    /// # Errors
    /// Database errors; [`crate::error::AppError::Internal`] when a column cannot be opened.
    pub fn of(conn: &mut Conn, keys: &Keyring, row: &Row, lang: Lang, now: DateTime<Utc>) -> AppResult<Self> {
        let who = crate::accounts::called(conn, keys, row.account_id)?;
        Ok(Self { proxy: ProxyView::of(row, lang, now), who })
    }
}

/// For whom the resident acts, and who acts for the resident.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProxiesPage {
    pub mine: Vec<ProxyOfOthers>,
    /// Nobody while the resident acts for somebody.
    pub others: Vec<ProxyOfOwn>,
    /// Whether the account stands for a person, who can ask.
    pub person: bool,
    /// For so many somebody acts at most.
    pub most: i64,
}

/// A question that is to be asked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProxyFormPage {
    pub form: FormView,
    /// The kinds of document.
    pub kinds: Vec<Choice>,
    /// For so many somebody acts at most.
    pub most: i64,
    pub relations: Vec<Choice>,
    /// How the person can agree.
    pub ways: Vec<Choice>,
}

/// Somebody who asks to act for the resident, or does.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProxyAskedPage {
    pub p: ProxyOfOwn,
    pub form: FormView,
    /// Version of the text that is agreed to.
    pub text: &'static str,
}

/// What staff see of a question or a consent: who asks and for whom, masked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProxyAtDesk {
    #[serde(flatten)]
    pub proxy: ProxyView,
    pub who: String,
    /// The name that was stated, masked.
    pub ward: String,
    /// Its number, masked.
    pub document: String,
    /// The kind of document, in words.
    pub kind: String,
    /// Send it with the decision.
    pub version: i64,
    /// Whether a guardian speaks for the person.
    pub guardian: bool,
    /// Whether it is a child, whose birthday is asked for where the document does not say it …
    pub child: bool,
    /// … as an identity card does.
    pub card: bool,
}

/// Where the counter looks for a question or a consent.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProxyDeskPage {
    pub form: FormView,
    /// What was found for a document.
    pub rows: Vec<ProxyAtDesk>,
    /// The kinds of document.
    pub kinds: Vec<Choice>,
    /// The official's office.
    pub office: String,
}

/// A question or a consent at the counter.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProxyCasePage {
    pub p: ProxyAtDesk,
    pub form: FormView,
    /// The official's office.
    pub office: String,
}
