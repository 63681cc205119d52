//! The Merkle tree over all audit entries: root, inclusion and consistency proofs of RFC 9162, section 2.1, with
//! SHA-256.
//!
//! The functions take the hash of a range of leaves from a closure, so that a caller may answer from stored roots of
//! complete subtrees instead of from every leaf.

use sha2::{Digest, Sha256};

/// A SHA-256 value.
pub type Hash = [u8; 32];

/// The hash of a leaf: SHA-256(0x00 ‖ data).
pub fn leaf_hash(data: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(data).finalize().into()
}

/// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root over hashes of leaves, or over the roots of subtrees of one size of which only the last may be smaller;
/// of nothing it is the hash of the empty string.
pub fn root(hashes: &[Hash]) -> Hash {
    let mut peaks = Peaks::default();
    hashes.iter().for_each(|h| peaks.push(*h));
    peaks.root()
}

/// A tree that grows to the right, by the roots of its complete subtrees: as many hashes as the size has bits.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Peaks {
    size: u64,
    peaks: Vec<(u32, Hash)>,
}

impl Peaks {
    /// Adds a leaf's hash.
    pub fn push(&mut self, leaf: Hash) {
        let (mut level, mut hash) = (0, leaf);
        while let Some((_, left)) = self.peaks.pop_if(|(l, _)| *l == level) {
            hash = node_hash(&left, &hash);
            level += 1;
        }
        self.peaks.push((level, hash));
        self.size += 1;
    }

    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root over all leaves so far.
    pub fn root(&self) -> Hash {
        let mut from_right = self.peaks.iter().rev().map(|(_, h)| *h);
        match from_right.next() {
            None => Sha256::digest(b"").into(),
            Some(last) => from_right.fold(last, |right, left| node_hash(&left, &right)),
        }
    }
}

/// The largest power of two smaller than `n`, for `n` > 1.
fn split(n: u64) -> u64 {
    n.next_power_of_two() / 2
}

/// The proof that leaf `index` is in the tree of `size` leaves (2.1.3.1), from the bottom up; `range(a, b)` gives the
/// root over the leaves a..b. `None` when there is no such leaf.
pub fn inclusion<E>(
    index: u64,
    size: u64,
    range: &mut impl FnMut(u64, u64) -> Result<Hash, E>,
) -> Result<Option<Vec<Hash>>, E> {
    if index >= size {
        return Ok(None);
    }
    let (mut from, mut to, mut proof) = (0, size, Vec::new());
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            proof.push(range(middle, to)?);
            to = middle;
        } else {
            proof.push(range(from, middle)?);
            from = middle;
        }
    }
    proof.reverse();
    Ok(Some(proof))
}

/// Checks an inclusion proof (2.1.3.2).
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut f, mut s, mut r) = (index, size - 1, *leaf);
    for p in proof {
        if s == 0 {
            return false;
        }
        if f & 1 == 1 || f == s {
            r = node_hash(p, &r);
            while f & 1 == 0 && f != 0 {
                f >>= 1;
                s >>= 1;
            }
        } else {
            r = node_hash(&r, p);
        }
        f >>= 1;
        s >>= 1;
    }
    s == 0 && r == *root
}

/// The proof that the tree of `old` leaves is the beginning of the tree of `new` leaves (2.1.4.1). `None` unless
/// 0 < `old` ≤ `new`.
pub fn consistency<E>(
    old: u64,
    new: u64,
    range: &mut impl FnMut(u64, u64) -> Result<Hash, E>,
) -> Result<Option<Vec<Hash>>, E> {
    if old == 0 || old > new {
        return Ok(None);
    }
    let (mut from, mut to, mut whole, mut proof) = (0, new, true, Vec::new());
    while old != to {
        let middle = from + split(to - from);
        if old <= middle {
            proof.push(range(middle, to)?);
            to = middle;
        } else {
            proof.push(range(from, middle)?);
            from = middle;
            whole = false;
        }
    }
    if !whole {
        proof.push(range(from, to)?);
    }
    proof.reverse();
    Ok(Some(proof))
}

