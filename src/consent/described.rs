//! What the pages of consents do, for the description of all calls.

use crate::web::described::{Call, form, page};

pub(super) const CALLS: &[Call] = &[
    page("/me/consents/{consent}", "A consent of the resident: what it allows, and what its withdrawal does"),
    form("/me/consents/{consent}", "Withdraws a consent", &[]),
];
