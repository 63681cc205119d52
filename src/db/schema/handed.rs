//! Files and tables that people hand in.

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    files (id) {
        id -> DbUuid,
        purpose -> Text,
        case_id -> DbUuid,
        account_id -> DbUuid,
        state -> Text,
        reason -> Nullable<Text>,
        kind -> Text,
        size -> BigInt,
        digest -> Binary,
        shelf -> Integer,
        blob -> Nullable<DbUuid>,
        making -> Nullable<DbUuid>,
        name_sealed -> Binary,
        key_sealed -> Nullable<Binary>,
        created_at -> DbTime,
        changed_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    imports (id) {
        id -> DbUuid,
        name -> Text,
        subject_id -> DbUuid,
        account_id -> DbUuid,
        state -> Text,
        mode -> Text,
        onto -> Text,
        total -> Integer,
        taken -> Integer,
        wrong -> Integer,
        trouble -> Nullable<Text>,
        file_sealed -> Binary,
        wrong_sealed -> Nullable<Binary>,
        created_at -> DbTime,
        changed_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    import_rows (import_id, number) {
        import_id -> DbUuid,
        number -> Integer,
        subject_id -> DbUuid,
        rows_sealed -> Binary,
    }
}
