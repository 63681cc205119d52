//! How long a table is kept that somebody has sent: until what was wrong with it could be mended.

use crate::kept::{Kind, Owner, PLAIN, Part};

/// From its last step. It also goes with what it was sent for.
pub const KEPT: &[Kind] = &[Kind {
    name: "import",
    table: "imports",
    clock: "t.changed_at",
    parts: &[Part { table: "import_rows", column: "import_id" }],
    owner: Owner { account: Some("t.account_id"), person: None },
    on_request: Some("t.state <> 'running'"),
    ..PLAIN
}];
