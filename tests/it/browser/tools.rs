//! axe-core and html-validate, pinned in `tests/pages/package-lock.json`.

use crate::harness::skipped;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where both are installed: `npm ci` in `tests/pages`.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages")
}

/// axe's script; `None` (and a word about it) where it is not installed.
pub fn axe() -> Option<String> {
    let source = std::fs::read_to_string(folder().join("node_modules/axe-core/axe.min.js")).ok();
    if source.is_none() {
        skipped("axe-core is not installed (npm ci in tests/pages)");
    }
    source
}

/// Checks every file of a folder; gives what html-validate says, nothing if all is well.
pub fn html_validate(pages: &Path) -> Option<String> {
    let program = folder().join("node_modules/html-validate/bin/html-validate.mjs");
    let output = Command::new("node")
        .arg(&program)
        .arg("--config")
        .arg(folder().join(".htmlvalidate.mjs"))
        .args(["--formatter", "text", "--ext", "html"])
        .arg(pages)
        .current_dir(folder())
        .output();
    match output {
        Ok(output) if program.exists() => {
            let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
            said.push_str(&String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success() || !said.trim().is_empty(), "html-validate failed without a word");
            Some(if output.status.success() { String::new() } else { said })
        }
        _ => {
            skipped("node or html-validate is not installed (npm ci in tests/pages)");
            None
        }
    }
}
