//! One difference in words: on one line, or line by line when the values are long.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde_json::Value as Json;
use similar::{ChangeTag, DiffOp, TextDiff};
use unicode_width::UnicodeWidthStr as _;

use super::view::{DifferenceSides, ShownDifference, ShownValue};
use crate::text::{both_told_apart, bounded, isolated, told_apart, visible};

/// The widest pair of values that stands on one line.
const WIDEST_PAIR: usize = 76;
/// The widest single value that stands on one line.
const WIDEST_VALUE: usize = 100;
/// The longest line that is shown and of which the words are compared, in characters.
const LONGEST_LINE: usize = 1_000;
/// The longest text that is shown and compared by line, in characters.
const LONGEST_TEXT: usize = 8_000;
/// How much of an equal beginning or end stays when a text is too long.
const KEPT: usize = 100;

/// A difference as it is shown. Its texts are visible; each format escapes them once more for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rendered {
    /// On one line.
    Line(Vec<Piece>),
    /// Line by line.
    Block(Vec<ValueLine>),
}

/// Some text and the side that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) role: Role,
    pub(crate) text: String,
}

/// Which side a piece of text belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Neither.
    Plain,
    Old,
    /// The part of the side before that differs.
    OldPart,
    New,
    /// The part of the side after that differs.
    NewPart,
}

/// One line of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ValueLine {
    /// `-`, `+`, a space, or `…` for lines that are left out.
    pub(crate) sign: char,
    pub(crate) pieces: Vec<Piece>,
}

impl Rendered {
    /// Gives the text on one line or several, each row with its sign.
    pub(crate) fn lines(&self) -> Vec<String> {
        let side = |pieces: &[Piece]| isolated(pieces.iter().map(|piece| piece.text.as_str()).collect::<String>());
        let join = |pieces: &[Piece]| sides(pieces).map(side).collect::<String>();
        match self {
            Self::Line(pieces) => vec![join(pieces)],
            Self::Block(rows) => rows.iter().map(|row| format!("{} {}", row.sign, join(&row.pieces))).collect(),
        }
    }
}

/// Takes a row apart where one side ends and another begins.
pub(crate) fn sides(pieces: &[Piece]) -> impl Iterator<Item = &[Piece]> {
    let side = |piece: &Piece| match piece.role {
        Role::Plain => 0,
        Role::Old | Role::OldPart => 1,
        Role::New | Role::NewPart => 2,
    };
    pieces.chunk_by(move |one, next| side(one) == side(next))
}

/// Gives the symbol of a difference: `+` comes, `-` goes, `~` changes; what two sides merely have shows neither.
pub(crate) fn symbol(difference: &ShownDifference<'_>) -> char {
    match difference.sides {
        DifferenceSides::Content => return ' ',
        DifferenceSides::LiveAndGit { .. } => return '~',
        DifferenceSides::Change => {}
    }
    match (&difference.before, &difference.after) {
        (ShownValue::Absent | ShownValue::NotManaged, ShownValue::Absent | ShownValue::NotManaged) => ' ',
        (ShownValue::Absent | ShownValue::NotManaged, _) => '+',
        (_, ShownValue::Absent | ShownValue::NotManaged) => '-',
        _ => '~',
    }
}

pub(crate) fn render(difference: &ShownDifference<'_>) -> Rendered {
    render_within(difference, WIDEST_PAIR)
}

/// Renders a difference where a pair of values has so many columns.
pub(crate) fn render_within(difference: &ShownDifference<'_>, room: usize) -> Rendered {
    let room = room.min(WIDEST_PAIR);
    let form = if difference.key.is_some() { TextStyle::Json } else { TextStyle::Text };
    match &difference.sides {
        DifferenceSides::Change => {}
        DifferenceSides::LiveAndGit { base } => {
            return compared(&difference.after, &difference.before, base.as_ref(), form, room);
        }
        DifferenceSides::Content => {
            let values = [&difference.before, &difference.after];
            let value = values.into_iter().find(|value| **value != ShownValue::Absent);
            return one_side(value.unwrap_or(&ShownValue::Absent), form, Role::Plain, ' ');
        }
    }
    match (&difference.before, &difference.after) {
        (ShownValue::Absent, ShownValue::Absent) => Rendered::Line(Vec::new()),
        (ShownValue::Absent, after) => one_side(after, form, Role::New, '+'),
        (before, ShownValue::Absent) => one_side(before, form, Role::Old, '-'),
        (ShownValue::Sensitive(_), ShownValue::Sensitive(_)) => {
            pair("(sensitive)".into(), "(sensitive, changed)".into())
        }
        (ShownValue::Plain(before), ShownValue::Plain(after)) => two_sides(before, after, form, room),
        (before, after) => {
            let (before, after) = (spelled(before, form), spelled(after, form));
            let (before, after) = both_told_apart(&before, &after);
            let (before, after) = (one_line(&before), one_line(&after));
            if before.width() + after.width() > room { stacked(&before, &after) } else { pair(before, after) }
        }
    }
}

