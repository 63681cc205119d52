//! Pages of every worklist with a thousand rows and with a million: how many queries a page is, and what it costs beside
//! them. The limit of a page is the time of its own queries in the same request, and 5 ms more.

mod business;
mod fill;
mod heard;
mod lists;
mod told;

use super::Bench;
use super::desk::{self, Post};
use super::figure::{Figure, Target};
use super::load::{Client, request};
use super::{declare, system};
use crate::crypto::FieldContext;
use crate::db::schema::{accounts, declarations, persons};
use crate::db::{Conn, Id};
use crate::error::AppError;
use crate::identity::{DivisionCode, divisions};
use crate::officials::OfficeKind;
use crate::worklist::blinds;
use business::BUSINESSES;
use chrono::TimeDelta;
use diesel::prelude::*;
use fill::{Source, connect, fill};
use lists::{BUSINESS, COUNTY, LISTS, List, Typed};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Instant;

pub use heard::prepare;

/// A page may be so many queries, and take so many milliseconds more than they do.
const QUERIES: f64 = 2.0;
const MORE_MS: f64 = 5.0;
/// A page is asked for so often before it is measured, and then so often.
const BEFORE: usize = 3;
const TIMES: usize = 21;
/// Rows of the last page.
const LAST: usize = 25;

/// What was measured of a page: medians.
struct Page {
    ms: f64,
    queries_ms: f64,
    queries: f64,
}

/// Somebody who works at a list.
struct Desk {
    client: Client,
    token: String,
    asked: u64,
}

/// Fills every list to each size, and measures each.
pub async fn pages(bench: &mut Bench) -> Result<(), String> {
    let mut sizes = bench.options.sizes.clone();
    sizes.sort_unstable();
    let mut source = source(bench).await?;
    let mut conn = connect(&bench.portal.deps.config.database)?;
    let mut desks = Vec::new();
    for (n, list) in (1..).zip(LISTS) {
        let post = Post { n: FIRST + n, role: list.role, kind: office(list), division: list.area };
        let (token, ..) = desk::official(&bench.portal, post).await?;
        desks.push(Desk { client: Client::connect(bench.portal.address).await?, token, asked: 0 });
    }
    let mut first: BTreeMap<String, f64> = BTreeMap::new();
    for size in &sizes {
        grow(bench, &mut conn, &mut source, *size)?;
        for (list, desk) in LISTS.iter().zip(&mut desks) {
            measure(bench, (list, desk), &source, *size, &mut first).await?;
        }
    }
    Ok(())
}

/// Officials of this group have numbers from here on.
const FIRST: u64 = 5_000;

fn office(list: &List) -> OfficeKind {
    if list.area == COUNTY { OfficeKind::County } else { OfficeKind::Province }
}

fn grow(bench: &mut Bench, conn: &mut Conn, source: &mut Source, size: u64) -> Result<(), String> {
    let tables = std::iter::once(&BUSINESSES).chain(LISTS.iter().map(|list| &list.rows));
    for rows in tables {
        let begun = Instant::now();
        fill(conn, rows, source, size)?;
        let seconds = begun.elapsed().as_secs_f64();
        (bench.progress)(&format!("{} has {size} rows after {seconds:.1} s", rows.table));
    }
    Ok(())
}

/// Persons, an account, an official and the answers of a declaration: what rows are made from.
async fn source(bench: &mut Bench) -> Result<Source, String> {
    let people = bench.people().await?;
    let telephone = people.first().map(|person| person.phone.clone()).unwrap_or_default();
    declare::first(bench).await?;
    let post =
        Post { n: FIRST, role: crate::access::Role::Doctor, kind: OfficeKind::County, division: COUNTY };
    let (_, official, office) = desk::official(&bench.portal, post).await?;
    let (store, keys) = (bench.portal.deps.store.clone(), bench.portal.deps.keys.clone());
    let sqlite = store.is_sqlite();
    let opened = keys.clone();
    let read = store.read(move |conn| {
        let mut all: Vec<Id> = persons::table.order(persons::id).select(persons::id).load(conn)?;
        let known = persons::phone_blind.eq_any(blinds(&opened, &telephone));
        let first: Id = persons::table.filter(known.assume_not_null()).select(persons::id).first(conn)?;
        all.sort_by_key(|id| *id != first);
        let account: Id = accounts::table.order(accounts::id).select(accounts::id).first(conn)?;
        let (id, sealed): (Id, Vec<u8>) = declarations::table
            .order(declarations::id)
            .select((declarations::id, declarations::answers_sealed))
            .first(conn)?;
        let context = FieldContext::new("declarations", "answers_sealed", id.0);
        Ok((all, account, opened.open_json::<Value>(&context, &sealed)?))
    });
    let (persons, account, answers) = read.await.map_err(|e| e.to_string())?;
    let now = bench.portal.clock.now();
    // The name of a limit is that of the workflows.
    let clock = json!({"decision": {"working_days": 2, "started": now - TimeDelta::hours(1)}});
    let words = vec![
        lists::half(),
        (":place", fill::place(towns()?)),
        (":account", fill::uuid(sqlite, account)),
        (":official", fill::uuid(sqlite, official)),
        (":office", fill::uuid(sqlite, office)),
        (":clock", format!("'{clock}'")),
    ];
    // A million rows have come within six days: what nobody confirms for a week counts no longer.
    Ok(Source { keys, from: now - TimeDelta::days(6), persons, answers, words, made: BTreeMap::new() })
}

