//! A page for a terminal, or for whatever reads plain text.

use super::markdown::{CodeKind, PageBlock, Phrase, blocks};
use super::paint::{Ink, Sheet, wrap};
use super::table;

/// How far code is set in.
const INDENT: &str = "    ";

/// Renders a page as text in lines.
pub(crate) fn to_terminal(page: &str, sheet: Sheet) -> String {
    let mut text = String::new();
    for line in render(&blocks(page), sheet, gap) {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Gives the lines of blocks, and empty ones between two blocks that `gap` sets apart.
fn render(blocks: &[PageBlock], sheet: Sheet, gap: fn(&PageBlock, &PageBlock) -> bool) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        if index > 0 && gap(&blocks[index - 1], block) {
            lines.push(String::new());
        }
        lines.extend(one(block, sheet));
    }
    lines
}

/// Tells whether two blocks of a page are set apart.
fn gap(above: &PageBlock, _: &PageBlock) -> bool {
    !matches!(above, PageBlock::Heading(2.., _))
}

/// Tells whether two blocks of an item are set apart: what an item lists belongs to its words.
fn gap_in_item(above: &PageBlock, below: &PageBlock) -> bool {
    gap(above, below) && !matches!(below, PageBlock::List(_))
}

fn one(block: &PageBlock, sheet: Sheet) -> Vec<String> {
    match block {
        PageBlock::Heading(level, spans) => {
            let text: String = spans.iter().map(|span| span.text.as_str()).collect();
            // Without colour nothing else sets a heading apart.
            vec![sheet.ink.strong(&if *level < 3 { text.to_uppercase() } else { text })]
        }
        PageBlock::Paragraph(spans) => wrapped(spans, sheet),
        PageBlock::Code(kind, text) => {
            // Several YAML documents that are set in are none any more.
            let indent = if text.lines().any(|line| line == "---") { "" } else { INDENT };
            text.lines().map(|line| format!("{indent}{}", code(*kind, line, sheet.ink))).collect()
        }
        PageBlock::Table(rows) => table::lines(rows, sheet),
        PageBlock::List(items) => items.iter().flat_map(|(mark, blocks)| item(mark, blocks, sheet)).collect(),
    }
}

fn wrapped(spans: &[Phrase], sheet: Sheet) -> Vec<String> {
    wrap(spans, sheet.width, sheet.ink).into_iter().map(|(line, _)| line).collect()
}

/// Shows a line of code; in a session what is typed stands out and what is printed recedes.
fn code(kind: CodeKind, line: &str, ink: Ink) -> String {
    let typed = kind == CodeKind::Session && line.starts_with("$ ");
    match kind {
        CodeKind::Session if !typed => ink.faint(line),
        _ if typed => ink.strong(line),
        _ => line.to_owned(),
    }
}

fn item(mark: &str, blocks: &[PageBlock], sheet: Sheet) -> Vec<String> {
    let indent = mark.len() + 1;
    let inside = Sheet { width: sheet.width.saturating_sub(indent), ..sheet };
    let lines = render(blocks, inside, gap_in_item).into_iter().enumerate();
    lines
        .map(|(number, line)| if number == 0 { format!("{mark} {line}") } else { format!("{:indent$}{line}", "") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# start: a page\n\nSome *text* with `code` that is long\nenough.\n\n<!-- generated: x -->\n\n\
        | exit | means |\n|---|---|\n| `0` | done and in sync |\n\n<!-- end -->\n\n## More\n\n- one `key`\n- two\n  - three\n\n\
        1. first\n\n   ```console\n   $ icsync plan\n   No changes\n   ```\n\nSee [`icsync help start`](start.md).\n";

    #[test]
    fn a_page_without_colour_is_plain_text_in_lines() {
        insta::assert_snapshot!(to_terminal(PAGE, Sheet { ink: Ink::Plain, width: 30 }), @r"
        START: A PAGE

        Some text with code that is
        long enough.

        exit  means
        0     done and in sync

        MORE
        - one key
        - two
          - three

        1. first

               $ icsync plan
               No changes

        See icsync help start.
        ");
    }

    #[test]
    fn colour_tells_what_is_typed() {
        let text = to_terminal("`a` **b**\n", Sheet { ink: Ink::Ansi, width: 30 });
        assert_eq!(text, "\u{1b}[36ma\u{1b}[0m \u{1b}[1mb\u{1b}[0m\n");
    }
}
