//! Issuing a certificate and ending it, in the caller's transaction.

use super::model::{Row, conclusion_code};
use super::status::{self, Slot};
use super::store;
use crate::accounts::{self, Person, Recusal};
use crate::audit::{self, Entry};
use crate::clock::{china_day, end_of_day};
use crate::crypto::{Keyring, SigningUsage, token};
use crate::db::schema::certificates;
use crate::db::{Id, Ts, Tx};
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::hcert::{
    Claims, Conclusion, Document, EntryStatus, Holder, ReturnCertificateClaim, Signer, StatusReference,
};
use crate::notify::{self, Message};
use crate::number::{self, Numbered};
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Days, SubsecRound, Utc};
use diesel::prelude::*;
use serde_json::json;

/// What a certificate is issued on.
pub struct NewCertificate<'a> {
    /// The confirmed declaration.
    pub declaration: Id,
    /// Whose.
    pub person: &'a Person,
    /// The account that declared; none for entry by staff.
    pub account: Option<Id>,
    /// Present division: whose jurisdiction it is in.
    pub division: String,
    /// Where to, 6 or 9 digits.
    pub destination: String,
    /// What the doctor concluded.
    pub conclusion: Conclusion,
    /// Body temperature that the doctor took, in tenths of a degree.
    pub temperature_tenths: i32,
    /// The doctor.
    pub doctor: &'a OfficialPrincipal,
    /// Days of validity, by the policy.
    pub valid_days: u32,
}

/// What was issued.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The certificate.
    pub id: Id,
    /// Its number.
    pub number: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// The parts of the portal that issuing needs, taken into the transaction.
#[derive(Clone)]
pub(crate) struct Issuer {
    pub(crate) province: String,
    pub(crate) public_url: String,
}

impl Issuer {
    pub(crate) fn of(deps: &Deps) -> Self {
        Self { province: deps.config.province.clone(), public_url: deps.config.public_url.to_string() }
    }
}

/// A certificate ends with a day: `days` whole days after the day of issue, at 24:00 in China.
fn end(now: DateTime<Utc>, days: u32) -> AppResult<DateTime<Utc>> {
    let day = china_day(now)
        .checked_add_days(Days::new(days.into()))
        .ok_or_else(|| AppError::internal("a validity beyond the calendar"))?;
    Ok(end_of_day(day))
}

/// The masked name as documents carry it: always with a star.
fn masked(person: &Person) -> String {
    let masked = person.name.masked();
    if masked.contains('*') { masked } else { "*".to_owned() }
}

/// Issues a certificate; an older valid one of the same person is superseded.
///
/// # Errors
/// Database errors; [`AppError::Internal`] when signing fails.
pub(crate) fn issue_for(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    issuer: &Issuer,
    new: &NewCertificate<'_>,
    now: DateTime<Utc>,
) -> AppResult<Issued> {
    supersede(tx, new.person.id, new.doctor, now)?;
    let slot = status::allocate(tx, "certificate", now)?;
    let number = number::new(tx.conn(), Numbered::Certificate, now)?;
    let (id, expires_at) = (Id::new(), end(now, new.valid_days)?);
    let key = keys.signing_key(SigningUsage::Certificate)?;
    let claims = claims(issuer, new, &number, slot, expires_at, now)?;
    let text = crate::hcert::issue(&claims, &*key).map_err(AppError::internal)?;
    insert(tx, keys, new, slot, (id, &number, expires_at), (&text, Signer::key_id(&*key).as_bytes()), now)?;
    let entry = Entry::new(new.doctor, "certificate.issue", "certificate").object(id);
    audit::append(tx, now, entry.subject(Some(new.person.id)).detail(json!({"number": number})))?;
    let to = accounts::reach(tx.conn(), keys, new.account, new.person.id)?;
    let message = Message::new(
        "certificate-issued",
        json!({
            "number": number,
            "expires_at": expires_at,
            "office": new.doctor.office_name(false),
            "office_en": new.doctor.office_name(true),
        }),
    );
    notify::send(tx, keys, &to, &message.once(format!("certificate-issued:{id}")), now)?;
    Ok(Issued { id, number, expires_at })
}

/// As [`issue_for`], with the portal's parts.
///
/// # Errors
/// As [`issue_for`].
pub fn issue(
    tx: &mut Tx<'_>,
    deps: &Deps,
    new: &NewCertificate<'_>,
    now: DateTime<Utc>,
) -> AppResult<Issued> {
    issue_for(tx, &deps.keys, &Issuer::of(deps), new, now)
}

fn claims(
    issuer: &Issuer,
    new: &NewCertificate<'_>,
    number: &str,
    slot: Slot,
    expires: DateTime<Utc>,
    now: DateTime<Utc>,
) -> AppResult<Claims> {
    let issued = now.trunc_subsecs(0);
    let document = ReturnCertificateClaim {
        holder: Holder {
            masked_name: masked(new.person),
            document_last_four: new.person.document.last_four().to_owned(),
        },
        number: number.to_owned(),
        conclusion: new.conclusion,
        issued,
        expires,
        destination: new.destination.clone(),
        temperature: u16::try_from(new.temperature_tenths).ok(),
    };
    Ok(Claims {
        issuer: Some(format!("CN-{}", issuer.province.get(..2).unwrap_or("00"))),
        issued_at: Some(issued),
        not_before: None,
        expires: Some(expires),
        id: Some(token::random(16)),
        status: Some(StatusReference {
            index: u64::try_from(slot.index).map_err(AppError::internal)?,
            uri: status::uri(&issuer.public_url, slot.list),
        }),
        document: Document::ReturnCertificate(document),
    })
}

