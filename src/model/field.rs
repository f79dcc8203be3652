//! The fields of a client that icsync manages, and patterns over them.

use std::fmt;
use std::sync::Arc;

use super::glob::{Glob, GlobError, beginning, fixed_beginning, text_glob};

/// A managed field of a client. What it holds is told by its place in `Content`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Field {
    /// `Description`.
    Description,
    /// `CMEnvironmentID`.
    CmEnvironmentId,
    /// `Policies`.
    Policies,
    /// `Settings`.
    Settings,
}

impl Field {
    /// All fields in the order in which they are shown.
    pub(crate) const ALL: [Self; 4] = [Self::Description, Self::CmEnvironmentId, Self::Policies, Self::Settings];

    /// Gives the name used in definitions, plans and reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Description => "description",
            Self::CmEnvironmentId => "cm_environment_id",
            Self::Policies => "policies",
            Self::Settings => "settings",
        }
    }

    /// Gives the name used in the API.
    pub(crate) fn api_name(self) -> &'static str {
        match self {
            Self::Description => "Description",
            Self::CmEnvironmentId => "CMEnvironmentID",
            Self::Policies => "Policies",
            Self::Settings => "Settings",
        }
    }

    /// Writes fields as `a` and `b`, in backticks.
    pub(crate) fn list(fields: &[Self]) -> String {
        fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(" and ")
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Writes all fields as `a`, `b` or `c`.
fn any_field() -> String {
    let [first @ .., last] = Field::ALL.map(|field| format!("`{field}`"));
    format!("{} or {last}", first.join(", "))
}

/// A field, or one key of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FieldPath {
    pub(crate) field: Field,
    pub(crate) key: Option<Arc<str>>,
}

impl fmt::Display for FieldPath {
    /// Writes `description` or `settings.core::x`, in backticks.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, key } = self;
        match key {
            Some(key) => write!(f, "`{field}.{}`", key.escape_debug()),
            None => write!(f, "`{field}`"),
        }
    }
}

/// A set of fields and keys, as `ignore` and `sensitive` name it: `description`, `settings`, `settings.interface::*`.
#[derive(Debug, Clone)]
pub(crate) struct FieldPattern {
    text: Box<str>,
    field: Field,
    key: KeyPattern,
}

/// Which keys of its field a pattern covers.
#[derive(Debug, Clone)]
enum KeyPattern {
    /// All, and the field as a whole.
    Any,
    /// The one that stands behind the dot.
    Written,
    /// That one too, and those that match.
    Glob(Glob),
}

impl KeyPattern {
    fn new(glob: &str) -> Result<Self, GlobError> {
        if fixed_beginning(glob) == glob {
            return Ok(Self::Written);
        }
        text_glob(glob).map(Self::Glob)
    }
}

/// Why a text is no pattern over fields.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PatternError {
    /// The text before the first dot is no field.
    #[error("`{}` does not begin with {}", .0.escape_debug(), any_field())]
    Field(String),
    /// A field that holds one text has no keys.
    #[error("`{0}` has no keys")]
    NoKeys(Field),
    /// The key is no glob.
    #[error("`{}` is not a glob: {reason}", beginning(.glob).escape_debug())]
    Glob {
        /// The text after the first dot.
        glob: String,
        /// What is wrong with it.
        reason: GlobError,
    },
}

impl FieldPattern {
    /// Reads a pattern: a field, or a field with keys, a dot and a glob in which `*` is any text and `?` any character.
    pub(crate) fn new(text: &str) -> Result<Self, PatternError> {
        let (name, glob) = text.split_once('.').map_or((text, None), |(name, glob)| (name, Some(glob)));
        let field = Field::ALL.into_iter().find(|field| field.name() == name);
        let field = field.ok_or_else(|| PatternError::Field(text.to_owned()))?;
        if glob.is_some() && !field.has_keys() {
            return Err(PatternError::NoKeys(field));
        }
        if glob == Some("") {
            let reason = GlobError::Syntax("nothing stands behind the dot".to_owned());
            return Err(PatternError::Glob { glob: String::new(), reason });
        }
        let key = glob.map_or(Ok(KeyPattern::Any), KeyPattern::new);
        let key = key.map_err(|reason| PatternError::Glob { glob: glob.unwrap_or_default().to_owned(), reason })?;
        Ok(Self { text: text.into(), field, key })
    }

    /// Tells whether the pattern covers a whole field without regard to keys.
    pub(crate) fn covers_field(&self, field: Field) -> bool {
        self.field == field && matches!(self.key, KeyPattern::Any)
    }

    /// Tells whether the pattern covers one key of `policies` or `settings`: as a glob, and as it is written, because keys
    /// may hold brackets.
    pub(crate) fn covers_key(&self, field: Field, key: &str) -> bool {
        let written = || self.written_key() == Some(key);
        self.field == field
            && match &self.key {
                KeyPattern::Any => true,
                KeyPattern::Written => written(),
                KeyPattern::Glob(glob) => glob.is_match(key) || written(),
            }
    }

    /// Tells whether the pattern certainly covers everything that another one does.
    pub(crate) fn includes(&self, other: &Self) -> bool {
        let one_key = match (&other.key, other.written_key()) {
            (KeyPattern::Written, Some(key)) => self.covers_key(other.field, key),
            _ => false,
        };
        self == other || self.covers_field(other.field) || one_key
    }

    /// Gives the text with which every key begins that the pattern covers.
    pub(crate) fn beginning(&self) -> &str {
        self.written_key().map_or("", fixed_beginning)
    }

    fn written_key(&self) -> Option<&str> {
        self.text.split_once('.').map(|(_, key)| key)
    }

    /// Tells whether the pattern speaks of this field, wholly or in part.
    pub(crate) fn touches(&self, field: Field) -> bool {
        self.field == field
    }

    /// Gives the pattern as it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

impl PartialEq for FieldPattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for FieldPattern {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_a_field_or_some_of_its_keys() {
        let all = FieldPattern::new("settings").expect("a pattern");
        assert!(
            all.covers_field(Field::Settings) && all.covers_key(Field::Settings, "a") && all.touches(Field::Settings)
        );
        let some = FieldPattern::new("settings.interface::*").expect("a pattern");
        assert!(some.covers_key(Field::Settings, "interface::x/y") && !some.covers_key(Field::Settings, "core::x"));
        assert_eq!((some.beginning(), all.beginning()), ("interface::", ""));
        assert!(!some.covers_field(Field::Settings) && !some.covers_key(Field::Policies, "interface::x"));
    }

    #[test]
    fn a_pattern_includes_what_it_certainly_covers() {
        for (one, other, includes) in [
            ("settings", "settings.a::*", true),
            ("settings.a::*", "settings.a::b", true),
            ("settings.a::b", "settings.a::*", false),
            ("settings.a::*", "settings", false),
            ("settings.a::*", "settings.a::b*", false),
            ("policies", "settings.a::b", false),
        ] {
            let pattern = |text| FieldPattern::new(text).expect("a pattern");
            assert_eq!(pattern(one).includes(&pattern(other)), includes, "{one} {other}");
        }
    }

    #[test]
    fn patterns_that_cover_nothing_are_refused() {
        assert!(matches!(FieldPattern::new("setting"), Err(PatternError::Field(_))));
        assert!(matches!(FieldPattern::new("description.x"), Err(PatternError::NoKeys(Field::Description))));
        assert!(matches!(FieldPattern::new("settings.["), Err(PatternError::Glob { .. })));
        assert!(matches!(FieldPattern::new("settings."), Err(PatternError::Glob { .. })));
    }
}
