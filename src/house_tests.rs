//! What people read stays readable: files end at 400 lines, lines of templates at 140 characters.

use std::path::{Path, PathBuf};

fn files(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !["node_modules", "target"].iter().any(|other| path.ends_with(other)) {
            files(&path, endings, found);
        } else if path.extension().is_some_and(|e| endings.iter().any(|ending| e == *ending)) {
            found.push(path);
        }
    }
}

/// Path below the project's folder, and text.
pub(crate) fn texts(folders: &[&str], endings: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in folders {
        files(&root.join(folder), endings, &mut found);
    }
    let name = |path: &Path| path.strip_prefix(root).unwrap().display().to_string();
    found.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn files_end_at_400_lines() {
    let code = texts(&["src", "crates", "tests", "examples", "fuzz", "assets"], &["rs", "py", "js", "sh"]);
    let templates = texts(&["templates"], &["html", "txt"]);
    assert!(code.len() > 500 && templates.len() > 250, "{} and {} files", code.len(), templates.len());
    let long: Vec<String> = code
        .iter()
        .chain(&templates)
        .map(|(name, text)| (name, text.lines().count()))
        .filter(|(_, lines)| *lines > 400)
        .map(|(name, lines)| format!("{name}: {lines}"))
        .collect();
    assert!(long.is_empty(), "split by sense: {long:#?}");
}

#[test]
fn lines_of_templates_end_at_140_characters() {
    let templates = texts(&["templates"], &["html", "txt"]);
    assert!(templates.len() > 250, "only {} templates were found", templates.len());
    let mut long = Vec::new();
    for (name, text) in &templates {
        for (number, line) in text.lines().enumerate().filter(|(_, line)| line.chars().count() > 140) {
            long.push(format!("{name}:{}: {}", number + 1, line.chars().count()));
        }
    }
    assert!(long.is_empty(), "break inside a tag or beside a block: {long:#?}");
}
