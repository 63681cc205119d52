//! The one schema over both databases. Column types are those of [`super::types`], so that PostgreSQL keeps its
//! native uuid, timestamptz and jsonb; `tests/it/schema_parity.rs` holds the two migration trees against this file.
#![allow(missing_docs)]

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    sessions (id) {
        id -> Binary,
        public_id -> DbUuid,
        kind -> Text,
        subject -> DbUuid,
        assignment_id -> Nullable<DbUuid>,
        csrf -> Binary,
        device -> Text,
        created_at -> DbTime,
        last_seen_at -> DbTime,
        expires_at -> DbTime,
        stepped_up_at -> Nullable<DbTime>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    rate_counters (bucket, window_start) {
        bucket -> Binary,
        window_start -> DbTime,
        hits -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    idempotency_keys (scope, key) {
        scope -> Binary,
        key -> DbUuid,
        digest -> Binary,
        response_sealed -> Binary,
        created_at -> DbTime,
    }
}

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

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    jobs (id) {
        id -> DbUuid,
        kind -> Text,
        dedup -> Nullable<Text>,
        payload_sealed -> Binary,
        state -> Text,
        run_at -> DbTime,
        attempts -> Integer,
        locked_until -> Nullable<DbTime>,
        last_error -> Nullable<Text>,
        created_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    outbox (id) {
        id -> DbUuid,
        channel -> Text,
        lane -> Text,
        message -> Text,
        lang -> Text,
        dedup -> Nullable<Text>,
        recipient_sealed -> Binary,
        params_sealed -> Binary,
        state -> Text,
        run_at -> DbTime,
        attempts -> Integer,
        locked_until -> Nullable<DbTime>,
        last_error -> Nullable<Text>,
        provider_ref -> Nullable<Text>,
        created_at -> DbTime,
        sent_at -> Nullable<DbTime>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    inbox (id) {
        id -> DbUuid,
        account_id -> DbUuid,
        message -> Text,
        params_sealed -> Binary,
        created_at -> DbTime,
        read_at -> Nullable<DbTime>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    case_events (id) {
        id -> DbUuid,
        case_kind -> Text,
        case_id -> DbUuid,
        seq -> Integer,
        at -> DbTime,
        actor_kind -> Text,
        actor_id -> Nullable<DbUuid>,
        office_id -> Nullable<DbUuid>,
        action -> Text,
        from_state -> Text,
        to_state -> Text,
        version -> BigInt,
        note_sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    persons (id) {
        id -> DbUuid,
        doc_kind -> Text,
        doc_sealed -> Binary,
        doc_blind -> Binary,
        name_sealed -> Binary,
        name_blind -> Binary,
        sex -> Nullable<Text>,
        birth_date_sealed -> Nullable<Binary>,
        phone_sealed -> Nullable<Binary>,
        phone_blind -> Nullable<Binary>,
        division -> Nullable<Text>,
        level -> Text,
        version -> BigInt,
        created_at -> DbTime,
        updated_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    accounts (id) {
        id -> DbUuid,
        phone_sealed -> Binary,
        phone_blind -> Binary,
        email_sealed -> Nullable<Binary>,
        person_id -> Nullable<DbUuid>,
        lang -> Text,
        elder -> Bool,
        notice_at -> Nullable<DbTime>,
        created_at -> DbTime,
        last_signin_at -> DbTime,
        notice_text -> Text,
        email_at -> Nullable<DbTime>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    signin_codes (phone_blind, step) {
        phone_blind -> Binary,
        step -> DbUuid,
        code_hash -> Binary,
        created_at -> DbTime,
        expires_at -> DbTime,
        attempts -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    identity_claims (id) {
        id -> DbUuid,
        number -> Text,
        account_id -> DbUuid,
        person_id -> DbUuid,
        name_sealed -> Binary,
        doc_sealed -> Binary,
        division -> Text,
        state -> Text,
        created_at -> DbTime,
        decided_at -> Nullable<DbTime>,
        decided_by -> Nullable<DbUuid>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    offices (id) {
        id -> DbUuid,
        name -> Text,
        name_en -> Text,
        kind -> Text,
        division -> Text,
        phone -> Text,
        active -> Bool,
        version -> BigInt,
        created_at -> DbTime,
        duty -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    officials (id) {
        id -> DbUuid,
        login -> Text,
        name -> Text,
        email_sealed -> Nullable<Binary>,
        phone_sealed -> Nullable<Binary>,
        doc_sealed -> Nullable<Binary>,
        doc_blind -> Nullable<Binary>,
        password_hash -> Text,
        must_change -> Bool,
        totp_sealed -> Nullable<Binary>,
        totp_last_step -> BigInt,
        active -> Bool,
        failed -> Integer,
        locked_until -> Nullable<DbTime>,
        version -> BigInt,
        created_at -> DbTime,
        last_signin_at -> Nullable<DbTime>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    official_acts (id) {
        id -> DbUuid,
        official_id -> DbUuid,
        action -> Text,
        reason_sealed -> Binary,
        acted_by -> DbUuid,
        created_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    recovery_codes (id) {
        id -> DbUuid,
        official_id -> DbUuid,
        code_hash -> Binary,
        used_at -> Nullable<DbTime>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    assignments (id) {
        id -> DbUuid,
        official_id -> DbUuid,
        office_id -> DbUuid,
        role -> Text,
        division -> Text,
        valid_from -> DbTime,
        valid_to -> Nullable<DbTime>,
        substitute_for -> Nullable<DbUuid>,
        created_by -> Nullable<DbUuid>,
        created_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    declarations (id) {
        id -> DbUuid,
        number -> Text,
        account_id -> Nullable<DbUuid>,
        person_id -> Nullable<DbUuid>,
        state -> Text,
        version -> BigInt,
        answers_sealed -> Binary,
        step -> Text,
        division -> Text,
        destination_division -> Nullable<Text>,
        concern -> Bool,
        entered_by -> Nullable<DbUuid>,
        conclusion -> Nullable<Text>,
        temperature_tenths -> Nullable<Integer>,
        created_at -> DbTime,
        updated_at -> DbTime,
        submitted_at -> Nullable<DbTime>,
        checked_at -> Nullable<DbTime>,
        checked_by -> Nullable<DbUuid>,
        decided_at -> Nullable<DbTime>,
        decided_by -> Nullable<DbUuid>,
        receipt_sealed -> Nullable<Binary>,
        consent_text -> Text,
        consent_withdrawn_at -> Nullable<DbTime>,
        share_withdrawn_at -> Nullable<DbTime>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    declaration_versions (id) {
        id -> DbUuid,
        declaration_id -> DbUuid,
        person_id -> DbUuid,
        version -> BigInt,
        submitted_at -> DbTime,
        accepted_at -> Nullable<DbTime>,
        answers_sealed -> Binary,
        entered_by -> Nullable<DbUuid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    status_lists (id) {
        id -> BigInt,
        usage -> Text,
        size -> Integer,
        taken -> Integer,
        version -> BigInt,
        created_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    status_chunks (list_id, chunk) {
        list_id -> BigInt,
        chunk -> Integer,
        bits -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    status_indexes (list_id, idx) {
        list_id -> BigInt,
        idx -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    certificates (id) {
        id -> DbUuid,
        number -> Text,
        declaration_id -> DbUuid,
        person_id -> DbUuid,
        account_id -> Nullable<DbUuid>,
        state -> Text,
        version -> BigInt,
        division -> Text,
        destination_division -> Nullable<Text>,
        conclusion -> Text,
        temperature_tenths -> Integer,
        token_sealed -> Binary,
        kid -> Binary,
        status_list -> BigInt,
        status_index -> Integer,
        office_id -> DbUuid,
        official_id -> DbUuid,
        issued_at -> DbTime,
        expires_at -> DbTime,
        ended_at -> Nullable<DbTime>,
        ended_by -> Nullable<DbUuid>,
        end_reason_sealed -> Nullable<Binary>,
        suspended_at -> Nullable<DbTime>,
        causes_sealed -> Nullable<Binary>,
        withdrawn_at -> Nullable<DbTime>,
    }
}

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
    businesses (id) {
        id -> DbUuid,
        uscc -> Text,
        name -> Text,
        kind -> Text,
        division -> Text,
        industry -> Nullable<Text>,
        scale -> Nullable<Text>,
        legal_person_sealed -> Nullable<Binary>,
        legal_phone_sealed -> Nullable<Binary>,
        legal_phone_blind -> Nullable<Binary>,
        version -> BigInt,
        created_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    business_agents (id) {
        id -> DbUuid,
        business_id -> DbUuid,
        account_id -> DbUuid,
        number -> Text,
        state -> Text,
        created_at -> DbTime,
        confirmed_at -> Nullable<DbTime>,
        confirmed_by -> Nullable<DbUuid>,
        how -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    business_staff (id) {
        id -> DbUuid,
        business_id -> DbUuid,
        row_number -> Integer,
        name_sealed -> Binary,
        doc_sealed -> Binary,
        doc_blind -> Binary,
        phone_sealed -> Nullable<Binary>,
        origin -> Nullable<Text>,
        certificate_number -> Nullable<Text>,
        created_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    applications (id) {
        id -> DbUuid,
        number -> Text,
        business_id -> DbUuid,
        account_id -> DbUuid,
        kind -> Text,
        state -> Text,
        version -> BigInt,
        division -> Text,
        risk_level -> Text,
        review_level -> Text,
        step -> Text,
        form_sealed -> Binary,
        returning_staff -> Integer,
        corrections -> Integer,
        clock -> DbJson,
        due_at -> Nullable<DbTime>,
        assignee -> Nullable<DbUuid>,
        permit_number -> Nullable<Text>,
        permit_until -> Nullable<DbTime>,
        decided_by -> Nullable<DbUuid>,
        decided_at -> Nullable<DbTime>,
        created_at -> DbTime,
        updated_at -> DbTime,
        submitted_at -> Nullable<DbTime>,
        asked_sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    application_reviews (id) {
        id -> DbUuid,
        application_id -> DbUuid,
        department -> Text,
        round -> Integer,
        state -> Text,
        opinion_sealed -> Nullable<Binary>,
        asked_at -> DbTime,
        decided_at -> Nullable<DbTime>,
        decided_by -> Nullable<DbUuid>,
        office_id -> Nullable<DbUuid>,
        reminded_at -> Nullable<DbTime>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    partners (province) {
        province -> Text,
        name -> Text,
        name_en -> Text,
        endpoint -> Text,
        phone -> Text,
        active -> Bool,
        created_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    agreements (id) {
        id -> DbUuid,
        province -> Text,
        kind -> Text,
        direction -> Text,
        valid_from -> DbTime,
        valid_to -> Nullable<DbTime>,
        document -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    trust_lists (sequence) {
        sequence -> BigInt,
        issued_at -> DbTime,
        next_update -> DbTime,
        list -> Binary,
        accepted_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    disclosures (id) {
        id -> DbUuid,
        person_id -> DbUuid,
        at -> DbTime,
        recipient -> Text,
        purpose -> Text,
        kind -> Text,
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

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    retention_runs (id) {
        id -> DbUuid,
        kind -> Text,
        day -> Text,
        rule_version -> Integer,
        cut_off -> DbTime,
        state -> Text,
        step -> BigInt,
        position -> Nullable<Text>,
        salt -> Binary,
        peaks -> DbJson,
        count -> BigInt,
        oldest -> Nullable<DbTime>,
        newest -> Nullable<DbTime>,
        started_at -> DbTime,
        finished_at -> Nullable<DbTime>,
        record -> Nullable<Text>,
        kid -> Nullable<Binary>,
        signature -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    retention_holds (id) {
        id -> DbUuid,
        number -> Text,
        kind -> Text,
        object_id -> DbUuid,
        person_id -> Nullable<DbUuid>,
        reason_sealed -> Binary,
        state -> Text,
        until -> DbTime,
        review_at -> DbTime,
        entered_by -> DbUuid,
        office_id -> DbUuid,
        created_at -> DbTime,
        decided_by -> Nullable<DbUuid>,
        decided_at -> Nullable<DbTime>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    hold_ends (hold_id) {
        hold_id -> DbUuid,
        reason_sealed -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    search_walks (name) {
        name -> Text,
        form -> Text,
        position -> Nullable<DbUuid>,
        done -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    spent_steps (id) {
        id -> DbUuid,
        expires_at -> DbTime,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::db::types::*;
    sign_in_tries (bucket) {
        bucket -> Binary,
        tried -> Integer,
        tried_at -> DbTime,
        next_at -> Nullable<DbTime>,
        known_until -> Nullable<DbTime>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    sessions,
    sign_in_tries,
    spent_steps,
    rate_counters,
    idempotency_keys,
    audit_lanes,
    audit_entries,
    audit_chunks,
    audit_heads,
    jobs,
    outbox,
    inbox,
    case_events,
    persons,
    accounts,
    signin_codes,
    identity_claims,
    offices,
    officials,
    official_acts,
    hold_ends,
    recovery_codes,
    assignments,
    declarations,
    declaration_versions,
    status_lists,
    status_chunks,
    status_indexes,
    certificates,
    division_risks,
    risk_changes,
    risk_previews,
    health_records,
    record_ends,
    code_states,
    code_changes,
    code_prints,
    code_appeals,
    code_waivers,
    businesses,
    business_agents,
    business_staff,
    applications,
    application_reviews,
    partners,
    agreements,
    trust_lists,
    disclosures,
    retention_runs,
    retention_holds,
    search_walks,
);
