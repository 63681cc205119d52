//! Errors as clients see them: problem+json (RFC 9457) for programs, a page with a way forward for people.

use super::ctx::Ctx;
use super::form::Form;
use super::format;
use super::guard::{ACTING_OVER, NOT_FOR_OTHERS};
use super::i18n::{self, Lang};
use super::markup;
use super::page;
use super::principal::Principal;
use super::step_up;
use super::view::{ErrorPage, FormView, Remedy, Resend};
use crate::deps::Deps;
use crate::error::{AppError, AppResult, Change, FieldError, Overtaken, SignInKind};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::OnceLock;

/// The JSON body of an error.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Stable identifier: `urn:fugong:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// HTTP status.
    pub status: u16,
    /// What happened, in the language of the request.
    pub title: String,
    /// The number under which the operators find this request.
    pub request_id: String,
    /// For 422: what to put right.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemField>,
    /// For a decision that somebody else was faster with: what happened since it was seen, the newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// The same: the code of its state now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The same: its version now, to be sent with a new decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

/// One field of a 422.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemField {
    /// Path of the field, such as `travel.0.from`.
    pub field: String,
    /// Stable code.
    pub code: String,
    /// What to do, in the language of the request.
    pub message: String,
}

/// Why a request was refused, for the line that the log has of it: a stable code, never what was sent.
#[derive(Debug, Clone)]
pub struct Refused(pub String);

/// Renders an error for whoever asked.
pub fn render(deps: &Deps, ctx: &Ctx, error: &AppError) -> HttpResponse {
    let mut response = rendered(deps, ctx, error);
    response.extensions_mut().insert(Refused(error.code().to_owned()));
    response
}

fn rendered(deps: &Deps, ctx: &Ctx, error: &AppError) -> HttpResponse {
    if ctx.wants_page {
        if let (AppError::SignIn(SignInKind::StepUp), Some(form)) = (error, ctx.held())
            && let Ok(page) = ask_first(deps, ctx, form, &ctx.path, &[])
        {
            return page;
        }
        if let AppError::SignIn(kind) = error {
            return to_sign_in(ctx, *kind);
        }
        if let Some(page) = error_page(deps, ctx, error) {
            return page;
        }
    }
    problem(ctx.lang, &ctx.request_id, error)
}

/// What a signed request is signed over (RFC 9421, 5.1).
const ACCEPT_SIGNATURE: &str = "sig=(\"@method\" \"@target-uri\" \"content-digest\");created;keyid;nonce";

/// problem+json.
pub fn problem(lang: Lang, request_id: &str, error: &AppError) -> HttpResponse {
    let status = error.status_code();
    let errors = match error {
        AppError::Invalid(list) => list
            .iter()
            .map(|e| ProblemField {
                field: e.field.clone(),
                code: e.code.clone(),
                message: page::field_text(lang, e),
            })
            .collect(),
        _ => Vec::new(),
    };
    let overtaken = match error {
        AppError::Overtaken(now) => Some(&**now),
        _ => None,
    };
    let body = Problem {
        kind: format!("urn:fugong:problem:{}", error.code()),
        status: status.as_u16(),
        title: title(lang, error),
        request_id: request_id.to_owned(),
        errors,
        changes: overtaken.map(|now| now.changes.clone()).unwrap_or_default(),
        state: overtaken.map(|now| now.state.clone()),
        version: overtaken.and_then(|now| now.version),
    };
    let mut response = answer(status, error.retry_after(), &body);
    if matches!(error, AppError::Unsigned(_)) {
        let name = HeaderName::from_static("accept-signature");
        response.headers_mut().insert(name, HeaderValue::from_static(ACCEPT_SIGNATURE));
    }
    response
}

/// problem+json of a status that no error of ours has; `problem-<code>` is its sentence.
pub fn of_code(ctx: &Ctx, status: StatusCode, code: &str) -> HttpResponse {
    let body = Problem {
        kind: format!("urn:fugong:problem:{code}"),
        status: status.as_u16(),
        title: i18n::t(ctx.lang, &format!("problem-{code}"), &[]),
        request_id: ctx.request_id.clone(),
        errors: Vec::new(),
        changes: Vec::new(),
        state: None,
        version: None,
    };
    answer(status, None, &body)
}

