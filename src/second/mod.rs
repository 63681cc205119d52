//! What takes two officials: one enters it, another looks at all of it and confirms or refuses.
//!
//! A slice says of a type how it is read, decided and takes effect ([`TwoPersons`]), mounts its page ([`routes`]), hands its
//! kind over ([`kind`]), and says when one is entered ([`propose`]). The rest is the same for everything:
//!
//! - **The page** shows who entered it, exactly what was given, whom it is about in full, and what a confirmation brings
//!   about ([`Shown`]). Beforehand it can be rehearsed: whose colour changes and what people will read.
//! - **The steps**: it must still be open and in the official's jurisdiction, nobody decides about themselves or without being
//!   known, nobody confirms what they entered, a refusal has a reason that the one who entered it reads, only the first
//!   decision counts, and it leaves an entry in the transaction in which it takes effect.
//! - **The list** at `/desk/second`: all that waits in the jurisdiction of an official who may decide it.
//! - **The end**: what nobody decides in time ends without effect ([`Expire`]). Silence never confirms anything.
//!
//! What became of a thing stands in the slice's own table; the list has a row only as long as it waits.

mod api;
mod decide;
mod effect;
mod expire;
mod kept;
mod list;
mod outcome;
mod page;
mod people;
mod store;

pub use api::{SecondBody, SecondDecided, SecondInput};
pub use decide::Moved;
pub use effect::{Effect, Fact, Move, Shown, fact};
pub use expire::Expire;
pub use list::SecondRow;
pub use outcome::{EXPIRED, Entered, Outcome, Verdict};
pub use people::{Named, People, Work};

use crate::crypto::{FieldContext, Keyring};
use crate::db::{Conn, Id, Tx};
use crate::deps::{App, Deps};
use crate::error::AppResult;
use crate::jobs::JobKind;
use crate::role_set;
use crate::slice::{NOTHING, SecondKind, SecondWords, Slice, at};
use crate::web::ctx::Ctx;
use crate::web::described::leads;
use crate::web::factor::Unasked;
use crate::web::guard::Roles;
use crate::web::i18n::Lang;
use crate::web::principal::OfficialPrincipal;
use crate::web::route::{Routes, Who};
use crate::worklist;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use serde_json::Value;

role_set! {
    /// Whoever decides any of the kinds there are (a test compares them).
    Seconds = [TownReviewer, ColourOfficer, ProvinceOperator];
}

const SECONDS: Who = Who::Roles(Seconds::ROLES);

/// What this room hands over: the list of all kinds, its calls, and the end of what waits too long.
pub const SLICE: Slice = Slice {
    routes: own_routes,
    openapi: Some(openapi),
    jobs: &[JobKind::of::<Expire>().every(600).at_start()],
    kept: &[at(45, kept::KEPT)],
    acts: &[("/desk/second.csv", "", "stepup-for-list"), ("/desk/second.xlsx", "", "stepup-for-list")],
    ..NOTHING
};

fn own_routes(r: &mut Routes) {
    r.get("/desk/second/{id}", SECONDS, page::way)
        .get("/api/v1/desk/second", SECONDS, list::api)
        .post("/api/v1/desk/second/search", SECONDS, list::api_search)
        .unasked(Unasked::Looks)
        .get("/api/v1/desk/second/{id}", SECONDS, api::one)
        .post("/api/v1/desk/second/{id}", SECONDS, api::decide);
    worklist::routes::<list::Waiting>(r);
    r.tell(&[leads("/desk/second/{id}", "Leads to the page on which something that waits is decided")]);
}

crate::slice::calls!(list::api, list::api_search, api::one, api::decide);

/// What a kind of thing is called: in the log, on its page, and in the message after the decision.
pub struct Names {
    /// Its code, which is stored and sent.
    pub kind: &'static str,
    /// What it is, a key of texts: in lists, and in what its officials are told.
    pub title: &'static str,
    /// Kind of the object in the log.
    pub object: &'static str,
    /// Action of a look.
    pub view: &'static str,
    /// Action and message of a confirmation.
    pub confirm: (&'static str, &'static str),
    /// Action and message of a refusal.
    pub refuse: (&'static str, &'static str),
    /// Action of the end without a decision.
    pub expire: &'static str,
    /// The page of the slice on which it waits.
    pub list: &'static str,
    /// The address of the page on which it is decided, with `{id}`.
    pub page: &'static str,
    /// Texts: the title, and what confirming and refusing mean.
    pub texts: [&'static str; 3],
}

/// Something that waits for a second official.
pub trait TwoPersons: Sized + Clone + Send + 'static {
    /// Who looks at its page.
    type Looks: Roles;
    /// Who decides it, with as fresh a second factor as it takes.
    type Decides: Roles;

