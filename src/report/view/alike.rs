//! Names that look alike, told apart: of clients, of what the server calls their places, of keys.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Report, ReportEntry, ShownDifference, ShownValue};
use crate::text::told_apart;

impl Report<'_> {
    /// Gives names that are not the same and look it what tells them apart.
    pub(super) fn told_apart(mut self) -> Self {
        self.tell(raw_title, |entry, shown| entry.told.title = Some(shown));
        self.tell(|entry| entry.place.text.clone(), |entry, shown| entry.told.place = Some(shown));
        self.tell_labels();
        for entry in self.entries.iter_mut().chain(&mut self.remarks) {
            tell_keys(&mut entry.changes);
        }
        let strays: Vec<String> =
            self.unmanaged.iter().map(|stray| described(&stray.description).unwrap_or_default()).collect();
        for (stray, shown) in self.unmanaged.iter_mut().zip(told(&strays)) {
            stray.told = shown;
        }
        self
    }

    fn tell(&mut self, name: impl Fn(&ReportEntry<'_>) -> String, take: impl Fn(&mut ReportEntry<'_>, String)) {
        let entries = || self.entries.iter().chain(&self.remarks).chain(&self.steady);
        let names: Vec<String> = entries().map(name).collect();
        let told = told(&names);
        let entries = self.entries.iter_mut().chain(&mut self.remarks).chain(&mut self.steady);
        for (entry, shown) in entries.zip(told) {
            if let Some(shown) = shown {
                take(entry, shown);
            }
        }
    }
}

impl<'a> Report<'a> {
    /// A label stands beside many clients: it looks the same beside each.
    fn tell_labels(&mut self) {
        let entries = || self.entries.iter().chain(&self.remarks).chain(&self.steady);
        let labels: Vec<&'a str> = entries().flat_map(|entry| entry.labels.iter().copied()).collect();
        let labels: Vec<&'a str> = labels.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        let told = labels.iter().zip(told_apart(&labels)).filter(|(_, told)| matches!(told, Cow::Owned(_)));
        let told: BTreeMap<&'a str, String> = told.map(|(label, told)| (*label, told.into_owned())).collect();
        if told.is_empty() {
            return;
        }
        for entry in self.entries.iter_mut().chain(&mut self.remarks).chain(&mut self.steady) {
            let shown =
                entry.labels.iter().map(|label| told.get(label).cloned().unwrap_or_else(|| (*label).to_owned()));
            entry.told.labels = Some(shown.collect());
        }
    }
}

/// Gives those names that look like others with what tells them apart.
fn told(names: &[String]) -> Vec<Option<String>> {
    let different: Vec<&str> = names.iter().map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect();
    let shown = told_apart(&different);
    let of = |name: &String| match different.binary_search(&name.as_str()).map(|at| &shown[at]) {
        Ok(Cow::Owned(shown)) => Some(shown.clone()),
        Ok(Cow::Borrowed(_)) | Err(_) => None,
    };
    names.iter().map(of).collect()
}

fn tell_keys(changes: &mut [ShownDifference<'_>]) {
    // A key of one field never stands for one of another: their names stand above them.
    for field in changes.chunk_by_mut(|one, next| one.field == next.field) {
        let keys: Vec<String> = field.iter().map(|change| change.key.unwrap_or_default().to_owned()).collect();
        for (change, shown) in field.iter_mut().zip(told(&keys)) {
            change.told = shown;
        }
    }
}

fn raw_title(entry: &ReportEntry<'_>) -> String {
    let described = entry.described.as_ref().filter(|_| entry.client.is_none());
    described.and_then(described_in_quotes).unwrap_or_else(|| entry.client.unwrap_or(&entry.place.text).to_owned())
}

fn described_in_quotes(value: &ShownValue<'_>) -> Option<String> {
    described(value).map(|text| format!("\"{text}\""))
}

fn described(value: &ShownValue<'_>) -> Option<String> {
    match value {
        ShownValue::Plain(Value::String(text)) => Some(text.clone()),
        _ => None,
    }
}
