//! What the pages of codes, findings, risk levels and rules do, for the description of all calls.

use crate::web::described::{
    Call, Field, after, day, file, form, free, id, number, one_of, page, preview, text,
};

const DECISION: &[Field] =
    &[one_of("decision", &["confirm", "refuse"]).needed(), text("reason", 2000), preview()];

const REGISTER: &[Field] = &[after()];

pub(super) const CALLS: &[Call] = &[
    page("/code", "The resident's own code, to be shown"),
    page("/code/card", "The part of the code's page that is renewed"),
    page("/code/why", "Why the code is what it is, and what ends it"),
    page("/code/print", "Asks whether the code is to be printed"),
    form("/code/print", "Makes a paper with the code", &[]),
    page("/code/print/{id}", "A paper with the resident's code"),
    page("/desk/codes", "Where staff look for somebody's code"),
    form(
        "/desk/codes",
        "Looks for the code of somebody by document",
        &[free("doc_kind"), free("doc_number").needed()],
    )
    .shows(),
    form(
        "/desk/codes/print",
        "Makes a paper with the code of somebody who was found",
        &[id("person").needed()],
    ),
    page("/desk/codes/print/{id}", "A paper that staff have made"),
    page("/desk/records", "Findings that wait for a second official, and ends of findings")
        .asks(&[after(), text("ends", 500)]),
    page("/desk/records/new", "Asks for a finding; below it what the official entered before"),
    form(
        "/desk/records/new",
        "Enters a finding",
        &[
            free("doc_kind"),
            free("doc_number").needed(),
            free("kind").needed(),
            free("result"),
            day("at").needed(),
            text("place", 200),
            free("transport"),
            day("until"),
            day("released"),
            text("source", 200).needed(),
        ],
    ),
    form(
        "/desk/records/find",
        "Looks for the findings that count for somebody",
        &[free("doc_kind"), free("doc_number").needed()],
    )
    .shows(),
    page("/desk/records/{id}/decide", "A finding that waits, and what its confirmation brings about"),
    form("/desk/records/{id}/decide", "Confirms or refuses a finding", DECISION).may_show(),
    page("/desk/records/{id}/end", "Asks why a finding no longer counts"),
    form("/desk/records/{id}/end", "Enters the end of a finding", &[text("reason", 2000).needed()]),
    page("/desk/record-ends/{id}/decide", "The end of a finding that waits"),
    form("/desk/record-ends/{id}/decide", "Confirms or refuses the end of a finding", DECISION).may_show(),
    page("/desk/risks", "Risk levels, and changes of them that wait"),
    form(
        "/desk/risks",
        "Shows whom a change of a risk level would concern, and enters it",
        &[
            free("division").needed(),
            one_of("level", &["low", "medium", "high"]).needed(),
            day("since").needed(),
            day("until"),
            text("source", 200).needed(),
            number("count", 0, i64::MAX),
            free("again"),
        ],
    )
    .may_show(),
    page("/desk/risks/{id}/decide", "A change of a risk level that waits"),
    form("/desk/risks/{id}/decide", "Confirms or refuses a change of a risk level", DECISION).may_show(),
    page("/risks", "The risk levels in force").asks(REGISTER),
    file("/risks/list.csv", &["text/csv"], "The risk levels in force as a file").asks(REGISTER),
    page("/rules", "The rules by which codes are made"),
    page("/rules/try", "Asks for invented facts, to try the rules with"),
    form(
        "/rules/try",
        "Says which code invented facts would make; nothing of it is kept",
        &[
            one_of("declared", &["yes", "no"]),
            free("declared_days"),
            free("symptoms").many(),
            free("temperature"),
            one_of("contact", &["yes", "no"]),
            one_of("stayed", &["yes", "no"]),
            one_of("where", &["province", "elsewhere", "abroad"]),
            one_of("risk", &["low", "medium", "high"]),
            free("left_days"),
            free("result"),
            free("test_days"),
            free("record"),
            free("record_days"),
        ],
    )
    .shows(),
    page("/rules/{id}", "A rule"),
];
