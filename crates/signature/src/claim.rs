//! What a message claims: by which key it is signed, over what, when.

use crate::base::name;
use crate::fields::{Bare, Item, List, Member, dictionary};
use crate::{Fault, Message};

/// Bytes of `Signature-Input` and of `Signature`, at most.
pub const MAX_FIELD: usize = 4096;
/// Components of a signature, at most.
const MAX_COMPONENTS: usize = 32;

/// The one signature of a message, before it is known whether it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    list: List,
    signature: Vec<u8>,
    keyid: String,
    nonce: String,
    created: i64,
    expires: Option<i64>,
    algorithm: Option<String>,
}

impl Claim {
    /// Reads `Signature-Input` and `Signature`, each as the one value that its lines make.
    ///
    /// # Errors
    /// [`Fault`] with what is wrong.
    pub fn read(input: Option<&str>, signature: Option<&str>) -> Result<Self, Fault> {
        let (input, signature) = match (input, signature) {
            (None, None) => return Err(Fault::Missing),
            (Some(input), Some(signature)) => (input, signature),
            _ => return Err(Fault::Malformed),
        };
        if input.len() > MAX_FIELD || signature.len() > MAX_FIELD {
            return Err(Fault::Malformed);
        }
        let mut inputs = dictionary(input).ok_or(Fault::Malformed)?;
        let mut signatures = dictionary(signature).ok_or(Fault::Malformed)?;
        if inputs.len() > 1 || signatures.len() > 1 {
            return Err(Fault::Several);
        }
        let (label, list) = inputs.pop().ok_or(Fault::Missing)?;
        let (signed, bytes) = signatures.pop().ok_or(Fault::Missing)?;
        match (list, bytes) {
            (Member::List(list), Member::Item(Item { bare: Bare::Bytes(bytes), parameters }))
                if label == signed && parameters.is_empty() && list.items.len() <= MAX_COMPONENTS =>
            {
                Self::of(list, bytes)
            }
            _ => Err(Fault::Malformed),
        }
    }

