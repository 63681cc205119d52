//! What a verifier sends: a form with or without a picture, or a bare picture. Read by parts and bounded.

use super::image::MAX_FILE;
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::web::ctx::Ctx;
use crate::web::form::{Form, MAX_BODY};
use crate::web::intake;
use crate::web::limits::PICTURE;
use crate::web::parts::{self, Bounds};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, web};

/// A text field of the form.
const MAX_TEXT: usize = 64 * 1024;
/// How much of a body that is too large is still read, so that the answer can be received.
const DRAIN: usize = 3 * MAX_FILE;

/// The bytes of a file, and the room that they take.
pub(super) struct Picture {
    pub bytes: Vec<u8>,
    pub held: Option<Box<dyn Send>>,
}

/// What was sent.
#[derive(Default)]
pub(super) struct Sent {
    pub csrf: String,
    pub text: String,
    /// The file, if one was chosen.
    pub image: Option<Picture>,
    /// Whether the file was larger than we take.
    pub too_large: bool,
}

fn mime(req: &HttpRequest) -> String {
    let header = req.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The form of the verification page, as `multipart/form-data` or URL-encoded.
pub(super) async fn form(
    req: &HttpRequest,
    deps: &Deps,
    ctx: &Ctx,
    payload: web::Payload,
) -> AppResult<Sent> {
    match mime(req).as_str() {
        "application/x-www-form-urlencoded" => {
            let mut admitted = deps.intake.form(ctx.client);
            let (body, too_large) = admitted.collect(payload, MAX_BODY, DRAIN).await?;
            admitted.keep(req);
            if too_large {
                return Err(AppError::TooLarge);
            }
            let form = Form::parse(&body)?;
            Ok(Sent { csrf: form.get("_csrf").into(), text: form.get("text").into(), ..Sent::default() })
        }
        "multipart/form-data" => {
            // A small body may be a text, which must not wait for those who send pictures.
            let small = intake::said_length(req).is_some_and(|length| length <= intake::SMALL);
            let payload = if small { payload } else { paced(deps, ctx, payload).await? };
            let sent = multipart(req, deps, ctx, payload, false).await?;
            if small && sent.image.is_some() {
                deps.limiter.take("picture", ctx.client, PICTURE, ctx.now).await?;
            }
            Ok(sent)
        }
        _ => Err(deps.intake.refuse(payload, AppError::UnsupportedMedia).await),
    }
}

/// A picture: the body itself, or the field `image` of a form.
pub(super) async fn picture(
    req: &HttpRequest,
    deps: &Deps,
    ctx: &Ctx,
    payload: web::Payload,
) -> AppResult<Picture> {
    let payload = paced(deps, ctx, payload).await?;
    let sent = match mime(req).as_str() {
        "image/png" | "image/jpeg" => {
            let (mut admitted, payload) = deps.intake.body(req, ctx, payload, MAX_FILE).await?;
            let (bytes, too_large) = admitted.collect(payload, MAX_FILE, DRAIN).await?;
            let image = Some(Picture { bytes, held: admitted.into_held() });
            Sent { image, too_large, ..Sent::default() }
        }
        "multipart/form-data" => multipart(req, deps, ctx, payload, true).await?,
        _ => return Err(deps.intake.refuse(payload, AppError::UnsupportedMedia).await),
    };
    if sent.too_large {
        return Err(AppError::TooLarge);
    }
    sent.image.ok_or_else(|| AppError::field("image", "required"))
}

/// The body, unless its sender has sent too many pictures lately.
async fn paced(deps: &Deps, ctx: &Ctx, payload: web::Payload) -> AppResult<web::Payload> {
    match deps.limiter.take("picture", ctx.client, PICTURE, ctx.now).await {
        Ok(()) => Ok(payload),
        Err(e) => Err(deps.intake.refuse(payload, e).await),
    }
}

/// A form with a picture. What the page sends has its token first, before anything is read of the picture; what a program
/// sends changes nothing and needs none.
async fn multipart(
    req: &HttpRequest,
    deps: &Deps,
    ctx: &Ctx,
    payload: web::Payload,
    open: bool,
) -> AppResult<Sent> {
    let bounds = Bounds { files: &["image"], file: MAX_FILE, text: MAX_TEXT, fields: 10, drain: DRAIN, open };
    let mut parts = parts::read(req, deps, ctx, payload, bounds).await?;
    let image = parts.file("image");
    let too_large = image.as_ref().is_some_and(|image| image.too_large);
    let bytes = image.map(|image| image.bytes).filter(|bytes| !bytes.is_empty());
    Ok(Sent {
        csrf: parts.form.get("_csrf").into(),
        text: parts.form.get("text").into(),
        image: bytes.map(|bytes| Picture { bytes, held: parts.held }),
        too_large,
    })
}
