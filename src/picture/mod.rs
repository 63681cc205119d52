//! Pictures of strangers, before a decoder sees them: what they are and how much memory they need is read from their first
//! bytes, and what no picture needs (profiles, texts, places, previews) is left out. Who decodes has set the memory aside.

mod header;
pub(crate) mod jpeg;
pub(crate) mod png;

pub(crate) use header::{Format, Header, MAX_EDGE, read};

/// What is wrong with a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Neither PNG nor JPEG, or damaged.
    Type,
    /// More pixels than we decode.
    Pixels,
}

/// What is to be made of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Made {
    /// Its brightness, on light and on dark ground.
    Grey,
    /// The picture once more, in its colours.
    Copy,
}
