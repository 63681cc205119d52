//! What the pages of certificates do, for the description of all calls.

use crate::web::described::{Call, file, form, page, preview, text, version};

pub(super) const CALLS: &[Call] = &[
    page("/certificates", "The resident's certificates"),
    page("/certificates/{number}", "A certificate of the resident with its code to be shown"),
    page("/certificates/{number}/print", "The certificate on paper"),
    file("/certificates/{number}/text", &["text/plain"], "The certificate as text, to be kept"),
    file("/certificates/{number}/png", &["image/png"], "The certificate's code as a picture"),
    page("/desk/certificates/{number}", "A certificate of the jurisdiction"),
    page("/desk/certificates/{number}/print", "A certificate of the jurisdiction on paper"),
    form(
        "/desk/certificates/{number}/revoke",
        "Revokes a certificate, for a reason that its holder reads",
        &[version(), text("reason", 2000).needed(), text("remedy", 2000).needed(), preview()],
    )
    .may_show(),
];
