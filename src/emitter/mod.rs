//! Writes YAML that reads back as exactly what was meant, in the one form that `icsync fmt` and `icsync export` agree on, as
//! `yamllint` wants it.

use std::fmt::Write as _;

use serde_json::Value;

use crate::model::Json;
use crate::text::is_hidden;

/// How wide a line is at most where it can be broken: what `yamllint` allows unless told otherwise.
const WIDTH: usize = 80;
/// How many columns a level is indented.
pub(crate) const STEP: usize = 2;

/// A key as it is written, and its value.
pub(crate) type YamlEntry = (String, YamlNode);

/// A value on its way into a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum YamlNode {
    /// It is written already, on one line.
    Plain(String),
    /// A text that stands in quotes or as a block, whatever it holds. In policies and settings quotes tell text from values.
    Text(String),
    /// A text that stands without quotes if nobody can take it for anything else.
    Phrase(String),
    /// Between brackets if it fits into the line, else a line for each.
    List(Vec<Self>),
    /// Between curly brackets if it fits into the line, else a line for each.
    Flow(Vec<YamlEntry>),
    /// A line for each.
    Block(Vec<YamlEntry>),
}

impl YamlNode {
    /// Makes the node of a value of the server, in which `${` means nothing.
    pub(crate) fn of(json: &Json) -> Self {
        Self::of_value(json.value())
    }

    /// Makes the node of a description or the like of the server, in which `${` means nothing.
    pub(crate) fn phrase_of_server(text: &str) -> Self {
        Self::Phrase(without_references(text))
    }

    pub(crate) fn plain(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }

    fn of_value(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::Text(without_references(text)),
            Value::Array(items) => Self::List(items.iter().map(Self::of_value).collect()),
            Value::Object(map) => {
                Self::Flow(literal_entries(map.iter().map(|(key, value)| (&**key, Self::of_value(value)))))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => Self::Plain(value.to_string()),
        }
    }

    /// Gives it on one line.
    pub(crate) fn one_line(&self) -> String {
        let mut out = String::new();
        self.write_on_line(&mut out);
        out
    }

    fn write_on_line(&self, out: &mut String) {
        match self {
            Self::Plain(text) => out.push_str(text),
            Self::Phrase(text) if is_plain(text) => out.push_str(text),
            Self::Text(text) | Self::Phrase(text) => write_string(text, out),
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { ", " });
                    item.write_on_line(out);
                }
                out.push(']');
            }
            Self::Flow(entries) | Self::Block(entries) => {
                out.push('{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { ", " });
                    let (before, colon) = match KeyForm::of(key) {
                        KeyForm::Short => ("", ": "),
                        KeyForm::Long => ("? ", " : "),
                    };
                    out.extend([before, key, colon]);
                    value.write_on_line(out);
                }
                out.push('}');
            }
        }
    }

    /// Tells whether it wants lines of its own, however short it is.
    pub(crate) fn wants_lines(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Text(text) | Self::Phrase(text) => BlockText::of(text).is_some(),
            Self::List(items) => items.iter().any(Self::wants_lines),
            Self::Flow(entries) => entries.iter().any(|(_, value)| value.wants_lines()),
            Self::Block(entries) => !entries.is_empty(),
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Plain(_) | Self::Text(_) | Self::Phrase(_) => false,
            Self::List(items) => items.is_empty(),
            Self::Flow(entries) | Self::Block(entries) => entries.is_empty(),
        }
    }

    /// Writes it behind what its line begins with; what goes on below stands at this depth.
    pub(crate) fn write(&self, depth: usize, lead: &str, out: &mut String) {
        if !self.wants_lines() {
            let begin = out.len();
            out.extend([lead, " "]);
            self.write_on_line(out);
            if self.is_empty() || has_at_most(&out[begin..], WIDTH) {
                return out.push('\n');
            }
            // It is too wide.
            out.truncate(begin);
        }
        match self {
            Self::Plain(text) => out.extend([lead, " ", text, "\n"]),
            Self::Text(text) | Self::Phrase(text) => match BlockText::of(text) {
                Some(block) => block.write(depth, lead, out),
                None if is_reference(text) => drop(writeln!(out, "{lead} {}", string(text))),
                None => write_folded(text, depth, lead, out),
            },
            Self::List(items) => below(lead, depth, out, |out| {
                items.iter().for_each(|item| item.write(depth + 1, &format!("{}-", indent(depth)), out));
            }),
            Self::Flow(entries) | Self::Block(entries) => {
                below(lead, depth, out, |out| write_entries(entries, depth, out));
            }
        }
    }
}

/// Writes lines that are deeper: below what their line begins with, or behind it if that is the dash of a list.
fn below(lead: &str, depth: usize, out: &mut String, write: impl Fn(&mut String)) {
    if lead.ends_with(':') {
        let _ = writeln!(out, "{lead}");
        return write(out);
    }
    let mut lines = String::new();
    write(&mut lines);
    let _ = write!(out, "{lead} {}", &lines[depth * STEP..]);
}

