//! How urgent a request is: by what its row in the table of routes says, else by who asks for what.

use super::intake::SMALL;
use super::principal::Principal;
use super::route::RouteInfo;
use crate::urgency::Urgency;
use actix_web::dev::RequestHead;
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use std::collections::HashMap;

/// What is known of who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Nobody, or somebody whose session is none.
    Stranger,
    /// Somebody who says to have a session; it was not looked up yet.
    Claims,
    /// A resident.
    Resident,
    /// An official.
    Official,
    /// A program whose signature holds.
    Program,
}

impl Asks {
    /// Of whom it is known, or at least what is claimed.
    #[must_use]
    pub fn of(principal: &Principal, claims: bool) -> Self {
        match principal {
            Principal::Resident(_) => Self::Resident,
            Principal::Official(_) => Self::Official,
            Principal::Program(_) => Self::Program,
            Principal::Anonymous if claims => Self::Claims,
            Principal::Anonymous => Self::Stranger,
        }
    }
}

/// The paths of which the table says how urgent they are.
#[derive(Debug, Default)]
pub struct Urgencies {
    whole: HashMap<&'static str, Urgency>,
    /// Paths with a parameter, by what stands before it.
    under: Vec<(&'static str, Urgency)>,
}

impl Urgencies {
    /// Of this table.
    #[must_use]
    pub fn of(table: &[RouteInfo]) -> Self {
        let mut all = Self::default();
        for (path, urgency) in table.iter().filter_map(|row| Some((row.path, row.urgency?))) {
            match path.find('{').and_then(|at| path.get(..at)) {
                Some(before) => all.under.push((before, urgency)),
                None => _ = all.whole.insert(path, urgency),
            }
        }
        all
    }

    fn said(&self, path: &str) -> Option<Urgency> {
        let under = || self.under.iter().find(|(before, _)| path.starts_with(before)).map(|(_, u)| *u);
        self.whole.get(path).copied().or_else(under)
    }

