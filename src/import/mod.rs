//! Tables that people send: staff lists and what else stands in a spreadsheet.
//!
//! A slice says what is its own: columns with the headings that mean them, and what a row is ([`Table`]); for what a table is
//! sent, and what becomes of its rows ([`Importer`]). From that come the reading of XLSX and of texts with columns in any
//! encoding, the headings in any order below any titles, for each row what is wrong by column, the template, taking the rows
//! at once or in the background ([`begin`], [`Steps`]), and what pages and programs are told ([`find`]). `docs/import.md` tells
//! it to whoever sends lists.

mod archive;
mod book;
mod cell;
mod grid;
mod heads;
pub mod kept;
mod run;
mod store;
mod table;
mod template;
mod text;
mod view;

pub use cell::{is_rounded, lost, masked};
pub use grid::{Line, Unread, as_text, decode, read};
pub use heads::Flaw;
pub use run::{AT_ONCE, How, Importer, Sender, Step, Steps, Turn, begin, turn};
pub use table::{CellError, Checked, Column, Fault, Opened, Table, Wrong, check, open, open_text};
pub use template::{XLSX, template_csv, template_xlsx, wrong_xlsx};
pub use text::{quoted, read as read_text};
pub use view::{CellView, Found, ImportBody, ImportView, WrongBody, find, named};

use crate::slice::{NOTHING, Slice, at};

/// Rows of a table, whatever it is.
pub const MOST_ROWS: usize = 10_000;

/// What this room hands over: how long it keeps what is on its way. Its background work belongs to the slices.
pub const SLICE: Slice = Slice { kept: &[at(45, kept::KEPT)], ..NOTHING };