fn answer(status: StatusCode, retry_after: Option<u64>, body: &Problem) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    if let Some(seconds) = retry_after {
        response.insert_header((RETRY_AFTER, seconds.to_string()));
    }
    response.insert_header(("Cache-Control", "no-store"));
    match serde_json::to_vec(body) {
        Ok(bytes) => response.content_type("application/problem+json").body(bytes),
        Err(_) => response.finish(),
    }
}

/// problem+json in place of a page that shows a form once more: the errors that stand in its variable `form`. `data` is what the
/// page would show, as JSON.
pub(super) fn of_page(ctx: &Ctx, status: StatusCode, data: &[u8]) -> HttpResponse {
    let data: Value = serde_json::from_slice(data).unwrap_or_default();
    let text =
        |error: &Value, name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let shown = data.get("form").and_then(|form| form.get("errors")).and_then(Value::as_array);
    let field = |error: &Value| ProblemField {
        field: text(error, "field"),
        code: text(error, "code"),
        message: text(error, "message"),
    };
    let error = match status {
        StatusCode::NOT_FOUND => AppError::NotFound,
        StatusCode::TOO_MANY_REQUESTS => AppError::TooMany(1),
        _ => AppError::Invalid(Vec::new()),
    };
    let body = Problem {
        kind: format!("urn:fugong:problem:{}", error.code()),
        status: status.as_u16(),
        title: title(ctx.lang, &error),
        request_id: ctx.request_id.clone(),
        errors: shown.into_iter().flatten().map(field).collect(),
        changes: Vec::new(),
        state: None,
        version: None,
    };
    // When to come back is said by whoever knows it ([`page::later`]).
    answer(status, None, &body)
}

/// The sentence for a code, or the general one of the status.
fn title(lang: Lang, error: &AppError) -> String {
    // A program has asked for no page.
    if matches!(error, AppError::NotFound) {
        return i18n::t(lang, "error-no-such-address", &[]);
    }
    if let Some(own) = told(lang, error) {
        return own;
    }
    let general = format!("error-{}-title", error.status_code().as_u16());
    i18n::t(lang, if i18n::has(&general) { &general } else { "error-500-title" }, &[])
}

/// The sentence for a code, where it has one.
fn told(lang: Lang, error: &AppError) -> Option<String> {
    let own = format!("problem-{}", error.code());
    let until = match error {
        AppError::NotYet(until) => vec![("until", format::until(lang, *until, true).into())],
        _ => Vec::new(),
    };
    i18n::has(&own).then(|| i18n::t(lang, &own, &until))
}

fn to_sign_in(ctx: &Ctx, kind: SignInKind) -> HttpResponse {
    let page = match kind {
        SignInKind::Resident => "/sign-in",
        SignInKind::Official => "/desk/sign-in",
        SignInKind::StepUp => "/desk/step-up",
        SignInKind::Notice => "/sign-in/notice",
    };
    // After a form back to the page it was sent from: its own address may take forms only.
    let query = serde_urlencoded::to_string([("next", &ctx.page_path)]).unwrap_or_default();
    page::see_other(&format!("{page}?{query}"))
}

