//! Live clients that git does not define, turned into definitions. Planning what was exported finds nothing to do.

mod name;
mod profile;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{ClientName, Entries, Field, FieldPattern, Json, LiveClient, Scope, Telsys};

use name::names;
use profile::profiles;
use yaml::{Line, string};

/// How an export is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Each client spells everything out.
    Plain,
    /// What many clients share stands in profiles.
    AsProfiles,
}

/// What happens to rows that hide their scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hidden {
    /// They are left out and listed.
    List,
    /// They are written, bound by their id.
    Include,
}

/// Files to write and what a person has to do besides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Export {
    /// The content of each file by its path below the folder of definitions.
    pub files: BTreeMap<String, String>,
    /// The environment variables that stand for sensitive values, with what each is.
    pub variables: BTreeMap<String, String>,
    /// What was left out, and why.
    pub left_out: Vec<String>,
}

/// A sensitive value in a definition: a variable, or a key that stays as it is.
enum Sensitive {
    Variable(String),
    Ignored(String),
}

/// Exports live clients. `taken` are the names that git has already.
pub fn export(
    clients: &[&LiveClient],
    taken: &BTreeSet<ClientName>,
    sensitive: &[FieldPattern],
    (layout, hidden): (Layout, Hidden),
) -> Export {
    let mut export = Export::default();
    let (unresolved, resolved): (Vec<&LiveClient>, Vec<&LiveClient>) =
        clients.iter().partition(|client| client.scope.is_unresolved());
    let mut exported = resolved;
    match hidden {
        Hidden::Include => exported.extend(unresolved),
        Hidden::List => export.left_out.extend(unresolved.iter().map(|row| {
            format!("{} \"{}\": the server hides its scope ({})", row.id, row.title().escape_debug(), row.scope)
        })),
    }
    exported.sort_by(|left, right| left.id.cmp(&right.id));
    let names = names(&exported, taken);
    let shared = match layout {
        Layout::Plain => Vec::new(),
        Layout::AsProfiles => profiles(&exported, sensitive),
    };
    for profile in &shared {
        export.files.insert(format!("profiles/{}.yaml", profile.name), profile.document());
    }
    for (client, name) in exported.iter().zip(&names) {
        let uses: Vec<_> = shared.iter().filter(|profile| profile.clients.contains(&client.id)).collect();
        let writer = Writer { client, name, sensitive, profiles: &uses };
        let path = format!("{}/{name}.yaml", folder(&client.scope));
        let document = writer.document(&mut export);
        export.files.insert(path, document);
    }
    export
}

fn folder(scope: &Scope) -> String {
    match scope.telsys {
        Telsys::All => "all".to_owned(),
        Telsys::One(id) => id.to_string(),
    }
}

struct Writer<'a> {
    client: &'a LiveClient,
    name: &'a ClientName,
    sensitive: &'a [FieldPattern],
    profiles: &'a [&'a profile::Profile],
}

impl Writer<'_> {
    fn document(&self, export: &mut Export) -> String {
        let LiveClient { id, scope, description, cm_environment_id, policies, settings, labels: _, detail: _ } =
            self.client;
        let mut lines = vec![
            Line::pair(0, "kind", "IntegratorClient"),
            Line::pair(0, "name", self.name.as_str()),
            Line::pair(0, "scope", &scope_text(scope)),
            Line::pair(0, "id", &string(id.as_str())),
        ];
        let mut ignored = Vec::new();
        for (field, text) in [(Field::Description, description), (Field::CmEnvironmentId, cm_environment_id)] {
            match text.known() {
                Some(text) if !text.is_empty() => self.text(field, text, &mut lines, &mut ignored, export),
                Some(_) => {}
                None => export.left_out.push(format!("{}: `{field}` cannot be read", self.name)),
            }
        }
        if !self.profiles.is_empty() {
            let names: Vec<_> = self.profiles.iter().map(|profile| profile.name.as_str()).collect();
            lines.push(Line::pair(0, "profiles", &format!("[{}]", names.join(", "))));
        }
        for (field, entries) in [(Field::Policies, policies), (Field::Settings, settings)] {
            match entries.known() {
                Some(entries) => self.entries(field, entries, &mut lines, &mut ignored, export),
                None => export.left_out.push(format!("{}: `{field}` cannot be read", self.name)),
            }
        }
        if !ignored.is_empty() {
            let ignored: Vec<_> = ignored.iter().map(|path| string(path)).collect();
            lines.push(Line::pair(0, "ignore", &format!("[{}]", ignored.join(", "))));
        }
        yaml::document(&lines)
    }

    fn text(&self, field: Field, text: &str, lines: &mut Vec<Line>, ignored: &mut Vec<String>, export: &mut Export) {
        if !self.sensitive.iter().any(|pattern| pattern.covers_field(field)) {
            lines.push(Line::pair(0, field.name(), &yaml::literal(text)));
            return;
        }
        match self.sensitive(field, None, &Json::text(text), export) {
            Sensitive::Variable(reference) => lines.push(Line::pair(0, field.name(), &reference)),
            Sensitive::Ignored(path) => ignored.push(path),
        }
    }

    fn entries(
        &self,
        field: Field,
        entries: &Entries,
        lines: &mut Vec<Line>,
        ignored: &mut Vec<String>,
        export: &mut Export,
    ) {
        let own: Vec<(&Arc<str>, &Json)> =
            entries.iter().filter(|(key, _)| !self.profiles.iter().any(|profile| profile.holds(field, key))).collect();
        let mut written = Vec::new();
        for (key, value) in own {
            if !self.sensitive.iter().any(|pattern| pattern.covers_key(field, key)) {
                written.push(Line::pair(1, &yaml::literal(key), &yaml::value(value)));
                continue;
            }
            match self.sensitive(field, Some(key), value, export) {
                Sensitive::Variable(reference) => written.push(Line::pair(1, &yaml::literal(key), &reference)),
                Sensitive::Ignored(path) => ignored.push(path),
            }
        }
        if written.is_empty() {
            lines.push(Line::pair(0, field.name(), "{}"));
        } else {
            lines.push(Line::open(0, field.name()));
            lines.extend(written);
        }
    }

    /// Stands a variable in for a sensitive text. A value of another type stays as it is on the server: substitution
    /// never changes a type.
    fn sensitive(&self, field: Field, key: Option<&str>, value: &Json, export: &mut Export) -> Sensitive {
        let path = key.map_or_else(|| field.name().to_owned(), |key| format!("{field}.{key}"));
        if value.value().as_str().is_none() {
            export.left_out.push(format!("{}: the sensitive `{path}` is no text, so it is ignored", self.name));
            return Sensitive::Ignored(path);
        }
        let upper = |text: &str| -> String {
            let safe = |one: char| if one.is_ascii_alphanumeric() { one.to_ascii_uppercase() } else { '_' };
            text.chars().map(safe).collect()
        };
        let variable = format!("{}_{}", upper(self.name.as_str()), upper(&path));
        let reference = string(&format!("${{env.{variable}}}"));
        export.variables.insert(variable, format!("`{path}` of {}", self.name));
        Sensitive::Variable(reference)
    }
}

fn scope_text(scope: &Scope) -> String {
    use crate::model::{Device, Partition};
    let Scope { telsys, partition, device } = scope;
    let mut parts = vec![format!("telsys: {}", telsys.number())];
    if *partition != Partition::All {
        parts.push(format!("partition: {}", partition.number()));
    }
    if let Device::One(number) = device {
        parts.push(format!("device: {}", string(number.as_str())));
    }
    format!("{{ {} }}", parts.join(", "))
}

#[cfg(test)]
mod tests;
