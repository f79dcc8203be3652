//! The `icsync` program.

fn main() {}
