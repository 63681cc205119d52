//! A small CBOR (RFC 8949) reader and writer.
//!
//! Own code for three reasons: depth and number of items are bounded **while** reading, so a hostile
//! document costs no more than an honest one; text and bytes borrow from the input, which keeps a whole
//! verification near the price of its signature; and the writer gives the one deterministic form of
//! RFC 8949 §4.2 as long as keys are written in order.

use std::borrow::Cow;
use thiserror::Error;

/// Deepest nesting that is read. The EU certificate needs 6.
pub const MAX_DEPTH: u8 = 16;
/// Most items (scalars, arrays, maps, tags) that are read from one input.
pub const MAX_ITEMS: u32 = 8192;

/// Why bytes are not acceptable CBOR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CborError {
    /// The input ends inside an item.
    #[error("the data ends too early")]
    Truncated,
    /// Bytes follow the item.
    #[error("bytes follow the data item")]
    Trailing,
    /// A head, break or simple value that RFC 8949 does not allow at its place.
    #[error("not well-formed")]
    Malformed,
    /// Text is not UTF-8.
    #[error("text is not UTF-8")]
    Utf8,
    /// Deeper than [`MAX_DEPTH`].
    #[error("nested too deeply")]
    Depth,
    /// More than the bound, [`MAX_ITEMS`] for a document.
    #[error("too many items")]
    Items,
    /// An integer beyond 64 bits with sign; no claim uses one.
    #[error("an integer is out of range")]
    Integer,
}

/// One data item. Maps keep their order and may repeat keys; [`Value::get`] takes the first,
/// [`Value::has_duplicate_keys`] tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Major types 0 and 1.
    Integer(i64),
    /// Major type 2.
    Bytes(Cow<'a, [u8]>),
    /// Major type 3.
    Text(Cow<'a, str>),
    /// Major type 4.
    Array(Vec<Value<'a>>),
    /// Major type 5.
    Map(Vec<(Value<'a>, Value<'a>)>),
    /// Major type 6.
    Tag(u64, Box<Value<'a>>),
    /// True or false.
    Bool(bool),
    /// Null or undefined.
    Null,
    /// Half, single or double precision.
    Float(f64),
    /// A simple value without a meaning of its own.
    Simple(u8),
}

impl<'a> Value<'a> {
    /// The value under an integer key of a map.
    #[must_use]
    pub fn get(&self, key: i64) -> Option<&Value<'a>> {
        self.entries()?.iter().find(|(k, _)| *k == Value::Integer(key)).map(|(_, value)| value)
    }

    /// The value under a text key of a map.
    #[must_use]
    pub fn get_text(&self, key: &str) -> Option<&Value<'a>> {
        self.entries()?.iter().find(|(k, _)| k.text() == Some(key)).map(|(_, value)| value)
    }

    /// The entries of a map.
    #[must_use]
    pub fn entries(&self) -> Option<&[(Value<'a>, Value<'a>)]> {
        if let Value::Map(entries) = self { Some(entries) } else { None }
    }

    /// The elements of an array.
    #[must_use]
    pub fn elements(&self) -> Option<&[Value<'a>]> {
        if let Value::Array(elements) = self { Some(elements) } else { None }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Value::Text(text) = self { Some(text) } else { None }
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        if let Value::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    /// The integer.
    #[must_use]
    pub fn integer(&self) -> Option<i64> {
        if let Value::Integer(number) = self { Some(*number) } else { None }
    }

    /// Whether a map names a key twice: then readers could disagree on what was signed.
    #[must_use]
    pub fn has_duplicate_keys(&self) -> bool {
        let entries = self.entries().unwrap_or_default();
        entries.iter().enumerate().any(|(at, (key, _))| entries.iter().skip(at + 1).any(|(k, _)| k == key))
    }
}

/// Read exactly one item.
///
/// # Errors
/// [`CborError`]; never panics and never reserves more than the input can fill.
pub fn read(bytes: &[u8]) -> Result<Value<'_>, CborError> {
    read_with(bytes, MAX_ITEMS)
}

/// Read exactly one item of at most `max_items` parts; trust lists are longer than documents.
///
/// # Errors
/// As [`read`].
pub fn read_with(bytes: &[u8], max_items: u32) -> Result<Value<'_>, CborError> {
    let mut reader = Reader { rest: bytes, items: max_items };
    let value = reader.value(MAX_DEPTH)?;
    if reader.rest.is_empty() { Ok(value) } else { Err(CborError::Trailing) }
}

