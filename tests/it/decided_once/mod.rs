//! Every decision of an official is done once, whoever clicks twice; whoever comes after somebody else learns what that one
//! did; what is too long, missing or too much is told with everything kept; and what is shown beforehand changes nothing.

mod desks;
mod people;

use crate::harness::App;
use crate::harness::browser::{Answer, Browser};
use diesel::prelude::*;
use fugong::db::Conn;
use fugong::db::schema::{audit_entries, outbox};
use futures_util::join;
use uuid::Uuid;

/// Something that an official does by a form.
struct Doing<'a> {
    /// Where it is sent.
    path: &'a str,
    /// What is sent.
    fields: &'a [(&'a str, &'a str)],
    /// What the record says of it.
    action: &'static str,
    /// The message that somebody gets of it.
    message: Option<&'static str>,
}

/// How often the record has an action, and how many messages of a name wait or were sent.
async fn counted(app: &App, doing: &Doing<'_>) -> (i64, i64) {
    let (action, message) = (doing.action, doing.message.unwrap_or("none"));
    let read = move |c: &mut Conn| {
        let acts = audit_entries::table.filter(audit_entries::action.eq(action)).count().get_result(c)?;
        let sent = outbox::table.filter(outbox::message.eq(message)).count().get_result(c)?;
        Ok((acts, sent))
    };
    app.deps.store.read(read).await.unwrap()
}

fn key() -> String {
    Uuid::new_v4().to_string()
}

/// A double click, the same sent again later, and the same key with something else.
async fn is_done_once(app: &App, b: &mut Browser, doing: &Doing<'_>) {
    let (acts, sent) = counted(app, doing).await;
    let key = key();
    let once = [doing.fields, &[("_once", key.as_str())]].concat();
    let mut tab = b.tab();
    let (one, two) = join!(b.post(doing.path, &once), tab.post(doing.path, &once));
    let (one, two) = (one.expect(303), two.expect(303));
    assert_eq!(one.location(), two.location(), "{}: the same answer twice", doing.path);
    let again = b.post(doing.path, &once).await.expect(303);
    assert_eq!(again.location(), one.location(), "{}: and a third time", doing.path);
    let after = (acts + 1, sent + i64::from(doing.message.is_some()));
    assert_eq!(counted(app, doing).await, after, "{}: one act, one message", doing.path);
    let other = [&once[..], &[("something", "else")]].concat();
    b.post(doing.path, &other).await.expect(422).shows("编号已经用过");
    assert_eq!(counted(app, doing).await, after, "{}: not with another content either", doing.path);
}

/// Two officials at the same moment: one wins, and the other learns what changed and keeps what was written.
async fn is_one_of_two(app: &App, one: &mut Browser, two: &mut Browser, doing: &Doing<'_>) -> Answer {
    let (acts, sent) = counted(app, doing).await;
    let (mine, yours) = (key(), key());
    let mine = [doing.fields, &[("_once", mine.as_str())]].concat();
    let yours = [doing.fields, &[("_once", yours.as_str())]].concat();
    let (first, second) = join!(one.post(doing.path, &mine), two.post(doing.path, &yours));
    let (won, late) = if first.status == 303 { (first, second) } else { (second, first) };
    won.expect(303);
    let after = (acts + 1, sent + i64::from(doing.message.is_some()));
    assert_eq!(counted(app, doing).await, after, "{}: one act, one message", doing.path);
    tells(late, doing)
}

/// A decision that somebody else was faster with, told with what was written.
fn tells(late: Answer, doing: &Doing<'_>) -> Answer {
    let mut late =
        late.expect(409).shows("有人先改动了").shows("变化了什么").shows("测试单位").shows("李经办");
    for (_, text) in doing.fields.iter().filter(|(name, _)| matches!(*name, "reason" | "remedy")) {
        late = late.shows("你刚才写的").shows(text);
    }
    late
}

/// What people would read is shown, in the form as it was filled, and nothing is done.
async fn is_shown_first(app: &App, b: &mut Browser, doing: &Doing<'_>, text: &str) {
    let before = counted(app, doing).await;
    let preview = [doing.fields, &[("preview", "1")]].concat();
    let mut shown = b.post(doing.path, &preview).await.expect(200).shows("对方将收到").shows(text);
    for (_, typed) in doing.fields.iter().filter(|(name, _)| matches!(*name, "reason" | "remedy")) {
        shown = shown.shows(typed);
    }
    drop(shown);
    assert_eq!(counted(app, doing).await, before, "{}: a preview changes nothing", doing.path);
}

/// What is too long or missing is told at its field, and what was typed stays.
async fn is_read_whole(app: &App, b: &mut Browser, doing: &Doing<'_>, name: &str) {
    let before = counted(app, doing).await;
    let long = "长".repeat(2001);
    for (text, told) in [(long.as_str(), "最多 2000 个字"), (" ", "请写")] {
        let mut fields: Vec<(&str, &str)> = doing.fields.to_vec();
        for (field, value) in &mut fields {
            if *field == name {
                *value = text;
            }
        }
        let wrong = b.post(doing.path, &fields).await.expect(422).shows(told).shows(text.trim());
        wrong.shows(&format!("href=\"#{name}\""));
        assert_eq!(counted(app, doing).await, before, "{}: nothing is cut, nothing done", doing.path);
    }
}
