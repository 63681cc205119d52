//! A table of ten thousand rows: read from a workbook and from CSV, checked, and taken step by step. Each row makes an account,
//! which is what the least of the real ones writes.

use super::Bench;
use super::figure::{Figure, Target};
use super::system;
use crate::accounts;
use crate::clock::china_day;
use crate::crypto::Keyring;
use crate::db::{Conn, Id, Tx};
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::sample::{Sampler, id_number_nth};
use crate::identity::{DivisionCode, DocumentKind, DocumentNumber, PersonName, Phone};
use crate::import::{self, Checked, Column, Fault, How, Importer, MOST_ROWS, Sender, Step, Steps, Table};
use crate::jobs::Job;
use crate::web::i18n::Lang;
use chrono::NaiveDate;
use rust_xlsxwriter::{Workbook, XlsxError};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// What is to be reached: seconds for all, and MiB of the process more than before.
const SECONDS: f64 = 30.0;
const MIB: f64 = 150.0;

/// People with a telephone.
struct People;

#[derive(Serialize, Deserialize)]
struct Person {
    name: String,
    document: String,
    phone: String,
}

impl Table for People {
    type Row = Person;

    const NAME: &'static str = "bench";
    const COLUMNS: &'static [Column] = &[
        Column { needed: true, ..Column::new("name", &["姓名"]) },
        Column { needed: true, number: true, ..Column::new("document", &["证件号码"]) },
        Column { needed: true, number: true, ..Column::new("phone", &["手机"]) },
    ];
    const MORE: (&'static str, &'static str) = ("phone", "invalid");

    fn row(cells: &[String], today: NaiveDate) -> Result<Person, Vec<FieldError>> {
        let [name, document, phone] = cells else { return Err(vec![FieldError::new("name", "required")]) };
        let wrong = |column: &str, code: &str| vec![FieldError::new(column, code)];
        let name = PersonName::parse(name).map_err(|e| wrong("name", e.code()))?;
        let document = DocumentNumber::parse(DocumentKind::IdCard, document, today)
            .map_err(|e| wrong("document", e.code()))?;
        let phone = Phone::parse(phone).map_err(|e| wrong("phone", e.code()))?;
        Ok(Person {
            name: name.canonical(),
            document: document.canonical(),
            phone: phone.as_str().to_owned(),
        })
    }

    fn alone(row: &Person) -> Option<(&'static str, String, &'static str)> {
        Some(("document", row.document.clone(), "invalid"))
    }
}

impl Importer for People {
    const JOB: &'static str = "bench.import";

    fn most() -> AppResult<usize> {
        Ok(MOST_ROWS)
    }

    fn find(_: &mut Conn, by: Id, _: &str) -> AppResult<Id> {
        Ok(by)
    }

    fn admit(_: &mut Tx<'_>, by: Id, _: &str) -> AppResult<Id> {
        Ok(by)
    }

    fn take(tx: &mut Tx<'_>, keys: &Keyring, step: &Step, rows: Vec<Person>) -> AppResult<()> {
        for row in rows {
            let phone = Phone::parse(&row.phone).map_err(AppError::internal)?;
            accounts::ensure_account(tx, keys, &phone, Lang::ZhCn, step.now)?;
        }
        Ok(())
    }

    fn faults(_: &Fault) -> Vec<FieldError> {
        Vec::new()
    }
}

/// The rows, as texts.
fn rows() -> Result<Vec<[String; 3]>, String> {
    let county = DivisionCode::parse("511621").map_err(|e| e.to_string())?;
    let count = u64::try_from(MOST_ROWS).map_err(|e| e.to_string())?;
    let one = |n: u64| -> Result<[String; 3], String> {
        let card = id_number_nth(county, n).ok_or("too many people")?;
        let name = Sampler::new(n).han_name(card.sex()).as_str().to_owned();
        Ok([name, card.as_str().to_owned(), format!("139{n:08}")])
    };
    (0..count).map(one).collect()
}

