//! How the facts about a person are laid out for the rules. CertLogic has few operators, so counts, ages in
//! days, "was there a negative test since" and the like are worked out here once, and every rule reads them
//! as plain fields (`fields.rs` lists them all; a test keeps list and layout the same).

use chrono::{DateTime, Days, FixedOffset, NaiveDate, Offset, SecondsFormat, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::facts::{Area, Declaration, Facts, Order, Record, RecordKind, Test, TestResult, Travel};
use super::rule::Settings;

/// Works out the derived fields by the local clock of the province.
struct Layout<'a> {
    facts: &'a Facts,
    settings: &'a Settings,
    offset: FixedOffset,
    today: NaiveDate,
}

impl Facts {
    /// The last sample taken until now that had a result.
    fn last(&self, result: TestResult) -> Option<&Test> {
        let begun = self.tests.iter().filter(|t| t.result == result && t.sampled_at <= self.now);
        begun.max_by_key(|t| t.sampled_at)
    }

    /// Whether a sample taken after a moment was negative.
    pub(super) fn negative_since(&self, since: DateTime<Utc>) -> bool {
        self.last(TestResult::Negative).is_some_and(|test| test.sampled_at > since)
    }

    /// The facts as the rules see them: an object with the members that `fields` lists. Date-times are
    /// RFC 3339 in UTC, days are `YYYY-MM-DD` in local time, ages are whole local days, temperatures tenths.
    /// What has not begun yet (a trip to come, a record dated ahead) is left out.
    pub fn to_value(&self, settings: &Settings) -> Value {
        let offset = settings.offset();
        let today = self.now.with_timezone(&offset).date_naive();
        Layout { facts: self, settings, offset, today }.value()
    }
}

impl Settings {
    /// The offset of local time; UTC where the hours make none (the check of documents refuses those).
    pub fn offset(&self) -> FixedOffset {
        let seconds = self.utc_offset_hours.checked_mul(3_600);
        let utc = || Utc.fix();
        seconds.and_then(FixedOffset::east_opt).unwrap_or_else(utc)
    }

    /// Until when a declaration that was sent at that moment counts: the end of the last of its local days. None beyond the
    /// calendar.
    pub fn declaration_end(&self, submitted: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let sent = submitted.with_timezone(&self.offset()).date_naive();
        self.end_of_day(sent.checked_add_days(Days::new(self.declaration_valid_days.into()))?)
    }

    /// The moment at which a local day is over.
    pub fn end_of_day(&self, day: NaiveDate) -> Option<DateTime<Utc>> {
        let midnight = day.checked_add_days(Days::new(1))?.and_hms_opt(0, 0, 0)?;
        midnight.checked_sub_offset(self.offset()).map(|utc| utc.and_utc())
    }
}

fn time(at: DateTime<Utc>) -> Value {
    Value::from(at.to_rfc3339_opts(SecondsFormat::Millis, true))
}

