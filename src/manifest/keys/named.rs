//! Forms that several keys share.

use super::form::{Form, Items, Named, Word};
use crate::catalogue::{KeyStrictness, ValueType};
use crate::model::{Locale, Ownership, Parallelism, Presence, Prune};

/// Text that can be seen: a device number, or a reference to one.
pub(super) const DEVICE: Form = Form::Matching(r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$");

/// The shape of an id (the vendor's samples), or a variable in its place.
pub(super) const ID: Form = Form::Matching(r"^([0-9a-f]{16}:-?[0-9a-f]{1,8}:[0-9a-f]{1,16}:-?[0-9a-f]{1,4}|.*\$\{.*)$");

/// Scheme and host: `http://` is for loopback addresses only.
pub(super) const URL: Form = Form::Matching(
    r"^([Hh][Tt][Tt][Pp][Ss]://[^/?#@\s]+|http://localhost(:[0-9]+)?|http://(127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]+)?)/?$",
);

pub(super) const PARALLELISM: Form = Form::Words(&[(Parallelism::AUTO, "As many as the server answers well.")]);

pub(super) const VARIABLE: Form = Form::Matching("^[A-Za-z_][A-Za-z0-9_]*$");

/// The name of a client, or an expression as of `--select`.
pub(super) const EXCEPTED: Form =
    Form::Matching("^([a-z0-9-]{1,200}|(name|device|profile)=.*|(telsys|partition)=-?[0-9]+)$");

/// The last day of something, in UTC.
pub(super) const DAY: Form = Form::Matching("^[0-9]{4}-[0-9]{2}-[0-9]{2}$");

/// Text that is not blank.
pub(super) const REASON: Form = Form::Matching(r"[^\s]");

pub(super) const NAME: Form = Form::Named(&Named {
    name: "Name",
    doc: "A name, unique in the tree; it lives in git only.",
    form: Form::Matching("^[a-z0-9-]{1,200}$"),
    example: Some("sunshine-reception"),
});

pub(super) const PROFILES: Form = Form::Named(&Named {
    name: "Profiles",
    doc: "Profiles, later ones over earlier; the own keys win over all.",
    form: Form::List(&NAME, Items::Any),
    example: None,
});

pub(super) const ENTRIES: Form = Form::Named(&Named {
    name: "Entries",
    doc: "Values by key. `{}` manages the field as empty; left out: not managed.",
    form: Form::Map(&Form::Json, Items::Any),
    example: Some(r#"{ "interface::showMissedCallPreview": true }"#),
});

pub(super) const FIELD_PATTERN: Form = Form::Named(&Named {
    name: "FieldPattern",
    doc: "A field, or a field with keys: a dot and a glob in which `*` is any text.",
    form: Form::Matching(r"^(description|cm_environment_id|(policies|settings)(\..+)?)$"),
    example: None,
});

pub(super) const IGNORED: Form = Form::Named(&Named {
    name: "Ignored",
    doc: "Fields and keys that keep their live value, whatever git says.",
    form: Form::List(&FIELD_PATTERN, Items::Any),
    example: Some(r#"["description", "settings.interface::*"]"#),
});

pub(super) const DURATION: Form = Form::Named(&Named {
    name: "Duration",
    doc: "A whole number with the unit ms, s, m or h.",
    form: Form::Matching("^0*[1-9][0-9]*(ms|s|m|h)$"),
    example: Some("30s"),
});

pub(in crate::manifest) const OWNERSHIPS: [Word<Ownership>; 2] =
    [Word::new("exact", Ownership::Exact, ""), Word::new("listed", Ownership::Listed, "")];

pub(super) const OWNERSHIP: Form = Form::Named(&Named {
    name: "Ownership",
    doc: "`exact` removes live keys that git does not list, `listed` leaves them alone. Left out: `exact`.",
    form: Form::Words(const { &Word::listed(&OWNERSHIPS) }),
    example: None,
});

pub(in crate::manifest) const PRESENCES: [Word<Presence>; 2] =
    [Word::new("present", Presence::Present, ""), Word::new("absent", Presence::Absent, "")];

pub(super) const STATE: Form = Form::Named(&Named {
    name: "State",
    doc: "Whether the client shall exist. Left out: `present`; `absent` deletes it, prune or not.",
    form: Form::Words(const { &Word::listed(&PRESENCES) }),
    example: None,
});

pub(in crate::manifest) const PRUNES: [Word<Prune>; 2] = [
    Word::new(Prune::Report.name(), Prune::Report, "They are listed."),
    Word::new(Prune::Delete.name(), Prune::Delete, "They are deleted."),
];

pub(super) const PRUNE: Form = Form::Named(&Named {
    name: "Prune",
    doc: "What happens to live clients in the boundary that git does not define.",
    form: Form::Words(const { &Word::listed(&PRUNES) }),
    example: None,
});

pub(in crate::manifest) const VALUE_TYPES: [Word<ValueType>; 6] = [
    Word::new(ValueType::Boolean.name(), ValueType::Boolean, ""),
    Word::new(ValueType::Number.name(), ValueType::Number, ""),
    Word::new(ValueType::String.name(), ValueType::String, ""),
    Word::new(ValueType::Array.name(), ValueType::Array, ""),
    Word::new(ValueType::Object.name(), ValueType::Object, ""),
    Word::new(ValueType::Null.name(), ValueType::Null, ""),
];

pub(super) const VALUE_TYPE: Form = Form::Named(&Named {
    name: "ValueType",
    doc: "A JSON type.",
    form: Form::Words(const { &Word::listed(&VALUE_TYPES) }),
    example: None,
});

pub(in crate::manifest) const KEY_STRICTNESS: [Word<KeyStrictness>; 2] = [
    Word::new(KeyStrictness::Warn.name(), KeyStrictness::Warn, "It is warned about."),
    Word::new(KeyStrictness::Strict.name(), KeyStrictness::Strict, "It is a mistake."),
];

pub(super) const STRICTNESS: Form = Form::Named(&Named {
    name: "KeyStrictness",
    doc: "What a policy or setting is that does not fit keys.yaml. Left out: `warn`.",
    form: Form::Words(const { &Word::listed(&KEY_STRICTNESS) }),
    example: None,
});

pub(in crate::manifest) const LOCALES: [Word<Locale>; 2] =
    [Word::new(Locale::EnGb.name(), Locale::EnGb, ""), Word::new(Locale::EnUs.name(), Locale::EnUs, "")];

pub(super) const LOCALE: Form = Form::Named(&Named {
    name: "Locale",
    doc: "",
    form: Form::Words(const { &Word::listed(&LOCALES) }),
    example: None,
});
