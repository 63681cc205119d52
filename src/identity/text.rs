//! Spelling variants that every number field accepts, brought to one form before parsing.

/// A full-width form (U+FF01…U+FF5E, the ideographic space) as its ASCII character; others unchanged.
/// Chinese input methods produce these whenever the full-width mode is left on.
pub(super) fn narrow(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        // The small plus of old Chinese code pages.
        '\u{fe62}' => '+',
        '\u{ff01}'..='\u{ff5e}' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(c),
        _ => c,
    }
}

/// Whether people put this character between groups of digits: any space or any kind of hyphen or dash.
pub(super) fn is_grouping(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// Characters that come along with copied text and show nothing: soft hyphen, zero-width spaces and joiners, marks of
/// direction, the byte order mark. They are no part of a number or an address.
pub(crate) const fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{feff}')
}

/// A number as typed, without grouping characters, in ASCII where a full-width form was used.
pub(super) fn compact(input: &str) -> String {
    let text: String = input.chars().map(narrow).filter(|c| !is_grouping(*c) && !is_unseen(*c)).collect();
    unguarded(&text).to_owned()
}

/// A number without what keeps a spreadsheet from taking it for an amount, and is copied with it: an apostrophe in front,
/// or quotes with or without an equals sign.
pub(super) fn unguarded(text: &str) -> &str {
    let text = text.trim();
    let quoted = text.strip_prefix('=').unwrap_or(text).trim();
    let text = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text).trim();
    text.strip_prefix(['\'', '‘', '’']).filter(|rest| !rest.is_empty()).unwrap_or(text)
}

/// The last `n` characters (all of them when there are fewer).
pub(super) fn tail(text: &str, n: usize) -> &str {
    match text.char_indices().rev().nth(n.saturating_sub(1)) {
        Some((at, _)) if n > 0 => text.get(at..).unwrap_or_default(),
        Some(_) => "",
        None => text,
    }
}

/// The first `n` characters (all of them when there are fewer).
pub(super) fn head(text: &str, n: usize) -> &str {
    match text.char_indices().nth(n) {
        Some((at, _)) => text.get(..at).unwrap_or_default(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compact_removes_grouping_and_full_width() {
        assert_eq!(compact(" １１０１-0519 49—1231　００２ｘ"), "11010519491231002x");
    }

    #[test]
    fn compact_removes_what_nobody_sees() {
        assert_eq!(
            compact("\u{feff}\u{202a}5116\u{200b}21\u{ad}\u{2066}1\u{2069}\u{202c}\u{a0}\u{200e}\u{200d}"),
            "5116211"
        );
    }

    #[test]
    fn a_number_copied_from_a_spreadsheet_is_the_number() {
        for cell in [
            "'5116211",
            "＇5116211",
            "’ 5116211",
            "=\"5116211\"",
            " = \"5116211\" ",
            "\"5116211\"",
            "\"'5116211\"",
        ] {
            assert_eq!(compact(cell), "5116211", "{cell}");
        }
        for other in ["=5116211", "'", "5116211'", "=\"5116211"] {
            assert_eq!(compact(other), other, "{other}");
        }
    }

    #[test]
    fn head_and_tail_count_characters() {
        assert_eq!(
            (head("𠮷abc", 1), tail("ab𠮷c", 2), tail("a", 4), tail("abc", 0)),
            ("𠮷", "𠮷c", "a", "")
        );
    }
}
