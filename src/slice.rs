//! What a slice hands over to the portal: one value, a line in `router.rs`. Whatever collects from all slices (the table of
//! routes, the background work, a resident's own pages and copy of the data, the header of an official) asks here and knows
//! none of them by name.

mod handed;

pub use handed::Handed;

use crate::access::Role;
use crate::crypto::Keyring;
use crate::db::{Conn, Id, Tx};
use crate::deps::{App, Deps};
use crate::error::AppResult;
use crate::jobs::{JobKind, Step, Work};
use crate::kept::{Kind, Wall};
use crate::web::card::CardSource;
use crate::web::i18n::Lang;
use crate::web::page::{Nav, NavEntry};
use crate::web::principal::OfficialPrincipal;
use crate::web::route::Routes;
use crate::web::step_up::{Act, Acts};
use chrono::{DateTime, NaiveDate, Utc};
use futures_util::future::LocalBoxFuture;
use serde_json::Value;
use std::sync::Arc;
use utoipa::openapi::OpenApi;

mod second;
mod taken;

pub use second::{Answering, SecondKind, SecondWords};
#[cfg(test)]
pub use taken::UNTAKEN;
pub use taken::{InHands, Taken};

/// A part of the copy of a resident's data: account and person in, a JSON value out.
pub type DataSection = fn(&mut Conn, &Deps, Id, Option<Id>) -> AppResult<Value>;

/// Brings what is stored of a person up to now, before it is read for a status card. A card is not refused when that fails.
pub type Refresh = for<'a> fn(&'a App, Id, DateTime<Utc>) -> LocalBoxFuture<'a, ()>;

/// A look at a person that no official made.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Its action in the record.
    pub action: &'static str,
    /// The name of who looked, by the object of the entry.
    pub by: fn(&mut Conn, Id) -> AppResult<Option<String>>,
}

/// News of a topic as somebody reads it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headline {
    /// In a line: the subject of an e-mail, and what an SMS has room for.
    pub title: String,
    /// In a few sentences.
    pub text: String,
}

/// What people can subscribe to ([`crate::subscriptions`]).
#[derive(Debug, Clone, Copy)]
pub struct Topic {
    /// Its stored name. `topic-<name>` and `topic-<name>-text` are its words.
    pub name: &'static str,
    /// Where it can be read in the portal.
    pub page: &'static str,
    /// News of it: the language, the division it is about, and what was published. Everybody may read it.
    pub headline: fn(Lang, &str, &Value) -> Headline,
}

/// What a task is about, for whoever does it.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// Where the person is reached by telephone, canonical.
    pub phone: Option<String>,
    /// What is to be known beside it: labels and values, in the reader's language.
    pub lines: Vec<(String, String)>,
}

/// A task that was done, with what came of it.
#[derive(Debug, Clone)]
pub struct TaskDone {
    /// What it is about.
    pub subject: Id,
    /// Whom it is about.
    pub person: Option<Id>,
    /// Where.
    pub division: String,
    /// For which day it was made.
    pub day: NaiveDate,
    /// Code of the result.
    pub result: String,
    /// The official who did it …
    pub by: Id,
    /// … and the office in which.
    pub office: Id,
    /// When.
    pub now: DateTime<Utc>,
}

/// A kind of task ([`crate::tasks`]): small work at a person or a place that a rule makes for a day.
#[derive(Debug, Clone, Copy)]
pub struct TaskKind {
    /// Its stored name. `task-<name>` and `task-<name>-text` are its words.
    pub name: &'static str,
    /// Who does it.
    pub role: Role,
    /// What can come of it, in the order of the page and of paper: `task-<name>-<result>` are the words.
    pub results: &'static [&'static str],
    /// Days after its own until whose end it is to be done.
    pub days: u64,
    /// What it is about now; none when there is nothing to be done any more.
    pub about: fn(&mut Conn, &Deps, Id, Lang) -> AppResult<Option<About>>,
    /// What a result brings about, in the transaction that writes it.
    pub done: fn(&mut Tx<'_>, &Deps, &TaskDone) -> AppResult<()>,
}

