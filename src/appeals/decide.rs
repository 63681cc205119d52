//! The decision of a reviewer: read, shown beforehand, made once.

use super::act::{self, Verdict};
use super::desk::show;
use super::model::{APPEAL, Decision};
use super::views::CasePage;
use super::{ReviewerFresh, store};
use crate::case;
use crate::db::{Conn, Tx};
use crate::decision::{Act, Reading, Sent, Standing, previews};
use crate::deps::App;
use crate::error::{AppResult, FieldError};
use crate::number::normalise;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::i18n::{Lang, t};
use crate::web::page::{fail, see_other_with};
use crate::web::respond::Answer;
use actix_web::http::StatusCode;
use actix_web::web;

/// `POST /desk/appeals/{number}`.
pub(super) async fn decide(
    ctx: Ctx,
    deps: App,
    who: Official<ReviewerFresh>,
    number: web::Path<String>,
    form: Form,
) -> AppResult<Answer<CasePage>> {
    let number = normalise(&number);
    let verdict = match read(&form) {
        Ok(verdict) => verdict,
        Err(errors) => {
            let mut view = form.view();
            fail(&mut view, ctx.lang, &errors);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return show(&deps, &ctx, &who, &number, (view, None), status).await;
        }
    };
    let (parts, by, now, seen) = (deps.clone(), (*who).clone(), ctx.now, verdict.version);
    let (wanted, pattern, lang) = (number.clone(), who.pattern(), ctx.lang);
    let standing = {
        let number = number.clone();
        move |conn: &mut Conn| standing(conn, &pattern, (&number, seen), lang)
    };
    let work = move |tx: &mut Tx<'_>| act::decide(tx, &parts, &by, &wanted, &verdict, now);
    let act = Act::of(&deps, &ctx, &who, "appeals.decide");
    if previews(&form) {
        let preview = act.foreseen(move |tx| work(tx).map(|_| Vec::new()), standing).await?;
        return show(&deps, &ctx, &who, &number, (form.view(), Some(preview)), StatusCode::OK).await;
    }
    let state = act.done(&Sent::form(&number, &form)?, work, standing).await?;
    let flash = if state == "confirming" { "appeal-proposed" } else { "appeal-decided" };
    Ok(see_other_with(&deps, "/desk/appeals", flash).into())
}

/// Reads the form of a decision; what can be done now is left when an appeal is upheld.
fn read(form: &Form) -> Result<Verdict, Vec<FieldError>> {
    let mut reading = Reading::of(form);
    let action = reading.chosen("action", &["uphold", "overturn"]).to_owned();
    let reason = reading.needed("reason");
    let remedy = if action == "uphold" { reading.needed("remedy") } else { reading.text("remedy") };
    let version = reading.version();
    reading.done(Verdict { action, version, decision: Decision { reason, remedy, ..Decision::default() } })
}

/// How an appeal stands, for whoever saw an older version.
fn standing(conn: &mut Conn, pattern: &str, (number, seen): (&str, i64), lang: Lang) -> AppResult<Standing> {
    let row = store::here(conn, pattern, number)?;
    Ok(Standing {
        page: format!("/desk/appeals/{number}"),
        back: "decision-back",
        word: t(lang, &format!("appeal-state-{}", row.state), &[]),
        version: Some(row.version),
        happened: case::happened(conn, &APPEAL, row.id, seen, lang)?,
        state: row.state,
    })
}