/// Checks a consistency proof (2.1.4.2).
pub fn verify_consistency(old: u64, new: u64, old_root: &Hash, new_root: &Hash, proof: &[Hash]) -> bool {
    if old == 0 || old > new {
        return false;
    }
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    let mut path = proof.iter();
    let first = if old.is_power_of_two() { Some(old_root) } else { path.next() };
    let Some(first) = first else { return false };
    let (mut f, mut s) = (old - 1, new - 1);
    while f & 1 == 1 {
        f >>= 1;
        s >>= 1;
    }
    let (mut fr, mut sr) = (*first, *first);
    for c in path {
        if s == 0 {
            return false;
        }
        if f & 1 == 1 || f == s {
            fr = node_hash(c, &fr);
            sr = node_hash(c, &sr);
            while f & 1 == 0 && f != 0 {
                f >>= 1;
                s >>= 1;
            }
        } else {
            sr = node_hash(&sr, c);
        }
        f >>= 1;
        s >>= 1;
    }
    s == 0 && fr == *old_root && sr == *new_root
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::convert::Infallible;

    fn leaves(n: usize) -> Vec<Hash> {
        (0..n).map(|i| leaf_hash(&i.to_be_bytes())).collect()
    }

    /// The definition of 2.1.1, word for word.
    fn naive(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest(b"").into(),
            [one] => *one,
            many => {
                let mut k = 1;
                while k * 2 < many.len() {
                    k *= 2;
                }
                node_hash(&naive(&many[..k]), &naive(&many[k..]))
            }
        }
    }

    fn ranges(leaves: &[Hash]) -> impl FnMut(u64, u64) -> Result<Hash, Infallible> + '_ {
        |a, b| Ok(naive(&leaves[usize::try_from(a).unwrap()..usize::try_from(b).unwrap()]))
    }

    #[test]
    fn known_roots() {
        // SHA-256 of the empty string, and of a zero byte (the leaf without data): FIPS 180-4.
        assert_eq!(
            hex::encode(root(&[])),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(
            hex::encode(leaf_hash(b"")),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
    }

    #[test]
    fn every_small_tree_proves_every_leaf_and_every_beginning() {
        for n in 1..=40u64 {
            let all = leaves(n.try_into().unwrap());
            let tree = naive(&all);
            assert_eq!(root(&all), tree);
            for i in 0..n {
                let leaf = all[usize::try_from(i).unwrap()];
                let proof = inclusion(i, n, &mut ranges(&all)).unwrap().unwrap();
                assert!(verify_inclusion(&leaf, i, n, &proof, &tree), "{i} of {n}");
                assert!(n == 1 || !verify_inclusion(&leaf, (i + 1) % n, n, &proof, &tree));
                assert!(!verify_inclusion(&leaf, i, n, &[proof.clone(), vec![leaf]].concat(), &tree));
            }
            for old in 1..=n {
                let before = naive(&all[..usize::try_from(old).unwrap()]);
                let proof = consistency(old, n, &mut ranges(&all)).unwrap().unwrap();
                assert!(verify_consistency(old, n, &before, &tree, &proof), "{old} of {n}");
                assert!(!verify_consistency(old, n, &leaf_hash(b"x"), &tree, &proof));
                assert!(!verify_consistency(old, n, &before, &leaf_hash(b"x"), &proof));
            }
        }
        assert_eq!(inclusion(3, 3, &mut ranges(&leaves(3))).unwrap(), None);
        assert_eq!(consistency(0, 3, &mut ranges(&leaves(3))).unwrap(), None);
    }

    proptest! {
        #[test]
        fn chunk_roots_make_the_same_tree(n in 1usize..2000, size in prop::sample::select(vec![1usize, 4, 16, 256])) {
            let all = leaves(n);
            let chunks: Vec<Hash> = all.chunks(size).map(root).collect();
            prop_assert_eq!(root(&chunks), naive(&all));
        }

        #[test]
        fn a_changed_proof_or_leaf_is_refused(n in 2u64..300, pick in any::<prop::sample::Index>(), bit in 0usize..256) {
            let all = leaves(n.try_into().unwrap());
            let (i, tree) = (pick.index(all.len()), naive(&all));
            let index = u64::try_from(i).unwrap();
            let mut proof = inclusion(index, n, &mut ranges(&all)).unwrap().unwrap();
            prop_assert!(verify_inclusion(&all[i], index, n, &proof, &tree));
            let at = bit % proof.len();
            proof[at][bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!verify_inclusion(&all[i], index, n, &proof, &tree));
        }

        #[test]
        fn a_changed_beginning_is_noticed(new in 2u64..300, pick in any::<prop::sample::Index>(), hit in any::<prop::sample::Index>()) {
            let all = leaves(new.try_into().unwrap());
            let old = pick.index(all.len() - 1) + 1;
            let mut forged = all.clone();
            forged[hit.index(old)] = leaf_hash(b"forged");
            let proof = consistency(u64::try_from(old).unwrap(), new, &mut ranges(&forged)).unwrap().unwrap();
            let (before, after) = (naive(&all[..old]), naive(&forged));
            prop_assert!(!verify_consistency(u64::try_from(old).unwrap(), new, &before, &after, &proof));
        }
    }
}
