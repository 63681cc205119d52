//! What the holder sees: the list, one certificate with its QR, paper, text and picture.

use super::model::{Because, Row};
use super::store;
use crate::accounts;
use crate::db::Conn;
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::number::normalise;
use crate::policy::Words;
use crate::web::ctx::Ctx;
use crate::web::division::full_name;
use crate::web::format;
use crate::web::guard::Resident;
use crate::web::i18n::{Lang, t};
use crate::web::qr::{self, Qr};
use crate::web::respond::{Answer, respond};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

/// Everything that pages and paper show of a certificate.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CertificateView)]
pub(super) struct View {
    pub number: String,
    /// `valid`, `suspended`, `expired`, `revoked`, `superseded`.
    pub state: &'static str,
    /// Whether it still counts, and so can be ended.
    pub counts: bool,
    pub tag: &'static str,
    /// The state in words.
    pub word: String,
    /// The holder's name, masked.
    pub name: String,
    /// The number of the holder's document, masked.
    pub document: String,
    pub conclusion: String,
    pub temperature: String,
    pub destination: String,
    pub office: String,
    pub phone: String,
    pub doctor: String,
    pub issued: String,
    pub until: String,
    pub reason: String,
    pub remedy: String,
    /// When the holder took the consent back; empty if not.
    pub withdrawn: String,
    /// Name of the consent to it, where it can be withdrawn.
    pub consent: Option<String>,
    /// Causes of a suspension, or of a revocation that followed from the holder's colour.
    pub causes: Vec<CauseLine>,
    pub recognising: Vec<String>,
    /// The province of the destination, where it is another one and none of those that recognise it; else empty.
    pub elsewhere: String,
    pub version: i64,
    /// The signed text; not for a template.
    #[serde(skip)]
    pub token: String,
}

/// A cause in the reader's language.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CertificateCause)]
pub(super) struct CauseLine {
    pub reason: String,
    pub authority: String,
    pub phone: String,
    pub until: String,
}

/// The resident's certificates.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CertificatesPage {
    /// The newest first.
    certificates: Vec<CertificateLine>,
}

/// What the list shows of one.
#[derive(Debug, Serialize, ToSchema)]
struct CertificateLine {
    number: String,
    /// `valid`, `suspended`, `expired`, `revoked`, `superseded`.
    state: &'static str,
    tag: &'static str,
    /// The state in words.
    word: String,
    /// Where to.
    destination: String,
    /// Until when it holds, in words.
    until: String,
}

/// A certificate, to be shown or printed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CertificatePage {
    c: View,
    /// The code as SVG, while it is valid.
    qr: Option<String>,
}

fn cause_line(lang: Lang, because: Because) -> CauseLine {
    let say = |words: Words| if lang == Lang::En { words.en } else { words.zh };
    CauseLine {
        reason: say(because.reason),
        authority: say(because.authority),
        phone: because.phone,
        until: because.until.map(|u| format::until(lang, u, true)).unwrap_or_default(),
    }
}

/// The name of the destination's province, where no agreement covers it: neither ours nor one of `covered`, whose codes
/// come last.
fn not_covered(
    lang: Lang,
    ours: &str,
    destination: Option<&str>,
    covered: &[(String, String, String)],
) -> String {
    let Some(province) = destination.and_then(|code| code.get(..2)) else { return String::new() };
    if ours.starts_with(province) || covered.iter().any(|(_, _, code)| code.starts_with(province)) {
        return String::new();
    }
    full_name(lang, &format!("{province}0000"))
}

/// Opens a row for people to read.
pub(super) fn view(
    conn: &mut Conn,
    deps: &Deps,
    row: &Row,
    lang: Lang,
    now: chrono::DateTime<chrono::Utc>,
) -> AppResult<View> {
    let keys = &deps.keys;
    let person = accounts::person(conn, keys, row.person_id)?;
    let (office, office_en, phone) = store::office(conn, row.office_id)?;
    let state = store::state(row, now);
    let (reason, remedy) = store::ending(keys, row)?.unwrap_or_default();
    let recognising = store::recognising(conn, now)?;
    let elsewhere =
        not_covered(lang, &deps.config.province, row.destination_division.as_deref(), &recognising);
    let recognising =
        recognising.into_iter().map(|(zh, en, _)| if lang == Lang::En { en } else { zh }).collect();
    let doctor = store::official_name(conn, row.official_id)?;
    Ok(View {
        number: row.number.clone(),
        state: state.code(),
        counts: state.counts(),
        tag: state.tag(),
        word: t(lang, &format!("certificate-state-{}", state.code()), &[]),
        name: person.name.masked(),
        document: person.document.masked(),
        conclusion: t(lang, &format!("certificate-conclusion-{}", row.conclusion), &[]),
        temperature: format!("{}.{} ℃", row.temperature_tenths / 10, row.temperature_tenths % 10),
        destination: row.destination_division.as_deref().map(|d| full_name(lang, d)).unwrap_or_default(),
        office: if lang == Lang::En && !office_en.is_empty() { office_en } else { office },
        phone,
        doctor: crate::identity::PersonName::parse(&doctor).map_or(doctor, |n| n.masked()),
        issued: format::datetime(lang, row.issued_at.0, true),
        until: format::until(lang, row.expires_at.0, true),
        reason,
        remedy,
        withdrawn: row.withdrawn_at.map(|t| format::datetime(lang, t.0, true)).unwrap_or_default(),
        consent: state.counts().then(|| format!("certificate-{}", row.id)),
        causes: store::causes(keys, row)?.into_iter().map(|b| cause_line(lang, b)).collect(),
        recognising,
        elsewhere,
        version: row.version,
        token: store::token(keys, row)?,
    })
}

