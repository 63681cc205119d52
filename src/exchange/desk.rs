//! The exchange operator's desk: partners, agreements, how trust list and status lists stand.

use super::demo::province_name;
use super::model::{AgreementRow, Partner, Trust};
use super::views::{AgreementPage, ExchangePage, PartnerPage, PartnerView, TrustListView};
use super::{Exchange, fetch, news, pages, store, trust};
use crate::audit::{self, Actor, Entry};
use crate::clock::{end_of_day, start_of_day};
use crate::crypto::Keyring;
use crate::db::{Id, Tx};
use crate::decision::{Act, Sent};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::hcert::Usage;
use crate::identity::{TextError, line};
use crate::role_set;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::format;
use crate::web::guard::Official;
use crate::web::i18n::{Lang, t};
use crate::web::idempotency::{Submission, in_turn};
use crate::web::page::{fail, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::{Answer, respond, respond_with};
use crate::web::view::{Choice, FormView};
use actix_web::http::StatusCode;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

role_set! {
    /// The exchange operator.
    Operator = [ExchangeOperator] province true;
    /// The exchange operator with a fresh second factor.
    OperatorStepUp = [ExchangeOperator] step_up true province true;
}

/// An agreement to be entered.
#[derive(Debug, Clone)]
pub struct NewAgreement {
    /// The partner's division code.
    pub province: String,
    /// `code`, `certificate` or both.
    pub kinds: Vec<String>,
    /// `ours`, `theirs` or `both`.
    pub direction: String,
    /// First moment.
    pub from: DateTime<Utc>,
    /// First moment after its end.
    pub to: Option<DateTime<Utc>>,
    /// Number of the document of agreement.
    pub document: String,
}

/// A partner to be entered or changed.
#[derive(Debug, Clone)]
pub struct NewPartner {
    /// Division code of a province.
    pub province: String,
    /// Base address of its portal.
    pub endpoint: String,
    /// Telephone of its exchange desk.
    pub phone: String,
    /// False suspends every agreement with it.
    pub active: bool,
}

/// Enters an agreement, one row for each kind.
///
/// # Errors
/// [`AppError::Invalid`] with what is wrong; database errors.
pub async fn add_agreement(
    deps: &Deps,
    actor: Actor,
    mut new: NewAgreement,
    submission: Option<Submission>,
) -> AppResult<()> {
    let trust = trust::reload(deps).await?;
    check_agreement(&trust, &mut new)?;
    let (now, keys) = (deps.clock.now(), deps.keys.clone());
    deps.store
        .write(move |tx| {
            in_turn(tx, &keys, submission.as_ref(), now, |tx| {
                let rows: Vec<AgreementRow> = new.kinds.iter().map(|kind| row(&new, kind)).collect();
                for row in &rows {
                    store::add_agreement(tx, row)?;
                    let detail =
                        json!({"province": row.province, "kind": row.kind, "direction": row.direction});
                    let entry = Entry::new(actor.clone(), "exchange.agreement.add", "agreement");
                    audit::append(tx, now, entry.object(row.id).detail(detail))?;
                }
                news::added(tx, &keys, &rows, now)
            })
        })
        .await?;
    trust::reload(deps).await.map(drop)
}

fn row(new: &NewAgreement, kind: &str) -> AgreementRow {
    AgreementRow {
        id: Id::new(),
        province: new.province.clone(),
        kind: kind.to_owned(),
        direction: new.direction.clone(),
        valid_from: new.from.into(),
        valid_to: new.to.map(Into::into),
        document: new.document.clone(),
    }
}

fn check_agreement(trust: &Trust, new: &mut NewAgreement) -> AppResult<()> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, code: &str| errors.push(FieldError::new(field, code));
    if !trust.partners.iter().any(|p| p.province == new.province) {
        wrong("province", "exchange-partner");
    }
    if new.kinds.is_empty() || new.kinds.iter().any(|k| k != "code" && k != "certificate") {
        wrong("kinds", "exchange-kinds");
    }
    if !["ours", "theirs", "both"].contains(&new.direction.as_str()) {
        wrong("direction", "exchange-direction");
    }
    if new.to.is_some_and(|to| to <= new.from) {
        wrong("to", "exchange-end");
    }
    match line(&new.document, 60) {
        Ok(document) => new.document = document,
        Err(e @ TextError::Unseen) => wrong("document", e.code()),
        Err(_) => wrong("document", "exchange-document"),
    }
    if errors.is_empty() { Ok(()) } else { Err(AppError::Invalid(errors)) }
}

/// Enters a partner or changes it.
///
/// # Errors
/// [`AppError::Invalid`] with what is wrong; database errors.
pub async fn put_partner(deps: &Deps, actor: Actor, new: NewPartner) -> AppResult<()> {
    let (partner, keys) = (partner(deps, new)?, deps.keys.clone());
    deps.store.write(move |tx| put(tx, &keys, actor, &partner)).await?;
    trust::reload(deps).await.map(drop)
}

