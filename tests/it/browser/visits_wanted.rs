//! How to reach the pages of subscriptions and of tasks.

use super::visit::{Template, open, sent};

/// Links of subscriptions that are there no more.
const STOPPED: &str = "/subscriptions/stop/0000000000000000000000000000000000000000000";
const STOPPED_ALL: &str = "/subscriptions/stop/0000000000000000000000000000000000000000000/all";

pub(super) const TABLE: &[Template] = &[
    (
        "tasks/one.html",
        &[
            open("worker", "/desk/tasks/{task}"),
            open("worker", "/desk/tasks/{done-task}"),
            sent("worker", "/desk/tasks/{task}", "/desk/tasks/{task}", &[("version", "1")], 422),
        ],
    ),
    (
        "tasks/enter.html",
        &[
            open("worker", "/desk/tasks/enter"),
            sent("worker", "/desk/tasks/enter", "/desk/tasks/enter", &[("number", "RW200312-00000000")], 422),
        ],
    ),
    ("tasks/print.html", &[open("worker", "/desk/tasks/print"), open("worker", "/desk/tasks/print?mine=1")]),
    (
        "subscriptions/form.html",
        &[
            open("visitor", "/subscriptions"),
            open("resident", "/subscriptions?topic=risk"),
            sent("visitor", "/subscriptions", "/subscriptions", &[("email", "nobody")], 422),
        ],
    ),
    (
        "subscriptions/confirm.html",
        &[
            open("visitor", "/subscriptions/confirm/{asked-link}"),
            open("visitor", "/subscriptions/confirm/{subscription-link}"),
        ],
    ),
    (
        "subscriptions/stop.html",
        &[
            open("visitor", "/subscriptions/stop/{subscription-link}"),
            open("visitor", "/subscriptions/stop/0000000000000000000000000000000000000000000"),
        ],
    ),
    (
        "subscriptions/stopped.html",
        &[
            sent("visitor", "/subscriptions", STOPPED, &[], 200),
            sent("visitor", "/subscriptions", STOPPED_ALL, &[], 200),
        ],
    ),
    (
        "subscriptions/mine.html",
        &[
            open("resident", "/me/subscriptions"),
            open("beginner", "/me/subscriptions"),
            sent("resident", "/me/subscriptions", "/me/subscriptions", &[("topic", "nothing")], 422),
        ],
    ),
];
