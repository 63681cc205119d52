//! What every page knows: who looks, in which language and size of type, for which province, and when.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::web::i18n::Lang;

/// The variable `page` of every template.
#[derive(Debug, Clone, Serialize)]
pub struct PageContext {
    /// The page's language; also the variable `lang`.
    pub lang: Lang,
    /// Elder mode (适老化): larger type, fewer things at once.
    pub elder: bool,
    /// The session's CSRF token, for the hidden field that `f.post` writes.
    pub csrf: String,
    /// A fresh UUID for the hidden field `_once`, by which a repeated submission is recognised; empty for none.
    pub once: String,
    /// The nonce of the Content-Security-Policy header, for the script element.
    pub nonce: String,
    /// Path and query of this page, where the language and size switches come back to.
    pub path: String,
    /// The province that runs the portal.
    pub province: Province,
    /// Who looks.
    pub principal: PrincipalView,
    /// One message about what was just done, shown once at the top.
    pub flash: Option<Flash>,
    /// The moment the page is rendered; also the variable `now`.
    pub now: DateTime<Utc>,
    /// Whether the reader has asked that the page loads itself anew every minute (`?live=1`), where a page offers that.
    pub refreshes: bool,
}

impl PageContext {
    /// A page for a visitor who is not signed in, without a CSRF token or nonce.
    #[must_use]
    pub fn visitor(lang: Lang, province: Province, path: &str, now: DateTime<Utc>) -> Self {
        PageContext {
            lang,
            elder: false,
            csrf: String::new(),
            once: String::new(),
            nonce: String::new(),
            path: path.to_owned(),
            province,
            principal: PrincipalView::Visitor,
            flash: None,
            now,
            refreshes: false,
        }
    }
}

/// The province as the pages name it, in the page's language.
#[derive(Debug, Clone, Serialize)]
pub struct Province {
    /// GB/T 2260 division code, six digits.
    pub code: String,
    /// `四川省` / `Sichuan Province`.
    pub name: String,
    /// `四川` / `Sichuan`.
    pub short: String,
    /// The telephone line for everybody: `12345`.
    pub hotline: String,
    /// The authority that runs the portal: `四川省应对疫情应急指挥部`.
    pub organiser: String,
}

/// Who looks at the page.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PrincipalView {
    /// Nobody signed in.
    Visitor,
    /// A resident.
    Resident {
        /// Masked: `阿***·买***`.
        name: String,
        /// For whom they act at the moment, where that is not themselves.
        acting: Option<ActingView>,
    },
    /// An official in an office.
    Official {
        /// Full name: an official answers for decisions by name.
        name: String,
        /// The office.
        office: String,
        /// The role's name in the page's language.
        role: String,
        /// Whether it is on file who the official is.
        identified: bool,
        /// Until when the login does nothing that is hard to take back, as an administrator has just made or reset it.
        waits_until: Option<DateTime<Utc>>,
        /// Entries of the header, by what the role may do.
        nav: Vec<NavItem>,
    },
}

/// For whom somebody acts, for the line that stands on every page meanwhile.
#[derive(Debug, Clone, Serialize)]
pub struct ActingView {
    /// Masked name of the person.
    pub name: String,
    /// Whether it has ended; then nothing is done for anybody until that was seen.
    pub over: bool,
    /// When it ends by itself.
    pub until: DateTime<Utc>,
}

/// One entry of a navigation.
#[derive(Debug, Clone, Serialize)]
pub struct NavItem {
    /// Where it leads.
    pub href: String,
    /// Its words, in the page's language.
    pub label: String,
    /// Whether it is the current page or the section the page belongs to.
    pub current: bool,
}

/// A message about what was just done.
#[derive(Debug, Clone, Serialize)]
pub struct Flash {
    /// `ok`, `info`, `warn` or `bad`.
    pub kind: &'static str,
    /// One or two sentences, in the page's language.
    pub text: String,
}