/// Shows what git says and what the live client has, of which neither becomes the other, and what both once were.
fn compared(
    git: &ShownValue<'_>,
    live: &ShownValue<'_>,
    base: Option<&ShownValue<'_>>,
    form: TextStyle,
    room: usize,
) -> Rendered {
    let sides = [("base", Role::Plain, base), ("git", Role::New, Some(git)), ("live", Role::Old, Some(live))];
    let sides: Vec<_> = sides.into_iter().filter_map(|(name, role, value)| Some((name, role, value?))).collect();
    let lines = |value: &ShownValue<'_>| match value {
        ShownValue::Plain(value) => multi_line(value, form),
        _ => None,
    };
    if sides.iter().any(|(.., value)| lines(value).is_some()) {
        let mut rows = Vec::new();
        if let (ShownValue::Plain(git), ShownValue::Plain(live)) = (git, live) {
            let title = |sign, text: &str| ValueLine { sign, pieces: vec![piece(Role::Plain, text)] };
            rows.extend([title('-', "git"), title('+', "live")]);
            rows.extend(unified(&spelled_out(git), &spelled_out(live)));
            return Rendered::Block(rows);
        }
        for (name, role, value) in sides {
            rows.push(ValueLine { sign: ' ', pieces: vec![piece(Role::Plain, format!("{name}:"))] });
            match one_side(value, form, role, ' ') {
                Rendered::Line(pieces) => rows.push(ValueLine { sign: ' ', pieces }),
                Rendered::Block(lines) => rows.extend(lines),
            }
        }
        return Rendered::Block(rows);
    }
    let values: Vec<String> = sides.iter().map(|(.., value)| spelled(value, form)).collect();
    let values = told_apart(&values.iter().map(String::as_str).collect::<Vec<_>>());
    let side =
        |name: &str, role, value: &str| vec![piece(Role::Plain, format!("{name}: ")), piece(role, one_line(value))];
    let sides = sides.into_iter().zip(&values);
    let sides: Vec<Vec<Piece>> = sides.map(|((name, role, _), value)| side(name, role, value)).collect();
    let width: usize = sides.iter().flatten().map(|piece| piece.text.width()).sum();
    if width > room {
        return Rendered::Block(sides.into_iter().map(|pieces| ValueLine { sign: ' ', pieces }).collect());
    }
    let mut row = Vec::new();
    for side in sides {
        row.extend((!row.is_empty()).then(|| piece(Role::Plain, " · ")));
        row.extend(side);
    }
    Rendered::Line(row)
}

/// How strings are written: bare where a field is always text, quoted where a value may be anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TextStyle {
    Text,
    Json,
}

fn piece(role: Role, text: impl Into<String>) -> Piece {
    Piece { role, text: text.into() }
}

fn one_side(value: &ShownValue<'_>, form: TextStyle, role: Role, sign: char) -> Rendered {
    if let ShownValue::Plain(value) = value
        && let Some(text) = multi_line(value, form)
    {
        let text = shorten(&text, LONGEST_TEXT);
        return Rendered::Block(text.lines().map(|line| row(sign, role, line)).collect());
    }
    Rendered::Line(vec![piece(role, word(value, form))])
}

fn row(sign: char, role: Role, line: &str) -> ValueLine {
    ValueLine { sign, pieces: vec![piece(role, visible(line))] }
}

fn pair(before: String, after: String) -> Rendered {
    Rendered::Line(vec![piece(Role::Old, before), piece(Role::Plain, " → "), piece(Role::New, after)])
}

