//! Signed-in people, made through the library so that a test need not walk through the sign-in pages.

use super::App;
use super::browser::Browser;
use diesel::prelude::*;
use fugong::access::Role;
use fugong::accounts::ensure_account;
use fugong::audit::Actor;
use fugong::crypto::password;
use fugong::db::Id;
use fugong::db::schema::officials;
use fugong::error::AppResult;
use fugong::identity::{DivisionCode, DocumentNumber, Phone, divisions, sample};
use fugong::officials::{
    NewAssignment, NewOffice, NewOfficial, OfficeKind, add_office, add_official, assign, identify,
};
use fugong::web::cookies::CookieNames;
use fugong::web::i18n::Lang;
use fugong::web::session::{self, SessionKind};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use totp_rs::{Algorithm, Builder, Secret};

/// The password of officials made here.
pub const PASSWORD: &str = "北风 卷地 白草 折";

/// What an authenticator shows for a secret as it is written on the page, at the portal's time.
pub fn totp(secret: &str, app: &App) -> String {
    let secret = Secret::try_from_base32(secret.replace(' ', "")).unwrap();
    let long = secret.as_bytes().len() == 32;
    let algorithm = if long { Algorithm::SHA256 } else { Algorithm::SHA1 };
    let totp = Builder::new().with_algorithm(algorithm).with_secret(secret).build().unwrap();
    totp.generate(u64::try_from(app.clock.now().timestamp()).unwrap()).to_string()
}

/// An official made here.
pub struct Staff {
    pub browser: Browser,
    pub official: Id,
    pub office: Id,
    pub assignment: Id,
    pub login: String,
}

impl App {
    /// A resident who is signed in with this phone.
    pub async fn resident(&self, phone: &str) -> Browser {
        self.resident_with(phone).await.0
    }

    /// The same with the account's identifier.
    pub async fn resident_with(&self, phone: &str) -> (Browser, Id) {
        let phone = Phone::parse(phone).unwrap();
        let (keys, now) = (self.deps.keys.clone(), self.clock.now());
        let made = self.deps.store.write(move |tx| {
            let account = ensure_account(tx, &keys, &phone, Lang::ZhCn, now)?;
            fugong::accounts::accept_notice(tx, account, now)?;
            let (token, _) = session::start(tx, SessionKind::Resident, account, None, "Test", now)?;
            Ok((token, account))
        });
        let (token, account) = made.await.unwrap();
        (self.with_session(&token), account)
    }

    /// An official who is signed in, in an own office of the division.
    pub async fn official(&self, role: Role, division: &str) -> Browser {
        self.official_full(role, division).await.browser
    }

    /// The same with all identifiers.
    pub async fn official_full(&self, role: Role, division: &str) -> Staff {
        let division = DivisionCode::parse(division).unwrap();
        let (keys, now) = (self.deps.keys.clone(), self.clock.now());
        let made: AppResult<_> = self
            .deps
            .store
            .write(move |tx| {
                let by = Actor::Console;
                let known = divisions().get(division).unwrap();
                let name = format!("{}测试单位", known.name);
                let phone = "0826-5220000".into();
                let kind = OfficeKind::County;
                let office = NewOffice {
                    name,
                    name_en: format!("Office of {}", known.name_en),
                    kind,
                    duty: None,
                    division,
                    phone,
                };
                let office = add_office(tx, by.clone(), &office, now)?;
                let login = format!("u{}", Id::new().0.simple());
                let new = NewOfficial {
                    login: login.clone(),
                    name: "李经办".into(),
                    password_hash: password_hash().to_owned(),
                    must_change: false,
                    email: None,
                    phone: None,
                    document: document(),
                };
                let official = add_official(tx, &keys, by.clone(), &new, now)?;
                let (from, to, substitute_for, created_by) = (now, None, None, None);
                let right =
                    NewAssignment { official, office, role, division, from, to, substitute_for, created_by };
                let assignment = assign(tx, by, &right, now)?;
                let kind = SessionKind::Official;
                let (token, _) = session::start(tx, kind, official, Some(assignment), "Test", now)?;
                Ok((token, official, office, assignment, login))
            })
            .await;
        let (token, official, office, assignment, login) = made.unwrap();
        Staff { browser: self.with_session(&token), official, office, assignment, login }
    }

    /// Another official in the same office, with the same right.
    pub async fn colleague(&self, of: &Staff, role: Role, division: &str) -> Browser {
        let (keys, now, office) = (self.deps.keys.clone(), self.clock.now(), of.office);
        let division = DivisionCode::parse(division).unwrap();
        let made: AppResult<_> = self
            .deps
            .store
            .write(move |tx| {
                let new = NewOfficial {
                    login: format!("u{}", Id::new().0.simple()),
                    name: "王同事".into(),
                    password_hash: password_hash().to_owned(),
                    must_change: false,
                    email: None,
                    phone: None,
                    document: document(),
                };
                let official = add_official(tx, &keys, Actor::Console, &new, now)?;
                let (from, to, substitute_for, created_by) = (now, None, None, None);
                let right =
                    NewAssignment { official, office, role, division, from, to, substitute_for, created_by };
                let assignment = assign(tx, Actor::Console, &right, now)?;
                Ok(session::start(tx, SessionKind::Official, official, Some(assignment), "Test", now)?.0)
            })
            .await;
        self.with_session(&made.unwrap())
    }

    /// Says who an official is: a document and, where one is given, a telephone.
    pub async fn is_known(&self, official: Id, document: DocumentNumber, phone: Option<&str>) {
        let (keys, now) = (self.deps.keys.clone(), self.clock.now());
        let phone = phone.map(|p| Phone::parse(p).unwrap());
        let done = self
            .deps
            .store
            .write(move |tx| identify(tx, &keys, Actor::Console, official, &document, phone.as_ref(), now));
        done.await.unwrap();
    }

    /// An official who has this telephone as a resident, and a document of nobody else's.
    pub async fn official_with_phone(&self, role: Role, division: &str, phone: &str) -> Browser {
        let staff = self.official_full(role, division).await;
        self.is_known(staff.official, document(), Some(phone)).await;
        staff.browser
    }

    /// Takes away what is on file of who an official is, or of everybody: as with those made before it was asked.
    pub async fn is_unknown(&self, official: Option<Id>) {
        let done = self.deps.store.write(move |tx| {
            let set = (
                officials::doc_sealed.eq(None::<Vec<u8>>),
                officials::doc_blind.eq(None::<Vec<u8>>),
                officials::phone_sealed.eq(None::<Vec<u8>>),
            );
            match official {
                Some(id) => diesel::update(officials::table.find(id)).set(set).execute(tx.conn())?,
                None => diesel::update(officials::table).set(set).execute(tx.conn())?,
            };
            Ok(())
        });
        done.await.unwrap();
    }

    /// A browser that carries a session.
    pub fn with_session(&self, token: &str) -> Browser {
        let mut browser = self.browser();
        browser.set_cookie(&CookieNames::of(&self.deps.config).session, token);
        browser
    }
}

fn password_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| password::hash(PASSWORD).unwrap())
}

/// A document of nobody: each official of a test has another.
pub fn document() -> DocumentNumber {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let nth = 9_000_000 + NEXT.fetch_add(1, Ordering::Relaxed);
    let county = DivisionCode::parse("513431").unwrap();
    sample::id_number_nth(county, nth % sample::ID_NUMBERS_PER_DIVISION).unwrap().into()
}
