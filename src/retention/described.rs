//! What the pages of destruction and of holds do, for the description of all calls.

use crate::web::described::{Call, day, form, free, one_of, page, text, tick};

pub(super) const CALLS: &[Call] = &[
    page("/retention", "What was destroyed, night by night, signed"),
    page("/retention/{id}", "A run of destruction with its signature"),
    page("/desk/holds/{id}", "A hold with its reason: what is kept past its period for a proceeding"),
    form(
        "/desk/holds",
        "Asks for a hold on a record, or on all of a person",
        &[text("number", 60).needed(), tick("whole"), text("reason", 2000).needed(), day("until").needed()],
    )
    .may_show(),
    form(
        "/desk/holds/{id}/confirm",
        "Shows a hold of another official, and confirms or ends it",
        &[
            one_of("decision", &["confirm", "end", "leave"]),
            tick("asked"),
            free("seen"),
            text("reason", 2000),
        ],
    )
    .may_show(),
    form(
        "/desk/holds/{id}/end",
        "Shows a hold, and ends it",
        &[one_of("decision", &["end", "leave"]), tick("asked"), free("seen"), text("reason", 2000)],
    )
    .may_show(),
    page("/me/kept", "What is kept of the resident, for how long, and why"),
    page("/me/kept/delete", "What destroying a kind of records at once means"),
    form("/me/kept/delete", "Destroys at once what need not be kept", &[text("kind", 60).needed()]),
];
