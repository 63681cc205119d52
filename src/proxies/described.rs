//! What the pages and forms of acting for others do, for the description of all calls.

use crate::web::described::{Call, day, form, free, one_of, page, tick, version};

pub(super) const CALLS: &[Call] = &[
    page("/me/for", "For whom the resident acts, and who acts for the resident"),
    page("/me/for/new", "Asks for whom the resident wants to act"),
    form(
        "/me/for/new",
        "Asks somebody whether the resident may act for them; the answer is the same whoever is known",
        &[
            one_of("relation", &["family", "child", "ward"]).needed(),
            free("name").needed(),
            free("doc_kind").needed(),
            free("doc_number").needed(),
            one_of("way", &["own", "pin", "counter"]),
            free("pin"),
            tick("agree"),
        ],
    ),
    form("/me/for/leave", "Ends acting for somebody in this session", &[]),
    form("/me/for/{number}/begin", "Acts for the person in this session from now on", &[]),
    form("/me/for/{number}/end", "Ends for good that the resident acts for the person", &[]),
    page("/me/for/asked/{number}", "Who asks to act for the resident, or does"),
    form(
        "/me/for/asked/{number}",
        "Agrees with the code that was sent, or ends it",
        &[one_of("do", &["agree", "end"]).needed(), free("code"), tick("agree")],
    ),
    form("/me/for/asked/{number}/code", "Sends the code to the resident's telephone", &[]),
    page("/desk/proxies", "The counter's search for who acts for whom"),
    form(
        "/desk/proxies",
        "Looks up a question by its number, or those about a person by document",
        &[free("number"), free("doc_kind"), free("doc_number")],
    )
    .shows(),
    page("/desk/proxies/{number}", "A question, and what the counter can do about it"),
    form(
        "/desk/proxies/{number}",
        "Confirms it by both documents, or ends it because a party has asked for that",
        &[
            one_of("do", &["confirm", "end"]).needed(),
            version(),
            free("own_number"),
            free("name"),
            free("doc_number"),
            day("born"),
            tick("seen"),
            tick("asked"),
        ],
    ),
];
