//! Every worklist, and how its rows are made. A list more is an entry more of [`LISTS`].

use super::business::{AGENTS, BUSINESSES};
use super::fill::{Rows, Source};
use super::told::{cause, stated};
use crate::access::Role;
use crate::crypto::FieldContext;
use crate::db::{Id, Ts};
use crate::error::AppResult;
use crate::web::paging::cursor;
use serde_json::json;

/// The county whose officials ask, and the province.
pub const COUNTY: &str = "511621";
const PROVINCE: &str = "510000";

/// A worklist.
pub struct List {
    /// What it is called in the table.
    pub name: &'static str,
    /// Its page.
    pub path: &'static str,
    /// Who works at it.
    pub role: Role,
    /// In which jurisdiction.
    pub area: &'static str,
    /// Its rows.
    pub rows: Rows,
    /// The query of a page with a filter; `:town` is a town of the county.
    pub filter: &'static str,
    /// Whether somebody can be looked for, and who.
    pub search: Option<Typed>,
    /// Whether the last come first.
    pub newest: bool,
    /// Whether the nth row stands where the role lands.
    pub shown: fn(u64) -> bool,
    /// The place of the nth row, as the address of the page after it has it.
    pub place: fn(&Source, u64, Id) -> AppResult<String>,
}

/// What is typed into a search.
pub enum Typed {
    /// The telephone of the first person.
    Telephone,
    /// A part of the name of a business.
    Business,
}

/// Part of the name of the eighth business.
pub const BUSINESS: &str = "第7号面馆";

/// Half of the rows, by sixes: so that every place has rows of both.
const HALF: &str = "(r.i / 6) % 2";

/// Rows of the county that wait.
pub fn waiting(n: u64) -> bool {
    county(n) && (n / 6).is_multiple_of(2)
}

/// Rows of the county.
fn county(n: u64) -> bool {
    n.is_multiple_of(3)
}

/// The place of a row by when it came.
pub fn by_arrival(source: &Source, n: u64, id: Id) -> AppResult<String> {
    cursor(&(Ts::from(source.at(n)), id))
}

fn by_limit(source: &Source, n: u64, id: Id) -> AppResult<String> {
    cursor(&(Ts::from(source.later(n)), id))
}

/// Every list; certificates rest on declarations, so they come after them.
pub const LISTS: &[List] =
    &[DECLARATIONS, CERTIFICATES, APPEALS, APPLICATIONS, CLAIMS, TASKS, SECOND, HOLDS, AGENTS];

const DECLARATIONS: List = List {
    name: "declarations",
    path: "/desk/declarations",
    role: Role::VillageWorker,
    area: COUNTY,
    rows: Rows {
        table: "declarations",
        columns: &[
            ("id", "r.id"),
            ("number", "'SB-BENCH' || r.i"),
            ("account_id", ":account"),
            ("person_id", "r.person"),
            ("state", "CASE :half WHEN 0 THEN 'submitted' ELSE 'withdrawn' END"),
            ("version", "2"),
            ("answers_sealed", "r.sealed"),
            ("step", "'commit'"),
            ("division", ":place"),
            ("concern", "r.i % 5 = 0"),
            ("created_at", "r.at"),
            ("updated_at", "r.at"),
            ("submitted_at", "r.at"),
        ],
        parent: None,
        seal: Some(|source, id| {
            let context = FieldContext::new("declarations", "answers_sealed", id.0);
            Ok((source.keys.seal_json(&context, &source.answers)?, Vec::new()))
        }),
    },
    filter: "town=:town",
    search: Some(Typed::Telephone),
    newest: false,
    shown: waiting,
    place: by_arrival,
};

