//! A workbook is an archive that a stranger has packed. It is taken apart with a bound on what comes out, and put together
//! again without packing: the reader behind it sees bytes that were counted, by a directory that was written here. So what
//! a directory says of sizes counts for nothing, and two readings of one archive cannot differ.

use flate2::Crc;
use flate2::read::DeflateDecoder;
use std::collections::HashSet;
use std::io::Read;

/// Files of an archive.
const MOST_FILES: usize = 500;
/// Bytes of all that is read of it, unpacked: ten thousand rows of twenty columns take a third of it.
const MOST_BYTES: usize = 24 << 20;
/// Strings that a table of strings may say it has: the reader behind reserves room for as many.
const MOST_STRINGS: usize = 1_000_000;
/// How far from the end of an archive its directory may be named (APPNOTE 4.3.16): its own length and the longest remark.
const END: usize = 22;
const REMARK: usize = 65_535;
/// Folders in which a workbook has no cells.
const ELSEWHERE: [&str; 14] = [
    "media/",
    "drawings/",
    "charts/",
    "embeddings/",
    "pivottables/",
    "pivotcache/",
    "theme/",
    "docprops/",
    "customxml/",
    "externallinks/",
    "printersettings/",
    "comments",
    "tables/",
    "calcchain.xml",
];

/// Why an archive is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is damaged, or no workbook.
    Broken,
    /// More comes out of it than is read.
    Large,
    /// It is locked with a password.
    Locked,
}

/// A number of two bytes.
fn short(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    match at.checked_add(2).and_then(|end| bytes.get(at..end)) {
        Some(&[low, high]) => Ok(usize::from(u16::from_le_bytes([low, high]))),
        _ => Err(Fault::Broken),
    }
}

/// A number of four bytes.
fn long(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    match at.checked_add(4).and_then(|end| bytes.get(at..end)) {
        Some(&[a, b, c, d]) => usize::try_from(u32::from_le_bytes([a, b, c, d])).map_err(|_| Fault::Broken),
        _ => Err(Fault::Broken),
    }
}

fn part(bytes: &[u8], at: usize, length: usize) -> Result<&[u8], Fault> {
    at.checked_add(length).and_then(|end| bytes.get(at..end)).ok_or(Fault::Broken)
}

/// What the directory says of a file (APPNOTE 4.3.12).
struct Entry<'a> {
    name: &'a str,
    method: usize,
    sum: usize,
    packed: &'a [u8],
}

/// The files of an archive that may say something of cells.
fn entries(bytes: &[u8]) -> Result<Vec<Entry<'_>>, Fault> {
    let from = bytes.len().saturating_sub(END + REMARK);
    let tail = bytes.get(from..).unwrap_or_default();
    let end = from + tail.windows(4).rposition(|w| w == b"PK\x05\x06").ok_or(Fault::Broken)?;
    let (count, mut at) = (short(bytes, end + 10)?, long(bytes, end + 16)?);
    if count > MOST_FILES {
        return Err(Fault::Large);
    }
    let (mut found, mut names) = (Vec::new(), HashSet::new());
    for _ in 0..count {
        if part(bytes, at, 4)? != b"PK\x01\x02" {
            return Err(Fault::Broken);
        }
        let (length, extra, remark) =
            (short(bytes, at + 28)?, short(bytes, at + 30)?, short(bytes, at + 32)?);
        let name = std::str::from_utf8(part(bytes, at + 46, length)?);
        // A name that is no UTF-8 is none that a workbook needs.
        if let Ok(name) = name
            && is_needed(name)
        {
            // Two files of one name would be two workbooks.
            if !names.insert(name.to_lowercase()) {
                return Err(Fault::Broken);
            }
            found.push(entry(bytes, at, name)?);
        }
        at += 46 + length + extra + remark;
    }
    Ok(found)
}

