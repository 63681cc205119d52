//! What every page and every answer shares: context, sessions, guards, forms, language, look, errors.

pub mod admission;
pub mod around;
pub mod card;
pub mod cookies;
pub mod csrf;
pub mod csv;
pub mod ctx;
pub mod described;
pub mod device;
pub mod division;
pub mod document;
pub mod door;
pub mod factor;
pub mod form;
pub mod format;
mod forwarded;
pub mod guard;
pub mod i18n;
pub mod idempotency;
pub mod intake;
pub mod kept;
pub mod limits;
pub mod markup;
pub mod networks;
pub mod opens;
pub mod pace;
pub mod page;
pub mod paging;
pub mod parts;
pub mod pending;
pub mod principal;
pub mod problem;
pub mod program;
pub mod qr;
pub mod respond;
pub mod route;
pub mod session;
pub mod step_up;
pub mod steps;
pub mod text;
mod told;
pub mod turns;
pub mod unread;
pub mod view;

#[cfg(any(test, fuzzing))]
pub(crate) use forwarded::forwarded as client_behind;
