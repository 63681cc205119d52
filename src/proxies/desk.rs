//! The counter: where somebody without a telephone agrees, where a guardian declares, and where either side ends it. The
//! official looks at both documents and types what they say; nothing is shown that was not stated or agreed to before.

use super::model::Row;
use super::rules::Relation;
use super::store;
use super::verdict::{self, Ask};
use super::views::{ProxyAtDesk, ProxyCasePage, ProxyDeskPage, ProxyView};
use crate::accounts;
use crate::audit::{self, Entry};
use crate::crypto::Keyring;
use crate::db::{Conn, Tx};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::DocumentNumber;
use crate::number::normalise;
use crate::role_set;
use crate::web::ctx::Ctx;
use crate::web::document;
use crate::web::factor::Grave;
use crate::web::form::Form;
use crate::web::guard::{Looks, Official};
use crate::web::i18n::{Lang, t};
use crate::web::page::{fail, see_other, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::{Answer, respond_with};
use crate::web::view::FormView;
use actix_web::http::StatusCode;
use actix_web::web;
use chrono::{DateTime, Utc};
use serde_json::json;

role_set! {
    /// Who sees documents at a counter.
    ProxyDesk = [VillageWorker, Doctor, TownReviewer];
}

/// `GET /desk/proxies`.
pub(super) async fn start(ctx: Ctx, deps: App, who: Official<ProxyDesk>) -> AppResult<Answer<ProxyDeskPage>> {
    let form = FormView::new().with("doc_kind", "id_card");
    start_page(&deps, &ctx, &who, (form, Vec::new()), StatusCode::OK)
}

fn start_page(
    deps: &Deps,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    (form, rows): (FormView, Vec<ProxyAtDesk>),
    status: StatusCode,
) -> AppResult<Answer<ProxyDeskPage>> {
    let (kinds, office) = (document::choices(ctx.lang), who.office_name(ctx.english()).to_owned());
    let view = ProxyDeskPage { form, rows, kinds, office };
    respond_with(deps, ctx, status, "proxies/desk/start.html", &view)
}

/// What is looked for: the number of a question, or the document of somebody for whom others act.
enum Wanted {
    Number(String),
    Document(DocumentNumber),
}

impl Wanted {
    fn read(form: &Form, now: DateTime<Utc>) -> Result<Self, FieldError> {
        let number = normalise(form.get("number"));
        if !number.is_empty() {
            return Ok(Self::Number(number));
        }
        if form.text("doc_number").is_none() {
            return Err(FieldError::new("number", "proxy-number"));
        }
        document::typed(form, now).map(Self::Document)
    }

    /// What there is; the look is in the record.
    fn find(
        &self,
        tx: &mut Tx<'_>,
        keys: &Keyring,
        by: &OfficialPrincipal,
        now: DateTime<Utc>,
    ) -> AppResult<Vec<Row>> {
        let (rows, subject) = match self {
            Self::Number(number) => match store::by_number(tx.conn(), number) {
                Ok(row) => (vec![row], None),
                Err(AppError::NotFound) => (Vec::new(), None),
                Err(e) => return Err(e),
            },
            Self::Document(document) => match accounts::person_by_document(tx.conn(), keys, document)? {
                Some(person) => (store::for_person(tx.conn(), person, now)?, Some(person)),
                None => (Vec::new(), None),
            },
        };
        let rows: Vec<Row> = rows.into_iter().filter(|row| row.is_open(now)).collect();
        let subject = subject.or(rows.first().and_then(|row| row.person_id));
        let entry = Entry::new(by, "proxy.search", "proxy").subject(subject);
        audit::append(tx, now, entry.detail(json!({"found": rows.len()})))?;
        Ok(rows)
    }
}

/// `POST /desk/proxies`.
pub(super) async fn search(
    ctx: Ctx,
    deps: App,
    who: Official<Looks<ProxyDesk>>,
    form: Form,
) -> AppResult<Answer<ProxyDeskPage>> {
    let refused = |error: FieldError| {
        let mut view = form.view();
        fail(&mut view, ctx.lang, &[error]);
        start_page(&deps, &ctx, &who, (view, Vec::new()), StatusCode::UNPROCESSABLE_ENTITY)
    };
    let wanted = match Wanted::read(&form, ctx.now) {
        Ok(wanted) => wanted,
        Err(error) => return refused(error),
    };
    let at = if matches!(wanted, Wanted::Number(_)) { "number" } else { "doc_number" };
    let (keys, by, now, lang) = (deps.keys.clone(), (*who).clone(), ctx.now, ctx.lang);
    let rows: Vec<ProxyAtDesk> = deps
        .store
        .write(move |tx| {
            let rows = wanted.find(tx, &keys, &by, now)?;
            rows.iter().map(|row| masked(tx.conn(), &keys, row, lang, now)).collect()
        })
        .await?;
    match rows.as_slice() {
        [] => refused(FieldError::new(at, "proxy-none")),
        [only] => Ok(see_other(&format!("/desk/proxies/{}", only.proxy.number)).into()),
        _ => start_page(&deps, &ctx, &who, (form.view(), rows), StatusCode::OK),
    }
}

/// What staff see: who asks and for whom, masked.
fn masked(
    conn: &mut Conn,
    keys: &Keyring,
    row: &Row,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<ProxyAtDesk> {
    let ward = row.ward(keys)?;
    let kind = ward.document.kind().as_str().replace('_', "-");
    Ok(ProxyAtDesk {
        proxy: ProxyView::of(row, lang, now),
        who: accounts::called(conn, keys, row.account_id)?,
        ward: ward.name.masked(),
        document: ward.document.masked(),
        kind: t(lang, &format!("code-doc-{kind}"), &[]),
        version: row.version,
        guardian: row.relation()?.is_guardian(),
        child: row.relation()? == Relation::Child,
        card: ward.document.id_number().is_some(),
    })
}

/// `GET /desk/proxies/{number}`.
pub(super) async fn one(
    ctx: Ctx,
    deps: App,
    who: Official<ProxyDesk>,
    number: web::Path<String>,
) -> AppResult<Answer<ProxyCasePage>> {
    one_page(&deps, &ctx, &who, &normalise(&number), FormView::new(), StatusCode::OK).await
}

async fn one_page(
    deps: &Deps,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    number: &str,
    form: FormView,
    status: StatusCode,
) -> AppResult<Answer<ProxyCasePage>> {
    let (keys, by, number) = (deps.keys.clone(), who.clone(), number.to_owned());
    let (lang, now) = (ctx.lang, ctx.now);
    let shown = deps
        .store
        .write(move |tx| {
            let row = visible(tx.conn(), &number, now)?;
            let entry = Entry::new(&by, "proxy.view", "proxy").object(row.id).subject(row.person_id);
            audit::append(tx, now, entry)?;
            masked(tx.conn(), &keys, &row, lang, now)
        })
        .await?;
    let view = ProxyCasePage { p: shown, form, office: who.office_name(ctx.english()).to_owned() };
    respond_with(deps, ctx, status, "proxies/desk/one.html", &view)
}

/// What a counter may open: what waits or holds. What is over is nobody's business there.
fn visible(conn: &mut Conn, number: &str, now: DateTime<Utc>) -> AppResult<Row> {
    let row = store::by_number(conn, number)?;
    if row.is_open(now) { Ok(row) } else { Err(AppError::NotFound) }
}

/// `POST /desk/proxies/{number}`: confirms by both documents, or ends.
pub(super) async fn decide(
    ctx: Ctx,
    deps: App,
    who: Official<Grave<ProxyDesk>>,
    number: web::Path<String>,
    form: Form,
) -> AppResult<Answer<ProxyCasePage>> {
    let number = normalise(&number);
    let decided = match Ask::read(&form)? {
        Ok(ask) => verdict::decided(&deps, &ctx, &who, &number, ask, &form).await?,
        Err(errors) => Err(errors),
    };
    let errors = match decided {
        Ok(receipt) => {
            return Ok(see_other_with(&deps, &format!("/desk/receipts/{receipt}"), "proxy-decided").into());
        }
        Err(errors) => errors,
    };
    let mut view = form.view();
    fail(&mut view, ctx.lang, &errors);
    one_page(&deps, &ctx, &who, &number, view, StatusCode::UNPROCESSABLE_ENTITY).await
}