/// The first two towns of the county.
fn towns() -> Result<(DivisionCode, DivisionCode), String> {
    let county = DivisionCode::parse(COUNTY).map_err(|e| e.to_string())?;
    match divisions().children(county).as_slice() {
        [one, other, ..] => Ok((one.code, other.code)),
        _ => Err("the county has no towns".into()),
    }
}

/// The pages of a list, each with its figure; then how many queries they are, at most.
async fn measure(
    bench: &mut Bench,
    (list, desk): (&List, &mut Desk),
    source: &Source,
    size: u64,
    first: &mut BTreeMap<String, f64>,
) -> Result<(), String> {
    let mut queries = 0.0_f64;
    for (view, asked, least) in views(bench, list, source, size).await? {
        let page = desk.page(&asked, least).await.map_err(|e| format!("{}, {view}: {e}", list.name))?;
        queries = queries.max(page.queries);
        let name = format!("{}, {size} rows: {view}", list.name);
        let figure = Figure::new(name, page.ms, "ms")
            .beside("its queries alone, in ms", page.queries_ms)
            .target(Target::AtMost(page.queries_ms + MORE_MS));
        let key = format!("{}: {view}", list.name);
        let with_few = *first.entry(key).or_insert(page.ms);
        let growth = if with_few > 0.0 { page.ms / with_few } else { 0.0 };
        bench.report.add(figure.note(format!("{growth:.2} of what it takes with the fewest rows")));
    }
    let most =
        Figure::new(format!("{}, {size} rows: queries of a page, at most", list.name), queries, "queries");
    bench.report.add(most.beside("the limit", QUERIES).target(Target::AtMost(QUERIES)));
    Ok(())
}

/// What is asked: the path, or what is looked for.
enum Asked {
    Path(String),
    Search(&'static str, String),
}

/// The views of a list: a name, what is asked, and how many rows it shows at least.
async fn views(
    bench: &mut Bench,
    list: &List,
    source: &Source,
    size: u64,
) -> Result<Vec<(&'static str, Asked, usize)>, String> {
    let town = towns()?.0.to_string();
    let filtered = format!("{}?{}", list.path, list.filter.replace(":town", &town));
    let after = before_last(list, source, size)?;
    let mut views = vec![
        ("first page", Asked::Path(list.path.to_owned()), 50),
        ("first page, filtered", Asked::Path(filtered), 50),
        ("last page", Asked::Path(format!("{}?after={after}", list.path)), LAST),
    ];
    match &list.search {
        Some(Typed::Telephone) => {
            let people = bench.people().await?;
            let telephone = people.first().map(|person| person.phone.clone()).unwrap_or_default();
            views.push(("somebody looked for", Asked::Search(list.path, telephone), 1));
        }
        Some(Typed::Business) => {
            views.push(("a business looked for", Asked::Search(list.path, BUSINESS.to_owned()), 1));
        }
        None => {}
    }
    Ok(views)
}

/// The place of the row before the last page.
fn before_last(list: &List, source: &Source, size: u64) -> Result<String, String> {
    let shown = |n: &u64| (list.shown)(*n);
    let at =
        if list.newest { (0..size).filter(shown).nth(LAST) } else { (0..size).rev().filter(shown).nth(LAST) };
    let at = at.ok_or("--sizes: a list of less than 300 rows has no last page")?;
    let id = source.id(list.rows.table, at).ok_or("a row is missing")?;
    (list.place)(source, at, id).map_err(|e: AppError| e.to_string())
}

impl Desk {
    /// Asks again and again, and gives the medians.
    async fn page(&mut self, asked: &Asked, least: usize) -> Result<Page, String> {
        let mut heard: Vec<(f64, Vec<f64>)> = Vec::new();
        for turn in 0..BEFORE + TIMES {
            let bytes = self.request(asked)?;
            heard::begin();
            let begun = Instant::now();
            let status = self.client.call(&bytes).await;
            let ms = begun.elapsed().as_secs_f64() * 1000.0;
            let queries = heard::end();
            let body = String::from_utf8_lossy(self.client.body());
            let status = status?;
            if status != 200 {
                return Err(format!("status {status}: {}", body.chars().take(300).collect::<String>()));
            }
            let rows = body.matches("class=\"who\"").count();
            if rows < least {
                return Err(format!("{rows} rows are shown instead of {least}"));
            }
            if turn >= BEFORE {
                heard.push((ms, queries));
            }
        }
        let all = |of: fn(&(f64, Vec<f64>)) -> f64| median(heard.iter().map(of).collect());
        Ok(Page {
            ms: all(|(ms, _)| *ms),
            queries_ms: all(|(_, queries)| queries.iter().sum()),
            queries: all(|(_, queries)| system::float(u64::try_from(queries.len()).unwrap_or(u64::MAX))),
        })
    }

    fn request(&mut self, asked: &Asked) -> Result<Vec<u8>, String> {
        self.asked += 1;
        let headers = desk::headers(&self.token, self.asked);
        match asked {
            Asked::Path(path) => Ok(request("GET", path, &headers, None)),
            Asked::Search(path, typed) => {
                let body = serde_urlencoded::to_string([("q", typed)]).map_err(|e| e.to_string())?;
                Ok(desk::form(path, &headers, &body))
            }
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
