//! From a row of the table to a field that a reader takes: `mapping!` makes both.

use super::form::{Key, Mapping};
use crate::diagnostic::Span;
use crate::manifest::yaml::MapEntry;

/// The keys of a mapping as a file writes them, one field a key.
pub(in crate::manifest) trait Keys<'n>: Sized {
    const MAPPING: &'static Mapping;

    /// Takes the entries of the keys that are known.
    fn take(entries: &'n [MapEntry<'n>], span: Span) -> Self;
}

/// A key of a mapping, and its entry if it is written.
#[derive(Clone, Copy)]
pub(in crate::manifest) struct Written<'n> {
    pub(in crate::manifest) key: &'static Key,
    /// The first, if the key stands twice.
    pub(in crate::manifest) entry: Option<&'n MapEntry<'n>>,
    pub(in crate::manifest) mapping: Span,
}

impl<'n> Written<'n> {
    pub(super) fn of(key: &'static Key, entries: &'n [MapEntry<'n>], mapping: Span) -> Self {
        Self { key, entry: entries.iter().find(|entry| entry.key == key.name), mapping }
    }
}

/// Makes a mapping out of its rows, and the struct by which a reader takes its keys: `NameInSchemas as Struct`.
macro_rules! mapping {
    ($(#[doc = $mapping_doc:literal])* $name:ident as $mapping:ident $(: $kind:ident)? $(($($rule:expr),*))? {
        $($(#[doc = $doc:literal])* $key:ident: $row:expr,)*
    }) => {
        $(#[doc = $mapping_doc])*
        #[derive(Clone, Copy)]
        pub(in crate::manifest) struct $mapping<'n> {
            $($(#[doc = $doc])* pub(in crate::manifest) $key: Written<'n>,)*
        }

        impl $mapping<'_> {
            const KEYS: &'static [Key; [$(stringify!($kind),)? $(stringify!($key)),*].len()] = &[
                $(Key::kind(crate::manifest::keys::$kind),)?
                $($row.named(stringify!($key), concat!($($doc),*).trim_ascii())),*
            ];
        }

        impl<'n> Keys<'n> for $mapping<'n> {
            const MAPPING: &'static Mapping = &Mapping {
                name: stringify!($name),
                kind: [$(Some(crate::manifest::keys::$kind),)? None][0],
                doc: concat!($($mapping_doc),*).trim_ascii(),
                keys: Self::KEYS,
                rules: &[$($($rule),*)?],
            };

            fn take(entries: &'n [MapEntry<'n>], span: Span) -> Self {
                let [.., $($key),*] = Self::KEYS;
                Self { $($key: Written::of($key, entries, span)),* }
            }
        }
    };
}

/// Makes a struct of keys that several mappings have, so that they are read in one place.
macro_rules! shared {
    ($(#[doc = $doc:literal])* $group:ident { $($key:ident),* } in $($mapping:ident),*) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy)]
        pub(in crate::manifest) struct $group<'n> {
            $(pub(in crate::manifest) $key: Written<'n>),*
        }

        shared!(@from $group { $($key),* } [$($mapping)*]);
    };
    (@from $group:ident $keys:tt [$($mapping:ident)*]) => {
        $(shared!(@one $group $keys $mapping);)*
    };
    (@one $group:ident { $($key:ident),* } $mapping:ident) => {
        impl<'n> From<&$mapping<'n>> for $group<'n> {
            fn from(keys: &$mapping<'n>) -> Self {
                Self { $($key: keys.$key),* }
            }
        }
    };
}

pub(super) use {mapping, shared};