fn entry<'a>(bytes: &'a [u8], at: usize, name: &'a str) -> Result<Entry<'a>, Fault> {
    if short(bytes, at + 8)? & 1 == 1 {
        return Err(Fault::Locked);
    }
    let (method, sum, length) = (short(bytes, at + 10)?, long(bytes, at + 16)?, long(bytes, at + 20)?);
    let local = long(bytes, at + 42)?;
    if part(bytes, local, 4)? != b"PK\x03\x04" {
        return Err(Fault::Broken);
    }
    let data = local + 30 + short(bytes, local + 26)? + short(bytes, local + 28)?;
    Ok(Entry { name, method, sum, packed: part(bytes, data, length)? })
}

fn is_needed(name: &str) -> bool {
    let plain = name.to_lowercase();
    (plain.ends_with(".xml") || plain.ends_with(".rels")) && !ELSEWHERE.iter().any(|e| plain.contains(e))
}

impl Entry<'_> {
    /// Its bytes, of which there may be so many.
    fn unpacked(&self, most: usize) -> Result<Vec<u8>, Fault> {
        let mut out = Vec::new();
        let limit = u64::try_from(most).map_err(|_| Fault::Large)? + 1;
        match self.method {
            0 => {
                out.extend_from_slice(self.packed.get(..self.packed.len().min(most + 1)).unwrap_or_default())
            }
            8 => {
                _ = DeflateDecoder::new(self.packed)
                    .take(limit)
                    .read_to_end(&mut out)
                    .map_err(|_| Fault::Broken)?
            }
            _ => return Err(Fault::Broken),
        }
        if out.len() > most {
            return Err(Fault::Large);
        }
        if usize::try_from(sum_of(&out)) != Ok(self.sum) {
            return Err(Fault::Broken);
        }
        is_plain(&out)?;
        Ok(out)
    }
}

fn sum_of(bytes: &[u8]) -> u32 {
    let mut sum = Crc::new();
    sum.update(bytes);
    sum.sum()
}

/// What is read as XML is UTF-8, has no declarations of its own, and promises no more strings than there can be.
fn is_plain(xml: &[u8]) -> Result<(), Fault> {
    let head = xml.get(..xml.len().min(200)).unwrap_or_default();
    let head = String::from_utf8_lossy(head).to_lowercase();
    let named = head.split_once("encoding=").map(|(_, rest)| rest.trim_start_matches(['"', '\'']));
    if xml.contains(&0) || named.is_some_and(|name| !name.starts_with("utf-8")) || has(xml, b"<!DOCTYPE") {
        return Err(Fault::Broken);
    }
    let mut rest = xml;
    while let Some(at) = find(rest, b"uniqueCount") {
        rest = rest.get(at + b"uniqueCount".len()..).unwrap_or_default();
        let digits = rest.iter().skip_while(|b| !b.is_ascii_digit()).take_while(|b| b.is_ascii_digit());
        let said = digits.take(20).fold(0_usize, |sum, b| {
            sum.saturating_mul(10).saturating_add(usize::from(b.saturating_sub(b'0')))
        });
        if said > MOST_STRINGS {
            return Err(Fault::Large);
        }
    }
    Ok(())
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|w| w == what)
}

fn has(bytes: &[u8], what: &[u8]) -> bool {
    find(bytes, what).is_some()
}

/// An archive that is being written, without packing.
#[derive(Default)]
struct Plain {
    out: Vec<u8>,
    directory: Vec<u8>,
    count: u16,
}

