//! What the second official sees and decides.

use super::model::Merge;
use super::store_rows::Rests;
use super::{Decider, Deciding, act, store, store_rows};
use crate::accounts;
use crate::codes;
use crate::colour::Colours;
use crate::crypto::{FieldContext, Keyring};
use crate::db::{Conn, Id, Tx};
use crate::deps::{App, Deps};
use crate::error::AppResult;
use crate::identity::divisions;
use crate::second::{Effect, Entered, Fact, Names, Outcome, Shown, TwoPersons, Verdict, fact};
use crate::slice::SecondWords;
use crate::web::ctx::Ctx;
use crate::web::i18n::{Lang, t};
use crate::web::principal::OfficialPrincipal;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

impl TwoPersons for Merge {
    type Looks = Decider;
    type Decides = Deciding;

    const NAMES: Names = Names {
        kind: "merge",
        title: "second-kind-merge",
        object: "merge",
        view: "merge.view",
        confirm: ("merge.confirm", "merge-confirmed"),
        refuse: ("merge.refuse", "merge-refused"),
        expire: "merge.expire",
        list: "/desk/merges",
        page: "/desk/merges/{id}/decide",
        texts: ["decide-merge", "decide-merge-yes", "decide-merge-no"],
    };
    /// The documents were seen on that day, and whoever showed them waits for it.
    const DAYS: i64 = 7;

    fn open(conn: &mut Conn, _: &Deps, id: Id, within: &str) -> AppResult<Option<Self>> {
        store::open(conn, id, within)
    }

    fn decided(conn: &mut Conn, id: Id, within: &str) -> AppResult<Option<Outcome>> {
        let row = store::one(conn, id, within)?;
        Ok(row.and_then(|row| Outcome::of(&row.state, row.decided_by, row.decided_at.map(|at| at.0))))
    }

    fn id(&self) -> Id {
        self.id
    }

    fn texts(&self) -> [&'static str; 3] {
        match self.undoes {
            Some(_) => ["decide-merge", "decide-merge-undo", "decide-merge-no"],
            None => Self::NAMES.texts,
        }
    }

    fn entered(&self) -> Entered {
        Entered { by: Some(self.entered_by), office: Some(self.office_id), at: self.created_at.0 }
    }

    fn division(&self) -> &str {
        &self.division
    }

    fn subject(&self) -> Option<Id> {
        Some(self.lead_id)
    }

    fn subjects(&self) -> Vec<Id> {
        vec![self.lead_id, self.other_id]
    }

    fn detail(&self) -> Value {
        json!({"undoes": self.undoes})
    }

    fn words(detail: &Value, lang: Lang) -> SecondWords {
        let undoes = detail.get("undoes").is_some_and(|id| !id.is_null());
        let what = t(lang, if undoes { "merge-what-undo" } else { "merge-what-merge" }, &[]);
        SecondWords { about: String::new(), what }
    }

    fn decide(
        &self,
        tx: &mut Tx<'_>,
        _: &Deps,
        by: Id,
        verdict: &Verdict,
        now: DateTime<Utc>,
    ) -> AppResult<bool> {
        if matches!(verdict, Verdict::Confirm) {
            let records = [self.lead_id, self.other_id];
            store_rows::hold(tx, records)?;
            store::hold(tx, records)?;
            records.into_iter().try_for_each(|id| codes::hold(tx, id))?;
        }
        store::decide(tx, self.id, by, verdict, now)
    }

    fn take_effect(
        &self,
        tx: &mut Tx<'_>,
        deps: &Deps,
        by: &OfficialPrincipal,
        now: DateTime<Utc>,
    ) -> AppResult<()> {
        match self.undoes {
            None => act::merge(tx, deps, by, self, now),
            Some(_) => act::part(tx, deps, by, self, now),
        }
    }

    fn expire(&self, tx: &mut Tx<'_>, _: &Deps, now: DateTime<Utc>) -> AppResult<bool> {
        store::expire(tx, self.id, now)
    }

    /// The colour is worked out in the transaction of the decision itself, and so in its rehearsal.
    async fn touched(&self, _: &App, _: DateTime<Utc>) -> AppResult<Vec<Id>> {
        Ok(Vec::new())
    }

    async fn shown(&self, deps: &App, ctx: &Ctx) -> AppResult<Shown> {
        let (parts, row, lang, now) = (deps.clone(), self.clone(), ctx.lang, ctx.now);
        deps.store.read(move |conn| row.shown_from(conn, &parts, lang, now)).await
    }

