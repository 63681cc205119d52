//! What people call their files. The portal's own names have nothing to do with it: this is a text that is shown.

use super::kind::Kind;
use crate::identity;

/// Characters of a name.
const MOST: usize = 120;
/// Characters that systems take for parts of a path or for wildcards.
const APART: [char; 7] = ['<', '>', ':', '"', '|', '?', '*'];

/// The name as it is shown and saved: without the folders before it, without what cannot be seen or changes the direction
/// of what follows, and with the ending of what the file is.
pub(super) fn clean(sent: &str, kind: Kind) -> String {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen: String = identity::seen(last, MOST * 4).chars().filter(|c| !APART.contains(c)).collect();
    let (stem, ending) = cut(seen.trim_end_matches(['.', ' ']), kind);
    let room = MOST - ending.chars().count();
    let stem: String = stem.trim_start_matches(['.', ' ']).chars().take(room).collect();
    let stem = stem.trim_end_matches(['.', ' ']);
    let stem = if stem.is_empty() { "file" } else { stem };
    format!("{stem}{ending}")
}

/// What its sender calls a file that is not taken, in a sentence.
pub(super) fn called(sent: &str) -> String {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    identity::seen(last, MOST)
}

/// Stem and ending: its own where that says what the file is.
fn cut(name: &str, kind: Kind) -> (&str, String) {
    let own = |ending: &&str| {
        let at = name.len().checked_sub(ending.len())?;
        let (stem, said) = name.split_at_checked(at)?;
        said.eq_ignore_ascii_case(ending).then(|| (stem, (*ending).to_owned()))
    };
    let found = kind.endings().iter().find_map(own);
    found.unwrap_or_else(|| (name, kind.endings().first().copied().unwrap_or_default().to_owned()))
}

/// The header that has a browser save a file under its name (RFC 6266, RFC 8187).
pub(super) fn disposition(name: &str, kind: Kind) -> String {
    let plain = kind.endings().first().copied().unwrap_or_default();
    let mut header = format!("attachment; filename=\"file{plain}\"; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            header.push(char::from(byte));
        } else {
            header.push_str(&format!("%{byte:02X}"));
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_is_shown_as_it_was_given_and_nothing_more() {
        let named = |sent: &str| clean(sent, Kind::Pdf);
        assert_eq!(named("检测报告.pdf"), "检测报告.pdf");
        assert_eq!(named("Report.PDF"), "Report.pdf");
        assert_eq!(named("C:\\Users\\我\\报告.pdf"), "报告.pdf");
        assert_eq!(named("../../etc/passwd"), "passwd.pdf");
        assert_eq!(named("报告.exe"), "报告.exe.pdf");
        assert_eq!(named("\u{202e}fdp.exe\u{0}\r\n.pdf"), "fdp.exe.pdf");
        assert_eq!(named("a\u{7}\u{1b}[31m.pdf"), "a[31m.pdf");
        for nothing in ["", "...", "/", ".pdf", "\u{200b}\u{202e}", "a/"] {
            assert_eq!(named(nothing), "file.pdf", "{nothing:?}");
        }
        assert_eq!(clean("IMG_0001.JPEG", Kind::Jpeg), "IMG_0001.jpeg");
        assert_eq!(clean("IMG_0001.JPEG", Kind::Png), "IMG_0001.JPEG.png");
    }

    #[test]
    fn a_name_of_300_bytes_of_chinese_is_kept_and_a_longer_one_is_cut_with_its_ending() {
        let name = format!("{}.pdf", "检".repeat(100));
        assert_eq!(clean(&name, Kind::Pdf), name);
        let cut = clean(&format!("{}.pdf", "检".repeat(400)), Kind::Pdf);
        assert_eq!(cut, format!("{}.pdf", "检".repeat(MOST - 4)));
    }

    #[test]
    fn a_browser_is_told_the_name_in_plain_letters() {
        assert_eq!(
            disposition("检 \"a\".pdf", Kind::Pdf),
            "attachment; filename=\"file.pdf\"; filename*=UTF-8''%E6%A3%80%20%22a%22.pdf"
        );
    }

    proptest! {
        #[test]
        fn no_name_leads_elsewhere(sent: String) {
            let name = clean(&sent, Kind::Jpeg);
            prop_assert!(name.ends_with(".jpg") || name.ends_with(".jpeg"));
            prop_assert!(name.chars().count() <= MOST && !name.starts_with('.'));
            let never = ["/", "\\", "\0", "\n", "\r", "\"", "\u{202e}"];
            prop_assert!(!never.iter().any(|c| name.contains(c)));
            prop_assert!(disposition(&name, Kind::Jpeg).bytes().all(|b| (0x20..0x7f).contains(&b)));
        }
    }
}
