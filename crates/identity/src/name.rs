//! A person's name in any script, kept as the person writes it.

use super::text::{is_invisible, is_joiner, is_unseen, without_unseen};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest name in characters (Unicode scalar values after NFC).
const MAX_CHARS: usize = 100;

/// The dots people type between the parts of a transliterated name; U+00B7 is the one of GB/T 15834.
const DOTS: &[char] =
    &['·', '•', '‧', '∙', '⋅', '・', '･', '\u{2e31}', '\u{a78f}', '\u{16eb}', '\u{1427}', '\u{318d}', '●'];

parse_errors! {
    /// Why a text is not a name.
    PersonNameError {
        /// Nothing but spaces.
        Empty => "person-name-empty", "the name is empty";
        /// More than 100 characters.
        TooLong => "person-name-too-long", "the name has more than 100 characters";
        /// A control character, or an invisible one other than those that come along with pasted text.
        Invisible => "person-name-invisible", "the name holds a character that cannot be seen";
        /// A private-use character, which shows differently on every computer; the standard one exists since GB 18030-2022.
        PrivateUse => "person-name-private-use", "the name holds a private-use character";
        /// No letter of any script.
        NoLetter => "person-name-no-letter", "the name holds no letter";
    }
}

/// A name of 1-100 characters in Unicode normalisation form C, trimmed, with single spaces between parts.
///
/// Characters beyond the basic plane (𠮷, 㛃 and those of GB 18030-2022 level 3) and every kind of middle dot
/// are kept as written. Variation selectors stay: they choose the glyph of a rare character. Invisible characters that
/// come along with pasted text (zero-width spaces, marks of direction) are dropped; the two joiners and the Mongolian
/// vowel separator stay between letters of the scripts that are written with them, and count for nothing in the
/// canonical spelling.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(pub(super) String);

masked_text!(PersonName, PersonNameError, parse);

impl PersonName {
    /// Parses what a person typed.
    ///
    /// # Errors
    /// What is wrong with the name, see [`PersonNameError`].
    pub fn parse(input: &str) -> Result<Self, PersonNameError> {
        let trimmed = input.trim_matches(|c: char| c.is_whitespace() || is_unseen(c));
        // Normalising never shortens a name this much; the bound keeps hostile input cheap.
        if trimmed.chars().nth(MAX_CHARS * 4).is_some() {
            return Err(PersonNameError::TooLong);
        }
        let seen = without_unseen(trimmed);
        let name: String =
            seen.split(is_name_space).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        let name: String = name.nfc().collect();
        if name.is_empty() {
            return Err(PersonNameError::Empty);
        }
        if name.chars().nth(MAX_CHARS).is_some() {
            return Err(PersonNameError::TooLong);
        }
        if name.chars().any(|c| is_invisible(c) && !is_joiner(c)) {
            return Err(PersonNameError::Invisible);
        }
        if name.chars().any(is_private_use) {
            return Err(PersonNameError::PrivateUse);
        }
        if !name.chars().any(char::is_alphabetic) {
            return Err(PersonNameError::NoLetter);
        }
        Ok(Self(name))
    }

    /// The name as the person writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// One spelling for the blind index: compatibility forms folded, lower case, every dot as `·`; in names
    /// without Latin letters the full stop counts as a dot and spaces are dropped (`张 三` is `张三`). Every apostrophe is
    /// `'` and every hyphen `-`.
    #[must_use]
    pub fn canonical(&self) -> String {
        let latin = self.is_latin();
        let fold = |c: char| match c {
            '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{2b9}' | '\u{60}' | '\u{b4}' | '\u{2032}' => '\'',
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            c if is_dot(c, latin) => '·',
            c => c,
        };
        let kept = |c: &char| (latin || *c != ' ') && !is_joiner(*c);
        self.0.nfkc().flat_map(char::to_lowercase).map(fold).filter(kept).collect()
    }

    /// Each part by its first character: `张*`, `阿***·买***`, `A*** S****`. A part of one character is hidden whole.
    #[must_use]
    pub fn masked(&self) -> String {
        let latin = self.is_latin();
        let mut masked = String::with_capacity(self.0.len());
        let mut part: Vec<char> = Vec::new();
        for c in self.0.chars() {
            if c == ' ' || c == '-' || is_dot(c, latin) {
                mask_part(&mut masked, &part);
                part.clear();
                masked.push(c);
            } else {
                part.push(c);
            }
        }
        mask_part(&mut masked, &part);
        masked
    }

    fn is_latin(&self) -> bool {
        self.0.chars().any(|c| c.is_alphabetic() && c < '\u{250}')
    }
}

/// Appends the first letter of a part with its marks, and a star for each further letter.
fn mask_part(masked: &mut String, part: &[char]) {
    let is_mark = |c: char| is_combining_mark(c) || is_variation_selector(c) || is_joiner(c);
    let letters = part.iter().filter(|c| !is_mark(**c)).count();
    if letters > 1 {
        let first = part.iter().enumerate().take_while(|(at, c)| *at == 0 || is_mark(**c));
        masked.extend(first.map(|(_, c)| *c));
    }
    // A part of marks alone is hidden whole, too.
    let hidden = if letters > 1 { letters - 1 } else { usize::from(!part.is_empty()) };
    masked.extend(std::iter::repeat_n('*', hidden));
}

