//! The counter: where a claim to a document that another phone (or staff) named before is decided by people who hold
//! the document in their hands.
//!
//! Staff see what the claimant stated, masked, and nothing of what exists about the person. They type name and number
//! from the document; the claim is confirmed only when both are the claim's. A list shows the jurisdiction; a claim
//! that waits is opened by its exact number at every counter of the province, because people go to the nearest one.

use super::list::Claims;
use super::store_claims::{self as claims, ClaimRow};
use super::verdict::{self, Ask, REASONS, Verdict};
use crate::audit::{self, Entry};
use crate::colour::Colours;
use crate::db::{Conn, Id, Ts};
use crate::decision::Foreseen;
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::{DivisionCode, divisions};
use crate::number;
use crate::policy::Colour;
use crate::role_set;
use crate::web::ctx::Ctx;
use crate::web::factor::Grave;
use crate::web::form::Form;
use crate::web::guard::{Looks, Official};
use crate::web::i18n::{Lang, t};
use crate::web::page::{fail, see_other, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::{Answer, respond_with};
use crate::web::view::{Choice, FormView};
use crate::worklist;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

role_set! {
    /// Who sees documents at a counter: the village, the health centre, the town.
    ClaimDesk = [VillageWorker, Doctor, TownReviewer];
}

/// A claim, to be decided.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ClaimPage {
    claim: ClaimView,
    /// The person for whom the account stands now.
    replaces: Option<ReplacedView>,
    /// Why it can be refused.
    reasons: Vec<Choice>,
    /// What people would be told of the decision in the form …
    preview: Option<Foreseen>,
    /// … which is `confirm` or `reject`.
    foreseen_of: Option<String>,
    form: FormView,
    /// The official's office.
    office: String,
}

/// A claim as staff see it.
#[derive(Debug, Serialize, ToSchema)]
struct ClaimView {
    number: String,
    /// Send it with the decision.
    version: i64,
    /// `open`, `confirmed`, `rejected` …
    state: String,
    #[schema(value_type = DateTime<Utc>)]
    since: Ts,
    place: String,
    /// The name that was stated, masked.
    name: String,
    /// The kind of document, in words.
    kind: String,
    /// Its number, masked.
    document: String,
}

/// Somebody whom a claim would replace.
#[derive(Debug, Serialize, ToSchema)]
struct ReplacedView {
    /// The present colour.
    state: &'static str,
    /// Whether a red or yellow cause is theirs, so that they are not left behind.
    held: bool,
    /// The colour in words.
    word: String,
}

/// What staff see of a claim: nothing that the claimant did not state, and that masked.
fn row(deps: &Deps, lang: Lang, claim: &ClaimRow) -> AppResult<ClaimView> {
    let (name, document) = claim.stated(&deps.keys)?;
    Ok(ClaimView {
        number: claim.number.clone(),
        version: claim.version,
        state: claim.state.clone(),
        since: claim.created_at,
        place: place(lang, &claim.division),
        name: name.masked(),
        kind: t(lang, &format!("code-doc-{}", document.kind().as_str().replace('_', "-")), &[]),
        document: document.masked(),
    })
}

/// A division by its full name.
pub(super) fn place(lang: Lang, division: &str) -> String {
    let code = DivisionCode::parse(division).ok();
    let name = code.and_then(|code| match lang {
        Lang::En => divisions().full_name_en(code),
        Lang::ZhCn => divisions().full_name(code),
    });
    name.unwrap_or_else(|| division.to_owned())
}

/// POST `/desk/claims`: opens the claim whose number the visitor names.
pub(super) async fn search(
    ctx: Ctx,
    deps: App,
    who: Official<Looks<ClaimDesk>>,
    form: Form,
) -> AppResult<HttpResponse> {
    let wanted = number::normalise(form.get("number"));
    let error = if wanted.is_empty() { "required" } else { "claim-not-open" };
    let (reader, province, now) = ((*who).clone(), deps.config.province.clone(), ctx.now);
    let found = deps
        .store
        .write(move |tx| {
            let found = match claims::visible(tx.conn(), &wanted, &reader, &province) {
                Err(AppError::NotFound) => None,
                other => Some(other?),
            };
            let entry = Entry::new(&reader, "claims.search", "claim")
                .subject(found.as_ref().map(|c| c.person_id))
                .detail(json!({"found": found.is_some()}));
            audit::append(tx, now, entry)?;
            Ok(found)
        })
        .await?;
    if let Some(claim) = found {
        return Ok(see_other(&format!("/desk/claims/{}", claim.number)));
    }
    let mut view = form.view();
    fail(&mut view, ctx.lang, &[FieldError::new("number", error)]);
    worklist::again::<Claims>(&deps, &ctx, &who, view).await
}

