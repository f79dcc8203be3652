//! Reading values out of YAML trees, with everything wrong said at its place.

use std::borrow::Cow;
use std::sync::Arc;

use super::budget::{Budget, Mistakes, Overspent};
use super::keys::{Keys, Mapping, Word, Written};
use super::shape;
pub(super) use super::shape::{double_quoted, list, plain_text};
use super::yaml::{Data, MapEntry, Node, Number, ScalarValue};
use crate::catalogue::Catalogue;
use crate::diagnostic::{Code, Diagnostic, Place, SourceFile, Span};
use crate::text::{excerpt, quote};

/// Reads the trees of one file and collects what is wrong.
pub(super) struct TreeReader<'f> {
    pub(super) file: &'f Arc<SourceFile>,
    /// The same file as what is read points at it: where it is long kept, without its text.
    pub(super) pointed_at: Arc<SourceFile>,
    /// What is wrong, within what the file may take, together with others.
    pub(super) found: Mistakes,
    /// What keys of policies and settings are held against.
    pub(super) catalogue: Option<&'f Catalogue>,
}

/// A value that was read, and its place.
#[derive(Debug, Clone)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

#[derive(Clone, Copy)]
pub(super) struct MappingFields<'n> {
    entries: &'n [MapEntry<'n>],
    pub(super) span: Span,
}

impl<'n> MappingFields<'n> {
    /// Gives the entry of a key; the first if the key stands twice.
    pub(super) fn get(&self, key: &str) -> Option<&'n MapEntry<'n>> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    pub(super) fn entries(&self) -> &'n [MapEntry<'n>] {
        self.entries
    }
}

impl<'f> TreeReader<'f> {
    pub(super) fn new(file: &'f Arc<SourceFile>) -> Self {
        Self { file, pointed_at: Arc::clone(file), found: Mistakes::default(), catalogue: None }
    }

    pub(super) fn place(&self, span: Span) -> Place {
        Place { file: Arc::clone(&self.pointed_at), span }
    }

    pub(super) fn placed<T>(&self, value: T, span: Span) -> Placed<T> {
        Placed { value, place: self.place(span) }
    }

    /// Takes something of the budget; says so and gives `None` where it does not suffice.
    pub(super) fn afford(&mut self, here: Span, spend: impl Fn(&Budget) -> Result<(), Overspent>) -> Option<()> {
        let Err(overspent) = spend(self.found.budget()) else { return Some(()) };
        self.found.push(overspent.at(self.place(here)));
        None
    }

    /// Reports a mistake.
    pub(super) fn error(&mut self, code: Code, span: Span, message: impl Into<Cow<'static, str>>) {
        let place = self.place(span);
        self.found.push(Diagnostic::error(code, message).at(place, ""));
    }

    /// Reports a mistake with a remedy.
    pub(super) fn error_with(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<Cow<'static, str>>,
        help: impl Into<Cow<'static, str>>,
    ) {
        let place = self.place(span);
        self.found.push(Diagnostic::error(code, message).at(place, "").help(help));
    }

    /// Reports what is probably not meant.
    pub(super) fn warn(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<Cow<'static, str>>,
        help: impl Into<Cow<'static, str>>,
    ) {
        let place = self.place(span);
        self.found.push(Diagnostic::warning(code, message).at(place, "").help(help));
    }

    /// Reads a mapping with any keys.
    pub(super) fn map<'n>(&mut self, entry: &'n MapEntry<'n>) -> Option<MappingFields<'n>> {
        if let Data::Map(entries) = &entry.value.data {
            return Some(MappingFields { entries, span: entry.value.span });
        }
        self.wrong_type(entry, "a mapping");
        None
    }

    /// Reads a mapping whose keys are known.
    pub(super) fn keys<'n, K: Keys<'n>>(&mut self, entry: &'n MapEntry<'n>) -> Option<K> {
        let Data::Map(entries) = &entry.value.data else {
            let message = format!("{} must be a mapping, {}", quote(&entry.key), but(&entry.value));
            let help = shape::mapping_help(&entry.key, K::MAPPING);
            self.error_with(Code::WrongType, entry.value_span(), message, help);
            return None;
        };
        let fields = MappingFields { entries, span: entry.value.span };
        Some(self.known(fields, &format!("`{}`", entry.key)))
    }

