//! `${var.NAME}`, `${env.NAME}` and `${COLUMN}` inside text. A type never changes, and what is unset is an error.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::budget::Mistakes;
use super::read::{TreeReader, list, nearest};
use crate::diagnostic::{Code, Diagnostic, Place, SourceFile, Span};
use crate::text::quote;
use crate::text::visible;

/// The variables of the environment, as far as they are text. Which of them are secrets is known only later, so all are
/// wiped when they are no longer needed.
#[derive(Clone, Default)]
pub(crate) struct EnvironmentVariables {
    variables: BTreeMap<String, SecretString>,
    unset: Unset,
}

/// What a variable reads as that is not set.
#[derive(Debug, Clone, Copy, Default)]
enum Unset {
    /// It is a mistake.
    #[default]
    Mistake,
    /// Its own reference.
    Itself,
}

impl EnvironmentVariables {
    /// Knows no value: every variable reads as its own reference. Two trees can be compared like that without secrets.
    pub(crate) fn symbolic() -> Self {
        Self { variables: BTreeMap::new(), unset: Unset::Itself }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(ExposeSecret::expose_secret)
    }

    /// Tells whether a text behind a literal `${` would look like a variable that reads as its own reference: then it stays as
    /// it is written.
    fn is_own_reference(&self, text: &str) -> bool {
        matches!(self.unset, Unset::Itself) && text.starts_with("env.")
    }

    fn resolve(&self, name: &str) -> Option<Cow<'_, str>> {
        match (self.get(name), self.unset) {
            (Some("") | None, Unset::Mistake) => None,
            (Some(value), _) => Some(Cow::Borrowed(value)),
            (None, Unset::Itself) => Some(Cow::Owned(format!("${{env.{name}}}"))),
        }
    }
}

impl FromIterator<(String, String)> for EnvironmentVariables {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(variables: T) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name, SecretString::from(value)));
        Self { variables: variables.collect(), unset: Unset::default() }
    }
}

impl std::fmt::Debug for EnvironmentVariables {
    /// Shows nothing: an environment holds secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Environment({} variables)", self.variables.len())
    }
}

/// The variables of a target, which may hold values of the environment.
#[derive(Clone, Default)]
pub(super) struct Vars {
    values: BTreeMap<String, String>,
    secrets: SecretNames,
}

impl Vars {
    pub(super) fn new(values: BTreeMap<String, String>, secrets: SecretNames) -> Self {
        Self { values, secrets }
    }
}

/// The names of variables of the environment that hold what opens a server. No text refers to one.
pub(super) type SecretNames = Arc<BTreeSet<String>>;

/// What the names of icsync's own variables begin with; some hold keys.
const OWN: &str = "ICSYNC_";

impl std::fmt::Debug for Vars {
    /// Shows the names only: values may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

/// What references stand for.
#[derive(Clone, Copy)]
pub(super) struct Variables<'e> {
    vars: Known<'e>,
    environment: &'e EnvironmentVariables,
}

