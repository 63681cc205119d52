//! A key that is asked for, by a form or a program, brought to one shape and checked by one set of rules.

use crate::clock::{china_day, end_of_day};
use crate::error::FieldError;
use crate::identity::divisions;
use crate::signature::{Key, KeyFault};
use crate::web::form::Form;
use crate::web::program::{Kind, Scope};
use crate::web::text;
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// Characters of a name, and of who answers for it.
const NAME: usize = 60;
const OWNER: usize = 100;
/// Requests in a minute and in a day, at most.
const PER_MINUTE: i32 = 60_000;
const PER_DAY: i32 = 100_000_000;
/// A key lasts for three years at most; then it is looked at again.
const LONGEST: u64 = 3 * 366;
/// For how long the one before goes on counting, in hours: not at all, a day, a week, a month.
pub(super) const OVERLAPS: [u32; 4] = [0, 24, 168, 720];

/// What verifies the signatures of a key.
#[derive(Debug, Clone, Default, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretInput {
    /// The program's public key (P-256 or Ed25519) as PEM. Without one a secret is made for HMAC and shown once; a partner needs
    /// one.
    #[serde(default)]
    #[validate(length(max = 2000))]
    #[schema(max_length = 2000)]
    pub public_key: Option<String>,
    /// A partner's client certificate: its SHA-256 fingerprint, hexadecimal.
    #[serde(default)]
    #[validate(length(max = 200))]
    #[schema(max_length = 200)]
    pub certificate: Option<String>,
}

/// A key to be given.
#[derive(Debug, Clone, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyInput {
    /// `client`, `device` or `partner`.
    #[validate(length(max = 20))]
    #[schema(max_length = 20)]
    pub kind: String,
    /// What the program is called.
    #[validate(length(max = 200))]
    #[schema(max_length = 200)]
    pub name: String,
    /// The institution that answers for it.
    #[validate(length(max = 400))]
    #[schema(max_length = 400)]
    pub owner: String,
    /// Division code of a partner province; nothing for others.
    #[serde(default)]
    #[validate(length(max = 12))]
    #[schema(max_length = 12)]
    pub province: Option<String>,
    /// What a client may do, such as `register`.
    #[serde(default)]
    #[validate(length(max = 20))]
    #[schema(max_items = 20)]
    pub scopes: Vec<String>,
    /// Requests in a minute.
    pub per_minute: i32,
    /// Requests in a day.
    pub per_day: i32,
    /// Last day on which it counts.
    pub until: NaiveDate,
    /// What verifies its signatures.
    #[serde(default)]
    #[validate(nested)]
    pub proof: SecretInput,
}

/// What verifies, checked; without a key a secret is made.
#[derive(Debug, Clone)]
pub struct NewSecret {
    /// The public key.
    pub key: Option<Key>,
    /// SHA-256 of the certificate that a partner shows.
    pub certificate: Option<[u8; 32]>,
}

/// A key, checked.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// What has it.
    pub kind: Kind,
    /// What that is called.
    pub name: String,
    /// Who answers for it.
    pub owner: String,
    /// A partner's province.
    pub province: Option<String>,
    /// What a client may do.
    pub scopes: Vec<Scope>,
    /// Requests in a minute.
    pub per_minute: i32,
    /// Requests in a day.
    pub per_day: i32,
    /// From when on it does not count any more.
    pub expires_at: DateTime<Utc>,
    /// What verifies.
    pub secret: NewSecret,
}

impl SecretInput {
    pub(super) fn of(form: &Form) -> Self {
        let text = |name: &str| form.text(name).map(str::to_owned);
        Self { public_key: text("public_key"), certificate: text("certificate") }
    }