/// What becomes of a slice's things when another account (the second) stands for a person (the first) from now on.
pub type HandOver = fn(&mut Tx<'_>, Id, Id) -> AppResult<()>;

/// Whether an official is a party of the record with an identifier.
pub type Party = fn(&mut Conn, &Keyring, &OfficialPrincipal, Id) -> AppResult<bool>;

/// Something of a slice that has its place among those of others.
#[derive(Debug, Clone, Copy)]
pub struct Placed<T> {
    /// The lower the earlier.
    pub place: u8,
    /// What it is.
    pub what: T,
}

/// At this place.
pub const fn at<T>(place: u8, what: T) -> Placed<T> {
    Placed { place, what }
}

/// All that the portal has to know of a slice.
pub struct Slice {
    /// Its routes.
    pub routes: fn(&mut Routes),
    /// What it says about its calls of `/api`, for the OpenAPI document.
    pub openapi: Option<fn() -> OpenApi>,
    /// A description of further calls that it has written itself, as an OpenAPI document.
    pub written: Option<&'static str>,
    /// Kinds of its background work.
    pub jobs: &'static [JobKind],
    /// What it does in the background beside jobs.
    pub beside: &'static [Step],
    /// The records it keeps, at their places in the order of destruction: what rests on another goes before it.
    pub kept: &'static [Placed<&'static [Kind]>],
    /// Whether an official is a party of a record of a kind, where its owner alone does not say so; who is decides about no
    /// hold on it.
    pub parties: &'static [(&'static str, Party)],
    /// Hands over what it keeps in memory ([`Deps::keep`]).
    pub parts: fn(&mut Deps) -> AppResult<()>,
    /// For what it asks a fresh second factor, in words.
    pub acts: &'static [Act],
    /// What officials find in their header, by role.
    pub nav: &'static [NavEntry],
    /// What a resident finds under "my things": path and catalogue key.
    pub mine: Option<Placed<(&'static str, &'static str)>>,
    /// Its status cards.
    pub cards: Option<Placed<CardSource>>,
    /// What it does before any cards are made.
    pub refresh: Option<Refresh>,
    /// Looks at a person by somebody who is no official, for whoever asks who looked at them.
    pub looks: &'static [Look],
    /// What belongs to the copy of a resident's data, by name.
    pub data: &'static [Placed<(&'static str, DataSection)>],
    /// What becomes of its things when another account stands for a person.
    pub hand_over: Option<HandOver>,
    /// What of it takes two officials.
    pub second: &'static [SecondKind],
    /// What people can subscribe to.
    pub topics: &'static [Topic],
    /// Kinds of tasks that it makes.
    pub tasks: &'static [TaskKind],
    /// Kinds of cases that one official at a time takes.
    pub taken: &'static [&'static Taken],
    /// For what it takes files.
    pub handed: &'static [Handed],
}

/// A slice that hands over nothing.
pub const NOTHING: Slice = Slice {
    routes: |_| (),
    openapi: None,
    written: None,
    jobs: &[],
    beside: &[],
    kept: &[],
    parties: &[],
    parts: |_| Ok(()),
    acts: &[],
    nav: &[],
    mine: None,
    cards: None,
    refresh: None,
    looks: &[],
    data: &[],
    hand_over: None,
    second: &[],
    topics: &[],
    tasks: &[],
    taken: &[],
    handed: &[],
};

/// The slices of a portal.
#[derive(Clone, Copy)]
pub struct Slices(pub &'static [&'static Slice]);

fn placed<T: Copy>(all: impl Iterator<Item = Placed<T>>) -> Vec<T> {
    let mut all: Vec<Placed<T>> = all.collect();
    all.sort_by_key(|one| one.place);
    all.into_iter().map(|one| one.what).collect()
}

