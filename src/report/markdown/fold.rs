//! Parts of a comment that are shown whole, by their name alone, or not at all.

use super::super::group::{Group, listed, mistake, names, stray_title};
use super::super::plain;
use super::super::value::{Rendered, render, symbol};
use super::super::view::{IsComplaint, ReportKind, Stray};
use super::short;
use crate::text::code_span;

/// The most rows of one fold.
const MOST_ROWS: usize = 400;
/// The most bytes of one, so that one long text leaves room for others.
const MOST_BYTES: usize = 16_000;

/// A group, or a list.
pub(super) struct Fold {
    pub(super) summary: String,
    body: String,
    pub(super) clients: usize,
}

impl Fold {
    pub(super) fn of(group: &Group<'_, '_>, kind: ReportKind) -> Self {
        let Group { first, others, .. } = group;
        let number = first.number.map(|number| format!("{number} ")).unwrap_or_default();
        let at = first.at.map(|at| format!(" · {}", short(&at.to_string()))).unwrap_or_default();
        let mistake = mistake(first).map(|what| format!(": {}", short(&what))).unwrap_or_default();
        let summary = format!("{number}{} {}{mistake}{at}", short(first.mark.symbol()), short(&plain::headline(group)));
        let mut rows: Vec<String> = Vec::new();
        // What is to be destroyed stands above with all that is said of it.
        if !first.is_destructive() || kind == ReportKind::Apply {
            rows.extend(first.said().map(|note| format!("# {}", crate::text::message(&note))));
        }
        rows.extend(first.problem.iter().flat_map(plain::problem).map(|line| format!("# {line}")));
        rows.extend(first.changes.iter().flat_map(change));
        let mistakes = others.iter().filter_map(|other| Some((other, self::mistake(other)?)));
        rows.extend(mistakes.map(|(other, what)| format!("# {}: {what}", listed(other))));
        cut(&mut rows);
        if !others.is_empty() && first.complaint == IsComplaint::No {
            rows.push(format!("# the same on {} more{}: {}", others.len(), group.each(), names(others)));
        }
        let body = if rows.is_empty() { String::new() } else { fenced("diff", &rows.join("\n")) };
        Self { summary, body, clients: group.len() }
    }

    /// Shows all of it.
    pub(super) fn whole(&self) -> String {
        let Self { summary, body, clients: _ } = self;
        if body.is_empty() {
            return self.line();
        }
        format!("<details><summary>{summary}</summary>\n\n{body}\n</details>\n\n")
    }

    /// Names it.
    pub(super) fn line(&self) -> String {
        format!("- {}\n\n", self.summary)
    }
}

/// Leaves as much as a fold holds, and says what is not there.
fn cut(rows: &mut Vec<String>) {
    let mut bytes = 0;
    let fits = rows.iter().take(MOST_ROWS).take_while(|row| {
        bytes += row.len() + 1;
        bytes <= MOST_BYTES
    });
    let kept = fits.count();
    let more = rows.len() - kept;
    rows.truncate(kept);
    rows.extend((more > 0).then(|| format!("# … {more} more lines")));
}

/// Writes a difference so that its first column is one that `diff` colours: `+`, `-`, or `!` for a change.
fn change(change: &super::super::view::ShownDifference<'_>) -> Vec<String> {
    let field = plain::field(change);
    let source = plain::trailer(change, change.at);
    let mark = if symbol(change) == '~' { '!' } else { symbol(change) };
    match render(change) {
        rendered @ Rendered::Line(_) => vec![format!("{mark} {field}: {}{source}", rendered.lines().concat())],
        rendered @ Rendered::Block(_) => {
            std::iter::once(format!("{mark} {field}:{source}")).chain(rendered.lines()).collect()
        }
    }
}

/// Writes lines into a fence that none of them ends.
pub(super) fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{text}\n{fence}\n")
}

pub(super) fn unmanaged(strays: &[Stray<'_>]) -> Option<Fold> {
    let lines: Vec<String> = strays
        .iter()
        .take(MOST_ROWS)
        .map(|stray| {
            let kept = stray.kept.map(|kept| format!(" ({})", short(kept))).unwrap_or_default();
            format!("- {}{kept}", code_span(&stray_title(stray)))
        })
        .collect();
    let more = strays.len().saturating_sub(MOST_ROWS);
    let more = if more > 0 { format!("\n- … and {more} more") } else { String::new() };
    let summary = format!("{} unmanaged (in the boundary, not in git)", strays.len());
    let body = format!("{}{more}\n", lines.join("\n"));
    (!strays.is_empty()).then_some(Fold { summary, body, clients: strays.len() })
}
