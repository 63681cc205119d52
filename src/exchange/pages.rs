//! The public pages: verify, scan, and who recognises what.

use super::check::{Mode, Onlooker, record};
use super::model::{AgreementRow, Trust};
use super::views::{AgreementView, RecognitionPage, ResultPage, VerifyPage};
use super::{Exchange, shown, trust, upload, verify_pasted};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::web::ctx::Ctx;
use crate::web::format;
use crate::web::i18n::{Lang, t};
use crate::web::limits::VERIFY;
use crate::web::page::{fail, page};
use crate::web::respond::{Answer, respond, respond_with};
use crate::web::view::FormView;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde_json::json;

/// The form.
pub(super) async fn form(ctx: Ctx, deps: App) -> AppResult<Answer<VerifyPage>> {
    let page = VerifyPage { form: FormView::new() };
    respond(&deps, &ctx, "verify/form.html", &page)
}

/// The result, as the answer to the form: a document never becomes part of an address.
pub(super) async fn result(
    req: HttpRequest,
    ctx: Ctx,
    deps: App,
    payload: web::Payload,
) -> AppResult<Answer<ResultPage>> {
    deps.limiter.take("verify", ctx.client, VERIFY, ctx.now).await?;
    let sent = upload::form(&req, &deps, &ctx, payload).await?;
    ctx.check_csrf(&sent.csrf)?;
    let mut view = FormView::new().with("text", sent.text.clone());
    let text = match text_of(&deps, &ctx, sent).await {
        Ok(text) => text,
        Err(AppError::Invalid(errors)) => {
            fail(&mut view, ctx.lang, &errors);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            let again = VerifyPage { form: view };
            let page = respond_with(&deps, &ctx, status, "verify/form.html", &again)?;
            return Ok(page.into_inner().into());
        }
        Err(e) => return Err(e),
    };
    let checked = verify_pasted(&deps, &text, Mode::Online, ctx.now).await?;
    record(&deps, &ctx, &checked, Onlooker::of(&ctx.principal)).await?;
    let page = ResultPage { result: shown::show(&checked, ctx.lang), form: FormView::new() };
    respond(&deps, &ctx, "verify/result.html", &page)
}

async fn text_of(deps: &Deps, ctx: &Ctx, sent: upload::Sent) -> AppResult<String> {
    if sent.too_large {
        return Err(AppError::field("image", "image-size"));
    }
    if let Some(image) = sent.image {
        return Exchange::of(deps)?.pictures.read(ctx, image).await;
    }
    if sent.text.trim().is_empty() {
        return Err(AppError::field("text", "verify-nothing"));
    }
    Ok(sent.text)
}

/// The camera page; what it cannot do it says, with the ways around.
pub(super) async fn scan(ctx: Ctx, deps: App) -> AppResult<HttpResponse> {
    page(&deps, &ctx, "verify/scan.html", &json!({}))
}

/// Who recognises which documents of ours, and whose we recognise.
pub(super) async fn recognition(ctx: Ctx, deps: App) -> AppResult<Answer<RecognitionPage>> {
    let trust = trust::current(&deps).await?;
    let agreements = present(&trust, ctx.lang, ctx.now);
    respond(&deps, &ctx, "verify/recognition.html", &RecognitionPage { agreements })
}

fn present(trust: &Trust, lang: Lang, now: DateTime<Utc>) -> Vec<AgreementView> {
    trust
        .rows
        .iter()
        .filter(|row| !row.is_over(now))
        .filter_map(|row| describe(trust, row, lang, now))
        .collect()
}

/// An agreement in words; none for a partner that is switched off.
pub(super) fn describe(
    trust: &Trust,
    row: &AgreementRow,
    lang: Lang,
    now: DateTime<Utc>,
) -> Option<AgreementView> {
    let partner = trust.partners.iter().find(|p| p.province == row.province)?;
    if !partner.active {
        return None;
    }
    let kind = if row.kind == "code" { "verify-kind-code" } else { "verify-kind-certificate" };
    let direction = match row.direction.as_str() {
        "ours" => "recognition-ours",
        "theirs" => "recognition-theirs",
        _ => "recognition-both",
    };
    let to = row
        .valid_to
        .map_or_else(|| t(lang, "recognition-open-end", &[]), |to| format::until(lang, to.0, true));
    Some(AgreementView {
        id: row.id,
        partner: partner.name_in(lang).to_owned(),
        kind: t(lang, kind, &[]),
        direction: t(lang, direction, &[]),
        from: format::date(lang, crate::clock::china_day(row.valid_from.0), true),
        to,
        document: row.document.clone(),
        in_force: row.in_force(now),
        over: row.is_over(now),
    })
}
