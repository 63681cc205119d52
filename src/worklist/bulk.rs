//! The same act on several rows: each is done by itself, in its own transaction, and has its own result.

use super::Worklist;
use super::asked::Asked;
use super::page::{Left, show};
use crate::decision::Sent;
use crate::deps::App;
use crate::error::{AppError, AppResult, FieldError};
use crate::number::normalise;
use crate::web::ctx::Ctx;
use crate::web::form::Form;
use crate::web::format;
use crate::web::guard::{Official, Roles};
use crate::web::i18n::{Lang, has, t};
use crate::web::principal::OfficialPrincipal;
use crate::web::view::FormView;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

/// What is to be done with one row.
#[derive(Debug, Clone)]
pub struct Act {
    /// What: the value of `do`.
    pub what: String,
    /// To whom it is given, as it was sent.
    pub colleague: String,
    /// The number of the case.
    pub number: String,
    /// The version that was seen.
    pub version: i64,
    /// By which a click that comes twice is known.
    pub sent: Sent,
}

/// What became of one row.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// How the word is marked.
    pub kind: &'static str,
    /// The word.
    pub label: String,
}

impl Outcome {
    /// It was done.
    pub fn done(label: String) -> Self {
        Self { kind: "ok", label }
    }

    /// It could not be done, as the refusal says.
    ///
    /// # Errors
    /// What is no refusal.
    pub fn refused(lang: Lang, error: AppError) -> AppResult<Self> {
        match error {
            AppError::Conflict(_) | AppError::Overtaken(_) | AppError::NotFound | AppError::NotYet(_) => {
                Ok(Self { kind: "bad", label: refusal(lang, &error) })
            }
            other => Err(other),
        }
    }
}

/// Why something was refused, in words.
pub fn refusal(lang: Lang, error: &AppError) -> String {
    let key = format!("problem-{}", error.code());
    if let AppError::NotYet(until) = error {
        return t(lang, &key, &[("until", format::until(lang, *until, true).into())]);
    }
    if has(&key) { t(lang, &key, &[]) } else { t(lang, "error-409-text", &[]) }
}

/// A list whose rows can be chosen.
pub trait Bulk: Worklist {
    /// Does the act with one row.
    fn act(
        deps: &App,
        ctx: &Ctx,
        who: &OfficialPrincipal,
        act: Act,
    ) -> impl Future<Output = AppResult<Outcome>>;
}

/// Rows that one form may have: a page of them.
const MOST: usize = 50;

/// The rows of a form: `<number>@<version>`.
fn chosen(form: &Form) -> Vec<(String, i64)> {
    let read = |sent: &str| {
        let (number, version) = sent.split_once('@')?;
        Some((normalise(number), version.parse().ok()?))
    };
    form.all("case").filter_map(read).collect()
}

/// What stays in the form beside the rows.
fn sent_on(form: &Form) -> FormView {
    FormView::new().with("colleague", form.get("colleague").to_owned())
}

/// A form of chosen rows: `do` is `all` (the page again, with every row chosen) or an act. The page shows what became of
/// each row; those that were refused, or for which something is to be put right in the form, stay chosen where they still
/// stand there.
///
/// # Errors
/// Database errors. A refusal is the result of its row.
pub async fn bulk<L, R>(
    req: &HttpRequest,
    deps: &App,
    who: &Official<R>,
    form: &Form,
) -> AppResult<HttpResponse>
where
    L: Bulk,
    R: Roles,
{
    let ctx = Ctx::of(req)?;
    let asked = Asked::read(&L::SPEC, who, form);
    if form.get("do") == "all" {
        return show::<L>(deps, &ctx, who, asked, Left { all: true, ..Left::default() }).await;
    }
    let (rows, mut left) = (chosen(form), Left { form: sent_on(form), ..Left::default() });
    if rows.is_empty() {
        left.errors.push(FieldError::new("case", "none-chosen"));
    }
    if rows.len() > MOST {
        left.errors.push(FieldError::new("case", "items-too-many").with("max", MOST));
        return show::<L>(deps, &ctx, who, asked, left).await;
    }
    for row in rows {
        one::<L>(deps, &ctx, who, (row, form), &mut left).await?;
    }
    show::<L>(deps, &ctx, who, asked, left).await
}

/// Does the act with one row, and keeps what became of it for the page.
async fn one<L: Bulk>(
    deps: &App,
    ctx: &Ctx,
    who: &OfficialPrincipal,
    ((number, version), form): ((String, i64), &Form),
    left: &mut Left,
) -> AppResult<()> {
    let (what, colleague) = (form.get("do").to_owned(), form.get("colleague").to_owned());
    let sent = Sent::one_of(form, &format!("{what} {colleague} {number}@{version}"));
    let act = Act { what, colleague, number: number.clone(), version, sent };
    let outcome = match L::act(deps, ctx, who, act).await {
        Err(AppError::Invalid(errors)) => {
            left.errors = errors;
            left.chosen.push(number);
            return Ok(());
        }
        done => done?,
    };
    let href = format!("{}/{number}", L::SPEC.paths.page);
    left.results.push(json!({"number": number, "href": href, "kind": outcome.kind, "label": outcome.label}));
    if outcome.kind == "bad" {
        left.chosen.push(number);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::paging::PAGE_ROWS;

    #[test]
    fn rows_are_read_with_their_versions() {
        let form = |text: &str| Form::parse(text.as_bytes()).unwrap();
        let rows = chosen(&form("case=ss200312-7k3m9qx2%403&case=x&case=y%40z&case=AB%401&do=check"));
        assert_eq!(rows, [("SS200312-7K3M9QX2".to_owned(), 3), ("AB".to_owned(), 1)]);
        let many: Vec<String> = (0..80).map(|n| format!("case=A{n}%401")).collect();
        assert_eq!(chosen(&form(&many.join("&"))).len(), 80, "none is left out in silence");
        assert_eq!(MOST, usize::try_from(PAGE_ROWS).unwrap());
    }

    #[test]
    fn a_refusal_is_a_result_and_a_fault_is_not() {
        let refused = Outcome::refused(Lang::En, AppError::conflict("changed-meanwhile")).unwrap();
        assert_eq!(refused.kind, "bad");
        assert!(!refused.label.is_empty());
        assert!(Outcome::refused(Lang::En, AppError::internal("x")).is_err());
    }
}
