//! What the pages of programs' keys do, for the description of all calls.

use crate::web::described::{Call, day, file, form, free, number, one_of, page, text};

pub(super) const CALLS: &[Call] = &[
    page("/admin/keys", "Keys of programs"),
    page("/admin/keys/new", "Asks which program gets a key, and what it may do"),
    form(
        "/admin/keys/new",
        "Makes a key, and shows its secret once",
        &[
            free("kind").needed(),
            free("name").needed(),
            free("owner").needed(),
            free("province"),
            free("scopes").many(),
            free("per_minute").needed(),
            free("per_day").needed(),
            day("until").needed(),
            free("public_key"),
            free("certificate"),
        ],
    )
    .shows(),
    page("/admin/keys/{id}", "A key: what it may do, when it was used"),
    form(
        "/admin/keys/{id}",
        "Gives a key a new secret, or revokes it",
        &[
            one_of("action", &["rotate", "revoke"]).needed(),
            number("version", 0, i64::MAX),
            free("overlap"),
            free("public_key"),
            free("certificate"),
            text("reason", 2000),
        ],
    )
    .may_show(),
    file("/device/v1/self", &["application/json"], "As whom a device is recognised"),
];
