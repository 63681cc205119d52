//! The record that cannot be changed unseen: hash chains by writer lane, Merkle tree, signed heads.