/// The full stop is typed for the middle dot, but in Latin names it ends an abbreviation.
fn is_dot(c: char, latin: bool) -> bool {
    DOTS.contains(&c) || (!latin && (c == '.' || c == '．'))
}

/// Spaces that separate parts of a name; line breaks and tabs are not among them and are refused.
fn is_name_space(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

fn is_private_use(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Sampler;
    use proptest::prelude::*;

    fn name(text: &str) -> PersonName {
        PersonName::parse(text).unwrap()
    }

    #[test]
    fn rare_characters_and_dots_survive() {
        for text in [
            "𠮷田",
            "张㛃",
            "阿卜杜拉·买买提江",
            "扎西・次仁",
            "王\u{e0100}明",
            "𰻝𱁬",
            "ཚེ་རིང",
            "Nguyễn Văn Á",
            "O’Neill",
        ] {
            assert_eq!(name(text).as_str(), text);
        }
    }

    #[test]
    fn is_trimmed_single_spaced_and_composed() {
        assert_eq!(name(" 　Anna \u{a0} Smith\n").as_str(), "Anna Smith");
        assert_eq!(name("Jose\u{301}").as_str(), "José");
        assert_eq!(name("Jose\u{301}"), name("José"));
    }

    #[test]
    fn length_counts_characters_not_bytes() {
        assert!(PersonName::parse(&"𠮷".repeat(100)).is_ok());
        assert_eq!(PersonName::parse(&"𠮷".repeat(101)), Err(PersonNameError::TooLong));
        assert_eq!(PersonName::parse(&"a".repeat(1_000_000)), Err(PersonNameError::TooLong));
        assert_eq!(PersonName::parse(&format!("a{}", " ".repeat(1_000_000))).unwrap().as_str(), "a");
    }

    #[test]
    fn refuses_what_cannot_be_seen() {
        for text in ["张\t三", "张\n三", "张\0三", "张\u{3164}", "张\u{fffe}"] {
            assert_eq!(PersonName::parse(text), Err(PersonNameError::Invisible), "{text:?}");
        }
        assert_eq!(PersonName::parse("张\u{e863}"), Err(PersonNameError::PrivateUse));
        assert_eq!(PersonName::parse("　 "), Err(PersonNameError::Empty));
        assert_eq!(PersonName::parse("···"), Err(PersonNameError::NoLetter));
    }

    #[test]
    fn what_is_pasted_along_is_dropped_and_joiners_stay_where_they_belong() {
        for text in [
            "张\u{200b}三",
            "\u{feff}张三",
            "\u{202a}张三\u{202c}",
            "张\u{2066}三\u{2069}\u{200e}",
            "张\u{200d}三",
        ] {
            assert_eq!(name(text).as_str(), "张三", "{text:?}");
        }
        let uyghur = "ئايگۈل\u{200c}خان";
        assert_eq!(name(uyghur).as_str(), uyghur);
        assert_eq!(name(uyghur).canonical(), name("ئايگۈلخان").canonical());
        let mongolian = "ᠨᠠᠷᠠᠨ\u{180e}ᠠ";
        assert_eq!(name(mongolian).as_str(), mongolian);
        assert_eq!(name("O’Neill").canonical(), name("O'Neill").canonical());
        assert_eq!(name("Jean‐Luc O").canonical(), name("Jean-Luc O").canonical());
        assert_eq!(PersonName::parse("\u{200b}\u{feff}"), Err(PersonNameError::Empty));
    }

    #[test]
    fn masks_each_part() {
        let cases = [
            ("张伟", "张*"),
            ("欧阳", "欧*"),
            ("欧阳娜娜", "欧***"),
            ("阿卜杜拉·买买提江", "阿***·买***"),
            ("阿卜杜拉.买买提江", "阿***.买***"),
            ("Anna Smith", "A*** S****"),
            ("Jean-Luc O", "J***-L** *"),
            ("𠮷田", "𠮷*"),
            ("张", "*"),
            ("王\u{e0100}明", "王\u{e0100}*"),
        ];
        for (text, masked) in cases {
            assert_eq!(name(text).masked(), masked);
        }
        assert_eq!(format!("{:?}", name("张伟")), "PersonName(张*)");
    }

    #[test]
    fn canonical_joins_spellings() {
        for (one, other) in [
            ("张 三", "张三"),
            ("阿卜杜拉·买买提", "阿卜杜拉．买买提"),
            ("扎西・次仁", "扎西•次仁"),
            ("ANNA Smith", "Anna Smith"),
        ] {
            assert_eq!(name(one).canonical(), name(other).canonical());
        }
        assert_ne!(name("Anna Smith").canonical(), name("Annas Mith").canonical());
    }

    #[test]
    fn a_mark_alone_is_hidden() {
        assert_eq!(name("\u{a01}").masked(), "*");
    }

    proptest! {
        #[test]
        fn parsing_is_stable(text in "\\PC{0,30}") {
            if let Ok(name) = PersonName::parse(&text) {
                prop_assert_eq!(&PersonName::parse(name.as_str()).unwrap(), &name);
                prop_assert!(name.masked().contains('*'));
            }
        }

        #[test]
        fn sampled_names_are_valid(seed: u64) {
            let name = Sampler::new(seed).name();
            prop_assert_eq!(PersonName::parse(name.as_str()).unwrap(), name);
        }
    }
}
