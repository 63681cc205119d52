//! Sessions in a table of our own: log out everywhere and a changed role take effect at the next request.
//!
//! The cookie (or the bearer token of an API client) is 256 random bits; the table keeps only its SHA-256. A new
//! token is made at every sign-in, so a session cannot be fixed beforehand.

use crate::crypto::token;
use crate::db::hot::fetch;
use crate::db::schema::sessions;
use crate::db::{Conn, Id, Ts, Tx};
use crate::error::{AppError, AppResult, SignInKind};
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel::sql_types::Binary;
use serde::Serialize;

/// Residents stay signed in for at most this long …
const RESIDENT_ABSOLUTE: Duration = Duration::days(30);
/// … and this long without a request.
const RESIDENT_IDLE: Duration = Duration::days(7);
/// An official's working day.
const OFFICIAL_ABSOLUTE: Duration = Duration::hours(12);
/// An official's desk left alone.
const OFFICIAL_IDLE: Duration = Duration::minutes(60);
/// `last_seen_at` is written at most this often for a resident, of whom a province has millions, …
const RESIDENT_TOUCH: Duration = Duration::hours(1);
/// … and for an official, whose idle limit is short.
const OFFICIAL_TOUCH: Duration = Duration::minutes(5);

/// Who a session belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionKind {
    /// `subject` is an account.
    Resident,
    /// `subject` is an official.
    Official,
}

impl SessionKind {
    /// The stored code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Resident => "resident",
            Self::Official => "official",
        }
    }

    fn of(code: &str) -> Self {
        if code == "official" { Self::Official } else { Self::Resident }
    }

    fn limits(self) -> (Duration, Duration) {
        match self {
            Self::Resident => (RESIDENT_ABSOLUTE, RESIDENT_IDLE),
            Self::Official => (OFFICIAL_ABSOLUTE, OFFICIAL_IDLE),
        }
    }
}

/// A session row.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
pub struct Session {
    /// SHA-256 of the token.
    pub id: Vec<u8>,
    /// The name under which its owner sees and ends it.
    pub public_id: Id,
    /// `resident` or `official`.
    pub kind: String,
    /// Account or official.
    pub subject: Id,
    /// The assignment an official acts in.
    pub assignment_id: Option<Id>,
    /// The synchroniser token against cross-site requests.
    pub csrf: Vec<u8>,
    /// A coarse description of the device.
    pub device: String,
    /// Sign-in.
    pub created_at: Ts,
    /// Last request, to within an hour for residents and five minutes for officials.
    pub last_seen_at: Ts,
    /// Absolute end.
    pub expires_at: Ts,
    /// Last fresh second factor.
    pub stepped_up_at: Option<Ts>,
    /// The consent under which a resident's session acts for somebody else; none for its owner.
    pub acting_for: Option<Id>,
    /// Since when.
    pub acting_since: Option<Ts>,
}

#[cfg(test)]
impl Session {
    /// A session of no database.
    pub(crate) fn for_tests(now: DateTime<Utc>) -> Self {
        Self {
            id: Vec::new(),
            public_id: Id::new(),
            kind: "official".into(),
            subject: Id::new(),
            assignment_id: None,
            csrf: Vec::new(),
            device: String::new(),
            created_at: now.into(),
            last_seen_at: now.into(),
            expires_at: now.into(),
            stepped_up_at: None,
            acting_for: None,
            acting_since: None,
        }
    }
}

impl Session {
    /// Whether the session still holds at `now`.
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        let idle = self.kind().limits().1;
        now < self.expires_at.0 && now - self.last_seen_at.0 < idle
    }

    /// Whether `last_seen_at` should be written again.
    pub fn needs_touch(&self, now: DateTime<Utc>) -> bool {
        let every = match self.kind() {
            SessionKind::Resident => RESIDENT_TOUCH,
            SessionKind::Official => OFFICIAL_TOUCH,
        };
        now - self.last_seen_at.0 >= every
    }

    /// Resident or official.
    pub fn kind(&self) -> SessionKind {
        SessionKind::of(&self.kind)
    }
}

