//! Diagnostics for a person: the source line, a caret under the mistake, the other place, and the help.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Diagnostic, Label, Place, Severity};
use crate::text::{is_hidden, visible, within, wrapped};

#[derive(Debug, Clone, Copy)]
pub(crate) struct RenderOptions {
    /// Whether colours are used.
    pub paint: Paint,
    /// The columns of the terminal: longer source lines are cut around the mistake, messages are broken between words. Elsewhere
    /// source lines are cut as for 120 and messages stay whole.
    pub width: Option<usize>,
    /// How many diagnostics are shown; the rest is counted.
    pub most: usize,
}

/// Whether colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    Plain,
    Coloured,
}

impl Default for RenderOptions {
    /// Plain, not for a terminal, 50 diagnostics.
    fn default() -> Self {
        Self { paint: Paint::Plain, width: None, most: 50 }
    }
}

/// So many mistakes of one code are shown with their lines; of the others each is a line.
const FEW: usize = 3;

/// Renders diagnostics with an empty line after each, repeated ones together, and a count of those that are not shown.
pub(crate) fn render(diagnostics: &[Diagnostic], options: RenderOptions) -> String {
    let renderer = match options.paint {
        Paint::Plain => Renderer::plain(),
        Paint::Coloured => Renderer::styled(),
    };
    let renderer = renderer.term_width(options.width.unwrap_or(120));
    let mut text = String::new();
    for alike in by_code(&diagnostics[..diagnostics.len().min(options.most)]) {
        match alike[..] {
            [one] => text.push_str(&render_one(one, &renderer, options.width)),
            _ => text.push_str(&render_alike(&alike, &renderer, options.width)),
        }
        text.push_str("\n\n");
    }
    let hidden = diagnostics.len().saturating_sub(options.most);
    if hidden > 0 {
        let _ = writeln!(text, "… and {hidden} more of {}", diagnostics.len());
    }
    text
}

/// Gives diagnostics in their order, one by one as long as they are few of a code; the others of that code come with the first
/// of them.
fn by_code(diagnostics: &[Diagnostic]) -> Vec<Vec<&Diagnostic>> {
    let mut groups: Vec<Vec<&Diagnostic>> = Vec::new();
    let mut seen: BTreeMap<(&str, Severity), Vec<usize>> = BTreeMap::new();
    for one in diagnostics {
        let places = seen.entry((one.code.as_str(), one.severity)).or_default();
        match places.get(FEW) {
            Some(place) => groups[*place].push(one),
            None => {
                places.push(groups.len());
                groups.push(vec![one]);
            }
        }
    }
    groups
}

/// Renders several of one code, a line each: their places, and what they say where that differs.
fn render_alike(alike: &[&Diagnostic], renderer: &Renderer, width: Option<usize>) -> String {
    let first = alike[0];
    let same = alike.iter().all(|one| one.message == first.message);
    let title = if same {
        format!("{}, {} more times", first.message, alike.len())
    } else {
        format!("{} more of this kind", alike.len())
    };
    let title = broken(&title, width, 17);
    let mut text = renderer.render(&[Group::with_title(level(first).primary_title(&*title).id(first.code.as_str()))]);
    for one in alike {
        let place = one.location().map(|at| format!("{at}:{}", at.column)).unwrap_or_default();
        let line = if same { format!(" --> {place}") } else { format!(" --> {place}: {}", one.message) };
        let line = visible(&line).into_owned();
        within(&line, width, 7).iter().for_each(|line| {
            text.push('\n');
            text.push_str(line);
        });
    }
    text
}

fn level(diagnostic: &Diagnostic) -> Level<'static> {
    match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    }
}

fn render_one(diagnostic: &Diagnostic, renderer: &Renderer, width: Option<usize>) -> String {
    let Diagnostic { code, severity: _, message, primary, secondary, help, constant: _ } = diagnostic;
    // `warning[IC0101]: ` stands before the one, ` = help: ` behind the numbers of lines before the other.
    let message = broken(message, width, 17);
    let help = help.as_ref().map(|help| broken(help, width, 15));
    let mut group = Group::with_title(level(diagnostic).primary_title(&*message).id(code.as_str()));
    let primary = primary.iter().map(|label| (AnnotationKind::Primary, label));
    let labels: Vec<_> = primary.chain(secondary.iter().map(|label| (AnnotationKind::Context, label))).collect();
    for (path, labels) in by_neighbourhood(&labels) {
        group = match SourceExcerpt::around(&labels) {
            Some(excerpt) => group.element(excerpt.into_snippet(visible(path))),
            None => group.element(Origin::path(visible(path))),
        };
    }
    if let Some(help) = &help {
        group = group.element(Level::HELP.message(&**help));
    }
    renderer.render(&[group])
}

