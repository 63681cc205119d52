//! Search keys that an older portal has written, or an older key, are brought to their present form.

use crate::harness::App;
use crate::on_both;
use chrono::DateTime;
use diesel::prelude::*;
use fugong::crypto::{FieldContext, KeySlot, Purpose};
use fugong::db::schema::{accounts, persons, search_walks};
use fugong::db::{Id, Ts};
use fugong::web::i18n::Lang;

on_both!(what_was_written_before_is_found, a_new_key_and_a_stop_in_between);

/// The one account and its person as an older portal wrote them: another apostrophe, the zero that is dialled inside.
async fn as_before(app: &App) -> (Id, Id) {
    let (keys, now) = (app.deps.keys.clone(), app.clock.now());
    let written = app.deps.store.write(move |tx| {
        let phone = fugong::identity::Phone::parse("+447700900124").unwrap();
        let account = fugong::accounts::ensure_account(tx, &keys, &phone, Lang::En, now)?;
        let (old, person) = ("+4407700900124", Id::new());
        let place = FieldContext::new("accounts", "phone_sealed", account.0);
        diesel::update(accounts::table.find(account))
            .set((
                accounts::phone_sealed.eq(keys.seal_str(&place, old)?),
                accounts::phone_blind.eq(keys.blind("phone", old).to_vec()),
            ))
            .execute(tx.conn())?;
        let sealed = |column, text| keys.seal_str(&FieldContext::new("persons", column, person.0), text);
        diesel::insert_into(persons::table)
            .values((
                persons::id.eq(person),
                persons::doc_kind.eq("passport"),
                persons::doc_sealed.eq(sealed("doc_sealed", "E12345678")?),
                persons::doc_blind.eq(keys.blind("document", "passport:E12345678").to_vec()),
                persons::name_sealed.eq(sealed("name_sealed", "Seán O’Neill")?),
                persons::name_blind.eq(keys.blind("name", "seán o’neill").to_vec()),
                persons::phone_sealed.eq(Some(sealed("phone_sealed", old)?)),
                persons::phone_blind.eq(Some(keys.blind("phone", old).to_vec())),
                persons::level.eq("seen"),
                persons::version.eq(1),
                persons::created_at.eq(Ts::from(now)),
                persons::updated_at.eq(Ts::from(now)),
            ))
            .execute(tx.conn())?;
        Ok((account, person))
    });
    written.await.unwrap()
}

/// Whether name, phone and document are found under the present key, and the phone of the account.
async fn found(app: &App) -> [bool; 4] {
    let keys = app.deps.keys.clone();
    let read = app.deps.store.read(move |conn| {
        let blind = |purpose: &str, text: &str| keys.blind(purpose, text).to_vec();
        let phone = blind("phone", "+447700900124");
        let document = fugong::identity::DocumentNumber::parse_stored(
            fugong::identity::DocumentKind::Passport,
            "E12345678",
        );
        let document = blind("document", &document.unwrap().canonical());
        let person = |n: i64| n == 1;
        Ok([
            person(
                persons::table
                    .filter(persons::name_blind.eq(blind("name", "seán o'neill")))
                    .count()
                    .get_result(conn)?,
            ),
            person(persons::table.filter(persons::phone_blind.eq(&phone)).count().get_result(conn)?),
            person(persons::table.filter(persons::doc_blind.eq(document)).count().get_result(conn)?),
            person(accounts::table.filter(accounts::phone_blind.eq(&phone)).count().get_result(conn)?),
        ])
    });
    read.await.unwrap()
}

async fn what_was_written_before_is_found(app: App) {
    let (account, person) = as_before(&app).await;
    assert_eq!(found(&app).await, [false, false, true, false]);
    app.tick().await;
    assert_eq!(found(&app).await, [true; 4]);
    // Messages go to the number as it is dialled from elsewhere, and the same account signs in.
    let keys = app.deps.keys.clone();
    let (to, shown) = app
        .deps
        .store
        .read(move |c| {
            Ok((fugong::accounts::recipient(c, &keys, account)?, fugong::accounts::person(c, &keys, person)?))
        })
        .await
        .unwrap();
    assert_eq!(to.phone.as_deref(), Some("+447700900124"));
    assert_eq!((shown.name.as_str(), shown.phone.unwrap().as_str()), ("Seán O’Neill", "+447700900124"));
    app.resident("+44 (0)7700 900124").await;
    let accounts = app.deps.store.read(|c| Ok(accounts::table.count().get_result::<i64>(c)?)).await.unwrap();
    assert_eq!(accounts, 1);
    app.stop().await;
}

async fn a_new_key_and_a_stop_in_between(app: App) {
    as_before(&app).await;
    app.tick().await;
    app.deps
        .keys
        .rotate(KeySlot::Data(Purpose::BlindIndex), DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH)
        .unwrap();
    assert_eq!(found(&app).await, [false; 4], "the present key has not been used yet");
    // A walk that was cut off behind the last row goes on there and not from the beginning.
    let form = app.deps.store.read(|c| {
        Ok(search_walks::table
            .filter(search_walks::name.eq("persons"))
            .select(search_walks::form)
            .first::<String>(c)?)
    });
    let form = form.await.unwrap();
    let (spelling, version) = form.split_once('.').unwrap();
    let next = format!("{spelling}.{}", version.parse::<u32>().unwrap() + 1);
    let cut_off = app.deps.store.write(move |tx| {
        diesel::update(search_walks::table.find("persons"))
            .set((
                search_walks::form.eq(next),
                search_walks::position.eq(Some(Id::new())),
                search_walks::done.eq(false),
            ))
            .execute(tx.conn())?;
        Ok(())
    });
    cut_off.await.unwrap();
    app.tick().await;
    assert_eq!(found(&app).await, [false, false, false, true]);
    // From the beginning.
    let anew = app.deps.store.write(|tx| {
        diesel::delete(search_walks::table).execute(tx.conn())?;
        Ok(())
    });
    anew.await.unwrap();
    app.tick().await;
    assert_eq!(found(&app).await, [true; 4]);
    let before =
        app.deps.store.read(|c| Ok(persons::table.select(persons::name_blind).load::<Vec<u8>>(c)?)).await;
    app.tick().await;
    let after =
        app.deps.store.read(|c| Ok(persons::table.select(persons::name_blind).load::<Vec<u8>>(c)?)).await;
    assert_eq!(before.unwrap(), after.unwrap(), "a second walk changes nothing");
    app.stop().await;
}
