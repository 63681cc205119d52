//! What takes two officials, where its type is not known.

use crate::access::Role;
use crate::db::{Conn, Id, Tx};
use crate::deps::{App, Deps};
use crate::error::AppResult;
use crate::web::form::Form;
use crate::web::i18n::Lang;
use crate::web::principal::OfficialPrincipal;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use futures_util::future::LocalBoxFuture;

/// A program's or a page's question to a kind of thing whose type is not known here.
pub type Answering = LocalBoxFuture<'static, AppResult<HttpResponse>>;

/// What a thing that waits for a second official is called in lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecondWords {
    /// What it is about, where it is about nobody.
    pub about: String,
    /// What has been entered.
    pub what: String,
}

/// A kind of thing that takes two officials, where its type is not known: `second::kind` makes it of the type.
#[derive(Clone, Copy)]
pub struct SecondKind {
    /// Its code, which is stored and sent.
    pub name: &'static str,
    /// What it is, a key of texts.
    pub title: &'static str,
    /// Who decides.
    pub roles: &'static [Role],
    /// The page on which it is decided, with `{id}`.
    pub page: &'static str,
    /// What one of them is called, by what the list keeps of it.
    pub words: fn(&serde_json::Value, Lang) -> SecondWords,
    /// Whether one of them is or was in a jurisdiction, a pattern of [`crate::access::pattern`].
    pub has: fn(&mut Conn, &Deps, Id, &str) -> AppResult<bool>,
    /// Whether one of them is not decided yet, wherever it is.
    pub is_open: fn(&mut Conn, &Deps, Id) -> AppResult<bool>,
    /// Ends one of them for which nobody had time; false when it is open no longer.
    pub expire: fn(&mut Tx<'_>, &Deps, Id, DateTime<Utc>) -> AppResult<bool>,
    /// Answers a program that looks at one of them.
    pub shown: fn(HttpRequest, App, OfficialPrincipal, Id) -> Answering,
    /// Answers a program that decides one of them.
    pub decide: fn(HttpRequest, App, OfficialPrincipal, Id, Form) -> Answering,
}
