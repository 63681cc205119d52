//! E-mail addresses as far as they matter here: one mailbox that the common mail servers accept.

use serde::{Deserialize, Serialize};

use super::text::{head, is_unseen, narrow};

parse_errors! {
    /// Why a text is not an e-mail address.
    EmailAddressError {
        /// Nothing was given.
        Empty => "email-empty", "the e-mail address is empty";
        /// More than 254 characters, or more than 64 before the @ (RFC 5321).
        TooLong => "email-too-long", "the e-mail address is too long";
        /// Not exactly one @ with something before and after it.
        NoAt => "email-no-at", "the e-mail address does not have one @ between two parts";
        /// The part before the @ is not a plain mailbox name.
        Mailbox => "email-mailbox", "the part of the e-mail address before the @ is not valid";
        /// The part after the @ is not a domain name with a dot.
        Domain => "email-domain", "the part of the e-mail address after the @ is not a domain";
    }
}

/// An e-mail address: a dot-atom mailbox (RFC 5322 3.2.3), an ASCII domain in lower case.
///
/// Quoted mailboxes, address literals and internationalised mailboxes are legal but refused: few servers take
/// them, and a message that cannot be delivered helps nobody. Domains in other scripts are given as `xn--…`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

masked_text!(EmailAddress, EmailAddressError, parse);

impl EmailAddress {
    /// Parses what a person typed; full-width forms are accepted and the domain is put into lower case.
    ///
    /// # Errors
    /// What is wrong with the address, see [`EmailAddressError`].
    pub fn parse(input: &str) -> Result<Self, EmailAddressError> {
        let text: String = input.chars().filter(|c| !is_unseen(*c)).map(narrow).collect();
        let text = text.trim().to_owned();
        if text.is_empty() {
            return Err(EmailAddressError::Empty);
        }
        let (mailbox, domain) = text.split_once('@').ok_or(EmailAddressError::NoAt)?;
        if mailbox.is_empty() || domain.is_empty() || domain.contains('@') {
            return Err(EmailAddressError::NoAt);
        }
        if text.len() > 254 || mailbox.len() > 64 {
            return Err(EmailAddressError::TooLong);
        }
        let atom = |part: &str| !part.is_empty() && part.chars().all(is_atom);
        if !mailbox.split('.').all(atom) {
            return Err(EmailAddressError::Mailbox);
        }
        if !domain.contains('.')
            || !domain.split('.').all(is_label)
            || domain.ends_with(|c: char| c.is_ascii_digit())
        {
            return Err(EmailAddressError::Domain);
        }
        Ok(Self(format!("{mailbox}@{}", domain.to_ascii_lowercase())))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// One spelling for the blind index: all lower case, since no mail provider tells mailboxes apart by case.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// The mailbox's first letter and the domain: `l***@example.com`.
    #[must_use]
    pub fn masked(&self) -> String {
        let domain = self.0.split_once('@').map_or("", |(_, domain)| domain);
        format!("{}***@{domain}", head(&self.0, 1))
    }
}

/// RFC 5322 `atext`.
fn is_atom(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_usual_addresses() {
        let address = EmailAddress::parse(" Li.Wei+work@Example.COM ").unwrap();
        assert_eq!(address.as_str(), "Li.Wei+work@example.com");
        assert_eq!(
            (address.masked().as_str(), address.canonical().as_str()),
            ("L***@example.com", "li.wei+work@example.com")
        );
        assert_eq!(
            EmailAddress::parse("\u{202a}a@b\u{200b}.cn\u{202c}\u{feff}\u{a0}").unwrap().as_str(),
            "a@b.cn"
        );
        assert_eq!(EmailAddress::parse("12345＠qq。com"), Err(EmailAddressError::Domain));
        assert_eq!(EmailAddress::parse("12345＠qq．com").unwrap().as_str(), "12345@qq.com");
        assert_eq!(format!("{address:?}"), "EmailAddress(L***@example.com)");
    }

    #[test]
    fn each_rule_has_its_error() {
        let long = format!("{}@example.com", "a".repeat(65));
        let cases = [
            ("", EmailAddressError::Empty),
            ("li.wei", EmailAddressError::NoAt),
            ("a@b@c.cn", EmailAddressError::NoAt),
            ("@c.cn", EmailAddressError::NoAt),
            (long.as_str(), EmailAddressError::TooLong),
            ("a..b@c.cn", EmailAddressError::Mailbox),
            ("a\r\nBcc:x@c.cn", EmailAddressError::Mailbox),
            ("\"a b\"@c.cn", EmailAddressError::Mailbox),
            ("a@localhost", EmailAddressError::Domain),
            ("a@-c.cn", EmailAddressError::Domain),
            ("a@c..cn", EmailAddressError::Domain),
            ("a@127.0.0.1", EmailAddressError::Domain),
            ("a@c.cn\n.x", EmailAddressError::Domain),
        ];
        for (text, error) in cases {
            assert_eq!(EmailAddress::parse(text), Err(error), "{text:?}");
        }
    }
}
