//! What every handler knows about its request: who asks, in which language, when, from where.

use super::admission::Asks;
use super::cookies;
use super::csrf;
use super::door::Door;
use super::form::Form;
use super::forwarded;
use super::i18n::Lang;
use super::limits::Client;
use super::principal::{self, Principal, ResidentPrincipal};
use super::program::Proof;
use super::respond::prefers_json;
use super::session;
use crate::crypto::token;
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::signature::Claim;
use crate::urgency::Urgency;
use actix_web::dev::{Payload, RequestHead, ServiceRequest};
use actix_web::http::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, HeaderMap, HeaderName, REFERER};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use chrono::{DateTime, Utc};
use std::cell::OnceCell;
use std::future::{Ready, ready};
use std::ops::{Deref, DerefMut};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// Whoever asks is looked up within this, or told to come back.
pub(super) const WHO_WITHIN: Duration = Duration::from_secs(3);
/// That a session is in use is written down within this, or another time.
const TOUCHED_WITHIN: Duration = Duration::from_millis(500);

/// The request's context; one a request, shared by guards, handlers (as an extractor) and the middleware.
#[derive(Debug, Clone)]
pub struct Ctx(Rc<Context>);

impl Deref for Ctx {
    type Target = Context;

    fn deref(&self) -> &Context {
        &self.0
    }
}

impl DerefMut for Ctx {
    /// The middleware fills it in before anybody else has it.
    fn deref_mut(&mut self) -> &mut Context {
        Rc::make_mut(&mut self.0)
    }
}

impl FromRequest for Ctx {
    type Error = AppError;
    type Future = Ready<AppResult<Self>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(req))
    }
}

/// What is known of a request.
#[derive(Debug, Clone)]
pub struct Context {
    /// The number under which the log has this request.
    pub request_id: String,
    /// The moment of the request.
    pub now: DateTime<Utc>,
    /// Language of the answer.
    pub lang: Lang,
    /// Elder mode.
    pub elder: bool,
    /// Who asks.
    pub principal: Principal,
    /// Where the request comes from, for limits.
    pub client: Client,
    /// Whether the session came as a bearer token (API clients), which no other site can send.
    pub bearer: bool,
    /// Whether the answer is a page.
    pub wants_page: bool,
    /// Whether the client names JSON and likes it better than a page: where there is a page it gets what the page shows.
    pub wants_json: bool,
    /// Path and query.
    pub path: String,
    /// The page that can be opened again: after a form the one it was sent from, since its own address may take forms
    /// only; where that cannot be opened either, the nearest above it.
    pub page_path: String,
    /// Whether something was sent: a form, a file, a change.
    pub sent: bool,
    /// Code of the message to show once.
    pub flash: Option<String>,
    /// A cookie that a visitor without a session has to get so that forms can be checked.
    pub new_visitor: Option<String>,
    tokens: Vec<String>,
    /// Whether a genuine document was verified from this network lately.
    verifies: bool,
    csrf_secret: Vec<u8>,
    nonce: OnceCell<String>,
    held: OnceCell<Form>,
    /// Through which door it came.
    pub door: Door,
    /// What a program's request says about its signature, where one is looked at.
    pub(super) claim: Option<Claim>,
    /// What a request has whose signature holds.
    pub(super) proof: Option<Proof>,
}

impl Ctx {
    /// The context of a request.
    ///
    /// # Errors
    /// [`AppError::Internal`] when the middleware did not run.
    pub fn of(req: &HttpRequest) -> AppResult<Self> {
        req.extensions().get::<Self>().cloned().ok_or_else(|| AppError::internal("no request context"))
    }