const CERTIFICATES: List = List {
    name: "certificates",
    path: "/desk/certificates",
    role: Role::Doctor,
    area: COUNTY,
    rows: Rows {
        table: "certificates",
        columns: &[
            ("id", "r.id"),
            ("number", "'ZM-BENCH' || r.i"),
            ("declaration_id", "r.parent"),
            ("person_id", "r.person"),
            ("account_id", ":account"),
            ("state", "CASE :half WHEN 0 THEN 'valid' ELSE 'superseded' END"),
            ("version", "1"),
            ("division", ":place"),
            ("conclusion", "'fit'"),
            ("temperature_tenths", "365"),
            ("token_sealed", "r.sealed"),
            ("kid", "r.sealed"),
            ("status_list", "1"),
            ("status_index", "CAST(r.i AS INTEGER)"),
            ("office_id", ":office"),
            ("official_id", ":official"),
            ("issued_at", "r.at"),
            ("expires_at", "r.later"),
        ],
        parent: Some(("declarations", 1)),
        seal: None,
    },
    filter: "state=valid&place=:town",
    search: Some(Typed::Telephone),
    newest: true,
    shown: county,
    place: by_arrival,
};

const APPEALS: List = List {
    name: "appeals",
    path: "/desk/appeals",
    role: Role::AppealReviewer,
    area: COUNTY,
    rows: Rows {
        table: "code_appeals",
        columns: &[
            ("id", "r.id"),
            ("number", "'SS-BENCH' || r.i"),
            ("account_id", ":account"),
            ("person_id", "r.person"),
            ("division", ":place"),
            ("rule", "'red.close-contact'"),
            ("state", "CASE :half WHEN 0 THEN 'submitted' ELSE 'upheld' END"),
            ("version", "1"),
            ("statement_sealed", "r.sealed"),
            ("clock", ":clock"),
            ("due_at", "r.later"),
            ("created_at", "r.at"),
        ],
        parent: None,
        seal: Some(|source, id| {
            let context = FieldContext::new("code_appeals", "statement_sealed", id.0);
            let statement =
                json!({"cause": cause(), "reason": "当天我不在现场，有单位的考勤记录。", "found": true});
            Ok((source.keys.seal_json(&context, &statement)?, Vec::new()))
        }),
    },
    filter: "place=:town",
    search: Some(Typed::Telephone),
    newest: false,
    shown: waiting,
    place: by_arrival,
};

const APPLICATIONS: List = List {
    name: "applications",
    path: "/desk/applications",
    role: Role::CountyDesk,
    area: COUNTY,
    rows: Rows {
        table: "applications",
        columns: &[
            ("id", "r.id"),
            ("number", "'QY-BENCH' || r.i"),
            ("business_id", "r.parent"),
            ("account_id", ":account"),
            ("kind", "'enterprise'"),
            ("state", "CASE :half WHEN 0 THEN 'accepted' ELSE 'closed' END"),
            ("version", "1"),
            ("division", ":place"),
            ("risk_level", "'medium'"),
            ("review_level", "'permit'"),
            ("step", "'commit'"),
            ("form_sealed", "r.sealed"),
            ("returning_staff", "7"),
            ("corrections", "0"),
            ("clock", ":clock"),
            ("due_at", "r.later"),
            ("created_at", "r.at"),
            ("updated_at", "r.at"),
            ("submitted_at", "r.at"),
        ],
        parent: Some((BUSINESSES.table, 10)),
        seal: None,
    },
    filter: "town=:town&kind=enterprise",
    search: Some(Typed::Business),
    newest: false,
    shown: waiting,
    place: |source, n, id| cursor(&(false, Some(Ts::from(source.later(n))), id)),
};

const CLAIMS: List = List {
    name: "claims",
    path: "/desk/claims",
    role: Role::TownReviewer,
    area: COUNTY,
    rows: Rows {
        table: "identity_claims",
        columns: &[
            ("id", "r.id"),
            ("number", "'RL-BENCH' || r.i"),
            ("account_id", ":account"),
            ("person_id", "r.person"),
            ("name_sealed", "r.sealed"),
            ("doc_sealed", "r.more"),
            ("division", ":place"),
            ("state", "CASE :half WHEN 0 THEN 'open' ELSE 'rejected' END"),
            ("created_at", "r.at"),
            ("version", "1"),
        ],
        parent: None,
        seal: Some(|source, id| {
            let context = |column| FieldContext::new("identity_claims", column, id.0);
            let (name, document) = stated();
            let name = source.keys.seal_str(&context("name_sealed"), &name)?;
            Ok((name, source.keys.seal_str(&context("doc_sealed"), &document)?))
        }),
    },
    filter: "place=:town",
    search: None,
    newest: false,
    shown: waiting,
    place: by_arrival,
};

