//! What the pages of appeals do, for the description of all calls.

use super::model::TEXT;
use crate::web::described::{Call, after, file, form, free, one_of, page, preview, text, upload, version};

const ANY: &[&str] = &["application/pdf", "image/jpeg", "image/png"];

pub(super) const CALLS: &[Call] = &[
    page("/code/appeal", "Asks against what the resident appeals, and why"),
    form("/code/appeal", "Files an appeal", &[free("cause"), text("reason", TEXT).needed()]),
    page("/code/appeals/{number}", "An appeal of the resident"),
    form("/code/appeals/{number}/withdraw", "Withdraws an appeal", &[version()]),
    form("/code/appeals/{number}/files", "Hands in evidence", &[upload("file").needed()]),
    file("/code/appeals/{number}/files/{file}", ANY, "A file of evidence"),
    form("/code/appeals/{number}/files/{file}/remove", "Takes a file of evidence back", &[]),
    page("/desk/appeals/{number}", "An appeal, to be decided"),
    form(
        "/desk/appeals/{number}",
        "Decides an appeal",
        &[
            version(),
            one_of("action", &["uphold", "overturn"]).needed(),
            text("reason", 2000).needed(),
            text("remedy", 2000),
            preview(),
        ],
    )
    .may_show(),
    form(
        "/desk/appeals/bulk",
        "Takes, gives or returns several appeals",
        &[
            text("case", 60).many().needed(),
            one_of("do", &["take", "return", "assign", "all"]).needed(),
            free("colleague"),
            free("tab"),
            free("state"),
            free("place"),
            free("assignee"),
            free("sort"),
            after(),
        ],
    )
    .may_show(),
    form(
        "/desk/appeals/{number}/assign",
        "Takes, gives or returns an appeal",
        &[one_of("do", &["take", "return", "assign"]).needed(), free("colleague")],
    )
    .may_show(),
    form(
        "/desk/appeals/{number}/comments",
        "Comments on an appeal",
        &[one_of("audience", &["internal", "person"]).needed(), text("comment", 2000).needed()],
    ),
    file("/desk/appeals/{number}/files/{file}", ANY, "A file of evidence, for the reviewer"),
];
