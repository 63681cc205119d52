//! What the pages of subscriptions do, for the description of all calls.

use crate::web::described::{Call, form, free, page};

pub(super) const CALLS: &[Call] = &[
    page("/subscriptions", "Asks what somebody wants to be told by e-mail"),
    form(
        "/subscriptions",
        "Sends a link to an address, by which the subscription is confirmed",
        &[free("topic").needed(), free("division").needed(), free("digest").needed(), free("email").needed()],
    )
    .may_show(),
    page("/subscriptions/confirm/{token}", "A subscription that waits to be confirmed"),
    form("/subscriptions/confirm/{token}", "Confirms a subscription", &[]).may_show(),
    page("/subscriptions/stop/{token}", "A subscription that can be stopped"),
    form("/subscriptions/stop/{token}", "Stops a subscription, with one click of a mail program too", &[])
        .may_show(),
    page("/subscriptions/stop/{token}/all", "The same for every subscription of the address"),
    form("/subscriptions/stop/{token}/all", "Stops every subscription of the address", &[]).may_show(),
    page("/me/subscriptions", "What the resident is told by subscription"),
    form(
        "/me/subscriptions",
        "Adds a subscription of the resident",
        &[
            free("topic").needed(),
            free("division").needed(),
            free("channel").needed(),
            free("digest").needed(),
        ],
    ),
    form("/me/subscriptions/{id}/stop", "Stops a subscription of the resident", &[]),
];