impl Plain {
    fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        let small = |n: usize| u32::try_from(n).map(u32::to_le_bytes).map_err(|_| Fault::Large);
        let (at, length) = (small(self.out.len())?, small(bytes.len())?);
        let named = u16::try_from(name.len()).map_err(|_| Fault::Broken)?.to_le_bytes();
        // Version 2.0, names in UTF-8, stored; without time.
        let common =
            [&[20, 0, 0, 8, 0, 0, 0, 0, 0, 0][..], &sum_of(bytes).to_le_bytes(), &length, &length].concat();
        let local = [b"PK\x03\x04", &common[..], &named, &[0, 0], name.as_bytes(), bytes].concat();
        self.out.extend_from_slice(&local);
        let entry = [b"PK\x01\x02", &[20, 0][..], &common, &named, &[0; 12], &at, name.as_bytes()].concat();
        self.directory.extend_from_slice(&entry);
        self.count = self.count.saturating_add(1);
        Ok(())
    }

    fn done(mut self) -> Result<Vec<u8>, Fault> {
        let small = |n: usize| u32::try_from(n).map(u32::to_le_bytes).map_err(|_| Fault::Large);
        let (at, length, count) =
            (small(self.out.len())?, small(self.directory.len())?, self.count.to_le_bytes());
        self.out.append(&mut self.directory);
        let end = [b"PK\x05\x06", &[0; 4][..], &count, &count, &length, &at, &[0, 0]].concat();
        self.out.extend_from_slice(&end);
        Ok(self.out)
    }
}

