//! Text that fits a terminal: measured in its columns, cut in the middle, broken between words.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::direction::{FSI, PDI, isolated, without_isolates};

/// What ends a style (ECMA-48, SGR 0).
const PLAIN: &str = "\u{1b}[0m";
/// A word that does not fit on any line begins behind others only where so many columns are left.
const ROOM: usize = 8;

/// Gives how many columns of a terminal a line takes: wide letters of East Asia take two, and colours none.
pub(crate) fn columns(line: &str) -> usize {
    if line.contains('\u{1b}') { pieces(line).map(LinePiece::columns).sum() } else { line.width() }
}

/// Cuts text in the middle so that it takes at most so many columns: names differ at their ends, and numbers stand there.
pub(crate) fn cut_middle(text: &str, most: usize) -> Cow<'_, str> {
    if text.width() <= most {
        return Cow::Borrowed(text);
    }
    let text = without_isolates(text);
    let graphemes: Vec<&str> = text.graphemes(true).collect();
    let room = most.saturating_sub(1);
    let take = |graphemes: &mut dyn Iterator<Item = &&str>, room: usize| {
        let mut used = 0;
        let fit = graphemes.take_while(|grapheme| {
            used += grapheme.width();
            used <= room
        });
        fit.count()
    };
    let tail = take(&mut graphemes.iter().rev(), room / 2);
    let tail = graphemes[graphemes.len() - tail..].concat();
    let head = graphemes[..take(&mut graphemes.iter(), room - tail.width())].concat();
    isolated(format!("{head}…{tail}"))
}

/// Cuts text at its end so that it takes at most so many columns.
pub(crate) fn cut_end(text: &str, most: usize) -> Cow<'_, str> {
    if text.width() <= most {
        return Cow::Borrowed(text);
    }
    let text = without_isolates(text);
    let mut used = 1;
    let fit = text.graphemes(true).take_while(|grapheme| {
        used += grapheme.width();
        used <= most
    });
    isolated(format!("{}…", fit.collect::<String>().trim_end()))
}

/// Breaks a line that is wider than so many columns between words, and words that are wider; what follows is indented by `hang`.
/// Colours and isolates go on where the text does.
pub(crate) fn wrapped(line: &str, most: usize, hang: usize) -> Vec<String> {
    if columns(line) <= most {
        return vec![line.to_owned()];
    }
    let mut page = WrappedLines { most, hang: hang.min(most / 2), ..WrappedLines::default() };
    let mut blanks = 0;
    for word in words(line) {
        if word.starts_with(' ') {
            blanks = word.len();
            continue;
        }
        let width = columns(word);
        let fits_there = page.hang + width <= page.most || page.used + blanks + ROOM > page.most;
        if page.used + blanks + width > page.most && page.begun && fits_there {
            page.next();
        } else {
            // What is on the line may take no column, as marks do that stand on no letter.
            let room = most.checked_sub(page.used + width).unwrap_or(most);
            page.blanks(if page.begun { blanks } else { blanks.min(most / 2).min(room) });
        }
        page.word(word);
        blanks = 0;
    }
    page.end()
}

/// Breaks a line where lines have so many columns.
pub(crate) fn within(line: &str, most: Option<usize>, hang: usize) -> Vec<String> {
    most.map_or_else(|| vec![line.to_owned()], |most| wrapped(line, most, hang))
}

/// Shares room among columns: the widest give way first, and none below its least.
pub(crate) fn shared_room(widths: &[usize], least: &[usize], room: usize) -> Vec<usize> {
    let cut = |most: usize| widths.iter().zip(least).map(move |(width, least)| (*width).min(most.max(*least)));
    let widest = widths.iter().copied().max().unwrap_or_default();
    let fits = |most: &usize| cut(*most).sum::<usize>() <= room;
    cut((0..=widest).rev().find(fits).unwrap_or_default()).collect()
}

/// The lines that are made of one.
#[derive(Default)]
struct WrappedLines {
    most: usize,
    hang: usize,
    lines: Vec<String>,
    line: String,
    used: usize,
    /// Whether the line holds more than blanks.
    begun: bool,
    /// The styles that are in force.
    styles: String,
    isolated: bool,
}

impl WrappedLines {
    fn blanks(&mut self, count: usize) {
        self.line.push_str(&" ".repeat(count));
        self.used += count;
    }

    fn word(&mut self, word: &str) {
        for piece in pieces(word) {
            match piece {
                LinePiece::Style(PLAIN) => self.styles.clear(),
                LinePiece::Style(style) => self.styles.push_str(style),
                LinePiece::Text(text) => {
                    text.graphemes(true).for_each(|grapheme| self.grapheme(grapheme));
                    continue;
                }
            }
            self.line.push_str(piece.text());
        }
    }

