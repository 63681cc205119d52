//! "One thing per page": a fixed list of steps with branches that can be skipped, progress, the way forward and back,
//! and the change link from check-your-answers that leads straight back to it.
//!
//! Pure: a slice says for its own answers which steps apply and which are complete; this module only orders them.

use crate::web::format;
use crate::web::i18n::Lang;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// The query `?change=1` (and the hidden field of the same name) that brings a step back to check-your-answers.
pub const CHANGE: &str = "change";

/// One step.
#[derive(Debug)]
pub struct Step<A: 'static> {
    /// Name in the address: `a-z` and hyphens.
    pub name: &'static str,
    /// Catalogue key of its title, for lists and links.
    pub title: &'static str,
    /// Template of its page.
    pub template: &'static str,
    /// Whether it is asked, given the answers so far.
    pub applies: fn(&A) -> bool,
    /// Whether it has been answered.
    pub complete: fn(&A) -> bool,
}

/// A list of steps under an address.
#[derive(Debug)]
pub struct Steps<A: 'static> {
    /// Address of the pages, such as `/declare`: a step is `<base>/<name>`, the check page `<base>/check`.
    pub base: &'static str,
    /// The steps in their order.
    pub list: &'static [Step<A>],
}

/// Where somebody stands, for `ui.progress` and `ui.back`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = StepProgress)]
pub struct Progress {
    /// Number of the step, from 1.
    pub step: usize,
    /// Steps that apply now, the check page included.
    pub steps: usize,
    /// When the answers were last saved, as text; empty if they have not been.
    pub saved: String,
    /// Address of the page before; `None` on the first.
    pub back: Option<String>,
}

