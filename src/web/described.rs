//! What a route does and takes, for the description of all calls (`openapi`).
//!
//! Most of it is read from the types of its handler, so that it cannot be forgotten and cannot be another: what is shown
//! ([`Answers`], [`super::respond`]), the type of body and the query ([`super::factor::Parameters`]). A sentence and the
//! fields of a form stand in no type: a slice says them in a table, a line a route, beside its routes
//! ([`super::route::Routes::tell`]).

use super::form::{MAX_BODY, MAX_FIELDS};
use actix_web::HttpResponse;
use serde_json::{Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

/// A row of a slice's table.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// Whether it is a GET; what is sent is a POST.
    pub get: bool,
    /// Its path.
    pub path: &'static str,
    /// What is said of it.
    pub about: About,
}

/// What is said of a route.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// Of a GET the query, of a form the fields.
    pub fields: &'static [Field],
    /// Further fields, of what is known at run time only.
    pub more: fn() -> Vec<Field>,
    /// What it gives.
    pub gives: Gives,
}

/// What a route gives when all is well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// A page.
    Page,
    /// It leads on to another page (303).
    Leads,
    /// It leads on, or shows what came of it.
    Either,
    /// A file of one of these types.
    File(&'static [&'static str]),
    /// Events, as long as the client listens.
    Events,
}

/// A field of a form, or a value in the query of an address.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Whether it may be sent several times.
    pub many: bool,
    /// Whether nothing is done without it.
    pub needed: bool,
}

/// What a field takes.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A text of so many characters at most.
    Text(usize),
    /// A whole number from one to another.
    Number(i64, i64),
    /// One of these codes.
    OneOf(&'static [&'static str]),
    /// An identifier.
    Id,
    /// A day of the calendar, in the three fields `<name>-year`, `-month`, `-day`.
    Date,
    /// A division by so many levels, in the fields `<name>-1`, `-2`, …
    Division(usize),
    /// A file.
    File,
}

const fn about(summary: &'static str, fields: &'static [Field], gives: Gives) -> About {
    About { summary, fields, more: Vec::new, gives }
}

/// A page.
pub const fn page(path: &'static str, summary: &'static str) -> Call {
    Call { get: true, path, about: about(summary, &[], Gives::Page) }
}

/// An address that leads on to a page.
pub const fn leads(path: &'static str, summary: &'static str) -> Call {
    Call { get: true, path, about: about(summary, &[], Gives::Leads) }
}

/// A file of a type.
pub const fn file(path: &'static str, kinds: &'static [&'static str], summary: &'static str) -> Call {
    Call { get: true, path, about: about(summary, &[], Gives::File(kinds)) }
}

/// A form, which leads on when it was taken.
pub const fn form(path: &'static str, summary: &'static str, fields: &'static [Field]) -> Call {
    Call { get: false, path, about: about(summary, fields, Gives::Leads) }
}

impl Call {
    /// With a query of its own.
    #[must_use]
    pub const fn asks(self, fields: &'static [Field]) -> Self {
        Self { about: About { fields, ..self.about }, ..self }
    }

    /// A form that shows what came of it.
    #[must_use]
    pub const fn shows(self) -> Self {
        Self { about: About { gives: Gives::Page, ..self.about }, ..self }
    }

    /// A form that may show something before it leads on.
    #[must_use]
    pub const fn may_show(self) -> Self {
        Self { about: About { gives: Gives::Either, ..self.about }, ..self }
    }

    /// A stream of events.
    #[must_use]
    pub const fn streams(self) -> Self {
        Self { about: About { gives: Gives::Events, ..self.about }, ..self }
    }
}

const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, many: false, needed: false }
}

/// A text of so many characters at most.
pub const fn text(name: &'static str, most: usize) -> Field {
    field(name, Kind::Text(most))
}

/// A text that has no other limit than the form itself.
pub const fn free(name: &'static str) -> Field {
    field(name, Kind::Text(MAX_BODY))
}

/// A whole number.
pub const fn number(name: &'static str, from: i64, to: i64) -> Field {
    field(name, Kind::Number(from, to))
}

/// One of some codes.
pub const fn one_of(name: &'static str, codes: &'static [&'static str]) -> Field {
    field(name, Kind::OneOf(codes))
}

/// A box that is ticked or left.
pub const fn tick(name: &'static str) -> Field {
    field(name, Kind::OneOf(&["yes"]))
}

/// An identifier.
pub const fn id(name: &'static str) -> Field {
    field(name, Kind::Id)
}

/// A day.
pub const fn day(name: &'static str) -> Field {
    field(name, Kind::Date)
}

/// A division.
pub const fn division(name: &'static str, depth: usize) -> Field {
    field(name, Kind::Division(depth))
}

/// A file.
pub const fn upload(name: &'static str) -> Field {
    field(name, Kind::File)
}

/// The version that was seen: whoever was overtaken meanwhile is told so.
pub const fn version() -> Field {
    number("version", 0, i64::MAX).needed()
}

/// Where the cursor of a list stands.
pub const fn after() -> Field {
    text("after", 500)
}

/// A look at what a decision brings about, before it is made.
pub const fn preview() -> Field {
    text("preview", 10)
}

impl Field {
    /// Nothing is done without it.
    #[must_use]
    pub const fn needed(self) -> Self {
        Self { needed: true, ..self }
    }

    /// It may be sent several times.
    #[must_use]
    pub const fn many(self) -> Self {
        Self { many: true, ..self }
    }

    /// The names under which it is sent, with a schema each.
    #[must_use]
    pub fn named(&self) -> Vec<(String, Value)> {
        let name = self.name;
        let part = |(what, most): (&str, usize)| {
            (format!("{name}-{what}"), json!({"type": "string", "maxLength": most}))
        };
        match self.kind {
            Kind::Date => [("year", 10), ("month", 10), ("day", 10)].map(part).to_vec(),
            Kind::Division(depth) => (1..=depth).map(|level| part((&level.to_string(), 12))).collect(),
            _ if self.many => {
                let list = json!({"type": "array", "items": self.schema(), "maxItems": MAX_FIELDS});
                vec![(name.to_owned(), list)]
            }
            _ => vec![(name.to_owned(), self.schema())],
        }
    }

    fn schema(&self) -> Value {
        match self.kind {
            Kind::Text(most) => json!({"type": "string", "maxLength": most}),
            Kind::Number(from, to) => json!({"type": "integer", "minimum": from, "maximum": to}),
            Kind::OneOf(codes) => json!({"type": "string", "enum": codes}),
            Kind::Id => json!({"type": "string", "format": "uuid"}),
            Kind::File => json!({"type": "string", "format": "binary"}),
            Kind::Date | Kind::Division(_) => json!({"type": "string"}),
        }
    }
}

/// What kind of body a handler reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Takes {
    /// None.
    Nothing,
    /// JSON.
    Json,
    /// A form.
    Form,
    /// Bytes, such as a form with a file in it.
    Bytes,
}

/// The shapes of a view: its own first, then those it is made of, by name.
pub type Shapes = fn() -> Vec<(String, RefOr<Schema>)>;

/// What a handler answers.
pub trait Answers {
    /// The shapes of the view that it shows as a page and as JSON.
    fn shapes() -> Option<Shapes>;
}

impl Answers for HttpResponse {
    fn shapes() -> Option<Shapes> {
        None
    }
}

impl<T: Answers, E> Answers for Result<T, E> {
    fn shapes() -> Option<Shapes> {
        T::shapes()
    }
}

#[cfg(test)]
impl Answers for &'static str {
    fn shapes() -> Option<Shapes> {
        None
    }
}