    /// Reads cookies and headers. Who asks is not looked up yet: nothing here waits for the database, so that whoever is
    /// refused before that costs nothing.
    pub fn stranger(req: &ServiceRequest, deps: &Deps) -> Self {
        let headers = req.headers();
        let cookie = |name: &str| cookies::first(headers, name);
        let names = &deps.cookies;
        let door = req.app_data::<Door>().copied().unwrap_or_default();
        let (tokens, bearer) = match bearer_token(headers) {
            // Nobody signs in through the doors of programs.
            _ if door != Door::Portal => (Vec::new(), false),
            Some(t) => (vec![t.to_owned()], true),
            None => (cookies::values(headers, &names.session), false),
        };
        let accepts = |name| headers.get(name).and_then(|v| v.to_str().ok());
        let (accept, languages) = (list(headers, ACCEPT), list(headers, ACCEPT_LANGUAGE));
        let path = req.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
        let sent = !req.method().is_safe();
        let page_path = if sent {
            deps.pages.nearest(&page_path(accepts(REFERER)).unwrap_or_else(|| path.clone())).to_owned()
        } else {
            path.clone()
        };
        let api = door != Door::Portal || path.starts_with("/api/") || path.starts_with("/exchange/");
        let wants_json = prefers_json(&accept);
        let context = Context {
            request_id: uuid::Uuid::now_v7().simple().to_string(),
            now: deps.clock.now(),
            lang: Lang::negotiate(cookie(&names.lang).as_deref(), Some(&languages)),
            elder: cookie(&names.elder).as_deref() == Some("1"),
            principal: Principal::Anonymous,
            tokens,
            client: forwarded::client(req, door.proxies(&deps.config)),
            bearer,
            wants_page: !api && !wants_json && accept.to_ascii_lowercase().contains("text/html"),
            wants_json,
            path,
            page_path,
            sent,
            flash: cookie(&names.flash),
            verifies: false,
            csrf_secret: Vec::new(),
            new_visitor: None,
            nonce: OnceCell::new(),
            held: OnceCell::new(),
            door,
            claim: None,
            proof: None,
        };
        Self(Rc::new(context))
    }

    /// Whether a genuine document was shown in the network lately.
    #[must_use]
    pub fn verifies(&self) -> bool {
        self.verifies
    }

    /// Recognises a resident who asked lately and a network that verifies, from memory alone.
    pub fn recognise(&mut self, deps: &Deps) {
        self.verifies = deps.verifiers.knows(self.client.network(), self.now);
        let first = self.tokens.first().filter(|text| is_token(text));
        let kept = first.and_then(|text| remembered(deps, &token::hash(text.as_bytes()), self.now));
        if let Some(resident) = kept {
            self.tokens.clear();
            self.principal = Principal::Resident(resident);
        }
    }

    /// How urgent this request is, by what is known of who asks at this moment.
    pub fn urgency(&self, deps: &Deps, head: &RequestHead) -> Urgency {
        deps.urgencies.judge(head, self.asks(), self.verifies)
    }

    /// What is known of who asks, or is claimed.
    fn asks(&self) -> Asks {
        let claims = self.claim.is_some() || self.tokens.iter().any(|text| is_token(text));
        Asks::of(&self.principal, claims)
    }

    /// Looks up who asks.
    ///
    /// # Errors
    /// Those of the database; [`AppError::Unavailable`] when it takes too long.
    pub async fn identify(&mut self, deps: &Deps) -> AppResult<()> {
        let tokens = std::mem::take(&mut self.tokens);
        if session_of(&self.principal).is_none() {
            let late = |_| AppError::Unavailable("who asks could not be looked up in time".into());
            let looked_up = identify_first(deps, tokens, self.now);
            self.principal = tokio::time::timeout(WHO_WITHIN, looked_up).await.map_err(late)??;
        }
        touch(deps, &self.principal, self.now).await;
        Ok(())
    }

    /// Settles against which secret the forms of this request are checked, once it is known who asks or that it will not
    /// be: the session's, else that of a visitor.
    pub fn settle(&mut self, headers: &HeaderMap, deps: &Deps) {
        if let Some(session) = session_of(&self.principal) {
            self.csrf_secret = session.csrf.clone();
            return;
        }
        let visitor = cookies::values(headers, &deps.cookies.visitor).into_iter().find(|v| v.len() == 43);
        let (value, fresh) = match visitor {
            Some(value) => (value, false),
            None => (token::base64url(&token::random(32)), true),
        };
        self.csrf_secret = deps.keys.blind("csrf", &value).to_vec();
        self.new_visitor = fresh.then_some(value);
    }

    /// Nonce of the Content-Security-Policy, made for the first page that asks.
    pub fn nonce(&self) -> &str {
        self.nonce.get_or_init(|| token::base64url(&token::random(16)))
    }

    /// The nonce, if a page has asked for it.
    pub fn nonce_if_used(&self) -> Option<&str> {
        self.nonce.get().map(String::as_str)
    }

    /// Keeps the form of this request, for a page that has to ask for something first or could not do it.
    pub fn hold(&self, form: Form) {
        let _ = self.held.set(form);
    }

