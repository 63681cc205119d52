//! What every page and every answer shares: language, look, forms.

pub mod format;
pub mod i18n;
pub mod qr;
pub mod view;
