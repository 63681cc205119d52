use super::*;
use proptest::prelude::*;

fn china() -> Calendar {
    Calendar::china().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A moment on the wall clock at +08:00.
fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(&format!("{text}+08:00")).unwrap().to_utc()
}

#[track_caller]
fn works(expected: bool, days: &[&str]) {
    for text in days {
        assert_eq!(
            china().is_working_day(day(text)),
            Reckoned { value: expected, provisional: false },
            "{text}"
        );
    }
}

#[test]
fn weekends_holidays_and_make_up_days() {
    works(true, &["2020-03-13", "2020-03-16", "2020-02-28"]);
    works(false, &["2020-03-14", "2020-03-15", "2020-02-29", "2020-01-01", "2020-10-08"]);
    works(true, &["2020-01-19", "2020-04-26", "2020-05-09", "2020-06-28", "2020-09-27", "2020-10-10"]);
    works(true, &["2024-02-29", "2024-02-09", "2024-02-04", "2026-01-04", "2026-02-14", "2025-01-26"]);
    works(false, &["2022-12-31", "2023-01-02", "2025-01-28", "2026-02-23", "2021-09-20", "2022-04-30"]);
}

#[test]
fn spring_festival_of_2020_was_prolonged() {
    works(true, &["2020-01-23", "2020-02-03", "2020-01-19"]);
    // 31 January was to be an ordinary Friday and 1 February a make-up Saturday; the second notice took both back.
    works(false, &["2020-01-24", "2020-01-30", "2020-01-31", "2020-02-01", "2020-02-02"]);
}

/// Weekdays minus weekdays off plus make-up days. The first notice of 2020 alone would give 251.
#[test]
fn working_days_of_each_year() {
    for (year, expected) in
        [(2020, 249), (2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248)]
    {
        let from = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        let to = NaiveDate::from_ymd_opt(year + 1, 1, 1).unwrap();
        assert_eq!(china().working_days(from, to), expected, "{year}");
    }
}

#[test]
fn outside_the_notices_the_answer_is_provisional() {
    let china = china();
    assert_eq!(china.range(), (day("2020-01-01"), day("2026-12-31")));
    assert_eq!(china.is_working_day(day("2027-01-01")), Reckoned { value: false, provisional: true });
    assert_eq!(china.is_working_day(day("2027-01-02")), Reckoned { value: false, provisional: true });
    let due = china.add_working(at("2026-12-31T10:00:00"), TimeDelta::days(2));
    assert_eq!(due, Reckoned { value: at("2027-01-05T10:00:00"), provisional: true });
    assert_eq!(china.is_working_day(day("2027-10-01")), Reckoned { value: false, provisional: true });
    assert_eq!(
        china.working_days(day("2027-01-01"), day("2028-01-01")),
        261 - 2,
        "four of six fall on a weekend"
    );
    let before = china.working_between(at("2019-12-31T00:00:00"), at("2020-01-02T00:00:00"));
    assert_eq!(before, Reckoned { value: TimeDelta::days(1), provisional: true });
}

#[test]
fn the_end_of_a_day_belongs_to_that_day() {
    let china = china();
    // Received on a Saturday: one day is the whole of Monday, and ends with it.
    let due = china.add_working(at("2020-03-14T11:00:00"), TimeDelta::days(1));
    assert_eq!(due.value, at("2020-03-17T00:00:00"));
    // From Friday 00:00, one day ends with Friday and not with the weekend.
    assert_eq!(
        china.add_working(at("2020-03-13T00:00:00"), TimeDelta::days(1)).value,
        at("2020-03-14T00:00:00")
    );
    // 31 December 2026 is still covered when its end is the answer.
    let last = china.add_working(at("2026-12-31T00:00:00"), TimeDelta::days(1));
    assert_eq!(last, Reckoned { value: at("2027-01-01T00:00:00"), provisional: false });
}

#[test]
fn nothing_added_is_the_same_moment() {
    let saturday = at("2020-03-14T11:00:00");
    assert_eq!(china().add_working(saturday, TimeDelta::zero()).value, saturday);
    assert_eq!(china().add_working(saturday, TimeDelta::days(-1)).value, saturday);
}

