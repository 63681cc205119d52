//! Spelling variants that every number field accepts, brought to one form before parsing; and free text that others read.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

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
pub const fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{feff}')
}

/// U+200C, U+200D and U+180E, which choose the form of a letter in Arabic, Indic and Mongolian script.
pub(super) const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{180e}')
}

/// Scripts in which a name may need a joiner: Arabic (Uyghur, Kazakh), the Indic ones, Mongolian.
const fn is_joined_script(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{8ff}' | '\u{900}'..='\u{dff}' | '\u{1800}'..='\u{18af}'
        | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

/// The text without unseen characters but for joiners between letters that need them.
pub(super) fn without_unseen(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let near = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|c| is_joined_script(*c));
    let kept = |at: usize, c: char| {
        !is_unseen(c) || (is_joiner(c) && near(at.checked_sub(1)) && near(at.checked_add(1)))
    };
    chars.iter().enumerate().filter(|(at, c)| kept(*at, **c)).map(|(_, c)| *c).collect()
}

/// Characters that show nothing or change the direction of what follows (Unicode Default_Ignorable_Code_Point,
/// Bidi_Control, line separators, Hangul fillers, the empty Braille cell), variation selectors excepted.
pub(super) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{1680}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffd}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}')
        // Noncharacters: U+FDD0-FDEF and the last two of each plane.
        || matches!(c, '\u{fdd0}'..='\u{fdef}')
        || u32::from(c) & 0xfffe == 0xfffe
}

parse_errors! {
    /// Why a free text is not taken.
    TextError {
        /// Nothing that can be seen.
        Empty => "required", "nothing is written";
        /// More characters than the field takes.
        TooLong => "text-too-long", "the text is too long";
        /// A control character, or an invisible one other than those that come along with pasted text.
        Unseen => "text-unseen", "the text holds a character that cannot be seen";
    }
}

/// A line of free text that others read, in Unicode form C, with single spaces, of 1 to `max` characters. What comes along
/// with copied text and shows nothing (zero-width spaces, marks of direction) is left out, so that a text reads as it is
/// stored; line ends become spaces.
///
/// # Errors
/// [`TextError`]; other control characters are [`TextError::Unseen`].
pub fn line(typed: &str, max: usize) -> Result<String, TextError> {
    let seen = without_unseen(bounded(typed, max)?);
    let line: String = seen.split_whitespace().collect::<Vec<_>>().join(" ").nfc().collect();
    checked(line, max)
}

/// The same for a text of several lines, such as a reason: line ends stay, each as one `\n`, and tabs become spaces.
///
/// # Errors
/// As [`line()`].
pub fn lines(typed: &str, max: usize) -> Result<String, TextError> {
    let seen = without_unseen(bounded(typed, max)?);
    let even = seen.replace("\r\n", "\n").replace(is_line_end, "\n").replace('\t', " ");
    let lines: Vec<&str> = even.split('\n').map(str::trim_end).collect();
    checked(lines.join("\n").trim().nfc().collect(), max)
}

/// Normalising never shortens a text this much; the bound keeps hostile input cheap.
fn bounded(typed: &str, max: usize) -> Result<&str, TextError> {
    if typed.len() > max.saturating_mul(16) { Err(TextError::TooLong) } else { Ok(typed) }
}

/// What can be seen of a text that is taken as it comes, such as the name of a file: in one line and in Unicode form C,
/// without all that [`line()`] would refuse; of more than `most` characters only those. It may be empty.
#[must_use]
pub fn seen(typed: &str, most: usize) -> String {
    let text: String = typed.chars().take(most.saturating_mul(4)).collect();
    let seen: String = without_unseen(&text)
        .chars()
        .map(|c| if is_line_end(c) || c == '\t' || c == '\n' { ' ' } else { c })
        .filter(|c| !is_invisible(*c) || is_joiner(*c))
        .collect();
    let even: String = seen.split_whitespace().collect::<Vec<_>>().join(" ").nfc().take(most).collect();
    let even = even.trim_end().to_owned();
    if even.is_empty() || is_borne(&even) { even } else { even.chars().filter(|c| !is_mark(*c)).collect() }
}

/// Combining marks and what chooses the form of a sign.
fn is_mark(c: char) -> bool {
    is_combining_mark(c)
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' | '\u{180b}'..='\u{180d}')
}

fn checked(text: String, max: usize) -> Result<String, TextError> {
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text.chars().nth(max).is_some() {
        return Err(TextError::TooLong);
    }
    let unseen = |c: char| c != '\n' && is_invisible(c) && !is_joiner(c);
    if text.chars().any(unseen) || !is_borne(&text) { Err(TextError::Unseen) } else { Ok(text) }
}

/// Marks on one letter, at most: Tibetan and Indic script stack some.
const MARKS: usize = 6;

