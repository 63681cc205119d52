//! What the pages and forms of tasks do, for the description of all calls; the list describes itself.

use crate::web::described::{Call, form, free, id, number, one_of, page, text, tick, version};

/// Results of one kind, at most: they are numbers on paper.
const RESULTS: i64 = 20;

pub(super) const CALLS: &[Call] = &[
    page("/desk/tasks/print", "Tasks to be printed, with a code a row").asks(&[free("place"), tick("mine")]),
    page("/desk/tasks/enter", "Asks for what came of a task on paper"),
    form(
        "/desk/tasks/enter",
        "Enters what came of a task by its number, and the number of the result on paper",
        &[free("number").needed(), number("result", 1, RESULTS).needed(), text("note", 2_000)],
    ),
    page("/desk/tasks/{number}", "A task: whom it is about, how they are reached, what came of it"),
    form(
        "/desk/tasks/{number}",
        "Takes the task, gives it back or to a colleague, or says what came of it",
        &[
            version(),
            one_of("do", &["take", "give", "hand", "result"]),
            id("colleague"),
            free("result"),
            text("note", 2_000),
        ],
    ),
];