    /// The form that was kept.
    pub fn held(&self) -> Option<&Form> {
        self.held.get()
    }

    /// A token for the forms of a page.
    pub fn csrf(&self) -> String {
        csrf::mask(&self.csrf_secret)
    }

    /// Checks the token that came with a form.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] `csrf`.
    pub fn check_csrf(&self, sent: &str) -> AppResult<()> {
        if self.bearer || csrf::matches(&self.csrf_secret, sent) {
            Ok(())
        } else {
            Err(AppError::Forbidden("csrf"))
        }
    }

    /// What tells this browser from others: a hash of the secret against which its forms are checked.
    pub fn browser(&self) -> [u8; 32] {
        token::hash(&self.csrf_secret)
    }

    /// Whether the page is in English.
    pub fn english(&self) -> bool {
        self.lang == Lang::En
    }
}

/// The live session of whoever asks.
pub fn session_of(principal: &Principal) -> Option<&session::Session> {
    match principal {
        Principal::Anonymous | Principal::Program(_) => None,
        Principal::Resident(r) => Some(&r.session),
        Principal::Official(o) => Some(&o.session),
    }
}

/// Several lines of one header are one list (RFC 9110, 5.3); what is no text in it counts for nothing.
fn list(headers: &HeaderMap, name: HeaderName) -> String {
    headers.get_all(name).map(|v| String::from_utf8_lossy(v.as_bytes())).collect::<Vec<_>>().join(",")
}

/// Whose session the first token is that has one: a stray cookie of the same name signs nobody out.
async fn identify_first(deps: &Deps, tokens: Vec<String>, now: DateTime<Utc>) -> AppResult<Principal> {
    for token in tokens.into_iter().filter(|text| is_token(text)) {
        let principal = identify(deps, token, now).await?;
        if session_of(&principal).is_some() {
            return Ok(principal);
        }
    }
    Ok(Principal::Anonymous)
}

/// Tokens have one length, so that nothing else is looked up.
fn is_token(text: &str) -> bool {
    text.len() == 43
}

/// The resident of a token, if they asked lately and nothing has changed since.
fn remembered(deps: &Deps, token: &[u8; 32], now: DateTime<Utc>) -> Option<Arc<ResidentPrincipal>> {
    deps.residents.get(token, deps.store.marks()).filter(|r| r.session.is_live(now))
}

/// An anonymous visitor costs nothing, a resident who asked lately a look into memory, everybody else a short read.
async fn identify(deps: &Deps, text: String, now: DateTime<Utc>) -> AppResult<Principal> {
    present(deps, token::hash(text.as_bytes()), now).await
}

/// Who holds the session with the hash of this token now; `Anonymous` once it is over.
///
/// # Errors
/// Database errors.
pub async fn present(deps: &Deps, token: [u8; 32], now: DateTime<Utc>) -> AppResult<Principal> {
    if let Some(resident) = remembered(deps, &token, now) {
        return Ok(Principal::Resident(resident));
    }
    let marks = deps.store.marks();
    let stand = marks.stand();
    let principal = deps.store.read(move |conn| principal::of_token(conn, &token, now)).await?;
    if let Principal::Resident(resident) = &principal {
        deps.residents.keep(token, resident, marks, stand);
    }
    Ok(principal)
}

/// Writes down now and then that a session is in use. Losing this write only makes the idle limit a little earlier, so
/// nobody waits for it who only reads, when nothing can be written.
async fn touch(deps: &Deps, principal: &Principal, now: DateTime<Utc>) {
    let Some(session) = session_of(principal).filter(|s| s.needs_touch(now)) else { return };
    let (id, subject) = (session.id.clone(), session.subject);
    let written = deps.store.write(move |tx| session::touch(tx, &id, subject, now));
    match tokio::time::timeout(TOUCHED_WITHIN, written).await {
        Ok(Ok(())) => {}
        Ok(Err(e)) => tracing::warn!(error = %e, "session not touched"),
        Err(_) => tracing::warn!("session not touched in time"),
    }
}

/// Path and query of the page from which a form was sent, as the browser says (pages of ours only; the policy for that
/// header keeps it inside the portal).
fn page_path(referer: Option<&str>) -> Option<String> {
    let after = referer?.split_once("://")?.1;
    let path = after.find('/').and_then(|at| after.get(at..))?;
    Some(super::page::local_path(path, "/").to_owned())
}

fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    // The scheme's case does not matter (RFC 9110, 11.1).
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
