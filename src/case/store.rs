//! SQL of comments.

use super::comment::Audience;
use super::step::At;
use crate::crypto::{FieldContext, Keyring};
use crate::db::schema::{case_comments as cc, offices, officials};
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::AppResult;
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// A comment as it is stored, opened.
#[derive(Debug, Clone)]
pub(super) struct Comment {
    pub at: DateTime<Utc>,
    pub audience: String,
    /// Name of the official, for colleagues.
    pub official: String,
    /// Name of the office in both languages; where there is no English one, the Chinese.
    pub office: (String, String),
    pub text: String,
}

fn place(id: Id) -> FieldContext<'static> {
    FieldContext::new("case_comments", "text_sealed", id.0)
}

/// Keeps a comment; gives its identifier.
pub(super) fn add(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    at: &At,
    by: &OfficialPrincipal,
    (audience, text): (Audience, &str),
    now: DateTime<Utc>,
) -> AppResult<Id> {
    let id = Id::new();
    diesel::insert_into(cc::table)
        .values((
            cc::id.eq(id),
            cc::case_kind.eq(at.kind.name),
            cc::case_id.eq(at.id),
            cc::at.eq(Ts::from(now)),
            cc::official_id.eq(by.official_id),
            cc::office_id.eq(by.office_id),
            cc::audience.eq(audience.code()),
            cc::text_sealed.eq(keys.seal(&place(id), text.as_bytes())?),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// The comments of a case, the newest first. For whom they are is a condition of the query: what is only for colleagues is
/// not read where the person reads.
pub(super) fn comments(
    conn: &mut Conn,
    keys: &Keyring,
    case: Id,
    audiences: &[Audience],
) -> AppResult<Vec<Comment>> {
    type Row = (Id, Ts, String, String, String, String, Vec<u8>);
    let codes: Vec<&str> = audiences.iter().map(|audience| audience.code()).collect();
    let rows: Vec<Row> = cc::table
        .inner_join(officials::table.on(officials::id.eq(cc::official_id)))
        .inner_join(offices::table.on(offices::id.eq(cc::office_id)))
        .filter(cc::case_id.eq(case))
        .filter(cc::audience.eq_any(codes))
        .order((cc::at.desc(), cc::id.desc()))
        .select((
            cc::id,
            cc::at,
            cc::audience,
            officials::name,
            offices::name,
            offices::name_en,
            cc::text_sealed,
        ))
        .load(conn)?;
    let open = |(id, at, audience, official, zh, en, sealed): Row| {
        let text = keys.open_str(&place(id), &sealed)?.to_string();
        let en = if en.is_empty() { zh.clone() } else { en };
        Ok(Comment { at: at.0, audience, official, office: (zh, en), text })
    };
    rows.into_iter().map(open).collect()
}
