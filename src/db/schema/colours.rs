//! Risk levels, findings, colours, appeals.

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    division_risks (id) {
        id -> DbUuid,
        division -> Text,
        level -> Text,
        since -> DbTime,
        until -> Nullable<DbTime>,
        source -> Text,
        entered_by -> Nullable<DbUuid>,
        entered_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    health_records (id) {
        id -> DbUuid,
        person_id -> DbUuid,
        kind -> Text,
        result -> Nullable<Text>,
        at -> DbTime,
        until -> Nullable<DbTime>,
        source -> Text,
        office_id -> Nullable<DbUuid>,
        entered_by -> Nullable<DbUuid>,
        confirmed_by -> Nullable<DbUuid>,
        created_at -> DbTime,
        division -> Nullable<Text>,
        detail_sealed -> Nullable<Binary>,
        confirmed_at -> Nullable<DbTime>,
        refused_by -> Nullable<DbUuid>,
        refused_at -> Nullable<DbTime>,
        ended_at -> Nullable<DbTime>,
        refusal_sealed -> Nullable<Binary>,
        expired_at -> Nullable<DbTime>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    code_states (person_id) {
        person_id -> DbUuid,
        colour -> Text,
        evaluation_sealed -> Binary,
        rule_digest -> Binary,
        since -> DbTime,
        evaluated_at -> DbTime,
        valid_until -> Nullable<DbTime>,
        recheck_at -> Nullable<DbTime>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    code_changes (id) {
        id -> DbUuid,
        person_id -> DbUuid,
        at -> DbTime,
        from_colour -> Text,
        to_colour -> Text,
        evaluation_sealed -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    code_prints (id) {
        id -> DbUuid,
        person_id -> DbUuid,
        colour -> Text,
        status_list -> BigInt,
        status_index -> Integer,
        issued_at -> DbTime,
        expires_at -> DbTime,
        revoked_at -> Nullable<DbTime>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    risk_previews (id) {
        id -> DbUuid,
        change_digest -> Binary,
        count -> Text,
        done -> Bool,
        started_at -> DbTime,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    risk_changes (id) {
        id -> DbUuid,
        division -> Text,
        level -> Text,
        since -> DbTime,
        source -> Text,
        state -> Text,
        entered_by -> DbUuid,
        created_at -> DbTime,
        decided_by -> Nullable<DbUuid>,
        decided_at -> Nullable<DbTime>,
        refusal_sealed -> Nullable<Binary>,
        office_id -> Nullable<DbUuid>,
        until -> Nullable<DbTime>,
        counted -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    record_ends (id) {
        id -> DbUuid,
        record_id -> DbUuid,
        reason_sealed -> Binary,
        state -> Text,
        entered_by -> DbUuid,
        created_at -> DbTime,
        decided_by -> Nullable<DbUuid>,
        decided_at -> Nullable<DbTime>,
        refusal_sealed -> Nullable<Binary>,
        office_id -> Nullable<DbUuid>,
        appeal_id -> Nullable<DbUuid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    code_appeals (id) {
        id -> DbUuid,
        number -> Text,
        account_id -> DbUuid,
        person_id -> DbUuid,
        division -> Text,
        rule -> Text,
        state -> Text,
        version -> BigInt,
        statement_sealed -> Binary,
        clock -> DbJson,
        due_at -> Nullable<DbTime>,
        created_at -> DbTime,
        decided_at -> Nullable<DbTime>,
        decided_by -> Nullable<DbUuid>,
        office_id -> Nullable<DbUuid>,
        decision_sealed -> Nullable<Binary>,
        assignee -> Nullable<DbUuid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    code_waivers (id) {
        id -> DbUuid,
        person_id -> DbUuid,
        rule -> Text,
        decided_at -> DbTime,
        decided_by -> DbUuid,
        about_sealed -> Nullable<Binary>,
    }
}