    /// What is wrong with it goes to `errors`.
    pub(super) fn check(&self, kind: Kind, errors: &mut Vec<FieldError>) -> Option<NewSecret> {
        let before = errors.len();
        let text = |text: &Option<String>| {
            text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned)
        };
        let key = match (text(&self.public_key).map(|pem| Key::public(&pem)), kind) {
            (None, Kind::Partner) => wrong(errors, "public_key", "required"),
            (None, _) => None,
            (Some(Ok(key)), _) => Some(key),
            (Some(Err(KeyFault::Kind)), _) => wrong(errors, "public_key", "key-kind"),
            (Some(Err(KeyFault::Encoding)), _) => wrong(errors, "public_key", "key-encoding"),
        };
        let certificate = match (text(&self.certificate), kind) {
            (None, Kind::Partner) => wrong(errors, "certificate", "required"),
            (Some(_), Kind::Client | Kind::Device) => wrong(errors, "certificate", "partners-only"),
            (None, _) => None,
            (Some(text), Kind::Partner) => {
                fingerprint(&text).or_else(|| wrong(errors, "certificate", "fingerprint"))
            }
        };
        (errors.len() == before).then_some(NewSecret { key, certificate })
    }
}

fn wrong<T>(errors: &mut Vec<FieldError>, field: &str, code: &str) -> Option<T> {
    errors.push(FieldError::new(field, code));
    None
}

/// A SHA-256 as people copy it: hexadecimal, with or without colons, spaces, and what stands before an equals sign.
fn fingerprint(text: &str) -> Option<[u8; 32]> {
    let digits = text.rsplit('=').next().unwrap_or_default();
    let digits: String = digits.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
    hex::decode(digits).ok()?.try_into().ok()
}

impl KeyInput {
    /// Reads the form; a day that is none is told.
    pub(super) fn of(form: &Form, errors: &mut Vec<FieldError>) -> Self {
        let until = match form.view().date("until") {
            Ok(Some(day)) => day,
            Ok(None) => {
                errors.push(FieldError::new("until", "required"));
                NaiveDate::default()
            }
            Err(_) => {
                errors.push(FieldError::new("until", "invalid"));
                NaiveDate::default()
            }
        };
        let number = |name: &str| form.get(name).trim().parse().unwrap_or(0);
        Self {
            kind: form.get("kind").to_owned(),
            name: form.get("name").to_owned(),
            owner: form.get("owner").to_owned(),
            province: form.text("province").map(str::to_owned),
            scopes: form.all("scopes").map(str::to_owned).collect(),
            per_minute: number("per_minute"),
            per_day: number("per_day"),
            until,
            proof: SecretInput::of(form),
        }
    }

    /// The key, if nothing is wrong with it.
    ///
    /// # Errors
    /// Everything that is to be put right.
    pub fn check(
        &self,
        own: &str,
        now: DateTime<Utc>,
        mut errors: Vec<FieldError>,
    ) -> Result<NewKey, Vec<FieldError>> {
        let told = errors.iter().any(|e| e.field == "until");
        let kind = Kind::from_code(&self.kind);
        if kind.is_none() {
            errors.push(FieldError::new("kind", "required"));
        }
        let name = text::line("name", &self.name, NAME).map_err(|e| errors.push(e)).unwrap_or_default();
        let owner = text::line("owner", &self.owner, OWNER).map_err(|e| errors.push(e)).unwrap_or_default();
        let province = kind.and_then(|kind| self.checked_province(kind, own, &mut errors));
        let scopes = self.checked_scopes(kind, &mut errors);
        for (field, value, most) in
            [("per_minute", self.per_minute, PER_MINUTE), ("per_day", self.per_day, PER_DAY)]
        {
            if !(1..=most).contains(&value) {
                errors.push(FieldError::new(field, "key-quota").with("max", most));
            }
        }
        let today = china_day(now);
        let last = today.checked_add_days(Days::new(LONGEST)).unwrap_or(today);
        if !told && !(today..=last).contains(&self.until) {
            errors.push(FieldError::new("until", "key-until"));
        }
        let secret = kind.and_then(|kind| self.proof.check(kind, &mut errors));
        match (kind, secret) {
            (Some(kind), Some(secret)) if errors.is_empty() => Ok(NewKey {
                kind,
                name,
                owner,
                province,
                scopes,
                per_minute: self.per_minute,
                per_day: self.per_day,
                expires_at: end_of_day(self.until),
                secret,
            }),
            _ => Err(errors),
        }
    }

