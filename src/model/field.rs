//! The fields of a client that icsync manages, and patterns over them.

use std::fmt;

use globset::{GlobBuilder, GlobMatcher};

/// A managed field of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// `Description`: free text, not unique.
    Description,
    /// `CMEnvironmentID`: the id of a CM environment.
    CmEnvironmentId,
    /// `Policies`: a JSON object.
    Policies,
    /// `Settings`: a JSON object.
    Settings,
}

impl Field {
    /// All fields in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Description, Self::CmEnvironmentId, Self::Policies, Self::Settings];

    /// Gives the name used in definitions, plans and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Description => "description",
            Self::CmEnvironmentId => "cm_environment_id",
            Self::Policies => "policies",
            Self::Settings => "settings",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of fields and keys, as `ignore` and `sensitive` name it: `description`, `settings`, `settings.interface::*`.
#[derive(Debug, Clone)]
pub struct FieldPattern {
    text: Box<str>,
    field: Field,
    key: Option<GlobMatcher>,
}

/// Why a text is no pattern over fields.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// The text before the first dot is no field.
    #[error("`{}` does not begin with `description`, `cm_environment_id`, `policies` or `settings`", .0.escape_debug())]
    Field(String),
    /// A field that holds one text has no keys.
    #[error("`{0}` has no keys")]
    NoKeys(Field),
    /// The key is no glob.
    #[error("`{}` is not a glob: {reason}", .glob.escape_debug())]
    Glob {
        /// The text after the first dot.
        glob: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl FieldPattern {
    /// Reads a pattern: a field, or a field with keys, a dot and a glob in which `*` is any text and `?` any character.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        let (name, glob) = text.split_once('.').map_or((text, None), |(name, glob)| (name, Some(glob)));
        let field = Field::ALL.into_iter().find(|field| field.name() == name);
        let field = field.ok_or_else(|| PatternError::Field(text.to_owned()))?;
        if glob.is_some() && matches!(field, Field::Description | Field::CmEnvironmentId) {
            return Err(PatternError::NoKeys(field));
        }
        if glob == Some("") {
            let reason = "nothing stands behind the dot".to_owned();
            return Err(PatternError::Glob { glob: String::new(), reason });
        }
        let key = glob.map(text_glob).transpose()?;
        Ok(Self { text: text.into(), field, key })
    }

    /// Tells whether the pattern covers a whole field without regard to keys.
    pub fn covers_field(&self, field: Field) -> bool {
        self.field == field && self.key.is_none()
    }

    /// Tells whether the pattern covers one key of `policies` or `settings`.
    pub fn covers_key(&self, field: Field, key: &str) -> bool {
        self.field == field && self.key.as_ref().is_none_or(|glob| glob.is_match(key))
    }

    /// Tells whether the pattern speaks of this field, wholly or in part.
    pub fn touches(&self, field: Field) -> bool {
        self.field == field
    }

    /// Gives the longest text that stands in whatever the pattern covers: a part of the key, or the name of the field.
    pub fn literal(&self) -> &str {
        let glob = self.text.split_once('.').map_or(&*self.text, |(_, glob)| glob);
        let parts = glob.split(['*', '?', '[', ']', '{', '}']);
        parts.max_by_key(|part| part.len()).filter(|part| !part.is_empty()).unwrap_or(self.field.name())
    }

    /// Gives the pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Builds a matcher in which `*` crosses every character: keys, names and device numbers are not paths.
pub fn text_glob(glob: &str) -> Result<GlobMatcher, PatternError> {
    let built = GlobBuilder::new(glob).literal_separator(false).build();
    built
        .map(|glob| glob.compile_matcher())
        .map_err(|error| PatternError::Glob { glob: glob.to_owned(), reason: error.kind().to_string() })
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
        assert!(!some.covers_field(Field::Settings) && !some.covers_key(Field::Policies, "interface::x"));
    }

    #[test]
    fn patterns_that_cover_nothing_are_refused() {
        assert!(matches!(FieldPattern::new("setting"), Err(PatternError::Field(_))));
        assert!(matches!(FieldPattern::new("description.x"), Err(PatternError::NoKeys(Field::Description))));
        assert!(matches!(FieldPattern::new("settings.["), Err(PatternError::Glob { .. })));
        assert!(matches!(FieldPattern::new("settings."), Err(PatternError::Glob { .. })));
    }
}
