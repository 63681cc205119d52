//! A decision on a declaration as page, bulk and programs make it: once, shown beforehand, and told what changed meanwhile.

use super::act::{DECLARATION, Parts};
use super::decision::{self, Decision};
use super::mine::state_word;
use super::store;
use crate::case::happened;
use crate::db::{Conn, Tx};
use crate::decision::{Act, Foreseen, Sent, Standing};
use crate::deps::App;
use crate::error::AppResult;
use crate::web::ctx::Ctx;
use crate::web::i18n::Lang;
use crate::web::principal::OfficialPrincipal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a decision came to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DecidedBody {
    /// Number of the declaration.
    pub number: String,
    /// State now.
    pub state: String,
    /// Version now.
    pub version: i64,
    /// The certificate that a confirmation issued.
    pub certificate: Option<String>,
}

/// A decision that is to be made: what is needed to make it, or to rehearse it.
struct Wanted {
    desk: Parts,
    by: OfficialPrincipal,
    number: String,
    decision: Decision,
}

impl Wanted {
    fn of(deps: &App, ctx: &Ctx, by: &OfficialPrincipal, number: &str, d: Decision) -> AppResult<Self> {
        Ok(Self { desk: Parts::of(deps, ctx.now)?, by: by.clone(), number: number.to_owned(), decision: d })
    }

    fn make(&self, tx: &mut Tx<'_>) -> AppResult<DecidedBody> {
        let certificate = decision::decide(tx, &self.desk, &self.by, &self.number, &self.decision)?;
        let row = store::in_jurisdiction(tx.conn(), &self.by.pattern(), &self.number)?;
        Ok(DecidedBody { number: row.number, state: row.state, version: row.version, certificate })
    }

    /// How the declaration stands, for whoever saw an older version.
    fn standing(&self, ctx: &Ctx) -> impl FnOnce(&mut Conn) -> AppResult<Standing> + Send + 'static {
        let (pattern, number, seen) = (self.by.pattern(), self.number.clone(), self.decision.version);
        let lang = ctx.lang;
        move |conn| standing(conn, &pattern, (&number, seen), lang)
    }
}

fn standing(conn: &mut Conn, pattern: &str, (number, seen): (&str, i64), lang: Lang) -> AppResult<Standing> {
    let row = store::in_jurisdiction(conn, pattern, number)?;
    Ok(Standing {
        happened: happened(conn, &DECLARATION, row.id, seen, lang)?,
        page: format!("/desk/declarations/{number}"),
        back: "desk-declaration-open-again",
        word: state_word(lang, &row.state),
        state: row.state,
        version: Some(row.version),
    })
}

/// Decides once.
///
/// # Errors
/// As [`decision::decide`]; [`crate::error::AppError::Overtaken`] when somebody else was faster.
pub(super) async fn done(
    deps: &App,
    ctx: &Ctx,
    by: &OfficialPrincipal,
    (number, decision): (&str, Decision),
    sent: &Sent,
) -> AppResult<DecidedBody> {
    let wanted = Wanted::of(deps, ctx, by, number, decision)?;
    let standing = wanted.standing(ctx);
    Act::of(deps, ctx, by, "declarations.decide").done(sent, move |tx| wanted.make(tx), standing).await
}

/// What the applicant would be told.
///
/// # Errors
/// As [`done`].
pub(super) async fn foreseen(
    deps: &App,
    ctx: &Ctx,
    by: &OfficialPrincipal,
    (number, decision): (&str, Decision),
) -> AppResult<Foreseen> {
    let wanted = Wanted::of(deps, ctx, by, number, decision)?;
    let standing = wanted.standing(ctx);
    let work = move |tx: &mut Tx<'_>| wanted.make(tx).map(|made| made.certificate.into_iter().collect());
    Act::of(deps, ctx, by, "declarations.decide").foreseen(work, standing).await
}
