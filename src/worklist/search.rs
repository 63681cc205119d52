//! Looking somebody up: names and numbers are sealed, so what is typed has to be whole.

use super::{Scope, Search};
use crate::crypto::Keyring;
use crate::db::Conn;
use crate::db::schema::persons;
use crate::error::AppResult;
use crate::identity::{DocumentKind, DocumentNumber, PersonName, Phone};
use diesel::prelude::*;

/// The condition that a person is one whom a [`super::Search`] looks for, by name, document or telephone.
macro_rules! looked_for {
    ($search:expr) => {{
        use $crate::db::schema::persons;
        let blinds = || $search.blinds.clone();
        persons::name_blind
            .eq_any(blinds())
            .or(persons::doc_blind.eq_any(blinds()))
            .or(persons::phone_blind.eq_any(blinds()).assume_not_null())
    }};
}
pub(crate) use looked_for;

/// Blind indexes under which what was typed may be stored: a full name, a telephone number or a document number.
pub fn blinds(keys: &Keyring, typed: &str) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let mut add = |purpose: &str, canonical: &str| {
        all.extend(keys.blind_candidates(purpose, canonical).into_iter().map(|b| b.to_vec()));
    };
    if let Ok(name) = PersonName::parse(typed) {
        add("name", &name.canonical());
    }
    if let Ok(phone) = Phone::parse(typed) {
        add("phone", phone.as_str());
    }
    for kind in DocumentKind::ALL {
        if let Ok(document) = DocumentNumber::parse_stored(kind, typed) {
            add("document", &document.canonical());
        }
    }
    all
}

/// The same scope, in which a search also finds whoever is on file with another document, name or telephone beside the one that
/// was typed: the document of the record to which that one's points stands for the person.
pub(super) fn widened(conn: &mut Conn, scope: &Scope) -> AppResult<Option<Scope>> {
    let Some(search) = &scope.search else { return Ok(None) };
    let leads = diesel::alias!(persons as leads);
    let found: Vec<Vec<u8>> = persons::table
        .inner_join(leads.on(persons::merged_into.eq(leads.field(persons::id).nullable())))
        .filter(looked_for!(search))
        .select(leads.field(persons::doc_blind))
        .load(conn)?;
    if found.is_empty() {
        return Ok(None);
    }
    let blinds = search.blinds.iter().cloned().chain(found).collect();
    let search = Some(Search { blinds, ..search.clone() });
    Ok(Some(Scope { search, ..scope.clone() }))
}
