//! What the page of PINs does, for the description of all calls.

use crate::web::described::{Call, form, free, one_of, page, tick};

pub(super) const CALLS: &[Call] = &[
    page("/desk/pins", "Asks whose PIN it is about"),
    form(
        "/desk/pins",
        "Gives somebody without a telephone a PIN, an earlier one being void, or takes it back; what is given is shown once",
        &[
            one_of("do", &["give", "withdraw"]).needed(),
            free("doc_kind"),
            free("doc_number").needed(),
            free("name").needed(),
            tick("seen"),
        ],
    )
    .may_show(),
];
