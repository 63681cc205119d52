use super::*;
use proptest::prelude::*;

fn china() -> Calendar {
    Calendar::china().unwrap()
}

/// A moment on the wall clock at +08:00.
fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(&format!("{text}:00+08:00")).unwrap().to_utc()
}

fn due(clock: &StatutoryClock) -> DateTime<Utc> {
    clock.due_at(&china()).unwrap().at
}

#[track_caller]
fn shows(start: &str, days: u16, now: &str, overdue: bool, parts: (i64, i64, i64), state: ClockState) {
    let clock = StatutoryClock::started(days, at(start));
    let (days, hours, minutes) = parts;
    let left = clock.remaining(at(now), &china());
    assert_eq!(Parts::of(left.value), Parts { overdue, days, hours, minutes }, "{start} {now}");
    assert!(!left.provisional);
    assert_eq!(clock.state(at(now), &china()), state, "{start} {now}");
}

/// The figures of the drawn worklist, at Thursday 12 March 2020, 10:02.
#[test]
fn the_worklist_as_drawn() {
    let now = "2020-03-12T10:02";
    shows("2020-03-11T13:02", 2, now, false, (1, 3, 0), ClockState::Running);
    shows("2020-03-09T15:10", 2, now, true, (0, 18, 52), ClockState::Overdue);
    shows("2020-03-10T08:40", 2, now, true, (0, 1, 22), ClockState::Overdue);
    shows("2020-03-10T11:15", 2, now, false, (0, 1, 13), ClockState::Soon);
    // Over the weekend: due on Monday the 16th at 08:55.
    shows("2020-03-12T08:55", 2, now, false, (1, 22, 53), ClockState::Running);
    assert_eq!(due(&StatutoryClock::started(2, at("2020-03-12T08:55"))), at("2020-03-16T08:55"));
}

#[test]
fn soon_begins_below_eight_hours() {
    shows("2020-03-10T18:00", 2, "2020-03-12T10:00", false, (0, 8, 0), ClockState::Running);
    shows("2020-03-10T18:00", 2, "2020-03-12T10:01", false, (0, 7, 59), ClockState::Soon);
    shows("2020-03-10T10:00", 2, "2020-03-12T10:00", true, (0, 0, 0), ClockState::Overdue);
}

#[test]
fn spring_festival_2020_make_up_days_month_ends_leap_day() {
    let days = |n, start: &str| due(&StatutoryClock::started(n, at(start)));
    // Thursday 23 January: the next working day is Monday 3 February.
    assert_eq!(days(2, "2020-01-23T15:00"), at("2020-02-04T15:00"));
    // Saturday 18 January is off, Sunday the 19th is worked.
    assert_eq!(days(2, "2020-01-17T09:30"), at("2020-01-20T09:30"));
    // Leap day 2020 is a Saturday; leap day 2024 is a working Thursday.
    assert_eq!(days(1, "2020-02-28T12:00"), at("2020-03-02T12:00"));
    assert_eq!(days(2, "2024-02-28T12:00"), at("2024-03-01T12:00"));
    // Month end and year end; 1 January 2021 is a Friday off.
    assert_eq!(days(1, "2020-03-31T23:59"), at("2020-04-01T23:59"));
    assert_eq!(days(1, "2020-12-31T16:00"), at("2021-01-04T16:00"));
    // Five days over Labour Day 2020 (1-5 May off, Saturday 9 May worked).
    assert_eq!(days(5, "2020-04-30T10:00"), at("2020-05-11T10:00"));
}

#[test]
fn days_change_at_midnight_in_shanghai_not_in_greenwich() {
    // 23:59 on Friday 13 March and 00:01 on Saturday: both are 15:59 and 16:01 of Friday in UTC.
    assert_eq!(due(&StatutoryClock::started(1, at("2020-03-13T23:59"))), at("2020-03-16T23:59"));
    let saturday = StatutoryClock::started(1, at("2020-03-14T00:01"));
    assert_eq!(due(&saturday), at("2020-03-17T00:00"));
    assert_eq!(saturday.due_at(&china()).unwrap().wall(), ("2020-03-16".parse().unwrap(), 24, 0));
    let friday = StatutoryClock::started(1, at("2020-03-12T15:10")).due_at(&china()).unwrap();
    assert_eq!(friday.wall(), ("2020-03-13".parse().unwrap(), 15, 10));
}

