//! What the pages and forms of residents and of the counter do, for the description of all calls.

use super::verdict::REASONS;
use crate::web::described::{Call, file, form, free, one_of, page, preview, tick, version};

pub(super) const CALLS: &[Call] = &[
    page("/", "What can be done here; for a resident also how things stand, for an official the own desk"),
    page("/sign-in", "Asks for the telephone to sign in with"),
    form("/sign-in", "Sends a code to the telephone", &[free("phone").needed(), free("next")]),
    page("/sign-in/code", "Asks for the code that was sent"),
    form("/sign-in/code", "Signs in with the code, or sends another", &[free("code"), free("again")]),
    page("/sign-in/notice", "The privacy notice, to be read before anything else"),
    form("/sign-in/notice", "Says that the notice was read", &[free("next")]),
    form("/sign-out", "Ends the session; without one nothing happens", &[]),
    page("/me", "The resident's own things: cards, person, claims that wait, ways on"),
    page("/me/sessions", "Where the resident is signed in"),
    form("/me/sessions/end-all", "Ends every session of the resident", &[]),
    form("/me/sessions/{id}/end", "Ends a session of the resident", &[]),
    page("/me/access", "Who looked at the resident's data, and what was passed on"),
    page("/me/contact", "How the resident is reached"),
    form("/me/contact", "Sends a code to a new e-mail address; an empty one is taken away", &[free("email")]),
    page("/me/contact/email", "Asks for the code that was sent to the new address"),
    form(
        "/me/contact/email",
        "Changes the e-mail address with the code, or sends another",
        &[free("code"), free("again")],
    ),
    form(
        "/me/contact/new-phone",
        "Sends a code to the old and one to the new telephone",
        &[free("phone").needed()],
    ),
    page("/me/contact/phone", "Asks for both codes"),
    form(
        "/me/contact/phone",
        "Changes the telephone with both codes",
        &[free("old").needed(), free("new").needed()],
    ),
    page("/me/data", "What the copy of one's data is"),
    file("/me/data/download", &["application/json"], "The copy of the resident's data"),
    form("/desk/claims", "Leads to a claim by its number", &[free("number").needed()]),
    page("/desk/claims/{number}", "A claim: what was stated, masked"),
    form(
        "/desk/claims/{number}",
        "Confirms or refuses a claim; name and number as in the document that is in hand",
        &[
            version(),
            one_of("do", &["confirm", "reject"]).needed(),
            free("name"),
            free("doc_number"),
            tick("seen"),
            one_of("reason", REASONS),
            preview(),
        ],
    ),
];