    fn of(list: List, signature: Vec<u8>) -> Result<Self, Fault> {
        let find =
            |name: &str| list.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let text = |name: &'static str, least: usize, most: usize| match find(name) {
            Some(Bare::String(text)) if (least..=most).contains(&text.len()) => Ok(text.clone()),
            _ => Err(Fault::Parameter(name)),
        };
        let moment = |name: &'static str| match find(name) {
            Some(Bare::Integer(seconds)) => Ok(Some(*seconds)),
            None => Ok(None),
            Some(_) => Err(Fault::Parameter(name)),
        };
        let (keyid, nonce) = (text("keyid", 1, 80)?, text("nonce", 8, 80)?);
        let created = moment("created")?.ok_or(Fault::Parameter("created"))?;
        let expires = moment("expires")?;
        let algorithm = match find("alg") {
            Some(_) => Some(text("alg", 1, 40)?),
            None => None,
        };
        Ok(Self { signature, keyid, nonce, created, expires, algorithm, list })
    }

    /// The name of the key.
    #[must_use]
    pub fn keyid(&self) -> &str {
        &self.keyid
    }

    /// The number that is used once: 8 to 80 characters.
    #[must_use]
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// When it was signed, in seconds since 1970.
    #[must_use]
    pub const fn created(&self) -> i64 {
        self.created
    }

    /// After which second it does not count any more, where that is said.
    #[must_use]
    pub const fn expires(&self) -> Option<i64> {
        self.expires
    }

    /// The algorithm, where the message names one; the key says which one counts.
    #[must_use]
    pub fn algorithm(&self) -> Option<&str> {
        self.algorithm.as_deref()
    }

    /// The signature's bytes.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    fn covers(&self, component: &str) -> bool {
        self.list.items.iter().any(|item| name(item) == Ok(component))
    }

    /// That it is over what says what is asked for: the method, the whole target (`@target-uri`, or `@path` and, where there is a
    /// query, `@query`), and of a message with a body its digest.
    ///
    /// # Errors
    /// [`Fault::Uncovered`] with the first that is not.
    pub fn covers_request(&self, has_query: bool, has_body: bool) -> Result<(), Fault> {
        let needs = |there: bool, component: &'static str| {
            if there { Ok(()) } else { Err(Fault::Uncovered(component)) }
        };
        needs(self.covers("@method"), "@method")?;
        if !self.covers("@target-uri") {
            needs(self.covers("@path"), "@target-uri")?;
            needs(!has_query || self.covers("@query"), "@query")?;
        }
        needs(!has_body || self.covers("content-digest"), "content-digest")
    }

    /// The text that the signature is over.
    ///
    /// # Errors
    /// As [`Message::base`].
    pub fn base(&self, message: &Message<'_>) -> Result<String, Fault> {
        message.base(&self.list)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const INPUT: &str = "sig=(\"@method\" \"@path\" \"@query\" \"content-digest\");created=1618884473;keyid=\"client-1\";nonce=\"n-000001\"";

    fn read(input: &str) -> Result<Claim, Fault> {
        Claim::read(Some(input), Some("sig=:YWJj:"))
    }

    #[test]
    fn a_claim_is_read_whole() {
        let claim = read(&format!("{INPUT};alg=\"ed25519\";expires=1618884500;tag=\"x\"")).unwrap();
        assert_eq!((claim.keyid(), claim.nonce(), claim.created()), ("client-1", "n-000001", 1_618_884_473));
        assert_eq!((claim.expires(), claim.algorithm()), (Some(1_618_884_500), Some("ed25519")));
        assert_eq!(claim.signature(), b"abc");
        assert_eq!(claim.covers_request(true, true), Ok(()));
    }

    #[test]
    fn what_is_no_claim_is_refused_for_its_reason() {
        assert_eq!(Claim::read(None, None), Err(Fault::Missing));
        assert_eq!(Claim::read(Some(""), Some("")), Err(Fault::Missing));
        assert_eq!(Claim::read(Some(INPUT), None), Err(Fault::Malformed));
        assert_eq!(Claim::read(None, Some("sig=:YWJj:")), Err(Fault::Malformed));
        assert_eq!(Claim::read(Some(INPUT), Some("other=:YWJj:")), Err(Fault::Malformed));
        assert_eq!(Claim::read(Some(INPUT), Some("sig=abc")), Err(Fault::Malformed));
        assert_eq!(Claim::read(Some("sig=1"), Some("sig=:YWJj:")), Err(Fault::Malformed));
        assert_eq!(Claim::read(Some(&"x".repeat(MAX_FIELD + 1)), Some("sig=:YWJj:")), Err(Fault::Malformed));
        let two = format!("{INPUT}, b=(\"@method\")");
        assert_eq!(Claim::read(Some(&two), Some("sig=:YWJj:, b=:YWJj:")), Err(Fault::Several));
        for (from, to, fault) in [
            (";created=1618884473", "", Fault::Parameter("created")),
            ("created=1618884473", "created=\"now\"", Fault::Parameter("created")),
            (";keyid=\"client-1\"", "", Fault::Parameter("keyid")),
            ("keyid=\"client-1\"", "keyid=client-1", Fault::Parameter("keyid")),
            ("n-000001", "short", Fault::Parameter("nonce")),
            (";nonce=\"n-000001\"", "", Fault::Parameter("nonce")),
            ("created=1618884473", "created=1618884473;expires=soon", Fault::Parameter("expires")),
            ("created=1618884473", "created=1618884473;alg=1", Fault::Parameter("alg")),
        ] {
            assert_eq!(read(&INPUT.replace(from, to)), Err(fault), "{to}");
        }
    }

    #[test]
    fn what_has_to_be_signed_is_named() {
        for (list, query, body, missing) in [
            ("\"@path\"", false, false, Some("@method")),
            ("\"@method\"", false, false, Some("@target-uri")),
            ("\"@method\" \"@path\"", false, false, None),
            ("\"@method\" \"@path\"", true, false, Some("@query")),
            ("\"@method\" \"@target-uri\"", true, false, None),
            ("\"@method\" \"@target-uri\"", true, true, Some("content-digest")),
            ("\"@method\" \"@target-uri\" \"content-digest\";sf", true, true, Some("content-digest")),
        ] {
            let text = format!("sig=({list});created=1;keyid=\"k\";nonce=\"n-000001\"");
            let told = read(&text).unwrap().covers_request(query, body);
            assert_eq!(told, missing.map_or(Ok(()), |name| Err(Fault::Uncovered(name))), "{list}");
        }
    }

    #[test]
    fn the_base_has_one_line_for_each_component() {
        let derived = |name: &str| (name == "@method").then(|| "GET".to_owned());
        let field = |name: &str| match name {
            "x-two" => vec![" a ".to_owned(), "b\t".to_owned()],
            "x-odd" => vec!["a\u{e9}".to_owned()],
            _ => Vec::new(),
        };
        let message = Message { derived: &derived, field: &field };
        let base = |list: &str| {
            read(&format!("sig=({list});created=1;keyid=\"k\";nonce=\"n-000001\"")).unwrap().base(&message)
        };
        assert_eq!(
            base("\"@method\" \"x-two\"").unwrap(),
            "\"@method\": GET\n\"x-two\": a, b\n\"@signature-params\": (\"@method\" \"x-two\");created=1;keyid=\"k\";nonce=\"n-000001\""
        );
        for list in [
            "\"@method\" \"@method\"",
            "\"@path\"",
            "\"x-none\"",
            "\"x-odd\"",
            "\"x-two\";bs",
            "\"X-Two\"",
            "x-two",
            "\"\"",
        ] {
            assert_eq!(base(list), Err(Fault::Component), "{list}");
        }
    }
}
