//! What a slice says about a kind of record: where it lies, when its clock starts, what goes with it, whose it is.
//!
//! Conditions are SQL over the row `t` of the kind's table, the same for both databases; `:cut` stands for the moment
//! before which a clock must have started, `:now` for the present.

/// A kind of record and how it ends. A slice adds a line to its list, and the policy a rule `retention.<name>`.
#[derive(Debug)]
pub struct Kind {
    /// Its name; the rule is `retention.<name>`.
    pub name: &'static str,
    /// The table of its rows.
    pub table: &'static str,
    /// The primary key, one or two columns.
    pub key: &'static [&'static str],
    /// The moment from which the days count: an expression.
    pub clock: &'static str,
    /// Which rows of the table are of this kind; empty = all.
    pub only: &'static str,
    /// When something else still needs a row; empty = never.
    pub unless: &'static str,
    /// As `unless`, for serving it: what is itself past its period needs nothing any more, although it is still stored until
    /// the run comes to it. `None` = the same.
    pub served_unless: Option<&'static str>,
    /// Rows of other tables that go with it, in this order, before it.
    pub parts: &'static [Part],
    /// Whose it is.
    pub owner: Owner,
    /// Which rows a resident may have destroyed at once; `None` = the law asks to keep them for their time.
    pub on_request: Option<&'static str>,
    /// Column of the number under which people know it, for holds.
    pub number: Option<&'static str>,
    /// What is kept in memory of whom ends with the row: an expression of an identifier.
    pub forgets: Option<&'static str>,
}

/// Rows that go with a record: those whose `column` is its key.
#[derive(Debug)]
pub struct Part {
    /// Their table.
    pub table: &'static str,
    /// The column that names the record.
    pub column: &'static str,
}

/// Expressions of the account and of the person whose record it is, where there are such.
#[derive(Debug, Default)]
pub struct Owner {
    /// The account.
    pub account: Option<&'static str>,
    /// The person.
    pub person: Option<&'static str>,
}

/// What most kinds are: nobody's, one key, all rows.
pub const PLAIN: Kind = Kind {
    name: "",
    table: "",
    key: &["id"],
    clock: "t.created_at",
    only: "",
    unless: "",
    served_unless: None,
    parts: &[],
    owner: Owner { account: None, person: None },
    on_request: None,
    number: None,
    forgets: None,
};

/// Tables that no clock empties: public facts and the record itself; the rule of that name says why.
#[derive(Debug)]
pub struct Lasting {
    /// The rule is `retention.<name>`.
    pub name: &'static str,
    /// The tables.
    pub tables: &'static [&'static str],
}

impl Kind {
    /// The kind's table and those of its parts.
    pub fn tables(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.table).chain(self.parts.iter().map(|p| p.table))
    }

    /// The rule that says how long.
    pub fn rule(&self) -> String {
        format!("retention.{}", self.name)
    }
}
