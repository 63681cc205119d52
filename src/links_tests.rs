//! No dead links: every address that a template, a text, the code, the script or the documentation names is a row of
//! the router's table, with the method it is called by.

use super::routes;
use crate::web::route::RouteInfo;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// An address as it is written, with `{}` where a value is put in.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Link {
    method: &'static str,
    path: String,
    place: String,
}

fn root(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

/// All files below a folder with one of the endings, with their texts.
fn files(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root(folder)).unwrap() {
        let name = format!("{folder}/{}", entry.unwrap().file_name().to_string_lossy());
        if root(&name).is_dir() {
            found.extend(files(&name, endings));
        } else if endings.iter().any(|e| name.ends_with(e)) {
            let text = std::fs::read_to_string(root(&name)).unwrap();
            found.push((name, text));
        }
    }
    found
}

/// `text` without what stands between `open` and `close`; `{}` stands there instead.
fn blank(text: &str, open: &str, close: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once(open) {
        out.push_str(before);
        out.push_str("{}");
        rest = after.split_once(close).map_or("", |(_, after)| after);
    }
    out + rest
}

/// `~ name ~ "more"` after a literal of a template: a value, and more of the address.
fn joined(mut rest: &str) -> String {
    let mut out = String::new();
    while let Some(after) = rest.trim_start().strip_prefix('~') {
        let after = after.trim_start();
        if let Some((literal, more)) = after.strip_prefix('"').and_then(|a| a.split_once('"')) {
            out.push_str(literal);
            rest = more;
        } else {
            out.push_str("{}");
            rest = after.trim_start_matches(|c: char| c.is_alphanumeric() || "_.?".contains(c));
        }
    }
    out
}

/// Literals that begin with a slash: where they begin, and the address.
fn literals(text: &str) -> Vec<(usize, String)> {
    let begins = text.match_indices("\"/").chain(text.match_indices("\"{{ portal.url }}/"));
    let found = begins.filter_map(|(at, begin)| {
        let from = at + begin.len() - 1;
        let (literal, rest) = text.get(from..)?.split_once('"')?;
        // What goes on with an address that began before, and markup.
        let is_part = text[..at].trim_end().ends_with('~') || literal.contains(['<', '>']);
        // A component that puts more behind it.
        let more = if text[..at].ends_with("base={") { "/" } else { "" };
        (!is_part).then(|| (at, format!("{literal}{}{more}", joined(rest))))
    });
    found.collect()
}

/// By which method the address at this place of a template is called: a form sends, all else asks.
fn method(text: &str, at: usize) -> &'static str {
    let before = &text[..at];
    let tag = &before[before.rfind('<').unwrap_or(0)..];
    let is_action = before.ends_with("action=") || before.ends_with("action={");
    let sends = tag.starts_with("<f.post") || tag.contains("method=\"post\"");
    if is_action && sends { "POST" } else { "GET" }
}

fn in_templates() -> Vec<Link> {
    let mut found = Vec::new();
    for (place, text) in files("templates", &[".html", ".txt"]) {
        let text = blank(&text, "{#", "#}");
        for (at, path) in literals(&text) {
            let path = blank(&path, "{{", "}}");
            let method = if path.ends_with('/') && path != "/" { "*" } else { method(&text, at) };
            found.push(Link { method, path, place: place.clone() });
        }
        for (_, rest) in text.match_indices("}}/").filter_map(|(at, _)| text.get(at + 2..).map(|r| (at, r))) {
            // `{{ portal.url }}/certificates/{{ number }}` in a mail without markup.
            if place.ends_with(".txt") {
                let path = rest.lines().next().unwrap_or_default().trim();
                let path = blank(path, "{{", "}}");
                found.push(Link { method: "GET", path, place: place.clone() });
            }
        }
    }
    found
}

fn in_texts() -> Vec<Link> {
    let mut found = Vec::new();
    for (place, text) in files("locales", &[".ftl"]) {
        for (at, path) in literals(&text) {
            assert!(text[..at].ends_with("href="), "{place}: {path} is no link");
            found.push(Link { method: "GET", path, place: place.clone() });
        }
    }
    found
}