#[derive(Clone, Copy)]
enum Known<'e> {
    /// These are the variables of the target.
    Vars(&'e Vars),
    /// The configuration has mistakes: any variable may exist.
    Anything,
    /// Variables do not refer to variables.
    Nothing(&'e SecretNames),
}

/// Text in which everything but columns is substituted.
#[derive(Clone)]
pub(super) enum Template {
    /// Nothing is left to substitute.
    Fixed(Arc<str>),
    /// Columns of a fleet are left.
    Open(Arc<[TextPart]>),
}

#[derive(Clone)]
pub(super) enum TextPart {
    Text(String),
    Column { name: Arc<str>, place: Place },
}

/// A value for each column of one client of a fleet.
pub(super) trait Columns {
    fn column(&self, name: &str) -> Option<&str>;
    fn names(&self) -> Vec<&str>;

    /// Counts bytes of text that are about to be made; `false` if they are too many.
    fn afford(&self, bytes: usize) -> bool;
}

/// A client that is no part of a fleet. What it takes from profiles was counted before.
pub(super) struct NoColumns;

impl Columns for NoColumns {
    fn column(&self, _: &str) -> Option<&str> {
        None
    }

    fn names(&self) -> Vec<&str> {
        Vec::new()
    }

    fn afford(&self, _: usize) -> bool {
        true
    }
}

impl<'e> Variables<'e> {
    /// Takes the variables of a target; `None` if a mistake of the configuration hides which there are.
    pub(super) fn new(vars: Option<&'e Vars>, environment: &'e EnvironmentVariables) -> Self {
        Self { vars: vars.map_or(Known::Anything, Known::Vars), environment }
    }

    /// Knows the environment only, as the values of `vars` do.
    pub(super) fn of_environment(environment: &'e EnvironmentVariables, secrets: &'e SecretNames) -> Self {
        Self { vars: Known::Nothing(secrets), environment }
    }

    /// Tells whether a variable of the environment holds what no text may show.
    fn is_secret(&self, name: &str) -> bool {
        let named = match self.vars {
            Known::Vars(Vars { values: _, secrets }) | Known::Nothing(secrets) => secrets.contains(name),
            Known::Anything => false,
        };
        named || name.starts_with(OWN)
    }

    /// Substitutes what is known before devices are. `span` is the whole value in the file. After a mistake there is no value,
    /// which is not the same as an empty one.
    pub(super) fn template<'t>(&self, reader: &mut TreeReader<'_>, text: &'t str, span: Span) -> Option<Template>
    where
        'e: 't,
    {
        if !text.contains('$') {
            return Some(Template::Fixed(text.into()));
        }
        let mut template = Builder::default();
        let mut rest = text;
        let before_all = reader.found.count();
        let mut references = WrittenReferences::new(reader, span);
        while let Some((before, after)) = rest.split_once("${") {
            if let Some(before) = before.strip_suffix('$') {
                references.next("${");
                let literal = if self.environment.is_own_reference(after) { "$${" } else { "${" };
                template.text.extend([before, literal].map(Cow::Borrowed));
                rest = after;
                continue;
            }
            template.text.push(Cow::Borrowed(before));
            let Some((name, after)) = after.split_once('}') else {
                let help = "close it with `}`, or write `$${` for a literal `${`";
                let here = references.next("${");
                reader.error_with(Code::BadReference, here, "`${` begins a reference that does not end", help);
                return None;
            };
            let here = references.next(&format!("${{{name}}}"));
            self.resolve(reader, name, here, &mut template)?;
            rest = after;
        }
        template.text.push(Cow::Borrowed(rest));
        (reader.found.count() == before_all).then(|| template.finish())
    }

    fn resolve<'t>(&self, reader: &mut TreeReader<'_>, name: &str, here: Span, template: &mut Builder<'t>) -> Option<()>
    where
        'e: 't,
    {
        if is_nameless(name) {
            let help = "write `${var.NAME}`, `${env.NAME}`, or `$${` for a literal `${`";
            reader.error_with(Code::BadReference, here, "a reference has no name", help);
            return Some(());
        }
        let found = match (name.split_once('.'), self.vars) {
            (Some(("env", name)), _) if self.is_secret(name) => {
                let message =
                    format!("the variable `{}` of the environment is a secret of icsync's own", visible(name));
                let help =
                    "what `auth` names, and what begins with `ICSYNC_`, stands in no definition: use another variable";
                reader.error_with(Code::SecretReference, here, message, help);
                return Some(());
            }
            (Some(("var", name)), Known::Vars(vars)) => {
                vars.values.get(name).map(|value| Cow::Borrowed(value.as_str()))
            }
            (Some(("var", _)), Known::Anything) => Some(Cow::Borrowed("")),
            (Some(("env", name)), _) => self.environment.resolve(name),
            (Some(("var", _)), Known::Nothing(_)) => None,
            _ => {
                reader.afford(here, |budget| budget.expand(1, 0))?;
                let place = reader.place(here);
                template.column(name, place);
                return Some(());
            }
        };
        if let Some(value) = found {
            reader.afford(here, |budget| budget.expand(0, value.len()))?;
            template.text.push(value);
        } else {
            self.report_unset(reader, name, here);
        }
        Some(())
    }

    fn report_unset(&self, reader: &mut TreeReader<'_>, name: &str, here: Span) {
        let (space, name) = name.split_once('.').unwrap_or(("", name));
        if space == "env" {
            // Whole, however long: that is what has to be set.
            let (is, help) = match self.environment.get(name) {
                Some(_) => (
                    "set and empty",
                    "a secret that CI does not have arrives so: set it where icsync runs, or write `\"\"` in place of the reference if empty is meant",
                ),
                None => ("not set", "set it where icsync runs"),
            };
            let message = format!("the variable `{}` of the environment is {is}", visible(name));
            reader.error_with(Code::UnsetEnvironment, here, message, help);
            return;
        }
        let (message, help) = match self.vars {
            Known::Vars(vars) => {
                let search = reader.found.is_worth_a_search();
                let names: Vec<&str> =
                    if search { vars.values.keys().map(String::as_str).collect() } else { Vec::new() };
                let help = match nearest(name, &names) {
                    Some(near) => format!("did you mean `${{var.{near}}}`?"),
                    None if !search => "add it to `vars` of the target".to_owned(),
                    None => format!("add it to `vars` of the target, which has {}", list(&names)),
                };
                ("is not set for the target", help)
            }
            Known::Anything | Known::Nothing(_) => {
                ("stands in another variable", "variables may use `${env.NAME}` only".to_owned())
            }
        };
        reader.error_with(Code::UnsetVariable, here, format!("the variable {} {message}", quote(name)), help);
    }
}

#[derive(Default)]
struct Builder<'t> {
    /// Put together at the end, when it is certain that it may be so long: what grows takes up to twice as much.
    text: Vec<Cow<'t, str>>,
    parts: Vec<TextPart>,
    /// The names of columns, each kept once.
    names: BTreeSet<Arc<str>>,
}

