//! A table of ten thousand rows as CSV and as a workbook: each read, checked, and taken step by step. Each row makes an
//! account, which is what the least of the real ones writes.

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

/// The rows, as texts; each table has telephones of its own, so that each of its rows makes an account.
fn rows(telephones: &str) -> Result<Vec<[String; 3]>, String> {
    let county = DivisionCode::parse("511621").map_err(|e| e.to_string())?;
    let count = u64::try_from(MOST_ROWS).map_err(|e| e.to_string())?;
    let one = |n: u64| -> Result<[String; 3], String> {
        let card = id_number_nth(county, n).ok_or("too many people")?;
        let name = Sampler::new(n).han_name(card.sex()).as_str().to_owned();
        Ok([name, card.as_str().to_owned(), format!("{telephones}{n:08}")])
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

/// Both tables, each from the file to its last row.
pub async fn tables(bench: &mut Bench) -> Result<(), String> {
    // With everything that making the files takes: what is measured is rather too much than too little.
    let before = system::resident_mib(std::process::id()).unwrap_or_default();
    let csv: String = std::iter::once("姓名,证件号码,手机\n".to_owned())
        .chain(rows("139")?.iter().map(|cells| format!("{}\n", cells.join(","))))
        .collect();
    one(bench, "CSV", csv.into_bytes(), before).await?;
    let book = workbook(&rows("137")?).map_err(|e| e.to_string())?;
    one(bench, "XLSX", book, before).await
}

async fn one(bench: &mut Bench, name: &str, file: Vec<u8>, before: f64) -> Result<(), String> {
    system::forget_peak()?;
    let (seconds, checked) = read(&bench.portal.deps, file).await?;
    let taken = take(bench, checked).await?;
    let peak = system::peak_mib().ok_or("the kernel says nothing of the most memory")?;
    let limit = "the limit of the whole, in seconds";
    let figure = |what: &str, seconds| {
        Figure::new(format!("10,000 rows, {name}: {what}"), seconds, "s").beside(limit, SECONDS)
    };
    bench.report.add(figure("read and checked", seconds));
    let whole = figure("read, checked and taken step by step (durable)", seconds + taken);
    bench.report.add(whole.target(Target::AtMost(SECONDS)));
    let path = format!("10,000 rows, {name}: memory of the process more than before, at most");
    let memory = Figure::new(path, (peak - before).max(0.0), "MiB").beside("the limit, in MiB", MIB);
    let note = format!("{peak:.0} MiB in all, the portal and its database's cache with it");
    bench.report.add(memory.target(Target::AtMost(MIB)).note(note));
    Ok(())
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
