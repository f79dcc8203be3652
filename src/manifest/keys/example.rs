//! Values to show where something else stands: valid ones, made of the examples of the table.

use super::form::{Form, Items, Key, Mapping, Need, Rule};
use super::named::NAME;
use super::{CATALOGUE, CONFIG, DEFINITIONS};

/// What a place wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::manifest) enum WantedShape {
    Text,
    List,
    Mapping,
}

/// Finds the keys of a name that take a shape, wherever they stand.
pub(in crate::manifest) fn keys_named(name: &str, shape: WantedShape) -> Vec<&'static Key> {
    let mut found = Vec::new();
    for mapping in DEFINITIONS.into_iter().chain([CONFIG, CATALOGUE]) {
        collect(mapping, &mut |key| {
            if key.name == name && key.form.takes(shape) {
                found.push(key);
            }
        });
    }
    found
}

fn collect(mapping: &'static Mapping, tell: &mut impl FnMut(&'static Key)) {
    for key in mapping.keys.iter().filter(|key| key.need != Need::Refused) {
        tell(key);
        if let Some(below) = key.form.mapping() {
            collect(below, tell);
        }
    }
}

impl Key {
    /// Gives a valid value as YAML writes it, also between brackets.
    pub(in crate::manifest) fn shown(&self) -> Option<String> {
        self.example.map_or_else(|| self.form.shown(), |example| Some(written(example, self.form)))
    }
}

impl Mapping {
    /// Tells whether a mapping without any key is one.
    pub(in crate::manifest) fn may_be_empty(&self) -> bool {
        self.rules.is_empty() && self.keys.iter().all(|key| key.need != Need::Required)
    }

    /// Gives the keys that are needed, with valid values.
    pub(in crate::manifest) fn shown(&self) -> Option<String> {
        let chosen: &[&str] = match self.rules {
            [Rule::OneOf([(first, _), ..]), ..] => first,
            [Rule::One, ..] => &[self.keys.first()?.name],
            _ => &[],
        };
        let needed = self.keys.iter().filter(|key| key.need == Need::Required || chosen.contains(&key.name));
        let shown: Option<Vec<String>> = needed.map(|key| Some(format!("{}: {}", key.name, key.shown()?))).collect();
        shown.filter(|shown| !shown.is_empty()).map(|shown| format!("{{ {} }}", shown.join(", ")))
    }
}

impl Form {
    fn takes(self, shape: WantedShape) -> bool {
        match self {
            Self::Constant(_) | Self::Text | Self::TextOrNull | Self::Matching(_) | Self::Path | Self::Words(_) => {
                shape == WantedShape::Text
            }
            Self::List(..) => shape == WantedShape::List,
            Self::Map(..) | Self::Mapping(_) => shape == WantedShape::Mapping,
            Self::Either(forms) => forms.iter().any(|form| form.takes(shape)),
            Self::Named(named) => named.form.takes(shape),
            Self::Truth | Self::Number { .. } | Self::Anything | Self::Json => false,
        }
    }

    /// Tells whether any text is right, or any that is a name.
    pub(in crate::manifest) fn is_any_text(self) -> bool {
        match self {
            Self::Text | Self::TextOrNull | Self::Path => true,
            Self::Named(named) => self.is_name() || named.form.is_any_text(),
            Self::Either(forms) => forms.iter().any(|form| form.is_any_text()),
            _ => false,
        }
    }

    fn is_name(self) -> bool {
        matches!((self, NAME), (Self::Named(one), Self::Named(name)) if one.name == name.name)
    }

    /// Gives the words that may stand here.
    pub(in crate::manifest) fn all_words(self) -> Vec<&'static str> {
        match self {
            Self::Named(named) => named.form.all_words(),
            Self::Either(forms) => forms.iter().flat_map(|form| form.all_words()).collect(),
            other => other.words(),
        }
    }

    /// Tells whether the items of a list may be of a shape.
    pub(in crate::manifest) fn item_takes(self, shape: WantedShape) -> bool {
        self.item().takes(shape)
    }

    /// Tells whether the items of a list may be numbers.
    pub(in crate::manifest) fn item_takes_numbers(self) -> bool {
        self.item().bounds() != Self::ANY
    }

    /// Gives the mapping that it is, or that its values are.
    fn mapping(self) -> Option<&'static Mapping> {
        match self {
            Self::Mapping(mapping) => Some(mapping),
            Self::List(of, _) | Self::Map(of, _) => of.mapping(),
            Self::Named(named) => named.form.mapping(),
            _ => None,
        }
    }

    /// Tells whether a mapping or list without anything in it is right.
    pub(in crate::manifest) fn may_be_empty(self) -> bool {
        match self {
            Self::Map(_, items) | Self::List(_, items) => items == Items::Any,
            Self::Mapping(mapping) => mapping.may_be_empty(),
            Self::Named(named) => named.form.may_be_empty(),
            _ => false,
        }
    }

    fn shown(self) -> Option<String> {
        match self {
            Self::Constant(word) => Some(word.to_owned()),
            Self::Words(words) => words.first().map(|(word, _)| (*word).to_owned()),
            Self::Truth => Some("true".to_owned()),
            Self::List(of, _) => of.shown().map(|item| format!("[{item}]")),
            // The name is the user's.
            Self::Map(of, _) => of.mapping()?.shown().map(|value| format!("{{ local: {value} }}")),
            Self::Mapping(mapping) => mapping.shown(),
            Self::Either(forms) => forms.iter().find_map(|form| form.shown()),
            Self::Named(named) => {
                named.example.map_or_else(|| named.form.shown(), |example| Some(written(example, named.form)))
            }
            Self::Text
            | Self::TextOrNull
            | Self::Matching(_)
            | Self::Path
            | Self::Number { .. }
            | Self::Anything
            | Self::Json => None,
        }
    }
}

/// Writes an example, in quotes where it is text that would be read as something else without them.
fn written(example: &str, form: Form) -> String {
    let is_text = form.takes(WantedShape::Text) && example.parse::<i64>().is_ok();
    if is_text { format!("\"{example}\"") } else { example.to_owned() }
}