fn stacked(before: &str, after: &str) -> Rendered {
    Rendered::Block(vec![row('-', Role::Old, before), row('+', Role::New, after)])
}

fn two_sides(before: &Json, after: &Json, form: TextStyle, room: usize) -> Rendered {
    if multi_line(before, form).is_some() || multi_line(after, form).is_some() {
        let rows = unified(&spelled_out(before), &spelled_out(after));
        if !rows.is_empty() {
            return Rendered::Block(rows);
        }
    }
    let (old, new) = match (before, after) {
        (Json::String(before), Json::String(after)) => {
            let (before, after) = focus(before, after, LONGEST_LINE);
            (plain(&Json::String(before), form), plain(&Json::String(after), form))
        }
        _ => (plain(before, form), plain(after, form)),
    };
    // A text may say what another value is.
    let (old, new) = if old == new { (before.to_string(), after.to_string()) } else { (old, new) };
    let (old, new) = both_told_apart(&old, &new);
    let (old, new) = (one_line(&old), one_line(&new));
    let (old_pieces, new_pieces) = match (before, after) {
        (Json::String(_), Json::String(_)) => emphasised(&old, &new),
        _ => (vec![piece(Role::Old, old.clone())], vec![piece(Role::New, new.clone())]),
    };
    if old.width() + new.width() > room {
        let row = |sign, pieces| ValueLine { sign, pieces };
        return Rendered::Block(vec![row('-', old_pieces), row('+', new_pieces)]);
    }
    let arrow = std::iter::once(piece(Role::Plain, " → "));
    Rendered::Line(old_pieces.into_iter().chain(arrow).chain(new_pieces).collect())
}

/// Marks the words in which two lines differ, unless they share too little for that to help.
fn emphasised(old: &str, new: &str) -> (Vec<Piece>, Vec<Piece>) {
    let whole = || (vec![piece(Role::Old, old)], vec![piece(Role::New, new)]);
    let diff = TextDiff::from_unicode_words(old, new);
    if diff.ratio() < 0.3 {
        return whole();
    }
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for change in diff.iter_all_changes() {
        match change.tag() {
            ChangeTag::Equal => {
                append(&mut before, Role::Old, change.value());
                append(&mut after, Role::New, change.value());
            }
            ChangeTag::Delete => append(&mut before, Role::OldPart, change.value()),
            ChangeTag::Insert => append(&mut after, Role::NewPart, change.value()),
        }
    }
    (before, after)
}

fn append(pieces: &mut Vec<Piece>, role: Role, text: &str) {
    match pieces.last_mut() {
        Some(last) if last.role == role => last.text.push_str(text),
        _ => pieces.push(piece(role, text)),
    }
}

/// Compares two texts by line, with two equal lines around each change.
fn unified(before: &str, after: &str) -> Vec<ValueLine> {
    let (before, after) = focus(before, after, LONGEST_TEXT);
    let diff = TextDiff::from_lines(before.as_str(), after.as_str());
    let mut rows = Vec::new();
    let groups = diff.grouped_ops(2);
    for (index, group) in groups.iter().enumerate() {
        if index > 0 || group.first().is_some_and(|op| op.old_range().start > 0) {
            rows.push(ValueLine { sign: '…', pieces: Vec::new() });
        }
        let changes = |op: &DiffOp| diff.iter_changes(op).collect::<Vec<_>>();
        let changes = group.iter().flat_map(changes).map(|change| (change.tag(), change.value()));
        rows.extend(lines_told_apart(&changes.collect::<Vec<_>>(), &['\n']).into_iter().map(|(tag, line)| match tag {
            ChangeTag::Equal => row(' ', Role::Plain, &line),
            ChangeTag::Delete => row('-', Role::Old, &line),
            ChangeTag::Insert => row('+', Role::New, &line),
        }));
    }
    rows
}