fn insert(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    new: &NewCertificate<'_>,
    slot: Slot,
    (id, number, expires_at): (Id, &str, DateTime<Utc>),
    (text, kid): (&str, &[u8; 8]),
    now: DateTime<Utc>,
) -> AppResult<()> {
    let row = (
        (
            certificates::id.eq(id),
            certificates::number.eq(number),
            certificates::declaration_id.eq(new.declaration),
            certificates::person_id.eq(new.person.id),
            certificates::account_id.eq(new.account),
            certificates::state.eq("valid"),
            certificates::version.eq(1),
            certificates::division.eq(&new.division),
            certificates::destination_division.eq(Some(&new.destination)),
            certificates::conclusion.eq(conclusion_code(new.conclusion)),
        ),
        (
            certificates::temperature_tenths.eq(new.temperature_tenths),
            certificates::token_sealed.eq(keys.seal_str(&store::field("token_sealed", id), text)?),
            certificates::kid.eq(kid.to_vec()),
            certificates::status_list.eq(slot.list),
            certificates::status_index.eq(slot.index),
            certificates::office_id.eq(new.doctor.office_id),
            certificates::official_id.eq(new.doctor.official_id),
            certificates::issued_at.eq(Ts::from(now)),
            certificates::expires_at.eq(Ts::from(expires_at)),
        ),
    );
    diesel::insert_into(certificates::table).values(row).execute(tx.conn())?;
    Ok(())
}

fn supersede(tx: &mut Tx<'_>, person: Id, by: &OfficialPrincipal, now: DateTime<Utc>) -> AppResult<()> {
    let older: Vec<Row> = certificates::table
        .filter(certificates::person_id.eq(person))
        .filter(certificates::state.eq("valid"))
        .select(Row::as_select())
        .load(tx.conn())?;
    for row in older {
        diesel::update(certificates::table.find(row.id))
            .set((
                certificates::state.eq("superseded"),
                certificates::version.eq(row.version + 1),
                certificates::ended_at.eq(Some(Ts::from(now))),
                certificates::ended_by.eq(Some(by.official_id)),
                certificates::suspended_at.eq(None::<Ts>),
                certificates::causes_sealed.eq(None::<Vec<u8>>),
            ))
            .execute(tx.conn())?;
        status::set(tx, Slot { list: row.status_list, index: row.status_index }, EntryStatus::Superseded)?;
        let entry = Entry::new(by, "certificate.supersede", "certificate").object(row.id);
        audit::append(tx, now, entry.subject(Some(person)))?;
    }
    Ok(())
}

/// Why a certificate is revoked.
#[derive(Debug, Clone)]
pub struct Ended {
    /// The version that the doctor saw.
    pub version: i64,
    /// Why, in words for the holder.
    pub reason: String,
    /// What the holder can do now.
    pub remedy: String,
}

/// Revokes a certificate of the doctor's jurisdiction and tells its holder.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] `changed-meanwhile`, or `certificate-ended` when it is not valid any more.
pub fn revoke(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    by: &OfficialPrincipal,
    number: &str,
    why: &Ended,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let row = store::in_jurisdiction(tx.conn(), &by.pattern(), number)?;
    Recusal::of(keys, by)?.not_about(tx.conn(), Some(row.person_id), row.account_id)?;
    if !store::state(&row, now).counts() {
        return Err(AppError::conflict("certificate-ended"));
    }
    let reason = keys.seal_json(&store::field("end_reason_sealed", row.id), &(&why.reason, &why.remedy))?;
    let changed =
        diesel::update(certificates::table.find(row.id).filter(certificates::version.eq(why.version)))
            .set((
                certificates::state.eq("revoked"),
                certificates::version.eq(why.version + 1),
                certificates::ended_at.eq(Some(Ts::from(now))),
                certificates::ended_by.eq(Some(by.official_id)),
                certificates::end_reason_sealed.eq(Some(reason)),
                // It ended for the doctor's reason, not for a cause of the colour.
                certificates::suspended_at.eq(None::<Ts>),
                certificates::causes_sealed.eq(None::<Vec<u8>>),
            ))
            .execute(tx.conn())?;
    if changed == 0 {
        return Err(AppError::conflict("changed-meanwhile"));
    }
    status::set(tx, Slot { list: row.status_list, index: row.status_index }, EntryStatus::Revoked)?;
    let entry = Entry::new(by, "certificate.revoke", "certificate").object(row.id);
    audit::append(tx, now, entry.subject(Some(row.person_id)).detail(json!({"number": row.number})))?;
    let to = accounts::reach(tx.conn(), keys, row.account_id, row.person_id)?;
    let params = json!({
        "number": row.number, "reason": why.reason, "remedy": why.remedy,
        "office": by.office_name(false), "office_en": by.office_name(true), "phone": by.office_phone,
    });
    let message = Message::new("certificate-revoked", params).once(format!("certificate-revoked:{}", row.id));
    notify::send(tx, keys, &to, &message, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_ends_with_a_day_in_china() {
        let issued = "2020-03-12T08:30:00Z".parse().unwrap();
        assert_eq!(end(issued, 7).unwrap(), "2020-03-19T16:00:00Z".parse::<DateTime<Utc>>().unwrap());
        let after_midnight_in_china = "2020-03-12T16:30:00Z".parse().unwrap();
        let expected = "2020-03-20T16:00:00Z".parse::<DateTime<Utc>>().unwrap();
        assert_eq!(end(after_midnight_in_china, 7).unwrap(), expected);
    }
}
