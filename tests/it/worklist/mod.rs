//! What every list of officials does, for all of them: order, paging, search, counts, views, files, and that what is not
//! yours is in none of these.

mod agents;
mod applications;
mod files;
mod fill;
mod flat;
mod hands;
mod paging;
mod queries;
mod search;
mod views;

use crate::harness::browser::Answer;
use fugong::access::Role;

/// Where things are, and where they are not.
pub const HERE: &str = "511621";
pub const ELSEWHERE: &str = "510107";

/// A list under test.
#[derive(Debug, Clone, Copy)]
pub struct List {
    /// Its page, below which its cases stand.
    pub path: &'static str,
    /// Its call, and the name of the rows in its answer.
    pub api: (&'static str, &'static str),
    /// Who works at it.
    pub role: Role,
    /// The tab in which [`fill::fill`] puts rows.
    pub tab: &'static str,
    /// Whether that is counted.
    pub counted: bool,
    /// Whether the last come first.
    pub newest: bool,
    /// Whether names are masked in it.
    pub masked: bool,
    /// The document of Wang Xiaoming of this list: the rows of each are of a person of their own.
    pub document: &'static str,
}

/// The lists that one journey fills; holds, tasks and what waits for a second person are filled where they are asked
/// (`queries`, `tasks`, `second`).
pub const LISTS: &[List] = &[
    List {
        path: "/desk/appeals",
        api: ("/api/v1/desk/appeals", "rows"),
        role: Role::AppealReviewer,
        tab: "open",
        counted: true,
        newest: false,
        masked: true,
        document: crate::codes::DOCUMENT,
    },
    List {
        path: "/desk/declarations",
        api: ("/api/v1/desk/declarations", "declarations"),
        role: Role::VillageWorker,
        tab: "submitted",
        counted: true,
        newest: false,
        masked: false,
        document: "360426199101010071",
    },
    List {
        path: "/desk/certificates",
        api: ("/api/v1/desk/certificates", "rows"),
        role: Role::Doctor,
        tab: "all",
        counted: false,
        newest: true,
        masked: false,
        document: "51162119900307132X",
    },
    List {
        path: "/desk/applications",
        api: ("/api/v1/desk/applications", "applications"),
        role: Role::CountyDesk,
        tab: "waiting",
        counted: true,
        newest: false,
        masked: false,
        document: "110105194912310038",
    },
    List {
        path: "/desk/claims",
        api: ("/api/v1/desk/claims", "claims"),
        role: Role::TownReviewer,
        tab: "open",
        counted: false,
        newest: false,
        masked: true,
        document: "511621198802141019",
    },
    List {
        path: "/desk/agents",
        api: ("/api/v1/desk/agents", "agents"),
        role: Role::CountyDesk,
        tab: "waiting",
        counted: true,
        newest: false,
        // Of whoever asks to act it has the number only.
        masked: true,
        document: "511621199203154524",
    },
];

impl List {
    /// Its name.
    pub fn name(&self) -> &'static str {
        self.path.rsplit('/').next().unwrap()
    }

    /// What its rows are in the record.
    pub fn kind(&self) -> &'static str {
        match self.name() {
            "agents" => "business_agent",
            name => name.trim_end_matches('s'),
        }
    }

    /// Numbers that came one after the other, as the list has them.
    pub fn ordered(&self, came: &[String]) -> Vec<String> {
        if self.newest { came.iter().rev().cloned().collect() } else { came.to_vec() }
    }
}

/// The numbers of the rows of a page, in their order.
pub fn numbers(page: &Answer, list: &List) -> Vec<String> {
    let head = format!("class=\"who\" href=\"{}/", list.path);
    page.body.split(&head).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

/// The address of the next page.
pub fn older(page: &Answer) -> Option<String> {
    let before = page.body.split("rel=\"next\"").next().filter(|before| before.len() < page.body.len())?;
    let href = before.rsplit("href=\"").next()?.split('"').next()?;
    Some(href.replace("&amp;", "&"))
}

/// How many a tab says that it has.
pub fn count(page: &Answer, tab: &str) -> String {
    let link = format!("?tab={tab}\"");
    let shown =
        page.body.split(&link).nth(1).unwrap_or_else(|| panic!("no tab {tab}")).split("</a>").next().unwrap();
    let number = shown.split("</span>").nth(1).unwrap_or_default();
    number.split('<').next().unwrap().to_owned()
}
