//! The copies of heads outside the database: reading them, and holding them against the record.

use super::Run;
use crate::audit::copies;
use crate::audit::finding::Finding;
use crate::audit::head::Head;
use crate::audit::tree::Hash;
use crate::error::{AppError, AppResult};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// A copy may be so much older than the newest head: it is written in the same minute.
const COPY_LAG: chrono::Duration = chrono::Duration::minutes(5);

pub(super) struct Copy {
    pub(super) file: String,
    pub(super) digests: BTreeMap<i64, Hash>,
    pub(super) newest: Option<Head>,
}

pub(super) fn digest(head: &Head) -> Hash {
    Sha256::new()
        .chain_update(head.signed_bytes())
        .chain_update(&head.kid)
        .chain_update(&head.signature)
        .finalize()
        .into()
}

impl Run<'_> {
    pub(super) fn read_copies(&mut self, folder: &Path) -> AppResult<Vec<Copy>> {
        let unreadable =
            |e: std::io::Error| AppError::Unavailable(format!("the copies of heads cannot be read: {e}"));
        let mut all = Vec::new();
        for path in copies::files(folder).map_err(unreadable)? {
            let file = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let mut copy = Copy { file, digests: BTreeMap::new(), newest: None };
            // A line that is no head is half of one that was written again; if not, its number is missing.
            for head in copies::read(&path).map_err(unreadable)?.flatten() {
                self.copy_line(&mut copy, head);
            }
            self.copy_gaps(&copy);
            all.push(copy);
        }
        Ok(all)
    }

    fn copy_line(&mut self, copy: &mut Copy, head: Head) {
        self.summary.copies += 1;
        let (number, file) = (head.number, copy.file.clone());
        if !head.is_signed(self.keys) {
            self.report(&Finding::CopySignature { file: file.clone(), number });
        }
        if copy.digests.insert(number, digest(&head)).is_some_and(|before| before != digest(&head)) {
            self.report(&Finding::CopyDiffers { file, number });
        }
        if copy.newest.as_ref().is_none_or(|n| n.number < number) {
            copy.newest = Some(head);
        }
    }

    fn copy_gaps(&mut self, copy: &Copy) {
        let mut expected = 1;
        for number in copy.digests.keys() {
            if *number > expected {
                self.report(&Finding::CopyGap { file: copy.file.clone(), from: expected, to: number - 1 });
            }
            expected = number + 1;
        }
    }

    /// What the copies know and the database does not, and copies that have fallen behind.
    pub(super) fn beyond(&mut self, copies: &[Copy], last: Option<&Head>) {
        let number = last.map_or(0, |h| h.number);
        let newest = copies.iter().filter_map(|c| c.newest.as_ref()).max_by_key(|h| h.number);
        if let Some(head) = newest.filter(|h| h.number > number) {
            self.report(&Finding::HeadsMissing { from: number + 1, to: head.number });
            for (lane, part) in &head.lanes {
                let seq = self.lanes.get(lane).map_or(0, |l| l.seq);
                if seq < part.1 {
                    self.report(&Finding::Missing { lane: *lane, from: seq + 1, to: part.1 });
                } else if seq == part.1 && self.lanes.get(lane).is_some_and(|l| l.hash != part.2) {
                    self.report(&Finding::HeadLane {
                        number: head.number,
                        lane: *lane,
                        from: part.0 + 1,
                        to: part.1,
                    });
                }
            }
        }
        let Some(last) = last else { return };
        for copy in copies {
            let behind = copy.newest.as_ref().filter(|n| n.number < last.number && last.at - n.at > COPY_LAG);
            if let Some(newest) = behind {
                let (from, to) = (newest.number + 1, last.number);
                self.report(&Finding::CopyGap { file: copy.file.clone(), from, to });
            }
        }
    }
}
