//! The slice's rows: partners, agreements, trust lists, disclosures.

use super::model::{AgreementRow, Partner};
use crate::db::schema::{agreements, disclosures, partners, trust_lists};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult};
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;

/// Every partner, by province.
pub(super) fn partners(conn: &mut Conn) -> AppResult<Vec<Partner>> {
    Ok(partners::table.order(partners::province).select(Partner::as_select()).load(conn)?)
}

/// The partner of a province.
pub(super) fn partner(conn: &mut Conn, province: &str) -> AppResult<Option<Partner>> {
    Ok(partners::table.find(province).select(Partner::as_select()).first(conn).optional()?)
}

/// Every agreement, the latest first.
pub(super) fn agreements(conn: &mut Conn) -> AppResult<Vec<AgreementRow>> {
    Ok(agreements::table
        .order((agreements::province, agreements::valid_from.desc(), agreements::id))
        .select(AgreementRow::as_select())
        .load(conn)?)
}

/// The signed trust list with the highest sequence, and when it was accepted.
pub(super) fn newest_list(conn: &mut Conn) -> AppResult<Option<(Vec<u8>, Ts)>> {
    Ok(trust_lists::table
        .order(trust_lists::sequence.desc())
        .select((trust_lists::list, trust_lists::accepted_at))
        .first(conn)
        .optional()?)
}

/// Adds a partner, or changes its address and telephone.
pub(super) fn put_partner(tx: &mut Tx<'_>, partner: &Partner) -> AppResult<()> {
    let changed = diesel::update(partners::table.find(&partner.province))
        .set((
            partners::endpoint.eq(&partner.endpoint),
            partners::phone.eq(&partner.phone),
            partners::active.eq(partner.active),
        ))
        .execute(tx.conn())?;
    if changed == 0 {
        diesel::insert_into(partners::table).values(partner).execute(tx.conn())?;
    }
    Ok(())
}

/// Adds an agreement.
pub(super) fn add_agreement(tx: &mut Tx<'_>, row: &AgreementRow) -> AppResult<()> {
    diesel::insert_into(agreements::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// Ends an agreement; false when it has ended already, or there is none.
pub(super) fn end_agreement(tx: &mut Tx<'_>, id: Id, at: DateTime<Utc>) -> AppResult<bool> {
    let open = agreements::valid_to.is_null().or(agreements::valid_to.gt(Ts::from(at)));
    let ended = diesel::update(agreements::table.filter(agreements::id.eq(id)).filter(open))
        .set(agreements::valid_to.eq(Some(Ts::from(at))))
        .execute(tx.conn())?;
    Ok(ended == 1)
}

/// One agreement.
pub(super) fn agreement(conn: &mut Conn, id: Id) -> AppResult<AgreementRow> {
    Ok(agreements::table.find(id).select(AgreementRow::as_select()).first(conn)?)
}

/// Keeps an accepted list. The same sequence twice is a conflict unless the bytes are the same.
pub(super) fn put_list(
    tx: &mut Tx<'_>,
    list: &crate::hcert::TrustList,
    signed: &[u8],
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let sequence = i64::try_from(list.sequence).map_err(AppError::internal)?;
    let highest: Option<i64> =
        trust_lists::table.select(diesel::dsl::max(trust_lists::sequence)).first(tx.conn())?;
    match highest {
        Some(known) if known > sequence => return Err(AppError::conflict("trust-list-sequence")),
        Some(known) if known == sequence => return Ok(false),
        _ => {}
    }
    let row = (
        trust_lists::sequence.eq(sequence),
        trust_lists::issued_at.eq(Ts::from(list.issued_at)),
        trust_lists::next_update.eq(Ts::from(list.next_update)),
        trust_lists::list.eq(signed),
        trust_lists::accepted_at.eq(Ts::from(now)),
    );
    diesel::insert_into(trust_lists::table).values(row).execute(tx.conn())?;
    Ok(true)
}

/// Writes down that a person's document was shown to somebody. A second look by the same within a minute is the
/// same look, so that nobody can fill the table.
pub(super) fn disclose(
    tx: &mut Tx<'_>,
    person: Id,
    recipient: &str,
    purpose: &str,
    kind: &str,
    now: DateTime<Utc>,
) -> AppResult<bool> {
    let recent = diesel::select(diesel::dsl::exists(
        disclosures::table
            .filter(disclosures::person_id.eq(person))
            .filter(disclosures::at.gt(Ts::from(now - Duration::minutes(1))))
            .filter(disclosures::recipient.eq(recipient))
            .filter(disclosures::kind.eq(kind)),
    ))
    .get_result::<bool>(tx.conn())?;
    if recent {
        return Ok(false);
    }
    let row = (
        disclosures::id.eq(Id::new()),
        disclosures::person_id.eq(person),
        disclosures::at.eq(Ts::from(now)),
        disclosures::recipient.eq(recipient),
        disclosures::purpose.eq(purpose),
        disclosures::kind.eq(kind),
    );
    diesel::insert_into(disclosures::table).values(row).execute(tx.conn())?;
    Ok(true)
}

/// The highest sequence of any trust list that was ever accepted here.
pub(super) fn highest_sequence(conn: &mut Conn) -> AppResult<Option<i64>> {
    Ok(trust_lists::table.select(diesel::dsl::max(trust_lists::sequence)).first(conn)?)
}
