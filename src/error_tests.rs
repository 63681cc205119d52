//! Tests of the one error type.

use super::*;
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind as Kind, Error};

/// What PostgreSQL says, with where in the statement.
struct Said(&'static str, Option<i32>);

impl DatabaseErrorInformation for Said {
    fn message(&self) -> &str {
        self.0
    }
    fn details(&self) -> Option<&str> {
        None
    }
    fn hint(&self) -> Option<&str> {
        None
    }
    fn table_name(&self) -> Option<&str> {
        None
    }
    fn column_name(&self) -> Option<&str> {
        None
    }
    fn constraint_name(&self) -> Option<&str> {
        None
    }
    fn statement_position(&self) -> Option<i32> {
        self.1
    }
}

fn status(kind: Kind, said: &'static str, at: Option<i32>) -> u16 {
    AppError::from(Error::DatabaseError(kind, Box::new(Said(said, at)))).status_code().as_u16()
}

/// As PostgreSQL 15 and SQLite say it.
#[test]
fn what_passes_by_itself_is_503_in_every_language() {
    for said in [
        "canceling statement due to lock timeout",
        "由于锁超时，取消语句操作",
        "canceling statement due to statement timeout",
        "由于语句执行超时，正在取消查询命令",
        "deadlock detected",
        "检测到死锁",
        "could not extend file \"base/5/16384\": No space left on device",
        "could not extend file \"base/5/16384\": wrote only 4096 of 8192 bytes at block 7",
        "无法扩展文件\"base/5/16384\": 设备上没有空间",
        "could not read block 3 in file \"base/5/16384\": Input/output error",
        "could not fsync file \"pg_wal/000000010000000000000001\": Input/output error",
        "out of memory",
        "内存用尽",
        "out of shared memory",
        "共享内存用尽",
        "terminating connection due to administrator command",
        "由于管理员命令中断联接",
        "the database system is starting up",
        "数据库系统启动中",
        "remaining connection slots are reserved for non-replication superuser connections",
        "database or disk is full",
        "disk I/O error",
        "attempt to write a readonly database",
        "database is locked",
        "unable to open database file",
        "no such savepoint: caller",
        "cannot rollback - no transaction is active",
        "interrupted",
    ] {
        assert_eq!(status(Kind::Unknown, said, None), 503, "{said}");
    }
    for said in ["canceling statement due to lock timeout", "由于锁超时，取消语句操作", "检测到死锁"]
    {
        assert_eq!(status(Kind::Unknown, said, Some(13)), 503, "{said}, while the statement is read");
    }
    for kind in [
        Kind::ClosedConnection,
        Kind::SerializationFailure,
        Kind::UniqueViolation,
        Kind::UnableToSendCommand,
        Kind::ReadOnlyTransaction,
    ] {
        assert_eq!(status(kind, "不知道", None), 503);
    }
}

#[test]
fn what_is_a_fault_of_ours_is_500_in_every_language() {
    for said in ["操作符不存在: integer + integer[]", "函数 nothing(integer) 不存在"] {
        assert_eq!(status(Kind::Unknown, said, Some(8)), 500, "{said}");
    }
    for said in ["column \"x\" does not exist", "字段 \"x\" 不存在", "语法错误 在 \"SELEKT\" 或附近的"]
    {
        assert_eq!(status(Kind::Unknown, said, Some(8)), 500, "{said}");
    }
    for said in [
        "near \"SELEKT\": syntax error",
        "no such table: nothing",
        "no such column: nothing",
        "table t has no column named x",
        "datatype mismatch",
        "database disk image is malformed",
        "file is not a database",
        "invalid byte sequence for encoding \"UTF8\": 0x00",
        "invalid input syntax for type integer: \"x\"",
        "integer out of range",
    ] {
        assert_eq!(status(Kind::Unknown, said, None), 500, "{said}");
    }
    for kind in [Kind::ForeignKeyViolation, Kind::NotNullViolation, Kind::CheckViolation] {
        assert_eq!(status(kind, "不知道", None), 500);
    }
}

#[test]
fn a_commit_that_failed_is_what_it_failed_of() {
    let full = || Box::new(Error::DatabaseError(Kind::Unknown, Box::new(Said("内存用尽", None))));
    let both = Error::RollbackErrorOnCommit { rollback_error: full(), commit_error: full() };
    assert_eq!(AppError::from(both).status_code().as_u16(), 503);
}
