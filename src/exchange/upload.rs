//! What a verifier sends: a form with or without a picture, or a bare picture. Read by parts and bounded.

use super::image::MAX_FILE;
use crate::error::{AppError, AppResult};
use crate::web::form::{Form, MAX_BODY};
use actix_multipart::Multipart;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, web};
use futures_util::{Stream, StreamExt, TryStreamExt};

/// A text field of the form.
const MAX_TEXT: usize = 64 * 1024;
/// How much of a body that is too large is still read, so that the answer can be received.
const DRAIN: usize = 3 * MAX_FILE;

/// What was sent.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pub csrf: String,
    pub text: String,
    /// The file, if one was chosen.
    pub image: Option<Vec<u8>>,
    /// Whether the file was larger than we take.
    pub too_large: bool,
}

fn mime(req: &HttpRequest) -> String {
    let header = req.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The form of the verification page, as `multipart/form-data` or URL-encoded.
pub(super) async fn form(req: &HttpRequest, payload: web::Payload) -> AppResult<Sent> {
    match mime(req).as_str() {
        "application/x-www-form-urlencoded" => {
            let (body, too_large) = collect(payload.map_err(|_| broken()), MAX_BODY).await?;
            if too_large {
                return Err(AppError::TooLarge);
            }
            let form = Form::parse(&body)?;
            Ok(Sent { csrf: form.get("_csrf").into(), text: form.get("text").into(), ..Sent::default() })
        }
        "multipart/form-data" => multipart(req, payload).await,
        _ => Err(AppError::UnsupportedMedia),
    }
}

/// A picture: the body itself, or the field `image` of a form.
pub(super) async fn picture(req: &HttpRequest, payload: web::Payload) -> AppResult<Vec<u8>> {
    let sent = match mime(req).as_str() {
        "image/png" | "image/jpeg" => {
            let (body, too_large) = collect(payload.map_err(|_| broken()), MAX_FILE).await?;
            Sent { image: Some(body), too_large, ..Sent::default() }
        }
        "multipart/form-data" => multipart(req, payload).await?,
        _ => return Err(AppError::UnsupportedMedia),
    };
    if sent.too_large {
        return Err(AppError::TooLarge);
    }
    sent.image.ok_or_else(|| AppError::field("image", "required"))
}

async fn multipart(req: &HttpRequest, payload: web::Payload) -> AppResult<Sent> {
    let mut parts = Multipart::new(req.headers(), payload);
    let mut sent = Sent::default();
    let mut fields = 0;
    while let Some(field) = parts.try_next().await.map_err(|_| broken())? {
        fields += 1;
        if fields > 10 {
            return Err(AppError::TooLarge);
        }
        let name = field.name().unwrap_or_default().to_owned();
        let limit = if name == "image" { MAX_FILE } else { MAX_TEXT };
        let (body, too_large) = collect(field.map_err(|_| broken()), limit).await?;
        match name.as_str() {
            "image" => {
                sent.too_large = too_large;
                sent.image = Some(body).filter(|b| !b.is_empty());
            }
            _ if too_large => return Err(AppError::TooLarge),
            "_csrf" => sent.csrf = text(body)?,
            "text" => sent.text = text(body)?,
            _ => {}
        }
    }
    Ok(sent)
}

fn broken() -> AppError {
    AppError::BadRequest("body-malformed")
}

fn text(body: Vec<u8>) -> AppResult<String> {
    String::from_utf8(body).map_err(|_| AppError::BadRequest("body-not-utf8"))
}

/// Up to `limit` bytes, and whether there were more. What is too much is read and dropped, to a bound.
async fn collect<S>(stream: S, limit: usize) -> AppResult<(Vec<u8>, bool)>
where
    S: Stream<Item = Result<web::Bytes, AppError>>,
{
    let mut stream = std::pin::pin!(stream);
    let (mut body, mut seen) = (Vec::new(), 0_usize);
    while let Some(part) = stream.next().await {
        let part = part?;
        seen += part.len();
        if seen > limit.saturating_add(DRAIN) {
            return Err(AppError::TooLarge);
        }
        if seen <= limit {
            body.extend_from_slice(&part);
        }
    }
    Ok((body, seen > limit))
}
