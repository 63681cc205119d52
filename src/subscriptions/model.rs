//! A subscription, and what it is made of.

use crate::crypto::{FieldContext, Keyring, token};
use crate::db::schema::{subscription_news, subscriptions};
use crate::db::{Id, Js, Ts};
use crate::error::AppResult;
use crate::web::i18n::Lang;
use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;

/// How long the link of the message lasts by which an address is confirmed.
pub(super) const LINK: Duration = Duration::hours(48);
/// Subscriptions that one address or account has at most.
pub(super) const MOST: i64 = 50;

/// By which way news come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    Inbox,
    Email,
    Sms,
}

impl Channel {
    pub const ALL: [Self; 3] = [Self::Inbox, Self::Email, Self::Sms];

    pub fn code(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// News that somebody gets at once in a day; what is beyond goes into the next digest.
    pub fn at_once(self) -> i32 {
        match self {
            Self::Inbox => 20,
            Self::Email => 10,
            Self::Sms => 3,
        }
    }
}

/// When news come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Digest {
    /// At once.
    None,
    Daily,
    Weekly,
}

impl Digest {
    pub const ALL: [Self; 3] = [Self::None, Self::Daily, Self::Weekly];

    pub fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wish {
    pub topic: &'static str,
    /// The code of a division; empty for the whole province.
    pub division: String,
    pub channel: Channel,
    pub digest: Digest,
}

/// A subscription as it is stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = subscriptions)]
pub(super) struct Row {
    pub id: Id,
    /// The same in all subscriptions of an account or of an address.
    pub subscriber: Id,
    pub account_id: Option<Id>,
    pub address_sealed: Option<Vec<u8>>,
    pub address_blind: Option<Vec<u8>>,
    pub topic: String,
    pub division: String,
    pub channel: String,
    pub lang: String,
    pub digest: String,
    pub token_hash: Vec<u8>,
    pub token_sealed: Vec<u8>,
    pub created_at: Ts,
    pub confirmed_at: Option<Ts>,
}

/// Whose a new subscription is.
pub(super) enum Whose<'a> {
    Account(Id),
    /// An address, its blind index, and who has it already.
    Address(&'a str, Vec<u8>, Option<Id>),
}

impl Row {
    /// A new one, which is not confirmed.
    pub fn new(
        keys: &Keyring,
        wish: &Wish,
        whose: Whose<'_>,
        lang: Lang,
        now: DateTime<Utc>,
    ) -> AppResult<Self> {
        let (id, text) = (Id::new(), token::base64url(&token::random(32)));
        let (subscriber, account_id, address, address_blind) = match whose {
            Whose::Account(account) => (account, Some(account), None, None),
            Whose::Address(address, blind, known) => {
                (known.unwrap_or_else(Id::new), None, Some(address), Some(blind))
            }
        };
        Ok(Self {
            id,
            subscriber,
            account_id,
            address_sealed: address.map(|a| keys.seal_str(&address_context(id), a)).transpose()?,
            address_blind,
            topic: wish.topic.to_owned(),
            division: wish.division.clone(),
            channel: wish.channel.code().to_owned(),
            lang: lang.tag().to_owned(),
            digest: wish.digest.code().to_owned(),
            token_hash: token::hash(text.as_bytes()).to_vec(),
            token_sealed: keys.seal_str(&token_context(id), &text)?,
            created_at: now.into(),
            confirmed_at: None,
        })
    }

    /// What stands in its links.
    pub fn token(&self, keys: &Keyring) -> AppResult<String> {
        Ok(keys.open_str(&token_context(self.id), &self.token_sealed)?.to_string())
    }

    /// The address of a visitor.
    pub fn address(&self, keys: &Keyring) -> AppResult<Option<String>> {
        let sealed = self.address_sealed.as_ref();
        let open = |sealed: &Vec<u8>| keys.open_str(&address_context(self.id), sealed);
        Ok(sealed.map(open).transpose()?.map(|address| address.to_string()))
    }

    pub fn channel(&self) -> Channel {
        Channel::parse(&self.channel).unwrap_or(Channel::Inbox)
    }

    pub fn digest(&self) -> Digest {
        Digest::parse(&self.digest).unwrap_or(Digest::None)
    }

    pub fn lang(&self) -> Lang {
        Lang::parse(&self.lang).unwrap_or_default()
    }

    /// Whether its link to confirm it can still be used.
    pub fn can_be_confirmed(&self, now: DateTime<Utc>) -> bool {
        self.confirmed_at.is_none() && now < self.created_at.0 + LINK
    }
}

/// News as they are stored.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = subscription_news)]
pub(super) struct News {
    pub id: Id,
    pub topic: String,
    pub division: String,
    pub args: Js,
    pub position: Option<Id>,
    pub done: bool,
    pub created_at: Ts,
}

fn address_context(id: Id) -> FieldContext<'static> {
    FieldContext::new("subscriptions", "address_sealed", id.0)
}

fn token_context(id: Id) -> FieldContext<'static> {
    FieldContext::new("subscriptions", "token_sealed", id.0)
}

/// The hash of what stands in a link; `None` for what no link of ours holds.
pub(super) fn hash_of(text: &str) -> Option<Vec<u8>> {
    let is_ours = text.len() == 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    is_ours.then(|| token::hash(text.as_bytes()).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_known_by_its_hash_and_lasts_two_days() {
        let (keys, now) = (Keyring::ephemeral().unwrap(), DateTime::UNIX_EPOCH);
        let wish =
            Wish { topic: "risk", division: String::new(), channel: Channel::Email, digest: Digest::None };
        let whose = Whose::Address("reader@example.cn", vec![1], None);
        let row = Row::new(&keys, &wish, whose, Lang::En, now).unwrap();
        let token = row.token(&keys).unwrap();
        assert_eq!(hash_of(&token), Some(row.token_hash.clone()));
        assert_eq!(row.address(&keys).unwrap().as_deref(), Some("reader@example.cn"));
        assert!(row.can_be_confirmed(now + LINK - Duration::seconds(1)));
        assert!(!row.can_be_confirmed(now + LINK));
        for other in ["", "01920000-0000-7000-8000-00000000abcd", &"a".repeat(44)] {
            assert_eq!(hash_of(other), None, "{other}");
        }
    }

    #[test]
    fn codes_read_back() {
        assert!(Channel::ALL.iter().all(|one| Channel::parse(one.code()) == Some(*one)));
        assert!(Digest::ALL.iter().all(|one| Digest::parse(one.code()) == Some(*one)));
        assert_eq!(Channel::parse("pigeon"), None);
    }
}
