use super::*;

fn today() -> NaiveDate {
    "2020-03-12".parse().unwrap()
}

fn read(name: &str, body: &str, answers: &mut Answers) -> String {
    let form = Form::parse(body.as_bytes()).unwrap();
    match step(name, &form, answers, today()) {
        Ok(()) => "ok".into(),
        Err(e) => e.iter().map(|e| format!("{}:{}", e.field, e.code)).collect::<Vec<_>>().join(" "),
    }
}

#[test]
fn temperatures_are_read_as_people_type_them() {
    for (typed, tenths) in [("36.5", 365), ("３６．５℃", 365), (" 37 ", 370), ("38.1度", 381), ("36,8", 368)]
    {
        let form = Form::parse(serde_urlencoded::to_string([("t", typed)]).unwrap().as_bytes()).unwrap();
        assert_eq!(temperature(&form, "t").map_err(|e| e.code), Ok(tenths), "{typed}");
    }
    for (typed, code) in [
        ("", "required"),
        ("abc", "temperature-form"),
        ("36.55", "temperature-form"),
        ("50", "temperature-range"),
    ] {
        let form = Form::parse(serde_urlencoded::to_string([("t", typed)]).unwrap().as_bytes()).unwrap();
        assert_eq!(temperature(&form, "t").map_err(|e| e.code), Err(code.to_owned()), "{typed}");
    }
}

#[test]
fn an_identity_card_says_sex_and_nationality() {
    let mut a = Answers::default();
    let body = "name=%F0%A0%AE%B7%E3%9B%83&document_kind=id_card&document_number=１１０１０５ 19491231-002x";
    assert_eq!(read("identity", body, &mut a), "ok");
    assert_eq!(a.name.as_ref().unwrap().as_str(), "𠮷㛃");
    assert_eq!(a.document_number.as_deref(), Some("11010519491231002X"));
    assert_eq!(a.sex.as_deref(), Some("female"));
    let wrong = "name=&document_kind=id_card&document_number=360426199101010072";
    assert_eq!(read("identity", wrong, &mut a), "name:required document_number:id-number-check-digit");
    assert_eq!(a.name.as_ref().unwrap().as_str(), "𠮷㛃", "a refused page changes nothing");
    let passport = "name=Li&document_kind=passport&document_number=E12345678";
    assert_eq!(read("identity", passport, &mut a), "sex:choose-one nationality:required");
    let passport = format!("{passport}&sex=male&nationality=France");
    assert_eq!(read("identity", &passport, &mut a), "ok");
    assert_eq!(a.sex.as_deref(), Some("male"), "a passport does not say it");
}

#[test]
fn none_stands_alone() {
    let mut a = Answers::default();
    assert_eq!(read("symptoms", "", &mut a), "symptoms:tick-or-none");
    assert_eq!(read("symptoms", "symptoms=none&symptoms=cough", &mut a), "symptoms:none-stands-alone");
    assert_eq!(read("symptoms", "symptoms=x", &mut a), "symptoms:choose-one");
    assert_eq!(read("symptoms", "symptoms=none", &mut a), "ok");
    assert_eq!(a.symptoms, Some(vec![]));
    assert_eq!(read("symptoms", "symptoms=cough&symptoms=fever", &mut a), "ok");
    assert_eq!(a.symptoms.as_ref().unwrap(), &["fever", "cough"]);
    assert_eq!(a.concerns(), ["symptoms"]);
}

#[test]
fn stays_lie_within_the_fourteen_days() {
    let stay = |from: &str, to: &str| {
        format!("do=add&stay-division=511621&stay-from={from}&stay-to={to}&stay-transport=train")
    };
    let mut a = Answers { travelled: Some(true), ..Answers::default() };
    assert_eq!(read("places", &stay("2020-02-01", "2020-02-27"), &mut a), "ok", "the last day counts");
    assert_eq!(read("places", &stay("2020-02-01", "2020-02-26"), &mut a), "stay-to:travel-too-old");
    assert_eq!(read("places", &stay("2020-03-10", "2020-03-09"), &mut a), "stay-to:travel-order");
    assert_eq!(read("places", &stay("2020-03-12", "2020-03-13"), &mut a), "stay-to:date-future");
    assert_eq!(
        read("places", "do=add&stay-abroad=日本&stay-from=2020-03-01&stay-to=2020-03-02", &mut a),
        "stay-transport:choose-one"
    );
    assert_eq!(read("places", "", &mut a), "ok", "what was added is enough");
    assert_eq!(read("places", "remove=0", &mut a), "ok");
    assert_eq!(read("places", "", &mut a), "stay-division:travel-none");
}