/// GET `/desk/claims/{number}`.
pub(super) async fn one(
    ctx: Ctx,
    deps: App,
    who: Official<ClaimDesk>,
    number: web::Path<String>,
) -> AppResult<Answer<ClaimPage>> {
    one_page(&deps, &ctx, &who, &number, (FormView::new(), None), StatusCode::OK).await
}

/// The person for whom the claiming account stands now, whom the claim would replace.
#[derive(Debug, Clone)]
pub(super) struct Replaced {
    /// Their present colour.
    pub colour: Colour,
    /// Whether a red or yellow cause is theirs: they are not left behind while it lasts.
    pub held: bool,
}

impl Replaced {
    /// What is known of a person at this moment.
    pub(super) fn of(conn: &mut Conn, colours: &Colours, own: Id, now: DateTime<Utc>) -> AppResult<Self> {
        let found = colours.now(conn, own, now)?;
        Ok(Self { colour: found.colour, held: !found.causes.is_empty() })
    }
}

/// A claim that this counter may open, and the person whom its account stands for already; the look at either is in the
/// record.
pub(super) async fn open(
    deps: &Deps,
    who: &OfficialPrincipal,
    number: &str,
    now: DateTime<Utc>,
) -> AppResult<(ClaimRow, Option<Replaced>)> {
    let colours = Colours::of(deps)?;
    let (reader, wanted) = (who.clone(), number::normalise(number));
    let province = deps.config.province.clone();
    deps.store
        .write(move |tx| {
            let claim = claims::visible(tx.conn(), &wanted, &reader, &province)?;
            let (_, own) = claims::before(tx.conn(), &claim)?;
            let entry = Entry::new(&reader, "claim.view", "claim").object(claim.id);
            audit::append(tx, now, entry.subject(Some(claim.person_id)))?;
            let Some(own) = own.filter(|_| claim.is_open()) else { return Ok((claim, None)) };
            let entry = Entry::new(&reader, "claim.view", "claim").object(claim.id);
            audit::append(tx, now, entry.subject(Some(own)))?;
            let replaced = Replaced::of(tx.conn(), &colours, own, now)?;
            Ok((claim, Some(replaced)))
        })
        .await
}

async fn one_page(
    deps: &Deps,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    number: &str,
    (form, preview): (FormView, Option<Foreseen>),
    status: StatusCode,
) -> AppResult<Answer<ClaimPage>> {
    let (claim, replaces) = open(deps, who, number, ctx.now).await?;
    let reasons: Vec<Choice> = REASONS
        .iter()
        .map(|code| Choice::new(*code, t(ctx.lang, &format!("claims-reason-{code}"), &[])))
        .collect();
    let replaced = |r: Replaced| ReplacedView {
        state: r.colour.code(),
        held: r.held,
        word: t(ctx.lang, &format!("code-word-{}", r.colour.code()), &[]),
    };
    let view = ClaimPage {
        claim: row(deps, ctx.lang, &claim)?,
        replaces: replaces.map(replaced),
        reasons,
        foreseen_of: preview.is_some().then(|| form.get("do").to_owned()),
        preview,
        form,
        office: who.office_name(ctx.english()).to_owned(),
    };
    respond_with(deps, ctx, status, "accounts/desk/claims-one.html", &view)
}

/// POST `/desk/claims/{number}`: confirms by name and number typed from the document, or rejects with a reason; or shows first
/// what people will be told of it.
pub(super) async fn decide(
    ctx: Ctx,
    deps: App,
    who: Official<Grave<ClaimDesk>>,
    number: web::Path<String>,
    form: Form,
) -> AppResult<Answer<ClaimPage>> {
    let answer = match Ask::read(&form)? {
        Ok(ask) => verdict::decide(&deps, &ctx, &who, &number, ask, &form).await?,
        Err(errors) => Verdict::Differs(errors),
    };
    let mut view = form.view();
    let (preview, status) = match answer {
        Verdict::Made => return Ok(see_other_with(&deps, "/desk/claims", "claim-decided").into()),
        Verdict::Foreseen(preview) => (Some(preview), StatusCode::OK),
        Verdict::Differs(errors) => {
            fail(&mut view, ctx.lang, &errors);
            (None, StatusCode::UNPROCESSABLE_ENTITY)
        }
    };
    one_page(&deps, &ctx, &who, &number, (view, preview), status).await
}