    /// How urgent a request is. Somebody's own code is that only for a session that is one: a stranger who asks for it is
    /// led to sign in, and may wait for that as for any page. Who verifies, or fetches what verifiers need, is as urgent as the
    /// gate once a text from there was genuine (`verifies`): a flood has none.
    #[must_use]
    pub fn judge(&self, head: &RequestHead, asks: Asks, verifies: bool) -> Urgency {
        let changes = !matches!(head.method, Method::GET | Method::HEAD | Method::OPTIONS);
        match (self.said(head.uri.path()), asks) {
            _ if changes && is_large(head) => Urgency::Files,
            (Some(Urgency::Code), Asks::Resident) => Urgency::Code,
            (Some(Urgency::Code), Asks::Claims) => Urgency::Forms,
            (Some(Urgency::Gate), Asks::Stranger | Asks::Claims) if !verifies => Urgency::Lists,
            (Some(urgency), _) if urgency != Urgency::Code => urgency,
            _ if changes => Urgency::Forms,
            (_, Asks::Stranger) => Urgency::Pages,
            _ => Urgency::Lists,
        }
    }
}

/// Whether the body is a large file, or may be one. A small picture costs the thread that answers no more than a text; the
/// threads that look at it have turns of their own.
fn is_large(head: &RequestHead) -> bool {
    let text = |name: HeaderName| head.headers.get(name).and_then(|v| v.to_str().ok());
    match text(CONTENT_LENGTH).map(str::parse::<usize>) {
        Some(length) => length.is_ok_and(|bytes| bytes > SMALL),
        None => text(CONTENT_TYPE)
            .is_some_and(|kind| ["multipart/", "image/"].iter().any(|p| kind.starts_with(p))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn the_gate_is_urgent_and_a_stranger_may_wait() {
        let urgencies = Urgencies::of(crate::router::routes().table());
        let get = |path| TestRequest::get().uri(path);
        let post = |path| TestRequest::post().uri(path);
        let sized = |path, bytes: usize| post(path).insert_header((CONTENT_LENGTH, bytes.to_string()));
        let file = |path| post(path).insert_header((CONTENT_TYPE, "multipart/form-data; boundary=x"));
        for (request, asks, urgency) in [
            (get("/code"), Asks::Resident, Urgency::Code),
            (get("/code?why=1"), Asks::Resident, Urgency::Code),
            (get("/api/v1/code"), Asks::Claims, Urgency::Forms),
            (get("/code"), Asks::Stranger, Urgency::Pages),
            (get("/code"), Asks::Official, Urgency::Lists),
            (get("/code/why"), Asks::Resident, Urgency::Lists),
            (get("/verify"), Asks::Stranger, Urgency::Gate),
            (sized("/verify", 900), Asks::Stranger, Urgency::Gate),
            (sized("/verify", 2_000_000), Asks::Stranger, Urgency::Files),
            (file("/verify"), Asks::Official, Urgency::Files),
            (sized("/api/v1/verify", 900), Asks::Stranger, Urgency::Gate),
            (sized("/api/v1/verify/image", 900), Asks::Stranger, Urgency::Gate),
            (sized("/api/v1/verify/image", 900_000), Asks::Stranger, Urgency::Files),
            (
                post("/api/v1/verify/image").insert_header((CONTENT_TYPE, "image/png")),
                Asks::Stranger,
                Urgency::Files,
            ),
            (get("/exchange/v1/status-lists/1"), Asks::Stranger, Urgency::Gate),
            (get("/health/ready"), Asks::Stranger, Urgency::Forms),
            (sized("/sign-in", 100), Asks::Stranger, Urgency::Forms),
            (get("/sign-in?next=/code"), Asks::Stranger, Urgency::Forms),
            (get("/sign-in/code"), Asks::Stranger, Urgency::Forms),
            (get("/sign-in/notice"), Asks::Resident, Urgency::Forms),
            (get("/desk/sign-in"), Asks::Stranger, Urgency::Forms),
            (get("/desk/sign-in/totp"), Asks::Stranger, Urgency::Forms),
            (get("/desk/sign-in/enrol"), Asks::Stranger, Urgency::Forms),
            (get("/desk/sign-in/choose"), Asks::Stranger, Urgency::Forms),
            (get("/desk/step-up"), Asks::Official, Urgency::Forms),
            (sized("/declare/health", 100), Asks::Resident, Urgency::Forms),
            (get("/desk/declarations"), Asks::Official, Urgency::Lists),
            (get("/me"), Asks::Claims, Urgency::Lists),
            (get("/me/data/download"), Asks::Resident, Urgency::Files),
            (get("/audit/export.csv"), Asks::Official, Urgency::Files),
            (get("/"), Asks::Stranger, Urgency::Pages),
            (get("/no-such-page"), Asks::Stranger, Urgency::Pages),
        ] {
            let request = request.to_srv_request();
            let judged = urgencies.judge(request.request().head(), asks, true);
            assert_eq!(judged, urgency, "{} {asks:?}", request.uri());
        }
    }

    #[test]
    fn a_network_without_a_genuine_document_verifies_after_those_that_have_shown_one() {
        let urgencies = Urgencies::of(crate::router::routes().table());
        for (path, asks, urgency) in [
            ("/verify", Asks::Stranger, Urgency::Lists),
            ("/api/v1/verify", Asks::Stranger, Urgency::Lists),
            ("/api/v1/verify/image", Asks::Stranger, Urgency::Lists),
            ("/exchange/v1/verify", Asks::Claims, Urgency::Lists),
            ("/api/v1/verify", Asks::Official, Urgency::Gate),
            ("/api/v1/verify", Asks::Resident, Urgency::Gate),
        ] {
            let request =
                TestRequest::post().uri(path).insert_header((CONTENT_LENGTH, "900")).to_srv_request();
            assert_eq!(urgencies.judge(request.request().head(), asks, false), urgency, "{path} {asks:?}");
            assert_eq!(
                urgencies.judge(request.request().head(), asks, true),
                Urgency::Gate,
                "{path} {asks:?}"
            );
        }
        for (path, urgency) in [
            ("/exchange/v1/status-lists/1", Urgency::Lists),
            ("/exchange/v1/trust-list", Urgency::Lists),
            ("/verify", Urgency::Lists),
            // Who asks whether the portal is there is the proxy before it.
            ("/health/ready", Urgency::Forms),
        ] {
            let asked = TestRequest::get().uri(path).to_srv_request();
            assert_eq!(urgencies.judge(asked.request().head(), Asks::Stranger, false), urgency, "{path}");
        }
    }
}
