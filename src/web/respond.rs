//! One view for a page and for a program: the same address answers as `text/html` or as `application/json`, as the client
//! prefers, so that every page that answers by this has its call.
//!
//! A view is a struct with all that the page shows, and nothing that it does not show. Its shape goes into the description
//! of all calls by the type of the handler, which is `AppResult<Answer<View>>`.

use super::ctx::Ctx;
use super::described::{Answers, Shapes};
use super::page::page_with;
use crate::deps::Deps;
use crate::error::AppResult;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, HeaderName, VARY};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Responder};
use serde::Serialize;
use std::borrow::{Borrow, BorrowMut};
use std::marker::PhantomData;
use utoipa::ToSchema;

/// The header in which a program without a bearer token gets what it has to send with a form (`_csrf`).
const TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");

/// An answer of a handler that shows `V`, or leads elsewhere.
pub struct Answer<V> {
    response: HttpResponse,
    shown: PhantomData<fn() -> V>,
}

impl<V> Answer<V> {
    /// The answer itself.
    #[must_use]
    pub fn into_inner(self) -> HttpResponse {
        self.response
    }
}

impl<V> From<HttpResponse> for Answer<V> {
    /// An answer that shows no view: it leads on, or it is another page.
    fn from(response: HttpResponse) -> Self {
        Self { response, shown: PhantomData }
    }
}

impl<V> Borrow<HttpResponse> for Answer<V> {
    fn borrow(&self) -> &HttpResponse {
        &self.response
    }
}

impl<V> BorrowMut<HttpResponse> for Answer<V> {
    fn borrow_mut(&mut self) -> &mut HttpResponse {
        &mut self.response
    }
}

impl<V> Responder for Answer<V> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.response
    }
}

impl<V: ToSchema + 'static> Answers for Answer<V> {
    fn shapes() -> Option<Shapes> {
        Some(|| {
            let mut all = vec![(V::name().into_owned(), V::schema())];
            V::schemas(&mut all);
            all
        })
    }
}

/// Shows a view.
///
/// # Errors
/// [`crate::error::AppError::Internal`] when the template fails.
pub fn respond<V: Serialize + ToSchema>(
    deps: &Deps,
    ctx: &Ctx,
    template: &str,
    view: &V,
) -> AppResult<Answer<V>> {
    respond_with(deps, ctx, StatusCode::OK, template, view)
}

/// Shows a view with a status, such as 422 for a form that has to be put right: for a program that is a problem with the
/// fields in it, as everywhere ([`page_with`]).
///
/// # Errors
/// [`crate::error::AppError::Internal`] when the template fails.
pub fn respond_with<V: Serialize + ToSchema>(
    deps: &Deps,
    ctx: &Ctx,
    status: StatusCode,
    template: &str,
    view: &V,
) -> AppResult<Answer<V>> {
    let mut response = if ctx.wants_json && status.is_success() {
        told(deps, ctx, view)
    } else {
        page_with(deps, ctx, status, template, view)?
    };
    response.headers_mut().insert(VARY, ACCEPT.into());
    Ok(response.into())
}

/// A view as JSON, for whoever has asked for that at the address of a page.
pub(crate) fn told<V: Serialize>(deps: &Deps, ctx: &Ctx, view: &V) -> HttpResponse {
    begun(deps, ctx).json(view)
}

/// The answer to a program, without its body.
fn begun(deps: &Deps, ctx: &Ctx) -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer.insert_header(("Cache-Control", "no-store"));
    if !ctx.bearer {
        answer.insert_header((TOKEN, ctx.csrf()));
        if let Some(value) = &ctx.new_visitor {
            answer.cookie(deps.cookies.cookie(&deps.cookies.visitor, value.clone(), None));
        }
    }
    answer
}

/// Whether JSON is named and liked better than a page (RFC 9110, 12.5.1). What is not named is no wish: a browser, and a
/// client that takes anything, gets the page.
pub(super) fn prefers_json(accept: &str) -> bool {
    let liked = |kind: &str| {
        let named = accept.split(',').filter_map(|part| {
            let mut words = part.split(';').map(str::trim);
            words.next().filter(|name| name.eq_ignore_ascii_case(kind))?;
            let weight = words.find_map(|word| word.strip_prefix("q=").or_else(|| word.strip_prefix("Q=")));
            Some(weight.map_or(1.0, |q| q.parse::<f32>().unwrap_or(0.0)))
        });
        named.fold(0.0, f32::max)
    };
    liked("application/json") > liked("text/html")
}

#[cfg(test)]
mod tests {
    use super::prefers_json;

    #[test]
    fn json_goes_to_whoever_likes_it_better_than_a_page() {
        for accept in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "text/html;q=0.5, application/json",
            "application/json;q=0.2, */*;q=0.1",
            "application/json, text/html; q=0.9",
        ] {
            assert!(prefers_json(accept), "{accept}");
        }
        for accept in [
            "",
            "*/*",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/html, application/json",
            "application/json;q=0",
            "application/json;q=x",
            "application/*",
            "text/html, application/json;q=0.9",
            "application/problem+json",
        ] {
            assert!(!prefers_json(accept), "{accept}");
        }
    }
}
