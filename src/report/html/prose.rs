//! Sentences of the page: what stands in backticks is code, and what is a command can be copied.

use maud::{Markup, html};

use crate::text::isolates;

/// Writes a text that is already visible.
pub(super) fn said(text: &str) -> Markup {
    let parts: Vec<&str> = text.split('`').collect();
    // An odd number of backticks means something else.
    if parts.len().is_multiple_of(2) {
        return directed(text);
    }
    html! {
        @for (place, part) in parts.iter().enumerate() {
            @if place % 2 == 0 { (directed(part)) }
            @else if part.starts_with("icsync ") || part.starts_with("--") { (command(part)) }
            @else { code { (part) } }
        }
    }
}

/// Writes what can be typed; the script shows the button.
pub(super) fn command(text: &str) -> Markup {
    html! { span.command { code { (text) } button.copy type="button" hidden { "copy" } } }
}

/// Writes text so that what is read from right to left is an element of its own.
pub(super) fn directed(text: &str) -> Markup {
    html! {
        @for (alone, part) in isolates(text) {
            @if alone { bdi { (part) } } @else { (part) }
        }
    }
}