/// Takes `ends`, the ends of lines, off a comparison, and tells apart what goes and what comes in its place where they look alike.
pub(crate) fn lines_told_apart<'t>(changes: &[(ChangeTag, &'t str)], ends: &[char]) -> Vec<(ChangeTag, Cow<'t, str>)> {
    let mut lines = Vec::with_capacity(changes.len());
    for run in changes.chunk_by(|(one, _), (next, _)| (*one == ChangeTag::Equal) == (*next == ChangeTag::Equal)) {
        let bare: Vec<&str> = run.iter().map(|(_, line)| line.trim_end_matches(ends)).collect();
        let mut ended: HashMap<&str, HashSet<&str>> = HashMap::new();
        for (bare, (_, line)) in bare.iter().zip(run).filter(|(_, (tag, _))| *tag != ChangeTag::Equal) {
            ended.entry(*bare).or_default().insert(*line);
        }
        // Where only the end differs, the end is shown.
        let is_twice = |bare: &str| ended.get(bare).is_some_and(|lines| lines.len() > 1);
        let shown = bare.iter().zip(run).map(|(bare, (_, line))| if is_twice(bare) { *line } else { *bare });
        let shown = told_apart(&shown.collect::<Vec<_>>());
        lines.extend(run.iter().map(|(tag, _)| *tag).zip(shown));
    }
    lines
}

/// Cuts equal beginnings and ends of long texts, and then whatever is still too long.
fn focus(before: &str, after: &str, longest: usize) -> (String, String) {
    let old: Vec<char> = before.chars().collect();
    let new: Vec<char> = after.chars().collect();
    if old.len().max(new.len()) <= longest {
        return (before.to_owned(), after.to_owned());
    }
    let start = old.iter().zip(&new).take_while(|(left, right)| left == right).count().saturating_sub(KEPT);
    let tail = old[start..].iter().rev().zip(new[start..].iter().rev()).take_while(|(left, right)| left == right);
    let tail = tail.count().saturating_sub(KEPT);
    let cut = |text: &[char]| {
        let head = if start > 0 { "…" } else { "" };
        let end = if tail > 0 { "…" } else { "" };
        shorten(&format!("{head}{}{end}", text[start..text.len() - tail].iter().collect::<String>()), longest)
    };
    (cut(&old), cut(&new))
}

fn shorten(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}… ({} more characters)", &text[..end], text[end..].chars().count()),
    }
}

/// Gives the value over several lines if one line is not enough for it.
fn multi_line(value: &Json, form: TextStyle) -> Option<String> {
    match value {
        Json::String(text) => text.trim_end_matches('\n').contains('\n').then(|| text.clone()),
        Json::Array(_) | Json::Object(_) => (plain(value, form).width() > WIDEST_VALUE).then(|| spelled_out(value)),
        Json::Null | Json::Bool(_) | Json::Number(_) => None,
    }
}

fn spelled_out(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).unwrap_or_else(|_| other.to_string()),
    }
}

/// Gives a value as it is written, not yet visible.
fn plain(value: &Json, form: TextStyle) -> String {
    match (value, form) {
        (Json::String(text), TextStyle::Text) if text.is_empty() => "(empty)".to_owned(),
        (Json::String(text), TextStyle::Text) if text.trim() == text && !text.starts_with(['"', '(']) => text.clone(),
        _ => value.to_string(),
    }
}

/// Gives a side as it is written, not yet visible.
fn spelled(value: &ShownValue<'_>, form: TextStyle) -> String {
    match value {
        ShownValue::Absent => "(none)".to_owned(),
        ShownValue::NotManaged => "(not managed)".to_owned(),
        ShownValue::Unreadable => "(not readable)".to_owned(),
        ShownValue::Sensitive(_) => "(sensitive)".to_owned(),
        ShownValue::Word(word) => word.clone(),
        ShownValue::Plain(value) => plain(value, form),
    }
}

/// Makes what is written visible on one line.
fn one_line(text: &str) -> String {
    bounded(text, LONGEST_LINE + 100).into_owned()
}

/// Gives a side on one line.
fn word(value: &ShownValue<'_>, form: TextStyle) -> String {
    one_line(&spelled(value, form))
}

/// Gives a side on one line, as a list of clients shows it: bounded and quoted.
pub(crate) fn quoted(value: &ShownValue<'_>) -> String {
    match value {
        ShownValue::Plain(Json::String(text)) => isolated(format!("\"{}\"", bounded(text, 60))).into_owned(),
        other => word(other, TextStyle::Json),
    }
}
