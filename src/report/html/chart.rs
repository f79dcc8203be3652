//! A small chart: for each telephony server one bar, parted by what happens there.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::super::group::Group;
use super::super::view::{Hue, Mark, ReportKind};
use super::telsys;

/// The most bars; the rest is said in words.
const MOST_BARS: usize = 12;
/// The width of the longest bar in the chart's own units.
const WIDTH: usize = 600;
const HEIGHT: usize = 18;
const STEP: usize = 26;
const LABEL: usize = 90;

/// Draws the chart, if there is something to draw.
pub(super) fn chart(kind: ReportKind, groups: &[Group<'_, '_>]) -> Markup {
    let mut bars: BTreeMap<String, BTreeMap<Hue, usize>> = BTreeMap::new();
    let mut words: BTreeMap<Hue, BTreeSet<&str>> = BTreeMap::new();
    for entry in groups.iter().flat_map(Group::members).filter(|entry| entry.mark != Mark::Notice) {
        *bars.entry(telsys(entry)).or_default().entry(entry.hue).or_default() += 1;
        // Some have states or outcomes where the others have actions.
        let word = match kind {
            ReportKind::Drift | ReportKind::Apply => entry.state,
            ReportKind::Plan | ReportKind::Diff | ReportKind::Validate | ReportKind::Failure => entry.hue.class(),
        };
        words.entry(entry.hue).or_default().insert(word);
    }
    let words: BTreeMap<Hue, String> =
        words.into_iter().map(|(hue, words)| (hue, words.into_iter().collect::<Vec<_>>().join(", "))).collect();
    let total = |bar: &BTreeMap<Hue, usize>| bar.values().sum::<usize>();
    let mut bars: Vec<_> = bars.into_iter().collect();
    bars.sort_by(|left, right| total(&right.1).cmp(&total(&left.1)).then_with(|| left.0.cmp(&right.0)));
    let longest = bars.iter().map(|(_, bar)| total(bar)).max().unwrap_or(0);
    let rest = bars.len().saturating_sub(MOST_BARS);
    bars.truncate(MOST_BARS);
    html! {
        @if longest > 0 {
            figure.chart {
                svg role="img" aria-label="clients by telephony server and action"
                    viewBox=(format!("0 0 {} {}", LABEL + WIDTH + 60, bars.len() * STEP)) {
                    @for (place, (server, bar)) in bars.iter().enumerate() {
                        (row(place * STEP, server, bar, longest, &words))
                    }
                }
                figcaption.legend {
                    @for (hue, word) in &words { span { span.key.(hue.class()) {} " " (word) } }
                }
                @if rest > 0 { figcaption { "and " (rest) " more telephony servers" } }
            }
        }
    }
}

fn row(top: usize, server: &str, bar: &BTreeMap<Hue, usize>, longest: usize, words: &BTreeMap<Hue, String>) -> Markup {
    let mut left = LABEL;
    let mut parts = Vec::new();
    for (hue, number) in bar {
        // Each part can be seen, however few there are.
        let width = (number * WIDTH / longest).max(2);
        parts.push((left, width, *hue, *number));
        left += width;
    }
    let total: usize = bar.values().sum();
    let server = if server.is_empty() { "unknown" } else { server };
    html! {
        text.label x="0" y=(top + 14) { "telsys " (server) }
        @for (left, width, hue, number) in parts {
            rect.(hue.class()) x=(left) y=(top) width=(width) height=(HEIGHT) {
                title { (number) " " (words[&hue]) }
            }
        }
        text.label x=(left + 6) y=(top + 14) { (total) }
    }
}
