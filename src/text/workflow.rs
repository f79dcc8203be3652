//! Text in the workflow commands of GitHub (`toolkit`, `command.ts`).

use super::direction::still_visible;

/// Writes the message of a workflow command (GitHub's `toolkit`, `command.ts`).
pub(crate) fn workflow_message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Writes a property of a workflow command, in which colons and commas also mean something.
pub(crate) fn workflow_property(text: &str) -> String {
    workflow_message(&still_visible(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workflow_commands_cannot_begin_inside_a_message() {
        assert_eq!(workflow_message("50 %\n::error::x\r"), "50 %25%0A::error::x%0D");
        assert_eq!(workflow_property("a:b,c\n"), "a%3Ab%2Cc\\n");
    }
}
