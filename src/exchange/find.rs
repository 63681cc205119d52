//! Finding the document in what people paste: line breaks of a chat, words before and after, full-width signs.

use crate::hcert::issue::PREFIX;
use crate::hcert::verify::{MAX_TEXT, open};

/// Places where a text may end that are tried.
const TRIES: usize = 24;

/// The `HC1:` text in `pasted`; if none of its readings opens, the longest one, so that the verdict can name the step
/// that failed. Without any `HC1:` what was pasted, trimmed and cut.
#[must_use]
pub fn find(pasted: &str) -> String {
    let text: String = pasted.chars().take(MAX_TEXT * 2).map(narrow).collect();
    let mut first = None;
    for (at, _) in text.match_indices(PREFIX).take(4) {
        let run = run(text.get(at..).unwrap_or_default());
        for reading in readings(&run) {
            if open(&reading).is_ok() {
                return reading;
            }
            first.get_or_insert(reading);
        }
    }
    first.unwrap_or_else(|| text.trim().chars().take(200).collect())
}

/// Full-width forms as their ASCII sign; all else as it is.
fn narrow(c: char) -> char {
    match u32::from(c) {
        0x3000 => ' ',
        n @ 0xFF01..=0xFF5E => char::from_u32(n - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

/// What a base45 text may consist of, with the breaks that were put into it.
fn run(text: &str) -> String {
    let belongs = |c: char| {
        c.is_ascii_digit() || c.is_ascii_uppercase() || " $%*+-./:\r\n\t\u{a0}\u{200b}\u{feff}".contains(c)
    };
    let run: String = text.chars().take_while(|c| belongs(*c)).collect();
    // Another kind of character directly after it is part of a damaged text, not the end of a good one.
    let rest = text.get(run.len()..).unwrap_or_default();
    let broken: String = rest.chars().take_while(|c| c.is_ascii_graphic()).collect();
    if broken.is_empty() || run.ends_with(char::is_whitespace) { run } else { run + &broken }
}

/// The whole run without its breaks; then, because words may follow, up to each break or space from the end; then
/// without any space, for programs that break lines with spaces.
fn readings(run: &str) -> Vec<String> {
    let joined = |part: &str| -> String {
        part.chars()
            .filter(|c| !"\r\n\t\u{200b}\u{feff}".contains(*c))
            .map(|c| if c == '\u{a0}' { ' ' } else { c })
            .collect()
    };
    let mut all = vec![joined(run.trim())];
    let breaks: Vec<usize> =
        run.char_indices().filter(|(_, c)| c.is_whitespace()).map(|(at, _)| at).collect();
    for at in breaks.iter().rev().take(TRIES) {
        let part = joined(run.get(..*at).unwrap_or_default());
        if !all.contains(&part) {
            all.push(part.trim_end().to_owned());
            all.push(part);
        }
    }
    all.push(joined(run).chars().filter(|c| *c != ' ').collect());
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hcert::examples;
    use proptest::prelude::*;

    fn good() -> String {
        examples::published().unwrap().examples[0].text.clone()
    }

    #[test]
    fn a_document_is_found_among_words() {
        let good = good();
        let broken = format!("{}\r\n{}\n{}", &good[..90], &good[90..200], &good[200..]);
        for pasted in [
            good.clone(),
            format!("  {good}\n"),
            format!("请核验：{good} 谢谢"),
            format!("{good} PLEASE CHECK 2"),
            format!("{good}\nFROM MY PHONE"),
            format!("see HC1: below\n{good}."),
            good.replace(':', "："),
            broken,
        ] {
            // A full stop belongs to the alphabet: only a break or space can end a text, so that one may fail.
            let found = find(&pasted);
            assert!(found == good || pasted.ends_with('.'), "{pasted:?} gave {found:?}");
        }
    }

    #[test]
    fn what_is_damaged_stays_damaged() {
        assert_eq!(find("  no document here "), "no document here");
        let lower = format!("HC1:{}", good()[4..].to_lowercase());
        assert_eq!(open(&find(&lower)).unwrap_err(), crate::hcert::Step::Base45);
        let cut = &good()[..150];
        assert!(open(&find(cut)).is_err());
    }

    proptest! {
        #[test]
        fn never_panics_and_stays_short(text in "\\PC{0,300}|(HC1:|[A-Z ：\n]){0,80}") {
            prop_assert!(find(&text).len() <= MAX_TEXT * 8);
        }
    }
}
