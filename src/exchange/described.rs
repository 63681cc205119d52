//! What the pages of verifying and of the exchange desk do, for the description of all calls.

use crate::web::described::{Call, day, form, free, page, text, tick, upload};

pub(super) const CALLS: &[Call] = &[
    page("/verify", "Where a document is verified"),
    form("/verify", "Verifies a document, pasted or as a picture", &[text("text", 65_536), upload("image")])
        .shows(),
    page("/verify/scan", "Verifies with a camera"),
    page("/recognition", "Which provinces' documents are accepted, and on which terms"),
    page("/desk/exchange", "Trust list, partners and agreements"),
    page("/desk/exchange/agreements/new", "Asks for the terms of an agreement"),
    form(
        "/desk/exchange/agreements/new",
        "Adds an agreement",
        &[
            free("province").needed(),
            free("kinds").many().needed(),
            free("direction").needed(),
            day("from").needed(),
            day("to"),
            text("document", 60).needed(),
        ],
    ),
    page("/desk/exchange/agreements/{id}/end", "What the end of an agreement means"),
    form("/desk/exchange/agreements/{id}/end", "Ends an agreement", &[]),
    page("/desk/exchange/partners/new", "Asks how a partner is reached"),
    form(
        "/desk/exchange/partners/new",
        "Adds a partner, or changes how one is reached",
        &[
            free("province").needed(),
            text("endpoint", 150).needed(),
            text("phone", 30).needed(),
            tick("active"),
        ],
    ),
];