#[test]
fn leaving_the_province_asks_for_a_separate_consent() {
    let mut a = Answers::default();
    let present = "present-division=511621&present-address=x";
    // Yuechi has towns: the county alone is not enough.
    assert_eq!(read("present", present, &mut a), "present-division:division-incomplete");
    let towns = crate::identity::divisions().children("511621".parse().unwrap());
    let present = format!("present-division={}&present-address=x", towns.first().unwrap().code);
    assert_eq!(read("present", &present, &mut a), "ok");
    let to =
        |code: &str| format!("destination-division={code}&employer=厂&transport=train&travel_day=2020-03-20");
    assert_eq!(read("destination", &to("330212"), &mut a), "ok");
    assert_eq!(read("consent", "truth=yes", &mut a), "share:choose-one");
    assert_eq!(read("consent", "truth=yes&share=no", &mut a), "ok");
    assert_eq!(a.share, Some(false));
    assert_eq!(read("destination", &to("511602"), &mut a), "ok");
    assert_eq!(a.share, None, "nothing is shared any more");
    assert_eq!(read("consent", "", &mut a), "truth:truth-needed");
    let late = to("330212").replace("03-20", "03-27");
    assert_eq!(read("destination", &late, &mut a), "travel_day:journey-far");
}

#[test]
fn an_old_draft_is_checked_again() {
    let mut a = Answers { travelled: Some(true), ..Answers::default() };
    let body = "do=add&stay-division=511621&stay-from=2020-03-01&stay-to=2020-03-01&stay-transport=train";
    read("places", body, &mut a);
    let later: NaiveDate = "2020-03-20".parse().unwrap();
    let errors = whole(&a, later).unwrap_err();
    assert!(errors.iter().any(|e| e.field == "step-places" && e.code == "step-outdated"));
    assert!(errors.iter().any(|e| e.field == "step-identity" && e.code == "step-missing"));
    assert!(errors.iter().any(|e| e.field == "truth" && e.code == "truth-needed"));
}

#[test]
fn limits_hold() {
    let mut a = Answers::default();
    let body = format!("household-division=511621&household-address={}", "长".repeat(201));
    assert_eq!(read("household", &body, &mut a), "household-address:text-too-long");
    let body = format!("household-division=511621&household-address={}", "长".repeat(200));
    assert_eq!(read("household", &body, &mut a), "ok");
    assert_eq!(
        read("household", "household-division=511621&household-address=a%01b", &mut a),
        "household-address:text-unseen"
    );
    let empty = "household-division=511621&household-address=%E2%80%8B+%EF%BB%BF";
    assert_eq!(read("household", empty, &mut a), "household-address:required");
}

#[test]
fn an_address_from_a_chat_is_kept_without_what_nobody_sees() {
    let mut a = Answers::default();
    // A zero-width space, a mark of direction, a word joiner, a soft hyphen and an Arabic letter mark.
    let pasted = "%E2%80%8B%E2%80%AA东外街%E2%81%A0+1%C2%AD18%D8%9C 号%E2%80%AC%EF%BB%BF";
    let body = format!("household-division=511621&household-address={pasted}").replace(' ', "+");
    assert_eq!(read("household", &body, &mut a), "ok");
    assert_eq!(a.household.unwrap().address, "东外街 118 号");
}

#[test]
fn a_renewal_keeps_who_and_where_and_asks_how_they_are() {
    let mut a = Answers::default();
    let to = "destination-division=330212&purpose=work&employer=厂&transport=train&travel_day=2020-03-15";
    for (page, body) in [
        ("identity", "name=Li&document_kind=passport&document_number=E12345678&sex=male&nationality=France"),
        ("today", "temperature=36.5&symptoms=none"),
        ("travel", "travelled=no"),
        ("destination", to),
    ] {
        assert_eq!(read(page, body, &mut a), "ok");
    }
    a.truth = true;
    let again = a.renewed();
    assert!(again.name.is_some() && again.destination.is_some() && again.renews);
    assert!(again.temperature_tenths.is_none() && again.symptoms.is_none() && again.travelled.is_none());
    assert!(!again.truth && again.share.is_none(), "a promise is made anew");
    let day = |today: &str| {
        let form = super::super::questions::fill("destination", &again, "51", today.parse().unwrap());
        (form.get("employer").to_owned(), form.get("travel_day-day").to_owned())
    };
    assert_eq!(day("2020-03-15"), ("厂".into(), "15".into()), "the journey is still ahead");
    assert_eq!(day("2020-03-16"), ("厂".into(), String::new()), "another journey has another day");
}
