//! What the administrator's pages do, for the description of all calls.

use crate::web::described::{
    Call, Field, day, division, form, free, id, number, one_of, page, preview, text, tick,
};

const OFFICE: &[Field] = &[
    text("name", 80).needed(),
    text("name_en", 120),
    free("kind").needed(),
    free("duty"),
    division("division", 3),
    text("phone", 30).needed(),
    number("version", 0, i64::MAX),
];

pub(super) const CALLS: &[Call] = &[
    page("/admin/officials", "Officials of the jurisdiction"),
    page("/admin/officials/new", "Asks who is hired, and for what"),
    form(
        "/admin/officials/new",
        "Adds an official with a first right, and shows the first password once",
        &[
            free("login").needed(),
            text("name", 60).needed(),
            free("doc_kind"),
            free("doc_number").needed(),
            free("phone"),
            free("role").needed(),
            free("office").needed(),
            division("division", 3),
            day("from"),
            day("to"),
            preview(),
        ],
    )
    .shows(),
    page("/admin/officials/{id}", "An official: rights, state, what was done to the login"),
    form(
        "/admin/officials/{id}",
        "Does something with an official; what is hard to take back is shown first",
        &[
            one_of("action", &["enable", "disable", "reset", "end", "assign", "identify", "vouch"]).needed(),
            number("version", 0, i64::MAX),
            id("assignment"),
            tick("asked"),
            one_of("sure", &["yes", "no"]),
            text("reason", 2000),
            free("doc_kind"),
            free("doc_number"),
            free("phone"),
            free("role"),
            free("office"),
            division("division", 3),
            day("from"),
            day("to"),
            free("substitute"),
            preview(),
        ],
    )
    .may_show(),
    page("/admin/offices", "Offices of the jurisdiction"),
    page("/admin/offices/new", "Asks what the new office is"),
    form("/admin/offices/new", "Adds an office", OFFICE),
    page("/admin/offices/{id}", "An office, to be changed"),
    form("/admin/offices/{id}", "Changes an office", OFFICE),
];
