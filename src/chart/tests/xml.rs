//! A strict reader of small XML documents: what is not well-formed is a panic that says where.

/// An element with what it says itself, and the elements around it.
#[derive(Debug, Clone, Default)]
pub struct Element {
    pub name: String,
    attributes: Vec<(String, String)>,
    pub text: String,
    around: Vec<String>,
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub fn inside(&self, name: &str) -> bool {
        self.around.iter().any(|around| around == name)
    }
}

/// A text without its entities.
fn text(raw: &str) -> String {
    let mut out = String::new();
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let (entity, after) = after.split_once(';').unwrap_or_else(|| panic!("a bare & in {raw:?}"));
        out.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "#39" | "#x27" => '\'',
            "#x2F" => '/',
            _ => panic!("&{entity}; in {raw:?}"),
        });
        rest = after;
    }
    out.push_str(rest);
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    assert!(out.chars().all(allowed) && !raw.contains('>'), "{raw:?}");
    out
}

fn attributes(tag: &str, raw: &str) -> Vec<(String, String)> {
    let (mut found, mut rest) = (Vec::<(String, String)>::new(), raw.trim());
    while !rest.is_empty() {
        let (name, after) = rest.split_once("=\"").unwrap_or_else(|| panic!("{rest:?} in <{tag}>"));
        let (value, after) = after.split_once('"').unwrap_or_else(|| panic!("no end of {name} in <{tag}>"));
        assert!(
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'),
            "{name:?} in <{tag}>"
        );
        assert!(found.iter().all(|(n, _)| n != name), "{name} twice in <{tag}>");
        assert!(!value.contains('<'), "{value:?}");
        found.push((name.to_owned(), text(value)));
        assert!(after.is_empty() || after.starts_with(char::is_whitespace), "{after:?} in <{tag}>");
        rest = after.trim_start();
    }
    found
}

/// All elements of a document, each before those inside it.
pub fn read(document: &str) -> Vec<Element> {
    let (mut all, mut open): (Vec<Element>, Vec<usize>) = Default::default();
    let mut parts = document.split('<');
    assert!(parts.next().unwrap().trim().is_empty(), "text before the document");
    for part in parts {
        let (tag, after) = part.split_once('>').unwrap_or_else(|| panic!("no end of <{part}"));
        if let Some(name) = tag.strip_prefix('/') {
            let last = open.pop().unwrap_or_else(|| panic!("</{name}> ends nothing"));
            assert_eq!(all[last].name, name, "ends before </{name}>");
        } else {
            let (tag, closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
            let (name, rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
            let around = open.iter().map(|at| all[*at].name.clone()).collect();
            assert!(all.is_empty() || !open.is_empty(), "<{name}> after the document");
            all.push(Element {
                name: name.to_owned(),
                attributes: attributes(name, rest),
                text: String::new(),
                around,
            });
            if !closed {
                open.push(all.len() - 1);
            }
        }
        for at in &open {
            all[*at].text.push_str(&text(after));
        }
        assert!(!open.is_empty() || after.trim().is_empty(), "text after the document: {after:?}");
    }
    assert!(open.is_empty(), "not ended: {}", all[open[0]].name);
    all
}

/// The places that a path goes to; of arcs and shapes only what the drawings use.
pub fn places(d: &str) -> Vec<(f64, f64)> {
    let mut spaced = String::new();
    for c in d.chars() {
        if c.is_ascii_alphabetic() || c == '-' {
            spaced.push(' ');
        }
        spaced.push(c);
        if c.is_ascii_alphabetic() {
            spaced.push(' ');
        }
    }
    let mut words = spaced.split_whitespace().peekable();
    let (mut at, mut start, mut found) = ((0.0, 0.0), (0.0, 0.0), Vec::new());
    let mut command = ' ';
    while let Some(word) = words.peek() {
        if word.chars().all(|c| c.is_ascii_alphabetic()) {
            command = words.next().unwrap().chars().next().unwrap();
            if command == 'z' {
                at = start;
                continue;
            }
        }
        let mut next = || words.next().unwrap().parse::<f64>().unwrap();
        match command {
            'M' => {
                at = (next(), next());
                start = at;
                command = 'L';
            }
            'L' => at = (next(), next()),
            'l' => at = (at.0 + next(), at.1 + next()),
            'H' => at.0 = next(),
            'h' => at.0 += next(),
            'V' => at.1 = next(),
            'v' => at.1 += next(),
            'a' => {
                for _ in 0..5 {
                    next();
                }
                at = (at.0 + next(), at.1 + next());
            }
            other => panic!("{other} in {d}"),
        }
        assert!(at.0.is_finite() && at.1.is_finite(), "{d}");
        found.push(at);
    }
    found
}

#[test]
fn what_is_wrong_is_found() {
    for wrong in [
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a b=c/>",
        "<a>&</a>",
        "<a b=\"1\" b=\"2\"/>",
        "x<a/>",
        "<a>\u{1}</a>",
        "</a>",
    ] {
        assert!(std::panic::catch_unwind(|| read(wrong)).is_err(), "{wrong}");
    }
    let good = read("<a x=\"1 &amp; 2\">t<b/>u&lt;</a>");
    assert_eq!((good.len(), good[0].attribute("x"), good[0].text.as_str()), (2, Some("1 & 2"), "tu<"));
    assert_eq!(places("M1 2 3 4l-1-1h2V9z"), [(1.0, 2.0), (3.0, 4.0), (2.0, 3.0), (4.0, 3.0), (4.0, 9.0)]);
}