/// Starts a session and gives the token, which is stored nowhere.
///
/// # Errors
/// Database errors.
pub fn start(
    tx: &mut Tx<'_>,
    kind: SessionKind,
    subject: Id,
    assignment: Option<Id>,
    device: &str,
    now: DateTime<Utc>,
) -> AppResult<(String, Session)> {
    let secret = token::random(32);
    let text = token::base64url(&secret);
    let session = Session {
        id: token::hash(text.as_bytes()).to_vec(),
        public_id: Id::new(),
        kind: kind.code().into(),
        subject,
        assignment_id: assignment,
        csrf: token::random(32),
        device: device.chars().take(60).collect(),
        created_at: now.into(),
        last_seen_at: now.into(),
        expires_at: (now + kind.limits().0).into(),
        stepped_up_at: (kind == SessionKind::Official).then(|| now.into()),
        acting_for: None,
        acting_since: None,
    };
    diesel::insert_into(sessions::table).values(&session).execute(tx.conn())?;
    Ok((text, session))
}

/// The live session of a token's hash.
///
/// # Errors
/// Database errors.
pub fn find(conn: &mut Conn, token: &[u8; 32], now: DateTime<Utc>) -> AppResult<Option<Session>> {
    let found: Vec<Session> = fetch!(
        conn,
        sessions::SqlType,
        "SELECT id, public_id, kind, subject, assignment_id, csrf, device, created_at, last_seen_at, expires_at, \
         stepped_up_at, acting_for, acting_since FROM sessions WHERE id = ?",
        Binary => token.to_vec(),
    )?;
    Ok(found.into_iter().next().filter(|s| s.is_live(now)))
}

/// Notes that the session is in use.
///
/// # Errors
/// Database errors.
pub fn touch(tx: &mut Tx<'_>, id: &[u8], subject: Id, now: DateTime<Utc>) -> AppResult<()> {
    tx.changed(subject);
    diesel::update(sessions::table.find(id.to_vec()))
        .set(sessions::last_seen_at.eq(Ts::from(now)))
        .execute(tx.conn())?;
    Ok(())
}

/// A session as its owner sees it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = OwnSession)]
pub struct Own {
    /// The name under which it is ended.
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    /// A coarse description of the device.
    pub device: String,
    /// Sign-in.
    #[schema(value_type = DateTime<Utc>)]
    pub since: Ts,
    #[schema(value_type = DateTime<Utc>)]
    /// Last request. Use is written down rarely; that the present one is in use is seen here.
    pub seen: Ts,
    /// Whether it is the present one.
    pub current: bool,
}

/// The live sessions of a subject, all of them, newest first; `current` is the present one's public name.
///
/// # Errors
/// Database errors.
pub fn own(
    conn: &mut Conn,
    kind: SessionKind,
    subject: Id,
    current: Id,
    now: DateTime<Utc>,
) -> AppResult<Vec<Own>> {
    let all: Vec<Session> = sessions::table
        .filter(sessions::kind.eq(kind.code()))
        .filter(sessions::subject.eq(subject))
        // What `is_live` says, so that of many that are over none is read.
        .filter(sessions::expires_at.gt(Ts::from(now)))
        .filter(sessions::last_seen_at.gt(Ts::from(now - kind.limits().1)))
        .order(sessions::created_at.desc())
        .select(Session::as_select())
        .load(conn)?;
    let live = all.into_iter().filter(|s| s.is_live(now));
    let shown = live.map(|s| {
        let current = s.public_id == current;
        let seen = if current { now.into() } else { s.last_seen_at };
        Own { id: s.public_id, device: s.device, since: s.created_at, seen, current }
    });
    Ok(shown.collect())
}

/// Ends one session of its owner; false when there is none of that name.
///
/// # Errors
/// Database errors.
pub fn end(tx: &mut Tx<'_>, kind: SessionKind, subject: Id, public_id: Id) -> AppResult<bool> {
    tx.changed(subject);
    let gone = diesel::delete(
        sessions::table
            .filter(sessions::public_id.eq(public_id))
            .filter(sessions::kind.eq(kind.code()))
            .filter(sessions::subject.eq(subject)),
    )
    .execute(tx.conn())?;
    Ok(gone > 0)
}

/// Ends every session of a subject but one, however many there are: how it is reached or who it is has changed.
///
/// # Errors
/// Database errors.
pub fn end_others(tx: &mut Tx<'_>, kind: SessionKind, subject: Id, keep: Id) -> AppResult<usize> {
    tx.changed(subject);
    let others = sessions::table
        .filter(sessions::kind.eq(kind.code()))
        .filter(sessions::subject.eq(subject))
        .filter(sessions::public_id.ne(keep));
    Ok(diesel::delete(others).execute(tx.conn())?)
}

