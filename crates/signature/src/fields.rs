//! Structured fields (RFC 8941): dictionaries of items and inner lists, read by the algorithms of its section 4.2 and written
//! by those of 4.1.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Members of a dictionary, items of a list and parameters of an item, at most.
const MOST: usize = 64;

/// A bare item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bare {
    /// A whole number of up to 15 digits.
    Integer(i64),
    /// A decimal in thousandths.
    Decimal(i64),
    /// A text of visible ASCII and spaces.
    String(String),
    /// A token.
    Token(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A truth value.
    Boolean(bool),
}

/// Parameters in their order; the last of one name counts.
pub type Parameters = Vec<(String, Bare)>;

/// An item with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub bare: Bare,
    /// Its parameters.
    pub parameters: Parameters,
}

/// An inner list with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Its items.
    pub items: Vec<Item>,
    /// Its parameters.
    pub parameters: Parameters,
}

/// A member of a dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Member {
    /// An item.
    Item(Item),
    /// An inner list.
    List(List),
}

/// Reads a dictionary; `None` for what is none.
#[must_use]
pub fn dictionary(text: &str) -> Option<Vec<(String, Member)>> {
    let mut reader = Reader { rest: text.trim_matches(' ').as_bytes() };
    let mut members: Vec<(String, Member)> = Vec::new();
    while !reader.rest.is_empty() {
        let name = reader.key()?;
        let member = if reader.takes(b'=') {
            reader.member()?
        } else {
            Member::Item(Item { bare: Bare::Boolean(true), parameters: reader.parameters()? })
        };
        put(&mut members, name, member)?;
        reader.skip(b" \t");
        if reader.rest.is_empty() {
            break;
        }
        if !reader.takes(b',') {
            return None;
        }
        reader.skip(b" \t");
        // A comma behind the last is no dictionary.
        if reader.rest.is_empty() {
            return None;
        }
    }
    Some(members)
}

