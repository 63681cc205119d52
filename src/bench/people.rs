//! Signed-in persons for the load: invented, valid, each from an address of their own.

use super::portal::Portal;
use crate::accounts::{self, Claim, ClaimPerson};
use crate::audit::Actor;
use crate::error::{AppError, AppResult};
use crate::identity::sample::{Sampler, id_number_nth};
use crate::identity::{DivisionCode, DocumentKind, DocumentNumber, Phone};
use crate::web::i18n::Lang;
use crate::web::session::{self, SessionKind};

/// A person with a session.
#[derive(Debug, Clone)]
pub struct Person {
    /// Header lines of each of their requests.
    pub headers: Vec<String>,
    /// The document's number.
    pub document: String,
    /// The name.
    pub name: String,
    /// The phone.
    pub phone: String,
}

/// Persons in one transaction.
const CHUNK: u32 = 50;

/// So many are made, or asked, before it is told how far it is.
pub const TOLD: u32 = 50_000;

/// Makes so many persons with accounts and sessions.
pub async fn make(portal: &Portal, to: u32, progress: &mut dyn FnMut(&str)) -> Result<Vec<Person>, String> {
    let mut people = Vec::new();
    let mut start = 0;
    while start < to {
        let end = to.min(start + CHUNK);
        let (keys, now) = (portal.deps.keys.clone(), portal.clock.now());
        let made = portal
            .deps
            .store
            .write(move |tx| (start..end).map(|n| one(tx, &keys, n, now)).collect::<AppResult<Vec<_>>>())
            .await;
        people.extend(made.map_err(|e| format!("persons cannot be made: {e}"))?);
        if end / TOLD > start / TOLD {
            progress(&format!("made {end} of {to} persons"));
        }
        start = end;
    }
    Ok(people)
}

fn one(
    tx: &mut crate::db::Tx<'_>,
    keys: &crate::crypto::Keyring,
    n: u32,
    now: chrono::DateTime<chrono::Utc>,
) -> AppResult<Person> {
    let division = DivisionCode::parse("511621").map_err(AppError::internal)?;
    let number =
        id_number_nth(division, u64::from(n)).ok_or_else(|| AppError::internal("too many persons"))?;
    let document =
        DocumentNumber::parse_stored(DocumentKind::IdCard, number.as_str()).map_err(AppError::internal)?;
    let name = Sampler::new(u64::from(n)).han_name(number.sex());
    let phone = Phone::parse(&format!("138{n:08}")).map_err(AppError::internal)?;
    let account = accounts::ensure_account(tx, keys, &phone, Lang::ZhCn, now)?;
    accounts::accept_notice(tx, account, now)?;
    let claim = ClaimPerson {
        by: Actor::Resident(account),
        account: Some(account),
        document: document.clone(),
        name: name.clone(),
        sex: Some(number.sex()),
        division,
        phone: Some(phone.clone()),
    };
    let Claim::Yours(_) = accounts::claim_person(tx, keys, &claim, now)? else {
        return Err(AppError::internal("a document was there already"));
    };
    let (token, _) = session::start(tx, SessionKind::Resident, account, None, "bench", now)?;
    let [_, a, b, c] = n.to_be_bytes();
    Ok(Person {
        headers: vec![
            format!("authorization: Bearer {token}"),
            format!("x-forwarded-for: 10.{a}.{b}.{c}"),
            "accept: application/json".into(),
        ],
        document: document.number().to_owned(),
        name: name.canonical(),
        phone: phone.as_str().to_owned(),
    })
}
