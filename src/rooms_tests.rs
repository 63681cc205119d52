//! The map of docs/architecture.md is true: every module of `lib.rs` is a room of its table, a room imports no room that
//! stands below it or that its row does not name, and nobody reads the `store` of another room.

use crate::house::texts;
use std::collections::{BTreeMap, BTreeSet};

/// A row of the table.
struct Room {
    /// The modules that it is made of.
    modules: Vec<String>,
    /// The layer, as the first cell says it.
    layer: String,
    /// What it may know of its own layer.
    knows: BTreeSet<String>,
}

/// Modules of `lib.rs` that only tests and fuzzing have.
const TESTS: [&str; 4] = ["counting", "fuzz_targets", "house", "rooms"];

const LAYERS: [&str; 4] = ["ground", "shared", "slice", "whole"];

/// What stands between backticks in a cell.
fn names(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The rooms from the ground up.
fn rooms() -> Vec<Room> {
    let text = include_str!("../docs/architecture.md");
    let map = text.split("## The map\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = map.lines().filter_map(|line| line.strip_prefix("| ")).map(|line| {
        let cells: Vec<&str> = line.trim_end_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 4, "{line}");
        let knows = names(cells[3]).into_iter().collect();
        Room { modules: names(cells[1]), layer: cells[0].to_owned(), knows }
    });
    rows.filter(|room| LAYERS.contains(&room.layer.as_str())).collect()
}

/// The rooms that a text imports or names: modules from the root of the crate, and crates of our own.
fn imports(text: &str) -> Vec<String> {
    let code: String = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .flat_map(|line| [line.trim(), " "])
        .collect();
    let inside = code.split("crate::").skip(1).flat_map(heads);
    inside.chain(code.split("fugong_").skip(1).map(|path| heads(path).concat())).collect()
}

/// `a` of `a::b`; `a` and `c` of `{a::{self, b}, c}`.
fn heads(path: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect()
    };
    let Some(group) = path.strip_prefix('{') else { return vec![name(path)] };
    let (mut depth, mut found) = (0_usize, vec![name(group)]);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => found.push(name(&group[at + 1..])),
            _ => {}
        }
    }
    found
}

/// The source without its unit tests, by module of `lib.rs` or by crate.
fn sources() -> Vec<(String, String, String)> {
    let all = texts(&["src", "crates"], &["rs"]).into_iter().filter(|(name, _)| !name.contains("test"));
    let module = |name: &str| {
        let (_, inside) = name.split_once('/').unwrap();
        inside.split(['/', '.']).next().unwrap().to_owned()
    };
    let own = |text: String| text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
    all.map(|(name, text)| (module(&name), name, own(text))).collect()
}

/// The room of each module: its place in the table.
fn places(rooms: &[Room]) -> BTreeMap<&str, usize> {
    let mut places = BTreeMap::new();
    for (place, room) in rooms.iter().enumerate() {
        for module in &room.modules {
            assert!(places.insert(module.as_str(), place).is_none(), "{module} stands in the map twice");
        }
    }
    places
}

#[test]
fn the_map_has_every_room_and_its_arrows_run_one_way() {
    let rooms = rooms();
    let places = places(&rooms);
    let lib = include_str!("lib.rs");
    let modules = lib.lines().filter(|line| !line.starts_with("//")).filter_map(|line| {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        if let Some((_, own)) = line.strip_prefix("use fugong_").and_then(|line| line.split_once(" as ")) {
            return own.strip_suffix(';');
        }
        line.strip_prefix("mod ")?.strip_suffix(';').filter(|name| !TESTS.contains(name))
    });
    let modules: BTreeSet<&str> = modules.collect();
    assert_eq!(modules, places.keys().copied().collect(), "lib.rs and the map of docs/architecture.md");
    let rank = |place: usize| LAYERS.iter().position(|layer| *layer == rooms[place].layer).unwrap();
    let (mut wrong, mut known) = (BTreeSet::new(), vec![BTreeSet::new(); rooms.len()]);
    for (module, file, text) in sources() {
        let Some(from) = places.get(module.as_str()) else { continue };
        for name in imports(&text) {
            // Inside a crate its own modules may have the names of rooms: `policy` has facts of a `workflow` only by name.
            if file.starts_with("crates/") && !text.contains(&format!("fugong_{name}")) {
                continue;
            }
            let Some(to) = places.get(name.as_str()).filter(|to| *to != from) else { continue };
            if rank(*to) == rank(*from) {
                known[*from].insert(name.clone());
            }
            if to > from {
                wrong.insert(format!("{file}: {name} stands below {module} in the map"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for (room, known) in rooms.iter().zip(known) {
        assert_eq!(room.knows, known, "what {:?} may know of its own layer, and what it knows", room.modules);
    }
}

#[test]
fn nobody_reads_a_foreign_store() {
    let sources = sources();
    assert!(sources.len() > 350, "only {} files were found", sources.len());
    let mut wrong = Vec::new();
    for (module, file, text) in &sources {
        for path in text.split("crate::").skip(1) {
            let path: String =
                path.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_' || *c == ':').collect();
            let mut parts = path.split("::");
            let (room, inside) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            if room != module && inside.starts_with("store") {
                wrong.push(format!("{file}: {path}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn imports_are_found() {
    let text = "use crate::audit::{self, Entry}; // crate::mail\nuse crate::{app, jobs::{self, Job},\n    notify};\n";
    assert_eq!(imports(text), ["audit", "app", "jobs", "notify"]);
    assert_eq!(imports("use fugong_crypto::Key;\n    fugong_plain::text(bytes);\n"), ["crypto", "plain"]);
    assert_eq!(names("`db`, and `web`"), ["db", "web"]);
}