/// The page that asks for a fresh second factor before a form is done; it sends the form on, to `to`.
///
/// # Errors
/// [`AppError::Internal`] when the page cannot be rendered.
pub fn ask_first(
    deps: &Deps,
    ctx: &Ctx,
    form: &Form,
    to: &str,
    errors: &[FieldError],
) -> AppResult<HttpResponse> {
    let mut view = FormView::new();
    page::fail(&mut view, ctx.lang, errors);
    let carried: Vec<_> =
        form.carried().into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    let data = json!({
        "field": "fresh-code", "to": to, "carried": carried, "next": "", "form": view, "keeps": true,
        "what": step_up::what(deps, ctx.lang, to), "back": deps.pages.nearest(to),
    });
    let status = match errors {
        [] => StatusCode::UNAUTHORIZED,
        [late, ..] if late.code == "try-later" => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    page::page_with(deps, ctx, status, "officials/step-up.html", &data)
}

/// Conflicts in which somebody else was first.
const FIRST: [&str; 2] = ["changed-meanwhile", "taken-by-other"];

fn error_page(deps: &Deps, ctx: &Ctx, error: &AppError) -> Option<HttpResponse> {
    let status = error.status_code();
    let mut data = ErrorPage::new(status.as_u16());
    // What is refused whoever asks tells nobody what exists.
    if matches!(error, AppError::Forbidden(_)) {
        data.status = status.as_u16();
    }
    // Of a service that is busy the general text says more: how to pass a gate meanwhile.
    data.detail = told(ctx.lang, error).filter(|_| !matches!(error, AppError::Unavailable(_)));
    data.refused = matches!(error, AppError::NotYet(_))
        || matches!(error, AppError::Conflict(code) if !FIRST.contains(&code.as_str()));
    match error {
        AppError::Overtaken(now) => overtaken(&mut data, ctx, now),
        AppError::Conflict(_) | AppError::NotYet(_) => data.written = written(ctx),
        AppError::Invalid(list) => {
            data.problems = list.iter().map(|e| page::field_text(ctx.lang, e)).collect();
        }
        _ => {}
    }
    data.retry_after = error.retry_after().and_then(|s| i64::try_from(s).ok());
    data.request_id = Some(ctx.request_id.clone());
    keep_sent(&mut data, ctx, error);
    let acting =
        matches!(error, AppError::Conflict(code) if [NOT_FOR_OTHERS, ACTING_OVER].contains(&code.as_str()));
    if acting {
        let label = i18n::t(ctx.lang, "proxies-title", &[]);
        data.remedies.push(Remedy { href: "/me/for".into(), label });
    } else if matches!(error, AppError::Conflict(_)) && !ctx.sent {
        let href = ctx.page_path.clone();
        data.remedies.push(Remedy { href, label: i18n::t(ctx.lang, "error-again", &[]) });
    }
    match page::page_with(deps, ctx, status, "error.html", &data) {
        Ok(mut response) => {
            if let Some(seconds) = error.retry_after()
                && let Ok(value) = seconds.to_string().parse()
            {
                response.headers_mut().insert(RETRY_AFTER, value);
            }
            Some(response)
        }
        Err(e) => {
            tracing::error!(error = %e, "the error page cannot be rendered");
            None
        }
    }
}

/// What somebody else did meanwhile, how it stands now, and the way there.
fn overtaken(data: &mut ErrorPage, ctx: &Ctx, now: &Overtaken) {
    let comma = i18n::t(ctx.lang, "list-comma", &[]);
    let line = |c: &Change| {
        let at = c.at.map(|at| format::when(ctx.lang, at, ctx.now));
        let who: Vec<String> = [&c.office, &c.by].into_iter().flatten().cloned().collect();
        let parts = [at, Some(c.what.clone()), Some(who.join(&comma)).filter(|who| !who.is_empty())];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    data.detail = None;
    data.written = written(ctx);
    data.changes = now.changes.iter().map(line).collect();
    data.standing = Some(now.word.clone()).filter(|word| !word.is_empty());
    data.remedies.push(Remedy { href: now.page.clone(), label: now.label.clone() });
}

/// What an official writes in a decision, by the names of the fields.
const WRITTEN: [&str; 8] = ["reason", "remedy", "items", "note", "name", "name_en", "source", "document"];

/// What an official wrote that was not taken: it is theirs to take over into the next decision.
pub fn written(ctx: &Ctx) -> Vec<(String, String)> {
    let Some(form) = ctx.held().filter(|_| matches!(ctx.principal, Principal::Official(_))) else {
        return Vec::new();
    };
    let named = |field: &str| i18n::t(ctx.lang, &format!("name-of-{}", field.replace('_', "-")), &[]);
    let text = |field: &&'static str| Some((named(field), form.text(field)?.to_owned()));
    WRITTEN.iter().filter_map(text).collect()
}

/// What was sent and could not be done at this moment is not typed again: its form stands in the page, to be sent as it
/// was, or the browser sends it when the page is loaded anew.
fn keep_sent(data: &mut ErrorPage, ctx: &Ctx, error: &AppError) {
    let late = matches!(error, AppError::TooMany(_) | AppError::Enough(..));
    let passes = late || matches!(error, AppError::Unavailable(_) | AppError::Internal(_));
    data.sent = ctx.sent;
    data.keeps = ctx.sent && passes;
    let form = ctx.held().filter(|_| data.keeps).and_then(Form::again);
    data.resend = form.map(|fields| Resend { to: ctx.path.clone(), fields });
}

/// The page for whoever has to come back, after a form or not, for each language and size of type: made once, because those who have to be sent
/// away are the many.
#[derive(Default)]
pub struct BusyPages([OnceLock<Option<String>>; 8]);

/// What stands in that page for what differs from reader to reader. No text of ours and no template has it.
/// The path comes last: a stranger has chosen it, and what looks like a mark in it stays what it is.
const MARKS: [&str; 4] = ["@csrf@", "@request@", "@nonce@", "@path@"];

/// Tells somebody to come back: the page or problem of [`render`], without who has signed in.
pub fn shed(deps: &Deps, ctx: &Ctx, error: &AppError) -> HttpResponse {
    let at = usize::from(ctx.english()) * 4 + usize::from(ctx.elder) * 2 + usize::from(ctx.sent);
    let kept = deps.busy.0.get(at).filter(|_| ctx.wants_page);
    let Some(Some(page)) = kept.map(|kept| kept.get_or_init(|| busy_page(deps, ctx, error))) else {
        return problem(ctx.lang, &ctx.request_id, error);
    };
    let path = markup::escape(&ctx.page_path);
    let own = [&ctx.csrf(), &ctx.request_id, ctx.nonce(), &path];
    let html = MARKS.iter().zip(own).fold(page.clone(), |html, (mark, own)| html.replace(mark, own));
    let mut response = HttpResponse::build(error.status_code());
    response.content_type("text/html; charset=utf-8").insert_header(("Cache-Control", "no-store"));
    if let Some(seconds) = error.retry_after() {
        response.insert_header((RETRY_AFTER, seconds));
    }
    if let Some(value) = &ctx.new_visitor {
        response.cookie(deps.cookies.cookie(&deps.cookies.visitor, value.clone(), None));
    }
    response.body(html)
}

fn busy_page(deps: &Deps, ctx: &Ctx, error: &AppError) -> Option<String> {
    let [csrf, request, nonce, path] = MARKS.map(str::to_owned);
    let mut context = page::visitor(deps, ctx.lang, &path);
    (context.elder, context.csrf, context.nonce) = (ctx.elder, csrf, nonce);
    let mut data = ErrorPage::new(error.status_code().as_u16());
    data.retry_after = error.retry_after().and_then(|s| i64::try_from(s).ok());
    data.request_id = Some(request);
    keep_sent(&mut data, ctx, error);
    // It is made once for everybody: nobody's form stands in it, whoever it is made for.
    data.resend = None;
    let rendered = deps.views.render("error.html", &context, &data);
    rendered.inspect_err(|e| tracing::error!(error = %e, "the error page cannot be rendered")).ok()
}

/// Removes the session cookie from a browser whose session is over, and what it has stored of what was seen in it.
pub fn forget_session(deps: &Deps, response: &mut HttpResponse) {
    let names = &deps.cookies;
    let _ = response.add_cookie(&names.removal(&names.session));
    let clear = HeaderValue::from_static("\"cache\", \"storage\"");
    response.headers_mut().insert(HeaderName::from_static("clear-site-data"), clear);
}
