//! The offices that a declaration's pages and messages name.

use crate::db::Conn;
use crate::db::hot::fetch;
use crate::error::AppResult;
use diesel::sql_types::Text;

/// The office of the smallest jurisdiction that holds a division and has officials in a role.
pub(super) fn responsible(
    conn: &mut Conn,
    division: &str,
    role: &str,
) -> AppResult<Option<(String, String, String)>> {
    // Every jurisdiction in which the division can lie, so that no other of the province is read.
    let part = |digits: usize| format!("{:0<6}", division.get(..digits).unwrap_or(division));
    let rows: Vec<(String, String, String, String)> = fetch!(
        conn,
        (Text, Text, Text, Text),
        "SELECT a.division, o.name, o.name_en, o.phone FROM assignments a JOIN offices o ON o.id = a.office_id \
         WHERE a.role = ? AND o.active AND a.division IN (?, ?, ?, ?) ORDER BY a.created_at, a.id",
        Text => role, Text => part(4), Text => part(6), Text => part(9), Text => division,
    )?;
    let holds = |d: &str| division.starts_with(crate::access::prefix(d));
    let here = rows.into_iter().rev().filter(|row| holds(&row.0));
    let best = here.max_by_key(|row| crate::access::prefix(&row.0).len());
    Ok(best.map(|(_, name, name_en, phone)| (name, name_en, phone)))
}
