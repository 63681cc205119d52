//! Pages: Tera templates compiled once, with the context that every page shares.
//!
//! A page is `templates/<slice>/<page>.html`, extends one of the layouts and is rendered with a [`PageContext`]
//! (who looks, in which language, for which province) and the slice's own data. Nothing is built per call but the
//! context. Templates ending in `.html` escape every value; `.txt` (mail and SMS) escape nothing.
//! `docs/pages.md` lists the layouts, components, filters and names.

mod assets;
mod form;
mod functions;
mod icons;
mod model;
mod page;

pub use assets::{Asset, asset, asset_url};
pub use form::{DateError, FieldError, FormView};
pub use model::{Choice, ClockView, ErrorPage, Link, Pager, Remedy, Resend};
pub use page::{ActingView, Flash, NavItem, PageContext, PrincipalView, Province};

use rust_embed::RustEmbed;
use serde::Serialize;
use std::sync::{Arc, OnceLock};
use tera::{Context, Tera};

use super::i18n::{self, CatalogueError, Lang};

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Files;

/// Why a page could not be rendered. The message names the template only; the cause, which may quote a template's
/// source but no data, is in `source()`.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// The texts could not be read.
    #[error("the catalogues of texts cannot be read")]
    Catalogue(#[from] CatalogueError),
    /// A template does not compile.
    #[error("the templates do not compile")]
    Templates(#[source] tera::Error),
    /// A template failed with the data it was given.
    #[error("the template {template} could not be rendered")]
    Render {
        /// Path below `templates/`.
        template: String,
        /// What Tera says.
        #[source]
        cause: tera::Error,
    },
}

/// All templates, compiled. Cheap to share behind an `Arc`; rendering takes `&self`.
pub struct Views {
    tera: Tera,
}

impl Views {
    /// The embedded templates, compiled once for all portals of the process, after the catalogues of texts were checked.
    ///
    /// # Errors
    /// [`ViewError`] if either is broken, which only a broken build can cause.
    pub fn embedded() -> Result<Arc<Self>, ViewError> {
        static COMPILED: OnceLock<Arc<Views>> = OnceLock::new();
        if let Some(views) = COMPILED.get() {
            return Ok(views.clone());
        }
        let views = Arc::new(Self::compile()?);
        Ok(COMPILED.get_or_init(|| views).clone())
    }

    fn compile() -> Result<Self, ViewError> {
        let embedded: Vec<(String, String)> = Files::iter()
            .filter_map(|path| {
                let text = Files::get(&path)?.data.into_owned();
                Some((path.to_string(), String::from_utf8(text).ok()?))
            })
            .collect();
        Views::from_templates(embedded)
    }

    /// Compiles the given templates (name, text) with the house's functions and filters.
    fn from_templates(templates: Vec<(String, String)>) -> Result<Self, ViewError> {
        i18n::check()?;
        let mut tera = Tera::default();
        tera.autoescape_on([".html"]);
        functions::register(&mut tera);
        tera.add_raw_templates(templates).map_err(ViewError::Templates)?;
        Ok(Views { tera })
    }

    /// The embedded templates and further ones, for pages that only tests have.
    #[cfg(test)]
    pub(crate) fn with(more: &[(&str, &str)]) -> Self {
        let text = |path: &str| String::from_utf8(Files::get(path).unwrap().data.into_owned()).unwrap();
        let mut templates: Vec<(String, String)> =
            Files::iter().map(|path| (path.to_string(), text(&path))).collect();
        templates.extend(more.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
        Self::from_templates(templates).unwrap()
    }

    /// Renders a page. The keys of `data` (a struct or map) are the template's variables; `page`, `lang` and `now`
    /// are added and cannot be overridden.
    ///
    /// # Errors
    /// [`ViewError::Render`] if the template is unknown, a variable it prints is missing, or `data` is no map.
    pub fn render<D: Serialize + ?Sized>(
        &self,
        template: &str,
        page: &PageContext,
        data: &D,
    ) -> Result<String, ViewError> {
        let mut context = Context::from_serialize(data).map_err(|e| failed(template, e))?;
        context.insert("lang", page.lang.tag());
        context.insert("now", &page.now);
        context.insert("page", page);
        self.rendered(template, &context)
    }

    fn rendered(&self, template: &str, context: &Context) -> Result<String, ViewError> {
        let text = self.tera.render(template, context).map_err(|e| failed(template, e))?;
        Ok(if template.ends_with(".html") { whole_masks(text) } else { text })
    }

    /// Renders a template that is not a page: a message, or a part of a page for a script.
    ///
    /// # Errors
    /// As [`Views::render`].
    pub fn render_bare<D: Serialize + ?Sized>(
        &self,
        template: &str,
        lang: Lang,
        data: &D,
    ) -> Result<String, ViewError> {
        let mut context = Context::from_serialize(data).map_err(|e| failed(template, e))?;
        context.insert("lang", lang.tag());
        self.rendered(template, &context)
    }

    /// Whether a template exists, by its path below `templates/`.
    #[must_use]
    pub fn has(&self, template: &str) -> bool {
        self.tera.contains_template(template)
    }
}

/// Masked telephone and document numbers (`136 **** 8841`) are never broken over two lines: on a page their spaces are
/// no-break spaces. In an SMS such a space would cost an English text its 7-bit alphabet.
fn whole_masks(html: String) -> String {
    if !html.contains("****") {
        return html;
    }
    html.replace(" ****", "\u{a0}****").replace("**** ", "****\u{a0}")
}

fn failed(template: &str, cause: tera::Error) -> ViewError {
    ViewError::Render { template: template.to_owned(), cause }
}

#[cfg(test)]
mod gallery;
#[cfg(test)]
mod tests;
