//! What is said about bad input.
