//! The catalogues as data: both languages have the same keys and variables, and nothing asks for a key or leaves out
//! a variable that they do not have.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fluent_syntax::ast;

use super::*;

type Keys = BTreeMap<String, BTreeSet<String>>;

fn root(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

/// All files below a folder with one of the endings.
fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, endings));
        } else if endings.iter().any(|e| path.to_string_lossy().ends_with(e)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn variables(pattern: &ast::Pattern<String>, found: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let ast::PatternElement::Placeable { expression } = element {
            expression_variables(expression, found);
        }
    }
}

fn expression_variables(expression: &ast::Expression<String>, found: &mut BTreeSet<String>) {
    match expression {
        ast::Expression::Inline(inline) => inline_variables(inline, found),
        ast::Expression::Select { selector, variants } => {
            inline_variables(selector, found);
            for variant in variants {
                variables(&variant.value, found);
            }
        }
    }
}

fn inline_variables(inline: &ast::InlineExpression<String>, found: &mut BTreeSet<String>) {
    match inline {
        ast::InlineExpression::VariableReference { id } => {
            found.insert(id.name.clone());
        }
        ast::InlineExpression::Placeable { expression } => expression_variables(expression, found),
        _ => {}
    }
}

/// Keys and their variables, by language and file name.
fn catalogue(lang: Lang) -> BTreeMap<String, Keys> {
    let folder = root("locales").join(lang.tag());
    files(&folder, &[".ftl"])
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let resource = fluent_syntax::parser::parse(text)
                .unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", path.display()));
            let mut keys = Keys::new();
            for entry in resource.body {
                if let ast::Entry::Message(message) = entry {
                    let mut found = BTreeSet::new();
                    let value = message.value.unwrap_or_else(|| panic!("{} has no text", message.id.name));
                    variables(&value, &mut found);
                    keys.insert(message.id.name, found);
                }
            }
            (path.file_name().unwrap().to_string_lossy().into_owned(), keys)
        })
        .collect()
}

fn all_keys() -> Keys {
    catalogue(Lang::ZhCn).into_values().flatten().collect()
}

#[test]
fn the_embedded_catalogues_can_be_read() {
    check().unwrap();
    assert_eq!(t(Lang::ZhCn, "brand", &[]), "复工通");
    assert_eq!(t(Lang::En, "errors-title", &[("count", 1.into())]), "There is one thing to put right");
    assert_eq!(t(Lang::En, "errors-title", &[("count", 5600.into())]), "There are 5,600 things to put right");
    assert!(has("brand") && !has("no-such-key"));
}

#[test]
fn variables_get_no_isolation_marks() {
    let text = t(Lang::ZhCn, "foot-organiser", &[("organiser", "张*".into())]);
    assert_eq!(text, "张*主办");
}

#[test]
fn a_missing_key_shows_itself() {
    assert_eq!(t(Lang::En, "no-such-key", &[]), "no-such-key");
}

#[test]
fn both_languages_have_the_same_files_keys_and_variables() {
    let (zh, en) = (catalogue(Lang::ZhCn), catalogue(Lang::En));
    assert_eq!(zh.keys().collect::<Vec<_>>(), en.keys().collect::<Vec<_>>(), "files");
    for (file, keys) in &zh {
        for (key, vars) in keys {
            let other = en[file].get(key).unwrap_or_else(|| panic!("en/{file} lacks {key}"));
            assert_eq!(vars, other, "variables of {key} in {file}");
        }
        for key in en[file].keys() {
            assert!(keys.contains_key(key), "zh-CN/{file} lacks {key}");
        }
    }
}

