//! The form of the table of codes.

/// The long text of a code.
pub(super) struct CodeEntry {
    pub(super) title: &'static str,
    pub(super) cause: &'static str,
    /// Files that are refused with this code; `# file: PATH` begins each, `clients/example.yaml` if there is none.
    pub(super) example: &'static str,
    pub(super) remedy: &'static str,
}

/// Defines the codes and the texts that `explain` shows.
macro_rules! codes {
    ($($name:ident $text:literal { title: $title:literal, cause: $cause:literal, example: $example:literal, remedy: $remedy:literal })*) => {
        /// What kind of mistake a diagnostic is about. Codes are stable: scripts may depend on them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            /// Every code in the order of their numbers.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Gives the code as it is shown, such as `IC0201`.
            pub(crate) fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            pub(super) fn entry(self) -> CodeEntry {
                match self {
                    $(Self::$name => CodeEntry { title: $title, cause: $cause, example: $example, remedy: $remedy },)*
                }
            }
        }
    };
}

pub(super) use codes;