    fn refusal(id: Id) -> FieldContext<'static> {
        FieldContext::new("person_merges", "refusal_sealed", id.0)
    }
}

impl Merge {
    fn shown_from(&self, conn: &mut Conn, deps: &App, lang: Lang, now: DateTime<Utc>) -> AppResult<Shown> {
        let mut facts = vec![fact(lang, "merge-reason", self.reason(&deps.keys)?)];
        let (lead, other) = (self.lead_id, self.other_id);
        let (lines, against) = if self.undoes.is_none() {
            facts.extend(known(conn, deps, (lang, "merge-lead"), lead, now)?);
            facts.extend(known(conn, deps, (lang, "merge-other"), other, now)?);
            (effect(conn, lead, other)?, act::against(conn, (lead, other), now)?)
        } else {
            facts.extend(record(conn, &deps.keys, (lang, "merge-lead"), lead)?);
            facts.extend(record(conn, &deps.keys, (lang, "merge-other"), other)?);
            let merge = act::undoable(conn, self, now)?;
            let back = merge.as_ref().map(|merge| store_rows::going_back(conn, merge)).transpose()?;
            facts.extend(counted(lang, &back.unwrap_or_default()));
            (UNDOING.to_vec(), merge.is_none().then_some("merge-over"))
        };
        let lines = lines.iter().map(|key| t(lang, key, &[])).collect();
        let changed = against.map(|code| t(lang, &format!("problem-{code}"), &[]));
        Ok(Shown { changed, ..Shown::of(facts, Effect::Words { lines }) })
    }
}

/// What an undoing brings about, keys of texts.
const UNDOING: &[&str] =
    &["merge-effect-back", "merge-effect-stays", "merge-effect-account-back", "merge-effect-colour"];

/// What a merge brings about, keys of texts.
fn effect(conn: &mut Conn, lead: Id, other: Id) -> AppResult<Vec<&'static str>> {
    let accounts = (accounts::account_of(conn, lead)?, accounts::account_of(conn, other)?);
    let account = match accounts {
        (Some(_), Some(_)) => Some("merge-effect-account-both"),
        (None, Some(_)) => Some("merge-effect-account-other"),
        (_, None) => None,
    };
    let lines = [Some("merge-effect-over"), account, Some("merge-effect-colour"), Some("merge-effect-undo")];
    Ok(lines.into_iter().flatten().collect())
}

/// A record with its colour, and how much rests on it.
pub(super) fn known(
    conn: &mut Conn,
    deps: &App,
    (lang, label): (Lang, &str),
    person: Id,
    now: DateTime<Utc>,
) -> AppResult<Vec<Fact>> {
    let mut facts = record(conn, &deps.keys, (lang, label), person)?;
    let account = accounts::account_of(conn, person)?.is_some();
    let account = if account { "merge-account-yes" } else { "merge-account-no" };
    facts.push(fact(lang, "merge-account", t(lang, account, &[])));
    let colour = Colours::of(deps)?.now(conn, person, now)?.colour;
    facts.push(fact(lang, "merge-colour", codes::colour_word(lang, colour)));
    facts.extend(counted(lang, &store_rows::resting(conn, person)?));
    Ok(facts)
}

/// A record: whose, by which document, and where they live.
fn record(conn: &mut Conn, keys: &Keyring, (lang, label): (Lang, &str), person: Id) -> AppResult<Vec<Fact>> {
    let known = accounts::person(conn, keys, person)?;
    let kind = known.document.kind().as_str().replace('_', "-");
    let kind = t(lang, &format!("code-doc-{kind}"), &[]);
    let mut document = fact(lang, "merge-document", format!("{kind} {}", known.document.number()));
    document.number = true;
    let place = known.division.and_then(|code| match lang {
        Lang::En => divisions().full_name_en(code),
        Lang::ZhCn => divisions().full_name(code),
    });
    let place = fact(lang, "merge-place", place.unwrap_or_default());
    Ok(vec![fact(lang, label, known.name.as_str()), document, place])
}

/// How many rows of what, where there are any.
fn counted(lang: Lang, rows: &[Rests]) -> Vec<Fact> {
    let some = rows.iter().filter(|(_, _, n)| *n > 0);
    some.map(|(table, column, n)| {
        let label = format!("merge-rests-{table}-{column}").replace('_', "-");
        fact(lang, &label, n.to_string())
    })
    .collect()
}
