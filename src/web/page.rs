//! Answers: a page with the context every page shares, a redirect with a message, JSON.

use super::ctx::Ctx;
use super::i18n::{self, Lang};
use super::principal::Principal;
use super::problem;
use super::view::{ActingView, Flash, FormView, NavItem, PageContext, PrincipalView, Province, ViewError};
use crate::access::{Role, is_of_province};
use crate::crypto::FieldContext;
use crate::db::Id;
use crate::deps::Deps;
use crate::error::{AppError, AppResult, FieldError};
use crate::identity::{DivisionCode, PersonName, divisions};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, RETRY_AFTER};
use serde::Serialize;
use std::borrow::BorrowMut;

/// JSON for a program, which no cache keeps.
pub fn answer<T: Serialize + ?Sized>(body: &T) -> HttpResponse {
    answer_with(StatusCode::OK, body)
}

/// The same with a status, such as 201.
pub fn answer_with<T: Serialize + ?Sized>(status: StatusCode, body: &T) -> HttpResponse {
    HttpResponse::build(status).insert_header(("Cache-Control", "no-store")).json(body)
}

/// Renders a page.
///
/// # Errors
/// [`AppError::Internal`] when the template fails.
pub fn page<D: Serialize + ?Sized>(
    deps: &Deps,
    ctx: &Ctx,
    template: &str,
    data: &D,
) -> AppResult<HttpResponse> {
    page_with(deps, ctx, StatusCode::OK, template, data)
}

/// Renders a page with a status, such as 422 for a form that has to be put right; a program that wants JSON is told what
/// is wrong with it as everywhere else.
///
/// # Errors
/// [`AppError::Internal`] when the template fails.
pub fn page_with<D: Serialize + ?Sized>(
    deps: &Deps,
    ctx: &Ctx,
    status: StatusCode,
    template: &str,
    data: &D,
) -> AppResult<HttpResponse> {
    if ctx.wants_json && !status.is_success() {
        return Ok(problem::of_page(ctx, status, &serde_json::to_vec(data).unwrap_or_default()));
    }
    rendered(deps, ctx, status, deps.views.render(template, &context(deps, ctx), data))
}

