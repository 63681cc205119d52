//! SQL of saved views.

use crate::db::schema::saved_views;
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::AppResult;
use crate::web::principal::OfficialPrincipal;
use diesel::prelude::*;

/// A view to be saved.
#[derive(Debug, Insertable)]
#[diesel(table_name = saved_views)]
pub(super) struct New {
    pub id: Id,
    pub list: String,
    pub name: String,
    pub place: String,
    pub official_id: Id,
    /// The office that has it; none of a view that is one's own.
    pub office_id: Option<Id>,
    pub created_at: Ts,
}

/// How many views somebody has saved of a list: of their own, or with the office.
pub(super) fn count(conn: &mut Conn, list: &str, who: &OfficialPrincipal, shared: bool) -> AppResult<i64> {
    let views = saved_views::table.filter(saved_views::list.eq(list)).count();
    Ok(if shared {
        views.filter(saved_views::office_id.eq(who.office_id)).get_result(conn)?
    } else {
        let own = saved_views::official_id.eq(who.official_id).and(saved_views::office_id.is_null());
        views.filter(own).get_result(conn)?
    })
}

/// Saves a view, in the place of one with the same name that is as visible.
pub(super) fn save(tx: &mut Tx<'_>, view: &New) -> AppResult<()> {
    let same = saved_views::list.eq(&view.list).and(saved_views::name.eq(&view.name));
    match view.office_id {
        Some(office) => {
            let same = same.and(saved_views::office_id.eq(office));
            diesel::delete(saved_views::table.filter(same)).execute(tx.conn())?
        }
        None => {
            let own = saved_views::official_id.eq(view.official_id).and(saved_views::office_id.is_null());
            diesel::delete(saved_views::table.filter(same.and(own))).execute(tx.conn())?
        }
    };
    diesel::insert_into(saved_views::table).values(view).execute(tx.conn())?;
    Ok(())
}

/// Removes a view of one's own or of the office; false when there is none.
pub(super) fn remove(tx: &mut Tx<'_>, list: &str, who: &OfficialPrincipal, id: Id) -> AppResult<bool> {
    let own = saved_views::official_id.eq(who.official_id).and(saved_views::office_id.is_null());
    let theirs = own.or(saved_views::office_id.eq(who.office_id).assume_not_null());
    let view = saved_views::table.filter(saved_views::id.eq(id)).filter(saved_views::list.eq(list));
    Ok(diesel::delete(view.filter(theirs)).execute(tx.conn())? > 0)
}
