//! Bodies that say no length may have no end. Once a handler has let go of such a body, the server reads on and throws away,
//! however long it takes, to use the connection again; a body that somebody still holds when the answer goes out is not read
//! any more, and the connection is closed. So the middleware holds it until then.

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header::TRANSFER_ENCODING;
use actix_web::web::Bytes;
use futures_util::Stream;
use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// A body that the handler reads and the middleware holds.
pub(super) struct Held(Rc<RefCell<Payload>>);

struct Reader(Rc<RefCell<Payload>>);

impl Stream for Reader {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(cx)
    }
}

/// Holds the body of a request that says no length; none for all others.
pub(super) fn hold(req: &mut ServiceRequest) -> Option<Held> {
    if !req.headers().contains_key(TRANSFER_ENCODING) {
        return None;
    }
    let held = Rc::new(RefCell::new(req.take_payload()));
    req.set_payload(Payload::Stream { payload: Box::pin(Reader(held.clone())) });
    Some(Held(held))
}

impl Held {
    /// Lets go when the server has begun to send the answer, which it does before anything else runs on this thread.
    pub(super) fn until_answered(self) {
        actix_web::rt::spawn(async move { drop(self.0) });
    }
}
