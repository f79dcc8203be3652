//! One live client as a definition.

use std::collections::BTreeMap;
use std::sync::Arc;

use secrecy::SecretString;

use super::profile::Profile;
use super::{Export, SensitiveForm, Variable};
use crate::emitter::{self, YamlEntry, YamlNode, string};
use crate::model::{ClientId, ClientName, Device, Entries, Field, Json, LiveClient, Partition, Scope};
use crate::redact::Mask;

/// How deep a value may be nested so that the loader, which counts the document and the field too, reads it.
const MOST_DEPTH: usize = 60;

pub(super) struct ClientWriter<'a> {
    client: &'a LiveClient,
    name: &'a ClientName,
    mask: Mask<'a>,
    form: SensitiveForm,
    profiles: &'a [&'a Profile],
    entries: Vec<YamlEntry>,
    ignored: Vec<String>,
}

impl<'a> ClientWriter<'a> {
    /// Makes a writer. The client has every key of its profiles.
    pub(super) fn new(
        client: &'a LiveClient,
        name: &'a ClientName,
        (mask, form): (Mask<'a>, SensitiveForm),
        profiles: &'a [&'a Profile],
    ) -> Self {
        Self { client, name, mask, form, profiles, entries: Vec::new(), ignored: Vec::new() }
    }

    /// Writes the definition, and notes what a person has to know in the export.
    pub(super) fn document(mut self, export: &mut Export) -> String {
        let LiveClient { id, scope, content, labels: _, detail: _ } = self.client;
        self.push("kind", YamlNode::plain("IntegratorClient"));
        self.push("name", YamlNode::Phrase(self.name.to_string()));
        self.push("scope", scope_node(scope));
        if ClientId::from_person(id.as_str()).is_some() {
            self.push("id", YamlNode::Plain(string(id.as_str())));
        } else {
            export
                .left_out
                .push(format!("{}: the id {id} has no known shape, so the definition is not pinned", self.name));
        }
        for (field, text) in content.texts() {
            match text.known() {
                Some(text) if self.profiles.iter().any(|profile| profile.text(field) == Some(&**text)) => {}
                Some(text) => self.text(field, text, export),
                None => export.left_out.push(format!("{}: `{field}` cannot be read", self.name)),
            }
        }
        if !self.profiles.is_empty() {
            let names = self.profiles.iter().map(|profile| YamlNode::Phrase(profile.name.clone())).collect();
            self.push("profiles", YamlNode::List(names));
        }
        for (field, entries) in content.entries() {
            match entries.known() {
                Some(entries) => self.content(field, entries, export),
                None => export.left_out.push(format!("{}: `{field}` cannot be read", self.name)),
            }
        }
        if !self.ignored.is_empty() {
            let ignored = self.ignored.iter().map(|path| YamlNode::Phrase(path.clone())).collect();
            self.push("ignore", YamlNode::List(ignored));
        }
        emitter::document(&self.entries)
    }

    fn push(&mut self, key: &str, value: YamlNode) {
        self.entries.push((key.to_owned(), value));
    }

    fn text(&mut self, field: Field, text: &str, export: &mut Export) {
        let value = if self.mask.hides_field(field) {
            self.reference(field, None, &Json::text(text), export)
        } else {
            Some(YamlNode::phrase_of_server(text))
        };
        self.entries.extend(value.map(|value| (field.name().to_owned(), value)));
    }

    fn content(&mut self, field: Field, entries: &Entries, export: &mut Export) {
        let shared = self.shared(field);
        let mut written = Vec::new();
        for (key, value) in entries.iter().filter(|(key, value)| shared.get(*key) != Some(value)) {
            let value = if self.mask.hides_key(field, key) {
                self.reference(field, Some(key), value, export)
            } else if emitter::depth(value) > MOST_DEPTH {
                self.ignore(field, Some(key), "is nested too deep", export);
                None
            } else {
                Some(YamlNode::of(value))
            };
            written.extend(value.map(|value| (&**key, value)));
        }
        if !written.is_empty() || shared.is_empty() {
            self.push(field.name(), YamlNode::Flow(emitter::literal_entries(written.into_iter())));
        }
    }

    /// Gives what the profiles set together: later ones win.
    fn shared(&self, field: Field) -> BTreeMap<&'a Arc<str>, &'a Json> {
        self.profiles.iter().flat_map(|profile| profile.entries(field)).collect()
    }

    /// Stands a variable in for a sensitive text, if that is asked for. A value of another type stays as it is on the server:
    /// substitution never changes a type. The same goes for text that no variable can hold.
    fn reference(&mut self, field: Field, key: Option<&str>, value: &Json, export: &mut Export) -> Option<YamlNode> {
        if self.form == SensitiveForm::Ignored {
            export.ignored += 1;
            self.leave(field, key);
            return None;
        }
        let Some(text) = value.value().as_str().filter(|text| !text.is_empty() && !text.contains('\0')) else {
            self.ignore(field, key, "is sensitive and no text that a variable can hold", export);
            return None;
        };
        let path = path(field, key);
        let variable = variable(self.name, &path, export);
        let reference = YamlNode::Plain(string(&format!("${{env.{variable}}}")));
        let stands_for = format!("`{}` of {}", path.escape_debug(), self.name);
        export.variables.insert(variable, Variable { stands_for, value: SecretString::from(text) });
        Some(reference)
    }

    fn ignore(&mut self, field: Field, key: Option<&str>, why: &str, export: &mut Export) {
        let path = path(field, key);
        export.left_out.push(format!("{}: `{}` {why}, so it is ignored", self.name, path.escape_debug()));
        self.leave(field, key);
    }

    /// Leaves a value as it is on the server.
    fn leave(&mut self, field: Field, key: Option<&str>) {
        self.ignored.push(key.map_or_else(|| path(field, None), |key| format!("{field}.{}", escape_glob(key))));
    }
}

fn path(field: Field, key: Option<&str>) -> String {
    key.map_or_else(|| field.name().to_owned(), |key| format!("{field}.{key}"))
}

/// Makes a glob that matches just this text.
fn escape_glob(text: &str) -> String {
    text.chars().fold(String::new(), |mut glob, one| {
        match one {
            '?' | '*' | '[' | ']' | '{' | '}' | '\\' => glob.extend(['[', one, ']']),
            one => glob.push(one),
        }
        glob
    })
}

/// Names a variable: capital letters, digits and `_`, not beginning with a digit, and not yet used.
fn variable(name: &ClientName, path: &str, export: &Export) -> String {
    let safe = |one: char| if one.is_ascii_alphanumeric() { one.to_ascii_uppercase() } else { '_' };
    let mut base: String = format!("{name}_{path}").chars().map(safe).collect();
    if base.starts_with(|first: char| first.is_ascii_digit()) {
        base.insert_str(0, "CLIENT_");
    }
    let mut variable = base.clone();
    let mut number = 2;
    while export.variables.contains_key(&variable) {
        variable = format!("{base}_{number}");
        number += 1;
    }
    variable
}

fn scope_node(scope: &Scope) -> YamlNode {
    let Scope { telsys, partition, device } = scope;
    let mut parts = vec![("telsys".to_owned(), YamlNode::Plain(telsys.number().to_string()))];
    if *partition != Partition::All {
        parts.push(("partition".to_owned(), YamlNode::Plain(partition.number().to_string())));
    }
    if let Device::One(number) = device {
        parts.push(("device".to_owned(), YamlNode::phrase_of_server(number.as_str())));
    }
    YamlNode::Flow(parts)
}