struct Reader<'a> {
    rest: &'a [u8],
    items: u32,
}

/// Length or value that follows the head of an item; `None` stands for "indefinite".
type Argument = Option<u64>;

const BREAK: u8 = 0xff;

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8, CborError> {
        let (first, rest) = self.rest.split_first().ok_or(CborError::Truncated)?;
        self.rest = rest;
        Ok(*first)
    }

    fn take(&mut self, count: u64) -> Result<&'a [u8], CborError> {
        let count = usize::try_from(count).map_err(|_| CborError::Truncated)?;
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(CborError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn number<const N: usize>(&mut self) -> Result<u64, CborError> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(CborError::Truncated)?;
        self.rest = rest;
        Ok(taken.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn argument(&mut self, info: u8) -> Result<Argument, CborError> {
        match info {
            0..=23 => Ok(Some(u64::from(info))),
            24 => self.number::<1>().map(Some),
            25 => self.number::<2>().map(Some),
            26 => self.number::<4>().map(Some),
            27 => self.number::<8>().map(Some),
            31 => Ok(None),
            _ => Err(CborError::Malformed),
        }
    }

    fn value(&mut self, depth: u8) -> Result<Value<'a>, CborError> {
        self.items = self.items.checked_sub(1).ok_or(CborError::Items)?;
        let head = self.byte()?;
        let (major, info) = (head >> 5, head & 0x1f);
        if major == 7 {
            return self.simple(info);
        }
        let argument = self.argument(info)?;
        match (major, argument) {
            (0, Some(number)) => i64::try_from(number).map(Value::Integer).map_err(|_| CborError::Integer),
            (1, Some(number)) => i64::try_from(number)
                .map(|number| Value::Integer(-1 - number))
                .map_err(|_| CborError::Integer),
            (2, _) => self.string(2, argument).map(Value::Bytes),
            (3, _) => self.text(argument).map(Value::Text),
            (4, _) => self.array(argument, depth),
            (5, _) => self.map(argument, depth),
            (6, Some(tag)) => {
                let inner = self.value(depth.checked_sub(1).ok_or(CborError::Depth)?)?;
                Ok(Value::Tag(tag, Box::new(inner)))
            }
            _ => Err(CborError::Malformed),
        }
    }

    fn string(&mut self, major: u8, length: Argument) -> Result<Cow<'a, [u8]>, CborError> {
        if let Some(length) = length {
            return self.take(length).map(Cow::Borrowed);
        }
        let mut whole = Vec::new();
        loop {
            let head = self.byte()?;
            if head == BREAK {
                return Ok(Cow::Owned(whole));
            }
            self.items = self.items.checked_sub(1).ok_or(CborError::Items)?;
            // Chunks are strings of the same type with a definite length (RFC 8949 §3.2.3).
            let length = self.argument(head & 0x1f)?.ok_or(CborError::Malformed)?;
            if head >> 5 != major {
                return Err(CborError::Malformed);
            }
            whole.extend_from_slice(self.take(length)?);
        }
    }

    fn text(&mut self, length: Argument) -> Result<Cow<'a, str>, CborError> {
        match self.string(3, length)? {
            Cow::Borrowed(bytes) => {
                std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| CborError::Utf8)
            }
            Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).map_err(|_| CborError::Utf8),
        }
    }

    /// Room to reserve for so many items: never more than the bytes that are left could hold.
    fn room(&self, count: Argument) -> usize {
        usize::try_from(count.unwrap_or(0)).unwrap_or(usize::MAX).min(self.rest.len()).min(64)
    }

    fn at_break(&mut self) -> bool {
        let found = self.rest.first() == Some(&BREAK);
        if found {
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
        found
    }

    fn array(&mut self, count: Argument, depth: u8) -> Result<Value<'a>, CborError> {
        let depth = depth.checked_sub(1).ok_or(CborError::Depth)?;
        let mut elements = Vec::with_capacity(self.room(count));
        let mut left = count;
        while left != Some(0) && !(left.is_none() && self.at_break()) {
            elements.push(self.value(depth)?);
            left = left.map(|left| left - 1);
        }
        Ok(Value::Array(elements))
    }

    fn map(&mut self, count: Argument, depth: u8) -> Result<Value<'a>, CborError> {
        let depth = depth.checked_sub(1).ok_or(CborError::Depth)?;
        let mut entries = Vec::with_capacity(self.room(count));
        let mut left = count;
        while left != Some(0) && !(left.is_none() && self.at_break()) {
            let key = self.value(depth)?;
            entries.push((key, self.value(depth)?));
            left = left.map(|left| left - 1);
        }
        Ok(Value::Map(entries))
    }

    fn simple(&mut self, info: u8) -> Result<Value<'a>, CborError> {
        match info {
            20 => Ok(Value::Bool(false)),
            21 => Ok(Value::Bool(true)),
            22 | 23 => Ok(Value::Null),
            0..=19 => Ok(Value::Simple(info)),
            24 => match self.byte()? {
                0..=31 => Err(CborError::Malformed),
                simple => Ok(Value::Simple(simple)),
            },
            25 => Ok(Value::Float(half(u16::try_from(self.number::<2>()?).unwrap_or_default()))),
            26 => {
                let bits = u32::try_from(self.number::<4>()?).unwrap_or_default();
                Ok(Value::Float(f64::from(f32::from_bits(bits))))
            }
            27 => Ok(Value::Float(f64::from_bits(self.number::<8>()?))),
            _ => Err(CborError::Malformed),
        }
    }
}