    /// Its names.
    const NAMES: Names;
    /// Days after which it ends without effect when nobody has decided it.
    const DAYS: i64;

    /// Reads it, if it is open and in a jurisdiction, a pattern of [`crate::access::pattern`].
    ///
    /// # Errors
    /// Database errors; a sealed value that cannot be opened.
    fn open(conn: &mut Conn, deps: &Deps, id: Id, within: &str) -> AppResult<Option<Self>>;

    /// What became of it, where it is decided or has expired and is in a jurisdiction.
    ///
    /// # Errors
    /// Database errors.
    fn decided(conn: &mut Conn, id: Id, within: &str) -> AppResult<Option<Outcome>>;

    /// Its identifier.
    fn id(&self) -> Id;

    /// The title of its page, and what confirming and refusing mean, where that is another thing for some of its kind.
    fn texts(&self) -> [&'static str; 3] {
        Self::NAMES.texts
    }

    /// Who entered it.
    fn entered(&self) -> Entered;

    /// The division in whose jurisdiction it lies.
    fn division(&self) -> &str;

    /// The person whom it is about, if it is about one.
    fn subject(&self) -> Option<Id>;

    /// Everybody whom it is about: the record says of each that it was seen, decided or has expired, and none of them decides it.
    fn subjects(&self) -> Vec<Id> {
        self.subject().into_iter().collect()
    }

    /// The record with which it is destroyed.
    fn holder(&self) -> Id {
        self.id()
    }

    /// Codes for the log and for the list.
    fn detail(&self) -> Value;

    /// What it is called in lists, by its codes.
    fn words(detail: &Value, lang: Lang) -> SecondWords;

    /// Writes the decision down, a refusal with its sealed reason; false when somebody else has decided meanwhile.
    ///
    /// # Errors
    /// Database errors.
    fn decide(
        &self,
        tx: &mut Tx<'_>,
        deps: &Deps,
        by: Id,
        verdict: &Verdict,
        now: DateTime<Utc>,
    ) -> AppResult<bool>;

    /// What a confirmation brings about.
    ///
    /// # Errors
    /// Those of the slice; nothing is decided then.
    fn take_effect(
        &self,
        tx: &mut Tx<'_>,
        deps: &Deps,
        by: &OfficialPrincipal,
        now: DateTime<Utc>,
    ) -> AppResult<()>;

    /// What a refusal brings about.
    ///
    /// # Errors
    /// Those of the slice; nothing is decided then.
    fn refused(
        &self,
        _tx: &mut Tx<'_>,
        _deps: &Deps,
        _by: &OfficialPrincipal,
        _now: DateTime<Utc>,
    ) -> AppResult<()> {
        Ok(())
    }

    /// Writes down that it has ended without a decision; false when somebody has decided meanwhile.
    ///
    /// # Errors
    /// Database errors.
    fn expire(&self, tx: &mut Tx<'_>, deps: &Deps, now: DateTime<Utc>) -> AppResult<bool>;

    /// What has to be told to whatever waits for it, when it has ended without a decision. Nothing takes effect.
    ///
    /// # Errors
    /// Those of the slice; it has not ended then.
    fn expired(&self, _tx: &mut Tx<'_>, _deps: &Deps, _now: DateTime<Utc>) -> AppResult<()> {
        Ok(())
    }

    /// Whether somebody had such a part in it that they may not even refuse it. Whoever entered a thing may take it back.
    fn had_a_part(&self, _by: Id) -> bool {
        false
    }

    /// What whoever refuses it is told.
    fn refusal_told(&self) -> &'static str {
        Self::NAMES.refuse.1
    }

    /// What the page shows beside who entered it.
    fn shown(&self, deps: &App, ctx: &Ctx) -> impl Future<Output = AppResult<Shown>>;

    /// Persons whose colour a confirmation changes after it, by the background work that it asks for: all of them where they
    /// are one, else a few as examples. In a rehearsal that work is done for them ([`Self::follow`]), so that what they will
    /// read is shown.
    fn touched(&self, _deps: &App, _now: DateTime<Utc>) -> impl Future<Output = AppResult<Vec<Id>>> {
        std::future::ready(Ok(self.subject().into_iter().collect()))
    }