/// Whether each mark has something that bears it: marks stand on a letter, a few at a time, and what chooses the form of a
/// sign stands directly after one that has such forms, ideographs, Mongolian letters and symbols.
fn is_borne(text: &str) -> bool {
    let (mut base, mut marks) = (None::<char>, 0);
    text.chars().all(|c| {
        let chosen = base.filter(|_| marks == 0);
        let borne = match c {
            '\u{fe00}'..='\u{fe0f}' => chosen.is_some_and(|b| !b.is_alphanumeric()),
            '\u{e0100}'..='\u{e01ef}' => chosen.is_some_and(is_ideograph),
            '\u{180b}'..='\u{180d}' => chosen.is_some_and(|b| matches!(b, '\u{1800}'..='\u{18af}')),
            c if is_combining_mark(c) => base.is_some() && marks < MARKS,
            c => {
                base = Some(c).filter(|c| !c.is_whitespace());
                marks = 0;
                return true;
            }
        };
        marks += 1;
        borne
    })
}

const fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

const fn is_line_end(c: char) -> bool {
    matches!(c, '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
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
    use proptest::prelude::*;

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

    #[test]
    fn a_line_is_one_line_of_what_can_be_seen() {
        let read = |text: &str| line(text, 20).unwrap();
        assert_eq!(read("\u{202e}司公\u{2066}\u{200b}店\u{feff}"), "司公店");
        assert_eq!(read(" 　岳池县\r\n东外街\u{2028}理发\u{85}店\t"), "岳池县 东外街 理发 店");
        assert_eq!(read("Jose\u{301}\u{a0} & Co."), "José & Co.");
        let rare = "𠮷㛃·阿卜杜拉\u{e0100} ནང་མ";
        assert_eq!(read(rare), rare);
        let uyghur = "ئايگۈل\u{200c}خان";
        assert_eq!(read(uyghur), uyghur);
        for hidden in
            ["店\u{7}", "店\u{1b}[31m", "店\u{0}", "店\u{3164}", "店\u{9b}31m", "店\u{e0041}", "店\u{fffe}"]
        {
            assert_eq!(line(hidden, 20), Err(TextError::Unseen), "{hidden:?}");
        }
        let marked = ["ᠪᠢᠴᠢᠭ᠋", "☎\u{fe0f} 12345", "སྒྲོལ་མ", "कर्त्री", "é\u{323}"];
        assert!(marked.iter().all(|text| line(text, 20).is_ok()));
        let heap = format!("店{}", "\u{301}".repeat(7));
        for borne_by_nothing in [
            "\u{fe0f}",
            "\u{e0100}",
            "\u{180b}",
            "\u{301}",
            "馆\u{fe00}",
            "店 \u{301}",
            "a\u{e0100}",
            "拉\u{e0100}\u{e0100}",
            &heap,
        ] {
            assert_eq!(line(borne_by_nothing, 20), Err(TextError::Unseen), "{borne_by_nothing:?}");
        }
        for nothing in ["", " \u{3000}\r\n", "\u{200b}\u{202e}\u{2069}"] {
            assert_eq!(line(nothing, 20), Err(TextError::Empty), "{nothing:?}");
        }
    }

    #[test]
    fn lines_keep_their_ends_and_nothing_else_of_the_kind() {
        let read = |text: &str| lines(text, 40).unwrap();
        assert_eq!(
            read("\r\n一、测温\t两次 \r\n\r\n二、消毒\r三、分餐\u{2029}\u{202e}四\n"),
            "一、测温 两次\n\n二、消毒\n三、分餐\n四"
        );
        for hidden in ["一\u{7}\n二", "一\u{8}", "一\u{3164}\n"] {
            assert_eq!(lines(hidden, 40), Err(TextError::Unseen), "{hidden:?}");
        }
        assert_eq!(lines("\n\r\n\u{200b}", 40), Err(TextError::Empty));
    }

    #[test]
    fn of_what_is_taken_as_it_comes_the_seen_stays() {
        assert_eq!(seen("\u{202e}gpj.光照\u{7}\r\n 一\u{2066}", 20), "gpj.光照 一");
        assert_eq!(seen("\u{200b}\u{1b}", 20), "");
        assert_eq!(seen("\u{301}a\u{301}", 20), "á");
        assert_eq!(seen(&"长".repeat(300), 100), "长".repeat(100));
    }

    #[test]
    fn the_length_of_a_text_counts_characters() {
        assert!(line(&"𠮷".repeat(200), 200).is_ok() && lines(&"𠮷".repeat(200), 200).is_ok());
        assert_eq!(line(&"𠮷".repeat(201), 200), Err(TextError::TooLong));
        assert_eq!(lines(&"a\n".repeat(101), 200), Err(TextError::TooLong));
        assert_eq!(line(&" ".repeat(1_000_000), 200), Err(TextError::TooLong));
    }

    proptest! {
        #[test]
        fn a_text_that_was_taken_is_taken_again(text: String) {
            for read in [line, lines] {
                if let Ok(taken) = read(&text, 100) {
                    prop_assert!(taken.chars().all(|c| c == '\n' || !c.is_control()));
                    prop_assert_eq!(read(&taken, 100), Ok(taken));
                }
            }
        }
    }
}