/// Ends every session of a subject (log out everywhere, disabled official).
///
/// # Errors
/// Database errors.
pub fn end_all(tx: &mut Tx<'_>, kind: SessionKind, subject: Id) -> AppResult<usize> {
    tx.changed(subject);
    Ok(diesel::delete(
        sessions::table.filter(sessions::kind.eq(kind.code())).filter(sessions::subject.eq(subject)),
    )
    .execute(tx.conn())?)
}

/// Moves an official's session to another assignment of the same official.
///
/// # Errors
/// Database errors.
pub fn act_in(tx: &mut Tx<'_>, id: &[u8], assignment: Id) -> AppResult<()> {
    diesel::update(sessions::table.find(id.to_vec()))
        .set(sessions::assignment_id.eq(Some(assignment)))
        .execute(tx.conn())?;
    Ok(())
}

/// Lets a resident's session act for somebody else under a consent, or for its owner again. The secret against which forms
/// are checked is another one from then on: a page that was opened before would send what is meant for one person to another.
///
/// # Errors
/// Database errors.
pub fn act_for(
    tx: &mut Tx<'_>,
    id: &[u8],
    subject: Id,
    consent: Option<Id>,
    now: DateTime<Utc>,
) -> AppResult<()> {
    tx.changed(subject);
    diesel::update(sessions::table.find(id.to_vec()))
        .set((
            sessions::acting_for.eq(consent),
            sessions::acting_since.eq(consent.map(|_| Ts::from(now))),
            sessions::csrf.eq(token::random(32)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Whose sessions end in one transaction.
const STEP: i64 = 500;

/// Ends the sessions of some who have one, so that a province ends in steps. Gives how many; 0 when nobody has one.
///
/// # Errors
/// Database errors.
pub fn end_some(tx: &mut Tx<'_>) -> AppResult<usize> {
    let whose: Vec<(String, Id)> =
        sessions::table.select((sessions::kind, sessions::subject)).distinct().limit(STEP).load(tx.conn())?;
    let mut ended = 0;
    for (kind, subject) in whose {
        ended += end_all(tx, SessionKind::of(&kind), subject)?;
    }
    Ok(ended)
}

/// Notes a fresh second factor, and gives the session another token: the one before opens nothing any more. The secret
/// of its forms stays, so that what was being typed can still be sent.
///
/// # Errors
/// [`AppError::SignIn`] when the session has ended meanwhile; database errors.
pub fn step_up(tx: &mut Tx<'_>, id: &[u8], now: DateTime<Utc>) -> AppResult<String> {
    let text = token::base64url(&token::random(32));
    let changed = diesel::update(sessions::table.find(id.to_vec()))
        .set((
            sessions::id.eq(token::hash(text.as_bytes()).to_vec()),
            sessions::stepped_up_at.eq(Some(Ts::from(now))),
        ))
        .execute(tx.conn())?;
    if changed == 1 { Ok(text) } else { Err(AppError::SignIn(SignInKind::Official)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(kind: SessionKind, at: DateTime<Utc>) -> Session {
        Session {
            id: vec![0; 32],
            public_id: Id::new(),
            kind: kind.code().into(),
            subject: Id::new(),
            assignment_id: None,
            csrf: vec![0; 32],
            device: String::new(),
            created_at: at.into(),
            last_seen_at: at.into(),
            expires_at: (at + kind.limits().0).into(),
            stepped_up_at: None,
            acting_for: None,
            acting_since: None,
        }
    }

    #[test]
    fn a_session_ends_when_nobody_uses_it_and_at_last() {
        let begun: DateTime<Utc> = "2020-03-12T00:00:00Z".parse().unwrap();
        for (kind, idle, whole) in [
            (SessionKind::Official, Duration::hours(1), Duration::hours(12)),
            (SessionKind::Resident, Duration::days(7), Duration::days(30)),
        ] {
            let mut s = session(kind, begun);
            let moment = Duration::seconds(1);
            assert!(s.is_live(begun + idle - moment) && !s.is_live(begun + idle), "{kind:?} unused");
            // Used all the time, it ends nevertheless.
            s.last_seen_at = (begun + whole - moment).into();
            assert!(s.is_live(begun + whole - moment) && !s.is_live(begun + whole), "{kind:?} at last");
        }
    }
}
