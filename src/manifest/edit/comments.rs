//! The comments of a flow collection that gets a line for each of its parts.

use std::ops::Range;

use crate::emitter;

/// A part with the comments that belong to it.
pub(super) struct Remarked {
    /// Where it stands now.
    pub(super) range: Range<usize>,
    /// The lines that it gets.
    lines: String,
    before: Vec<String>,
    behind: Option<String>,
}

/// Gives each comment to the part that it stands in, or that ends on its line, or else to the next one; the rest belongs to
/// none.
pub(super) fn place(
    text: &str,
    comments: impl Iterator<Item = Range<usize>>,
    mut parts: Vec<&mut Remarked>,
) -> Vec<String> {
    let mut rest = Vec::new();
    for comment in comments {
        let said = text[comment.clone()].trim_end().to_owned();
        let next = parts.partition_point(|part| part.range.end <= comment.start);
        let is_behind = |part: &Remarked| part.behind.is_none() && !text[part.range.end..comment.start].contains('\n');
        let is_within = parts.get(next).is_some_and(|part| part.range.start < comment.start);
        let last = next.checked_sub(1).filter(|last| !is_within && is_behind(parts[*last]));
        if let Some(last) = last {
            parts[last].behind = Some(said);
        } else if let Some(part) = parts.get_mut(next) {
            part.before.push(said);
        } else {
            rest.push(said);
        }
    }
    rest
}

impl Remarked {
    pub(super) fn new(range: Range<usize>, lines: String) -> Self {
        Self { range, lines, before: Vec::new(), behind: None }
    }

    pub(super) fn write(self, depth: usize) -> String {
        let Self { range: _, lines, mut before, behind } = self;
        let one_line = lines.trim_end_matches('\n').lines().count() == 1;
        let mut lines = lines;
        match behind {
            Some(comment) if one_line => lines = format!("{}  {comment}\n", lines.trim_end_matches('\n')),
            Some(comment) => before.push(comment),
            None => {}
        }
        let before = before.into_iter().map(|comment| format!("{}{comment}\n", emitter::indent(depth)));
        before.chain([lines]).collect()
    }
}
