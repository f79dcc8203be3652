//! What may stand after a key.

/// A mapping whose keys are known.
#[derive(Debug)]
pub(crate) struct Mapping {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) kind: Option<&'static str>,
    /// In the order in which `icsync fmt` writes them.
    pub(crate) keys: &'static [Key],
    pub(crate) rules: &'static [Rule],
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    /// What it means; empty where its form says so.
    pub(crate) doc: &'static str,
    pub(crate) form: Form,
    pub(crate) need: Need,
    /// A value as YAML writes it between brackets.
    pub(crate) example: Option<&'static str>,
}

/// Whether a key may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Optional,
    Required,
    /// It is known in order to say why it cannot stand here.
    Refused,
}

/// What may stand after a key.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// This text.
    Constant(&'static str),
    Text,
    TextOrNull,
    /// Text that the pattern matches.
    Matching(&'static str),
    Path,
    Truth,
    /// A whole number; `except` lies between the bounds and is none of them.
    Number {
        least: i64,
        most: i64,
        except: Option<i64>,
    },
    /// One of a few words, each with what it means; that is empty where the doc of the form says so.
    Words(&'static [(&'static str, &'static str)]),
    List(&'static Form, Items),
    /// Values by names that are the user's.
    Map(&'static Form, Items),
    Anything,
    /// Any JSON value. Its keys are data: their order means nothing.
    Json,
    /// One of several forms.
    Either(&'static [Form]),
    Mapping(&'static Mapping),
    Named(&'static Named),
}

/// The place of a key in its mapping.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::manifest) struct KeyOrder<'a>(usize, &'a str);

/// How many items a list or map has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Items {
    Any,
    AtLeastOne,
    /// At least one, and none twice.
    Distinct,
}

/// A form that several keys share.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) form: Form,
    /// A value as YAML writes it between brackets.
    pub(crate) example: Option<&'static str>,
}

/// What the keys of a mapping demand of each other.
#[derive(Debug)]
pub(crate) enum Rule {
    One,
    /// Exactly one of these: keys that stand in it, and keys that then do not.
    OneOf(&'static [(&'static [&'static str], &'static [&'static str])]),
    /// A key is needed if a number stands below two others.
    Needs {
        key: &'static str,
        if_number: i64,
        below: [&'static str; 2],
    },
}

/// A word, what it stands for, and what it means.
#[derive(Debug)]
pub(crate) struct Word<T> {
    pub(crate) name: &'static str,
    pub(crate) value: T,
    doc: &'static str,
}

impl<T> Word<T> {
    pub(super) const fn new(name: &'static str, value: T, doc: &'static str) -> Self {
        Self { name, value, doc }
    }

    /// Gives the words with what they mean, for a form.
    pub(super) const fn listed<const COUNT: usize>(words: &[Self; COUNT]) -> [(&'static str, &'static str); COUNT] {
        let (mut listed, mut index) = ([("", ""); COUNT], 0);
        while index < COUNT {
            listed[index] = (words[index].name, words[index].doc);
            index += 1;
        }
        listed
    }
}

impl Key {
    /// Makes the key that says what a document is.
    pub(super) const fn kind(kind: &'static str) -> Self {
        Self::required(Form::Constant(kind)).named(super::KIND, "Says what the document is.")
    }

    pub(super) const fn optional(form: Form) -> Self {
        Self { name: "", doc: "", form, need: Need::Optional, example: None }
    }

    pub(super) const fn required(form: Form) -> Self {
        Self { need: Need::Required, ..Self::optional(form) }
    }

    pub(super) const fn refused() -> Self {
        Self { need: Need::Refused, ..Self::optional(Form::Anything) }
    }

    pub(super) const fn example(self, example: &'static str) -> Self {
        Self { example: Some(example), ..self }
    }

    pub(super) const fn named(self, name: &'static str, doc: &'static str) -> Self {
        // A field of a struct that has the name of a keyword.
        let name = match name.as_bytes() {
            [b'r', b'#', rest @ ..] => match std::str::from_utf8(rest) {
                Ok(bare) => bare,
                Err(_) => name,
            },
            _ => name,
        };
        Self { name, doc, ..self }
    }
}

impl Mapping {
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.keys.iter().map(|key| key.name).collect()
    }
}

impl Form {
    pub(super) const fn number(least: i64, most: i64) -> Self {
        Self::Number { least, most, except: None }
    }

    pub(super) const ANY: (i64, i64) = (i64::MIN, i64::MAX);

    /// Gives the least and the most number; any number where the form says nothing.
    pub(in crate::manifest) fn bounds(&self) -> (i64, i64) {
        match self {
            Self::Number { least, most, except: _ } => (*least, *most),
            Self::Either(forms) => {
                forms.iter().map(Self::bounds).find(|bounds| *bounds != Self::ANY).unwrap_or(Self::ANY)
            }
            _ => Self::ANY,
        }
    }

    /// Gives the words that may stand instead of a number.
    pub(in crate::manifest) fn words(&self) -> Vec<&'static str> {
        match self {
            Self::Words(words) => words.iter().map(|(word, _)| *word).collect(),
            Self::Either(forms) => forms.iter().flat_map(Self::words).collect(),
            _ => Vec::new(),
        }
    }

    /// Gives the form of what stands after a key of the value, or of the values in it if it is a list.
    pub(in crate::manifest) fn below(self, key: &str) -> Self {
        match self {
            Self::List(of, _) => of.below(key),
            Self::Map(of, _) => *of,
            Self::Mapping(mapping) => {
                mapping.keys.iter().find(|known| known.name == key).map_or(Self::Anything, |known| known.form)
            }
            Self::Named(named) => named.form.below(key),
            Self::Json => Self::Json,
            _ => Self::Anything,
        }
    }

    /// Gives the form of the items of a list.
    pub(in crate::manifest) fn item(self) -> Self {
        match self {
            Self::List(of, _) => *of,
            Self::Named(named) => named.form.item(),
            Self::Json => Self::Json,
            _ => Self::Anything,
        }
    }

    /// Gives the place of a key in its mapping: keys that are known in the order of the table, those of policies and settings
    /// by the alphabet; all others come last, in the order they have.
    pub(in crate::manifest) fn order(self, key: &str) -> KeyOrder<'_> {
        match self {
            Self::List(of, _) => of.order(key),
            Self::Mapping(Mapping { keys, .. }) => {
                KeyOrder(keys.iter().position(|known| known.name == key).unwrap_or(keys.len()), "")
            }
            Self::Named(named) => named.form.order(key),
            form if form.is_json() => KeyOrder(0, key),
            _ => KeyOrder::default(),
        }
    }

    /// Tells whether the values, or the keys of the mapping, are those of policies and settings.
    pub(in crate::manifest) fn is_json(self) -> bool {
        match self {
            Self::Json | Self::Map(Self::Json, _) => true,
            Self::Named(named) => named.form.is_json(),
            _ => false,
        }
    }

    /// Tells whether policies and settings stand in a mapping, which then has a line for each of its keys.
    pub(in crate::manifest) fn has_entries(self) -> bool {
        matches!(self, Self::Mapping(mapping) if mapping.keys.iter().any(|key| key.form.is_json()))
    }
}