impl Builder<'_> {
    fn column(&mut self, name: &str, place: Place) {
        self.flush();
        let name = match self.names.get(name) {
            Some(name) => Arc::clone(name),
            None => Arc::from(name),
        };
        self.names.insert(Arc::clone(&name));
        self.parts.push(TextPart::Column { name, place });
    }

    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text).concat();
        if !text.is_empty() {
            self.parts.push(TextPart::Text(text));
        }
    }

    fn finish(mut self) -> Template {
        if self.parts.is_empty() {
            return Template::Fixed(self.text.concat().into());
        }
        self.flush();
        Template::Open(self.parts.into())
    }
}

impl Template {
    /// Gives text that must not hold columns; those that it holds are reported.
    pub(super) fn fixed(&self, found: &mut Mistakes) -> Option<String> {
        self.fill(&NoColumns, found)
    }

    /// Gives how many bytes are certain.
    pub(super) fn length(&self) -> usize {
        match self {
            Self::Fixed(text) => text.len(),
            Self::Open(_) => 0,
        }
    }

    /// Substitutes columns; unknown ones are reported.
    pub(super) fn fill(&self, columns: &impl Columns, found: &mut Mistakes) -> Option<String> {
        match self {
            Self::Fixed(text) => columns.afford(text.len()).then(|| text.to_string()),
            Self::Open(parts) => fill(parts, columns, found),
        }
    }
}

/// Joins parts with the values of their columns.
pub(super) fn fill(parts: &[TextPart], columns: &impl Columns, found: &mut Mistakes) -> Option<String> {
    let length = |part: &TextPart| match part {
        TextPart::Text(text) => text.len(),
        TextPart::Column { name, .. } => columns.column(name).map_or(0, str::len),
    };
    let length = parts.iter().map(length).fold(0, usize::saturating_add);
    if !columns.afford(length) {
        return None;
    }
    // As long as it gets: what grows takes up to twice as much.
    let mut text = Some(String::with_capacity(length));
    for part in parts {
        let value = match part {
            TextPart::Text(text) => Some(text.as_str()),
            TextPart::Column { name, place } => {
                let value = columns.column(name);
                if value.is_none() {
                    let names = if found.is_worth_a_search() { columns.names() } else { Vec::new() };
                    found.push(unknown(name, place, &names));
                }
                value
            }
        };
        match (&mut text, value) {
            (Some(text), Some(value)) => text.push_str(value),
            _ => text = None,
        }
    }
    text
}

fn is_nameless(name: &str) -> bool {
    let own = ["env.", "var."].into_iter().find_map(|space| name.strip_prefix(space)).unwrap_or(name);
    own.trim().is_empty()
}

fn unknown(name: &str, place: &Place, names: &[&str]) -> Diagnostic {
    let help = match nearest(name, names) {
        Some(near) => format!("did you mean `${{{near}}}`?"),
        None if names.is_empty() => {
            "columns are for fleets; write `${var.NAME}`, `${env.NAME}`, or `$${` for a literal `${`".to_owned()
        }
        None => format!("the columns are {}; write `$${{` for a literal `${{`", list(names)),
    };
    let message = format!("`${{{}}}` stands for nothing here", quote(name).trim_matches('`'));
    Diagnostic::error(Code::UnknownReference, message).at(place.clone(), "").help(help)
}

/// The references of a value as they are written, one after the other.
struct WrittenReferences<'f> {
    file: &'f SourceFile,
    span: Span,
    raw: &'f str,
    starts: std::str::MatchIndices<'f, &'static str>,
    /// How far it has come, and how many characters and line breaks lie before.
    at: usize,
    characters: usize,
    is_broken: bool,
}

impl<'f> WrittenReferences<'f> {
    fn new(reader: &TreeReader<'f>, span: Span) -> Self {
        let file: &'f SourceFile = reader.file;
        let raw = file.text().get(span.start as usize..span.end as usize).unwrap_or_default();
        Self { file, span, raw, starts: raw.match_indices("${"), at: 0, characters: 0, is_broken: false }
    }

    /// Gives the place of the next reference, which begins like `needle`; the whole value if escapes hide it.
    fn next(&mut self, needle: &str) -> Span {
        let Some((at, _)) = self.starts.next() else { return self.span };
        let between = &self.raw[self.at..at];
        self.is_broken |= between.contains(['\n', '\r']);
        self.characters += between.chars().count();
        self.at = at;
        if !self.raw[at..].starts_with(needle) {
            return self.span;
        }
        let (start, end) = (self.span.start as usize + at, self.span.start as usize + at + needle.len());
        if self.is_broken {
            return self.file.span(start, end);
        }
        let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let column = self.span.column.saturating_add(narrow(self.characters));
        Span { start: narrow(start), end: narrow(end), line: self.span.line, column }
    }
}