impl Layout<'_> {
    fn value(&self) -> Value {
        let facts = self.facts;
        let begun = |at: &DateTime<Utc>| *at <= facts.now;
        let travel: Vec<_> =
            facts.travel.iter().filter(|t| t.from <= self.today).map(|t| self.travel(t)).collect();
        let tests: Vec<_> =
            facts.tests.iter().filter(|t| begun(&t.sampled_at)).map(|t| self.test(t)).collect();
        let orders: Vec<_> = facts.orders.iter().filter(|o| begun(&o.since)).map(|o| self.order(o)).collect();
        json!({
            "now": time(facts.now),
            "today": self.today.to_string(),
            "gathered_at": time(facts.gathered_at),
            "declaration": facts.declaration.as_ref().map(|d| self.declaration(d)),
            "travel": travel,
            "tests": tests,
            "last_positive": facts.last(TestResult::Positive).map(|t| self.positive(t)),
            "last_negative": facts.last(TestResult::Negative).map(|t| self.test(t)),
            "records": self.records(),
            "orders": orders,
            "waivers": facts.waivers.iter().map(|w| json!({"rule": w.rule, "decided_at": time(w.decided_at), "about": w.about})).collect::<Vec<_>>(),
            "home": facts.home.as_ref().map(|a| self.area(a)),
            "present": facts.present.as_ref().map(|a| self.area(a)),
            "offices": facts.offices,
        })
    }

    fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.offset).date_naive()
    }

    fn age(&self, day: NaiveDate) -> i64 {
        (self.today - day).num_days()
    }

    fn declaration(&self, declaration: &Declaration) -> Value {
        let date = self.day(declaration.submitted_at);
        json!({
            "submitted_at": time(declaration.submitted_at),
            "date": date.to_string(),
            "days_since": self.age(date),
            "valid_until": self.settings.declaration_end(declaration.submitted_at).map(time),
            "symptoms": declaration.symptoms,
            "symptom_count": declaration.symptoms.len(),
            "temperature_tenths": declaration.temperature_tenths,
            "contact_with_case": declaration.contact_with_case,
            "isolation_ordered": declaration.isolation_ordered,
            "household_ill": declaration.household_ill,
            "tested_positive": declaration.tested_positive,
            "negative_since": self.facts.negative_since(declaration.submitted_at),
        })
    }

    fn travel(&self, travel: &Travel) -> Value {
        let to = travel.to.min(self.today);
        json!({
            "place": travel.place,
            "name": travel.name,
            "risk": travel.risk,
            "in_province": !travel.place.is_empty() && travel.place.starts_with(&self.settings.province),
            "abroad": travel.place.is_empty(),
            "from": travel.from.to_string(),
            "to": to.to_string(),
            "days_since": self.age(to),
            "transport": travel.transport,
            "negative_since": self.negative_after(to),
            "source": travel.source,
        })
    }

    /// The area that is classed is the division itself where none above it is.
    fn area(&self, area: &Area) -> Value {
        let classed = area.classed.as_ref();
        json!({
            "division": area.division,
            "name": area.name,
            "risk": area.risk,
            "area": classed.map_or(&area.name, |c| &c.area),
            "risk_since": classed.map(|c| time(c.since)),
            "risk_date": classed.map(|c| self.day(c.since).to_string()),
            "risk_until": classed.and_then(|c| c.until).map(time),
            "risk_source": classed.map(|c| &c.source),
        })
    }

    fn test(&self, test: &Test) -> Value {
        let date = self.day(test.sampled_at);
        json!({
            "kind": test.kind,
            "sampled_at": time(test.sampled_at),
            "date": date.to_string(),
            "days_since": self.age(date),
            "result": test.result,
            "source": test.source,
        })
    }

    /// The last positive test, with the first discharge of a case on or after its day.
    fn positive(&self, test: &Test) -> Value {
        let date = self.day(test.sampled_at);
        let case = |r: &&Record| matches!(r.kind, RecordKind::Confirmed | RecordKind::Asymptomatic);
        let discharged = self.facts.records.iter().filter(case).filter_map(|r| r.released_on);
        let discharged = discharged.filter(|day| *day >= date && *day <= self.today).min();
        let mut value = self.test(test);
        if let Value::Object(map) = &mut value {
            map.insert("discharged_on".into(), discharged.map(|day| day.to_string()).into());
        }
        value
    }

    fn records(&self) -> Value {
        let of = |kind: RecordKind| {
            let begun = self.facts.records.iter().filter(|r| r.kind == kind && r.since <= self.facts.now);
            (kind.field().to_owned(), begun.map(|r| self.record(r)).collect::<Value>())
        };
        Value::Object(RecordKind::ALL.into_iter().map(of).collect::<Map<_, _>>())
    }

    fn record(&self, record: &Record) -> Value {
        let date = self.day(record.since);
        let released = record.released_on.filter(|day| *day <= self.today);
        json!({
            "since": time(record.since),
            "date": date.to_string(),
            "days_since": self.age(date),
            "until": record.until.map(time),
            "released_on": released.map(|day| day.to_string()),
            "place": record.place,
            "transport": record.transport,
            "negative_since": self.facts.negative_since(record.since),
            "source": record.source,
        })
    }

    fn order(&self, order: &Order) -> Value {
        let date = self.day(order.since);
        json!({
            "number": order.number,
            "colour": order.colour,
            "cause": order.cause,
            "since": time(order.since),
            "date": date.to_string(),
            "days_since": self.age(date),
            "until": order.until.map(time),
            "office": order.office,
            "phone": order.phone,
            "negative_since": self.facts.negative_since(order.since),
        })
    }

    /// Whether a sample taken after a day was over was negative.
    fn negative_after(&self, day: NaiveDate) -> bool {
        let last_moment = self.settings.end_of_day(day).map(|end| end - TimeDelta::milliseconds(1));
        last_moment.is_some_and(|since| self.facts.negative_since(since))
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::tests::full_facts;
    use super::super::{Kind, fields, first_policy};
    use super::*;
    use std::collections::BTreeSet;

    fn leaves(path: &str, value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    leaves(&path, value, found);
                }
            }
            Value::Array(items) => {
                assert!(!items.is_empty(), "{path} has no entry");
                items.iter().for_each(|item| leaves(&format!("{path}[]"), item, found));
            }
            _ => {
                found.insert(path.to_owned());
            }
        }
    }

    #[test]
    fn the_list_of_fields_is_what_is_laid_out() {
        let mut found = BTreeSet::new();
        leaves("", &full_facts().to_value(first_policy().unwrap().settings()), &mut found);
        let listed: BTreeSet<String> = fields(Kind::Colour).iter().map(|f| (*f).to_owned()).collect();
        assert_eq!(found, listed);
    }

    #[test]
    fn days_are_local_days() {
        let policy = first_policy().unwrap();
        let facts = full_facts().to_value(policy.settings());
        // 2020-03-12 00:30 in Sichuan is still 11 March in UTC.
        assert_eq!(facts["now"], "2020-03-11T16:30:00.000Z");
        assert_eq!(facts["today"], "2020-03-12");
        assert_eq!(facts["declaration"]["days_since"], 1);
        assert_eq!(facts["declaration"]["valid_until"], "2020-03-25T16:00:00.000Z");
        assert_eq!(facts["travel"][0]["days_since"], 11);
    }

    #[test]
    fn what_has_not_begun_is_left_out() {
        let mut facts = full_facts();
        let policy = first_policy().unwrap();
        facts.now = "2020-01-01T00:00:00Z".parse().unwrap();
        let value = facts.to_value(policy.settings());
        for list in ["travel", "tests", "orders"] {
            assert_eq!(value[list], json!([]), "{list}");
        }
        assert_eq!(value["records"]["confirmed"], json!([]));
        assert_eq!(value["last_positive"], Value::Null);
    }
}
