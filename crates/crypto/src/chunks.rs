//! Files, sealed piece by piece: bounded memory however large a file is, and any part can be read without the rest.
//!
//! A file has a key of its own, which is used for one writing and sealed in the file's row: with the row the file becomes
//! unreadable, wherever its bytes still lie. Each piece of [`CHUNK`] bytes is sealed under its number and whether it is the
//! last: pieces cannot be exchanged, left out, repeated or cut off (STREAM: Hoang, Reyhanitabar, Rogaway, Vizár 2015). The
//! nonce is made of the same two, so none is used twice with a key.

use super::keyring::Keyring;
use super::suite::SuiteId;
use super::{CryptoError, FieldContext, token};
use zeroize::Zeroizing;

/// Bytes of a piece before it is sealed; the last one may be shorter, and of an empty file it has none.
pub const CHUNK: usize = 64 << 10;

/// The key of one file.
pub struct FileKey {
    suite: SuiteId,
    secret: Zeroizing<Vec<u8>>,
}

impl FileKey {
    /// A new one, of the suite that new values are sealed with.
    #[must_use]
    pub fn new(keys: &Keyring) -> Self {
        let suite = keys.state().field.current.suite;
        Self { suite, secret: Zeroizing::new(token::random(suite.suite().key_len())) }
    }

    /// Seals it for its row.
    ///
    /// # Errors
    /// As [`Keyring::seal`].
    pub fn sealed(&self, keys: &Keyring, place: &FieldContext<'_>) -> Result<Vec<u8>, CryptoError> {
        let mut plain = Zeroizing::new(vec![self.suite.number()]);
        plain.extend_from_slice(&self.secret);
        keys.seal(place, &plain)
    }

    /// The key that was sealed for a row.
    ///
    /// # Errors
    /// As [`Keyring::open_sealed`]; [`CryptoError::Form`] when it is no key.
    pub fn open(keys: &Keyring, place: &FieldContext<'_>, sealed: &[u8]) -> Result<Self, CryptoError> {
        let plain = keys.open_sealed(place, sealed)?;
        let (number, secret) = plain.split_first().ok_or(CryptoError::Form)?;
        let suite = SuiteId::from_number(*number)?;
        if secret.len() != suite.suite().key_len() {
            return Err(CryptoError::Form);
        }
        Ok(Self { suite, secret: Zeroizing::new(secret.to_vec()) })
    }

    /// Bytes that sealing adds to a piece.
    fn added(&self) -> usize {
        self.suite.suite().tag_len()
    }

    /// Seals all of a file: an iterator over its sealed pieces, each made when it is asked for. It takes the key: a second
    /// writing under it would use nonces twice.
    #[must_use]
    pub fn seal(self, plain: &[u8]) -> Pieces<'_> {
        Pieces { key: self, plain, next: 0 }
    }

    /// The piece with this number out of its sealed bytes.
    ///
    /// # Errors
    /// [`CryptoError::Refused`] when it is another piece, another file's, altered, or is the last and should not be (or
    /// the other way round).
    pub fn open_piece(
        &self,
        number: u64,
        last: bool,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        if sealed.len() > CHUNK + self.added() || (!last && sealed.len() < CHUNK + self.added()) {
            return Err(CryptoError::Refused);
        }
        let nonce = self.nonce(number, last)?;
        self.suite.suite().open(&self.secret, &nonce, &context(number, last), sealed)
    }

    /// Where the pieces of a file of `size` bytes stand.
    #[must_use]
    pub fn layout(&self, size: u64) -> Layout {
        Layout { size, added: wide(self.added()) }
    }

    /// The number at its end, and before it whether this is the last: as long as the suite's nonces are.
    fn nonce(&self, number: u64, last: bool) -> Result<Vec<u8>, CryptoError> {
        let mut nonce = vec![0; self.suite.suite().nonce_len()];
        let place = nonce.len().checked_sub(9).and_then(|at| nonce.get_mut(at..));
        let [mark, count @ ..] = place.ok_or(CryptoError::Seal)? else { return Err(CryptoError::Seal) };
        *mark = u8::from(last);
        count.copy_from_slice(&number.to_be_bytes());
        Ok(nonce)
    }

    fn seal_piece(&self, number: u64, last: bool, plain: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let nonce = self.nonce(number, last)?;
        self.suite.suite().seal(&self.secret, &nonce, &context(number, last), plain)
    }
}

