//! A page taken apart: the blocks of its Markdown and the pieces of their text.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A block of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PageBlock {
    /// A heading of a level from 1.
    Heading(usize, Vec<Phrase>),
    Paragraph(Vec<Phrase>),
    /// Lines as they are; those of a `console` block are commands and what they print.
    Code(CodeKind, String),
    /// The items of a list, each with its mark.
    List(Vec<(String, Vec<PageBlock>)>),
    /// The rows of a table, the first of them its head; a cell is text.
    Table(Vec<Vec<Vec<Phrase>>>),
}

/// What the lines of a block of code are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CodeKind {
    Session,
    Other,
}

/// Text of one look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrase {
    pub(super) text: String,
    pub(super) look: Look,
}

/// How text stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Plain,
    Strong,
    /// What is typed or written as it stands.
    Literal,
}

/// Reads the blocks of a page.
pub(super) fn blocks(text: &str) -> Vec<PageBlock> {
    PageReader { events: Parser::new_ext(text, Options::ENABLE_TABLES) }.blocks()
}

struct PageReader<'t> {
    events: Parser<'t>,
}

impl PageReader<'_> {
    /// Reads up to the end of what the blocks stand in. What a tight list says of an item, it says without a paragraph.
    fn blocks(&mut self) -> Vec<PageBlock> {
        let (mut blocks, mut loose) = (Vec::new(), Vec::new());
        while let Some(event) = self.events.next() {
            if let Event::Start(tag) = &event
                && let Some(block) = self.block(tag)
            {
                flush(&mut loose, &mut blocks);
                blocks.extend(block);
            } else if matches!(event, Event::End(TagEnd::Item | TagEnd::BlockQuote(_) | TagEnd::FootnoteDefinition)) {
                break;
            } else {
                self.inline(&event, Look::Plain, &mut loose);
            }
        }
        flush(&mut loose, &mut blocks);
        blocks
    }

    /// Reads a block, if this begins one; what stands in a comment is none.
    fn block(&mut self, tag: &Tag<'_>) -> Option<Vec<PageBlock>> {
        Some(match tag {
            Tag::Paragraph => vec![PageBlock::Paragraph(self.spans(Look::Plain))],
            Tag::Heading { level, .. } => vec![PageBlock::Heading(*level as usize, self.spans(Look::Plain))],
            Tag::CodeBlock(kind) => {
                let session = matches!(kind, CodeBlockKind::Fenced(info) if info.starts_with("console"));
                let lines = self.spans(Look::Plain).into_iter().map(|span| span.text).collect();
                vec![PageBlock::Code(if session { CodeKind::Session } else { CodeKind::Other }, lines)]
            }
            Tag::List(first) => vec![self.list(*first)],
            Tag::Table(_) => vec![self.table()],
            Tag::HtmlBlock => {
                self.spans(Look::Plain);
                Vec::new()
            }
            Tag::BlockQuote(_) => self.blocks(),
            _ => return None,
        })
    }

    fn list(&mut self, first: Option<u64>) -> PageBlock {
        let (mut items, mut number) = (Vec::new(), first);
        while let Some(event) = self.events.next() {
            match event {
                Event::Start(Tag::Item) => {
                    let mark = number.map_or_else(|| "-".to_owned(), |number| format!("{number}."));
                    number = number.map(|number| number + 1);
                    items.push((mark, self.blocks()));
                }
                Event::End(TagEnd::List(_)) => break,
                _ => {}
            }
        }
        PageBlock::List(items)
    }

    fn table(&mut self) -> PageBlock {
        let (mut rows, mut row) = (Vec::new(), Vec::new());
        while let Some(event) = self.events.next() {
            match event {
                Event::Start(Tag::TableCell) => row.push(self.spans(Look::Plain)),
                Event::End(TagEnd::TableHead | TagEnd::TableRow) => rows.push(std::mem::take(&mut row)),
                Event::End(TagEnd::Table) => break,
                _ => {}
            }
        }
        PageBlock::Table(rows)
    }

    /// Reads text up to the end of what it stands in.
    fn spans(&mut self, look: Look) -> Vec<Phrase> {
        let mut spans = Vec::new();
        while let Some(event) = self.events.next() {
            if matches!(event, Event::End(_)) {
                break;
            }
            self.inline(&event, look, &mut spans);
        }
        spans
    }

    fn inline(&mut self, event: &Event<'_>, look: Look, spans: &mut Vec<Phrase>) {
        let mut push = |text: &str, look| spans.push(Phrase { text: text.to_owned(), look });
        match event {
            Event::Text(text) => push(text, look),
            Event::Code(text) => push(text, Look::Literal),
            Event::SoftBreak | Event::HardBreak => push(" ", look),
            Event::Start(Tag::Strong | Tag::Emphasis) => spans.extend(self.spans(Look::Strong)),
            Event::Start(Tag::Link { dest_url, .. }) => {
                spans.extend(self.spans(look));
                // A link to a page is written as the command that shows it.
                if dest_url.starts_with("https://") {
                    spans.push(Phrase { text: format!(" ({dest_url})"), look });
                }
            }
            Event::Start(_) => spans.extend(self.spans(look)),
            _ => {}
        }
    }
}

fn flush(loose: &mut Vec<Phrase>, blocks: &mut Vec<PageBlock>) {
    if !loose.is_empty() {
        blocks.push(PageBlock::Paragraph(std::mem::take(loose)));
    }
}
