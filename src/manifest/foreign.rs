//! What other programs leave in files: merges that were not finished, pointers of Git LFS, marks of the byte order.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Place, SourceFile};

/// How a pointer begins (the Git LFS specification).
const LFS: &str = "version https://git-lfs.github.com/spec/";

/// What the sides of a conflict begin with in a line of their own (the manual page of `git merge`).
const OURS: &str = "<<<<<<< ";
const THEIRS: &str = ">>>>>>> ";

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Something that nobody wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Foreign {
    /// The byte where it begins.
    at: usize,
    kind: ForeignKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ForeignKind {
    Conflict,
    LfsPointer,
    ByteOrderMark,
}

/// Finds the first thing in a text that another program left there. A mark at the very beginning is no fault.
pub(super) fn find(text: &str) -> Option<Foreign> {
    if text.starts_with(LFS) {
        return Some(Foreign { at: 0, kind: ForeignKind::LfsPointer });
    }
    let conflict = || [OURS, THEIRS].iter().filter_map(|marker| at_line(text, marker)).min();
    if let Some(at) = conflict() {
        return Some(Foreign { at, kind: ForeignKind::Conflict });
    }
    let mark = text.match_indices(BYTE_ORDER_MARK).map(|(at, _)| at);
    let mut mark = mark.filter(|at| text[..*at].ends_with(['\n', BYTE_ORDER_MARK]));
    mark.next().map(|at| Foreign { at, kind: ForeignKind::ByteOrderMark })
}

fn at_line(text: &str, marker: &str) -> Option<usize> {
    let mut places = text.match_indices(marker).map(|(at, _)| at);
    places.find(|at| *at == 0 || text[..*at].ends_with('\n'))
}

impl Foreign {
    pub(super) fn diagnostic(self, path: &str, text: String) -> Diagnostic {
        let Self { at, kind } = self;
        let (message, help) = match kind {
            ForeignKind::Conflict => (
                "a merge was not finished: the file holds both sides of a conflict",
                "keep what is right, and remove the lines that begin with `<<<<<<<`, `|||||||`, `=======` and `>>>>>>>`",
            ),
            ForeignKind::LfsPointer => (
                "the file is a pointer of Git LFS, and its content was not fetched",
                "run `git lfs pull`; CI fetches it where its checkout is told to",
            ),
            ForeignKind::ByteOrderMark => (
                "a mark of the byte order (U+FEFF) stands in the middle of the file",
                "two files were put together: remove the character, and save the file as UTF-8 without marks",
            ),
        };
        let file = SourceFile::new(path, text);
        let span = file.span(at, at);
        Diagnostic::error(Code::ForeignText, message).at(Place { file: Arc::new(file), span }, "").help(help)
    }
}