#[test]
fn it_stands_while_the_applicant_corrects() {
    let clock = StatutoryClock::started(5, at("2020-03-09T10:00")).paused(at("2020-03-09T16:00")).unwrap();
    assert_eq!(clock.state(at("2020-03-30T10:00"), &china()), ClockState::Paused);
    assert_eq!(clock.used(at("2020-03-30T10:00"), &china()).value, TimeDelta::hours(6));
    assert_eq!(clock.due_at(&china()), None);
    let clock = clock.resumed(at("2020-03-30T10:00")).unwrap();
    // Six hours were used before, so four days and 18 hours are left; 4 to 6 April are Qingming.
    assert_eq!(due(&clock), at("2020-04-07T04:00"));
    assert_eq!(clock.clone().resumed(at("2020-03-30T11:00")), Err(ClockError::NotPaused));
    let done = clock.stopped(at("2020-04-01T09:00")).unwrap();
    assert_eq!(done.kept(&china()), Some(true));
    assert_eq!(done.state(at("2030-01-01T00:00"), &china()), ClockState::Stopped);
    assert_eq!(done.clone().paused(at("2020-04-01T10:00")), Err(ClockError::Stopped));
    assert_eq!(done.stopped(at("2020-04-01T10:00")), Err(ClockError::Stopped));
}

#[test]
fn decided_too_late_is_remembered() {
    let clock = StatutoryClock::started(2, at("2020-03-09T10:00"));
    let late = clock.clone().stopped(at("2020-03-11T10:01")).unwrap();
    assert_eq!(late.kept(&china()), Some(false));
    assert_eq!(due(&late), at("2020-03-11T10:00"));
    assert_eq!(clock.clone().stopped(at("2020-03-11T10:00")).unwrap().kept(&china()), Some(true));
    assert_eq!(clock.kept(&china()), None);
}

#[test]
fn overdue_before_a_pause_keeps_its_due_date() {
    let clock = StatutoryClock::started(1, at("2020-03-09T10:00")).paused(at("2020-03-11T10:00")).unwrap();
    assert_eq!(due(&clock), at("2020-03-10T10:00"));
    assert_eq!(clock.paused(at("2020-03-11T11:00")), Err(ClockError::NotRunning));
}

#[test]
fn a_server_clock_set_back_blocks_nothing() {
    let start = at("2020-03-09T10:00");
    let clock = StatutoryClock::started(1, start).paused(at("2020-03-09T09:59")).unwrap();
    let clock = clock.resumed(at("2020-03-09T09:58")).unwrap().stopped(at("2020-03-09T09:57")).unwrap();
    assert_eq!(clock.used(at("2020-03-20T00:00"), &china()).value, TimeDelta::zero());
    assert_eq!(clock.remaining(at("2020-03-01T00:00"), &china()).value, WORKING_DAY);
}

#[test]
fn json_is_kept() {
    let clock = StatutoryClock::started(2, at("2020-03-09T10:00")).paused(at("2020-03-09T16:00")).unwrap();
    let json = serde_json::to_string(&clock).unwrap();
    assert_eq!(serde_json::from_str::<StatutoryClock>(&json).unwrap(), clock);
    assert!(
        serde_json::from_str::<StatutoryClock>(
            r#"{"working_days":2,"started":"2020-03-09T02:00:00Z","x":1}"#
        )
        .is_err()
    );
}

/// A clock with any number of pauses; offsets are seconds after the start.
fn clock() -> impl Strategy<Value = (StatutoryClock, DateTime<Utc>)> {
    let gaps = proptest::collection::vec(0_i64..20 * 86_400, 0..7);
    (1_577_836_800_i64..1_770_000_000, 1_u16..30, gaps).prop_map(|(start, days, gaps)| {
        let mut now = DateTime::from_timestamp(start, 0).unwrap();
        let mut clock = StatutoryClock::started(days, now);
        for (n, gap) in gaps.into_iter().enumerate() {
            now += TimeDelta::seconds(gap);
            clock = if n % 2 == 0 { clock.paused(now).unwrap() } else { clock.resumed(now).unwrap() };
        }
        (clock, now)
    })
}

proptest! {
    #[test]
    fn never_grows_stands_when_paused((clock, last) in clock(), a in 0_i64..5_000_000, b in 0_i64..5_000_000) {
        let china = china();
        let (early, late) = (last + TimeDelta::seconds(a.min(b)), last + TimeDelta::seconds(a.max(b)));
        let (then, later) = (clock.remaining(early, &china).value, clock.remaining(late, &china).value);
        if clock.is_paused() {
            prop_assert_eq!(then, later);
        } else {
            prop_assert!(later <= then);
            prop_assert_eq!(then - later, china.working_between(early, late).value);
        }
    }

    #[test]
    fn at_the_due_time_nothing_is_left((clock, last) in clock(), after in 0_i64..5_000_000) {
        let china = china();
        let now = last + TimeDelta::seconds(after);
        if let Some(due) = clock.due_at(&china) {
            prop_assert_eq!(clock.remaining(due.at, &china).value, TimeDelta::zero());
            prop_assert!(clock.remaining(due.at - TimeDelta::microseconds(1), &china).value > TimeDelta::zero());
            prop_assert_eq!(now >= due.at, clock.remaining(now, &china).value <= TimeDelta::zero());
        } else {
            prop_assert!(clock.is_paused());
            prop_assert!(clock.remaining(now, &china).value > TimeDelta::zero());
        }
    }
}