    fn checked_province(&self, kind: Kind, own: &str, errors: &mut Vec<FieldError>) -> Option<String> {
        let code = self.province.as_deref().map(str::trim).filter(|code| !code.is_empty());
        let known = |code: &&str| {
            *code != own && divisions().provinces().iter().any(|d| d.code.to_string() == **code)
        };
        match (kind, code) {
            (Kind::Partner, Some(code)) if known(&code) => Some(code.to_owned()),
            (Kind::Partner, _) => wrong(errors, "province", "key-province"),
            (_, None) => None,
            (_, Some(_)) => wrong(errors, "province", "partners-only"),
        }
    }

    fn checked_scopes(&self, kind: Option<Kind>, errors: &mut Vec<FieldError>) -> Vec<Scope> {
        let found: Option<Vec<Scope>> = self.scopes.iter().map(|code| code.parse().ok()).collect();
        match found {
            Some(scopes) if scopes.is_empty() || kind == Some(Kind::Client) => {
                Scope::GIVEN.into_iter().filter(|scope| scopes.contains(scope)).collect()
            }
            Some(_) => wrong(errors, "scopes", "clients-only").unwrap_or_default(),
            None => wrong(errors, "scopes", "invalid").unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: &str = "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=";

    fn input(kind: &str) -> KeyInput {
        KeyInput {
            kind: kind.into(),
            name: "岳池用工系统".into(),
            owner: "岳池县人力资源和社会保障局".into(),
            province: None,
            scopes: Vec::new(),
            per_minute: 60,
            per_day: 1000,
            until: NaiveDate::from_ymd_opt(2020, 12, 31).unwrap(),
            proof: SecretInput::default(),
        }
    }

    fn told(input: &KeyInput) -> String {
        let now = "2020-03-12T02:32:00Z".parse().unwrap();
        match input.check("510000", now, Vec::new()) {
            Ok(_) => String::new(),
            Err(errors) => {
                errors.iter().map(|e| format!("{}:{}", e.field, e.code)).collect::<Vec<_>>().join(" ")
            }
        }
    }

    #[test]
    fn each_kind_has_what_belongs_to_it() {
        assert_eq!(told(&input("client")), "");
        assert_eq!(told(&KeyInput { scopes: vec!["register".into()], ..input("client") }), "");
        assert_eq!(
            told(&KeyInput { scopes: vec!["register".into()], ..input("device") }),
            "scopes:clients-only"
        );
        assert_eq!(told(&KeyInput { scopes: vec!["own".into()], ..input("client") }), "scopes:invalid");
        assert_eq!(told(&input("partner")), "province:key-province public_key:required certificate:required");
        let proof = SecretInput {
            public_key: Some(PUBLIC.into()),
            certificate: Some(format!("sha256 Fingerprint={}", vec!["0A"; 32].join(":"))),
        };
        let partner = KeyInput { province: Some("440000".into()), proof: proof.clone(), ..input("partner") };
        assert_eq!(told(&partner), "");
        assert_eq!(
            told(&KeyInput { province: Some("510000".into()), ..partner.clone() }),
            "province:key-province"
        );
        assert_eq!(
            told(&KeyInput { kind: "device".into(), ..partner }),
            "province:partners-only certificate:partners-only"
        );
    }

    #[test]
    fn what_is_out_of_its_limits_is_told_all_at_once() {
        let bad = KeyInput {
            kind: "person".into(),
            name: " ".into(),
            owner: "长".repeat(OWNER + 1),
            per_minute: 0,
            per_day: PER_DAY + 1,
            until: NaiveDate::from_ymd_opt(2020, 3, 11).unwrap(),
            ..input("")
        };
        assert_eq!(
            told(&bad),
            "kind:required name:required owner:text-too-long per_minute:key-quota per_day:key-quota until:key-until"
        );
        let far = KeyInput { until: NaiveDate::from_ymd_opt(2024, 3, 12).unwrap(), ..input("client") };
        assert_eq!(told(&far), "until:key-until");
        for (key, code) in [("x@", "key-encoding"), ("MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE", "key-kind")] {
            let proof = SecretInput { public_key: Some(key.into()), certificate: None };
            assert_eq!(told(&KeyInput { proof, ..input("client") }), format!("public_key:{code}"));
        }
        assert_eq!(fingerprint("ab"), None);
        assert_eq!(fingerprint(&"zz".repeat(32)), None);
    }
}