impl<A> Steps<A> {
    /// A step by its name, whether or not it applies.
    pub fn find(&self, name: &str) -> Option<&'static Step<A>> {
        self.list.iter().find(|s| s.name == name)
    }

    /// The steps that apply to these answers.
    pub fn applying<'a>(
        &self,
        answers: &'a A,
    ) -> impl DoubleEndedIterator<Item = &'static Step<A>> + use<'a, A> {
        self.list.iter().filter(move |s| (s.applies)(answers))
    }

    /// The first step that applies and is not complete: where a draft is resumed. `None` when all are complete.
    pub fn first_incomplete(&self, answers: &A) -> Option<&'static Step<A>> {
        self.applying(answers).find(|s| !(s.complete)(answers))
    }

    /// The next step that applies after `name`; `None` after the last.
    pub fn next(&self, name: &str, answers: &A) -> Option<&'static Step<A>> {
        self.list.iter().skip_while(|s| s.name != name).skip(1).find(|s| (s.applies)(answers))
    }

    /// The step that applies before `name`; `None` before the first.
    pub fn previous(&self, name: &str, answers: &A) -> Option<&'static Step<A>> {
        self.list.iter().take_while(|s| s.name != name).filter(|s| (s.applies)(answers)).last()
    }

    /// Address of a step.
    pub fn href(&self, step: &Step<A>) -> String {
        format!("{}/{}", self.base, step.name)
    }

    /// Address of check-your-answers.
    pub fn check_href(&self) -> String {
        format!("{}/check", self.base)
    }

    /// The change link of a step on check-your-answers.
    pub fn change_href(&self, name: &str) -> String {
        format!("{}/{name}?{CHANGE}=1", self.base)
    }

    /// Where a saved step leads: with `changing` straight back to check-your-answers, unless the change opened a
    /// step that is not answered yet; else to the next step, after the last one to check-your-answers.
    pub fn after(&self, name: &str, answers: &A, changing: bool) -> String {
        let next = if changing { self.first_incomplete(answers) } else { self.next(name, answers) };
        match next {
            Some(step) if changing => self.change_href(step.name),
            Some(step) => self.href(step),
            None => self.check_href(),
        }
    }

    /// Where a draft goes on: the first step without an answer, or check-your-answers.
    pub fn resume_href(&self, answers: &A) -> String {
        self.first_incomplete(answers).map_or_else(|| self.check_href(), |s| self.href(s))
    }

    /// Progress on a step's page (or `check`); `None` for a name that is no step of these answers.
    pub fn progress(
        &self,
        name: &str,
        answers: &A,
        changing: bool,
        saved_at: Option<DateTime<Utc>>,
        lang: Lang,
        now: DateTime<Utc>,
    ) -> Option<Progress> {
        let names: Vec<&str> = self.applying(answers).map(|s| s.name).chain(["check"]).collect();
        let index = names.iter().position(|n| *n == name)?;
        let back = if changing {
            Some(self.check_href())
        } else {
            index.checked_sub(1).and_then(|i| names.get(i)).map(|n| format!("{}/{n}", self.base))
        };
        let saved = saved_at.map_or_else(String::new, |at| format::when(lang, at, now));
        Some(Progress { step: index + 1, steps: names.len(), saved, back })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Answers {
        travelled: Option<bool>,
        place: Option<&'static str>,
        promise: bool,
    }

    const STEPS: Steps<Answers> = Steps {
        base: "/declare",
        list: &[
            Step {
                name: "travelled",
                title: "t",
                template: "x",
                applies: |_| true,
                complete: |a| a.travelled.is_some(),
            },
            Step {
                name: "place",
                title: "t",
                template: "x",
                applies: |a| a.travelled == Some(true),
                complete: |a| a.place.is_some(),
            },
            Step { name: "promise", title: "t", template: "x", applies: |_| true, complete: |a| a.promise },
        ],
    };

    fn name(step: Option<&Step<Answers>>) -> &'static str {
        step.map_or("-", |s| s.name)
    }

    #[test]
    fn a_branch_that_does_not_apply_is_skipped_both_ways() {
        let stayed = Answers { travelled: Some(false), ..Answers::default() };
        assert_eq!(name(STEPS.next("travelled", &stayed)), "promise");
        assert_eq!(name(STEPS.previous("promise", &stayed)), "travelled");
        assert_eq!(name(STEPS.previous("travelled", &stayed)), "-");
        assert_eq!(name(STEPS.next("promise", &stayed)), "-");
        let went = Answers { travelled: Some(true), ..Answers::default() };
        assert_eq!(name(STEPS.next("travelled", &went)), "place");
        assert_eq!(name(STEPS.previous("promise", &went)), "place");
    }

    #[test]
    fn a_draft_goes_on_at_the_first_step_without_an_answer() {
        let mut a = Answers::default();
        assert_eq!(STEPS.resume_href(&a), "/declare/travelled");
        a.travelled = Some(true);
        a.promise = true;
        assert_eq!(STEPS.resume_href(&a), "/declare/place");
        a.place = Some("x");
        assert_eq!(STEPS.resume_href(&a), "/declare/check");
    }

    #[test]
    fn a_change_leads_straight_back_unless_it_opens_a_new_question() {
        let done = Answers { travelled: Some(false), place: None, promise: true };
        assert_eq!(STEPS.after("travelled", &done, true), "/declare/check");
        assert_eq!(STEPS.after("travelled", &done, false), "/declare/promise");
        assert_eq!(STEPS.after("promise", &done, false), "/declare/check");
        let opened = Answers { travelled: Some(true), place: None, promise: true };
        assert_eq!(STEPS.after("travelled", &opened, true), "/declare/place?change=1");
    }

    #[test]
    fn progress_counts_what_applies_and_the_check_page() {
        let now: DateTime<Utc> = "2020-03-12T02:30:00Z".parse().unwrap();
        let stayed = Answers { travelled: Some(false), ..Answers::default() };
        let p = STEPS.progress("promise", &stayed, false, Some(now), Lang::ZhCn, now).unwrap();
        assert_eq!((p.step, p.steps, p.back.as_deref()), (2, 3, Some("/declare/travelled")));
        assert!(p.saved.contains("10:30"), "{}", p.saved);
        let p = STEPS.progress("promise", &stayed, true, None, Lang::ZhCn, now).unwrap();
        assert_eq!((p.back.as_deref(), p.saved.as_str()), (Some("/declare/check"), ""));
        assert!(STEPS.progress("place", &stayed, false, None, Lang::ZhCn, now).is_none());
        let p = STEPS.progress("check", &stayed, false, None, Lang::ZhCn, now).unwrap();
        assert_eq!((p.step, p.steps), (3, 3));
    }
}