/// A page that was rendered, with what its answer says besides.
fn rendered(
    deps: &Deps,
    ctx: &Ctx,
    status: StatusCode,
    html: Result<String, ViewError>,
) -> AppResult<HttpResponse> {
    let html = html.map_err(|e| {
        use std::error::Error;
        let cause = e.source().map(chain).unwrap_or_default();
        AppError::Internal(format!("{e}: {cause}"))
    })?;
    let mut response = HttpResponse::build(status);
    response.content_type("text/html; charset=utf-8").insert_header(("Cache-Control", "no-store"));
    let names = &deps.cookies;
    if ctx.flash.is_some() {
        response.cookie(names.removal(&names.flash));
    }
    if let Some(value) = &ctx.new_visitor {
        response.cookie(names.cookie(&names.visitor, value.clone(), None));
    }
    Ok(response.body(html))
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

/// The context that every page shares.
pub fn context(deps: &Deps, ctx: &Ctx) -> PageContext {
    PageContext {
        lang: ctx.lang,
        elder: ctx.elder,
        csrf: ctx.csrf(),
        once: uuid::Uuid::new_v4().to_string(),
        nonce: ctx.nonce().to_owned(),
        path: ctx.page_path.clone(),
        province: province(deps, ctx.lang),
        principal: principal(deps, ctx),
        flash: flash(ctx),
        now: ctx.now,
        refreshes: ctx
            .path
            .split_once('?')
            .is_some_and(|(_, query)| query.split('&').any(|one| one == "live=1")),
    }
}

/// The context of a page for somebody who has not signed in.
pub fn visitor(deps: &Deps, lang: Lang, path: &str) -> PageContext {
    PageContext::visitor(lang, province(deps, lang), path, deps.clock.now())
}

/// The province as messages and pages name it.
pub fn province(deps: &Deps, lang: Lang) -> Province {
    let english = lang == Lang::En;
    let code = deps.config.province.clone();
    let found = DivisionCode::parse(&code).ok().and_then(|c| divisions().get(c));
    let name = match (found, english) {
        (Some(d), false) => d.name.to_string(),
        (Some(d), true) => d.name_en.to_string(),
        (None, _) => code.clone(),
    };
    let short = ["省", "市", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", " Province"]
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .unwrap_or(&name)
        .to_owned();
    let organiser = i18n::t(lang, "province-organiser", &[("province", name.clone().into())]);
    Province { code, name, short, hotline: "12345".into(), organiser }
}

fn principal(deps: &Deps, ctx: &Ctx) -> PrincipalView {
    match &ctx.principal {
        Principal::Anonymous | Principal::Program(_) => PrincipalView::Visitor,
        Principal::Resident(r) => {
            let own = r.person_id.zip(r.name_sealed.as_ref());
            let name = own.and_then(|(id, sealed)| masked(deps, id, sealed));
            let acting = r.acting_for.as_ref().map(|acting| ActingView {
                name: masked(deps, acting.person, &acting.name_sealed).unwrap_or_default(),
                over: acting.is_over(ctx.now),
                until: acting.until,
            });
            PrincipalView::Resident { name: name.unwrap_or_else(|| i18n::t(ctx.lang, "who-me", &[])), acting }
        }
        Principal::Official(o) => PrincipalView::Official {
            name: o.name.clone(),
            office: o.office_name(ctx.english()).to_owned(),
            role: i18n::t(ctx.lang, &format!("role-{}", o.role), &[]),
            identified: o.doc_sealed.is_some(),
            waits_until: o.waits_until(ctx.now),
            nav: deps.part::<Nav>().map_or_else(|_| Vec::new(), |nav| nav.items(ctx, o.role, &o.division)),
        },
    }
}

/// A person's name, masked.
fn masked(deps: &Deps, person: Id, sealed: &[u8]) -> Option<String> {
    let context = FieldContext { table: "persons", column: "name_sealed", row: person.0 };
    let name = deps.keys.open_str(&context, sealed).ok()?;
    Some(PersonName::parse(&name).ok()?.masked())
}

/// An entry of an official's header.
#[derive(Debug, Clone, Copy)]
pub struct NavEntry {
    /// The lower the further to the front.
    pub place: u8,
    /// The page.
    pub href: &'static str,
    /// The catalogue key of its name.
    pub label: &'static str,
    /// Who has it.
    pub roles: &'static [Role],
    /// Whether only those have it who work for the province as a whole.
    pub province: bool,
}

impl NavEntry {
    /// Only for those who work for the province as a whole.
    #[must_use]
    pub const fn of_province(self) -> Self {
        Self { province: true, ..self }
    }
}

/// What officials find in their header.
#[derive(Debug, Default)]
pub struct Nav(Vec<NavEntry>);

impl Nav {
    /// Of these entries.
    pub fn of(entries: impl Iterator<Item = NavEntry>) -> Self {
        let mut all: Vec<NavEntry> = entries.collect();
        all.sort_by_key(|entry| entry.place);
        Self(all)
    }

    fn of_role(&self, role: Role) -> impl Iterator<Item = &NavEntry> {
        self.0.iter().filter(move |entry| entry.roles.contains(&role))
    }

    fn first(&self, role: Role) -> &'static str {
        self.of_role(role).next().map_or(NO_DESK, |entry| entry.href)
    }

    fn items(&self, ctx: &Ctx, role: Role, division: &str) -> Vec<NavItem> {
        let here = |e: &&NavEntry| !e.province || is_of_province(division);
        let entries: Vec<&NavEntry> = self.of_role(role).filter(here).collect();
        let path = ctx.path.split('?').next().unwrap_or_default();
        // Of two entries that fit, the longer is meant: `/desk/records/new` is not `/desk/records`.
        let is_longer =
            |other: &&NavEntry, href: &str| other.href.len() > href.len() && path.starts_with(other.href);
        let item = |entry: &&NavEntry| NavItem {
            href: entry.href.to_owned(),
            label: i18n::t(ctx.lang, entry.label, &[]),
            current: path.starts_with(entry.href)
                && !entries.iter().any(|other| is_longer(other, entry.href)),
        };
        entries.iter().map(item).collect()
    }
}

/// Where an official of a role starts: at the first entry of the header.
pub fn desk_of(deps: &Deps, role: Role) -> &'static str {
    deps.part::<Nav>().map_or(NO_DESK, |nav| nav.first(role))
}

/// Where somebody starts who has no entry in the header.
const NO_DESK: &str = "/desk";

fn flash(ctx: &Ctx) -> Option<Flash> {
    let code = ctx.flash.as_deref()?;
    let key = format!("flash-{code}");
    i18n::has(&key).then(|| Flash { kind: "ok", text: i18n::t(ctx.lang, &key, &[]) })
}

/// Leads on after a form: 303, so that reloading sends nothing again.
pub fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, to))
        .insert_header(("Cache-Control", "no-store"))
        .finish()
}

/// Leads on and shows the text `flash-<code>` there once.
pub fn see_other_with(deps: &Deps, to: &str, code: &str) -> HttpResponse {
    let names = &deps.cookies;
    let mut response = see_other(to);
    // A cookie of ours always has a valid name and value; without it only the message is missing.
    let _ = response.add_cookie(&names.cookie(&names.flash, code, Some(60)));
    response
}

