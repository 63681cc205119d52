//! Forms with files (`multipart/form-data`), read part by part and bounded. Nothing of a file is read before it is known that
//! the form comes from a page of ours: the token stands in the form's first field, or in the header where a program sends it.
//! Who is signed in the guards have looked at before that.

use super::ctx::Ctx;
use super::form::{Form, NoBody};
use super::intake::{self, Admitted};
use crate::deps::Deps;
use crate::error::{AppError, AppResult};
use actix_multipart::{Field, Multipart};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, web};

/// Bytes of the name that a file is sent with; what is longer is cut.
const NAME: usize = 2000;
/// Bytes around the parts of a form: boundaries and headers.
const AROUND: usize = 16 << 10;
/// The field of the token.
const TOKEN: &str = "_csrf";

/// What a form may hold.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Names of the fields that hold files, one each.
    pub files: &'static [&'static str],
    /// Bytes of a file.
    pub file: usize,
    /// Bytes of another field.
    pub text: usize,
    /// Fields in all.
    pub fields: usize,
    /// How much of a file that is too large is still read, so that its sender sees the answer.
    pub drain: usize,
    /// Whether the form needs no token: nothing is changed by it.
    pub open: bool,
}

/// A file as it was sent.
pub struct SentFile {
    /// The form's field.
    pub field: &'static str,
    /// What its sender calls it; empty when nothing was said.
    pub name: String,
    /// Its bytes; none when there were too many.
    pub bytes: Vec<u8>,
    /// Whether it was larger than is taken.
    pub too_large: bool,
}

impl SentFile {
    /// What a field holds in which no file was chosen.
    #[must_use]
    pub fn nothing(field: &'static str) -> Self {
        Self { field, name: String::new(), bytes: Vec::new(), too_large: false }
    }
}

/// A form that was read.
#[derive(Default)]
pub struct Parts {
    /// Its fields that are no files.
    pub form: Form,
    /// Its files; a field in which none was chosen has none.
    pub files: Vec<SentFile>,
    /// The room that the files take, to go wherever their bytes go.
    pub held: Option<Box<dyn Send>>,
}

impl Parts {
    /// The file of a field.
    pub fn file(&mut self, field: &str) -> Option<SentFile> {
        let at = self.files.iter().position(|file| file.field == field)?;
        Some(self.files.swap_remove(at))
    }
}

/// Reads a form.
///
/// # Errors
/// [`AppError::UnsupportedMedia`] for another kind of body, [`AppError::Forbidden`] without the token,
/// [`AppError::TooLarge`] past the bounds (a file that is too large is no error here), those of [`intake::Intake::body`].
pub async fn read(
    req: &HttpRequest,
    deps: &Deps,
    ctx: &Ctx,
    payload: web::Payload,
    bounds: Bounds,
) -> AppResult<Parts> {
    if !is_form(req) {
        return Err(deps.intake.refuse(payload, AppError::UnsupportedMedia).await);
    }
    let most = bounds.file + bounds.fields * bounds.text.min(AROUND) + AROUND;
    if intake::said_length(req).is_some_and(|said| said > most + bounds.drain) {
        return Err(deps.intake.refuse(payload, AppError::TooLarge).await);
    }
    let known = bounds.open || ctx.bearer || NoBody::check(req).is_ok();
    let (admitted, payload) = deps.intake.body(req, ctx, payload, bounds.file).await?;
    let reader = Reading { ctx, bounds, admitted, known, pairs: Vec::new(), files: Vec::new() };
    reader.all(Multipart::new(req.headers(), payload)).await
}

fn is_form(req: &HttpRequest) -> bool {
    let kind = req.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("multipart/form-data"))
}

/// A form that is being read.
struct Reading<'a> {
    ctx: &'a Ctx,
    bounds: Bounds,
    admitted: Admitted,
    /// Whether the token has been seen, or none is needed.
    known: bool,
    pairs: Vec<(String, String)>,
    files: Vec<SentFile>,
}

impl Reading<'_> {
    async fn all(mut self, mut parts: Multipart) -> AppResult<Parts> {
        let mut fields = 0;
        while let Some(field) = self.admitted.next(&mut parts).await? {
            fields += 1;
            if fields > self.bounds.fields {
                return Err(AppError::TooLarge);
            }
            self.one(field).await?;
        }
        if !self.known {
            return Err(AppError::Forbidden("csrf"));
        }
        Ok(Parts { form: Form::from_pairs(self.pairs), files: self.files, held: self.admitted.into_held() })
    }

    async fn one(&mut self, field: Field) -> AppResult<()> {
        let name = field.name().unwrap_or_default().to_owned();
        if !self.known && name != TOKEN {
            return Err(AppError::Forbidden("csrf"));
        }
        match self.bounds.files.iter().find(|file| **file == name) {
            Some(file) => self.file(file, field).await,
            None => self.text(name, field).await,
        }
    }

    async fn file(&mut self, name: &'static str, field: Field) -> AppResult<()> {
        if self.files.iter().any(|file| file.field == name) {
            return Err(AppError::TooLarge);
        }
        let called = called(&field);
        let (bytes, too_large) = self.admitted.collect(field, self.bounds.file, self.bounds.drain).await?;
        // A field in which nothing was chosen is sent as a file of no name and no byte.
        if too_large || !bytes.is_empty() || !called.is_empty() {
            self.files.push(SentFile { field: name, name: called, bytes, too_large });
        }
        Ok(())
    }

    async fn text(&mut self, name: String, field: Field) -> AppResult<()> {
        let (body, too_large) = self.admitted.collect(field, self.bounds.text, self.bounds.drain).await?;
        if too_large {
            return Err(AppError::TooLarge);
        }
        let text = String::from_utf8(body).map_err(|_| AppError::BadRequest("body-not-utf8"))?;
        if text.contains('\0') || name.contains('\0') {
            return Err(AppError::BadRequest("body-malformed"));
        }
        if name == TOKEN && !self.known {
            self.ctx.check_csrf(&text)?;
            self.known = true;
        }
        self.pairs.push((name, text));
        Ok(())
    }
}

/// What the sender calls a file. Browsers write a quote in it as `%22` (HTML, "multipart/form-data encoding algorithm").
fn called(field: &Field) -> String {
    let name = field.content_disposition().and_then(|d| d.get_filename()).unwrap_or_default();
    let end = name.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= NAME).last();
    name.get(..end.unwrap_or(0)).unwrap_or_default().replace("%22", "\"")
}
