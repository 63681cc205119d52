//! Declared facts without walking through the form: a test says what a person has declared.

use chrono::{DateTime, Utc};
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;
use fugong::app::Deps;
use fugong::colour::{Declared, Stated, Statements};
use fugong::crypto::Keyring;
use fugong::db::schema::audit_entries;
use fugong::db::{Conn, Id};
use fugong::error::AppResult;
use fugong::policy::{Declaration, RuleSet, Travel, Words};
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

fn stated() -> &'static Mutex<HashMap<Id, Declared>> {
    static STATED: OnceLock<Mutex<HashMap<Id, Declared>>> = OnceLock::new();
    STATED.get_or_init(Mutex::default)
}

/// Whether it was inside a transaction, and how many entries of the audit were about the person.
type Asked = (bool, i64);

fn watched() -> &'static Mutex<HashMap<Id, Vec<Asked>>> {
    static WATCHED: OnceLock<Mutex<HashMap<Id, Vec<Asked>>>> = OnceLock::new();
    WATCHED.get_or_init(Mutex::default)
}

/// Notes from now on where a person's statements are opened.
pub fn watch(person: Id) {
    watched().lock().unwrap().insert(person, Vec::new());
}

/// For each time that they were since the last question, whether it was inside a transaction.
pub fn asked(person: Id) -> Vec<bool> {
    asked_beside(person).into_iter().map(|(inside, _)| inside).collect()
}

/// The same, with how many entries of the audit were about the person then, those of the transaction among them.
pub fn asked_beside(person: Id) -> Vec<Asked> {
    watched().lock().unwrap().get_mut(&person).map(std::mem::take).unwrap_or_default()
}

fn entries(conn: &mut Conn, person: Id) -> i64 {
    let about = audit_entries::table.filter(audit_entries::subject_id.eq(person));
    about.count().get_result(conn).unwrap()
}

fn is_in_transaction(conn: &mut Conn) -> bool {
    let status = match conn {
        Conn::Pg(conn) => AnsiTransactionManager::transaction_manager_status_mut(conn),
        Conn::Sqlite(conn) => AnsiTransactionManager::transaction_manager_status_mut(conn),
    };
    status.transaction_depth().unwrap().is_some()
}

/// The source of the tests' portals: what a test said, else the declarations themselves.
pub fn source(
    conn: &mut Conn,
    keys: &Keyring,
    rules: &RuleSet,
    person: Id,
    now: DateTime<Utc>,
) -> AppResult<Statements> {
    if let Some(noted) = watched().lock().unwrap().get_mut(&person) {
        noted.push((is_in_transaction(conn), entries(conn, person)));
    }
    let said = stated().lock().unwrap().get(&person).cloned();
    match said {
        Some(said) => Ok(said.into()),
        None => fugong::declarations::facts(conn, keys, rules, person, now),
    }
}

/// Makes this the portal's source.
pub fn lay_over(deps: &mut Deps) {
    let stated = Stated::of(deps).unwrap();
    deps.keep(Stated { facts: source, ..stated });
}

/// Says what a person has declared last.
pub fn state(person: Id, declared: Declared) {
    stated().lock().unwrap().insert(person, declared);
}

/// A declaration without complaint, in Yuechi.
pub fn healthy(at: DateTime<Utc>) -> Declared {
    Declared {
        declaration: Declaration {
            submitted_at: at,
            symptoms: Vec::new(),
            temperature_tenths: Some(365),
            contact_with_case: false,
            isolation_ordered: false,
            household_ill: false,
            tested_positive: false,
        },
        travel: Vec::new(),
        home: Some("511621".into()),
        present: Some("511621".into()),
    }
}

/// A stay in a division.
pub fn stay(place: &str, from: &str, to: &str) -> Travel {
    Travel {
        place: place.into(),
        name: Words::new("道孚县", "Daofu County"),
        risk: None,
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        transport: None,
        source: Words::new("本人申报", "own declaration"),
    }
}