fn context(number: u64, last: bool) -> Vec<u8> {
    [b"fugong file piece ".as_slice(), &number.to_be_bytes(), &[u8::from(last)]].concat()
}

/// On every machine that this is built for `usize` is no wider than 64 bits.
fn wide(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// Where the pieces of a file stand among its sealed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    size: u64,
    added: u64,
}

impl Layout {
    /// How many there are; an empty file has one.
    #[must_use]
    pub fn pieces(self) -> u64 {
        self.size.div_ceil(wide(CHUNK)).max(1)
    }

    /// Length of the sealed bytes.
    #[must_use]
    pub fn sealed(self) -> u64 {
        self.size.saturating_add(self.pieces().saturating_mul(self.added))
    }

    /// From where to where the sealed bytes of a piece stand.
    #[must_use]
    pub fn range(self, number: u64) -> std::ops::Range<u64> {
        let each = wide(CHUNK).saturating_add(self.added);
        let start = number.saturating_mul(each);
        start..start.saturating_add(each).min(self.sealed())
    }

    /// The pieces that hold some of the bytes as they were before sealing.
    #[must_use]
    pub fn holding(self, bytes: &std::ops::Range<u64>) -> std::ops::Range<u64> {
        let first = bytes.start / wide(CHUNK);
        first..bytes.end.div_ceil(wide(CHUNK)).min(self.pieces()).max(first)
    }

    /// At which byte, as it was before sealing, a piece begins.
    #[must_use]
    pub fn begins(self, number: u64) -> u64 {
        number.saturating_mul(wide(CHUNK))
    }

    /// Whether it is the last.
    #[must_use]
    pub fn is_last(self, number: u64) -> bool {
        number.saturating_add(1) == self.pieces()
    }
}

/// The sealed pieces of a file, in their order.
pub struct Pieces<'a> {
    key: FileKey,
    plain: &'a [u8],
    next: u64,
}

