//! What the pages of absences do, for the description of all calls.

use crate::web::described::{Call, day, form, free, page};

pub(super) const CALLS: &[Call] = &[
    page("/desk/account/absences", "When the official is away, and who stands in"),
    form(
        "/desk/account/absences",
        "Enters that the official is away, and who stands in",
        &[free("substitute").needed(), day("from").needed(), day("to").needed()],
    ),
    form("/desk/account/absences/{id}/end", "Ends an absence", &[]),
];
