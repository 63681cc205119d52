//! What a change of a risk level would do, worked out beforehand: how many persons change from what colour to what, by
//! town. The rules in force are tried on everybody who has a code, as things stand and as they would stand, a bounded
//! number of persons at a time; nobody is named.

use super::areas::{Risks, lies_in, with_parents};
use super::gather::{self, WhatIf, division_words};
use super::model::{RiskChangeRow, RiskRow};
use super::risks::full_name;
use super::store;
use super::words::pick;
use crate::access::pattern;
use crate::app::{App, Deps};
use crate::db::{Conn, Id};
use crate::error::AppResult;
use crate::policy::Colour;
use crate::web::i18n::{Lang, t};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Persons of one step.
const STEP: i64 = 200;
/// Persons of a whole preview; who lives in the area comes first.
const MOST: usize = 20_000;

/// What a change would do.
#[derive(Debug, Default)]
pub(super) struct Preview {
    /// The division that would be classed.
    area: String,
    /// Persons by place, present colour and colour afterwards.
    moves: BTreeMap<(String, Colour, Colour), u64>,
    /// Persons with a code who were looked at.
    looked: usize,
    /// Persons of the area without a code, who are not counted.
    uncoded: i64,
    /// Whether there were more than can be looked at.
    partial: bool,
}

impl Preview {
    /// How many persons change their colour: the number to be confirmed.
    pub fn changed(&self) -> u64 {
        self.moves.values().sum()
    }

    /// A place of the area by its own name, others in full.
    fn name(&self, lang: Lang, place: &str) -> String {
        if place != self.area && lies_in(place, &self.area) {
            pick(&division_words(place), lang).to_owned()
        } else {
            full_name(lang, place)
        }
    }

    /// For the page.
    pub fn view(&self, lang: Lang) -> Value {
        let word = |colour: Colour| t(lang, &format!("code-word-{}", colour.code()), &[]);
        let rows: Vec<Value> = self
            .moves
            .iter()
            .map(|((place, from, to), count)| {
                json!({
                    "place": self.name(lang, place), "count": count,
                    "from": from.code(), "from_word": word(*from),
                    "to": to.code(), "to_word": word(*to),
                })
            })
            .collect();
        json!({
            "rows": rows, "total": self.changed(), "looked": self.looked, "uncoded": self.uncoded,
            "partial": self.partial,
        })
    }
}

/// The class that a change would publish.
pub(super) fn class_of(change: &RiskChangeRow, now: DateTime<Utc>) -> RiskRow {
    RiskRow {
        id: change.id,
        division: change.division.clone(),
        level: change.level.clone(),
        since: change.since,
        until: change.until,
        source: change.source.clone(),
        entered_by: Some(change.entered_by),
        entered_at: now.into(),
    }
}

/// Works out what a change would do to everybody with a code. What begins later is tried as if it began now.
pub(super) async fn of(deps: &App, change: &RiskChangeRow, now: DateTime<Utc>) -> AppResult<Preview> {
    let mut class = class_of(change, now);
    class.since = class.since.0.min(now).into();
    let like = pattern(&class.division);
    let area = like.clone();
    let mut preview = Preview {
        area: class.division.clone(),
        uncoded: deps.store.read(move |conn| store::uncoded(conn, &area)).await?,
        ..Preview::default()
    };
    for inside in [true, false] {
        let mut after = None;
        loop {
            let (parts, area, class) = (deps.clone(), like.clone(), class.clone());
            let (persons, moves) = deps
                .store
                .read(move |conn| {
                    let persons = store::coded(conn, &area, inside, after, STEP)?;
                    let moves = moves(conn, &parts, &persons, &class, now)?;
                    Ok((persons, moves))
                })
                .await?;
            preview.looked += persons.len();
            moves.into_iter().for_each(|step| *preview.moves.entry(step).or_default() += 1);
            after = persons.last().copied();
            if i64::try_from(persons.len()).unwrap_or(0) < STEP {
                break;
            }
            if preview.looked >= MOST {
                preview.partial = true;
                return Ok(preview);
            }
        }
    }
    Ok(preview)
}

/// The changes of colour among these persons.
fn moves(
    conn: &mut Conn,
    deps: &Deps,
    persons: &[Id],
    class: &RiskRow,
    now: DateTime<Utc>,
) -> AppResult<Vec<(String, Colour, Colour)>> {
    let what = WhatIf { risk: Some(class), ..WhatIf::default() };
    let mut found = Vec::new();
    for person in persons {
        let then = gather::facts_if(conn, &deps.keys, deps.declared, *person, now, &what)?;
        if !then.touched {
            continue;
        }
        let present = gather::facts(conn, &deps.keys, deps.declared, *person, now)?;
        let (from, to) = (present.evaluate(&deps.policy).colour, then.evaluate(&deps.policy).colour);
        if from != to {
            let lives = then.facts.present.as_ref().or(then.facts.home.as_ref()).map(|a| a.division.clone());
            found.push((place(&class.division, lives), from, to));
        }
    }
    Ok(found)
}

/// The town of somebody who lives in the area, the county of others.
fn place(area: &str, lives: Option<String>) -> String {
    match lives {
        Some(lives) if lies_in(&lives, area) => lives,
        Some(lives) => with_parents(&lives).into_iter().find(|code| code.len() == 6).unwrap_or(lives),
        None => area.to_owned(),
    }
}

/// The level now, and the one that counts when the change has ended: its word, and since or until when.
pub(super) async fn around(
    deps: &App,
    change: &RiskChangeRow,
    lang: Lang,
    now: DateTime<Utc>,
) -> AppResult<Value> {
    let class = class_of(change, now);
    deps.store
        .read(move |conn| {
            let present = Risks::new(conn, None, now).class(&class.division, now, now)?;
            let end = class.until.map(|until| until.0);
            let mut risks = Risks::new(conn, None, now).taking(Some(&class));
            let later = match end {
                Some(end) => risks.class(&class.division, end, end)?,
                None => None,
            };
            let word = |span: Option<super::layers::Span>| match span {
                Some(s) if s.row.division == class.division => t(lang, &format!("risk-{}", s.row.level), &[]),
                Some(s) => t(
                    lang,
                    "preview-of-parent",
                    &[
                        ("level", t(lang, &format!("risk-{}", s.row.level), &[]).into()),
                        ("place", full_name(lang, &s.row.division).into()),
                    ],
                ),
                None => t(lang, "preview-no-level", &[]),
            };
            Ok(json!({"now": word(present), "later": word(later)}))
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_of_the_area_are_counted_by_town_and_others_by_county() {
        assert_eq!(place("511621", Some("511621001".into())), "511621001");
        assert_eq!(place("511600", Some("511621001".into())), "511621001");
        assert_eq!(place("511621", Some("510107001".into())), "510107");
        assert_eq!(place("511621", None), "511621");
    }
}
