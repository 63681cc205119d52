//! Names in drawings: what a name may hold, how wide it is, where it breaks.

/// Height of a text on a phone, in units of a drawing; on a larger screen it is smaller beside the rest.
pub(super) const EM: f64 = 13.0;

/// A name without control characters, marks of direction (which would turn around what follows) and what XML forbids, white
/// space as one space.
pub(super) fn clean(name: &str) -> String {
    let seen = |c: &char| {
        !matches!(c,
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{61c}'
            | '\u{fffe}' | '\u{ffff}' | '\u{feff}')
    };
    let spaced = name.chars().map(|c| if c.is_control() { ' ' } else { c });
    let kept: String = spaced.filter(seen).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How wide a character is, in ems: Chinese and what is as wide is one; others are taken a little wider than most fonts
/// have them.
fn em(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 0.32,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.92,
        'A'..='Z' => 0.7,
        '\u{300}'..='\u{36f}' => 0.0,
        '\u{2e80}'.. => 1.0,
        _ => 0.58,
    }
}

/// How wide a text is in a drawing.
pub(super) fn width(text: &str) -> f64 {
    text.chars().map(em).sum::<f64>() * EM
}

/// A text that is no wider than `room`, with `…` where something is left out; empty where not even that fits.
pub(super) fn cut(text: &str, room: f64) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let (dots, mut used) = ("…", width("…"));
    if used > room {
        return String::new();
    }
    let fits = |c: &char| {
        used += em(*c) * EM;
        used <= room
    };
    let kept: String = text.chars().take_while(fits).collect();
    format!("{}{dots}", kept.trim_end())
}

/// A text in at most two lines of a width; what is still too long ends with `…`. A line breaks at a space, or between
/// Chinese characters.
pub(super) fn two_lines(text: &str, room: f64) -> Vec<String> {
    if width(text) <= room {
        return vec![text.to_owned()];
    }
    let (mut used, mut fits, mut at) = (0.0, 0, None);
    let mut before = ' ';
    for (index, c) in text.char_indices() {
        if c == ' ' || (index > 0 && (is_wide(c) || is_wide(before))) {
            at = Some(index);
        }
        used += em(c) * EM;
        if used > room {
            break;
        }
        fits = index + c.len_utf8();
        before = c;
    }
    let at = at.filter(|at| *at > 0 && *at <= fits).unwrap_or(fits);
    let (first, rest) = text.split_at_checked(at).unwrap_or((text, ""));
    if first.is_empty() {
        return vec![cut(text, room)];
    }
    vec![first.trim_end().to_owned(), cut(rest.trim_start(), room)]
}

fn is_wide(c: char) -> bool {
    c >= '\u{2e80}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_turn_around_what_follows() {
        assert_eq!(clean(" a\u{202e}b\n\tc\u{0}d\u{feff} "), "ab c d");
        assert_eq!(clean("𠮷田·买买提 <&\""), "𠮷田·买买提 <&\"");
    }

    #[test]
    fn texts_end_where_room_does() {
        assert_eq!(width("四川"), 26.0);
        assert_eq!(cut("四川省", 39.0), "四川省");
        assert_eq!(cut("阿坝藏族羌族自治州", 65.0), "阿坝藏族…");
        assert_eq!(cut("四川", 1.0), "");
        assert_eq!(two_lines("阿坝藏族羌族自治州", 65.0), ["阿坝藏族羌", "族自治州"]);
        assert_eq!(two_lines("Aba Tibetan and Qiang", 90.0), ["Aba Tibetan", "and Qiang"]);
        assert_eq!(two_lines("四川", 65.0), ["四川"]);
        let long = two_lines(&"长".repeat(40), 65.0);
        assert_eq!(long, ["长长长长长", "长长长长…"]);
        assert_eq!(two_lines("Wolfeschlegelstein", 60.0).len(), 2);
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_wider_than_its_room(text in "\\PC{0,40}", room in 0.0..200.0_f64) {
            proptest::prop_assert!(width(&cut(&text, room)) <= room + 1e-9);
            let lines = two_lines(&text, room);
            proptest::prop_assert!(lines.len() <= 2 && lines.iter().all(|line| width(line) <= room + 1e-9));
        }
    }
}
