//! How to reach the one page of all worklists: full and empty, searched, with a view that could not be saved, and after an act
//! on several rows.

use super::visit::{Template, open, sent};

pub(super) const TABLE: &[Template] = &[(
    "worklist/list.html",
    &[
        open("reviewer", "/desk/appeals"),
        open("reviewer", "/desk/appeals?tab=decided"),
        sent("reviewer", "/desk/appeals", "/desk/appeals", &[("q", "没有这个人")], 200),
        sent("reviewer", "/desk/appeals", "/desk/appeals/views", &[("do", "save"), ("view", "")], 422),
        open("worker", "/desk/declarations"),
        open("worker", "/desk/declarations?tab=returned&concern=yes"),
        open("worker", "/desk/declarations?tab=done"),
        open("doctor", "/desk/declarations"),
        sent("worker", "/desk/declarations", "/desk/declarations", &[("q", "没有这个人")], 200),
        sent("worker", "/desk/declarations", "/desk/declarations", &[("q", "欧阳金丝雀")], 200),
        sent("worker", "/desk/declarations", "/desk/declarations/check", &[("version", "1")], 422),
        sent(
            "worker",
            "/desk/declarations",
            "/desk/declarations/check",
            &[("case", "{declaration}@1"), ("case", "SB200312-00000000@1")],
            200,
        ),
        open("colour-2", "/desk/second"),
        open("colour-2", "/desk/second?tab=expired"),
        open("operator-2", "/desk/second"),
        sent("colour-2", "/desk/second", "/desk/second", &[("q", "没有这个人")], 200),
        open("doctor", "/desk/certificates"),
        open("doctor", "/desk/certificates?state=revoked"),
        sent("doctor", "/desk/certificates", "/desk/certificates", &[("q", "没有这个人")], 200),
    ],
)];