/// IEEE 754 half precision (RFC 8949 appendix D).
fn half(bits: u16) -> f64 {
    let exponent = i32::from(bits >> 10 & 0x1f);
    let mantissa = f64::from(bits & 0x3ff);
    let magnitude = match exponent {
        0 => mantissa * 2_f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (mantissa + 1024.0) * 2_f64.powi(exponent - 25),
    };
    if bits & 0x8000 == 0 { magnitude } else { -magnitude }
}

/// Writes items one after the other, each in its shortest form.
#[derive(Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// An empty output with room for `capacity` bytes.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { out: Vec::with_capacity(capacity) }
    }

    fn head(&mut self, major: u8, number: u64) -> &mut Self {
        let top = major << 5;
        let bytes = number.to_be_bytes();
        let [.., last] = bytes;
        match number {
            0..=23 => self.out.push(top | last),
            24..=0xff => self.out.extend_from_slice(&[top | 24, last]),
            0x100..=0xffff => {
                self.out.push(top | 25);
                self.out.extend_from_slice(&bytes[6..]);
            }
            0x1_0000..=0xffff_ffff => {
                self.out.push(top | 26);
                self.out.extend_from_slice(&bytes[4..]);
            }
            _ => {
                self.out.push(top | 27);
                self.out.extend_from_slice(&bytes);
            }
        }
        self
    }

    fn length(&mut self, major: u8, length: usize) -> &mut Self {
        // usize is at most 64 bits wide on every platform that Rust supports.
        self.head(major, u64::try_from(length).unwrap_or(u64::MAX))
    }

    /// An integer.
    pub fn integer(&mut self, number: i64) -> &mut Self {
        match u64::try_from(number) {
            Ok(number) => self.head(0, number),
            Err(_) => self.head(1, (-1 - number).unsigned_abs()),
        }
    }

    /// A byte string.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.length(2, bytes.len());
        self.out.extend_from_slice(bytes);
        self
    }

    /// A text string.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.length(3, text.len());
        self.out.extend_from_slice(text.as_bytes());
        self
    }

    /// The head of an array; `count` items must follow.
    pub fn array(&mut self, count: usize) -> &mut Self {
        self.length(4, count)
    }

    /// The head of a map; `count` keys, each with its value, must follow.
    pub fn map(&mut self, count: usize) -> &mut Self {
        self.length(5, count)
    }

    /// A tag; its content must follow.
    pub fn tag(&mut self, tag: u64) -> &mut Self {
        self.head(6, tag)
    }

    /// An item that is encoded already.
    pub fn raw(&mut self, item: &[u8]) -> &mut Self {
        self.out.extend_from_slice(item);
        self
    }

    /// What was written.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.out
    }
}

#[cfg(test)]
#[path = "cbor_tests.rs"]
mod tests;