/// The same archive, unpacked, with nothing in it but what may say something of cells.
///
/// # Errors
/// [`Fault`].
pub(super) fn plain(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let (mut plain, mut left) = (Plain::default(), MOST_BYTES);
    for entry in entries(bytes)? {
        let part = entry.unpacked(left)?;
        left -= part.len();
        plain.add(entry.name, &part)?;
    }
    if plain.count == 0 { Err(Fault::Broken) } else { plain.done() }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::counting::most;
    use flate2::Compression;
    use flate2::write::DeflateEncoder;
    use std::io::Write;

    /// An archive of these files, packed; `lies` says of each that it has one byte.
    pub(crate) fn packed(files: &[(&str, &[u8])], lies: bool) -> Vec<u8> {
        let (mut out, mut directory) = (Vec::new(), Vec::new());
        for (name, bytes) in files {
            let mut packer = DeflateEncoder::new(Vec::new(), Compression::default());
            packer.write_all(bytes).unwrap();
            let data = packer.finish().unwrap();
            let size = if lies { 1 } else { u32::try_from(bytes.len()).unwrap() };
            let common = [
                &[20, 0, 0, 8, 8, 0, 0, 0, 0, 0][..],
                &sum_of(bytes).to_le_bytes(),
                &u32::try_from(data.len()).unwrap().to_le_bytes(),
                &size.to_le_bytes(),
                &u16::try_from(name.len()).unwrap().to_le_bytes(),
            ]
            .concat();
            let at = u32::try_from(out.len()).unwrap().to_le_bytes();
            out.extend([b"PK\x03\x04", &common[..], &[0, 0], name.as_bytes(), &data].concat());
            directory.extend([b"PK\x01\x02", &[20, 0][..], &common, &[0; 12], &at, name.as_bytes()].concat());
        }
        let (at, length) = (u32::try_from(out.len()).unwrap(), u32::try_from(directory.len()).unwrap());
        let count = u16::try_from(files.len()).unwrap().to_le_bytes();
        out.extend(directory);
        let end =
            [b"PK\x05\x06", &[0; 4][..], &count, &count, &length.to_le_bytes(), &at.to_le_bytes(), &[0, 0]];
        out.extend(end.concat());
        out
    }

    #[test]
    fn what_is_needed_is_there_again_and_nothing_else() {
        let files: [(&str, &[u8]); 4] = [
            ("xl/workbook.xml", b"<workbook/>"),
            ("xl/media/image1.png", b"\x89PNG"),
            ("xl/vbaProject.bin", b"MZ"),
            ("_rels/.rels", b"<Relationships/>"),
        ];
        let plain = plain(&packed(&files, false)).unwrap();
        let found: Vec<(String, Vec<u8>)> =
            entries(&plain).unwrap().iter().map(|e| (e.name.to_owned(), e.packed.to_vec())).collect();
        assert_eq!(
            found,
            [
                ("xl/workbook.xml".to_owned(), b"<workbook/>".to_vec()),
                ("_rels/.rels".to_owned(), b"<Relationships/>".to_vec())
            ]
        );
    }

    #[test]
    fn a_bomb_goes_off_in_a_bounded_room_whatever_its_directory_says() {
        let zeros = vec![b' '; 200 << 20];
        let bomb = packed(&[("xl/worksheets/sheet1.xml", &zeros)], true);
        assert!(bomb.len() < 1 << 20, "{}", bomb.len());
        drop(zeros);
        let (found, memory) = most(|| plain(&bomb));
        assert_eq!(found, Err(Fault::Large));
        assert!(memory < 3 * MOST_BYTES, "{memory}");
        // Many files that are each within the bound.
        let some = vec![b' '; 9 << 20];
        let files: Vec<(String, &[u8])> =
            (0..4).map(|n| (format!("xl/worksheets/sheet{n}.xml"), some.as_slice())).collect();
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
        assert_eq!(plain(&packed(&files, false)), Err(Fault::Large));
        let many: Vec<String> = (0..=MOST_FILES).map(|n| format!("{n}.xml")).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
        assert_eq!(plain(&packed(&many, false)), Err(Fault::Large));
    }

    #[test]
    fn archives_that_could_be_read_in_two_ways_are_not_read() {
        let twice: [(&str, &[u8]); 2] = [("xl/workbook.xml", b"<a/>"), ("XL/workbook.xml", b"<b/>")];
        assert_eq!(plain(&packed(&twice, false)), Err(Fault::Broken));
        let strings = |said: &str| format!("<sst uniqueCount=\"{said}\"><si/></sst>");
        let of = |xml: &str| plain(&packed(&[("xl/sharedStrings.xml", xml.as_bytes())], false));
        assert!(of(&strings("3")).is_ok() && of(&strings("x")).is_ok());
        for said in ["99999999999", "18446744073709551615", "99999999999999999999999"] {
            assert_eq!(of(&strings(said)), Err(Fault::Large), "{said}");
        }
        assert_eq!(of("<?xml version=\"1.0\" encoding=\"UTF-16\"?><sst/>"), Err(Fault::Broken));
        assert_eq!(of("<!DOCTYPE a [<!ENTITY b \"c\">]><sst/>"), Err(Fault::Broken));
        assert!(of("<?xml version='1.0' encoding='utf-8'?><sst/>").is_ok());
    }

    #[test]
    fn what_is_damaged_is_broken() {
        let whole = packed(&[("xl/workbook.xml", b"<workbook/>")], false);
        for at in [0, 3, 30, whole.len() / 2, whole.len() - 20] {
            assert_eq!(plain(&whole[..at]), Err(Fault::Broken), "{at}");
        }
        let mut other = whole.clone();
        other[14] ^= 1;
        assert!(plain(&other).is_ok(), "the sum before a file counts for nothing");
        let sum = whole.windows(4).position(|w| w == b"PK\x01\x02").unwrap() + 16;
        let mut other = whole.clone();
        other[sum] ^= 1;
        assert_eq!(plain(&other), Err(Fault::Broken));
        let mut locked = whole.clone();
        locked[sum - 8] |= 1;
        assert_eq!(plain(&locked), Err(Fault::Locked));
        for bytes in [&b""[..], b"PK\x03\x04", &[b"PK\x05\x06", &[0xff; 18][..]].concat()] {
            assert!(plain(bytes).is_err());
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(at in 0_usize..200, byte: u8) {
            let mut bytes = packed(&[("xl/workbook.xml", b"<workbook/>"), ("_rels/.rels", b"<a/>")], false);
            let at = at % bytes.len();
            bytes[at] = byte;
            let _ = plain(&bytes);
        }
    }
}
