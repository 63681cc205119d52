//! The QR code in a picture.
//!
//! Pictures come from strangers. What they need is read from their first bytes by rules of our own ([`crate::picture`]); nothing
//! is decoded before its memory is set aside, nothing on an async thread, and profiles, texts and previews never reach a
//! decoder. One budget of memory for all pictures at a time, a few threads of their own, and an answer after five
//! seconds, sooner where others wait. The costliest picture that was found, of nothing but corners of codes, takes some
//! seconds of one core. Who has shown a genuine document lately stands in no line with strangers: a thread and a budget
//! are theirs.

mod grey;
mod header;

use super::upload::Picture;
use crate::error::{AppError, AppResult};
use crate::picture::{Fault, Header};
use crate::threads::Threads;
use crate::web::ctx::Ctx;
use crate::web::limits::Network;
use crate::web::turns::{Rules, Turns};
use header::MAX_KIB;
use image::GrayImage;
use image::imageops::FilterType;
use rxing::common::cpp_essentials::{ConcentricPattern, DecoderResult};
use rxing::common::{DetectorRXingResult, HybridBinarizer};
use rxing::qrcode::cpp_port::decoder::Decode;
use rxing::qrcode::cpp_port::detector::{
    FindFinderPatterns, FinderPatternSet, GenerateFinderPatternSets, SampleQR,
};
use rxing::{BinaryBitmap, Luma8LuminanceSource};
use std::cmp::Reverse;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Largest file.
pub const MAX_FILE: usize = 5 << 20;
/// After this long a picture is given up.
const PATIENCE: Duration = Duration::from_secs(5);
/// The same where somebody waits: a photo of a code takes some tenths of a second, and one in which there is none must not
/// cost everybody five.
const HURRIED: Duration = Duration::from_millis(1200);
/// How long a picture waits for its turn, and how many wait of one network and in all.
const TURN_WITHIN: Duration = Duration::from_secs(8);
const WAITING: (usize, usize) = (6, 48);
/// Edges at which a code is looked for, the likeliest first.
const EDGES: [u32; 3] = [1000, 1400, 500];
/// Corners of codes, sets of three of them, and codes that are looked at in one picture; a photo has a few.
const CORNERS: usize = 100;
const SETS: usize = 250;
const CODES: usize = 8;

/// Why no text came out of a picture; a catalogue code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// Neither PNG nor JPEG, or damaged.
    #[error("image-type")]
    Type,
    /// More pixels than we decode.
    #[error("image-pixels")]
    Pixels,
    /// No QR code in it that can be read.
    #[error("image-no-code")]
    NoCode,
}

impl PictureError {
    /// The code of its text.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Type => "image-type",
            Self::Pixels => "image-pixels",
            Self::NoCode => "image-no-code",
        }
    }
}

impl From<Fault> for PictureError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Type => Self::Type,
            Fault::Pixels => Self::Pixels,
        }
    }
}

/// Reads pictures: of strangers on half of the cores, of who verifies on a thread of their own.
pub(super) struct Pictures {
    strangers: Lane,
    verifiers: Lane,
}

/// Pictures within one budget of memory, each network in its turn.
struct Lane {
    turns: Turns,
    memory: Arc<Semaphore>,
    threads: Threads,
}

impl Pictures {
    pub(super) fn new() -> std::io::Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, |n| (n.get() / 2).max(1));
        Ok(Self { strangers: Lane::new("pictures", cores)?, verifiers: Lane::new("verifiers", 1)? })
    }

    /// The text of the QR code in a PNG or JPEG. Of several codes a health document is preferred.
    ///
    /// # Errors
    /// [`AppError::Invalid`] on `image`; [`AppError::TooMany`] or [`AppError::Unavailable`] when no turn comes.
    pub(super) async fn read(&self, ctx: &Ctx, picture: Picture) -> AppResult<String> {
        self.lane(ctx.verifies()).read(ctx.client.network(), picture).await
    }

    fn lane(&self, verifies: bool) -> &Lane {
        if verifies { &self.verifiers } else { &self.strangers }
    }
}

impl Lane {
    fn new(name: &'static str, threads: usize) -> std::io::Result<Self> {
        let share = (threads / 2).max(1);
        Ok(Self {
            turns: Turns::new(Rules { total: threads, share, waiting: WAITING, patience: TURN_WITHIN }),
            memory: Arc::new(Semaphore::new(usize::try_from(MAX_KIB).unwrap_or(1))),
            threads: Threads::start(name, threads)?,
        })
    }

