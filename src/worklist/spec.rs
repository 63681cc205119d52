//! What a list is made of, as data.

use crate::access::Role;
use crate::web::i18n::{Lang, t};
use crate::web::principal::OfficialPrincipal;
use crate::web::view::Choice;
use serde::Serialize;

/// What can be said of a list without reading it.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Its name, in saved views and in the names of files.
    pub name: &'static str,
    /// The column of identifiers, with the name of its table.
    pub id: &'static str,
    /// Its addresses.
    pub paths: Paths,
    /// Action and kind of object of a look, in the record.
    pub entry: (&'static str, &'static str),
    /// Its words.
    pub texts: Texts,
    /// Its tabs, in the order of the page; at least one.
    pub tabs: &'static [Tab],
    /// The code of the tab on which a role lands.
    pub first: fn(Role) -> &'static str,
    /// Its filters.
    pub filters: &'static [Filter],
    /// The orders that can be chosen; the first one is what is meant without a choice.
    pub sorts: &'static [Sort],
    /// Its columns.
    pub columns: &'static [Column],
    /// The hint of the search, where somebody can be looked for.
    pub search: Option<&'static str>,
}

impl Spec {
    /// The tabs of a role.
    pub fn tabs_of(&self, role: Role) -> impl Iterator<Item = &'static Tab> {
        self.tabs.iter().filter(move |tab| (tab.is_for)(role))
    }
}

/// Where a list is.
#[derive(Debug, Clone, Copy)]
pub struct Paths {
    /// The page; what is looked for is posted to it. A case stands below it, under its number.
    pub page: &'static str,
    /// The table as CSV.
    pub csv: &'static str,
    /// The table as XLSX.
    pub xlsx: &'static str,
    /// What is done with saved views is posted to it.
    pub views: &'static str,
}

/// The addresses of a list whose page is at a path.
macro_rules! paths {
    ($page:literal) => {
        $crate::worklist::Paths {
            page: $page,
            csv: concat!($page, ".csv"),
            xlsx: concat!($page, ".xlsx"),
            views: concat!($page, "/", "views"),
        }
    };
}
pub(crate) use paths;

/// Keys of the texts that each list has in its own words.
#[derive(Debug, Clone, Copy)]
pub struct Texts {
    /// The title, also of its file.
    pub title: &'static str,
    /// What the table is, for screen readers.
    pub caption: &'static str,
    /// What the tabs are.
    pub tabs: &'static str,
    /// What is said of a tab without rows …
    pub empty: &'static str,
    /// … and what may be done about it.
    pub empty_text: &'static str,
}

/// A tab.
#[derive(Debug, Clone, Copy)]
pub struct Tab {
    /// Its code, in addresses: lower-case letters and hyphens.
    pub code: &'static str,
    /// Its name, a key of texts.
    pub label: &'static str,
    /// Whether it is counted.
    pub counted: bool,
    /// Who has it.
    pub is_for: fn(Role) -> bool,
}

impl Tab {
    /// A counted tab of everybody.
    pub const fn counted(code: &'static str, label: &'static str) -> Self {
        Self { code, label, counted: true, is_for: |_| true }
    }

    /// A tab of everybody that only grows, so that nobody asks how much is in it.
    pub const fn plain(code: &'static str, label: &'static str) -> Self {
        Self { counted: false, ..Self::counted(code, label) }
    }
}

/// A filter: a question with fixed answers.
#[derive(Debug, Clone, Copy)]
pub struct Filter {
    /// Its name in addresses.
    pub name: &'static str,
    /// Its label, a key of texts.
    pub label: &'static str,
    /// What can be chosen in a tab by an official; without a choice the filter is not shown, and no value is taken.
    pub choices: fn(&OfficialPrincipal, &str, Lang) -> Vec<Choice>,
}

/// An order of the rows.
#[derive(Debug, Clone, Copy)]
pub struct Sort {
    /// Its name in addresses.
    pub code: &'static str,
    /// Its words in the list of orders, a key of texts; none of an order that a column's head leads to.
    pub label: Option<&'static str>,
}

/// A column.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Column {
    /// Its name, a key of texts.
    pub label: &'static str,
    /// The class of its cells: `m` (one line with others on a phone), `st` (the corner of a card) or nothing.
    pub class: &'static str,
    /// The order that its head leads to.
    pub sort: Option<&'static str>,
    /// How that order runs down the column, for screen readers.
    pub runs: &'static str,
    /// Names of the columns that it becomes in a file, keys of texts.
    pub heads: &'static [&'static str],
}

impl Column {
    /// A column that is one column of a file, too.
    pub const fn new(label: &'static str, class: &'static str, heads: &'static [&'static str]) -> Self {
        Self { label, class, sort: None, runs: "ascending", heads }
    }

    /// The same, with an order that its head leads to.
    #[must_use]
    pub const fn sorted(self, sort: &'static str, runs: &'static str) -> Self {
        Self { sort: Some(sort), runs, ..self }
    }

    /// Whose case it is, with the number of the document and of the case.
    pub const fn person(label: &'static str) -> Self {
        Self::new(label, "", &["worklist-name", "worklist-document", "worklist-number"])
    }

    /// Its name in a language.
    pub fn name(&self, lang: Lang) -> String {
        t(lang, self.label, &[])
    }
}
