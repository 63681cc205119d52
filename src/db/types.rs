//! SQL types that are native on PostgreSQL (uuid, timestamptz, jsonb) and BLOB, INTEGER (µs since 1970) and
//! TEXT on SQLite, with the Rust values that carry them.

use super::conn::Multi;
use chrono::{DateTime, Utc};
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types as st;
use diesel::sqlite::Sqlite;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// SQL type of an identifier: `uuid` / 16-byte `BLOB`.
#[derive(st::SqlType, diesel::query_builder::QueryId, Debug, Clone, Copy, Default)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Binary"))]
pub struct DbUuid;

/// SQL type of a moment: `timestamptz` / `INTEGER` microseconds since 1970-01-01T00:00Z.
#[derive(st::SqlType, diesel::query_builder::QueryId, Debug, Clone, Copy, Default)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185), sqlite_type(name = "Long"))]
pub struct DbTime;

/// SQL type of a JSON document: `jsonb` / `TEXT`.
#[derive(st::SqlType, diesel::query_builder::QueryId, Debug, Clone, Copy, Default)]
#[diesel(postgres_type(oid = 3802, array_oid = 3807), sqlite_type(name = "Text"))]
pub struct DbJson;

/// An identifier as stored.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, FromSqlRow, AsExpression, Serialize, Deserialize,
)]
#[diesel(sql_type = DbUuid)]
#[serde(transparent)]
pub struct Id(pub Uuid);

impl Id {
    /// A fresh identifier (UUID version 7: ordered by time of creation).
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl Default for Id {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for Id {
    type Err = uuid::Error;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(s).map(Self)
    }
}

impl From<Uuid> for Id {
    fn from(value: Uuid) -> Self {
        Self(value)
    }
}

/// A moment as stored; always whole microseconds, because PostgreSQL keeps no more.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, FromSqlRow, AsExpression, Serialize, Deserialize,
)]
#[diesel(sql_type = DbTime)]
#[serde(transparent)]
pub struct Ts(pub DateTime<Utc>);

impl From<DateTime<Utc>> for Ts {
    fn from(t: DateTime<Utc>) -> Self {
        Self(crate::clock::to_micros(t))
    }
}

/// A JSON document as stored.
#[derive(Debug, Clone, PartialEq, FromSqlRow, AsExpression, Serialize, Deserialize)]
#[diesel(sql_type = DbJson)]
#[serde(transparent)]
pub struct Js(pub serde_json::Value);

impl FromSql<DbUuid, Pg> for Id {
    fn from_sql(b: diesel::pg::PgValue<'_>) -> deserialize::Result<Self> {
        <Uuid as FromSql<st::Uuid, Pg>>::from_sql(b).map(Id)
    }
}
impl ToSql<DbUuid, Pg> for Id {
    fn to_sql<'b>(&'b self, o: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<st::Uuid, Pg>::to_sql(&self.0, o)
    }
}
impl FromSql<DbTime, Pg> for Ts {
    fn from_sql(b: diesel::pg::PgValue<'_>) -> deserialize::Result<Self> {
        <DateTime<Utc> as FromSql<st::Timestamptz, Pg>>::from_sql(b).map(Ts)
    }
}
impl ToSql<DbTime, Pg> for Ts {
    fn to_sql<'b>(&'b self, o: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<st::Timestamptz, Pg>::to_sql(&self.0, &mut o.reborrow())
    }
}
impl FromSql<DbJson, Pg> for Js {
    fn from_sql(b: diesel::pg::PgValue<'_>) -> deserialize::Result<Self> {
        <serde_json::Value as FromSql<st::Jsonb, Pg>>::from_sql(b).map(Js)
    }
}
impl ToSql<DbJson, Pg> for Js {
    fn to_sql<'b>(&'b self, o: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<st::Jsonb, Pg>::to_sql(&self.0, &mut o.reborrow())
    }
}

type LiteValue<'a, 'b, 'c> = diesel::sqlite::SqliteValue<'a, 'b, 'c>;

impl FromSql<DbUuid, Sqlite> for Id {
    fn from_sql(b: LiteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<st::Binary, Sqlite>>::from_sql(b)?;
        Ok(Id(Uuid::from_slice(&bytes)?))
    }
}
impl ToSql<DbUuid, Sqlite> for Id {
    fn to_sql<'b>(&'b self, o: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        o.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}
impl FromSql<DbTime, Sqlite> for Ts {
    fn from_sql(b: LiteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<st::BigInt, Sqlite>>::from_sql(b)?;
        DateTime::from_timestamp_micros(micros).map(Ts).ok_or_else(|| "time out of range".into())
    }
}
impl ToSql<DbTime, Sqlite> for Ts {
    fn to_sql<'b>(&'b self, o: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        o.set_value(self.0.timestamp_micros());
        Ok(IsNull::No)
    }
}
impl FromSql<DbJson, Sqlite> for Js {
    fn from_sql(b: LiteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<st::Text, Sqlite>>::from_sql(b)?;
        Ok(Js(serde_json::from_str(&text)?))
    }
}
impl ToSql<DbJson, Sqlite> for Js {
    fn to_sql<'b>(&'b self, o: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        o.set_value(self.0.to_string());
        Ok(IsNull::No)
    }
}

macro_rules! multi {
    ($($sql:ty => $value:ty),*) => { $(
        impl st::HasSqlType<$sql> for Multi {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
                Multi::lookup_sql_type::<$sql>(lookup)
            }
        }
        impl FromSql<$sql, Multi> for $value {
            fn from_sql(b: <Multi as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                b.from_sql::<Self, $sql>()
            }
        }
        impl ToSql<$sql, Multi> for $value {
            fn to_sql<'b>(&'b self, o: &mut Output<'b, '_, Multi>) -> serialize::Result {
                o.set_value((<$sql>::default(), self));
                Ok(IsNull::No)
            }
        }
    )* }
}
multi!(DbUuid => Id, DbTime => Ts, DbJson => Js);
