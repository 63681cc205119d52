//! The audit record.

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    audit_lanes (lane) {
        lane -> Integer,
        length -> BigInt,
        head -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    audit_entries (lane, seq) {
        lane -> Integer,
        seq -> BigInt,
        at -> DbTime,
        actor_kind -> Text,
        actor_id -> Nullable<DbUuid>,
        office_id -> Nullable<DbUuid>,
        action -> Text,
        object_kind -> Text,
        object_id -> Nullable<DbUuid>,
        subject_id -> Nullable<DbUuid>,
        detail -> DbJson,
        prev -> Binary,
        hash -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    audit_chunks (idx) {
        idx -> BigInt,
        root -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    audit_heads (number) {
        number -> BigInt,
        at -> DbTime,
        tree_size -> BigInt,
        root -> Binary,
        lanes -> DbJson,
        kid -> Binary,
        signature -> Binary,
    }
}
