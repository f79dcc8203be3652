//! A page as a manual page of section 7.

use clap_mangen::roff::{Inline, Roff, bold, roman};

use super::markdown::{Look, PageBlock, Phrase, blocks};
use super::paint::{Ink, Sheet};
use super::{Topic, table};

/// How wide a table is set: a terminal of 80 columns less what `man` sets it in.
const TABLE_WIDTH: usize = 72;

/// Writes the page in roff; `source` is the program and its version.
pub(crate) fn to_roff(topic: Topic, source: &str) -> String {
    let mut roff = Roff::new();
    // A date that is empty and not quoted would make the source the date.
    let name = concat!(env!("CARGO_PKG_NAME"), "-").to_owned() + topic.name;
    roff.control("TH", [name.to_uppercase().as_str(), "7", "\"\"", source, concat!(env!("CARGO_PKG_NAME"), " manual")]);
    roff.control("SH", ["NAME"]);
    roff.text([roman(format!("{name} - {}", topic.about()))]);
    let blocks = blocks(topic.text);
    let body = blocks.get(1..).unwrap_or_default();
    if !matches!(body.first(), Some(PageBlock::Heading(..))) {
        roff.control("SH", ["DESCRIPTION"]);
    }
    write(body, &mut roff);
    roff.render()
}

fn write(blocks: &[PageBlock], roff: &mut Roff) {
    for block in blocks {
        match block {
            PageBlock::Heading(level, spans) => {
                let text: String = spans.iter().map(|span| span.text.as_str()).collect();
                let macro_name = if *level < 3 { "SH" } else { "SS" };
                let text = if *level < 3 { text.to_uppercase() } else { text };
                roff.control(macro_name, [text.as_str()]);
            }
            PageBlock::Paragraph(spans) => {
                roff.control("PP", []);
                roff.text(inlines(spans));
            }
            PageBlock::Code(_, text) => unfilled(text.lines(), roff),
            PageBlock::Table(rows) => {
                let lines = table::lines(rows, Sheet { ink: Ink::Plain, width: TABLE_WIDTH });
                unfilled(lines.iter().map(String::as_str), roff);
            }
            PageBlock::List(items) => items.iter().for_each(|(mark, blocks)| item(mark, blocks, roff)),
        }
    }
}

/// Writes an item of a list: its first text beside the mark, the rest set in under it.
fn item(mark: &str, blocks: &[PageBlock], roff: &mut Roff) {
    let mark = if mark == "-" { "\\(bu" } else { mark };
    roff.control("IP", [mark, "4"]);
    let rest = match blocks {
        [PageBlock::Paragraph(spans), rest @ ..] => {
            roff.text(inlines(spans));
            rest
        }
        all => all,
    };
    if !rest.is_empty() {
        roff.control("RS", ["4"]);
        write(rest, roff);
        roff.control("RE", []);
    }
}

/// Writes lines as they are.
fn unfilled<'l>(lines: impl Iterator<Item = &'l str>, roff: &mut Roff) {
    roff.control("PP", []);
    roff.control("RS", ["2"]);
    roff.control("nf", []);
    for line in lines {
        // An empty line of text ends the page's margin in some readers.
        if line.is_empty() {
            roff.control("sp", []);
        } else {
            roff.text([roman(line)]);
        }
    }
    roff.control("fi", []);
    roff.control("RE", []);
}

fn inlines(spans: &[Phrase]) -> Vec<Inline> {
    spans
        .iter()
        .map(|Phrase { text, look }| match look {
            Look::Plain => roman(text.as_str()),
            Look::Strong | Look::Literal => bold(text.as_str()),
        })
        .collect()
}
