//! How to reach the pages of reopening: the applicant's and the desks'.

use super::pages::{Template, VERSION, Visit, open, sent};

/// What is refused of a question, with messages.
const fn step(path: &'static str, fields: &'static [(&'static str, &'static str)]) -> Visit {
    sent("resident", path, path, fields, 422)
}

/// What is refused of a decision, with messages.
const fn decide(
    who: &'static str,
    path: &'static str,
    fields: &'static [(&'static str, &'static str)],
) -> Visit {
    sent(who, path, path, fields, 422)
}

const STEPS: &[Visit] = &[
    open("resident", "/reopening/{draft}/operator"),
    open("resident", "/reopening/{shut}/operator"),
    step("/reopening/{draft}/operator", &[("operator", ""), ("operator_phone", "12")]),
    open("resident", "/reopening/{draft}/industry"),
    step("/reopening/{draft}/industry", &[]),
    open("resident", "/reopening/{draft}/premises"),
    open("resident", "/reopening/{ready}/premises?change=1"),
    step("/reopening/{draft}/premises", &[]),
    open("resident", "/reopening/{draft}/place"),
    step("/reopening/{draft}/place", &[("place-1", "511600"), ("place-2", "511622")]),
    open("resident", "/reopening/{draft}/lead"),
    step("/reopening/{draft}/lead", &[("lead", "A1"), ("lead_phone", "")]),
    open("resident", "/reopening/{draft}/headcount"),
    open("resident", "/reopening/{shut}/headcount"),
    step("/reopening/{draft}/headcount", &[("staff_total", "3"), ("returning", "12")]),
    open("resident", "/reopening/{draft}/staff"),
    open("resident", "/reopening/{shut}/staff"),
    open("resident", "/reopening/{ready}/staff"),
    step(
        "/reopening/{ready}/staff",
        &[(
            "staff",
            "姓名\t证件号码\n张三\t360426199101010072\n李四\t11010519491231002X\t12\n\n王五\t11010519491231002X",
        )],
    ),
    open("resident", "/reopening/{ready}/supplies"),
    step(
        "/reopening/{ready}/supplies",
        &[("masks", "1"), ("disinfectant", "x"), ("thermometers", ""), ("supply_days", "1")],
    ),
    open("resident", "/reopening/{ready}/isolation"),
    step("/reopening/{ready}/isolation", &[]),
    open("resident", "/reopening/{ready}/prevention"),
    step("/reopening/{ready}/prevention", &[]),
    open("resident", "/reopening/{ready}/emergency"),
    step("/reopening/{ready}/emergency", &[]),
];

/// See [`super::pages`].
pub(super) const TABLE: &[Template] = &[
    (
        "reopening/start.html",
        &[
            open("mover", "/reopening"),
            open("resident", "/reopening"),
            sent("mover", "/reopening", "/reopening", &[("uscc", "91510104MA"), ("place-1", "511600")], 422),
        ],
    ),
    (
        "reopening/agent.html",
        &[
            open("resident", "/reopening/agents/{agent}"),
            open("resident", "/reopening/agents/{agent-good}"),
            open("resident", "/reopening/agents/{agent-bad}"),
            sent(
                "resident",
                "/reopening/agents/{agent}",
                "/reopening/agents/{agent}/code",
                &[("code", "12")],
                422,
            ),
        ],
    ),
    ("reopening/step.html", STEPS),
    (
        "reopening/files.html",
        &[open("resident", "/reopening/{ready}/files"), open("resident", "/reopening/{submitted}/files")],
    ),
    ("import/one.html", &[open("resident", "/reopening/{ready}/imports/{ready-import}")]),
    ("reopening/shut.html", &[open("resident", "/reopening/{shut}/shut")]),
    (
        "reopening/check.html",
        &[
            open("resident", "/reopening/{filing}/check"),
            open("resident", "/reopening/{shut}/check"),
            open("resident", "/reopening/{unknown}/check"),
            open("resident", "/reopening/{ready}/check"),
            open("resident", "/reopening/{correction}/check"),
            sent(
                "resident",
                "/reopening/{filing}/check",
                "/reopening/{filing}/submit",
                &[("version", "6")],
                422,
            ),
        ],
    ),
    (
        "reopening/receipt.html",
        &[open("resident", "/reopening/{filed}/receipt"), open("resident", "/reopening/{submitted}/receipt")],
    ),
    (
        "reopening/case.html",
        &[
            open("resident", "/reopening/{filed}"),
            open("resident", "/reopening/{submitted}"),
            open("resident", "/reopening/{correction}"),
            open("resident", "/reopening/{review}"),
            open("resident", "/reopening/{approved}"),
            open("resident", "/reopening/{refused}"),
            open("resident", "/reopening/{suspended}"),
            open("resident", "/reopening/{recalled}"),
            open("pioneer", "/reopening/{overdue}"),
        ],
    ),
    (
        "reopening/print.html",
        &[
            open("resident", "/reopening/{filed}/print"),
            open("resident", "/reopening/{approved}/print"),
            open("resident", "/reopening/{suspended}/print"),
        ],
    ),
    (
        "reopening/permit.html",
        &[
            open("visitor", "/permits/{permit-filed}"),
            open("visitor", "/permits/{permit-approved}"),
            open("visitor", "/permits/{permit-suspended}"),
        ],
    ),
    (
        "reopening/desk/case.html",
        &[
            open("town", "/desk/applications/{submitted}"),
            open("town", "/desk/applications/{resubmitted}"),
            open("county", "/desk/applications/{overdue}"),
            open("town", "/desk/applications/{correction}"),
            open("county", "/desk/applications/{review}"),
            open("health", "/desk/applications/{review}"),
            open("county", "/desk/applications/{decidable}"),
            open("county", "/desk/applications/{approved}"),
            open("county", "/desk/applications/{refused}"),
            open("county", "/desk/applications/{suspended}"),
            open("counter", "/desk/applications/{filed}"),
            decide("town", "/desk/applications/{submitted}", &[("version", "1")]),
            decide("health", "/desk/applications/{review}", &[("version", VERSION), ("action", "object")]),
            sent(
                "county",
                "/desk/applications/{decidable}",
                "/desk/applications/{decidable}",
                &[
                    ("version", VERSION),
                    ("action", "refuse"),
                    ("reason", "隔离房间不合格"),
                    ("remedy", "改到独立楼层后重新申请"),
                    ("preview", "1"),
                ],
                200,
            ),
            // Somebody else was faster: an error page that says what changed.
            sent(
                "county",
                "/desk/applications/{decidable}",
                "/desk/applications/{decidable}",
                &[("version", "1"), ("action", "approve")],
                409,
            ),
        ],
    ),
    (
        "reopening/desk/agent.html",
        &[
            open("counter", "/desk/agents/{agent}"),
            open("counter", "/desk/agents/{agent-good}"),
            open("counter", "/desk/agents/{agent-bad}"),
            sent(
                "counter",
                "/desk/agents/{agent}",
                "/desk/agents/{agent}",
                &[("version", "1"), ("do", "confirm"), ("legal_phone", "12")],
                422,
            ),
            sent(
                "counter",
                "/desk/agents/{agent-good}",
                "/desk/agents/{agent-good}",
                &[("version", "1"), ("do", "rename"), ("name", "")],
                422,
            ),
            // What the claimant will be told, before it is decided.
            sent(
                "counter",
                "/desk/agents/{agent}",
                "/desk/agents/{agent}",
                &[("version", "1"), ("do", "reject"), ("preview", "1")],
                200,
            ),
        ],
    ),
];