impl Iterator for Pieces<'_> {
    type Item = Result<Vec<u8>, CryptoError>;

    fn next(&mut self) -> Option<Self::Item> {
        let layout = self.key.layout(wide(self.plain.len()));
        let number = self.next;
        if number >= layout.pieces() {
            return None;
        }
        self.next += 1;
        let start = usize::try_from(number).ok()?.checked_mul(CHUNK)?;
        let end = start.saturating_add(CHUNK).min(self.plain.len());
        let piece = self.plain.get(start..end)?;
        Some(self.key.seal_piece(number, layout.is_last(number), piece))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    const ROW: FieldContext<'static> =
        FieldContext::new("files", "key_sealed", Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001));

    /// A key and the same key once more, as it is read from its row.
    fn twice(keys: &Keyring) -> (FileKey, FileKey) {
        let key = FileKey::new(keys);
        let again = FileKey::open(keys, &ROW, &key.sealed(keys, &ROW).unwrap()).unwrap();
        (key, again)
    }

    fn pieces(key: FileKey, plain: &[u8]) -> Vec<Vec<u8>> {
        key.seal(plain).collect::<Result<_, _>>().unwrap()
    }

    /// What a reader gets who knows the size from the row.
    fn read(key: &FileKey, size: usize, sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let layout = key.layout(wide(size));
        if wide(sealed.len()) != layout.sealed() {
            return Err(CryptoError::Malformed);
        }
        let mut plain = Vec::new();
        for number in 0..layout.pieces() {
            let range = layout.range(number);
            let at = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
            plain.extend_from_slice(&key.open_piece(number, layout.is_last(number), &sealed[at])?);
        }
        Ok(plain)
    }

    fn some(length: usize) -> Vec<u8> {
        (0..length).map(|n| u8::try_from(n % 251).unwrap()).collect()
    }

    #[test]
    fn files_of_every_length_around_a_piece_come_back() {
        let keys = Keyring::ephemeral().unwrap();
        for (length, count) in
            [(0, 1), (1, 1), (CHUNK - 1, 1), (CHUNK, 1), (CHUNK + 1, 2), (2 * CHUNK, 2), (2 * CHUNK + 1, 3)]
        {
            let (key, again) = twice(&keys);
            let sealed = pieces(key, &some(length));
            assert_eq!(sealed.len(), count, "{length}");
            let layout = again.layout(wide(length));
            assert_eq!((layout.pieces(), layout.sealed()), (wide(count), wide(length + 16 * count)));
            assert_eq!(read(&again, length, &sealed.concat()).unwrap(), some(length));
        }
    }

    #[test]
    fn pieces_cannot_be_exchanged_left_out_repeated_or_cut() {
        let keys = Keyring::ephemeral().unwrap();
        let (key, again) = twice(&keys);
        let length = 3 * CHUNK;
        let sealed = pieces(key, &vec![7; length]);
        let refused = |size: usize, order: &[usize]| {
            let bytes: Vec<u8> = order.iter().flat_map(|n| sealed[*n].clone()).collect();
            assert!(read(&again, size, &bytes).is_err(), "{order:?} as {size}");
        };
        assert!(read(&again, length, &sealed.concat()).is_ok());
        refused(length, &[1, 0, 2]);
        refused(length, &[0, 2, 1]);
        refused(length, &[0, 0, 2]);
        refused(2 * CHUNK, &[0, 1]);
        refused(2 * CHUNK, &[0, 2]);
        refused(2 * CHUNK, &[1, 2]);
        refused(CHUNK, &[0]);
        refused(CHUNK, &[2]);
        refused(4 * CHUNK, &[0, 1, 2, 2]);
        let mut cut = sealed.concat();
        cut.truncate(cut.len() - 1);
        assert!(read(&again, length - 1, &cut).is_err());
        let mut altered = sealed.concat();
        altered[CHUNK + 20] ^= 1;
        assert_eq!(read(&again, length, &altered), Err(CryptoError::Refused));
    }

    #[test]
    fn another_file_s_key_opens_nothing_and_a_key_belongs_to_its_row() {
        let keys = Keyring::ephemeral().unwrap();
        let (key, _) = twice(&keys);
        let (_, other) = twice(&keys);
        let sealed = pieces(key, b"evidence");
        assert_eq!(other.open_piece(0, true, &sealed[0]).unwrap_err(), CryptoError::Refused);
        let elsewhere = FieldContext { row: Uuid::nil(), ..ROW };
        let key = FileKey::new(&keys).sealed(&keys, &ROW).unwrap();
        assert!(FileKey::open(&keys, &elsewhere, &key).is_err());
        let text = keys.seal(&ROW, b"\x01short").unwrap();
        assert_eq!(FileKey::open(&keys, &ROW, &text).err(), Some(CryptoError::Form));
    }

    #[test]
    fn a_long_or_short_piece_in_between_is_refused_before_it_is_opened() {
        let keys = Keyring::ephemeral().unwrap();
        let key = FileKey::new(&keys);
        assert_eq!(key.open_piece(0, false, &[0; 100]).unwrap_err(), CryptoError::Refused);
        assert_eq!(key.open_piece(0, true, &vec![0; CHUNK + 17]).unwrap_err(), CryptoError::Refused);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn any_file_comes_back(length in 0..3 * CHUNK) {
            let keys = Keyring::ephemeral().unwrap();
            let (key, again) = twice(&keys);
            let sealed = pieces(key, &some(length)).concat();
            prop_assert_eq!(read(&again, length, &sealed).unwrap(), some(length));
        }
    }
}
