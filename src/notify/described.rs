//! What the pages of the inbox do, for the description of all calls.

use crate::web::described::{Call, after, form, page};

pub(super) const CALLS: &[Call] = &[
    page("/me/messages", "What the resident was told, the newest first").asks(&[after()]),
    page("/me/live", "Tells at once when something concerns the resident").streams(),
    page("/me/messages/{id}", "A message"),
    form("/me/messages/{id}/read", "Marks a message as read", &[]),
];
