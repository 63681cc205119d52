//! What can be wrong with the record, and what was gone through to find it.

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// The entry's fields are not those that its hash was made of.
    #[error("lane {lane} entry {seq}: altered")]
    Altered {
        /// The lane.
        lane: i32,
        /// The place.
        seq: i64,
    },
    /// The entry does not follow the one before it: one of them was replaced.
    #[error("lane {lane} entry {seq}: does not follow entry {}", seq - 1)]
    Link {
        /// The lane.
        lane: i32,
        /// The place.
        seq: i64,
    },
    /// Entries that were there are gone.
    #[error("lane {lane} entries {from} to {to}: missing")]
    Missing {
        /// The lane.
        lane: i32,
        /// The first.
        from: i64,
        /// The last.
        to: i64,
    },
    /// Entries past the end of the lane.
    #[error("lane {lane} entries {from} to {to}: not part of the record")]
    Extra {
        /// The lane.
        lane: i32,
        /// The first.
        from: i64,
        /// The last.
        to: i64,
    },
    /// The lane's own row (length, last hash) does not fit its entries.
    #[error("lane {lane}: its row does not fit its entries")]
    LaneRow {
        /// The lane.
        lane: i32,
    },
    /// Heads that were there are gone.
    #[error("heads {from} to {to}: missing")]
    HeadsMissing {
        /// The first.
        from: i64,
        /// The last.
        to: i64,
    },
    /// The head is not signed by an audit key, or was altered.
    #[error("head {number}: its signature does not hold")]
    HeadSignature {
        /// The head.
        number: i64,
    },
    /// The lane's entries up to the head are not those that were signed.
    #[error("head {number}: lane {lane} is not what was signed; entries {from} to {to} are in doubt")]
    HeadLane {
        /// The head.
        number: i64,
        /// The lane.
        lane: i32,
        /// First entry that the head took up.
        from: i64,
        /// Last entry that the head took up.
        to: i64,
    },
    /// The tree up to the head is not the one that was signed.
    #[error("head {number}: the entries before it do not make the signed root")]
    HeadRoot {
        /// The head.
        number: i64,
    },
    /// A stored root of a subtree is wrong.
    #[error("stored root of chunk {index}: altered or missing")]
    Chunk {
        /// Its index.
        index: i64,
    },
    /// The copy outside the database is another than the head.
    #[error("{file}: head {number} is another than in the database")]
    CopyDiffers {
        /// File name.
        file: String,
        /// The head.
        number: i64,
    },
    /// The copy holds a head that no audit key has signed.
    #[error("{file}: the signature of head {number} does not hold")]
    CopySignature {
        /// File name.
        file: String,
        /// The head.
        number: i64,
    },
    /// Heads are missing in the copy.
    #[error("{file}: heads {from} to {to} are missing")]
    CopyGap {
        /// File name.
        file: String,
        /// The first.
        from: i64,
        /// The last.
        to: i64,
    },
    /// There are no copies at all.
    #[error("no copies of heads were found outside the database")]
    NoCopies,
}

/// What was gone through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Entries whose hash was computed again.
    pub entries: u64,
    /// Heads whose signature was checked.
    pub heads: u64,
    /// Lines of copies.
    pub copies: u64,
    /// What does not fit.
    pub findings: u64,
}