fn workbook(rows: &[[String; 3]]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, head) in (0..).zip(["姓名", "证件号码", "手机"]) {
        sheet.write_string(0, column, head)?;
    }
    for (row, cells) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(row, column, cell)?;
        }
    }
    book.save_to_buffer()
}

/// Reads and takes.
pub async fn tables(bench: &mut Bench) -> Result<(), String> {
    let rows = rows()?;
    let csv: String = std::iter::once("姓名,证件号码,手机\n".to_owned())
        .chain(rows.iter().map(|cells| format!("{}\n", cells.join(","))))
        .collect();
    let book = workbook(&rows).map_err(|e| e.to_string())?;
    drop(rows);
    let before = system::resident_mib(std::process::id()).unwrap_or_default();
    let over = AtomicBool::new(false);
    let measured = async {
        let (text, _) = read(&bench.portal.deps, csv.into_bytes()).await?;
        let (workbook, checked) = read(&bench.portal.deps, book).await?;
        let taken = take(bench, checked).await;
        over.store(true, Ordering::Relaxed);
        Ok::<_, String>((text, workbook, taken?))
    };
    let (measured, peak) = tokio::join!(measured, peak(&over));
    let (text, workbook, taken) = measured?;
    let limit = "the limit of the whole, in seconds";
    bench.report.add(Figure::new("10,000 rows: read and check, CSV", text, "s").beside(limit, SECONDS));
    bench.report.add(Figure::new("10,000 rows: read and check, XLSX", workbook, "s").beside(limit, SECONDS));
    let whole = Figure::new(
        "10,000 rows: XLSX read, checked and taken step by step (durable)",
        workbook + taken,
        "s",
    );
    bench.report.add(whole.beside(limit, SECONDS).target(Target::AtMost(SECONDS)));
    let memory =
        Figure::new("10,000 rows: memory more than before, at most", (peak - before).max(0.0), "MiB");
    bench.report.add(memory.beside("the limit, in MiB", MIB).target(Target::AtMost(MIB)));
    Ok(())
}

/// The most memory that the process takes until it is over.
async fn peak(over: &AtomicBool) -> f64 {
    let mut peak = 0.0_f64;
    while !over.load(Ordering::Relaxed) {
        peak = peak.max(system::resident_mib(std::process::id()).unwrap_or_default());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    peak
}

async fn read(deps: &App, file: Vec<u8>) -> Result<(f64, Checked<Person>), String> {
    let (begun, today) = (Instant::now(), china_day(deps.clock.now()));
    let opened = import::open::<People>(deps, file, today, MOST_ROWS).await.map_err(|e| e.to_string())?;
    let (_, checked) = opened.map_err(|unread| format!("the table was not read: {unread:?}"))?;
    let checked = checked.map_err(|fault| format!("the table was not read: {fault:?}"))?;
    if checked.right.len() != MOST_ROWS {
        return Err(format!("{} of {MOST_ROWS} rows are right", checked.right.len()));
    }
    Ok((begun.elapsed().as_secs_f64(), checked))
}

async fn take(bench: &Bench, checked: Checked<Person>) -> Result<f64, String> {
    let (deps, by, now) = (bench.portal.deps.clone(), Id::new(), bench.portal.clock.now());
    let begun = Instant::now();
    let sender = Sender { by, name: String::new(), file: "bench.xlsx".into() };
    let how = How { partly: true, adding: false };
    let id = import::begin::<People>(&deps, sender, how, checked, now).await.map_err(|e| e.to_string())?;
    loop {
        Steps::<People>::of(id).run(deps.clone()).await.map_err(|e| e.to_string())?;
        let found = deps.store.read(move |conn| import::find::<People>(conn, by, "", id)).await;
        let body = found.and_then(|found| found.body::<People>(&deps.keys, Lang::En));
        let body = body.map_err(|e| e.to_string())?;
        match body.state.as_str() {
            "running" => {}
            "done" if usize::try_from(body.taken) == Ok(MOST_ROWS) => {
                return Ok(begun.elapsed().as_secs_f64());
            }
            other => return Err(format!("the table is {other}, {} rows are taken", body.taken)),
        }
    }
}
