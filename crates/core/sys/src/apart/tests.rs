//! What gets away, and what does not.
