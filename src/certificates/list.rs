//! The certificates of a jurisdiction, the newest first.

use super::desk::Staff;
use super::model::{Row, State};
use super::store;
use super::store_worklist::{self, Part};
use crate::db::{Conn, Id, Ts};
use crate::deps::{App, Deps};
use crate::error::AppResult;
use crate::web::form::Valid;
use crate::web::format;
use crate::web::guard::{Looks, Official};
use crate::web::i18n::{Lang, t};
use crate::web::principal::OfficialPrincipal;
use crate::web::view::Choice;
use crate::worklist::{
    self, Among, Cell, Column, Filter, Holder, Item, Lane, Listing, Scope, SearchInput, Shown, Sort, Spec,
    Tab, Texts, Worklist, paths,
};
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// The list.
pub(super) struct Certificates;

/// A certificate of a jurisdiction for programs.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeskCertificateBody {
    /// Its number.
    pub number: String,
    /// Send it with a revocation.
    pub version: i64,
    /// Where it stands now.
    pub state: State,
    /// Name of the holder.
    pub name: String,
    /// Number of the document, masked.
    pub document: String,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

fn states(_: &OfficialPrincipal, _: &str, lang: Lang) -> Vec<Choice> {
    let choice =
        |state: State| Choice::text(lang, state.code(), &format!("certificate-state-{}", state.code()));
    State::ALL.map(choice).into()
}

impl Worklist for Certificates {
    type Who = Staff;
    type Row = (Row, Holder);
    type Key = (Ts, Id);
    type Body = DeskCertificateBody;

    const SPEC: Spec = Spec {
        name: "certificates",
        id: "certificates.id",
        paths: paths!("/desk/certificates"),
        entry: ("certificate.list", "certificate"),
        texts: Texts {
            title: "desk-certificates-title",
            caption: "desk-certificates-title",
            tabs: "desk-certificates-title",
            empty: "desk-certificates-empty",
            empty_text: "desk-declarations-empty-text",
        },
        tabs: &[Tab::plain("all", "all")],
        first: |_| "all",
        filters: &[
            Filter { name: "state", label: "certificate-state", choices: states },
            Filter {
                name: "place",
                label: "worklist-place",
                choices: |who, _, lang| worklist::below(who, lang),
            },
        ],
        sorts: &[
            Sort { code: "newest", label: Some("worklist-sort-newest") },
            Sort { code: "oldest", label: Some("worklist-sort-oldest") },
        ],
        columns: &[
            Column::new("certificate-holder", "", &["certificate-holder", "worklist-number"]),
            Column::new("certificate-document", "m", &["certificate-document"]),
            Column::new("certificate-issued", "m", &["certificate-issued"]),
            Column::new("certificate-until", "m", &["certificate-until"]),
            Column::new("certificate-state", "st", &["certificate-state"]),
        ],
        search: Some("desk-declarations-search-hint"),
    };

    fn lanes(scope: &Scope, after: Option<&(Ts, Id)>, limit: i64) -> Vec<Lane> {
        let pattern = worklist::within_reach(&scope.who, scope.filter("place"));
        if let Some(search) = &scope.search {
            return store_worklist::found(&pattern, search, limit);
        }
        let newest = Self::newest_first(scope);
        let parts = Part::of(scope.filter("state")).iter();
        parts.map(|part| store_worklist::part(&pattern, *part, newest, (after, limit), scope.now)).collect()
    }

    fn rows(conn: &mut Conn, _: &Deps, _: &Scope, among: Among) -> AppResult<Vec<Self::Row>> {
        store_worklist::rows(conn, among)
    }

    fn id((row, _): &Self::Row) -> Id {
        row.id
    }

    fn number((row, _): &Self::Row) -> &str {
        &row.number
    }

    fn key((row, _): &Self::Row) -> (Ts, Id) {
        (row.issued_at, row.id)
    }

    fn newest_first(scope: &Scope) -> bool {
        scope.sort != "oldest"
    }

    fn item(deps: &Deps, _: &OfficialPrincipal, (row, holder): &Self::Row, shown: Shown) -> AppResult<Item> {
        let lang = shown.lang;
        let (name, document) = holder.open(&deps.keys)?;
        let state = store::state(row, shown.now);
        let until = format::until(lang, row.expires_at.0, true);
        let cells = vec![
            Cell::Who { name: name.as_str().to_owned(), document: None, number: row.number.clone() },
            Cell::text(document.masked()),
            Cell::Moment { at: row.issued_at.0 },
            Cell::Until { text: until, at: row.expires_at.0 },
            Cell::tag(state.tag(), t(lang, &format!("certificate-state-{}", state.code()), &[])),
        ];
        Ok(Item { version: row.version, late: false, cells })
    }

    fn body(
        deps: &Deps,
        _: &OfficialPrincipal,
        (row, holder): &Self::Row,
        now: DateTime<Utc>,
    ) -> AppResult<DeskCertificateBody> {
        let (name, document) = holder.open(&deps.keys)?;
        Ok(DeskCertificateBody {
            number: row.number.clone(),
            version: row.version,
            state: store::state(row, now),
            name: name.as_str().to_owned(),
            document: document.masked(),
            issued_at: row.issued_at.0,
            expires_at: row.expires_at.0,
        })
    }
}

/// The certificates of the jurisdiction, the newest first.
#[utoipa::path(get, path = "/api/v1/desk/certificates", tag = "desk",
    params(("state" = Option<String>, Query, description = "`valid`, `suspended`, `expired`, `revoked`, `superseded`"),
        ("place" = Option<String>, Query, description = "a division one level below the jurisdiction"),
        ("sort" = Option<String>, Query, description = "`oldest`"),
        ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = Listing<DeskCertificateBody>), (status = 400, description = "no such place in the list")))]
pub(super) async fn api(req: HttpRequest, deps: App, who: Official<Staff>) -> AppResult<HttpResponse> {
    worklist::listing::<Certificates, _>(&req, &deps, &who).await
}

/// Looks for certificates of the jurisdiction. What is looked for names a person, so it stands in no address.
#[utoipa::path(post, path = "/api/v1/desk/certificates/search", tag = "desk", request_body = SearchInput,
    responses((status = 200, body = Listing<DeskCertificateBody>)))]
pub(super) async fn api_search(
    req: HttpRequest,
    deps: App,
    who: Official<Looks<Staff>>,
    input: Valid<SearchInput>,
) -> AppResult<HttpResponse> {
    worklist::listing_of_search::<Certificates, _>(&req, &deps, &who, &input.0.q).await
}
