//! What a change of a risk level would do, worked out beforehand: how many persons change from what colour to what, by
//! town. The rules in force are tried on everybody who has a code, as things stand and as they would stand, a bounded
//! number of persons at a time; nobody is named. Few are counted while the page is asked for, many in the background
//! (see [`super::previews`]).

use super::areas::{Risks, lies_in, with_parents};
use super::gather::{self, WhatIf, division_words};
use super::model::{RiskChangeRow, RiskRow};
use super::previews::Preview;
use super::risks::full_name;
use super::words::{colour_word, pick};
use super::{previews, store};
use crate::access::pattern;
use crate::db::{Conn, Id, Ts};
use crate::deps::{App, Deps};
use crate::error::{AppError, AppResult};
use crate::jobs::{self, Job};
use crate::policy::Colour;
use crate::second::{Effect, Move};
use crate::web::i18n::{Lang, t};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Persons of one step.
const STEP: i64 = 200;
/// Persons with a code who are counted while a page waits.
const AT_ONCE: i64 = 400;

/// How far a count has come. It tries the change as if it began at once, at one moment for everybody.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Count {
    /// The moment.
    pub now: DateTime<Utc>,
    division: String,
    level: String,
    until: Option<Ts>,
    /// Persons by place, present colour and colour afterwards.
    moves: Vec<(String, Colour, Colour, u64)>,
    /// Persons with a code who were looked at.
    looked: i64,
    /// Persons of the area without a code, who are not counted.
    uncoded: i64,
    /// Who lives in the area comes first.
    inside: bool,
    after: Option<Id>,
    /// Whether everybody has been looked at.
    pub done: bool,
}

impl Count {
    /// A count in which nobody has been looked at.
    pub fn new(conn: &mut Conn, change: &RiskChangeRow, now: DateTime<Utc>) -> AppResult<Self> {
        Ok(Self {
            now,
            division: change.division.clone(),
            level: change.level.clone(),
            until: change.until,
            moves: Vec::new(),
            looked: 0,
            uncoded: store::uncoded(conn, &pattern(&change.division))?,
            inside: true,
            after: None,
            done: false,
        })
    }

    fn class(&self) -> RiskRow {
        RiskRow {
            id: Id::new(),
            division: self.division.clone(),
            level: self.level.clone(),
            since: self.now.into(),
            until: self.until,
            source: String::new(),
            entered_by: None,
            entered_at: self.now.into(),
        }
    }

    /// Looks at the next persons.
    pub fn step(&mut self, conn: &mut Conn, deps: &Deps) -> AppResult<()> {
        let persons = store::coded(conn, &pattern(&self.division), self.inside, self.after, STEP)?;
        for (place, from, to) in moves(conn, deps, &persons, &self.class(), self.now)? {
            match self.moves.iter_mut().find(|m| (m.0.as_str(), m.1, m.2) == (&place, from, to)) {
                Some(known) => known.3 += 1,
                None => self.moves.push((place, from, to, 1)),
            }
        }
        let found = i64::try_from(persons.len()).map_err(AppError::internal)?;
        self.looked += found;
        self.after = persons.last().copied();
        if found < STEP {
            (self.done, self.inside, self.after) = (!self.inside, false, None);
        }
        Ok(())
    }

    /// How many persons change their colour: the number to be confirmed.
    pub fn changed(&self) -> u64 {
        self.moves.iter().map(|m| m.3).sum()
    }

    /// A place of the area by its own name, others in full.
    fn name(&self, lang: Lang, place: &str) -> String {
        if place != self.division && lies_in(place, &self.division) {
            pick(&division_words(place), lang).to_owned()
        } else {
            full_name(lang, place)
        }
    }

    /// What the change brings about.
    pub fn effect(&self, lang: Lang) -> Effect {
        let mut moves = self.moves.clone();
        moves.sort();
        let rows = moves.iter().map(|(place, from, to, count)| Move {
            place: self.name(lang, place),
            count: *count,
            from: from.code().to_owned(),
            from_word: colour_word(lang, *from),
            to: to.code().to_owned(),
            to_word: colour_word(lang, *to),
        });
        Effect::Many {
            rows: rows.collect(),
            total: self.changed(),
            looked: self.looked,
            uncoded: self.uncoded,
            counting: !self.done,
            at: self.now,
        }
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

/// Works out what a change would do to everybody with a code; where there are many, as far as the background has come.
pub(super) async fn of(deps: &App, change: &RiskChangeRow, now: DateTime<Utc>) -> AppResult<Count> {
    if deps.store.read(|conn| store::more_coded_than(conn, AT_ONCE)).await? {
        return previews::of(deps, change, now).await;
    }
    let (parts, change) = (deps.clone(), change.clone());
    deps.store
        .read(move |conn| {
            let mut count = Count::new(conn, &change, now)?;
            while !count.done {
                count.step(conn, &parts)?;
            }
            Ok(count)
        })
        .await
}

/// The changes of colour among these persons.
fn moves(
    conn: &mut Conn,
    deps: &Deps,
    persons: &[Id],
    class: &RiskRow,
    now: DateTime<Utc>,
) -> AppResult<Vec<(String, Colour, Colour)>> {
    let mut found = Vec::new();
    for person in persons {
        // Whose facts cannot be read gets no other colour by the change either.
        let moved = jobs::passed_over(Preview::NAME, moved(conn, deps, *person, class, now))?;
        found.extend(moved.flatten());
    }
    Ok(found)
}

/// A few persons whose colour a change turns, those who live in the area first: examples for a rehearsal. Whoever is looked for
/// longer than a page waits is not found.
pub(super) async fn examples(
    deps: &App,
    change: &RiskChangeRow,
    most: usize,
    now: DateTime<Utc>,
) -> AppResult<Vec<Id>> {
    let (parts, class) = (deps.clone(), class_of(change, now));
    let area = pattern(&change.division);
    deps.store
        .read(move |conn| {
            let mut found = Vec::new();
            for inside in [true, false] {
                for person in store::coded(conn, &area, inside, None, STEP)? {
                    let moves = jobs::passed_over(Preview::NAME, moved(conn, &parts, person, &class, now))?;
                    found.extend(moves.flatten().map(|_| person));
                    if found.len() >= most {
                        return Ok(found);
                    }
                }
            }
            Ok(found)
        })
        .await
}

/// How the colour of a person would change, with where they are; none where it would not.
fn moved(
    conn: &mut Conn,
    deps: &Deps,
    person: Id,
    class: &RiskRow,
    now: DateTime<Utc>,
) -> AppResult<Option<(String, Colour, Colour)>> {
    let what = WhatIf { risk: Some(class), ..WhatIf::default() };
    let stated = gather::stated(conn, deps, person, now)?;
    let then = gather::facts_if(conn, &deps.keys, stated.clone(), person, now, &what)?;
    if !then.touched {
        return Ok(None);
    }
    let present = gather::facts_if(conn, &deps.keys, stated, person, now, &WhatIf::default())?;
    let (from, to) = (present.evaluate(&deps.policy).colour, then.evaluate(&deps.policy).colour);
    let lives = then.facts.present.as_ref().or(then.facts.home.as_ref()).map(|a| a.division.clone());
    Ok((from != to).then(|| (place(&class.division, lives), from, to)))
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
