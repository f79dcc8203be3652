//! Search, filters and order. The script shows them, because nothing happens without it.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::super::group::Group;
use super::super::view::{Hue, ReportKind};
use super::row::{counts, telsys};
use crate::text::visible;

/// The most telephony servers that are filters at first sight; the others are folded.
const MOST_SERVERS: usize = 12;
/// The longest name of a telephony server, in characters.
const LONGEST_NAME: usize = 32;

/// A telephony server and how many clients of it there are.
#[derive(Debug)]
pub(super) struct ServerCount {
    pub(super) telsys: String,
    customer: Option<String>,
    pub(super) clients: usize,
}

impl ServerCount {
    /// Counts the clients of each telephony server, the most first.
    pub(super) fn all(groups: &[Group<'_, '_>], customers: &BTreeMap<String, &str>) -> Vec<Self> {
        let mut servers: BTreeMap<String, Self> = BTreeMap::new();
        for entry in groups.iter().flat_map(Group::members).filter(|entry| !entry.place.telsys.is_empty()) {
            let telsys = telsys(entry);
            let customer = customers.get(&entry.place.telsys);
            let server = servers.entry(telsys.clone());
            server
                .or_insert_with(|| Self { telsys, customer: customer.map(|text| short(text)), clients: 0 })
                .clients += 1;
        }
        let mut servers: Vec<Self> = servers.into_values().collect();
        servers.sort_by(|one, other| other.clients.cmp(&one.clients).then_with(|| one.telsys.cmp(&other.telsys)));
        servers
    }

    /// Names it: `417 Sunshine Insurance`.
    pub(super) fn name(&self) -> String {
        let Self { telsys, customer, clients: _ } = self;
        customer.as_ref().map_or_else(|| telsys.clone(), |customer| format!("{telsys} {customer}"))
    }
}

fn short(text: &str) -> String {
    let cut: String = text.chars().take(LONGEST_NAME).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("{}{more}", visible(&cut))
}

/// Gives the words of entries with their colours, in the order in which they come first.
fn states(groups: &[Group<'_, '_>]) -> Vec<(&'static str, Hue, usize)> {
    let mut states: Vec<(&'static str, Hue, usize)> = Vec::new();
    for group in groups {
        match states.iter_mut().find(|(state, ..)| *state == group.first.state) {
            Some((.., clients)) => *clients += group.len(),
            None => states.push((group.first.state, group.first.hue, group.len())),
        }
    }
    states
}

pub(super) fn controls(kind: ReportKind, groups: &[Group<'_, '_>], servers: &[ServerCount]) -> Markup {
    let all: usize = groups.iter().filter(|group| counts(kind, group.first)).map(Group::len).sum();
    let (word, noun) = match kind {
        ReportKind::Plan | ReportKind::Diff => ("action", "clients"),
        ReportKind::Apply => ("outcome", "clients"),
        ReportKind::Drift => ("state", "clients"),
        ReportKind::Validate | ReportKind::Failure => ("kind", "mistakes"),
    };
    let few = servers.len().min(MOST_SERVERS);
    html! {
        form.controls hidden role="search" aria-label="rows" data-all=(all) data-noun=(noun) {
            label { "Search " input type="search" id="search" autocomplete="off" placeholder="name, scope, key, value"; }
            label { "Sort by " select id="sort" {
                option value="" { "importance" } option value="name" { "name" } option value="scope" { "scope" }
                option value="state" { (word) } option value="size" { "size" }
            } }
            button type="button" id="expand" { "expand all" }
            button type="button" id="collapse" { "collapse all" }
            button type="button" id="clear" hidden { "clear filters" }
            output id="shown" aria-live="polite" { (all) " of " (all) " " (noun) }
        }
        div.filters hidden {
            div.chips role="group" aria-label=(word) {
                @for (state, hue, clients) in states(groups) {
                    button.chip.(hue.colour().class()) type="button" aria-pressed="false" data-state=(state) {
                        (state) " " b { (clients) }
                    }
                }
            }
            @if servers.len() > 1 {
                div.chips role="group" aria-label="telephony server" {
                    @for server in &servers[..few] { (chip(server)) }
                    @if servers.len() > few {
                        details { summary { (servers.len() - few) " more telephony servers" }
                            div.chips { @for server in &servers[few..] { (chip(server)) } } }
                    }
                }
            }
        }
    }
}

fn chip(server: &ServerCount) -> Markup {
    html! {
        button.chip type="button" aria-pressed="false" data-telsys=(server.telsys) { (server.name()) " " b { (server.clients) } }
    }
}
