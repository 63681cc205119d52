//! A hold is confirmed by a second official, or ended for a reason: once, and by who has seen how it stands.

use super::case::Case;
use super::holds::{Row, end_context, may, standing};
use crate::accounts::Recusal;
use crate::audit::{self, Entry};
use crate::crypto::Keyring;
use crate::db::schema::{hold_ends, retention_holds as holds};
use crate::db::{Conn, Id, Ts, Tx};
use crate::decision::{Act, Happened, Sent, Standing};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::kept::Wall;
use crate::slice::Slices;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::i18n::{Lang, t};
use crate::web::page::see_other_with;
use crate::web::principal::OfficialPrincipal;
use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::json;
use std::sync::Arc;

/// Refuses a decision about a hold on what is the official's own; the case may be gone.
fn not_own(
    conn: &mut Conn,
    keys: &Keyring,
    (wall, slices): (&Wall, Slices),
    by: &OfficialPrincipal,
    row: &Row,
) -> AppResult<()> {
    Recusal::of(keys, by)?.not_about(conn, row.person_id, None)?;
    match Case::of(conn, wall, &row.kind, row.object_id)? {
        Some(case) => case.not_own(conn, (keys, slices), by),
        None => Ok(()),
    }
}

/// Confirms a hold, or ends it for a reason.
pub(super) async fn decide(
    ctx: &Ctx,
    deps: &App,
    who: &OfficialPrincipal,
    id: Id,
    reason: Option<&str>,
    form: &Form,
) -> AppResult<HttpResponse> {
    let (keys, by, now) = (deps.keys.clone(), who.clone(), ctx.now);
    let (wall, slices) = (deps.part::<Arc<Wall>>()?.clone(), *deps.part::<Slices>()?);
    let sealed = reason.map(|text| deps.keys.seal_str(&end_context(id), text)).transpose()?;
    let (to, action, flash) = match sealed {
        Some(_) => ("ended", "hold.end", "hold-ended"),
        None => ("confirmed", "hold.confirm", "hold-confirmed"),
    };
    let (seen, lang) = (form.text("seen").map(str::to_owned), ctx.lang);
    let work = move |tx: &mut Tx<'_>| {
        let row: Row = holds::table.find(id).select(Row::as_select()).first(tx.conn())?;
        may(&row, &by, sealed.is_some(), now)?;
        // What somebody has confirmed since is ended by who has seen that it was.
        if seen.is_some_and(|seen| seen != row.state) {
            return Err(AppError::conflict("changed-meanwhile"));
        }
        not_own(tx.conn(), &keys, (&wall, slices), &by, &row)?;
        written_down(tx, &row, (to, by.official_id), sealed, now)?;
        let entry = Entry::new(&by, action, "retention-hold").object(id).subject(row.person_id);
        audit::append(tx, now, entry.detail(json!({"number": row.number}))).map(drop)
    };
    let act = Act::of(deps, ctx, who, "hold.decide");
    let sent = Sent::form(&format!("{id} {to}"), form)?;
    act.done(&sent, work, move |conn| stands(conn, id, lang, now)).await?;
    Ok(see_other_with(deps, "/desk/holds", flash))
}

/// Writes a decision down, if nobody has made another meanwhile.
fn written_down(
    tx: &mut Tx<'_>,
    row: &Row,
    (to, by): (&str, Id),
    reason: Option<Vec<u8>>,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let as_read = holds::table.find(row.id).filter(holds::state.eq(&row.state));
    let written = diesel::update(as_read)
        .set((holds::state.eq(to), holds::decided_by.eq(Some(by)), holds::decided_at.eq(Some(Ts::from(now)))))
        .execute(tx.conn())?;
    if written != 1 {
        return Err(AppError::conflict("changed-meanwhile"));
    }
    if let Some(sealed) = reason {
        let end = (hold_ends::hold_id.eq(row.id), hold_ends::reason_sealed.eq(sealed));
        diesel::insert_into(hold_ends::table).values(end).execute(tx.conn())?;
    }
    Ok(())
}

/// How a hold stands, for whoever decides it after another.
pub(super) fn stands(conn: &mut Conn, id: Id, lang: Lang, now: DateTime<Utc>) -> AppResult<Standing> {
    let row: Row = holds::table.find(id).select(Row::as_select()).first(conn)?;
    let state = standing(&row, now);
    // A hold is decided twice at most: confirmed, and ended.
    let decided = i64::from(row.state != "open") * 2;
    Ok(Standing {
        page: "/desk/holds".to_owned(),
        back: "decision-back",
        state: state.to_owned(),
        word: t(lang, &format!("decided-{state}"), &[]),
        version: None,
        happened: Happened::recorded(conn, id, &["hold.confirm", "hold.end"], decided, lang)?,
    })
}
