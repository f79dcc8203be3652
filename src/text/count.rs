//! Numbers of things.

/// Says how many there are: `1 client`, `2 clients`.
pub(crate) fn counted(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}
