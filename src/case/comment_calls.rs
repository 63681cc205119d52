//! How comments come in and go out, the same for every kind of case; a slice only says how it finds one.

use super::comment::{
    CommentInput, Commented, CommentsBody, NewComment, comment, comments_copied, comments_for_official,
};
use crate::db::{Conn, Id, Tx};
use crate::decision::Sent;
use crate::deps::{App, Deps};
use crate::error::AppResult;
use crate::number::normalise;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::page::{answer, fail, see_other_with};
use crate::web::principal::OfficialPrincipal;
use crate::web::view::FormView;
use actix_web::{HttpRequest, HttpResponse};

/// Finds the case with a number for an official, in the official's jurisdiction.
pub type Find = fn(&mut Tx<'_>, &Deps, &OfficialPrincipal, &str) -> AppResult<Commented>;

/// The comments of a kind of case.
pub struct Comments {
    /// Where its cases are at the desk, such as `/desk/appeals`.
    pub desk: &'static str,
    /// How an official's case is found.
    pub find: Find,
}

impl Comments {
    /// Takes the form at a case's page and leads back there; `again` shows the page with what is to be put right in the form.
    ///
    /// # Errors
    /// Those of `find`, of [`comment`] and of `again`.
    pub async fn sent(
        &self,
        deps: &App,
        ctx: &Ctx,
        by: &OfficialPrincipal,
        number: &str,
        form: &Form,
        again: impl AsyncFnOnce(FormView) -> AppResult<HttpResponse>,
    ) -> AppResult<HttpResponse> {
        let new = match NewComment::read(form) {
            Ok(new) => new,
            Err(errors) => {
                let mut view = form.view();
                fail(&mut view, ctx.lang, &errors);
                return again(view).await;
            }
        };
        self.written(deps, ctx, by, number, (new, &Sent::form(number, form)?)).await?;
        Ok(see_other_with(deps, &format!("{}/{number}", self.desk), "comment-kept"))
    }

    /// Takes a program's call; once by `Idempotency-Key`.
    ///
    /// # Errors
    /// Those of `find` and of [`comment`]; [`crate::error::AppError::Invalid`] with what is to be put right.
    pub async fn called(
        &self,
        (req, deps): (&HttpRequest, &App),
        by: &OfficialPrincipal,
        number: &str,
        input: &CommentInput,
    ) -> AppResult<HttpResponse> {
        let number = normalise(number);
        let sent = Sent::call(req, &(&number, input))?;
        self.written(deps, &Ctx::of(req)?, by, &number, (input.read()?, &sent)).await?;
        Ok(HttpResponse::NoContent().finish())
    }

    /// The comments for an official's program, the newest first; the look is in the record.
    ///
    /// # Errors
    /// Those of `find`; a sealed value that cannot be opened.
    pub async fn listed(
        &self,
        (req, deps): (&HttpRequest, &App),
        by: &OfficialPrincipal,
        number: &str,
    ) -> AppResult<HttpResponse> {
        let now = Ctx::of(req)?.now;
        let (parts, who, number, find) = (deps.clone(), by.clone(), normalise(number), self.find);
        let listed = deps.store.write(move |tx| {
            let case = find(tx, &parts, &who, &number)?;
            comments_for_official(tx, &parts.keys, &case, &who, now)
        });
        Ok(answer(&listed.await?))
    }

    async fn written(
        &self,
        deps: &App,
        ctx: &Ctx,
        by: &OfficialPrincipal,
        number: &str,
        new: (NewComment, &Sent),
    ) -> AppResult<()> {
        let (parts, who, number, find) = (deps.clone(), by.clone(), number.to_owned(), self.find);
        comment(deps, ctx, by, new, move |tx| find(tx, &parts, &who, &number)).await
    }
}

/// What officials have written to the person about a case of theirs, the newest first; `own` gives its identifier and number.
///
/// # Errors
/// Those of `own`; a sealed value that cannot be opened.
pub async fn comments_of_own(
    deps: &App,
    own: impl FnOnce(&mut Conn) -> AppResult<(Id, String)> + Send + 'static,
) -> AppResult<HttpResponse> {
    let keys = deps.keys.clone();
    let listed = deps.store.read(move |conn| {
        let (case, number) = own(conn)?;
        Ok(CommentsBody { number, comments: comments_copied(conn, &keys, case)? })
    });
    Ok(answer(&listed.await?))
}