/// A partner as it is kept, or what is wrong.
fn partner(deps: &Deps, new: NewPartner) -> AppResult<Partner> {
    let mut errors = Vec::new();
    let (name, name_en) = province_name(&new.province);
    if name == new.province || !new.province.ends_with("0000") || new.province == deps.config.province {
        errors.push(FieldError::new("province", "exchange-province"));
    }
    let endpoint = new.endpoint.trim().trim_end_matches('/').to_owned();
    let local = endpoint.starts_with("http://127.0.0.1") || endpoint.starts_with("http://localhost");
    if reqwest::Url::parse(&endpoint).is_err()
        || !(endpoint.starts_with("https://") || local)
        || endpoint.len() > 150
    {
        errors.push(FieldError::new("endpoint", "exchange-endpoint"));
    }
    let phone = new.phone.trim().to_owned();
    if !(3..=30).contains(&phone.len()) || !phone.chars().all(|c| c.is_ascii_digit() || "+- ".contains(c)) {
        errors.push(FieldError::new("phone", "exchange-phone"));
    }
    if !errors.is_empty() {
        return Err(AppError::Invalid(errors));
    }
    let now = deps.clock.now();
    let (province, active) = (new.province, new.active);
    Ok(Partner { province, name, name_en, endpoint, phone, active, created_at: now.into() })
}

fn put(tx: &mut Tx<'_>, keys: &Keyring, actor: Actor, partner: &Partner) -> AppResult<()> {
    let before = store::partner(tx.conn(), &partner.province)?;
    store::put_partner(tx, partner)?;
    if before.is_some_and(|before| before.active != partner.active) {
        news::switched(tx, keys, (&partner.province, partner.active), partner.created_at.0)?;
    }
    let detail = json!({"province": partner.province, "active": partner.active});
    let entry = Entry::new(actor, "exchange.partner.put", "partner").detail(detail);
    audit::append(tx, partner.created_at.0, entry).map(drop)
}

/// The desk.
pub(super) async fn overview(ctx: Ctx, deps: App, _o: Official<Operator>) -> AppResult<Answer<ExchangePage>> {
    let (exchange, trust) = (Exchange::of(&deps)?, trust::current(&deps).await?);
    let own = deps.store.read(crate::certificates::status::lists).await?;
    let agreements: Vec<_> =
        trust.rows.iter().filter_map(|row| pages::describe(&trust, row, ctx.lang, ctx.now)).collect();
    let partners: Vec<_> =
        trust.partners.iter().map(|p| partner_view(&exchange.lists, &trust, p, &ctx)).collect();
    let view = ExchangePage {
        list: list_view(&trust, &ctx),
        roots: exchange.trust.roots().keys.len(),
        own_lists: own.len(),
        agreements,
        partners,
    };
    respond(&deps, &ctx, "exchange/desk.html", &view)
}

fn list_view(trust: &Trust, ctx: &Ctx) -> Option<TrustListView> {
    let list = &trust.list.as_ref()?.list;
    Some(TrustListView {
        sequence: list.sequence.to_string(),
        issued: format::datetime(ctx.lang, list.issued_at, true),
        next: format::datetime(ctx.lang, list.next_update, true),
        over: list.next_update <= ctx.now,
        keys: list.entries.len(),
        own: list.entries.iter().filter(|e| e.province == trust.home).count(),
    })
}

fn partner_view(lists: &fetch::Lists, trust: &Trust, partner: &Partner, ctx: &Ctx) -> PartnerView {
    let issuer = partner.issuer();
    let state: fetch::PartnerState = lists.state(&issuer);
    let signs = |e: &&crate::hcert::TrustEntry| e.province == issuer && e.usage.contains(&Usage::Status);
    let listed = trust.list.iter().flat_map(|l| &l.list.entries).any(|e| signs(&e));
    let age = state.oldest.map_or_else(
        || t(ctx.lang, "exchange-no-lists", &[]),
        |at| t(ctx.lang, "exchange-lists-as-of", &[("time", format::datetime(ctx.lang, at, false).into())]),
    );
    PartnerView {
        name: partner.name_in(ctx.lang).to_owned(),
        endpoint: partner.endpoint.clone(),
        phone: partner.phone.clone(),
        active: partner.active,
        listed,
        age,
        resting: state.resting_until.is_some_and(|until| ctx.now < until),
    }
}

/// The form for an agreement; the second factor is asked for before anything is typed.
pub(super) async fn agreement_form(
    ctx: Ctx,
    deps: App,
    _o: Official<OperatorStepUp>,
) -> AppResult<Answer<AgreementPage>> {
    let today = crate::clock::china_day(ctx.now);
    let form = FormView::new().with("direction", "both").with_date("from", today);
    agreement_page(&deps, &ctx, StatusCode::OK, form).await
}

