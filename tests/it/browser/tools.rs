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
            assert!(
                output.status.success() || !said.trim().is_empty(),
                "html-validate failed without a word"
            );
            Some(if output.status.success() { String::new() } else { said })
        }
        _ => {
            skipped("node or html-validate is not installed (npm ci in tests/pages)");
            None
        }
    }
}

/// Both tools see a fault where there is one: a silence of theirs means something.
#[actix_web::test]
async fn faults_are_found() {
    use crate::harness::chromium::{Chromium, Look};
    let folder = crate::harness::scratch("faults");
    std::fs::create_dir_all(&folder).unwrap();
    let page = "<!DOCTYPE html><html lang=\"en\"><head><title>x</title></head><body><p id=a></p><p id=a></p></body></html>";
    std::fs::write(folder.join("twice.html"), page).unwrap();
    if let Some(said) = html_validate(&folder) {
        assert!(said.contains("no-dup-id"), "{said}");
    }
    let (Some(axe), Some(b)) = (axe(), Chromium::start("http://127.0.0.1", Look::DESKTOP).await) else {
        return;
    };
    b.open("data:text/html,<html lang=en><title>x</title><main><h1>x</h1><img src=x><p style='color:%23ccc'>pale").await;
    let found = b.axe(&axe).await;
    for rule in ["image-alt", "color-contrast"] {
        assert!(found.iter().any(|f| f.starts_with(rule)), "{rule} is not in {found:?}");
    }
    b.close().await;
}
