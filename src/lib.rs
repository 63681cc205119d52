//! Fugong (复工通): a province's portal for getting people back to work safely in an epidemic.
//!
//! This list is the map of the house. Shared rooms first, then the slices; arrows run one way, from the
//! slices to the shared rooms. `docs/architecture.md` walks one request through them.

// Shared rooms: no slice is known here.
pub mod access;
pub mod audit;
pub mod circuit;
pub mod clock;
pub mod config;
pub mod consent;
pub mod crypto;
pub mod db;
pub mod error;
pub mod hcert;
pub mod identity;
pub mod jobs;
pub mod notify;
pub mod number;
pub mod plain;
pub mod policy;
pub mod retention;
pub mod risk;
pub mod telemetry;
mod threads;
pub mod urgency;
pub mod web;
pub mod workflow;

// Slices.
pub mod accounts;
pub mod admin;
pub mod appeals;
pub mod certificates;
pub mod codes;
pub mod colour;
pub mod declarations;
pub mod exchange;
pub mod officials;
pub mod reopening;

// Putting it together.
pub mod app;
pub mod bench;
pub mod cli;
pub mod demo;
pub mod openapi;
pub mod router;
pub mod work;

#[cfg(test)]
mod counting;
#[cfg(any(test, fuzzing))]
#[path = "../fuzz/targets.rs"]
pub mod fuzz_targets;
#[cfg(test)]
mod house_tests;
