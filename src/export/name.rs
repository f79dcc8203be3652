//! Stable, readable names for clients that have none, made of the server's descriptions.

use std::collections::{BTreeMap, BTreeSet};

use super::{Taken, file, title};
use crate::model::{ClientName, Device, LiveClient, Telsys};
use crate::redact::Mask;

/// Names clients, in their order. Equal names, and names or files that git has already, get a tail made of the id.
pub(super) fn names(clients: &[&LiveClient], taken: &Taken, mask: Mask<'_>) -> Vec<ClientName> {
    let plain: Vec<ClientName> = clients.iter().map(|client| plain(client, title(client, mask))).collect();
    let mut counts: BTreeMap<&ClientName, usize> = BTreeMap::new();
    for name in &plain {
        *counts.entry(name).or_default() += 1;
    }
    let mut given: BTreeSet<ClientName> = plain.iter().filter(|name| counts[name] == 1).cloned().collect();
    let is_taken = |client: &LiveClient, name: &ClientName| {
        taken.names.contains(name) || taken.files.contains(&file(client, name))
    };
    let mut name = |client: &LiveClient, plain: &ClientName| {
        if counts[plain] == 1 && !is_taken(client, plain) {
            return plain.clone();
        }
        let tailed = name_of(&[plain.as_str(), &slug(client.id.as_str())]);
        let mut name = tailed.clone();
        let mut number = 2;
        while is_taken(client, &name) || !given.insert(name.clone()) {
            name = name_of(&[tailed.as_str(), &number.to_string()]);
            number += 1;
        }
        name
    };
    clients.iter().zip(&plain).map(|(client, plain)| name(client, plain)).collect()
}

fn plain(client: &LiveClient, title: &str) -> ClientName {
    let telsys = match (&client.labels.telsys, client.scope.telsys) {
        (Some(text), _) if !slug(text).is_empty() => slug(text),
        (_, Telsys::One(id)) => id.to_string(),
        (_, Telsys::All) => "all".to_owned(),
    };
    let device = match &client.scope.device {
        Device::All => slug(title),
        Device::One(number) => {
            let label = client.labels.device.as_deref().map(slug).filter(|text| !text.is_empty());
            label.unwrap_or_else(|| slug(number.as_str()))
        }
    };
    name_of(&[&telsys, if device.is_empty() { "client" } else { &device }])
}

fn name_of(parts: &[&str]) -> ClientName {
    let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    ClientName::new(&parts.join("-")).expect("slugs are made of the characters of names")
}

/// Reduces a text to `a` to `z`, `0` to `9` and single hyphens, at most 40 of them.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for one in text.chars().flat_map(char::to_lowercase) {
        if one.is_ascii_alphanumeric() {
            slug.push(one);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.truncate(40);
    slug.trim_end_matches('-').to_owned()
}
