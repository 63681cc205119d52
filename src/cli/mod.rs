//! The engines behind the command line: one module per command, each a function that `main.rs` calls with parsed
//! arguments, the clock's time and its streams, so that a test can run it like a user does.

pub mod admin;
pub mod audit;
pub mod backup;
pub mod bench;
pub mod exchange;
pub mod keys;
pub mod policy;
pub mod restored;
pub mod serve;
mod text;
pub mod time;
pub mod verify;