    /// Keeps others waiting who work on one of those persons; asked before the record of acts is written.
    ///
    /// # Errors
    /// Database errors.
    fn hold(_tx: &mut Tx<'_>, _person: Id) -> AppResult<()> {
        Ok(())
    }

    /// Does for one of those persons what the background does after a confirmation. It is asked in a rehearsal only.
    ///
    /// # Errors
    /// Those of the slice.
    fn follow(_tx: &mut Tx<'_>, _deps: &Deps, _person: Id, _now: DateTime<Utc>) -> AppResult<()> {
        Ok(())
    }

    /// Where the reason of a refusal is sealed to.
    fn refusal(id: Id) -> FieldContext<'static>;
}

/// The kind of a type, for the slice's `second`.
#[must_use]
pub const fn kind<T: TwoPersons>() -> SecondKind {
    SecondKind {
        name: T::NAMES.kind,
        title: T::NAMES.title,
        roles: T::Decides::ROLES,
        page: T::NAMES.page,
        words: T::words,
        has: |conn, deps, id, within| {
            Ok(T::open(conn, deps, id, within)?.is_some() || T::decided(conn, id, within)?.is_some())
        },
        is_open: |conn, deps, id| Ok(T::open(conn, deps, id, "%")?.is_some()),
        expire: expire::one::<T>,
        shown: |req, deps, by, id| async move { api::shown::<T>(&req, &deps, &by, id).await }.boxed_local(),
        decide: |req, deps, by, id, form| {
            async move { api::decided::<T>(&req, &deps, &by, id, &form).await }.boxed_local()
        },
    }
}

/// Mounts the page on which a kind is decided.
pub fn routes<T: TwoPersons>(r: &mut Routes) {
    r.get(T::NAMES.page, Who::Roles(T::Looks::ROLES), page::show::<T>).post(
        T::NAMES.page,
        Who::Roles(T::Decides::ROLES),
        page::decide::<T>,
    );
}

/// Puts what has just been entered on the list, in the transaction in which it is entered.
///
/// # Errors
/// Database errors.
pub fn propose<T: TwoPersons>(tx: &mut Tx<'_>, entered: &T) -> AppResult<()> {
    let Entered { by, office, at } = entered.entered();
    let roles: Vec<&str> = T::Decides::ROLES.iter().map(|role| role.code()).collect();
    store::add(
        tx,
        &store::Wait {
            id: entered.id(),
            kind: T::NAMES.kind.to_owned(),
            holder_id: entered.holder(),
            person_id: entered.subject(),
            division: entered.division().to_owned(),
            roles: format!(" {} ", roles.join(" ")),
            detail: crate::db::Js(entered.detail()),
            state: store::OPEN.to_owned(),
            entered_by: by,
            office_id: office,
            entered_at: at.into(),
            expires_at: (at + TimeDelta::days(T::DAYS)).into(),
            warned_at: None,
            ended_at: None,
        },
    )
}

/// Takes off the list what has been settled in another way than by its second official.
///
/// # Errors
/// Database errors.
pub fn over(tx: &mut Tx<'_>, id: Id) -> AppResult<()> {
    store::remove(tx, id)
}

/// The reason of a refusal, opened for whoever entered the thing.
///
/// # Errors
/// A sealed value that cannot be opened.
pub fn reason(
    keys: &Keyring,
    context: &FieldContext<'_>,
    sealed: Option<&Vec<u8>>,
) -> AppResult<Option<String>> {
    sealed.map(|sealed| Ok(keys.open_str(context, sealed)?.to_string())).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Role;
    use crate::router::SLICES;
    use crate::web::i18n::has;
    use std::collections::BTreeSet;

    #[test]
    fn whoever_decides_any_of_it_has_the_list_and_nobody_else() {
        let kinds: BTreeSet<Role> = SLICES.second().flat_map(|kind| kind.roles).copied().collect();
        assert_eq!(
            kinds,
            Seconds::ROLES.iter().copied().collect(),
            "name the roles of new kinds in `Seconds`"
        );
    }

    #[test]
    fn every_kind_has_a_name_and_a_page_of_its_own() {
        let mut names = BTreeSet::new();
        for kind in SLICES.second() {
            assert!(names.insert(kind.name) && names.insert(kind.page), "{} is there twice", kind.name);
            assert!(kind.page.contains("{id}") && has(kind.title), "{}", kind.name);
        }
        assert!(names.len() >= 6);
    }
}
