//! From the places of the parser to spans.

use granit_parser::{Marker, ScanError};

use crate::diagnostic::{Span, narrow};

pub(super) fn to_span(span: &granit_parser::Span) -> Span {
    Span { end: position(span.end.byte_offset()), ..from_marker(span.start) }
}

fn from_marker(marker: Marker) -> Span {
    let start = position(marker.byte_offset());
    Span { start, end: start, line: narrow(marker.line()), column: narrow(marker.col() + 1) }
}

fn position(offset: Option<usize>) -> u32 {
    narrow(offset.unwrap_or_default())
}

/// Gives where an error is.
pub(super) fn place_of(error: &ScanError) -> Span {
    let mark = error.marker();
    Span { end: position(mark.byte_offset()), ..from_marker(*mark) }
}