#[test]
fn the_ends_of_time_are_survived() {
    let china = china();
    let far = china.add_working(DateTime::<Utc>::MAX_UTC - TimeDelta::days(1), TimeDelta::days(5));
    assert!(far.provisional);
    let all = china.working_between(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
    assert!(all.provisional && all.value > TimeDelta::days(300 * 1000));
}

#[test]
fn unsound_files_are_refused() {
    let file = |holidays: &str| format!("year = 2030\nsource = \"x\"\n{holidays}");
    let holiday = |from: &str, to: &str, rest: &str| {
        format!("[[holiday]]\nname = \"h\"\nfrom = \"2030-{from}\"\nto = \"2030-{to}\"\n{rest}\n")
    };
    let parse = |text: String| Calendar::parse(&[text.as_str()]).unwrap_err();
    let dates = CalendarError::Dates { year: 2030, name: "h".into() };
    assert_eq!(parse(file(&holiday("01-03", "01-01", ""))), dates);
    assert_eq!(parse(file(&holiday("01-01", "03-01", ""))), dates);
    assert_eq!(parse(file(&holiday("01-01", "01-01", "work = [\"2031-01-04\"]"))), dates);
    let friday = CalendarError::MakeUp(day("2030-01-04"));
    assert_eq!(parse(file(&holiday("01-01", "01-01", "work = [\"2030-01-04\"]"))), friday);
    let twice = holiday("01-01", "01-01", "work = [\"2030-01-05\"]") + &holiday("01-05", "01-06", "");
    assert_eq!(parse(file(&twice)), CalendarError::Contradiction(day("2030-01-05")));
    let amended =
        holiday("01-01", "01-01", "work = [\"2030-01-05\"]") + &holiday("01-05", "01-06", "amends = true");
    assert!(Calendar::parse(&[file(&amended).as_str()]).is_ok());
    assert!(matches!(parse(file("colour = 1")), CalendarError::Toml(_)));
    assert_eq!(Calendar::parse(&[]), Err(CalendarError::Empty));
    assert_eq!(Calendar::parse(&[EMBEDDED[0], EMBEDDED[2]]), Err(CalendarError::Years(2021)));
    assert_eq!(Calendar::parse(&[EMBEDDED[0], EMBEDDED[0]]), Err(CalendarError::Years(2020)));
}

/// Seconds from a week before to a week after the announced years.
fn moment() -> impl Strategy<Value = DateTime<Utc>> {
    (1_577_203_200_i64..1_799_251_200, 0_i64..1_000_000)
        .prop_map(|(s, us)| DateTime::from_timestamp_micros(s * 1_000_000 + us).unwrap())
}

proptest! {
    #[test]
    fn adding_and_measuring_are_inverse(from in moment(), seconds in 0_i64..40 * 86_400) {
        let china = china();
        let amount = TimeDelta::seconds(seconds);
        let end = china.add_working(from, amount).value;
        prop_assert_eq!(china.working_between(from, end).value, amount);
        // It is the earliest such moment.
        if seconds > 0 {
            let before = china.working_between(from, end - TimeDelta::microseconds(1)).value;
            prop_assert_eq!(before, amount - TimeDelta::microseconds(1));
        }
    }

    #[test]
    fn measuring_adds_up(a in moment(), b in moment(), c in moment()) {
        let china = china();
        let between = |x, y| china.working_between(x, y).value;
        prop_assert_eq!(between(a, b) + between(b, c), between(a, c));
        prop_assert_eq!(between(a, b), -between(b, a));
        prop_assert!(between(a, b).abs() <= (b - a).abs());
    }

    #[test]
    fn counting_weeks_equals_walking_days(a in moment(), n in 0_u64..900) {
        let china = china();
        let from = local(a).date();
        let walked = (0..n).filter(|i| china.works(from + Days::new(*i))).count();
        prop_assert_eq!(china.working_days(from, from + Days::new(n)), i64::try_from(walked).unwrap());
    }

    /// Days in law end at 24:00 of the last day, the day of the event not counted (Civil Code art. 201, 203): ours is never later.
    #[test]
    fn never_later_than_the_law(from in moment(), days in 1_i64..30) {
        let china = china();
        let mut date = local(from).date();
        let mut left = days;
        while left > 0 {
            date = date.succ_opt().unwrap();
            left -= i64::from(china.works(date));
        }
        let lawful = utc(date.succ_opt().unwrap().and_time(NaiveTime::MIN));
        let ours = china.add_working(from, TimeDelta::days(days)).value;
        prop_assert!(ours <= lawful);
        prop_assert!(lawful - ours <= TimeDelta::days(12));
    }
}
