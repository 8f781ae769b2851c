//! The canonical form of a file.
