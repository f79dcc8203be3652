//! Whether what was written is read back.

/// Whether what was written is read back and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Verify {
    /// It is: a write that the server accepts but does not carry out is noticed.
    #[default]
    ReadBack,
    /// The server's word is taken.
    Trust,
}