    /// Reads a mapping whose keys are known and that stands in a list or is a whole document.
    pub(super) fn node_keys<'n, K: Keys<'n>>(&mut self, node: &'n Node<'n>, what: &str) -> Option<K> {
        let item = Some(K::MAPPING).filter(|mapping| mapping.kind.is_none());
        if let Some(help) = item.filter(|_| !matches!(node.data, Data::Map(_))).and_then(shape::item_help) {
            self.error_with(Code::WrongType, node.span, format!("{what} must be a mapping, {}", but(node)), help);
            return None;
        }
        let fields = self.node_fields(node, what)?;
        Some(self.known(fields, what))
    }

    /// Reads a mapping whose keys are taken later.
    pub(super) fn node_fields<'n>(&mut self, node: &'n Node<'n>, what: &str) -> Option<MappingFields<'n>> {
        let Data::Map(entries) = &node.data else {
            self.error(Code::WrongType, node.span, format!("{what} must be a mapping, {}", but(node)));
            return None;
        };
        Some(MappingFields { entries, span: node.span })
    }

    /// Takes the keys of a mapping and reports those that it cannot have.
    pub(super) fn known<'n, K: Keys<'n>>(&mut self, fields: MappingFields<'n>, what: &str) -> K {
        let known = |entry: &&MapEntry<'_>| K::MAPPING.keys.iter().any(|key| key.name == entry.key);
        for entry in fields.entries.iter().filter(|entry| !known(entry)) {
            self.unknown_key(entry, what, K::MAPPING);
        }
        K::take(fields.entries, fields.span)
    }

    fn unknown_key(&mut self, entry: &MapEntry<'_>, what: &str, mapping: &Mapping) {
        let names = mapping.names();
        let apart = glued(&entry.key).filter(|_| entry.value.is_null());
        let help = match (apart, nearest(&entry.key, &names)) {
            (Some(apart), _) => format!("between brackets a colon needs a blank behind it: write `{apart}`"),
            (None, Some(near)) => did_you_mean(near),
            (None, None) => format!("the keys here are {}", list(&names)),
        };
        let message = format!("the key {} is not known in {what}", quote(&entry.key));
        self.error_with(Code::UnknownKey, entry.key_span, message, help);
    }

    /// Reports that a key is missing in a mapping that begins at `span`.
    pub(super) fn missing(&mut self, span: Span, key: &str, help: &'static str) {
        self.error_with(Code::MissingKey, first_line(span), format!("the key `{key}` is missing"), help);
    }

