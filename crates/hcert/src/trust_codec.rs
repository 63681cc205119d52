//! CBOR form of the trust list, and the field forms of its JSON view.
//!
//! ```text
//! trust-list = { 1 => 1, 2 => uint, 3 => time, 4 => time, 5 => [* entry], 6 => [* tombstone] }
//!              ; version, sequence, issuedAt, nextUpdate, entries, tombstones
//! entry = { 1 => tstr, 2 => tstr, 3 => bstr .size 8, 4 => bstr, 5 => int, 6 => [+ usage], 7 => time, 8 => time,
//!           9 => [* tstr], ? 10 => tstr }
//!              ; province, name, kid, SPKI, alg, usage, notBefore, notAfter, status and exchange endpoints
//! usage = 1..7 ; code, certificate, transport, status, EU vaccination, EU test, EU recovery
//! tombstone = { 1 => tstr, 2 => bstr .size 8, 3 => time, 4 => tstr } ; province, kid, removedAt, reason
//! time = uint  ; NumericDate, whole seconds
//! ```

use super::cbor::{self, Value, Writer};
use super::keys::KeyId;
use super::trust::{Tombstone, TrustEntry, TrustList, TrustListError};
use super::trusted::Usage;
use chrono::{DateTime, Utc};

const USAGES: [Usage; 7] = [
    Usage::Code,
    Usage::Certificate,
    Usage::Transport,
    Usage::Status,
    Usage::EuVaccination,
    Usage::EuTest,
    Usage::EuRecovery,
];

/// Parts of a list: some ten thousand keys.
const MAX_ITEMS: u32 = 400_000;

pub(super) fn write(list: &TrustList) -> Vec<u8> {
    let mut writer = Writer::with_capacity(64 + list.entries.len() * 256);
    writer.map(6).integer(1).integer(1);
    writer.integer(2).integer(i64::try_from(list.sequence).unwrap_or(i64::MAX));
    writer.integer(3).integer(list.issued_at.timestamp()).integer(4).integer(list.next_update.timestamp());
    writer.integer(5).array(list.entries.len());
    for entry in &list.entries {
        write_entry(&mut writer, entry);
    }
    writer.integer(6).array(list.tombstones.len());
    for grave in &list.tombstones {
        writer.map(4).integer(1).text(&grave.province).integer(2).bytes(grave.kid.as_bytes());
        writer.integer(3).integer(grave.removed_at.timestamp()).integer(4).text(&grave.reason);
    }
    writer.finish()
}

fn write_entry(writer: &mut Writer, entry: &TrustEntry) {
    writer.map(if entry.exchange_endpoint.is_some() { 10 } else { 9 });
    writer.integer(1).text(&entry.province).integer(2).text(&entry.name);
    writer.integer(3).bytes(entry.kid.as_bytes()).integer(4).bytes(&entry.spki).integer(5).integer(entry.alg);
    writer.integer(6).array(entry.usage.len());
    for usage in &entry.usage {
        let number =
            USAGES.iter().zip(1..).find(|(known, _)| *known == usage).map_or(0, |(_, number)| number);
        writer.integer(number);
    }
    writer.integer(7).integer(entry.not_before.timestamp()).integer(8).integer(entry.not_after.timestamp());
    writer.integer(9).array(entry.status_endpoints.len());
    for uri in &entry.status_endpoints {
        writer.text(uri);
    }
    if let Some(uri) = &entry.exchange_endpoint {
        writer.integer(10).text(uri);
    }
}

pub(super) fn read(bytes: &[u8]) -> Result<TrustList, TrustListError> {
    let map = cbor::read_with(bytes, MAX_ITEMS).map_err(|_| TrustListError::Malformed)?;
    let list = read_list(&map).ok_or(TrustListError::Malformed)?;
    // One form for one content: what was signed is exactly what was read.
    if write(&list) == bytes { Ok(list) } else { Err(TrustListError::Malformed) }
}

fn read_list(map: &Value<'_>) -> Option<TrustList> {
    if integer(map, 1)? != 1 {
        return None;
    }
    Some(TrustList {
        sequence: u64::try_from(integer(map, 2)?).ok()?,
        issued_at: time(map, 3)?,
        next_update: time(map, 4)?,
        entries: map.get(5)?.elements()?.iter().map(read_entry).collect::<Option<_>>()?,
        tombstones: map.get(6)?.elements()?.iter().map(read_tombstone).collect::<Option<_>>()?,
    })
}

fn read_entry(map: &Value<'_>) -> Option<TrustEntry> {
    let usage = |value: &Value<'_>| {
        let position = usize::try_from(value.integer()?.checked_sub(1)?).ok()?;
        USAGES.get(position).copied()
    };
    let texts = |values: &[Value<'_>]| values.iter().map(|value| value.text().map(str::to_owned)).collect();
    Some(TrustEntry {
        province: text(map, 1)?,
        name: text(map, 2)?,
        kid: KeyId::from_slice(map.get(3)?.bytes()?)?,
        spki: map.get(4)?.bytes()?.to_vec(),
        alg: integer(map, 5)?,
        usage: map.get(6)?.elements()?.iter().map(usage).collect::<Option<_>>()?,
        not_before: time(map, 7)?,
        not_after: time(map, 8)?,
        status_endpoints: map.get(9)?.elements().and_then(texts)?,
        exchange_endpoint: map.get(10).map(|_| text(map, 10)).map_or(Some(None), |uri| uri.map(Some))?,
    })
}

fn read_tombstone(map: &Value<'_>) -> Option<Tombstone> {
    Some(Tombstone {
        province: text(map, 1)?,
        kid: KeyId::from_slice(map.get(2)?.bytes()?)?,
        removed_at: time(map, 3)?,
        reason: text(map, 4)?,
    })
}

fn integer(map: &Value<'_>, key: i64) -> Option<i64> {
    map.get(key)?.integer()
}

fn text(map: &Value<'_>, key: i64) -> Option<String> {
    map.get(key)?.text().map(str::to_owned)
}

fn time(map: &Value<'_>, key: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(integer(map, key)?, 0)
}

/// A key id as 16 hexadecimal digits.
pub(super) mod hex_id {
    use super::KeyId;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(id: &KeyId, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(id)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<KeyId, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = hex::decode(&text).ok().and_then(|bytes| KeyId::from_slice(&bytes));
        bytes.ok_or_else(|| D::Error::custom("a key id has 16 hexadecimal digits"))
    }
}

/// Bytes as base64 (RFC 4648 §4, padded).
pub(super) mod base64_bytes {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&STANDARD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(deserializer)?).map_err(|_| D::Error::custom("not base64"))
    }
}
