//! One entry as plain lines, for formats that hold text: messages of annotations, results and test cases.

use super::group::{self, Group};
use super::value::{Rendered, render, symbol};
use super::view::{IsComplaint, ReportEntry, ShownDifference, ShownProblem, SourceLine};
use crate::text::{bounded, message};

/// Says what an entry is in one line: `change sunshine-reception (417/1/01234567120)`.
pub(crate) fn headline(group: &Group<'_, '_>) -> String {
    let entry = group.first;
    let unmanaged = (entry.client.is_none() && entry.at.is_none()).then(|| entry.written()).flatten();
    let place = [entry.whereabouts().into_owned(), entry.people()].into_iter().chain(unmanaged);
    let place: Vec<String> = place.filter(|part| !part.is_empty()).collect();
    let place = if place.is_empty() { String::new() } else { format!(" ({})", place.join(", ")) };
    let more = match group.others.len() {
        0 => String::new(),
        several if entry.complaint == IsComplaint::Yes => format!(" and {several} more"),
        1 => " and 1 more client".to_owned(),
        several => format!(" and {several} more clients"),
    };
    format!("{}: {}{place}{more}", entry.state, group::title(entry))
}

/// Says what there is to say of an entry, without its headline.
pub(crate) fn body(entry: &ReportEntry<'_>) -> Vec<String> {
    let mut lines: Vec<String> = entry.said().map(|note| message(&note).into_owned()).collect();
    lines.extend(entry.problem.iter().flat_map(problem));
    lines.extend(entry.changes.iter().flat_map(change));
    lines
}

/// Says why something is not as it should be, and what to do.
pub(crate) fn problem(problem: &ShownProblem<'_>) -> Vec<String> {
    let ShownProblem { code, message: text, help, candidates } = problem;
    let code = code.as_ref().map(|code| format!("{}: ", bounded(code, 100))).unwrap_or_default();
    let mut lines = vec![format!("{code}{}", message(text))];
    lines.extend(
        candidates.iter().map(|(id, description)| format!("  {}  \"{}\"", bounded(id, 200), bounded(description, 200))),
    );
    lines.extend((!help.is_empty()).then(|| format!("help: {}", message(help))));
    lines
}

/// Names the field and key of a difference: `settings.interface::showMissedCallPreview`.
pub(crate) fn field(change: &ShownDifference<'_>) -> String {
    let field = bounded(change.field, 60);
    change.shown_key().map_or_else(|| field.to_string(), |key| format!("{field}.{key}"))
}

/// Writes a difference with its symbol in the first column.
pub(crate) fn change(change: &ShownDifference<'_>) -> Vec<String> {
    let (symbol, field) = (symbol(change), field(change));
    let source = trailer(change, change.at);
    match render(change) {
        rendered @ Rendered::Line(_) => vec![format!("{symbol} {field}: {}{source}", rendered.lines().concat())],
        rendered @ Rendered::Block(_) => {
            std::iter::once(format!("{symbol} {field}:{source}")).chain(rendered.lines()).collect()
        }
    }
}

/// Says who made a difference and where its value was written.
pub(crate) fn remarks(change: &ShownDifference<'_>, at: Option<SourceLine<'_>>) -> Vec<String> {
    change.state.map(str::to_owned).into_iter().chain(at.map(|at| at.to_string())).collect()
}

/// Writes the remarks of a difference behind it: `   (drifted, profiles/base.yaml:4)`.
pub(crate) fn trailer(change: &ShownDifference<'_>, at: Option<SourceLine<'_>>) -> String {
    let remarks = remarks(change, at);
    if remarks.is_empty() { String::new() } else { format!("   ({})", remarks.join(", ")) }
}
