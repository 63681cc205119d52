//! Fugong (复工通): a province's portal for getting people back to work safely in an epidemic.
//!
//! This list is the map of the house. Shared rooms first, then the slices; arrows run one way, from the
//! slices to the shared rooms (`rooms_tests.rs` looks). `docs/architecture.md` walks one request through them.

// Ground that knows nothing of this program, each a crate of its own in `crates/`.
pub use fugong_crypto as crypto;
pub use fugong_hcert as hcert;
pub use fugong_identity as identity;
pub use fugong_plain as plain;
pub use fugong_policy as policy;
pub use fugong_signature as signature;
pub use fugong_workflow as workflow;

// Ground: what knows nothing of requests and residents.
pub mod access;
pub mod agreed;
pub mod carrier;
pub mod circuit;
pub mod clock;
pub mod config;
pub mod db;
pub mod error;
pub mod kept;
pub mod number;
pub mod outlines;
mod picture;
pub mod retry;
pub mod risk;
pub mod telemetry;
mod threads;
pub mod tls;
pub mod urgency;

// Shared rooms: no slice is known here.
pub mod audit;
pub mod chart;
pub mod colour;
pub mod decision;
pub mod deps;
pub mod files;
pub mod import;
pub mod jobs;
pub mod live;
pub mod notify;
pub mod register;
pub mod second;
pub mod slice;
pub mod slips;
pub mod subscriptions;
pub mod tasks;
pub mod web;
pub mod worklist;

// Slices.
pub mod accounts;
pub mod admin;
pub mod appeals;
pub mod case;
pub mod certificates;
pub mod codes;
pub mod consent;
pub mod declarations;
pub mod exchange;
pub mod front;
pub mod merges;
pub mod officials;
pub mod openapi;
pub mod pins;
pub mod proxies;
pub mod reopening;
pub mod retention;
pub mod site;

// Putting it together.
pub mod app;
pub mod bench;
pub mod cli;
pub mod demo;
pub mod router;

#[cfg(test)]
mod counting;
#[cfg(any(test, fuzzing))]
#[path = "../fuzz/targets.rs"]
pub mod fuzz_targets;
#[cfg(test)]
#[path = "house_tests.rs"]
mod house;
#[cfg(test)]
#[path = "rooms_tests.rs"]
mod rooms;