    async fn read(&self, network: Network, picture: Picture) -> AppResult<String> {
        let wrong = |e: PictureError| AppError::field("image", e.code());
        let Picture { bytes, held } = picture;
        let header = header::read(&bytes).map_err(wrong)?;
        let turn = self.turns.enter(network, 1).await?;
        let patience = if self.turns.anybody_waits() { HURRIED } else { PATIENCE };
        let work = async {
            let memory =
                self.memory.clone().acquire_many_owned(header.kib).await.map_err(AppError::internal)?;
            // Held until the work ends, also when nobody waits for it any more; a picture that nobody waits for when
            // its turn comes is not begun.
            let read = self.threads.run(move || {
                let _until_it_ends = (turn, memory, held);
                decode(bytes, header, patience)
            });
            // A picture that breaks a decoder is what a client sent, and no fault of ours.
            read.await.unwrap_or(Err(PictureError::NoCode)).map_err(wrong)
        };
        tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| Err(wrong(PictureError::NoCode)))
    }
}

fn decode(bytes: Vec<u8>, header: Header, patience: Duration) -> Result<String, PictureError> {
    let (light, dark) = grey::decode(bytes, header)?;
    let begun = Instant::now();
    let found = look(&light, begun + patience * 3 / 5);
    if found.is_ok() || begun.elapsed() > patience / 2 {
        return found;
    }
    // Light on dark, as screens show codes at night: once more with light and dark exchanged.
    let mut inverted = dark.unwrap_or(light);
    image::imageops::invert(&mut inverted);
    look(&inverted, begun + patience * 4 / 5)
}

/// The text of a dark code on light ground, looked for until then at the edges of [`EDGES`].
fn look(grey: &GrayImage, until: Instant) -> Result<String, PictureError> {
    let mut other = None;
    let longest = grey.width().max(grey.height());
    let mut tried = Vec::new();
    for edge in EDGES {
        let edge = edge.min(longest);
        if tried.contains(&edge) || Instant::now() > until {
            continue;
        }
        tried.push(edge);
        for text in texts(&shrink(grey, edge), until) {
            if text.contains(crate::hcert::issue::PREFIX) {
                return Ok(text);
            }
            other.get_or_insert(text);
        }
    }
    other.ok_or(PictureError::NoCode)
}

fn shrink(grey: &GrayImage, edge: u32) -> GrayImage {
    let longest = grey.width().max(grey.height()).max(1);
    if longest <= edge {
        return grey.clone();
    }
    let side =
        |n: u32| u32::try_from(u64::from(n) * u64::from(edge) / u64::from(longest)).unwrap_or(1).max(1);
    image::imageops::resize(grey, side(grey.width()), side(grey.height()), FilterType::Triangle)
}

/// The texts of the codes in a picture, at most [`CODES`]. What rxing's reader does, with an end to each part of it: a
/// picture can be made of nothing but corners of codes.
fn texts(grey: &GrayImage, until: Instant) -> Vec<String> {
    let (width, height) = grey.dimensions();
    let Ok(source) = Luma8LuminanceSource::new(grey.as_raw().clone(), width, height) else {
        return Vec::new();
    };
    let picture = BinaryBitmap::new(HybridBinarizer::new(source));
    let ink = picture.get_black_matrix();
    let mut corners = FindFinderPatterns(ink, true, 0);
    // The largest, as the next step orders them: small ones are likelier noise.
    corners.sort_by_key(|corner| Reverse(corner.size));
    corners.truncate(CORNERS);
    let mut used: Vec<ConcentricPattern> = Vec::new();
    let mut found = Vec::new();
    for FinderPatternSet { bl, tl, tr } in GenerateFinderPatternSets(&mut corners).into_iter().take(SETS) {
        if found.len() == CODES || Instant::now() > until {
            break;
        }
        if [bl, tl, tr].iter().any(|corner| used.contains(corner)) {
            continue;
        }
        let Ok(code) = SampleQR(ink, &FinderPatternSet { bl, tl, tr }) else { continue };
        let Some(read) = Decode(code.getBits()).ok().filter(DecoderResult::isValid) else { continue };
        used.extend([bl, tl, tr]);
        found.push(read.text());
    }
    found
}

/// What happens to a picture before a library decodes it.
#[cfg(any(test, fuzzing))]
pub(crate) fn without_pixels(bytes: &[u8]) {
    use crate::picture::{jpeg, png};
    if header::read(bytes).is_ok() {
        let _ = png::strip(&mut bytes.to_vec());
        let _ = jpeg::strip(&mut bytes.to_vec());
    }
}

/// The text in a picture that needs less than 4 MiB, however busy the machine is.
#[cfg(test)]
pub(crate) fn read_small(bytes: Vec<u8>) -> Result<String, PictureError> {
    let header = header::read(&bytes)?;
    if header.kib < 4096 {
        decode(bytes, header, Duration::from_secs(120))
    } else {
        Err(PictureError::Pixels)
    }
}

#[cfg(test)]
mod tests;
