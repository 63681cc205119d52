//! A body that nobody reads to its end ends its connection.
//!
//! The HTTP library reads what is left of a chunked body and throws it away for as long as it comes, so that the
//! connection can be used again; of a body without an end that is for ever. It does so where the body's reader is gone.
//! Here the reader stays until the answer is written: what is left then is read for the two seconds after which a
//! connection is cut ([`crate::app::serve`]), and no longer.

use actix_web::body::{BodySize, BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{Error, HttpMessage};
use futures_util::Stream;
use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// The middleware outside of all others: around it nothing exchanges the answer's body.
///
/// # Errors
/// Those of what it is around.
pub async fn bounded<B: MessageBody + 'static>(
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, Beside>>, Error> {
    if !req.chunked().unwrap_or(false) {
        return Ok(next.call(req).await?.map_into_left_body());
    }
    let reader = Reader(Rc::new(RefCell::new(req.take_payload())));
    req.set_payload(Payload::Stream { payload: Box::pin(reader.clone()) });
    let res = next.call(req).await?.map_into_boxed_body();
    Ok(res.map_body(|_, body| EitherBody::right(Beside { body, _reader: reader })))
}

/// Reads a request's body, for whoever asks.
#[derive(Clone)]
struct Reader(Rc<RefCell<Payload>>);

impl Stream for Reader {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(cx)
    }
}

/// An answer's body, with the reader of the request's beside it.
pub struct Beside {
    body: BoxBody,
    _reader: Reader,
}

impl MessageBody for Beside {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}