/// Says in an answer after how many seconds it makes sense to come back, where that is known.
///
/// # Errors
/// That of the answer.
pub fn later<A: BorrowMut<HttpResponse>>(answer: AppResult<A>, seconds: Option<u64>) -> AppResult<A> {
    let mut answer = answer?;
    if let Some(seconds) = seconds {
        answer.borrow_mut().headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    Ok(answer)
}

/// A path of this site to go on to, or the given one: never another site.
pub fn local_path<'a>(wanted: &'a str, otherwise: &'a str) -> &'a str {
    let local = wanted.starts_with('/')
        && !wanted.starts_with("//")
        && !wanted.contains('\\')
        && wanted.chars().all(|c| !c.is_control());
    if local { wanted } else { otherwise }
}

/// Codes of answers that were left out.
const MISSING: [&str; 3] = ["required", "choose-one", "tick-or-none"];

/// Fields that are chosen from a list, where "required" is the code of an answer that was left out.
const CHOSEN: [&str; 7] = ["division", "level", "doc_kind", "result", "province", "kinds", "direction"];

/// The text of a field error; of an answer that is missing, or holds what cannot be seen, it names the field.
pub fn field_text(lang: Lang, error: &FieldError) -> String {
    // The field's own words for it, where the catalogue has them: "choose an industry" rather than "please choose".
    let own = format!("field-{}-{}", error.field.replace('_', "-"), error.code);
    let name = format!("name-of-{}", error.field.replace('_', "-"));
    let chosen = error.code != "required" || CHOSEN.contains(&error.field.as_str());
    let named = match error.code.as_str() {
        "text-unseen" => Some("field-text-unseen-named"),
        "text-too-long" => Some("field-text-too-long-named"),
        "items-too-many" => Some("field-items-too-many-named"),
        code if !MISSING.contains(&code) => None,
        _ if chosen => Some("field-choose-named"),
        _ => Some("field-required-named"),
    };
    if let Some(key) = named.filter(|_| !i18n::has(&own) && i18n::has(&name)) {
        let mut args = shown(error);
        args.push(("field", i18n::t(lang, &name, &[]).into()));
        return i18n::t(lang, key, &args);
    }
    let key = if i18n::has(&own) { own } else { format!("field-{}", error.code) };
    if !i18n::has(&key) {
        return i18n::t(lang, "field-invalid", &[]);
    }
    i18n::t(lang, &key, &shown(error))
}

/// The values that the text of an error shows.
fn shown(error: &FieldError) -> Vec<(&str, i18n::Arg<'_>)> {
    error.args.iter().map(|(name, value)| (name.as_str(), value.clone().into())).collect()
}

/// Puts errors at their fields, in the page's language.
pub fn fail(form: &mut FormView, lang: Lang, errors: &[FieldError]) {
    for error in errors {
        form.fail_as(&error.field, &error.code, field_text(lang, error));
    }
}

/// The same; for an answer that is missing the text `<prefix>-<field>` says which one, where there is such a text.
pub fn fail_missing(form: &mut FormView, lang: Lang, prefix: &str, errors: &[FieldError]) {
    for error in errors {
        // One of several groups of fields has its number in the name.
        let field = error.field.replace('_', "-");
        let words = field.split('-').filter(|w| !w.bytes().all(|b| b.is_ascii_digit()));
        let own = format!("{prefix}-{}", words.collect::<Vec<_>>().join("-"));
        let missing = MISSING.contains(&error.code.as_str());
        let text =
            if missing && i18n::has(&own) { i18n::t(lang, &own, &[]) } else { field_text(lang, error) };
        form.fail_as(&error.field, &error.code, text);
    }
}

#[cfg(test)]
mod tests {
    use super::{Lang, field_text, local_path};
    use crate::error::FieldError;

    #[test]
    fn an_answer_that_is_missing_is_named() {
        let text = |lang, field| field_text(lang, &FieldError::new(field, "required"));
        assert_eq!(text(Lang::ZhCn, "doc_number"), "请填写证件号码");
        assert_eq!(text(Lang::En, "source"), "Please fill in: source");
        let unseen = |lang, field| field_text(lang, &FieldError::new(field, "text-unseen"));
        assert_eq!(unseen(Lang::ZhCn, "source"), "依据或来源里有看不见的字符，请重新输入");
        assert_eq!(
            unseen(Lang::En, "reason"),
            "There are invisible characters in it, please type it again: reason"
        );
        assert_eq!(unseen(Lang::ZhCn, "household-address"), "里面有看不见的字符，请重新输入");
        // What is chosen is not filled in.
        assert_eq!(text(Lang::ZhCn, "division"), "请选择地区");
        assert_eq!(text(Lang::En, "level"), "Please choose: risk level");
        let kind = FieldError::new("document_kind", "choose-one");
        assert_eq!(field_text(Lang::ZhCn, &kind), "请选择证件种类");
        // Words of its own come first.
        assert_eq!(text(Lang::ZhCn, "remedy"), "请写清楚对方还可以怎么办");
    }

    #[test]
    fn only_our_own_pages_are_led_to() {
        assert_eq!(local_path("/code?x=1", "/"), "/code?x=1");
        for evil in
            ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "", "/a\r\nb"]
        {
            assert_eq!(local_path(evil, "/"), "/", "{evil:?}");
        }
    }
}
