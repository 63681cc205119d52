//! Fugong (复工通): a province's portal for getting people back to work safely in an epidemic.
//!
//! This list is the map of the house. Shared rooms first, then the slices; arrows run one way, from the
//! slices to the shared rooms. `docs/architecture.md` walks one request through them.

// Shared rooms: no slice is known here.
pub mod audit;
pub mod crypto;
pub mod hcert;
pub mod identity;
pub mod policy;
pub mod web;
pub mod workflow;

// The command line.
pub mod cli;
