//! What a page is shown on, and how text stands out there.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr as _;

use super::markdown::{Look, Phrase};

/// What a page is shown on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sheet {
    /// Whether text is coloured.
    pub ink: Ink,
    /// How many columns a line has at most, code aside.
    pub width: usize,
}

/// Whether a page is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// No escape sequence is written, and nothing marks what is literal.
    Plain,
    /// With ANSI escape sequences.
    Ansi,
}

impl Ink {
    pub(super) fn strong(self, text: &str) -> String {
        self.paint(Style::new().bold(), text)
    }

    pub(super) fn faint(self, text: &str) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    pub(super) fn look(self, look: Look, text: &str) -> String {
        match look {
            Look::Plain => text.to_owned(),
            Look::Strong => self.strong(text),
            Look::Literal => self.paint(AnsiColor::Cyan.on_default(), text),
        }
    }

    fn paint(self, style: Style, text: &str) -> String {
        match self {
            Self::Ansi if !text.is_empty() => format!("{style}{text}{style:#}"),
            _ => text.to_owned(),
        }
    }
}

/// Breaks text into lines of at most `width` columns, between words; a word that is longer has a line of its own. Each line
/// comes with the columns that it takes.
pub(super) fn wrap(spans: &[Phrase], width: usize, ink: Ink) -> Vec<(String, usize)> {
    let mut lines = Vec::new();
    let (mut line, mut taken) = (String::new(), 0);
    for word in words(spans) {
        let long: usize = word.iter().map(|(text, _)| text.width()).sum();
        if taken > 0 && taken + 1 + long > width {
            lines.push((std::mem::take(&mut line), taken));
            taken = 0;
        }
        if taken > 0 {
            line.push(' ');
            taken += 1;
        }
        line.extend(word.iter().map(|(text, look)| ink.look(*look, text)));
        taken += long;
    }
    if taken > 0 || lines.is_empty() {
        lines.push((line, taken));
    }
    lines
}

/// Gives the words of a text; one may have several looks, as `icsync`'s.
fn words(spans: &[Phrase]) -> Vec<Vec<(&str, Look)>> {
    let (mut words, mut open) = (Vec::<Vec<(&str, Look)>>::new(), false);
    for Phrase { text, look } in spans {
        let parts = text.split(' ').enumerate();
        for (index, part) in parts {
            open &= index == 0;
            if part.is_empty() {
                continue;
            }
            match words.last_mut().filter(|_| open) {
                Some(word) => word.push((part, *look)),
                None => words.push(vec![(part, *look)]),
            }
            open = true;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str, look: Look) -> Phrase {
        Phrase { text: text.to_owned(), look }
    }

    #[test]
    fn lines_break_between_words_whatever_their_look() {
        let spans = [span("run ", Look::Plain), span("icsync plan", Look::Literal), span(", then look", Look::Plain)];
        let lines: Vec<String> = wrap(&spans, 12, Ink::Plain).into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, ["run icsync", "plan, then", "look"]);
    }

    #[test]
    fn columns_are_counted_without_the_colour() {
        let lines = wrap(&[span("abc", Look::Strong), span("-ö", Look::Literal)], 4, Ink::Ansi);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].1, 5);
    }
}
