//! One business and place has one case: while a permit or filing is in force, or an application under way, another
//! cannot be submitted. Otherwise two papers would hang at one door, and closing one would leave the other.

use super::model::{Application, Form};
use super::store;
use crate::crypto::Keyring;
use crate::db::schema::{applications as ap, businesses};
use crate::db::{Conn, Ts, Tx};
use crate::error::AppResult;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use unicode_normalization::UnicodeNormalization;

/// States in which a case is over, or was never sent.
const OVER: [&str; 5] = ["draft", "withdrawn", "refused", "revoked", "closed"];

/// The place as it is compared: the address without spaces and punctuation, in one form of writing. A self-employed
/// person's licence is for one place, so that the town is enough.
fn address(form: &Form) -> String {
    if !form.enterprise() {
        return String::new();
    }
    let typed = form.address.as_deref().unwrap_or_default();
    typed.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Another case of the business for the same place that is under way or in force.
///
/// # Errors
/// Database or crypto errors.
pub fn other(
    conn: &mut Conn,
    keys: &Keyring,
    app: &Application,
    form: &Form,
    now: DateTime<Utc>,
) -> AppResult<Option<Application>> {
    let found: Vec<Application> = ap::table
        .filter(ap::business_id.eq(app.business_id))
        .filter(ap::division.eq(&app.division))
        .filter(ap::id.ne(app.id))
        .filter(ap::state.ne_all(OVER))
        .filter(ap::permit_until.is_null().or(ap::permit_until.gt(Ts(now)).assume_not_null()))
        .order((ap::created_at.desc(), ap::id.desc()))
        .select(Application::as_select())
        .load(conn)?;
    let here = address(form);
    for case in found {
        if address(&store::form(keys, &case)?) == here {
            return Ok(Some(case));
        }
    }
    Ok(None)
}

/// The business's submissions one after the other until the transaction ends: two agents who send at one moment do not
/// both find nothing.
///
/// # Errors
/// Database errors.
pub fn one_at_a_time(tx: &mut Tx<'_>, app: &Application) -> AppResult<()> {
    diesel::update(businesses::table.find(app.business_id))
        .set(businesses::version.eq(businesses::version))
        .execute(tx.conn())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_is_one_place_however_it_is_typed() {
        let at = |kind: &str, address: &str| Form { address: Some(address.into()), ..Form::new(kind) };
        let same = |a: &Form, b: &Form| address(a) == address(b);
        let (one, again) = (at("enterprise", "工业园区大道 66 号"), at("enterprise", "工业园区大道６６号。"));
        assert!(same(&one, &again));
        assert!(!same(&one, &at("enterprise", "工业园区大道 68 号")), "a second works");
        assert!(same(&at("individual", "东外街 18 号"), &at("individual", "东外街十八号")));
    }
}
