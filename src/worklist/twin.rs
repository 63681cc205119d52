//! The page of a list for a program that asks for JSON at its address: what its call answers, by the same reading.

use super::Worklist;
use super::api::Listing;
use super::asked::Asked;
use super::look::look;
use crate::deps::App;
use crate::error::AppResult;
use crate::web::ctx::Ctx;
use crate::web::principal::OfficialPrincipal;
use crate::web::respond::told;
use actix_web::HttpResponse;
use std::borrow::Cow;
use std::marker::PhantomData;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

/// What the page of a list is as JSON: [`Listing`] of its rows, under a name of its own.
pub(super) struct Twin<L>(PhantomData<fn() -> L>);

impl<L: Worklist> PartialSchema for Twin<L> {
    fn schema() -> RefOr<Schema> {
        Listing::<L::Body>::schema()
    }
}

impl<L: Worklist> ToSchema for Twin<L> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("ListPage_{}", L::Body::name()))
    }

    fn schemas(all: &mut Vec<(String, RefOr<Schema>)>) {
        // A generic list names the shape of its rows and does not bring it along.
        all.push((L::Body::name().into_owned(), L::Body::schema()));
        L::Body::schemas(all);
        Listing::<L::Body>::schemas(all);
    }
}

/// Answers a page of the list as JSON.
pub(super) async fn twin<L: Worklist>(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    asked: Asked,
) -> AppResult<HttpResponse> {
    let listed = look::<L>(deps, who, asked, ctx.now).await?;
    Ok(told(deps, ctx, &Listing::of(deps, who, listed, ctx.now)?))
}
