//! How long subscriptions and news are kept.

use crate::kept::{Kind, Owner, PLAIN, Part};

/// What was asked for and never confirmed, what was confirmed (until it is stopped, which takes it away at once), and what
/// there was to tell.
pub const KEPT: &[Kind] = &[
    Kind { name: "subscription-asked", table: "subscriptions", only: "t.confirmed_at IS NULL", ..PLAIN },
    Kind {
        name: "subscription",
        table: "subscriptions",
        clock: "t.confirmed_at",
        only: "t.confirmed_at IS NOT NULL",
        parts: &[Part { table: "subscription_items", column: "subscription_id" }],
        owner: Owner {
            account: Some("t.account_id"),
            person: Some("(SELECT a.person_id FROM accounts a WHERE a.id = t.account_id)"),
        },
        on_request: Some("t.confirmed_at IS NOT NULL"),
        ..PLAIN
    },
    Kind {
        name: "subscription-news",
        table: "subscription_news",
        only: "t.done",
        parts: &[Part { table: "subscription_items", column: "news_id" }],
        ..PLAIN
    },
];