/// Breaks text so that it fits behind what stands before it.
fn broken(text: &str, width: Option<usize>, before: usize) -> Cow<'_, str> {
    width.map_or(Cow::Borrowed(text), |width| Cow::Owned(wrapped(text, width.saturating_sub(before), 0).join("\n")))
}

type Marked<'a> = (AnnotationKind, &'a Label);

/// Puts labels together that are shown in one excerpt: same file, at most this many lines apart.
fn by_neighbourhood<'a>(labels: &[Marked<'a>]) -> Vec<(&'a str, Vec<Marked<'a>>)> {
    const APART: u32 = 100;
    let mut groups: Vec<(&str, Vec<Marked<'_>>)> = Vec::new();
    for label in labels {
        let Place { file, span } = &label.1.place;
        let near = |other: &Marked<'_>| other.1.place.span.line.abs_diff(span.line) <= APART;
        let group = groups.iter_mut().find(|(path, group)| *path == &***file.path() && group.iter().all(near));
        match group {
            Some((_, group)) => group.push(*label),
            None => groups.push((file.path(), vec![*label])),
        }
    }
    groups
}

/// Some lines of a file with line breaks and control characters made harmless, and stretches in them.
struct SourceExcerpt<'a> {
    first_line: u32,
    text: String,
    marks: Vec<(AnnotationKind, Range<usize>, &'a str)>,
}

impl<'a> SourceExcerpt<'a> {
    fn around(labels: &[Marked<'a>]) -> Option<Self> {
        let lines = labels.iter().map(|(_, label)| label.place.span.line);
        let (first_line, last_line) = (lines.clone().min()?, lines.max()?);
        let file = &labels.first()?.1.place.file;
        let mut excerpt = Self { first_line, text: String::new(), marks: Vec::new() };
        for number in first_line..=last_line {
            let (start, line) = file.line(number)?;
            let here = labels.iter().filter(|(_, label)| label.place.span.line == number);
            let base = excerpt.text.len();
            let focus = here.clone().map(|(_, label)| (label.place.span.start as usize).saturating_sub(start)).min();
            let shown = ShownLine::of(line, focus.unwrap_or_default());
            for (kind, label) in here {
                let span = label.place.span;
                let from = shown.position((span.start as usize).saturating_sub(start));
                let to = shown.position((span.end as usize).saturating_sub(start)).max(from);
                excerpt.marks.push((*kind, base + from..base + to, label.text.as_str()));
            }
            excerpt.text.push_str(&shown.text);
            excerpt.text.push('\n');
        }
        Some(excerpt)
    }

    fn into_snippet(self, path: Cow<'a, str>) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let Self { first_line, text, marks } = self;
        let annotations = marks.into_iter().map(|(kind, range, label)| {
            let annotation = kind.span(range);
            if label.is_empty() { annotation } else { annotation.label(label) }
        });
        Snippet::source(text).line_start(first_line as usize).path(path).annotations(annotations)
    }
}

/// A line as it is shown, and where each of its bytes went.
struct ShownLine {
    text: String,
    /// The first byte of the line that is shown.
    from: usize,
    positions: Vec<usize>,
}

impl ShownLine {
    /// Takes a line; of a very long one only what surrounds the byte `focus`.
    fn of(line: &str, focus: usize) -> Self {
        const LONGEST: usize = 2_000;
        const BEFORE: usize = 200;
        let from = if line.len() > LONGEST { line.floor_char_boundary(focus.saturating_sub(BEFORE)) } else { 0 };
        let to = line.floor_char_boundary(from + LONGEST);
        let mut shown = Self { text: String::new(), from, positions: Vec::with_capacity(to - from + 1) };
        for character in line[from..to].chars() {
            shown.positions.extend(std::iter::repeat_n(shown.text.len(), character.len_utf8()));
            match character {
                '\u{feff}' => {}
                '\t' => shown.text.push('\t'),
                hidden if is_hidden(hidden) => shown.text.push('\u{fffd}'),
                visible => shown.text.push(visible),
            }
        }
        shown.positions.push(shown.text.len());
        shown
    }

    fn position(&self, byte: usize) -> usize {
        self.positions.get(byte.saturating_sub(self.from)).copied().unwrap_or(self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::{Code, SourceFile};

    fn place(path: &str, text: &str, needle: &str) -> Place {
        let file = SourceFile::new(path, text.to_owned());
        let at = text.rfind(needle).expect("the needle");
        let span = file.span(at, at + needle.len());
        Place { file: Arc::new(file), span }
    }

    #[test]
    fn places_in_two_files_are_both_shown() {
        let diagnostic = Diagnostic::error(Code::DuplicateName, "two definitions have the name `a`")
            .at(place("b.yaml", "# two\r\nname: a\r\n", "a"), "again here")
            .also(place("a.yaml", "\u{feff}name: a", "a"), "first defined here")
            .help("rename one of them");
        insta::assert_snapshot!(render(&[diagnostic], RenderOptions::default()), @r#"
        error[IC0406]: two definitions have the name `a`
         --> b.yaml:2:7
          |
        2 | name: a
          |       ^ again here
          |
         ::: a.yaml:1:7
          |
        1 | name: a
          |       - first defined here
          |
          = help: rename one of them
        "#);
    }

    #[test]
    fn what_repeats_is_a_line_each() {
        let unknown = |line: usize, name: &str| {
            let text = format!("{}profiles: [{name}]", "\n".repeat(line));
            Diagnostic::error(Code::UnknownProfile, format!("there is no profile `{name}`"))
                .at(place("a.yaml", &text, name), "")
        };
        let names = ["a", "b", "c", "d", "e"];
        let mut all: Vec<_> = names.iter().enumerate().map(|(line, name)| unknown(line, name)).collect();
        all.insert(4, Diagnostic::error(Code::Syntax, "no").at(place("b.yaml", "x", "x"), ""));
        all.extend((7..12).map(|line| {
            Diagnostic::error(Code::Syntax, "no").at(place("b.yaml", &("\n".repeat(line) + "x"), "x"), "")
        }));
        let shown = render(&all, RenderOptions { most: 10, ..RenderOptions::default() });
        insta::assert_snapshot!(shown, @r"
        error[IC0501]: there is no profile `a`
         --> a.yaml:1:12
          |
        1 | profiles: [a]
          |            ^

        error[IC0501]: there is no profile `b`
         --> a.yaml:2:12
          |
        2 | profiles: [b]
          |            ^

        error[IC0501]: there is no profile `c`
         --> a.yaml:3:12
          |
        3 | profiles: [c]
          |            ^

        error[IC0501]: 2 more of this kind
         --> a.yaml:4:12: there is no profile `d`
         --> a.yaml:5:12: there is no profile `e`

        error[IC0101]: no
         --> b.yaml:1:1
          |
        1 | x
          | ^

        error[IC0101]: no
         --> b.yaml:8:1
          |
        8 | x
          | ^

        error[IC0101]: no
         --> b.yaml:9:1
          |
        9 | x
          | ^

        error[IC0101]: no, 2 more times
         --> b.yaml:10:1
         --> b.yaml:11:1

        … and 1 more of 11
        ");
    }

    #[test]
    fn diagnostics_fit_the_terminal() {
        let long = format!("name: {}  # and a comment that goes on and on and on", "a".repeat(60));
        let diagnostic = Diagnostic::error(
            Code::DuplicateName,
            "two definitions have the name `a`, which only one of them may have",
        )
        .at(place("clients/b.yaml", &long, "aaa"), "again here")
        .help("rename one of them, or delete one of them, or let one of them be a fleet");
        let shown = render(&[diagnostic], RenderOptions { width: Some(60), ..RenderOptions::default() });
        assert!(shown.lines().all(|line| crate::text::columns(line) <= 60), "{shown}");
        insta::assert_snapshot!(shown, @r"
        error[IC0406]: two definitions have the name `a`, which
                       only one of them may have
         --> clients/b.yaml:1:64
          |
        1 | ...aaaaaaaaaaaaaaaaaaaaa  # and a comment that goes o...
          |                      ^^^ again here
          |
          = help: rename one of them, or delete one of them, or
                  let one of them be a fleet
        ");
    }

    #[test]
    fn a_hostile_file_name_is_shown_and_not_obeyed() {
        let diagnostic =
            Diagnostic::error(Code::Syntax, "no").at(place("x\n::error::\u{1b}[31m\u{202e}.yaml", "a", "a"), "");
        let rendered = render(&[diagnostic], RenderOptions::default());
        assert!(rendered.contains("x\\n::error::\\u{1b}[31m\\u{202e}.yaml:1:1"), "{rendered}");
    }

    #[test]
    fn of_a_very_long_line_only_the_mistake_is_shown() {
        let text = format!("{}☎{}", "é".repeat(1_000_000), "ü".repeat(1_000_000));
        let diagnostic = Diagnostic::error(Code::Syntax, "no").at(place("a", &text, "☎"), "here");
        let rendered = render(&[diagnostic], RenderOptions { width: Some(60), ..RenderOptions::default() });
        assert!(rendered.contains('☎') && rendered.len() < 2_000, "{rendered}");
    }

    #[test]
    fn a_multi_line_value_is_marked_on_its_first_line() {
        let diagnostic = Diagnostic::error(Code::WrongType, "no").at(place("a", "x: [1,\n  2]\n", "[1,\n  2]"), "");
        insta::assert_snapshot!(render(&[diagnostic], RenderOptions::default()), @r#"
        error[IC0202]: no
         --> a:1:4
          |
        1 | x: [1,
          |    ^^^
        "#);
    }
}
