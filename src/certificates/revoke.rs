//! A doctor revokes a certificate, with a reason that its holder reads.

use super::desk::{DeskCertificatePage, Revoker, look, show};
use super::issue::{self, Ended};
use super::store;
use crate::crypto::Keyring;
use crate::db::{Conn, Tx};
use crate::decision::{Act, Foreseen, Happened, Reading, Sent, Standing, previews};
use crate::deps::App;
use crate::error::{AppResult, FieldError};
use crate::number::normalise;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::i18n::{Lang, t};
use crate::web::page::{fail_missing, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::Answer;
use crate::web::view::FormView;
use actix_web::http::StatusCode;
use actix_web::web;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// `POST /desk/certificates/{number}/revoke`: revokes it, or shows beforehand what its holder would get.
pub(super) async fn revoke(
    ctx: Ctx,
    deps: App,
    who: Official<Revoker>,
    number: web::Path<String>,
    form: Form,
) -> AppResult<Answer<DeskCertificatePage>> {
    let number = normalise(&number);
    let why = match read(&form) {
        Ok(why) => why,
        Err(errors) => {
            let mut view = form.view();
            fail_missing(&mut view, ctx.lang, "desk-missing", &errors);
            return again(&deps, &ctx, &who, &number, (view, None)).await;
        }
    };
    let (act, revoking) = (
        Act::of(&deps, &ctx, &who, "certificates.revoke"),
        Revoking { keys: deps.keys.clone(), by: (*who).clone(), number: number.clone(), why, now: ctx.now },
    );
    let standing = revoking.standing(ctx.lang);
    if previews(&form) {
        let work = move |tx: &mut Tx<'_>| revoking.done(tx).map(|()| Vec::new());
        let preview = act.foreseen(work, standing).await?;
        return again(&deps, &ctx, &who, &number, (form.view(), Some(preview))).await;
    }
    act.done(&Sent::form(&number, &form)?, move |tx| revoking.done(tx), standing).await?;
    Ok(see_other_with(&deps, &format!("/desk/certificates/{number}"), "certificate-revoked").into())
}

fn read(form: &Form) -> Result<Ended, Vec<FieldError>> {
    let mut reading = Reading::of(form);
    let (reason, remedy) = (reading.needed("reason"), reading.needed("remedy"));
    let version = reading.version();
    reading.done(Ended { version, reason, remedy })
}

/// The page with the form as it was sent; nothing can be revoked where it shows no form.
async fn again(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    number: &str,
    (form, preview): (FormView, Option<Foreseen>),
) -> AppResult<Answer<DeskCertificatePage>> {
    let view = look(deps, ctx, who, number).await?;
    let status = if form.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    show(deps, ctx, view, true, (form, preview), status)
}

/// A revocation that is to be done.
struct Revoking {
    keys: Arc<Keyring>,
    by: OfficialPrincipal,
    number: String,
    why: Ended,
    now: DateTime<Utc>,
}

impl Revoking {
    fn done(&self, tx: &mut Tx<'_>) -> AppResult<()> {
        issue::revoke(tx, &self.keys, &self.by, &self.number, &self.why, self.now)
    }

    fn standing(&self, lang: Lang) -> impl FnOnce(&mut Conn) -> AppResult<Standing> + Send + 'static {
        let (pattern, number, seen, now) =
            (self.by.pattern(), self.number.clone(), self.why.version, self.now);
        move |conn| standing(conn, &pattern, (&number, seen), lang, now)
    }
}

/// What changes a certificate.
const CHANGES: [&str; 5] = [
    "certificate.revoke",
    "certificate.supersede",
    "certificate.suspend",
    "certificate.resume",
    "certificate.withdraw",
];

/// How a certificate stands, for whoever saw an older version of it.
fn standing(
    conn: &mut Conn,
    pattern: &str,
    (number, seen): (&str, i64),
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<Standing> {
    let row = store::in_jurisdiction(conn, pattern, number)?;
    let state = store::state(&row, now);
    let happened = Happened::recorded(conn, row.id, &CHANGES, row.version - seen, lang)?;
    Ok(Standing {
        page: format!("/desk/certificates/{number}"),
        back: "decision-back",
        state: state.code().to_owned(),
        word: t(lang, &format!("certificate-state-{}", state.code()), &[]),
        version: Some(row.version),
        happened,
    })
}
