//! Stable, readable names for clients that have none, made of the server's descriptions.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{ClientName, Device, LiveClient, Telsys};

/// Names clients, in their order. Equal names, and names that git has already, get a tail made of the id.
pub(super) fn names(clients: &[&LiveClient], taken: &BTreeSet<ClientName>) -> Vec<ClientName> {
    let plain: Vec<String> = clients.iter().map(|client| plain(client)).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    plain.iter().for_each(|name| *counts.entry(name).or_default() += 1);
    let is_free = |name: &str| counts[name] == 1 && ClientName::new(name).is_some_and(|name| !taken.contains(&name));
    let name = |(client, plain): (&&LiveClient, &String)| {
        let text = if is_free(plain) { plain.clone() } else { format!("{plain}-{}", slug(client.id.as_str())) };
        ClientName::new(&text)
    };
    clients.iter().zip(&plain).filter_map(name).collect()
}

fn plain(client: &LiveClient) -> String {
    let telsys = match (&client.labels.telsys, client.scope.telsys) {
        (Some(text), _) if !slug(text).is_empty() => slug(text),
        (_, Telsys::One(id)) => id.to_string(),
        (_, Telsys::All) => "all".to_owned(),
    };
    let device = match &client.scope.device {
        Device::All => slug(client.title()),
        Device::One(number) => {
            let label = client.labels.device.as_deref().map(slug).filter(|text| !text.is_empty());
            label.unwrap_or_else(|| slug(number.as_str()))
        }
    };
    let rest = if device.is_empty() { "client".to_owned() } else { device };
    format!("{telsys}-{rest}")
}

/// Reduces a text to `a` to `z`, `0` to `9` and single hyphens, at most 40 of them.
fn slug(text: &str) -> String {
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
