//! What templates can call: texts, dates, numbers, icons, addresses of assets.
//!
//! All read the language from the variable `lang`, which pages have and components declare as `@lang`; a filter that
//! compares with today reads `now` the same way.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use fluent_bundle::{FluentArgs, FluentValue};
use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

use super::{assets, icons};
use crate::web::format;
use crate::web::i18n::{self, Lang};

/// Registers every function and filter of the house.
pub(super) fn register(tera: &mut Tera) {
    tera.register_function("t", |kwargs: Kwargs, state: &State| translate(&kwargs, state));
    tera.register_function("th", |kwargs: Kwargs, state: &State| translate_html(&kwargs, state));
    tera.register_function("today", |_: Kwargs, state: &State| {
        Ok::<_, Error>(i18n::today(lang(state)?, must_now(state)?))
    });
    tera.register_function("asset", |kwargs: Kwargs, _: &State| {
        Ok::<_, Error>(assets::asset_url(kwargs.must_get("name")?))
    });
    tera.register_function("icon", |kwargs: Kwargs, _: &State| icon(&kwargs));
    tera.register_function("shape", |kwargs: Kwargs, _: &State| shape(&kwargs));
    tera.register_filter("date", |v: &str, kw: Kwargs, st: &State| date(v, &kw, st));
    tera.register_filter("datetime", |v: &str, kw: Kwargs, st: &State| {
        let at = moment(v)?;
        Ok::<_, Error>(format::datetime(lang(st)?, at, with_year(&kw, st, at)?))
    });
    tera.register_filter("until", |v: &str, kw: Kwargs, st: &State| {
        let at = moment(v)?;
        let year = match kw.get::<bool>("year")? {
            Some(year) => year,
            None => other_year(st, format::last_day(at))?,
        };
        Ok::<_, Error>(format::until(lang(st)?, at, year))
    });
    tera.register_filter("limit", |v: &str, _: Kwargs, st: &State| {
        Ok::<_, Error>(format::limit(lang(st)?, moment(v)?, must_now(st)?))
    });
    tera.register_filter("deadline", |v: &str, _: Kwargs, st: &State| {
        Ok::<_, Error>(format::deadline(lang(st)?, moment(v)?, must_now(st)?))
    });
    tera.register_filter("when", |v: &str, _: Kwargs, st: &State| {
        Ok::<_, Error>(format::when(lang(st)?, moment(v)?, must_now(st)?))
    });
    tera.register_filter("time", |v: &str, _: Kwargs, _: &State| Ok::<_, Error>(format::time(moment(v)?)));
    tera.register_filter("clock", |v: &str, _: Kwargs, _: &State| Ok::<_, Error>(format::clock(moment(v)?)));
    tera.register_filter("weekday", |v: &str, _: Kwargs, st: &State| {
        Ok::<_, Error>(format::weekday(lang(st)?, day(v)?))
    });
    tera.register_filter("number", |v: f64, _: Kwargs, _: &State| format::decimal(v));
    tera.register_filter("duration", |v: i64, _: Kwargs, st: &State| {
        let span = TimeDelta::try_seconds(v)
            .ok_or_else(|| Error::message("a duration in seconds is out of range"))?;
        Ok::<_, Error>(format::duration(lang(st)?, span))
    });
    tera.register_filter("wait", |v: i64, _: Kwargs, st: &State| Ok::<_, Error>(format::wait(lang(st)?, v)));
}

fn lang(state: &State) -> TeraResult<Lang> {
    state
        .get::<String>("lang")?
        .and_then(|tag| Lang::parse(&tag))
        .ok_or_else(|| Error::message("`lang` is not set here; a component declares `@lang`"))
}

fn now(state: &State) -> TeraResult<Option<DateTime<Utc>>> {
    state.get::<String>("now")?.as_deref().map(moment).transpose()
}

fn must_now(state: &State) -> TeraResult<DateTime<Utc>> {
    now(state)?.ok_or_else(|| Error::message("`now` is not set here; a component declares `@now`"))
}

fn args<'a>(kwargs: &'a Kwargs) -> FluentArgs<'a> {
    kwargs
        .iter()
        .filter_map(|(name, value)| Some((name.as_str()?, value)))
        .filter(|(name, _)| *name != "key")
        .map(|(name, value)| (name, fluent(value)))
        .collect()
}

fn fluent(value: &Value) -> FluentValue<'_> {
    if let Some(n) = value.as_i64() {
        n.into()
    } else if let Some(n) = value.as_f64() {
        n.into()
    } else {
        value.as_str().map_or_else(|| FluentValue::from(value.to_string()), FluentValue::from)
    }
}

/// `t(key="…", name=value)`: the text, escaped like any value.
fn translate(kwargs: &Kwargs, state: &State) -> TeraResult<String> {
    Ok(i18n::text(lang(state)?, kwargs.must_get::<&str>("key")?, &args(kwargs)))
}

/// `th(key="…", name=value)`: the text may contain markup, its variables may not.
fn translate_html(kwargs: &Kwargs, state: &State) -> TeraResult<Value> {
    let mut safe = FluentArgs::new();
    for (name, value) in &args(kwargs).into_iter().collect::<Vec<_>>() {
        let value = match value {
            FluentValue::String(s) => FluentValue::String(Cow::Owned(state.escape(s)?)),
            other => other.clone(),
        };
        safe.set(name.clone(), value);
    }
    Ok(Value::safe_string(&i18n::text(lang(state)?, kwargs.must_get::<&str>("key")?, &safe)))
}

fn icon(kwargs: &Kwargs) -> TeraResult<Value> {
    let name: &str = kwargs.must_get("name")?;
    let svg = icons::icon(name).ok_or_else(|| Error::message(format!("there is no icon `{name}`")))?;
    Ok(Value::safe_string(&svg))
}

fn shape(kwargs: &Kwargs) -> TeraResult<Value> {
    let state: &str = kwargs.must_get("state")?;
    let inline = kwargs.get::<bool>("inline")?.unwrap_or(false);
    let svg = icons::shape(state, inline)
        .ok_or_else(|| Error::message("a code is green, yellow, red or unknown"))?;
    Ok(Value::safe_string(&svg))
}

fn moment(value: &str) -> TeraResult<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(value)
        .map(|at| at.to_utc())
        .map_err(|_| Error::message("a moment is written as in RFC 3339"))
}

/// A calendar day: `2020-03-12`, or the day of a moment in Shanghai.
fn day(value: &str) -> TeraResult<NaiveDate> {
    match value.parse::<NaiveDate>() {
        Ok(day) => Ok(day),
        Err(_) => Ok(format::local(moment(value)?).date()),
    }
}

fn date(value: &str, kwargs: &Kwargs, state: &State) -> TeraResult<String> {
    let day = day(value)?;
    let year = match kwargs.get::<bool>("year")? {
        Some(year) => year,
        None => other_year(state, day)?,
    };
    Ok(format::date(lang(state)?, day, year))
}

fn with_year(kwargs: &Kwargs, state: &State, at: DateTime<Utc>) -> TeraResult<bool> {
    match kwargs.get::<bool>("year")? {
        Some(year) => Ok(year),
        None => other_year(state, format::local(at).date()),
    }
}

/// A date of this year goes without the year; where today is not known, the year is written.
fn other_year(state: &State, day: NaiveDate) -> TeraResult<bool> {
    use chrono::Datelike;
    Ok(now(state)?.is_none_or(|now| format::local(now).year() != day.year()))
}