const TASKS: List = List {
    name: "tasks",
    path: "/desk/tasks",
    role: Role::VillageWorker,
    area: COUNTY,
    rows: Rows {
        table: "tasks",
        columns: &[
            ("id", "r.id"),
            ("number", "'RW-BENCH' || r.i"),
            ("kind", "'call-returned'"),
            ("role", "'village-worker'"),
            ("subject", "r.id"),
            ("person_id", "r.person"),
            ("day", "'2020-03-12'"),
            ("division", ":place"),
            ("due_at", "r.later"),
            ("state", "CASE :half WHEN 0 THEN 'open' ELSE 'done' END"),
            ("version", "1"),
            ("done_at", "CASE :half WHEN 0 THEN NULL ELSE r.at END"),
            ("created_at", "r.at"),
        ],
        parent: None,
        seal: None,
    },
    filter: "place=:town&kind=call-returned",
    search: Some(Typed::Telephone),
    newest: false,
    shown: waiting,
    place: by_limit,
};

const SECOND: List = List {
    name: "second person",
    path: "/desk/second",
    role: Role::ColourOfficer,
    area: COUNTY,
    rows: Rows {
        table: "second_waits",
        columns: &[
            ("id", "r.id"),
            ("kind", "'record'"),
            ("holder_id", "r.id"),
            ("person_id", "r.person"),
            ("division", ":place"),
            ("roles", "' colour-officer '"),
            ("detail", "'{\"kind\":\"close-contact\"}'"),
            ("state", "CASE :half WHEN 0 THEN 'open' ELSE 'expired' END"),
            ("entered_by", ":official"),
            ("office_id", ":office"),
            ("entered_at", "r.at"),
            ("expires_at", "r.later"),
            ("ended_at", "CASE :half WHEN 0 THEN NULL ELSE r.later END"),
        ],
        parent: None,
        seal: None,
    },
    filter: "place=:town",
    search: Some(Typed::Telephone),
    newest: false,
    shown: waiting,
    place: by_arrival,
};

const HOLDS: List = List {
    name: "holds",
    path: "/desk/holds",
    role: Role::ProvinceOperator,
    area: PROVINCE,
    rows: Rows {
        table: "retention_holds",
        columns: &[
            ("id", "r.id"),
            ("number", "'HB-BENCH' || r.i"),
            ("kind", "'declaration'"),
            ("object_id", "r.id"),
            ("reason_sealed", "r.sealed"),
            ("state", "CASE :half WHEN 0 THEN 'open' ELSE 'refused' END"),
            ("until", "r.later"),
            ("review_at", "r.later"),
            ("entered_by", ":official"),
            ("office_id", ":office"),
            ("created_at", "r.at"),
        ],
        parent: None,
        seal: None,
    },
    // It has no filter: the other order.
    filter: "sort=oldest",
    search: None,
    newest: true,
    shown: |n| (n / 6).is_multiple_of(2),
    place: by_arrival,
};

/// Words that stand for the same in all lists.
pub fn half() -> (&'static str, String) {
    (":half", HALF.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::Method;

    #[test]
    fn every_worklist_of_the_portal_is_measured() {
        let mut ours: Vec<&str> = LISTS.iter().map(|list| list.path).collect();
        ours.sort_unstable();
        // Each has its views, at an address of their own below its page.
        let routes = crate::router::routes();
        let views = routes.table().iter().filter(|row| row.method == Method::POST);
        let mut theirs: Vec<&str> = views.filter_map(|row| row.path.strip_suffix("/views")).collect();
        theirs.sort_unstable();
        assert_eq!(ours, theirs, "a list that is new is an entry of LISTS");
    }
}