pub(crate) fn write_entries(entries: &[YamlEntry], depth: usize, out: &mut String) {
    let (indent, mut lead) = (indent(depth), String::new());
    for (key, value) in entries {
        match KeyForm::of(key) {
            KeyForm::Short => {
                lead.clear();
                lead.extend([&indent, key, ":"]);
                value.write(depth + 1, &lead, out);
            }
            KeyForm::Long => drop(writeln!(out, "{indent}? {key}\n{indent}: {}", value.one_line())),
        }
    }
}

pub(crate) fn indent(depth: usize) -> String {
    " ".repeat(depth * STEP)
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

/// Tells whether a text has at most so many characters.
fn has_at_most(text: &str, most: usize) -> bool {
    // None is less than a byte.
    text.len() <= most || chars(text) <= most
}

/// A text of several lines that a literal block gives back exactly (YAML 1.2, section 8.1.2), and that nobody misreads there:
/// nothing hidden, no blanks at the end of a line, no more blank lines than `yamllint` allows.
struct BlockText(String);

impl BlockText {
    fn of(text: &str) -> Option<Self> {
        let lines = || text.split('\n');
        let seen = |one: char| one == '\n' || one == '\t' || !is_escaped(one);
        let holds = text.trim_end_matches('\n').contains('\n')
            && text.chars().all(seen)
            && !text.starts_with(['\n', '\t'])
            && !lines().any(|line| line.ends_with([' ', '\t']))
            && !text.ends_with("\n\n")
            && !text.contains("\n\n\n\n");
        holds.then(|| Self(text.to_owned()))
    }

    fn write(&self, depth: usize, lead: &str, out: &mut String) {
        let Self(text) = self;
        let (body, chomping) = text.strip_suffix('\n').map_or((&**text, "-"), |body| (body, ""));
        // Blanks at the beginning would be taken for the indentation.
        let indicator = if text.starts_with(' ') { "2" } else { "" };
        let _ = writeln!(out, "{lead} |{indicator}{chomping}");
        for line in body.split('\n') {
            if !line.is_empty() {
                *out += &indent(depth);
            }
            let _ = writeln!(out, "{line}");
        }
    }
}

/// Tells whether a text stands on one line, or on several as a block that anybody reads right.
pub(crate) fn is_line_or_block(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    !body.contains('\n') || BlockText::of(text).is_some()
}

/// Tells a reference such as `${env.NAME}` and nothing else: people look for its name, so that it stays in one line.
fn is_reference(text: &str) -> bool {
    text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).is_some_and(|name| !name.contains(['{', '}', '\n']))
}

/// Writes a text in double quotes over several lines: a backslash at the end of a line joins it with the next
/// (YAML 1.2, section 7.3.1).
fn write_folded(text: &str, depth: usize, lead: &str, out: &mut String) {
    /// Room that is too little to begin in.
    const LEAST: usize = 16;
    let mut line = format!("{lead} \"");
    if chars(lead) + LEAST > WIDTH {
        let _ = writeln!(out, "{lead}");
        line = format!("{}\"", indent(depth));
    }
    let mut rest = text;
    while !rest.is_empty() {
        let room = WIDTH.saturating_sub(chars(&line) + 1).max(LEAST);
        let fitting = fitting(rest, room);
        let end = if fitting == rest.len() { fitting } else { breaking(&rest[..fitting]) };
        escape(&rest[..end], &mut line);
        rest = &rest[end..];
        if !rest.is_empty() {
            let _ = writeln!(out, "{line}\\");
            // A blank at the beginning of a line would be lost.
            line = indent(depth) + if rest.starts_with(' ') { "\\" } else { "" };
        }
    }
    let _ = writeln!(out, "{line}\"");
}

/// Gives how much of a text a line has room for, at least a character.
fn fitting(text: &str, room: usize) -> usize {
    let mut width = 0;
    let full = text.char_indices().skip_while(|(at, one)| {
        width += Escape::of(*one).width();
        *at == 0 || width <= room
    });
    full.map(|(at, _)| at).next().unwrap_or(text.len())
}

/// Gives the place behind the last blank, or the end.
fn breaking(text: &str) -> usize {
    text.rfind(' ').map_or(text.len(), |blank| blank + 1)
}

enum KeyForm {
    Short,
    /// It stands after a question mark (YAML 1.2, section 8.2.2).
    Long,
}

impl KeyForm {
    fn of(key: &str) -> Self {
        // A key before its colon may have 1,024 characters (YAML 1.2, section 7.4.2).
        const MOST: usize = 1000;
        if has_at_most(key, MOST) { Self::Short } else { Self::Long }
    }
}

