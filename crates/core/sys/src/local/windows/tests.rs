//! Folders that are private.
