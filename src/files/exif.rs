//! Which way up a photo is: the one thing that is taken from what a camera writes beside the picture, before all of it goes.

/// Bytes in which it is looked for; it stands at the beginning.
const NEAR: usize = 128 << 10;
/// Entries of a directory; more is no photo.
const ENTRIES: u16 = 200;
/// The entry for the orientation (Exif 2.3, 4.6.4 A).
const ORIENTATION: u16 = 0x0112;

/// The orientation, 1 to 8; 1 where nothing is said that can be read.
pub(super) fn orientation(jpeg: &[u8]) -> u8 {
    let jpeg = jpeg.get(..NEAR.min(jpeg.len())).unwrap_or_default();
    segment(jpeg).and_then(entry).filter(|turn| (1..=8).contains(turn)).unwrap_or(1)
}

/// The content of the segment that a camera writes.
fn segment(jpeg: &[u8]) -> Option<&[u8]> {
    let mut at = 2_usize;
    loop {
        let [0xff, marker, high, low] = *jpeg.get(at..at.checked_add(4)?)? else { return None };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let content = jpeg.get(at + 4..at.checked_add(2)?.checked_add(length)?)?;
        match marker {
            0xe1 if content.starts_with(b"Exif\0\0") => return content.get(6..),
            // The picture begins.
            0xda | 0xd9 => return None,
            _ => at += 2 + length,
        }
    }
}

/// The value of the entry in the first directory (TIFF 6.0, section 2).
fn entry(tiff: &[u8]) -> Option<u8> {
    let little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let two = |at: usize| -> Option<u16> {
        let bytes: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let four: [u8; 4] = tiff.get(4..8)?.try_into().ok()?;
    let first =
        usize::try_from(if little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) }).ok()?;
    let count = two(first)?.min(ENTRIES);
    let at = |n: u16| first.checked_add(2)?.checked_add(usize::from(n) * 12);
    let found = (0..count).filter_map(at).find(|at| two(*at) == Some(ORIENTATION))?;
    u8::try_from(two(found.checked_add(8)?)?).ok()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A photo that says which way up it is, and where it was taken.
    pub(crate) fn dressed(jpeg: &[u8], turn: u8, little: bool) -> Vec<u8> {
        let two = |n: u16| if little { n.to_le_bytes() } else { n.to_be_bytes() };
        let four = |n: u32| if little { n.to_le_bytes() } else { n.to_be_bytes() };
        let mut exif = b"Exif\0\0".to_vec();
        exif.extend(if little { b"II*\0" } else { b"MM\0*" });
        exif.extend(four(8));
        exif.extend(two(2));
        exif.extend([&two(0x010f)[..], &two(2), &four(8), &four(38)].concat());
        exif.extend([&two(ORIENTATION)[..], &two(3), &four(1), &two(turn.into()), &[0, 0]].concat());
        exif.extend(four(0));
        exif.extend(b"GPS30.65N104.06E");
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
    }

    #[test]
    fn the_orientation_is_read_in_both_orders_and_nothing_else_is_believed() {
        let plain = crate::files::kind::tests::picture(image::ImageFormat::Jpeg);
        assert_eq!(orientation(&plain), 1);
        for turn in 1..=8 {
            assert_eq!(orientation(&dressed(&plain, turn, true)), turn);
            assert_eq!(orientation(&dressed(&plain, turn, false)), turn);
        }
        assert_eq!(orientation(&dressed(&plain, 9, true)), 1);
        assert_eq!(orientation(&dressed(&plain, 6, true)[..30]), 1);
    }

    proptest! {
        #[test]
        fn whatever_comes_is_one_of_eight(bytes: Vec<u8>, at: usize) {
            prop_assert!((1..=8).contains(&orientation(&bytes)));
            let mut photo = dressed(&crate::files::kind::tests::picture(image::ImageFormat::Jpeg), 6, true);
            let length = photo.len();
            photo[at % length] ^= 0xff;
            prop_assert!((1..=8).contains(&orientation(&photo)));
        }
    }
}
