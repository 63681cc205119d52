//! Every column that names a person, and what a merge does with it.

/// Tables with the column that names a person: what is written over to the leading record. The key of each is `id`.
pub const PLACES: &[(&str, &str)] = &[
    ("declarations", "person_id"),
    ("declaration_versions", "person_id"),
    ("certificates", "person_id"),
    ("health_records", "person_id"),
    ("code_changes", "person_id"),
    ("code_prints", "person_id"),
    ("code_appeals", "person_id"),
    ("code_waivers", "person_id"),
    ("disclosures", "person_id"),
    ("identity_claims", "person_id"),
    ("proxies", "person_id"),
    ("proxies", "actor_id"),
    ("tasks", "person_id"),
    ("slips", "person_id"),
    ("second_waits", "person_id"),
    ("retention_holds", "person_id"),
    ("persons", "merged_into"),
];

/// Those that are not simply written over, and why.
pub const LEFT: &[(&str, &str, &str)] = &[
    (
        "accounts",
        "person_id",
        "a person has one account: the leading record's, or the other's where it has none",
    ),
    (
        "person_pins",
        "person_id",
        "a person has one PIN: the leading record's, or the other's where it has none",
    ),
    ("code_states", "person_id", "a code is worked out anew from everything that is known of both"),
    ("person_merges", "lead_id", "the merge itself"),
    ("person_merges", "other_id", "the merge itself"),
];
