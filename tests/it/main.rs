//! The portal over real HTTP, on both databases.
//!
//! One binary, so that the throw-away PostgreSQL is started once. A test is written once as an `async fn(App)` and
//! `on_both!` runs it on SQLite and on PostgreSQL. Where a program is missing (PostgreSQL, Redis, a browser) its tests
//! say `skipped: …` by name; with `FUGONG_NO_SKIP=1` a skip is a failure.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions
)]

mod documents;
mod exchange;
mod faults;
mod files;
mod fresh;
mod front;
mod harness;
mod hidden_text;
mod hostile;
mod import;

mod accounts;
mod admin_lists;
mod agents;
mod appeal_ends;
mod appeal_forum;
mod as_sent;
mod audit;
mod audit_coverage;
mod authz_matrix;
mod bad_input;
mod browser;
mod canaries;
mod cases;
mod claimed_names;
mod codes;
mod consents;
mod decided_once;
mod declarations;
mod declared_twice;
mod jobs;
mod kept;
mod kill;
mod leaving;
mod links;
mod live;
mod merges;
mod messages;
mod numbers;
mod official_steps;
mod officials;
mod officials_vouched;
mod own_account;
mod parties;
mod pins;
mod programs;
mod proxies;
mod pumping;
mod redis_away;
mod register;
mod reopened_twice;
mod reopening;
mod restored;
mod retention;
mod schema_parity;
mod second;
mod site;
mod slips;
mod sms_budget;
mod subscriptions;
mod tasks;
mod tries;
mod twins;
mod unidentified;
mod worklist;
mod world;
