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
/// Quotes that a mailbox does not need are dropped (`"li.wei"@…` is `li.wei@…`, RFC 5321 4.1.2), domains in other scripts
/// are kept as `xn--…` (UTS #46). Mailboxes that need quotes, address literals and internationalised mailboxes are legal
/// but refused: few servers take them, and a message that cannot be delivered helps nobody.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

masked_text!(EmailAddress, EmailAddressError, parse);

impl EmailAddress {
    /// Parses what a person typed or copied: full-width forms, `mailto:`, `Li Wei <li@…>` and the dot at the end of a
    /// whole domain name are accepted.
    ///
    /// # Errors
    /// What is wrong with the address, see [`EmailAddressError`].
    pub fn parse(input: &str) -> Result<Self, EmailAddressError> {
        let text: String = input.chars().filter(|c| !is_unseen(*c)).map(narrow).collect();
        let text = bare(text.trim());
        if text.is_empty() {
            return Err(EmailAddressError::Empty);
        }
        // No legal spelling is as long as this; the bound keeps hostile input cheap.
        if text.len() > 1000 {
            return Err(EmailAddressError::TooLong);
        }
        let (mailbox, domain) = text.rsplit_once('@').ok_or(EmailAddressError::NoAt)?;
        let (mailbox, domain) = (unquoted(mailbox.trim_end()), domain.trim_start());
        if mailbox.is_empty() || domain.is_empty() || (mailbox.contains('@') && !mailbox.starts_with('"')) {
            return Err(EmailAddressError::NoAt);
        }
        if mailbox.len() > 64 {
            return Err(EmailAddressError::TooLong);
        }
        let atom = |part: &str| !part.is_empty() && part.chars().all(is_atom);
        if !mailbox.split('.').all(atom) {
            return Err(EmailAddressError::Mailbox);
        }
        let domain = ascii_domain(domain).ok_or(EmailAddressError::Domain)?;
        if mailbox.len() + 1 + domain.len() > 254 {
            return Err(EmailAddressError::TooLong);
        }
        Ok(Self(format!("{mailbox}@{domain}")))
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

/// The address in `mailto:a@b` and `Name <a@b>`.
fn bare(text: &str) -> &str {
    let inside = text.strip_suffix('>').and_then(|rest| rest.rsplit_once('<'));
    let text = inside.map_or(text, |(_, address)| address.trim());
    match text.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => text.get(7..).unwrap_or_default(),
        _ => text,
    }
}

/// A mailbox without quotes where these change nothing.
fn unquoted(mailbox: &str) -> &str {
    let inside = mailbox.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inside.filter(|text| text.chars().all(|c| is_atom(c) || c == '.')).unwrap_or(mailbox)
}

/// A domain name as mail servers write it: in lower case, other scripts as `xn--…`, every full stop a dot, without the
/// one at its end.
fn ascii_domain(domain: &str) -> Option<String> {
    let dotted = domain.replace(['\u{3002}', '\u{ff61}'], ".");
    let name = dotted.strip_suffix('.').unwrap_or(&dotted);
    let name = if name.is_ascii() { name.to_ascii_lowercase() } else { idna::domain_to_ascii(name).ok()? };
    let last = name.rsplit('.').next().unwrap_or_default();
    let number = last.bytes().all(|b| b.is_ascii_digit());
    (name.contains('.') && name.split('.').all(is_label) && !number).then_some(name)
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
        assert_eq!(EmailAddress::parse("12345＠qq．com").unwrap().as_str(), "12345@qq.com");
        assert_eq!(format!("{address:?}"), "EmailAddress(L***@example.com)");
    }

    #[test]
    fn one_address_has_one_spelling() {
        let longest =
            format!("a@{}.cn", [["b"; 61].concat(), ["c"; 61].concat(), ["d"; 61].concat()].join("."));
        for (text, expected) in [
            ("12345＠qq。com", "12345@qq.com"),
            ("１２３４５＠ｑｑ．ｃｏｍ", "12345@qq.com"),
            ("12345@qq｡com", "12345@qq.com"),
            ("li.wei@qq.com.", "li.wei@qq.com"),
            ("li@例子.公司", "li@xn--fsqu00a.xn--55qx5d"),
            ("li@例子。公司", "li@xn--fsqu00a.xn--55qx5d"),
            ("li@BÜCHER.example", "li@xn--bcher-kva.example"),
            ("li@xn--fsqu00a.xn--55qx5d", "li@xn--fsqu00a.xn--55qx5d"),
            ("li+work+2@qq.com", "li+work+2@qq.com"),
            ("\"li.wei\"@qq.com", "li.wei@qq.com"),
            ("mailto:li@qq.com", "li@qq.com"),
            ("李伟 <li@qq.com>", "li@qq.com"),
            ("<li@qq.com>", "li@qq.com"),
            ("li @ qq.com", "li@qq.com"),
            ("o'neill@x.ie", "o'neill@x.ie"),
            (longest.as_str(), longest.as_str()),
        ] {
            assert_eq!(EmailAddress::parse(text).map(|a| a.0).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn each_rule_has_its_error() {
        let labels =
            [["b"; 63].concat(), ["c"; 63].concat(), ["d"; 63].concat(), ["e"; 59].concat()].join(".");
        let too_long = format!("a@{labels}.cn");
        let long = format!("{}@example.com", "a".repeat(65));
        let cases = [
            ("", EmailAddressError::Empty),
            ("li.wei", EmailAddressError::NoAt),
            ("a@b@c.cn", EmailAddressError::NoAt),
            ("@c.cn", EmailAddressError::NoAt),
            (long.as_str(), EmailAddressError::TooLong),
            (too_long.as_str(), EmailAddressError::TooLong),
            ("\"a@b\"@c.cn", EmailAddressError::Mailbox),
            ("用户@c.cn", EmailAddressError::Mailbox),
            ("a@[127.0.0.1]", EmailAddressError::Domain),
            ("a@c.cn..", EmailAddressError::Domain),
            ("a@.", EmailAddressError::Domain),
            ("a@xn--a.cn\u{0}", EmailAddressError::Domain),
            ("li wei@c.cn", EmailAddressError::Mailbox),
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
