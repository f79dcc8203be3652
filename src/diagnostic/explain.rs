//! The long text behind `icsync explain` of the codes of icsync.

use std::fmt;

use super::Code;

/// The long text of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Explanation {
    /// The code, such as `IC0201`.
    pub code: &'static str,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// How it comes about.
    pub cause: &'static str,
    /// Files that are refused with this code.
    pub example: &'static str,
    pub remedy: &'static str,
}

/// Finds the long text of a code, in upper or lower case.
pub(crate) fn explain(code: &str) -> Option<Explanation> {
    explanations().find(|explanation| explanation.code.eq_ignore_ascii_case(code.trim()))
}

/// Gives every code that can be explained, in order.
pub(crate) fn explanations() -> impl Iterator<Item = Explanation> {
    Code::ALL.iter().map(|code| of_code(*code))
}

fn of_code(code: Code) -> Explanation {
    let super::table::CodeEntry { title, cause, example, remedy } = code.entry();
    Explanation { code: code.as_str(), title, cause, example, remedy }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, title, cause, example, remedy } = self;
        write!(f, "{code}: {title}\n\ncause: {cause}\n\nexample:\n\n")?;
        for line in example.lines() {
            writeln!(f, "    {line}")?;
        }
        writeln!(f, "\nremedy: {remedy}")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_in_order_and_fully_explained() {
        let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert!(codes.is_sorted());
        let unique: BTreeSet<_> = explanations().map(|explanation| explanation.code).collect();
        assert_eq!(unique.len(), explanations().count());
        for Explanation { code, title, cause, example, remedy } in explanations() {
            assert!(!title.ends_with('.') && cause.ends_with('.') && remedy.ends_with('.'), "{code}");
            assert!(example.ends_with('\n'), "{code}");
        }
    }

    #[test]
    fn codes_are_found_in_any_case() {
        assert_eq!(explain("ic0201").map(|found| found.code), Some("IC0201"));
        assert_eq!(explain("IC9999"), None);
    }
}