/// Keeps the last of one name, at its place (RFC 8941, 4.2.2); `None` when there are too many.
fn put<T>(all: &mut Vec<(String, T)>, name: String, value: T) -> Option<()> {
    let full = all.len() >= MOST;
    match all.iter_mut().find(|(known, _)| *known == name) {
        Some((_, before)) => *before = value,
        None if full => return None,
        None => all.push((name, value)),
    }
    Some(())
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn takes(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        if there {
            self.next();
        }
        there
    }

    fn skip(&mut self, these: &[u8]) {
        while self.peek().is_some_and(|byte| these.contains(&byte)) {
            self.next();
        }
    }

    fn while_it(&mut self, is: impl Fn(u8) -> bool) -> String {
        let mut text = String::new();
        while let Some(byte) = self.peek().filter(|byte| is(*byte)) {
            text.push(char::from(byte));
            self.next();
        }
        text
    }

    fn key(&mut self) -> Option<String> {
        self.peek().filter(|b| b.is_ascii_lowercase() || *b == b'*')?;
        Some(self.while_it(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.*".contains(&b)))
    }

    fn member(&mut self) -> Option<Member> {
        if self.peek() == Some(b'(') { self.list().map(Member::List) } else { self.item().map(Member::Item) }
    }

    fn list(&mut self) -> Option<List> {
        if !self.takes(b'(') {
            return None;
        }
        let mut items = Vec::new();
        loop {
            self.skip(b" ");
            if self.takes(b')') {
                return Some(List { items, parameters: self.parameters()? });
            }
            if items.len() == MOST {
                return None;
            }
            items.push(self.item()?);
            self.peek().filter(|b| matches!(b, b' ' | b')'))?;
        }
    }

    fn item(&mut self) -> Option<Item> {
        Some(Item { bare: self.bare()?, parameters: self.parameters()? })
    }

    fn parameters(&mut self) -> Option<Parameters> {
        let mut all = Vec::new();
        while self.takes(b';') {
            self.skip(b" ");
            let name = self.key()?;
            let value = if self.takes(b'=') { self.bare()? } else { Bare::Boolean(true) };
            put(&mut all, name, value)?;
        }
        Some(all)
    }

    fn bare(&mut self) -> Option<Bare> {
        match self.peek()? {
            b'-' | b'0'..=b'9' => self.number(),
            b'"' => self.string(),
            b':' => self.bytes(),
            b'?' => self.boolean(),
            b if b.is_ascii_alphabetic() || b == b'*' => Some(Bare::Token(
                self.while_it(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~:/".contains(&b)),
            )),
            _ => None,
        }
    }

    fn number(&mut self) -> Option<Bare> {
        let sign = if self.takes(b'-') { -1 } else { 1 };
        let whole = self.while_it(|b| b.is_ascii_digit());
        if whole.is_empty() {
            return None;
        }
        if !self.takes(b'.') {
            return (whole.len() <= 15)
                .then(|| whole.parse::<i64>().ok().map(|n| Bare::Integer(sign * n)))?;
        }
        let fraction = self.while_it(|b| b.is_ascii_digit());
        if whole.len() > 12 || !(1..=3).contains(&fraction.len()) {
            return None;
        }
        let thousandths: i64 = format!("{whole}{fraction:0<3}").parse().ok()?;
        Some(Bare::Decimal(sign * thousandths))
    }

    fn string(&mut self) -> Option<Bare> {
        self.next();
        let mut text = String::new();
        loop {
            match self.next()? {
                b'"' => return Some(Bare::String(text)),
                b'\\' => text.push(char::from(self.next().filter(|b| matches!(b, b'"' | b'\\'))?)),
                byte @ 0x20..=0x7e => text.push(char::from(byte)),
                _ => return None,
            }
        }
    }

    fn bytes(&mut self) -> Option<Bare> {
        self.next();
        let text = self.while_it(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b));
        if !self.takes(b':') {
            return None;
        }
        STANDARD.decode(text).ok().map(Bare::Bytes)
    }

    fn boolean(&mut self) -> Option<Bare> {
        self.next();
        match self.next()? {
            b'1' => Some(Bare::Boolean(true)),
            b'0' => Some(Bare::Boolean(false)),
            _ => None,
        }
    }
}

impl Bare {
    /// As RFC 8941, 4.1.3 writes it.
    fn write(&self, out: &mut String) {
        match self {
            Self::Integer(number) => out.push_str(&number.to_string()),
            Self::Decimal(thousandths) => {
                let (sign, size) = (if *thousandths < 0 { "-" } else { "" }, thousandths.unsigned_abs());
                let fraction = format!("{:03}", size % 1000);
                let short = fraction.trim_end_matches('0');
                let short = if short.is_empty() { "0" } else { short };
                out.push_str(&format!("{sign}{}.{short}", size / 1000));
            }
            Self::String(text) => {
                out.push('"');
                for c in text.chars() {
                    if matches!(c, '"' | '\\') {
                        out.push('\\');
                    }
                    out.push(c);
                }
                out.push('"');
            }
            Self::Token(text) => out.push_str(text),
            Self::Bytes(bytes) => {
                out.push(':');
                out.push_str(&STANDARD.encode(bytes));
                out.push(':');
            }
            Self::Boolean(truth) => out.push_str(if *truth { "?1" } else { "?0" }),
        }
    }
}

fn write_parameters(parameters: &Parameters, out: &mut String) {
    for (name, value) in parameters {
        out.push(';');
        out.push_str(name);
        if *value != Bare::Boolean(true) {
            out.push('=');
            value.write(out);
        }
    }
}

impl Item {
    /// As RFC 8941, 4.1.3 writes it.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.bare.write(&mut out);
        write_parameters(&self.parameters, &mut out);
        out
    }
}

impl List {
    /// As RFC 8941, 4.1.1.1 writes it.
    #[must_use]
    pub fn text(&self) -> String {
        let items: Vec<String> = self.items.iter().map(Item::text).collect();
        let mut out = format!("({})", items.join(" "));
        write_parameters(&self.parameters, &mut out);
        out
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn list(text: &str) -> Option<String> {
        match dictionary(text)?.into_iter().next()?.1 {
            Member::List(list) => Some(list.text()),
            Member::Item(item) => Some(item.text()),
        }
    }

    #[test]
    fn what_is_read_is_written_in_the_one_way() {
        for (sent, written) in [
            ("s=(\"a\"  \"b\" );x=1; y=\"q\\\"\\\\\"", "(\"a\" \"b\");x=1;y=\"q\\\"\\\\\""),
            ("s=()", "()"),
            ("s=(\"a\";sf \"b\";key=\"k\");alg=token", "(\"a\";sf \"b\";key=\"k\");alg=token"),
            ("s=:aGk=:", ":aGk=:"),
            ("s=?0;a=?1", "?0;a"),
            ("s", "?1"),
            ("s=-12", "-12"),
            ("s=1.50", "1.5"),
            ("s=2.000", "2.0"),
            ("s=-0.5", "-0.5"),
            ("s=999999999999999", "999999999999999"),
            ("  s=1  ", "1"),
            ("s=1;a=1;b=2;a=3", "1;a=3;b=2"),
            ("s=1, s=2", "2"),
            ("s=1 \t, \tt=2", "1"),
        ] {
            assert_eq!(list(sent).as_deref(), Some(written), "{sent}");
        }
        assert_eq!(dictionary("").map(|all| all.len()), Some(0));
        assert_eq!(dictionary("a=1, b=2, c").map(|all| all.len()), Some(3));
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "S=1",
            "s=",
            "s=(",
            "s=(\"a\"",
            "s=(\"a\"\"b\")",
            "s=(\"a\")x",
            "s=1,",
            "s=1,,t=2",
            "s=\"a",
            "s=\"\\n\"",
            "s=\"\u{e9}\"",
            "s=\"\u{7f}\"",
            "s=:a",
            "s=:a b:",
            "s=:@:",
            "s=:YQ:",
            "s=?2",
            "s=?",
            "s=-",
            "s=1.",
            "s=1.2345",
            "s=1234567890123456",
            "s=1234567890123.1",
            "s=1;A=2",
            "s=1;",
            "s=1 t=2",
            "=1",
            ";a",
            "s=(1;)",
            "\ts=1",
        ] {
            assert_eq!(dictionary(text), None, "{text}");
        }
        let many = (0..=MOST).map(|n| format!("a{n}")).collect::<Vec<_>>().join(", ");
        assert_eq!(dictionary(&many), None);
        assert_eq!(dictionary(&format!("s=({})", "1 ".repeat(MOST + 1))), None);
        assert_eq!(
            dictionary(&format!("s=1{}", (0..=MOST).map(|n| format!(";a{n}")).collect::<String>())),
            None
        );
    }
}
