//! What a picture of a code may need.

use super::PictureError;
use crate::picture::{self, Header, Made};

/// Most memory that one picture may need while it is read, in KiB.
pub(super) const MAX_KIB: u32 = 42 << 10;

/// Reads the header of a picture of which the brightness is wanted.
///
/// # Errors
/// [`PictureError::Type`] when it is no PNG or JPEG, [`PictureError::Pixels`] when it would need more than we give.
pub(super) fn read(bytes: &[u8]) -> Result<Header, PictureError> {
    Ok(picture::read(bytes, Made::Grey, MAX_KIB)?)
}
