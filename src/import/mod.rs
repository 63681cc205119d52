//! Tables that people send: staff lists and what else stands in a spreadsheet.
//!
//! A slice says what is its own ([`Table`]): columns with the headings that mean them, and what a row is. From that come the
//! reading of XLSX and of texts with columns in any encoding ([`grid`]), the headings in any order below any titles
//! ([`heads`]), and for each row what is wrong, by column. `docs/import.md` tells it to whoever sends lists.

mod archive;
mod book;
mod cell;
mod grid;
mod heads;
mod table;
mod text;

pub use cell::{is_rounded, lost, masked};
pub use grid::{Line, Unread, as_text, decode, read};
pub use heads::Flaw;
pub use table::{CellError, Checked, Column, Fault, Opened, Table, Wrong, check, open, open_text};
pub use text::{quoted, read as read_text};

/// Rows of a table, whatever it is.
pub const MOST_ROWS: usize = 10_000;
