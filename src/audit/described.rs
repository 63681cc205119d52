//! What the auditor's pages and those of receipts do, for the description of all calls.

use super::list::ACTORS;
use crate::web::described::{Call, Field, after, file, form, id, one_of, page, text};

const FILTER: &[Field] = &[
    text("from", 10),
    text("to", 10),
    text("action", 60),
    one_of("actor", &ACTORS),
    id("actor_id"),
    id("office"),
    id("object"),
    text("official", 100),
    text("office_name", 100),
    after(),
];

pub(super) const CALLS: &[Call] = &[
    page("/audit", "A page of the record").asks(FILTER),
    file("/audit/export.csv", &["text/csv"], "A part of the record as a file").asks(FILTER),
    page(
        "/audit/entries/{lane}/{seq}",
        "An entry of the record: whether it is what it was, and in which signed head",
    ),
    form("/audit/verify", "Goes through the end of the record", &[]).shows(),
    page("/receipts/check", "Where a receipt is checked"),
    form(
        "/receipts/check",
        "Says whether a receipt stands in the record",
        &[text("receipt", 65_536).needed()],
    )
    .shows(),
];
