//! What a slice says of its cases, once.

use crate::error::{AppError, AppResult};
use crate::web::i18n;
use crate::workflow::{
    self, ActionInfo, Actor, Calendar, CalendarError, CaseClocks, Definition, DefinitionError, Effect, Facts,
    Refusal,
};
use serde_json::Value;
use std::sync::LazyLock;

/// The calendar of the State Council, read once for all kinds.
static CHINA: LazyLock<Result<Calendar, CalendarError>> = LazyLock::new(Calendar::china);

/// A kind of case.
pub struct Kind {
    /// Under this name the timeline keeps its cases: `declaration`, `appeal`, `reopening`.
    pub name: &'static str,
    /// What entries of the record call such a case.
    pub object: &'static str,
    /// What the texts of its timeline begin with; the action follows.
    pub did: &'static str,
    /// Codes of its own for refusals that have a general one ([`Refusal::general_code`]).
    pub says: &'static [(&'static str, &'static str)],
    /// Every message that its workflow names; each is a directory below `templates/mail`.
    pub letters: &'static [&'static str],
    /// The workflow, read once.
    pub definition: LazyLock<Result<Definition, DefinitionError>>,
}

impl Kind {
    /// The workflow.
    ///
    /// # Errors
    /// [`AppError::Internal`] when the embedded file is unsound.
    pub fn definition(&self) -> AppResult<&Definition> {
        self.definition.as_ref().map_err(AppError::internal)
    }

    /// Messages that the workflow names and the kind does not know: none, as its test says.
    ///
    /// # Errors
    /// As [`Kind::definition`].
    pub fn unknown_letters(&self) -> AppResult<Vec<&str>> {
        let effects = self.definition()?.actions().iter().flat_map(|action| &action.effects);
        let named = effects.filter_map(|effect| match effect {
            Effect::Notify(name) => Some(name.as_str()),
            _ => None,
        });
        Ok(named.filter(|name| !self.letters.contains(name)).collect())
    }

    /// The calendar by which its limits run.
    ///
    /// # Errors
    /// [`AppError::Internal`] when the embedded files are unsound.
    pub fn calendar(&self) -> AppResult<&'static Calendar> {
        CHINA.as_ref().map_err(AppError::internal)
    }

    /// The stored clocks of a case.
    ///
    /// # Errors
    /// [`AppError::Internal`] when the stored document is none of ours.
    pub fn clocks(&self, stored: &Value) -> AppResult<CaseClocks> {
        serde_json::from_value(stored.clone())
            .map_err(|e| AppError::internal(format!("clocks of a {}: {e}", self.name)))
    }

    /// What an actor has to do with in a state, with the reason where it cannot be done yet.
    ///
    /// # Errors
    /// As [`Kind::definition`].
    pub fn choices(&self, state: &str, actor: Actor<'_>, facts: &Facts) -> AppResult<Vec<ActionInfo>> {
        Ok(workflow::choices(self.definition()?, state, actor, facts))
    }

    /// A refusal as clients see it, alike for all kinds: what the actor's role has nothing to do with is not there, what was
    /// not written is a field to put right, and what the case does not allow is a conflict with a text.
    pub fn refused(&self, refusal: &Refusal) -> AppError {
        match refusal {
            Refusal::RoleMayNot | Refusal::UnknownAction => AppError::NotFound,
            Refusal::VersionStale => AppError::conflict("changed-meanwhile"),
            Refusal::VersionMissing => AppError::field("version", "required"),
            Refusal::ReasonMissing => AppError::field("reason", "required"),
            Refusal::RemedyMissing => AppError::field("remedy", "required"),
            Refusal::ItemsMissing => AppError::field("items", "required"),
            other => AppError::Conflict(self.code(other)),
        }
    }

    /// The code of a refusal's text, `problem-<code>`: the kind's own, else that of this very condition, else the general one.
    pub fn code(&self, refusal: &Refusal) -> String {
        let general = refusal.general_code();
        if let Some((_, own)) = self.says.iter().find(|(code, _)| *code == general) {
            return (*own).to_owned();
        }
        let exact = format!("refused-{}", refusal.code());
        if i18n::has(&format!("problem-{exact}")) { exact } else { format!("refused-{general}") }
    }
}
