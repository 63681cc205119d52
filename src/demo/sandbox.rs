//! The sandbox page: every e-mail and SMS that both provinces sent, and the officials' one-time codes of this moment.
//!
//! It exists in the demonstration only: the code that could show it lives in this module, which `serve` never calls.

use super::seed::{DEMO_PASSWORD, staff};
use crate::carrier::SentMessage;
use crate::crypto::FieldContext;
use crate::db::schema::{assignments, offices, officials};
use crate::db::{Conn, Id};
use crate::deps::App;
use crate::error::{AppError, AppResult};
use crate::web::i18n::Lang;
use crate::web::page;
use crate::web::view::{PageContext, asset};
use actix_web::dev::Server;
use actix_web::http::header::{ACCEPT_LANGUAGE, CONTENT_SECURITY_POLICY};
use actix_web::{App as ActixApp, HttpRequest, HttpResponse, HttpServer, web};
use diesel::prelude::*;
use serde::Serialize;
use std::net::TcpListener;

/// Messages on the page, newest first.
const SHOWN: usize = 100;

/// One message as the page shows it.
#[derive(Serialize)]
struct MessageRow {
    province: String,
    channel: &'static str,
    to: String,
    subject: String,
    text: String,
    at: chrono::DateTime<chrono::Utc>,
}

/// One official as the page shows them.
#[derive(Serialize)]
struct OfficialRow {
    name: String,
    login: String,
    office: String,
    role: String,
    code: String,
}

/// One province on the page.
#[derive(Serialize)]
struct ProvinceRow {
    name: String,
    address: String,
    officials: Vec<OfficialRow>,
}

/// Serves the page on a loopback listener.
///
/// # Errors
/// When the listener cannot be used.
pub(super) fn serve(provinces: Vec<App>, listener: TcpListener) -> std::io::Result<Server> {
    let provinces = web::Data::new(provinces);
    let server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(provinces.clone())
            .route("/", web::get().to(show))
            .route("/sandbox.json", web::get().to(json))
            .route("/assets/{name}", web::get().to(file))
    })
    .workers(1)
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(server)
}

async fn file(name: web::Path<String>) -> HttpResponse {
    match asset(&name) {
        Some(file) => HttpResponse::Ok().content_type(file.content_type).body(file.data.into_owned()),
        None => HttpResponse::NotFound().finish(),
    }
}

fn lang_of(req: &HttpRequest) -> Lang {
    Lang::negotiate(None, req.headers().get(ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()))
}

/// The provinces with their officials, and the messages, the newest first.
async fn collect(provinces: &[App], lang: Lang) -> AppResult<serde_json::Value> {
    let mut rows = Vec::new();
    let mut messages = Vec::new();
    for deps in provinces {
        let name = page::province(deps, lang).short;
        messages.extend(deps.mail.sent().into_iter().map(|m| row(&name, "e-mail", m)));
        messages.extend(deps.sms.sent().into_iter().map(|m| row(&name, "SMS", m)));
        rows.push(ProvinceRow {
            name,
            address: deps.config.public_url.clone(),
            officials: officials_of(deps, lang).await?,
        });
    }
    messages.sort_by_key(|m| std::cmp::Reverse(m.at));
    messages.truncate(SHOWN);
    Ok(serde_json::json!({"provinces": rows, "messages": messages, "password": DEMO_PASSWORD}))
}

async fn show(req: HttpRequest, provinces: web::Data<Vec<App>>) -> AppResult<HttpResponse> {
    let lang = lang_of(&req);
    let Some(first) = provinces.first() else { return Err(AppError::NotFound) };
    let data = collect(&provinces, lang).await?;
    let mut context = PageContext::visitor(lang, page::province(first, lang), "/", super::now());
    context.nonce = crate::crypto::token::bearer();
    let html = first.views.render("demo/sandbox.html", &context, &data).map_err(AppError::internal)?;
    let policy =
        format!("default-src 'none'; style-src 'self'; img-src 'self'; script-src 'nonce-{}'", context.nonce);
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .insert_header(("Cache-Control", "no-store"))
        .body(html))
}

/// The same for programs that try the JSON interface.
async fn json(req: HttpRequest, provinces: web::Data<Vec<App>>) -> AppResult<HttpResponse> {
    let data = collect(&provinces, lang_of(&req)).await?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(data))
}

fn row(province: &str, channel: &'static str, m: SentMessage) -> MessageRow {
    MessageRow {
        province: province.to_owned(),
        channel,
        to: m.to,
        subject: m.subject.unwrap_or_default(),
        text: m.text,
        at: m.at,
    }
}

type Row = (Id, String, String, Option<Vec<u8>>, String, String, String);

async fn officials_of(deps: &App, lang: Lang) -> AppResult<Vec<OfficialRow>> {
    let rows: Vec<Row> = deps
        .store
        .read(|conn: &mut Conn| {
            Ok(assignments::table
                .inner_join(officials::table.on(officials::id.eq(assignments::official_id)))
                .inner_join(offices::table.on(offices::id.eq(assignments::office_id)))
                .order(assignments::id)
                .limit(100)
                .select((
                    officials::id,
                    officials::name,
                    officials::login,
                    officials::totp_sealed,
                    offices::name,
                    offices::name_en,
                    assignments::role,
                ))
                .load(conn)?)
        })
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, name, login, totp, office, office_en, role)| OfficialRow {
            code: code(deps, id, totp.as_deref()),
            office: if lang == Lang::En && !office_en.is_empty() { office_en } else { office },
            role: crate::web::i18n::t(lang, &format!("role-{role}"), &[]),
            name,
            login,
        })
        .collect())
}

/// The one-time code of this moment; empty for an official without a second factor yet.
fn code(deps: &App, official: Id, sealed: Option<&[u8]>) -> String {
    let context = FieldContext::new("officials", "totp_sealed", official.0);
    sealed
        .and_then(|sealed| deps.keys.open_sealed(&context, sealed).ok())
        .and_then(|secret| staff::totp_now(&secret, super::now()))
        .unwrap_or_default()
}
