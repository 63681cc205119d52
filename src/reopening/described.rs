//! What the pages of reopening and of the public register do, for the description of all calls.

use crate::web::described::{
    Call, Field, after, division, file, form, free, one_of, page, preview, text, tick, upload, version,
};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const ANY: &[&str] = &["application/pdf", "image/jpeg", "image/png"];

/// The questions, of which a step asks some.
const STEP: &[Field] = &[
    free("operator"),
    free("operator_phone"),
    free("industry"),
    free("scale"),
    free("premises").many(),
    division("place", 3),
    text("address", 200),
    free("lead"),
    free("lead_phone"),
    free("staff_total"),
    free("returning"),
    free("staff"),
    free("masks"),
    free("disinfectant"),
    free("thermometers"),
    free("supply_days"),
    text("isolation", 500),
    text("prevention", 10_000),
    text("emergency", 10_000),
    text("change", 1),
];

const REGISTER: &[Field] = &[free("q"), free("county"), free("state"), after()];

pub(super) const CALLS: &[Call] = &[
    page("/reopening", "The resident's businesses and applications, and where one begins"),
    form(
        "/reopening",
        "Begins an application for a business",
        &[text("uscc", 40).needed(), text("name", 200).needed(), division("place", 3)],
    )
    .may_show(),
    file("/reopening/staff-template.csv", &["text/csv"], "An empty list of staff"),
    file("/reopening/staff-template.xlsx", &[XLSX], "An empty list of staff"),
    page("/reopening/{number}/imports/{import}", "A list that is taken: how far it is, and what came of it"),
    form(
        "/reopening/{number}/imports/{import}",
        "Goes on with a list that is taken, or stops it",
        &[one_of("do", &["stop", "go-on"]).needed()],
    ),
    file("/reopening/{number}/imports/{import}/wrong.xlsx", &[XLSX], "The rows that were not taken, and why"),
    page("/reopening/agents/{number}", "A right to act for a business, and how it is proved"),
    form(
        "/reopening/agents/{number}/code",
        "Sends a code to the business's legal person, or proves the right by it",
        &[one_of("do", &["send"]), free("code")],
    ),
    page("/reopening/{number}", "An application of the resident"),
    page("/reopening/{number}/check", "All answers, to be checked before they are handed in"),
    page("/reopening/{number}/shut", "What can be done with an application that can no longer be handed in"),
    page("/reopening/{number}/receipt", "The receipt of an application, on paper"),
    page("/reopening/{number}/print", "The application on paper"),
    form("/reopening/{number}/submit", "Hands in the application", &[version(), tick("commitment").needed()]),
    form(
        "/reopening/{number}/staff/upload",
        "Takes the list of staff from a file",
        &[upload("file").needed(), text("change", 1), free("mode"), free("add")],
    ),
    page("/reopening/{number}/files", "Files of an application"),
    form("/reopening/{number}/files", "Hands in a file", &[upload("file").needed()]),
    file("/reopening/{number}/files/{file}", ANY, "A file of an application"),
    form("/reopening/{number}/files/{file}/remove", "Takes a file back", &[]),
    form(
        "/reopening/{number}/actions/{action}",
        "Goes on with an application, such as to withdraw it",
        &[version()],
    ),
    page("/reopening/{number}/{step}", "A step of the application").asks(&[text("change", 1)]),
    form("/reopening/{number}/{step}", "Keeps the answers of a step", STEP).may_show(),
    page("/permits", "The public register of permits").asks(REGISTER),
    file("/permits/list.csv", &["text/csv"], "The register as a file").asks(REGISTER),
    page("/permits/{number}", "A permit"),
    form(
        "/desk/applications/bulk",
        "Takes, gives or returns several applications",
        &[
            text("case", 60).many().needed(),
            one_of("do", &["take", "return", "assign", "all"]).needed(),
            free("colleague"),
            text("tab", 60),
            free("town"),
            free("kind"),
            free("stage"),
            free("assignee"),
            after(),
        ],
    )
    .may_show(),
    page("/desk/applications/{number}", "An application, to be decided"),
    form(
        "/desk/applications/{number}",
        "Decides an application",
        &[
            version(),
            text("action", 60).needed(),
            text("items", 100_050),
            text("reason", 2000),
            text("remedy", 2000),
            preview(),
        ],
    )
    .may_show(),
    form(
        "/desk/applications/{number}/assign",
        "Takes, gives or returns an application",
        &[one_of("do", &["take", "return", "assign"]).needed(), free("colleague")],
    )
    .may_show(),
    form(
        "/desk/applications/{number}/comments",
        "Comments on an application",
        &[one_of("audience", &["internal", "person"]).needed(), text("comment", 2000).needed()],
    ),
    form("/desk/applications/{number}/remind", "Reminds those who are late with their opinion", &[]),
    file("/desk/applications/{number}/files/{file}", ANY, "A file of an application, for reviewers"),
    page("/desk/agents/{number}", "A right to act for a business, to be decided"),
    form(
        "/desk/agents/{number}",
        "Confirms or refuses a right to act, or corrects the business's name",
        &[
            version(),
            one_of("do", &["confirm", "reject", "rename"]).needed(),
            text("name", 200),
            free("proof"),
            free("legal_phone"),
            text("reason", 2000),
            preview(),
        ],
    )
    .may_show(),
];