impl Slices {
    fn all(self) -> impl Iterator<Item = &'static Slice> {
        self.0.iter().copied()
    }

    /// Their routes.
    #[must_use]
    pub fn routes(self) -> Routes {
        let mut routes = Routes::default();
        self.all().for_each(|slice| (slice.routes)(&mut routes));
        routes
    }

    /// What they say about their calls.
    #[must_use]
    pub fn descriptions(self) -> Vec<OpenApi> {
        self.all().filter_map(|slice| slice.openapi).map(|describe| describe()).collect()
    }

    /// What they have written themselves about further calls.
    #[must_use]
    pub fn written(self) -> Vec<&'static str> {
        self.all().filter_map(|slice| slice.written).collect()
    }

    /// Their background work.
    #[must_use]
    pub fn work(self) -> Work {
        Work {
            kinds: self.all().flat_map(|slice| slice.jobs).copied().collect(),
            beside: self.all().flat_map(|slice| slice.beside).copied().collect(),
        }
    }

    /// Every kind of record, in the order of destruction.
    pub fn kinds(self) -> impl Iterator<Item = &'static Kind> {
        placed(self.all().flat_map(|slice| slice.kept).copied()).into_iter().flatten()
    }

    /// Who is a party of records of a kind, where the owner alone does not say so.
    #[must_use]
    pub fn party(self, kind: &str) -> Option<Party> {
        self.all().flat_map(|slice| slice.parties).find(|(name, _)| *name == kind).map(|(_, party)| *party)
    }

    /// For what they ask a fresh second factor.
    #[must_use]
    pub fn acts(self) -> Acts {
        Acts(self.all().flat_map(|slice| slice.acts).copied().collect())
    }

    /// Lets each hand over what it keeps in memory.
    ///
    /// # Errors
    /// Those of a slice.
    pub fn connect(self, deps: &mut Deps) -> AppResult<()> {
        deps.keep(self.work());
        deps.keep(self.acts());
        deps.keep(Nav::of(self.all().flat_map(|slice| slice.nav).copied().chain(self.second_nav())));
        let wall = Arc::new(Wall::of(self.kinds(), deps.policy.clone()));
        deps.store = deps.store.clone().telling(wall.clone());
        deps.keep(wall);
        deps.keep(self);
        self.all().try_for_each(|slice| (slice.parts)(deps))
    }

    /// What a resident finds under "my things".
    #[must_use]
    pub fn mine(self) -> Vec<(&'static str, &'static str)> {
        placed(self.all().filter_map(|slice| slice.mine))
    }

    /// Where the status cards come from.
    #[must_use]
    pub fn cards(self) -> Vec<CardSource> {
        placed(self.all().filter_map(|slice| slice.cards))
    }

    /// What is done before cards are made.
    pub async fn refresh(self, deps: &App, person: Id, now: DateTime<Utc>) {
        for slice in self.0 {
            if let Some(refresh) = slice.refresh {
                refresh(deps, person, now).await;
            }
        }
    }

    /// Looks at a person by somebody who is no official.
    #[must_use]
    pub fn looks(self) -> Vec<Look> {
        self.all().flat_map(|slice| slice.looks).copied().collect()
    }

    /// The parts of the copy of a resident's data.
    #[must_use]
    pub fn data(self) -> Vec<(&'static str, DataSection)> {
        placed(self.all().flat_map(|slice| slice.data).copied())
    }

    /// What takes two officials.
    pub fn second(self) -> impl Iterator<Item = &'static SecondKind> {
        self.all().flat_map(|slice| slice.second)
    }

    /// The way to what waits for a second official, for each role that decides any of it.
    fn second_nav(self) -> impl Iterator<Item = NavEntry> {
        let decides = move |role: &Role| self.second().any(|kind| kind.roles.contains(role));
        let each = (0..Role::ALL.len()).filter_map(|at| Role::ALL.get(at..=at));
        each.filter(move |role| role.iter().any(decides))
            .map(|role| nav(36, "/desk/second", "nav-desk-second", role))
    }

    /// What people can subscribe to.
    pub fn topics(self) -> impl Iterator<Item = &'static Topic> {
        self.all().flat_map(|slice| slice.topics)
    }

    /// The kind of task with a name.
    #[must_use]
    pub fn task(self, name: &str) -> Option<&'static TaskKind> {
        self.all().flat_map(|slice| slice.tasks).find(|kind| kind.name == name)
    }

    /// Kinds of cases that one official at a time takes.
    pub fn taken(self) -> impl Iterator<Item = &'static Taken> {
        self.all().flat_map(|slice| slice.taken).copied()
    }

    /// Another account stands for a person from now on.
    ///
    /// # Errors
    /// Database errors.
    pub fn hand_over(self, tx: &mut Tx<'_>, person: Id, account: Id) -> AppResult<()> {
        self.all().filter_map(|slice| slice.hand_over).try_for_each(|hand| hand(tx, person, account))
    }
}

/// An entry of the header at a place, for some roles.
pub const fn nav(place: u8, href: &'static str, label: &'static str, roles: &'static [Role]) -> NavEntry {
    NavEntry { place, href, label, roles, province: false }
}

/// Writes a slice's `openapi()`: the calls that it describes, as paths of their handlers.
macro_rules! calls {
    ($($path:tt)+) => {
        /// The slice's calls, for the OpenAPI document.
        pub fn openapi() -> utoipa::openapi::OpenApi {
            use utoipa::OpenApi;

            #[derive(OpenApi)]
            #[openapi(paths($($path)+))]
            struct Calls;

            Calls::openapi()
        }
    };
}
pub(crate) use calls;