pub(crate) fn document(entries: &[YamlEntry]) -> String {
    let mut out = String::new();
    write_entries(entries, 0, &mut out);
    out
}

/// Writes a text in double quotes (YAML 1.2, section 7.3.1), in the letters it has: what nobody sees is escaped.
pub(crate) fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_string(text, &mut out);
    out
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    escape(text, out);
    out.push('"');
}

fn escape(text: &str, out: &mut String) {
    let mut written = 0;
    for (at, one) in text.char_indices() {
        let escape = Escape::of(one);
        if !matches!(escape, Escape::None) {
            out.push_str(&text[written..at]);
            escape.write(one, out);
            written = at + one.len_utf8();
        }
    }
    out.push_str(&text[written..]);
}

/// How a character is written between double quotes (YAML 1.2, section 5.7).
enum Escape {
    /// As itself.
    None,
    /// As a backslash and this.
    Mark(char),
    /// As `\uXXXX`.
    Short,
    /// As `\UXXXXXXXX`.
    Long,
}

impl Escape {
    fn of(one: char) -> Self {
        match one {
            '"' | '\\' => Self::Mark(one),
            '\n' => Self::Mark('n'),
            '\t' => Self::Mark('t'),
            _ if !is_escaped(one) => Self::None,
            _ if u32::from(one) <= 0xffff => Self::Short,
            _ => Self::Long,
        }
    }

    fn write(&self, one: char, out: &mut String) {
        match self {
            Self::None => out.push(one),
            Self::Mark(mark) => out.extend(['\\', *mark]),
            Self::Short => drop(write!(out, "\\u{:04x}", u32::from(one))),
            Self::Long => drop(write!(out, "\\U{:08x}", u32::from(one))),
        }
    }

    /// Gives how many columns it takes.
    const fn width(&self) -> usize {
        match self {
            Self::None => 1,
            Self::Mark(_) => 2,
            Self::Short => 6,
            Self::Long => 10,
        }
    }
}

/// Tells whether nobody sees what a character is: blanks that are none on the keyboard, and what has no picture of its own.
fn is_escaped(one: char) -> bool {
    let private = matches!(one, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}');
    is_hidden(one) || private || (one.is_whitespace() && one != ' ') || one == '\u{2800}'
}

/// Writes a text or a key of the server, in which `${` means nothing.
pub(crate) fn literal(text: &str) -> String {
    string(&without_references(text))
}

/// Writes entries of the server, in whose keys `${` means nothing, by the alphabet of the keys as they are written.
pub(crate) fn literal_entries<'k>(entries: impl Iterator<Item = (&'k str, YamlNode)>) -> Vec<YamlEntry> {
    let mut written: Vec<YamlEntry> = entries.map(|(key, value)| (without_references(key), value)).collect();
    written.sort_by(|(one, _), (other, _)| one.cmp(other));
    written.into_iter().map(|(key, value)| (string(&key), value)).collect()
}

/// Escapes what would be read as a reference.
pub(crate) fn without_references(text: &str) -> String {
    text.replace("${", "$${")
}

/// Writes a key of icsync's own as it is, and another in quotes if it has to be.
pub(crate) fn known_key(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { string(text) }
}

/// Tells whether a text may stand without quotes: words that begin with a letter, that no YAML reader takes for a value,
/// and in which no mark has a meaning, now or after a careless edit.
fn is_plain(text: &str) -> bool {
    const MARKS: &str = " -_./()+'!?;=%&";
    const WORDS: [&str; 5] = ["null", "true", "false", "y", "n"];
    let may_stand = |one: char| (one.is_alphanumeric() && !is_escaped(one)) || MARKS.contains(one);
    let is_value = boolean_word(text).is_some() || WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
    text.starts_with(char::is_alphabetic)
        && !text.ends_with(' ')
        && !text.contains("  ")
        && text.chars().all(may_stand)
        && !is_value
}

/// Gives what YAML 1.1 makes of a word that is text in YAML 1.2.
pub(crate) fn boolean_word(text: &str) -> Option<bool> {
    const WORDS: [(&str, bool); 4] = [("yes", true), ("on", true), ("no", false), ("off", false)];
    WORDS.iter().find(|(word, _)| text.eq_ignore_ascii_case(word)).map(|(_, meant)| *meant)
}

/// Writes a JSON value on one line; JSON is YAML.
pub(crate) fn value(json: &Json) -> String {
    YamlNode::of(json).one_line()
}

/// Counts how deep a value is nested; a scalar is not.
pub(crate) fn depth(json: &Json) -> usize {
    fn inner(value: &Value) -> usize {
        match value {
            Value::Array(items) => 1 + items.iter().map(inner).max().unwrap_or_default(),
            Value::Object(map) => 1 + map.values().map(inner).max().unwrap_or_default(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
        }
    }
    inner(json.value())
}

#[cfg(test)]
mod tests;