    pub(super) fn required<'n>(&mut self, written: Written<'n>, help: &'static str) -> Option<&'n MapEntry<'n>> {
        if written.entry.is_none() {
            self.missing(written.mapping, written.key.name, help);
        }
        written.entry
    }

    /// Gives the last line of a mapping.
    pub(super) fn last_line(&self, span: Span) -> u32 {
        let end = span.end.saturating_sub(1).max(span.start);
        // Counted from where the mapping begins: lines of a file are looked up only where something is wrong with it.
        let between = self.file.text().as_bytes().get(span.start as usize..end as usize).unwrap_or_default();
        if between.contains(&b'\r') {
            return self.file.span(end as usize, end as usize).line;
        }
        let breaks = between.split(|one| *one == b'\n').skip(1).count();
        span.line + u32::try_from(breaks).unwrap_or_default()
    }

    /// Reads text. What looks like a number, true or null is an error whose help shows the quotes.
    pub(super) fn text<'n>(&mut self, entry: &'n MapEntry<'n>) -> Option<&'n str> {
        let text = plain_text(&entry.value);
        if text.is_none() {
            self.wrong_type(entry, "text");
        }
        text
    }

    /// Reads text of a form that quotes alone do not make.
    pub(super) fn shaped_text<'n>(&mut self, entry: &'n MapEntry<'n>, help: &'static str) -> Option<&'n str> {
        let text = plain_text(&entry.value);
        if text.is_none() {
            let message = format!("{} must be text, {}", quote(&entry.key), but(&entry.value));
            self.error_with(Code::WrongType, entry.value_span(), message, help);
        }
        text
    }

    /// Reads text that stands in a list.
    pub(super) fn item_text<'n>(&mut self, item: &'n Node<'n>, key: &str) -> Option<&'n str> {
        let text = plain_text(item);
        if text.is_none() {
            let message = format!("`{key}` must be a list of text, {}", but(item));
            match shape::quoted(item) {
                Some(quoted) => self.error_with(Code::WrongType, item.span, message, format!("write `{quoted}`")),
                None => self.error(Code::WrongType, item.span, message),
            }
        }
        text
    }

    pub(super) fn list<'n>(&mut self, entry: &'n MapEntry<'n>) -> Option<&'n [Node<'n>]> {
        if let Data::List(items) = &entry.value.data {
            return Some(items);
        }
        self.wrong_type(entry, "a list");
        None
    }

    pub(super) fn truth(&mut self, entry: &MapEntry<'_>) -> Option<bool> {
        if let Some(ScalarValue::Bool(value)) = entry.value.scalar().map(super::yaml::Scalar::value) {
            return Some(value);
        }
        self.wrong_type(entry, "true or false");
        None
    }

    pub(super) fn integer(&mut self, entry: &MapEntry<'_>) -> Option<i64> {
        match entry.value.scalar().map(super::yaml::Scalar::value) {
            Some(ScalarValue::Number(Number::Json(digits))) => {
                let number = digits.parse().ok();
                if number.is_none() {
                    let message =
                        format!("`{}` is {}, and no whole number of at most 18 digits", entry.key, quote(&digits));
                    self.error(Code::OutOfRange, entry.value_span(), message);
                }
                number
            }
            Some(ScalarValue::Number(Number::Unclear(reason))) => {
                let message =
                    format!("it is unclear what the number {} means: {reason}", quote(&scalar_text(&entry.value)));
                self.error_with(Code::UnclearNumber, entry.value_span(), message, "write the plain decimal number");
                None
            }
            _ => {
                self.wrong_type(entry, "a number");
                None
            }
        }
    }

    /// Reads a whole number within the bounds of its key, which may also take a word.
    pub(super) fn number(&mut self, written: Written<'_>) -> Option<u64> {
        let entry = written.entry?;
        let (least, most) = written.key.form.bounds();
        let words = written.key.form.words();
        if plain_text(&entry.value).is_some_and(|text| !words.is_empty() && text.parse::<i64>().is_err()) {
            self.wrong_type(entry, &format!("{} or a number from {least} to {most}", list(&words)));
            return None;
        }
        let number = self.integer(entry)?;
        if !(least..=most).contains(&number) {
            let message = format!("`{}` is {number}, which is not from {least} to {most}", entry.key);
            if words.is_empty() {
                self.error(Code::OutOfRange, entry.value_span(), message);
            } else {
                let help = format!("write a number from {least} to {most}, or {}", list(&words));
                self.error_with(Code::OutOfRange, entry.value_span(), message, help);
            }
            return None;
        }
        u64::try_from(number).ok()
    }

    /// Reads one of a few words.
    pub(super) fn word<T: Copy>(&mut self, written: Written<'_>, words: &[Word<T>]) -> Option<T> {
        let entry = written.entry?;
        let text = self.text(entry)?;
        let found = words.iter().find(|word| word.name == text).map(|word| word.value);
        if found.is_none() {
            let names: Vec<&str> = words.iter().map(|word| word.name).collect();
            let message = format!("`{}` is {}, which is not one of {}", entry.key, quote(text), list(&names));
            let help = match nearest(text, &names) {
                Some(near) => did_you_mean(near),
                None => format!("write {}", list(&names).replace(" and ", " or ")),
            };
            self.error_with(Code::BadWord, entry.value_span(), message, help);
        }
        found
    }

    pub(super) fn unclear_number(&mut self, node: &Node<'_>, reason: &str) {
        let text = scalar_text(node);
        let message = format!("it is unclear what the number {} means: {reason}", quote(&text));
        let help = format!("write `{}` for text, or the plain decimal number", double_quoted(&text));
        self.error_with(Code::UnclearNumber, node.span, message, help);
    }

    /// Reports that a value is of another type than its key wants.
    pub(super) fn wrong_type(&mut self, entry: &MapEntry<'_>, wanted: &str) {
        let message = format!("{} must be {wanted}, {}", quote(&entry.key), but(&entry.value));
        self.error_with(Code::WrongType, entry.value_span(), message, shape::help(entry, wanted));
    }
}

