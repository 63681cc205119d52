//! What a verifier sends: a form with or without a picture, or a bare picture. Read by parts and bounded.

use super::image::MAX_FILE;
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use crate::web::ctx::Ctx;
use crate::web::form::{Form, MAX_BODY};
use crate::web::intake;
use crate::web::limits::PICTURE;
use actix_multipart::Multipart;
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
            let sent = multipart(req, deps, ctx, payload).await?;
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
        "multipart/form-data" => multipart(req, deps, ctx, payload).await?,
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

async fn multipart(req: &HttpRequest, deps: &Deps, ctx: &Ctx, payload: web::Payload) -> AppResult<Sent> {
    let (mut admitted, payload) = deps.intake.body(req, ctx, payload, MAX_FILE).await?;
    let mut parts = Multipart::new(req.headers(), payload);
    let (mut sent, mut image) = (Sent::default(), None);
    let mut fields = 0;
    while let Some(field) = admitted.next(&mut parts).await? {
        fields += 1;
        if fields > 10 {
            return Err(AppError::TooLarge);
        }
        let name = field.name().unwrap_or_default().to_owned();
        let limit = if name == "image" { MAX_FILE } else { MAX_TEXT };
        if name == "image" && image.take().is_some() {
            return Err(AppError::TooLarge);
        }
        let (body, too_large) = admitted.collect(field, limit, DRAIN).await?;
        match name.as_str() {
            "image" => {
                sent.too_large |= too_large;
                image = Some(body).filter(|b| !b.is_empty());
            }
            _ if too_large => return Err(AppError::TooLarge),
            "_csrf" => sent.csrf = text(body)?,
            "text" => sent.text = text(body)?,
            _ => {}
        }
    }
    sent.image = image.map(|bytes| Picture { bytes, held: admitted.into_held() });
    Ok(sent)
}

fn text(body: Vec<u8>) -> AppResult<String> {
    String::from_utf8(body).map_err(|_| AppError::BadRequest("body-not-utf8"))
}
