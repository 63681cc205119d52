//! Rebuilds the crate when a file is added to a folder that is compiled into the binary: the embedding
//! macros only see the files that existed when they last ran.

use std::path::Path;

fn main() {
    for folder in ["templates", "locales", "assets", "migrations"] {
        if Path::new(folder).exists() {
            println!("cargo::rerun-if-changed={folder}");
        }
    }
}
