//! The command line: parse, call the library, give an exit code.
fn main() {}
