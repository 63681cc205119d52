//! Whoever handed in a file that was taken at first and refused when it was looked at is told so: which one by its own name,
//! why, and what to do. The page says it, too; but nobody opens a page again for which they think all is done.

use super::kind::Refusal;
use super::store::Row;
use crate::db::Tx;
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::notify::{self, Message, Reach, Recipient};
use crate::slice::Slices;
use crate::web::i18n::{Lang, t};
use chrono::{DateTime, Utc};
use serde_json::json;

/// Tells it, in the transaction that refuses the file.
///
/// # Errors
/// Database errors; a sealed value that cannot be opened.
pub(super) fn refused(
    tx: &mut Tx<'_>,
    deps: &Deps,
    row: &Row,
    why: Refusal,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let Some(handed) = deps.part::<Slices>()?.handed(&row.purpose) else { return Ok(()) };
    // Of a case that is destroyed, and of an account that has gone, nobody waits for anything.
    let Some((number, page)) = (handed.case)(tx.conn(), row.case_id)? else { return Ok(()) };
    let to = match (deps.part::<Reach>()?.recipient)(tx.conn(), &deps.keys, row.account_id) {
        Err(AppError::NotFound) => return Ok(()),
        // What to do about a file takes more than a line, so no SMS goes.
        to => Recipient { phone: None, ..to? },
    };
    let because = |lang| t(lang, &format!("file-refused-{}", why.code()), &[]);
    let params = json!({
        "file": row.name(&deps.keys)?,
        "number": number,
        "because_zh": because(Lang::ZhCn),
        "because_en": because(Lang::En),
        "url": format!("{}{page}", deps.config.public_url),
    });
    let message = Message::new("file-refused", params).once(format!("file-refused:{}", row.id));
    notify::send(tx, &deps.keys, &to, &message, now)
}