/// Gives where a value begins.
pub(super) fn first_line(span: Span) -> Span {
    Span { end: span.start, ..span }
}

fn scalar_text(node: &Node<'_>) -> String {
    node.scalar().map(|scalar| scalar.text.to_string()).unwrap_or_default()
}

/// Says what a value is instead of what it must be.
pub(super) fn but(node: &Node<'_>) -> String {
    if node.is_null() { "but it is empty".to_owned() } else { format!("not {}", node.what()) }
}

/// Parts a key from a value that is glued to it: what stands behind its last colon, if that is no part of a key such as
/// `ui::preview`.
pub(super) fn glued(key: &str) -> Option<String> {
    let (name, value) = key.rsplit_once(':')?;
    let is_value = value.starts_with(|one: char| one.is_ascii_digit() || "\"'[{-".contains(one))
        || ["true", "false", "null"].contains(&value);
    let name = name.trim_end();
    (!name.is_empty() && (is_value || !name.contains(':') && !value.is_empty()))
        .then(|| format!("{}: {}", excerpt(name), excerpt(value)))
}

/// Finds the name that was probably meant: nearly the same letters, without regard to case and separators.
pub(crate) fn nearest<'a>(word: &str, names: &[&'a str]) -> Option<&'a str> {
    const LONGEST: usize = 80;
    const MOST_NAMES: usize = 500;
    if word.len() > LONGEST {
        return None;
    }
    let plain =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let meant = plain(word);
    let synonym = SYNONYMS.iter().find(|(other, _)| *other == meant).map(|(_, name)| *name);
    let most = |name: &str| name.len().min(word.len()).div_ceil(4);
    let candidates = names.iter().filter(|name| name.len().abs_diff(word.len()) <= most(name) + 2).take(MOST_NAMES);
    let near = candidates.map(|name| (strsim::damerau_levenshtein(&meant, &plain(name)), *name));
    let near = near
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, name)| *distance <= most(name) && *distance < meant.chars().count());
    near.map(|(_, name)| name).or_else(|| names.iter().copied().find(|name| Some(*name) == synonym))
}

/// How the question begins that [`did_you_mean`] asks.
pub(super) const DID_YOU_MEAN: &str = "did you mean ";

/// Asks for the name that was probably meant.
pub(super) fn did_you_mean(near: &str) -> String {
    format!("{DID_YOU_MEAN}{}?", quote(near))
}

/// Words that people who know the API or other tools write, and what icsync calls the same thing.
const SYNONYMS: &[(&str, &str)] = &[
    ("telsysid", "telsys"),
    ("telephonyserver", "telsys"),
    ("partitionid", "partition"),
    ("partitionidintelsys", "partition"),
    ("devicenumber", "device"),
    ("cmenvironment", "cm_environment_id"),
    ("extends", "profiles"),
    ("profiles", "extends"),
    ("apikey", "api_key"),
    ("variables", "vars"),
    ("ownership", "owns"),
    ("base", "extends"),
    ("concurrency", "parallelism"),
    ("client", "IntegratorClient"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_was_meant_is_found() {
        let names = ["description", "cm_environment_id", "profiles", "settings"];
        for (word, meant) in [
            ("descripton", Some("description")),
            ("Description", Some("description")),
            ("CMEnvironmentID", Some("cm_environment_id")),
            ("cm-environment-id", Some("cm_environment_id")),
            ("extends", Some("profiles")),
            ("setings", Some("settings")),
            ("colour", None),
            ("x", None),
        ] {
            assert_eq!(nearest(word, &names), meant, "{word}");
        }
    }
}
