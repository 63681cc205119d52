//! Keys of programs, and requests that are signed with them as docs/front.md says: by another hand than the one that checks.

use super::App;
use super::doors::fingerprint;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fugong::audit::Actor;
use fugong::front::{NewKey, NewSecret};
use fugong::signature::Key;
use fugong::web::program::{Kind, Scope};
use reqwest::{Client, Method, Response};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What signs.
#[derive(Clone)]
pub enum Signer {
    Secret(String),
    Ed25519(Arc<Ed25519KeyPair>),
    P256(Arc<EcdsaKeyPair>),
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    pub fn ed25519() -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::Ed25519(Arc::new(Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap()))
    }

    pub fn p256() -> Self {
        let (kind, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let document = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        Self::P256(Arc::new(EcdsaKeyPair::from_pkcs8(kind, document.as_ref(), &random).unwrap()))
    }

    /// SubjectPublicKeyInfo in base64, as an administrator pastes it.
    pub fn public(&self) -> Option<String> {
        let (prefix, key) = match self {
            Self::Secret(_) => return None,
            Self::Ed25519(pair) => ("302a300506032b6570032100", pair.public_key().as_ref()),
            Self::P256(pair) => {
                ("3059301306072a8648ce3d020106082a8648ce3d030107034200", pair.public_key().as_ref())
            }
        };
        Some(STANDARD.encode([hex::decode(prefix).unwrap(), key.to_vec()].concat()))
    }

    fn sign(&self, base: &str) -> String {
        let bytes = match self {
            Self::Secret(text) => {
                let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, text.as_bytes());
                ring::hmac::sign(&key, base.as_bytes()).as_ref().to_vec()
            }
            Self::Ed25519(pair) => pair.sign(base.as_bytes()).as_ref().to_vec(),
            Self::P256(pair) => pair.sign(&SystemRandom::new(), base.as_bytes()).unwrap().as_ref().to_vec(),
        };
        STANDARD.encode(bytes)
    }
}

/// A key of a program, as its owner has it.
#[derive(Debug, Clone)]
pub struct TestKey {
    pub id: String,
    pub keyid: String,
    pub kind: Kind,
    pub scopes: Vec<Scope>,
    pub signer: Signer,
}

/// A key that an administrator would give.
pub fn new_key(kind: Kind, scopes: &[Scope], signer: Option<&Signer>, app: &App) -> NewKey {
    let public = signer.and_then(Signer::public);
    let partner = kind == Kind::Partner;
    NewKey {
        kind,
        name: "岳池用工系统".into(),
        owner: "岳池县人力资源和社会保障局".into(),
        province: partner.then(|| "440000".to_owned()),
        scopes: scopes.to_vec(),
        per_minute: 6000,
        per_day: 100_000,
        expires_at: app.clock.now() + chrono::Duration::days(365),
        secret: NewSecret {
            key: public.map(|text| Key::public(&text).unwrap()),
            certificate: partner.then(|| fingerprint("partner")),
        },
    }
}

/// What is signed: the target as it is known outside, the body, when, and the number that counts once.
#[derive(Debug, Clone)]
pub struct Message {
    pub method: Method,
    pub target: String,
    pub body: Option<Vec<u8>>,
    pub created: i64,
    pub nonce: String,
}

/// A number that no other message of this run has.
pub fn nonce() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("n-{:012}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// `Content-Digest` of a body.
pub fn digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)))
}

impl Message {
    pub fn new(app: &App, method: Method, target: String, body: Option<&[u8]>) -> Self {
        let created = app.clock.now().timestamp();
        Self { method, target, body: body.map(<[u8]>::to_vec), created, nonce: nonce() }
    }

    /// The fields of the signature, and the digest.
    pub fn signed(&self, keyid: &str, signer: &Signer) -> Vec<(&'static str, String)> {
        let digest = self.body.as_deref().map(digest);
        let digest_name = if digest.is_some() { " \"content-digest\"" } else { "" };
        let params = format!(
            "(\"@method\" \"@target-uri\"{digest_name});created={};keyid=\"{keyid}\";nonce=\"{}\"",
            self.created, self.nonce
        );
        let digest_line = digest.as_ref().map(|d| format!("\"content-digest\": {d}\n")).unwrap_or_default();
        let base = format!(
            "\"@method\": {}\n\"@target-uri\": {}\n{digest_line}\"@signature-params\": {params}",
            self.method, self.target
        );
        let mut fields = vec![
            ("signature-input", format!("sig={params}")),
            ("signature", format!("sig=:{}:", signer.sign(&base))),
        ];
        fields.extend(digest.map(|digest| ("content-digest", digest)));
        fields
    }

    /// Sends it with these fields.
    pub async fn send(&self, client: &Client, fields: &[(&'static str, String)]) -> Response {
        let mut request = client.request(self.method.clone(), &self.target);
        for (name, value) in fields {
            request = request.header(*name, value);
        }
        if let Some(body) = &self.body {
            request = request.header("content-type", "application/json").body(body.clone());
        }
        request.send().await.unwrap_or_else(|e| panic!("{} {}: {e}", self.method, self.target))
    }
}

impl App {
    /// Gives a key.
    pub async fn give(&self, new: NewKey, signer: Option<Signer>) -> TestKey {
        let (keys, now) = (self.deps.keys.clone(), self.clock.now());
        let (kind, scopes) = (new.kind, new.scopes.clone());
        let made = self.deps.store.write(move |tx| fugong::front::add(tx, &keys, Actor::Console, &new, now));
        let made = made.await.unwrap();
        let signer = signer.unwrap_or_else(|| Signer::Secret(made.secret.clone().unwrap()));
        TestKey { id: made.id, keyid: made.keyid, kind, scopes, signer }
    }

    /// Gives a client's key with a secret.
    pub async fn client_key(&self, scopes: &[Scope]) -> TestKey {
        self.give(new_key(Kind::Client, scopes, None, self), None).await
    }

    /// Gives a device's key with a secret.
    pub async fn device_key(&self) -> TestKey {
        self.give(new_key(Kind::Device, &[], None, self), None).await
    }

    /// Gives Guangdong's key, for whoever shows the certificate `partner`.
    pub async fn partner_key(&self) -> TestKey {
        let signer = Signer::p256();
        self.give(new_key(Kind::Partner, &[], Some(&signer), self), Some(signer)).await
    }
}
