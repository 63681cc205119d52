//! The residents whom a newcomer can sign in as.

use super::residents::Stage;

/// A resident of the demonstration whom a newcomer can sign in as.
pub(super) struct Known {
    pub(super) phone: &'static str,
    pub(super) what: &'static str,
    pub(super) name: &'static str,
    pub(super) stage: Option<Stage>,
    pub(super) symptoms: &'static [&'static str],
}

const fn known(
    phone: &'static str,
    what: &'static str,
    name: &'static str,
    stage: Option<Stage>,
    symptoms: &'static [&'static str],
) -> Known {
    Known { phone, what, name, stage, symptoms }
}

/// The same in both provinces.
pub(super) const KNOWN: &[Known] = &[
    known("13800000001", "nothing declared yet: no colour, and why", "", None, &[]),
    known(
        "13800000002",
        "green code, certificate issued; a long name",
        "阿依古丽·买买提江",
        Some(Stage::Issued),
        &[],
    ),
    known("13800000003", "yellow code: a cough was declared", "欧阳雪", Some(Stage::Checked), &["cough"]),
    known("13800000004", "declaration returned for correction", "陈建国", Some(Stage::Returned), &[]),
    known(
        "13800000005",
        "submitted, not checked yet; a name with a rare character",
        "𠮷㛃",
        Some(Stage::Submitted),
        &[],
    ),
    known("13800000006", "green code; owner of businesses that reopen", "蒲春燕", Some(Stage::Issued), &[]),
    known(
        CONTACT,
        "red code: close contact, by two officers; an appeal waits",
        "罗小梅",
        Some(Stage::Checked),
        &[],
    ),
    known("13800000008", "no colour: the declaration was withdrawn", "郑晓东", Some(Stage::Withdrawn), &[]),
    known(
        MERGED,
        "a second record, by passport, was merged into this one",
        "蒋文静",
        Some(Stage::Issued),
        &[],
    ),
    known(
        TWICE,
        "a second record, by passport: merging waits for another official",
        "曲比石且",
        Some(Stage::Checked),
        &[],
    ),
];

/// The one about whom there is a finding.
pub(super) const CONTACT: &str = "13800000007";
/// The one whose two records were merged …
pub(super) const MERGED: &str = "13800000009";
/// … and the one whose wait.
pub(super) const TWICE: &str = "13800000010";
