//! Whose a draft is, and what differs where somebody declares for somebody else: it is bound to that person from its
//! beginning, filled in with their name and document, and taken for nobody else.

use super::act::Sender;
use super::answers::{Answers, SHAPE};
use super::store::{self, Row};
use crate::accounts;
use crate::crypto::Keyring;
use crate::db::{Conn, Id};
use crate::error::{AppError, AppResult, FieldError};
use crate::web::principal::{ActingFor, ResidentPrincipal};

/// Whose a draft is; nobody's yet where staff enter one.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Whose {
    /// The account that begins it for itself.
    pub account: Option<Id>,
    /// The consent under which it is begun for somebody else, …
    pub consent: Option<Id>,
    /// … and who that is.
    pub person: Option<Id>,
}

impl Whose {
    /// Of a resident, in whatever seat.
    pub(super) fn of(who: &ResidentPrincipal) -> Self {
        Self::sent(Some(who.account_id), who.sits_for())
    }

    /// Of an account, or of whoever acts for somebody.
    pub(super) fn sent(account: Option<Id>, acting: Option<&ActingFor>) -> Self {
        match acting {
            Some(acting) => {
                Self { account: None, consent: Some(acting.consent), person: Some(acting.person) }
            }
            None => Self { account, ..Self::default() },
        }
    }
}

impl Sender {
    /// Whose the draft is from which they send.
    pub(super) fn whose(&self) -> Whose {
        Whose::sent(self.account, self.acting.as_ref())
    }

    /// As what they ask for a person's declarations: as an account, or under a consent.
    pub(super) fn seat(&self) -> AppResult<Id> {
        self.account.or(self.whose().consent).ok_or(AppError::NotFound)
    }
}

/// A draft with its answers; the answers are those with which one begins while there is none.
pub(super) type Loaded = (Option<Row>, Answers);

/// The draft of whoever asks, with its answers.
pub(super) fn loaded(conn: &mut Conn, keys: &Keyring, who: &ResidentPrincipal) -> AppResult<Loaded> {
    match store::draft(conn, who.account_id)? {
        Some(draft) => {
            let answers = draft.answers(keys)?;
            Ok((Some(draft), answers))
        }
        None => Ok((None, begun(conn, keys, who.sits_for())?)),
    }
}

/// The answers with which a declaration begins: for somebody else with their name and document, which whoever acts for them
/// has named to be let act.
fn begun(conn: &mut Conn, keys: &Keyring, acting: Option<&ActingFor>) -> AppResult<Answers> {
    let blank = Answers { shape: SHAPE, ..Answers::default() };
    let Some(acting) = acting else { return Ok(blank) };
    let person = accounts::person(conn, keys, acting.person)?;
    Ok(Answers {
        document_kind: Some(person.document.kind()),
        document_number: Some(person.document.number().to_owned()),
        name: Some(person.name),
        ..blank
    })
}

/// That answers are those of the person for whom somebody acts, as far as they are typed; what is not stands at these fields.
///
/// # Errors
/// [`AppError::Invalid`] `acting-other`.
pub(super) fn is_theirs(
    conn: &mut Conn,
    keys: &Keyring,
    acting: &ActingFor,
    answers: &Answers,
    [at_document, at_name]: [&str; 2],
) -> AppResult<()> {
    let person = accounts::person(conn, keys, acting.person)?;
    let mut errors = Vec::new();
    if answers.document().is_some_and(|typed| typed.canonical() != person.document.canonical()) {
        errors.push(FieldError::new(at_document, "acting-other"));
    }
    let differs = answers.name.as_ref().is_some_and(|name| name.canonical() != person.name.canonical());
    if differs && (errors.is_empty() || at_name != at_document) {
        errors.push(FieldError::new(at_name, "acting-other"));
    }
    if errors.is_empty() { Ok(()) } else { Err(AppError::Invalid(errors)) }
}
