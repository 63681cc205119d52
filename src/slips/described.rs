//! What the page of a receipt does, for the description of all calls.

use crate::web::described::{Call, page};

pub(super) const CALLS: &[Call] =
    &[page("/desk/receipts/{number}", "A receipt on paper of what was done for somebody at a counter")];