async fn agreement_page(
    deps: &Deps,
    ctx: &Ctx,
    status: StatusCode,
    form: FormView,
) -> AppResult<Answer<AgreementPage>> {
    let trust = trust::current(deps).await?;
    let partners: Vec<Choice> =
        trust.partners.iter().map(|p| Choice::new(p.province.clone(), p.name_in(ctx.lang))).collect();
    let kinds = [("code", "verify-kind-code"), ("certificate", "verify-kind-certificate")];
    let directions =
        [("both", "recognition-both"), ("theirs", "recognition-theirs"), ("ours", "recognition-ours")];
    let choices = |all: &[(&str, &str)]| -> Vec<Choice> {
        all.iter().map(|(value, key)| Choice::new(*value, t(ctx.lang, key, &[]))).collect()
    };
    let view = AgreementPage { form, partners, kinds: choices(&kinds), directions: choices(&directions) };
    respond_with(deps, ctx, status, "exchange/agreement.html", &view)
}

/// Enters it.
pub(super) async fn agreement_add(
    ctx: Ctx,
    deps: App,
    o: Official<OperatorStepUp>,
    form: Form,
) -> AppResult<Answer<AgreementPage>> {
    let mut view = form.view();
    let from = day(&mut view, "from", ctx.lang);
    let to = day(&mut view, "to", ctx.lang);
    if from.is_none() && !view.has_errors() {
        fail(&mut view, ctx.lang, &[FieldError::new("from", "required")]);
    }
    if let (Some(from), false) = (from, view.has_errors()) {
        let new = NewAgreement {
            province: form.get("province").to_owned(),
            kinds: form.all("kinds").map(str::to_owned).collect(),
            direction: form.get("direction").to_owned(),
            from: start_of_day(from),
            // The last day is included.
            to: to.map(end_of_day),
            document: form.get("document").trim().to_owned(),
        };
        let content = serde_json::to_vec(&form.answers()).map_err(AppError::internal)?;
        let submission =
            form.once().map(|key| Submission::new(o.official_id, "exchange.agreement", key, &content));
        match add_agreement(&deps, (&*o).into(), new, submission).await {
            Ok(()) => return Ok(see_other_with(&deps, "/desk/exchange", "exchange-agreement").into()),
            Err(AppError::Invalid(errors)) => fail(&mut view, ctx.lang, &errors),
            Err(e) => return Err(e),
        }
    }
    agreement_page(&deps, &ctx, StatusCode::UNPROCESSABLE_ENTITY, view).await
}

fn day(view: &mut FormView, name: &str, lang: Lang) -> Option<NaiveDate> {
    match view.date(name) {
        Ok(day) => day,
        Err(e) => {
            view.fail(name, t(lang, e.key(), &[]));
            None
        }
    }
}

/// The form for a partner.
pub(super) async fn partner_form(
    ctx: Ctx,
    deps: App,
    _o: Official<OperatorStepUp>,
) -> AppResult<Answer<PartnerPage>> {
    partner_page(&deps, &ctx, StatusCode::OK, FormView::new().with("active", "yes"))
}

fn partner_page(
    deps: &Deps,
    ctx: &Ctx,
    status: StatusCode,
    form: FormView,
) -> AppResult<Answer<PartnerPage>> {
    let provinces: Vec<Choice> = crate::identity::divisions()
        .provinces()
        .into_iter()
        .filter(|d| d.code.to_string() != deps.config.province)
        .map(|d| Choice::new(d.code.to_string(), if ctx.english() { d.name_en } else { d.name }))
        .collect();
    respond_with(deps, ctx, status, "exchange/partner.html", &PartnerPage { form, provinces })
}

/// Enters it.
pub(super) async fn partner_add(
    ctx: Ctx,
    deps: App,
    o: Official<OperatorStepUp>,
    form: Form,
) -> AppResult<Answer<PartnerPage>> {
    let new = NewPartner {
        province: form.get("province").to_owned(),
        endpoint: form.get("endpoint").to_owned(),
        phone: form.get("phone").to_owned(),
        active: form.get("active") == "yes",
    };
    match entered(&deps, &ctx, &o, new, &form).await {
        Ok(()) => Ok(see_other_with(&deps, "/desk/exchange", "exchange-partner").into()),
        Err(AppError::Invalid(errors)) => {
            let mut view = form.view();
            fail(&mut view, ctx.lang, &errors);
            partner_page(&deps, &ctx, StatusCode::UNPROCESSABLE_ENTITY, view)
        }
        Err(e) => Err(e),
    }
}

/// Enters a partner once.
async fn entered(
    deps: &App,
    ctx: &Ctx,
    o: &OfficialPrincipal,
    new: NewPartner,
    form: &Form,
) -> AppResult<()> {
    let (partner, actor, keys) = (partner(deps, new)?, Actor::from(o), deps.keys.clone());
    let act = Act::of(deps, ctx, o, "exchange.partner.put");
    act.once(&Sent::form("", form)?, move |tx| put(tx, &keys, actor, &partner)).await?;
    trust::reload(deps).await.map(drop)
}
