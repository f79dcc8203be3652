//! `keys.yaml`.

use super::form::{Form, Items, Key, Mapping};
use super::mapping::{Keys, Written, mapping};
use super::named::VALUE_TYPE;
use crate::diagnostic::Span;
use crate::manifest::yaml::MapEntry;

const KNOWN: Form = Form::Map(&Form::Mapping(KnownKeyKeys::MAPPING), Items::Any);

mapping! {
    /// The keys of policies and settings that are known: what definitions are checked and completed with.
    Keys as CatalogueKeys: KEYS_KIND {
        /// The policies by key.
        policies: Key::optional(KNOWN),
        /// The settings by key.
        settings: Key::optional(KNOWN),
    }
}

mapping! {
    /// What is known of a key.
    KnownKey as KnownKeyKeys {
        /// The JSON type of its values, or a list of types. Left out: any.
        r#type: Key::optional(Form::Either(&[VALUE_TYPE, Form::List(&VALUE_TYPE, Items::Distinct)])).example("boolean"),
        /// What the key means; editors show it.
        description: Key::optional(Form::Text),
        /// The values that it may have. Left out: any of its type.
        values: Key::optional(Form::List(&Form::Anything, Items::AtLeastOne)).example("[true, false]"),
        /// `true` if the key is not to be used any more, or what to do instead.
        deprecated: Key::optional(Form::Either(&[Form::Truth, Form::Text])).example("use interface::panelSide"),
    }
}
