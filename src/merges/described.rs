//! What the pages of merges do, for the description of all calls.

use crate::decision::TEXT;
use crate::web::described::{Call, form, free, one_of, page, preview, text, tick};

pub(super) const CALLS: &[Call] = &[
    page("/desk/merges", "Asks which two records are one person's, and lists what the official has proposed"),
    form(
        "/desk/merges",
        "Shows what is known under two documents that were seen, or proposes to a second official that they are one person's",
        &[
            one_of("do", &["look", "propose"]),
            free("lead_kind"),
            free("lead_number").needed(),
            free("lead_name").needed(),
            free("other_kind"),
            free("other_number").needed(),
            free("other_name").needed(),
            text("reason", TEXT),
            tick("seen"),
        ],
    )
    .may_show(),
    form(
        "/desk/merges/undo",
        "Proposes to a second official that a merge is undone",
        &[free("number").needed(), text("undo_reason", TEXT).needed()],
    ),
    page("/desk/merges/{id}/decide", "A merge or its undoing, to be decided by a second official"),
    form(
        "/desk/merges/{id}/decide",
        "Confirms or refuses a merge or its undoing; with `preview` it shows what people would be told, and changes nothing",
        &[one_of("decision", &["confirm", "refuse"]).needed(), text("reason", TEXT), preview()],
    ),
];
