//! Writing ids into definitions: one line each, everything else stays as it is.

use std::collections::BTreeMap;
use std::ops::Range;

use granit_parser::ScalarStyle;

use super::flow_line::flow_line_after;
use super::meaning::{Meaning, Value};
use super::outline::{CollectionStyle, Outline, OutlineDocument, OutlineEntry, OutlineNode, Shape};
use crate::diagnostic::Diagnostic;
use crate::model::{ClientId, ClientName};

/// A file with ids written into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pinned {
    pub text: String,
    /// The definitions whose id was written.
    pub written: Vec<ClientName>,
    /// The definitions that were left as they are, and why.
    pub left: Vec<(ClientName, NotPinned)>,
}

/// Why an id cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotPinned {
    /// No document of the file names the client itself: a fleet or an alias does.
    #[error("no document of its own defines it")]
    NoDocument,
    /// The id is made of variables, an alias, or more than one line.
    #[error("its id is not written as plain text")]
    Indirect,
    /// The keys stand in a way that leaves no room for a line.
    #[error("its keys are laid out in a way that a line cannot be added to")]
    Layout,
}

/// Writes the id of each client into its document: a line after `scope`, or in place of an older id.
///
/// Fails with the mistakes of a file that is not YAML.
pub(crate) fn pin(path: &str, text: &str, ids: &BTreeMap<ClientName, ClientId>) -> Result<Pinned, Vec<Diagnostic>> {
    let before = Meaning::of(path, text)?;
    let outline = Outline::of(text).unwrap_or_default();
    let mut left: BTreeMap<ClientName, NotPinned> =
        ids.keys().map(|name| (name.clone(), NotPinned::NoDocument)).collect();
    let mut edits = Vec::new();
    for (document, (index, name, id)) in outline.documents.iter().enumerate().filter_map(|(index, document)| {
        let (name, id) = named(document, ids)?;
        Some((document, (index, name, id)))
    }) {
        left.remove(name);
        match replacement(&document.root, text, id) {
            Ok((range, insert)) => edits.push(Edit { document: index, name, id, range, insert }),
            Err(reason) => drop(left.insert(name.clone(), reason)),
        }
    }
    if !says(&apply(text, &edits), &before, &edits) {
        let alone =
            |edit: &Edit<'_>| says(&apply(text, std::slice::from_ref(edit)), &before, std::slice::from_ref(edit));
        let (good, bad): (Vec<_>, Vec<_>) = edits.into_iter().partition(alone);
        left.extend(bad.into_iter().map(|edit| (edit.name.clone(), NotPinned::Layout)));
        edits = good;
    }
    let written = edits.iter().map(|edit| edit.name.clone()).collect();
    Ok(Pinned { text: apply(text, &edits), written, left: left.into_iter().collect() })
}

/// What to replace for one client, and by what.
struct Edit<'a> {
    document: usize,
    name: &'a ClientName,
    id: &'a ClientId,
    range: Range<usize>,
    insert: String,
}

/// Makes edits, which are in the order of the file.
fn apply(text: &str, edits: &[Edit<'_>]) -> String {
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for Edit { range, insert, .. } in edits {
        out.push_str(text.get(at..range.start).unwrap_or_default());
        out.push_str(insert);
        at = range.end;
    }
    out + &text[at..]
}

fn named<'a>(
    document: &OutlineDocument,
    ids: &'a BTreeMap<ClientName, ClientId>,
) -> Option<(&'a ClientName, &'a ClientId)> {
    let kind = document.root.get("kind")?.value.text()?;
    let name = ClientName::new(document.root.get("name")?.value.text()?)?;
    ids.get_key_value(&name).filter(|_| kind == "IntegratorClient")
}

/// Gives what to replace, and by what.
fn replacement(root: &OutlineNode, text: &str, id: &ClientId) -> Result<(Range<usize>, String), NotPinned> {
    let quoted = format!("\"{id}\"");
    if let Some(entry) = root.get("id") {
        return match &entry.value.shape {
            Shape::Scalar { text: old, .. } if old.contains("${") => Err(NotPinned::Indirect),
            Shape::Scalar { style: ScalarStyle::SingleQuoted, .. } => {
                Ok((entry.value.range.clone(), format!("'{id}'")))
            }
            Shape::Scalar { style: ScalarStyle::Plain | ScalarStyle::DoubleQuoted, .. } => {
                Ok((entry.value.range.clone(), quoted))
            }
            _ => Err(NotPinned::Indirect),
        };
    }
    let after = root.get("scope").or_else(|| root.get("name")).ok_or(NotPinned::Layout)?;
    let json = text.get(after.key_range.clone()).is_some_and(|key| key.starts_with('"'));
    let pair = if json { format!("\"id\": {quoted}") } else { format!("id: {quoted}") };
    match &root.shape {
        Shape::Map(CollectionStyle::Flow, _) => {
            let end = after.value.range.end;
            Ok(flow_line_after(after, text, &pair).unwrap_or_else(|| (end..end, format!(", {pair}"))))
        }
        _ => line_after(after, text, &pair).ok_or(NotPinned::Layout),
    }
}

/// Makes a line after an entry, indented as its key.
fn line_after(entry: &OutlineEntry, text: &str, pair: &str) -> Option<(Range<usize>, String)> {
    let last = entry.value.end().max(entry.key_range.end).checked_sub(1)?;
    let line_start = text.get(..entry.key_range.start)?.rfind('\n').map_or(0, |at| at + 1);
    let indent = text.get(line_start..entry.key_range.start)?.trim_start_matches('\u{feff}');
    if !indent.bytes().all(|byte| byte == b' ') {
        return None;
    }
    let rest = text.get(last..)?;
    let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
    match rest.find('\n') {
        Some(at) => {
            let place = last + at + 1;
            let own = if rest[..at].ends_with('\r') { "\r\n" } else { "\n" };
            Some((place..place, format!("{indent}{pair}{own}")))
        }
        None => Some((text.len()..text.len(), format!("{ending}{indent}{pair}"))),
    }
}

/// Makes sure that the edits say what they are meant to, and nothing else.
fn says(edited: &str, before: &Meaning<'_>, edits: &[Edit<'_>]) -> bool {
    let (Ok(mut after), mut before) = (Meaning::of("", edited), before.clone()) else { return false };
    for Edit { document, id, .. } in edits {
        let Some(pairs) = after.documents.get_mut(*document).and_then(Value::pairs) else { return false };
        let Some(at) = pairs.iter().position(|(key, _)| key == "id") else { return false };
        if pairs.remove(at).1 != Value::Text(id.to_string()) {
            return false;
        }
        if let Some(pairs) = before.documents.get_mut(*document).and_then(Value::pairs) {
            pairs.retain(|(key, _)| key != "id");
        }
    }
    after == before
}