/// The code without its tests and comments.
fn in_code() -> Vec<Link> {
    let mut found = Vec::new();
    for (place, text) in files("src", &[".rs"]).into_iter().chain(files("assets", &[".js"])) {
        let elsewhere = [
            "src/bench/",
            "src/cli/",
            "src/db/",
            "src/exchange/fetch",
            "src/carrier/sms",
            "src/web/view/",
            "src/web/qr",
        ];
        if place.ends_with("tests.rs")
            || place.contains("/tests/")
            || elsewhere.iter().any(|e| place.starts_with(e))
        {
            continue;
        }
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let kept: String =
            text.lines().filter(|l| !l.trim_start().starts_with("//")).flat_map(|l| [l, "\n"]).collect();
        for (_, path) in literals(&kept) {
            found.push(Link { method: "*", path: blank(&path, "{", "}"), place: place.clone() });
        }
    }
    found
}

/// `` `GET /x` `` and `` `/x` `` in the documentation.
fn in_docs() -> Vec<Link> {
    let mut found = Vec::new();
    for (place, text) in files("docs", &[".md"]) {
        for part in text.split('`').skip(1).step_by(2) {
            let (method, path) = match part.split_once(' ') {
                Some((m @ ("GET" | "POST" | "PATCH" | "DELETE"), path)) => {
                    (["GET", "POST", "PATCH", "DELETE"].into_iter().find(|k| *k == m).unwrap(), path)
                }
                _ => ("*", part),
            };
            if path.starts_with('/') && !path.contains(char::is_whitespace) {
                found.push(Link { method, path: blank(path, "{", "}"), place: place.clone() });
            }
        }
    }
    found
}

/// Whether a row of the table answers.
fn leads(table: &[RouteInfo], link: &Link) -> bool {
    let path = link.path.split(['?', '#']).next().unwrap_or_default();
    let begins = path.ends_with('/') && path != "/";
    let path = if begins { path.trim_end_matches('/') } else { path };
    let segments: Vec<&str> = path.split('/').collect();
    table.iter().any(|row| {
        let pattern: Vec<&str> = row.path.split('/').collect();
        let same = |(a, b): (&&str, &&str)| a.contains("{}") || b.contains('{') && !a.is_empty() || a == b;
        (link.method == "*" || row.method.as_str() == link.method)
            && (pattern.len() == segments.len() || begins && pattern.len() > segments.len())
            && segments.iter().zip(&pattern).all(same)
    })
}

/// Not pages of the portal: folders, parts of addresses, other servers.
const OTHER: &[&str] = &["/metrics", "/sandbox.json", "/agent/number", "/agent/state", "//", "/api/v1"];

fn dead(links: Vec<Link>) -> BTreeSet<String> {
    let routes = routes();
    let dead = |l: &Link| !leads(routes.table(), l) && !OTHER.contains(&l.path.as_str());
    links.iter().filter(|l| dead(l)).map(|l| format!("{}: {} {}", l.place, l.method, l.path)).collect()
}

#[test]
fn every_link_of_a_page_or_message_leads_to_a_route() {
    let links = in_templates();
    assert!(links.len() > 150, "only {} links were found", links.len());
    assert!(links.iter().any(|l| l.method == "POST" && l.path == "/desk/agents/{}"), "{links:?}");
    assert_eq!(dead(links), BTreeSet::new());
}

#[test]
fn every_link_of_a_text_leads_to_a_route() {
    let links = in_texts();
    assert!(links.iter().any(|l| l.path == "/me/access"));
    assert_eq!(dead(links), BTreeSet::new());
}

#[test]
fn every_address_in_the_code_is_a_route() {
    let links = in_code();
    assert!(links.iter().any(|l| l.path.contains("/desk/certificates/{}")), "{links:?}");
    assert_eq!(dead(links), BTreeSet::new());
}

#[test]
fn every_address_in_the_documentation_is_a_route() {
    let links = in_docs();
    assert!(links.iter().any(|l| l.place == "docs/pages.md"));
    assert_eq!(dead(links), BTreeSet::new());
}