async fn own(deps: &App, ctx: &Ctx, who: &Resident, number: &str) -> AppResult<View> {
    let (parts, lang, now, number) = (deps.clone(), ctx.lang, ctx.now, normalise(number));
    let (account, person) = (who.account_id, who.person_id);
    deps.store
        .read(move |conn| {
            let row = store::own(conn, account, person, &number)?;
            view(conn, &parts, &row, lang, now)
        })
        .await
}

pub(super) async fn list(ctx: Ctx, deps: App, who: Resident) -> AppResult<Answer<CertificatesPage>> {
    let (parts, lang, now) = (deps.clone(), ctx.lang, ctx.now);
    let (account, person) = (who.account_id, who.person_id);
    let all: Vec<View> = deps
        .store
        .read(move |conn| {
            let rows = store::mine(conn, account, person, store::LISTED)?;
            rows.iter().map(|row| view(conn, &parts, row, lang, now)).collect()
        })
        .await?;
    let line = |v: View| CertificateLine {
        number: v.number,
        state: v.state,
        tag: v.tag,
        word: v.word,
        destination: v.destination,
        until: v.until,
    };
    let view = CertificatesPage { certificates: all.into_iter().map(line).collect() };
    respond(&deps, &ctx, "certificates/list.html", &view)
}

pub(super) async fn one(
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
) -> AppResult<Answer<CertificatePage>> {
    let c = own(&deps, &ctx, &who, &number).await?;
    let qr = picture(&c, ctx.lang)?;
    respond(&deps, &ctx, "certificates/one.html", &CertificatePage { c, qr })
}

pub(super) async fn print(
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
) -> AppResult<Answer<CertificatePage>> {
    paper(&deps, &ctx, own(&deps, &ctx, &who, &number).await?)
}

/// The sheets to print, only of a valid certificate.
pub(super) fn paper(deps: &Deps, ctx: &Ctx, c: View) -> AppResult<Answer<CertificatePage>> {
    let qr = picture(in_force(&c)?, ctx.lang)?;
    respond(deps, ctx, "certificates/print.html", &CertificatePage { c, qr })
}

/// A certificate that may still be shown: what is over is not handed out again.
fn in_force(view: &View) -> AppResult<&View> {
    match view.state {
        "valid" => Ok(view),
        "suspended" => Err(AppError::conflict("certificate-suspended")),
        _ => Err(AppError::conflict("certificate-ended")),
    }
}

/// The QR as SVG, only of a valid certificate: what is over must not be shown again by mistake.
pub(super) fn picture(view: &View, lang: Lang) -> AppResult<Option<String>> {
    if view.state != "valid" {
        return Ok(None);
    }
    let label = t(lang, "certificate-qr", &[]);
    qr::svg(&view.token, "qr", &label).map(Some).map_err(AppError::internal)
}

/// A plain text file that survives every telephone: what is on the paper, and the signed text.
pub(super) async fn text(
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    let v = own(&deps, &ctx, &who, &number).await?;
    let line = |key: &str, value: &str| format!("{}: {value}\n", t(ctx.lang, key, &[]));
    let body = [
        format!("{}\n", t(ctx.lang, "certificate-title", &[])),
        line("certificate-number", &v.number),
        line("certificate-state", &v.word),
        line("certificate-holder", &v.name),
        line("certificate-document", &v.document),
        line("certificate-conclusion", &format!("{} {}", v.conclusion, v.temperature)),
        line("certificate-destination", &v.destination),
        line("certificate-issuer", &format!("{} {}", v.office, v.doctor)),
        line("certificate-issued", &v.issued),
        line("certificate-until", &v.until),
        // What is not valid must not be shown again by mistake.
        if v.state == "valid" { format!("\n{}\n", v.token) } else { String::new() },
    ]
    .concat();
    Ok(download(&v.number, "txt", "text/plain; charset=utf-8").body(body))
}

pub(super) async fn png(
    ctx: Ctx,
    deps: App,
    who: Resident,
    number: web::Path<String>,
) -> AppResult<HttpResponse> {
    let v = own(&deps, &ctx, &who, &number).await?;
    in_force(&v)?;
    let bytes = Qr::new(&v.token).and_then(|qr| qr.png(8)).map_err(AppError::internal)?;
    Ok(download(&v.number, "png", "image/png").body(bytes))
}

fn download(number: &str, ending: &str, kind: &str) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .content_type(kind)
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{number}.{ending}\"")));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_that_no_agreement_covers_is_named() {
        let covered = [("广东省".to_owned(), "Guangdong".to_owned(), "44".to_owned())];
        let named = |lang, to| not_covered(lang, "51", to, &covered);
        assert_eq!(named(Lang::ZhCn, Some("450103")), "广西壮族自治区");
        assert_eq!(named(Lang::En, Some("450103")), full_name(Lang::En, "450000"));
        for covered in [Some("440305"), Some("510107"), None] {
            assert_eq!(named(Lang::ZhCn, covered), "", "{covered:?}");
        }
    }
}
