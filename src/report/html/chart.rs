//! A small chart: for each telephony server one bar, parted by what happens there.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::super::group::Group;
use super::super::view::{Hue, ReportKind};
use super::controls::ServerCount;
use super::row::{counts, telsys};

/// The most bars; the rest is said in words.
const MOST_BARS: usize = 12;
/// The width of the longest bar in the chart's own units.
const WIDTH: usize = 600;
const HEIGHT: usize = 18;

/// Draws the chart, if there is something to draw.
pub(super) fn chart(kind: ReportKind, groups: &[Group<'_, '_>], servers: &[ServerCount]) -> Markup {
    let mut bars: BTreeMap<String, BTreeMap<Hue, usize>> = BTreeMap::new();
    let mut words: BTreeMap<Hue, BTreeSet<&str>> = BTreeMap::new();
    for entry in groups.iter().flat_map(Group::members).filter(|entry| counts(kind, entry)) {
        *bars.entry(telsys(entry)).or_default().entry(entry.hue).or_default() += 1;
        // Some have states or outcomes where the others have actions.
        let word = match kind {
            ReportKind::Drift | ReportKind::Apply => entry.state,
            ReportKind::Plan | ReportKind::Diff | ReportKind::Validate | ReportKind::Failure => entry.hue.name(),
        };
        words.entry(entry.hue).or_default().insert(word);
    }
    let words: BTreeMap<Hue, String> =
        words.into_iter().map(|(hue, words)| (hue, words.into_iter().collect::<Vec<_>>().join(", "))).collect();
    let drawn: Vec<(String, &BTreeMap<Hue, usize>)> = servers
        .iter()
        .filter_map(|server| Some((format!("telsys {}", server.name()), bars.get(&server.telsys)?)))
        .take(MOST_BARS)
        .collect();
    let rest = servers.iter().filter(|server| bars.contains_key(&server.telsys)).count() - drawn.len();
    let longest = drawn.iter().map(|(_, bar)| bar.values().sum::<usize>()).max().unwrap_or(0);
    html! {
        @if longest > 0 {
            figure.chart {
                @for (server, bar) in &drawn { (row(server, bar, longest, &words)) }
                figcaption.legend {
                    @for (hue, word) in &words { span { span.key.(hue.colour().class()) {} " " (word) } }
                    @if rest > 0 { span { "and " (rest) " more telephony servers" } }
                }
            }
        }
    }
}

fn row(server: &str, bar: &BTreeMap<Hue, usize>, longest: usize, words: &BTreeMap<Hue, String>) -> Markup {
    let mut left = 0;
    let mut parts = Vec::new();
    for (hue, number) in bar {
        // Each part can be seen, however few there are.
        let width = (number * WIDTH / longest).max(3);
        parts.push((left, width, *hue));
        left += width;
    }
    let said: Vec<String> = bar.iter().map(|(hue, number)| format!("{number} {}", words[hue])).collect();
    html! {
        div.bar {
            span { (server) }
            svg role="img" viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) preserveAspectRatio="none"
                aria-label=(format!("{server}: {}", said.join(", "))) {
                @for (left, width, hue) in parts { rect.(hue.colour().class()) x=(left) y="0" width=(width) height=(HEIGHT) {} }
            }
            span.number { (bar.values().sum::<usize>()) }
        }
    }
}
