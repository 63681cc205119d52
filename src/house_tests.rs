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

/// Lines of each function of a text that rustfmt has laid out, by name.
fn functions(text: &str) -> Vec<(&str, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (first, line) in lines.iter().enumerate() {
        let Some((before, after)) = line.split_once("fn ") else { continue };
        let words = ["pub", "pub(crate)", "pub(super)", "const", "async", "unsafe"];
        if !before.split_whitespace().all(|word| words.contains(&word)) {
            continue;
        }
        let end = format!("{}}}", &line[..line.len() - line.trim_start().len()]);
        let body = lines[first..].iter().position(|line| *line == end);
        // What ends on its own line, or is only declared.
        let length = if line.ends_with('}') || line.ends_with(';') { 1 } else { body.unwrap_or(0) + 1 };
        found.push((after.split(['(', '<']).next().unwrap_or(after), length));
    }
    found
}

#[test]
fn functions_end_at_60_lines() {
    let code = texts(&["src", "crates"], &["rs"]);
    let is_program = |name: &str| !name.contains("tests") && !name.ends_with("testing.rs");
    let (mut all, mut long) = (Vec::new(), Vec::new());
    for (name, text) in code.iter().filter(|(name, _)| is_program(name)) {
        let tests = text.match_indices("#[cfg(test)]\n").map(|(at, _)| at).find(|at| {
            text[*at..].lines().nth(1).is_some_and(|line| line.contains("mod ") && line.ends_with('{'))
        });
        for (function, lines) in functions(&text[..tests.unwrap_or(text.len())]) {
            all.push(lines);
            if lines > 60 {
                long.push(format!("{name}: {function}, {lines}"));
            }
        }
    }
    all.sort_unstable();
    assert!(all.len() > 4000, "only {} functions were found", all.len());
    assert!(all[all.len() / 2] <= 14, "half of all functions have {} lines or more", all[all.len() / 2]);
    assert!(long.is_empty(), "split by sense: {long:#?}");
}
