//! The desk of village workers and doctors: who works at it, and the check of several declarations at once; sharing them out is `hand`.

use super::decided;
use super::decision::Decision;
use super::hand;
use super::list::Declarations;
use crate::case;
use crate::deps::App;
use crate::error::AppResult;
use crate::role_set;
use crate::web::ctx::Ctx;
use crate::web::factor::Worklist;
use crate::web::form::Form;
use crate::web::guard::Official;
use crate::web::i18n::t;
use crate::web::principal::OfficialPrincipal;
use crate::worklist::{self, Act, Bulk, Outcome};
use actix_web::{HttpRequest, HttpResponse};

role_set! {
    /// Who works with declarations.
    Staff = [VillageWorker, Doctor];
    /// Who checks in the community.
    Checker = [VillageWorker];
}

impl Bulk for Declarations {
    async fn act(deps: &App, ctx: &Ctx, who: &OfficialPrincipal, act: Act) -> AppResult<Outcome> {
        if hand::ACTS.contains(&act.what.as_str()) {
            return case::hand_of_row(deps, ctx, who, &hand::TAKEN, act).await;
        }
        let decision = Decision { action: "check".into(), version: act.version, ..Decision::default() };
        match decided::done(deps, ctx, who, (&act.number, decision), &act.sent).await {
            Ok(_) => Ok(Outcome::done(t(ctx.lang, "desk-declarations-bulk-done", &[]))),
            Err(refused) => Outcome::refused(ctx.lang, refused),
        }
    }
}

/// Checks several at once; each has its own result.
pub(super) async fn bulk(
    req: HttpRequest,
    deps: App,
    who: Official<Worklist<Checker>>,
    form: Form,
) -> AppResult<HttpResponse> {
    worklist::bulk::<Declarations, _>(&req, &deps, &who, &form).await
}