    fn grapheme(&mut self, grapheme: &str) {
        let width = grapheme.width();
        if self.used + width > self.most && self.begun {
            self.next();
        }
        for isolate in grapheme.chars().filter(|one| [FSI, PDI].contains(one)) {
            self.isolated = isolate == FSI;
        }
        self.line.push_str(grapheme);
        self.used += width;
        self.begun |= width > 0;
    }

    fn next(&mut self) {
        if self.isolated {
            self.line.push(PDI);
        }
        if !self.styles.is_empty() {
            self.line.push_str(PLAIN);
        }
        let line = std::mem::replace(&mut self.line, " ".repeat(self.hang));
        self.lines.push(line.trim_end().to_owned());
        self.line.push_str(&self.styles);
        if self.isolated {
            self.line.push(FSI);
        }
        self.used = self.hang;
        self.begun = false;
    }

    fn end(mut self) -> Vec<String> {
        self.lines.push(self.line.trim_end().to_owned());
        self.lines
    }
}

/// Takes a line apart into words and the blanks between them.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest.find(|one: char| (one == ' ') != (first == ' ')).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        rest = behind;
        Some(word)
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LinePiece<'t> {
    /// A sequence that begins or ends a style.
    Style(&'t str),
    Text(&'t str),
}

impl<'t> LinePiece<'t> {
    fn text(self) -> &'t str {
        match self {
            Self::Style(text) | Self::Text(text) => text,
        }
    }

    fn columns(self) -> usize {
        match self {
            Self::Style(_) => 0,
            Self::Text(text) => text.width(),
        }
    }
}

/// Takes text apart into the sequences that style it, which nobody but the painter writes, and the rest.
fn pieces(text: &str) -> impl Iterator<Item = LinePiece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let style = rest.starts_with('\u{1b}');
        let end = if style { rest.find('m').map(|at| at + 1) } else { rest.find('\u{1b}') };
        let (piece, behind) = rest.split_at(end.unwrap_or(rest.len()));
        rest = behind;
        Some(if style { LinePiece::Style(piece) } else { LinePiece::Text(piece) })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_word_that_fits_on_no_line_keeps_its_indent() {
        assert_eq!(wrapped("     abcdefghijklmnopqrst", 12, 5), ["     abcdefg", "     hijklmn", "     opqrst"]);
    }

    #[test]
    fn names_are_cut_in_the_middle() {
        assert_eq!(cut_middle("sunshine-reception", 18), "sunshine-reception");
        assert_eq!(cut_middle("sunshine-reception-01234567120", 17), "sunshine…34567120");
        assert_eq!(cut_middle("北京电信北京电信", 8), "北京…信");
        assert_eq!(cut_middle("\u{2068}שלום שלום שלום\u{2069}", 7), "\u{2068}שלו…לום\u{2069}");
    }

    #[test]
    fn the_widest_gives_way_first() {
        let shared = |widths: [usize; 3], room| shared_room(&widths, &[20, 14, 24], room);
        assert_eq!(shared([20, 30, 40], 100), [20, 30, 40]);
        assert_eq!(shared([20, 30, 40], 75), [20, 27, 27]);
        assert_eq!(shared([40, 40, 40], 10), [20, 14, 24]);
        assert_eq!(shared([4, 40, 4], 20), [4, 14, 4]);
    }

    #[test]
    fn lines_are_broken_between_words_and_keep_their_indent() {
        assert_eq!(wrapped("  one two three four", 12, 4), ["  one two", "    three", "    four"]);
        assert_eq!(wrapped("x 0123456789abcdef", 8, 2), ["x", "  012345", "  6789ab", "  cdef"]);
        assert_eq!(wrapped("北京电信 北京电信", 9, 0), ["北京电信", "北京电信"]);
    }

    #[test]
    fn colours_and_isolates_go_on_in_the_next_line() {
        assert_eq!(
            wrapped("a \u{1b}[31mred words\u{1b}[0m end", 7, 1),
            ["a \u{1b}[31mred\u{1b}[0m", " \u{1b}[31mwords\u{1b}[0m", " end"]
        );
        assert_eq!(wrapped("\u{2068}שלום שלום\u{2069} x", 6, 0), ["\u{2068}שלום\u{2069}", "\u{2068}שלום\u{2069} x"]);
    }

    proptest! {
        #[test]
        fn no_line_is_wider_and_nothing_is_lost(
            line in "[a-z 北\u{301}☎\u{fe0f}שé  ]{0,120}", most in 8_usize..60, hang in 0_usize..30
        ) {
            let lines = wrapped(&line, most, hang);
            prop_assert!(lines.iter().all(|line| columns(line) <= most), "{lines:?}");
            let bare = |text: &str| text.replace(' ', "");
            prop_assert_eq!(bare(&lines.concat()), bare(&line));
        }

        #[test]
        fn nothing_that_is_cut_is_wider(text in "[a-z 北\u{301}☎\u{fe0f}ש-]{0,60}", most in 1_usize..40) {
            prop_assert!(cut_middle(&text, most).width() <= most && cut_end(&text, most).width() <= most);
        }
    }
}
