//! The house rules that a compiler cannot see.
