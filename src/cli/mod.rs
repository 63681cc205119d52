//! The engines behind the command line: one module per command, each a function that `main.rs` calls.

pub mod keys;
