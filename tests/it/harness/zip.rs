//! Reads a file of an archive (APPNOTE 4.3.12, 4.3.7), for what the portal gives out as one.

use std::io::Read;

fn number(bytes: &[u8], at: usize, count: usize) -> usize {
    (0..count).rev().fold(0, |sum, i| sum << 8 | usize::from(bytes[at + i]))
}

/// The text of a file in an archive.
pub fn entry(book: &[u8], wanted: &str) -> String {
    let end = book.windows(4).rposition(|w| w == b"PK\x05\x06").expect("an archive");
    let mut at = number(book, end + 16, 4);
    for _ in 0..number(book, end + 10, 2) {
        let lengths = [28, 30, 32].map(|place| number(book, at + place, 2));
        if &book[at + 46..at + 46 + lengths[0]] == wanted.as_bytes() {
            let local = number(book, at + 42, 4);
            let from = local + 30 + number(book, local + 26, 2) + number(book, local + 28, 2);
            let packed = &book[from..from + number(book, at + 20, 4)];
            let mut text = String::new();
            flate2::read::DeflateDecoder::new(packed).read_to_string(&mut text).unwrap();
            return text;
        }
        at += 46 + lengths.iter().sum::<usize>();
    }
    panic!("no {wanted} in the archive")
}
