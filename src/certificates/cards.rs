//! The status card of the return-to-work certificate.

use super::store;
use crate::db::Conn;
use crate::error::AppResult;
use crate::web::card::{Card, Mine};
use crate::web::format;
use crate::web::i18n::t;

/// The certificate that counts now (else the newest): state, number, until when; or how to get one.
///
/// # Errors
/// Database errors.
pub fn cards(conn: &mut Conn, mine: &Mine<'_>) -> AppResult<Vec<Card>> {
    let (lang, now) = (mine.lang, mine.now);
    let rows = store::mine(conn, mine.account, mine.person, store::LISTED)?;
    let title = t(lang, "certificate-title", &[]);
    let counts = rows.iter().find(|r| store::state(r, now).counts());
    let Some(row) = counts.or(rows.first()) else {
        return Ok(vec![Card {
            kind: "certificate",
            title,
            word: t(lang, "certificates-empty", &[]),
            tag: "idle",
            lines: vec![t(lang, "certificates-empty-text", &[])],
            href: "/declare".into(),
            link: t(lang, "home-declare", &[]),
            ..Card::default()
        }]);
    };
    let state = store::state(row, now);
    let until = format::until(lang, row.expires_at.0, false);
    Ok(vec![Card {
        kind: "certificate",
        state: state.code().to_owned(),
        title,
        word: t(lang, &format!("certificate-state-{}", state.code()), &[]),
        tag: state.tag(),
        lines: vec![t(
            lang,
            "card-certificate",
            &[("number", row.number.clone().into()), ("until", until.into())],
        )],
        href: format!("/certificates/{}", row.number),
        link: t(lang, "card-certificate-open", &[]),
        ..Card::default()
    }])
}