#[test]
fn languages_are_negotiated() {
    assert_eq!(Lang::negotiate(Some("en"), Some("zh-CN")), Lang::En);
    assert_eq!(Lang::negotiate(Some("xx"), Some("de, en-GB;q=0.8, zh;q=0.3")), Lang::En);
    assert_eq!(Lang::negotiate(None, Some("en;q=0, zh-Hant-TW;q=0.1")), Lang::ZhCn);
    assert_eq!(Lang::negotiate(None, Some("en;q=abc")), Lang::ZhCn);
    assert_eq!(Lang::negotiate(None, None), Lang::ZhCn);
    for (header, expected) in [
        ("en-US,en;q=0.9,zh-CN;q=0.8", Some(Lang::En)),
        ("zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7", Some(Lang::ZhCn)),
        ("zh-Hant-HK, en;q=0.9", Some(Lang::ZhCn)),
        ("yue-HK, en;q=0.9", Some(Lang::ZhCn)),
        ("fr-FR,fr;q=0.9,en;q=0.8", Some(Lang::En)),
        ("en;q=0.5,zh;q=0.5", Some(Lang::En)),
        ("en;Q=0.3 , zh ; q = 0.8", Some(Lang::ZhCn)),
        ("en;q=0.3;level=1, zh;q=0.8", Some(Lang::ZhCn)),
        ("*", Some(Lang::ZhCn)),
        ("zh;q=0, *;q=0.5", Some(Lang::En)),
        ("en;q=0.2, *;q=0.5", Some(Lang::ZhCn)),
        ("zh, en, *;q=0.5", Some(Lang::ZhCn)),
        ("en;q=0", None),
        ("en;q=inf, zh;q=0.1", Some(Lang::ZhCn)),
        ("en;q=nan", None),
        ("en;q=-1", None),
        ("en_GB", Some(Lang::En)),
        ("ii-CN, bo, ug", None),
        (",,;;=,q=1, \u{7f}\u{fffd}", None),
        ("", None),
    ] {
        assert_eq!(Lang::from_accept_language(header), expected, "{header}");
    }
    let many = format!("{}en", "fr;q=0.1,".repeat(50));
    assert_eq!(Lang::from_accept_language(&many), Some(Lang::En));
    for lang in Lang::ALL {
        assert_eq!(Lang::parse(lang.tag()), Some(lang));
        assert_ne!(lang.other(), lang);
    }
}

/// A call of `t(` or `th(` in a template: the literal key, whether more follows it (`"error-" ~ status`), the names
/// of the variables.
struct Call {
    key: String,
    whole: bool,
    given: BTreeSet<String>,
}

/// Calls of `t(key="…")` and `th(key="…")`.
fn template_calls(text: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    for (at, _) in text.match_indices("(key=") {
        let name_start =
            text[..at].rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |i| i + 1);
        if !matches!(&text[name_start..at], "t" | "th") {
            continue;
        }
        calls.push(template_call(&text[at + 1..]));
    }
    calls
}

fn template_call(text: &str) -> Call {
    let (mut depth, mut quote, mut argument, mut arguments) = (0, None, String::new(), Vec::new());
    for c in text.chars() {
        match (quote, c) {
            (Some(q), _) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')') if depth == 0 => break,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => {
                arguments.push(std::mem::take(&mut argument));
                continue;
            }
            _ => {}
        }
        argument.push(c);
    }
    arguments.push(argument);
    let key = arguments[0].trim().trim_start_matches("key=").trim().to_owned();
    let literal = key.split('"').nth(1).filter(|_| key.starts_with('"')).unwrap_or_default().to_owned();
    Call {
        whole: key == format!("\"{literal}\""),
        key: literal,
        given: arguments[1..]
            .iter()
            .filter_map(|a| a.split_once('='))
            .map(|(name, _)| name.trim().to_owned())
            .filter(|name| name != "lang")
            .collect(),
    }
}

#[test]
fn templates_use_keys_that_exist_with_all_their_variables() {
    let keys = all_keys();
    let mut checked = 0;
    for path in files(&root("templates"), &[".html", ".txt"]) {
        let text = std::fs::read_to_string(&path).unwrap();
        for call in template_calls(&text) {
            let place = path.display();
            if call.whole {
                let vars = keys.get(&call.key).unwrap_or_else(|| panic!("{place}: no text {}", call.key));
                assert_eq!(vars, &call.given, "{place}: variables of {}", call.key);
                checked += 1;
            } else if !call.key.is_empty() {
                assert!(keys.keys().any(|k| k.starts_with(&call.key)), "{place}: no text {}…", call.key);
            }
        }
    }
    assert!(checked > 50, "only {checked} calls were found");
}

/// Literal keys of `t(lang, "…"` in the code.
fn code_keys(text: &str) -> Vec<String> {
    text.match_indices("t(")
        .filter(|(at, _)| !text[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
        .filter_map(|(at, _)| {
            let (first, rest) = text[at + 2..].split_once(',')?;
            let path = |c: char| c.is_alphanumeric() || "_.:() \n&*".contains(c);
            let rest = rest.trim_start().strip_prefix('"')?;
            (!first.is_empty() && first.chars().all(path))
                .then(|| rest.split('"').next().map(str::to_owned))?
        })
        .filter(|key| key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'))
        .collect()
}

#[test]
fn code_uses_keys_that_exist() {
    let keys = all_keys();
    for path in files(&root("src"), &[".rs"]) {
        if path.ends_with("i18n_tests.rs") {
            continue;
        }
        for key in code_keys(&std::fs::read_to_string(&path).unwrap()) {
            assert!(keys.contains_key(&key), "{}: no text {key}", path.display());
        }
    }
    assert_eq!(
        code_keys(r#"format::t(page.lang, "a-b", &[]); assert(x, "y"); t(lang, "c", &[])"#),
        ["a-b", "c"]
    );
}
