//! The status page: how things stand now, the rounds of late, drift over time, what differs and what would be applied.

use std::collections::BTreeMap;
use std::collections::VecDeque;

use base64::prelude::{BASE64_STANDARD as BASE64, Engine as _};
use jiff::Timestamp;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::board::{Board, BoardState, FoundParts, WatchFacts};
use super::round::{RoundOutcome, WatchRound};
use crate::report;
use crate::text::{message, visible};

const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");
/// So many rounds are listed; the history keeps more.
const LISTED: usize = 50;
/// So many rounds are drawn.
const DRAWN: usize = 120;
/// So many telephony servers are drawn.
const MOST_SERVERS: usize = 12;
/// The size of a drawing, in its own units.
const HEIGHT: u64 = 24;
const BAR: usize = 3;
/// Without scripts the page is loaded anew after so many seconds.
const REFRESH: u32 = 15;

/// A page, and what a browser may do with it.
pub(super) struct StatusPage {
    pub(super) html: String,
    /// Allows its own styles and script, and to ask its own server again.
    pub(super) policy: String,
}

/// Writes the page as things stand now.
pub(super) fn page(board: &Board) -> StatusPage {
    let state = board.state();
    let styles = [report::HTML_STYLE, STYLE];
    let name = match &state.facts.target {
        Some((name, _)) => format!("icsync watch · {}", visible(name)),
        None => "icsync watch".to_owned(),
    };
    let now = Timestamp::now();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (name) }
                link rel="icon" href="data:,";
                @for style in styles { style { (PreEscaped(style)) } }
                noscript { meta http-equiv="refresh" content=(REFRESH); }
            }
            body {
                header {
                    h1 { (name) }
                    (facts(&state.facts))
                }
                main {
                    (standing(&state, now))
                    (over_time(state.history.rounds()))
                    (found(state.found.as_ref()))
                    (rounds(state.history.rounds()))
                }
                footer { "icsync " (env!("CARGO_PKG_VERSION")) " · " a href="/metrics" { "metrics" } }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    let styles = styles.map(|style| format!("'sha256-{}'", BASE64.encode(Sha256::digest(style)))).join(" ");
    let policy = format!(
        "default-src 'none'; style-src {styles}; script-src 'sha256-{}'; img-src data:; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
        BASE64.encode(Sha256::digest(SCRIPT))
    );
    StatusPage { html: page.into_string(), policy }
}

fn facts(facts: &WatchFacts) -> Markup {
    let WatchFacts { target, interval, manner } = facts;
    html! {
        p.parts {
            @if let Some((_, url)) = target { span { (visible(url)) } }
            span { "every " (lasting(interval.as_secs_f64())) }
            @for word in manner { span { (visible(word)) } }
        }
    }
}

/// How things stand. What the script puts in its place anew is read out when it is another outcome.
fn standing(state: &BoardState, now: Timestamp) -> Markup {
    let last = state.history.last();
    let outcome = last.map(|round| round.outcome);
    html! {
        section.standing data-part="standing" data-outcome=(outcome.map_or("none", RoundOutcome::name)) aria-label="now" {
            h2.verdict { (outcome.map_or("no round has ended yet", RoundOutcome::words)) }
            @if let Some(round) = last {
                @if let Some(broken) = &round.broken {
                    div.refused {
                        strong { "the files cannot be used" } " " (message(broken))
                        p { "The last good ones stand in for them, and nothing is written until they can be used." }
                    }
                }
                @if let Some(said) = &round.message { div.refused { (message(said)) (help(round)) } }
                ul.counts {
                    @for (state, count) in &round.counts { li data-none[*count == 0] { b { (count) } " " (state.replace('_', " ")) } }
                }
                p.quiet {
                    "Last round: " (moment(round.began)) " (" (ago(now, round.began)) "), " (lasting(round.seconds))
                    @if let Some(commit) = &round.commit { @if round.dirty { ", changes on top of commit " } @else { ", commit " } code { (visible(&commit.chars().take(12).collect::<String>())) } }
                    ". " (next(state, now))
                }
            }
        }
        @if let Some(found) = state.found.as_ref().filter(|found| !found.waiting.is_empty()) {
            section data-part="waiting" aria-label="what waits for a window" {
                h2 { "Waiting for a window" }
                ul { @for line in &found.waiting { li { (message(line)) } } }
            }
        } @else {
            section data-part="waiting" hidden {}
        }
        div.sr-only role="status" aria-live="polite" id="spoken" {}
    }
}

fn help(round: &WatchRound) -> Markup {
    html! { @if let Some(help) = &round.help { p { "help: " (message(help)) } } }
}

fn next(state: &BoardState, now: Timestamp) -> Markup {
    html! {
        @match (state.running, state.due) {
            (Some(since), _) => { "A round is under way, since " (ago(now, since)) "." }
            (None, Some(due)) => { "The next one: " (moment(due)) "." }
            (None, None) => {}
        }
    }
}

/// For each telephony server one drawing of how many clients were not in sync, round by round.
fn over_time(rounds: &VecDeque<WatchRound>) -> Markup {
    let drawn: Vec<&WatchRound> =
        rounds.iter().filter(|round| round.outcome.is_compared()).rev().take(DRAWN).collect::<Vec<_>>();
    let drawn: Vec<&WatchRound> = drawn.into_iter().rev().collect();
    let mut servers: BTreeMap<i64, Vec<u64>> = BTreeMap::new();
    for telsys in drawn.iter().flat_map(|round| round.differing.keys()) {
        let of = |round: &&WatchRound| round.differing.get(telsys).copied().unwrap_or_default();
        servers.entry(*telsys).or_insert_with(|| drawn.iter().map(of).collect());
    }
    let most = |counts: &Vec<u64>| counts.iter().copied().max().unwrap_or_default();
    let mut servers: Vec<(i64, Vec<u64>)> = servers.into_iter().collect();
    servers.sort_by_key(|(telsys, counts)| (std::cmp::Reverse((counts.last().copied(), most(counts))), *telsys));
    let rest = servers.len().saturating_sub(MOST_SERVERS);
    servers.truncate(MOST_SERVERS);
    html! {
        section data-part="time" aria-label="drift over time" {
            h2 { "Drift over time" }
            @if servers.is_empty() { p.quiet { "No client was out of sync in the last " (drawn.len()) " comparisons." } }
            @else {
                table.time {
                    thead { tr {
                        th scope="col" { "telephony server" } th scope="col" { "out of sync, the last " (drawn.len()) " comparisons" }
                        th scope="col" { "most" } th scope="col" { "now" }
                    } }
                    tbody { @for (telsys, counts) in &servers { (server(*telsys, counts, most(counts))) } }
                }
                @if rest > 0 { p.quiet { "and " (rest) " more telephony servers" } }
            }
        }
    }
}

fn server(telsys: i64, counts: &[u64], most: u64) -> Markup {
    let now = counts.last().copied().unwrap_or_default();
    let bar = |count: u64| if count == 0 { 1 } else { (count * HEIGHT).div_ceil(most.max(1)).max(2) };
    html! {
        tr {
            th scope="row" { (telsys) }
            td {
                svg role="img" viewBox=(format!("0 0 {} {HEIGHT}", DRAWN * BAR)) preserveAspectRatio="none"
                    aria-label=(format!("telephony server {telsys}: at most {most} out of sync, now {now}")) {
                    @for (place, count) in counts.iter().enumerate() {
                        rect.none[*count == 0].some[*count > 0] x=((DRAWN - counts.len() + place) * BAR) y=(HEIGHT - bar(*count))
                            width=(BAR - 1) height=(bar(*count)) {}
                    }
                }
            }
            td.number { (most) } td.number { (now) }
        }
    }
}

fn found(found: Option<&FoundParts>) -> Markup {
    html! {
        section data-part="drift" aria-label="what differs" {
            h2 { "What differs" }
            @match found {
                Some(FoundParts { at, drift, plan: _, waiting: _ }) => {
                    (PreEscaped(drift))
                    p.quiet { "As of " (moment(*at)) "." }
                }
                None => { p.quiet { "Nothing has been compared yet." } }
            }
        }
        @if let Some(plan) = found.and_then(|found| found.plan.as_ref()) {
            section data-part="plan" aria-label="what would be applied" { h2 { "What would be applied" } (PreEscaped(plan)) }
        } @else {
            section data-part="plan" hidden {}
        }
    }
}

fn rounds(rounds: &VecDeque<WatchRound>) -> Markup {
    html! {
        section data-part="rounds" aria-label="rounds" {
            h2 { "Rounds" }
            div.scroll role="region" aria-label="rounds of late" tabindex="0" {
                table.rounds {
                    thead { tr {
                        @for title in ["began", "outcome", "why", "took", "out of sync", "steps", "what happened"] { th scope="col" { (title) } }
                    } }
                    tbody { @for round in rounds.iter().rev().take(LISTED) { (row(round)) } }
                }
            }
        }
    }
}

fn row(round: &WatchRound) -> Markup {
    let steps = round.steps.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect::<Vec<_>>().join(", ");
    let differing = if round.outcome.is_compared() { round.all_differing().to_string() } else { String::new() };
    html! {
        tr data-outcome=(round.outcome.name()) {
            td { (moment(round.began)) }
            td.outcome { (round.outcome.words()) @if round.broken.is_some() { " (files cannot be used)" } }
            td { (visible(&round.trigger)) } td.number { (lasting(round.seconds)) } td.number { (differing) }
            td { (visible(&steps)) @if let Some(run) = &round.run { " " code { (visible(run)) } } }
            td.said { @for said in round.broken.iter().chain(&round.message) { (message(said)) " " } }
        }
    }
}

fn moment(time: Timestamp) -> Markup {
    html! { time datetime=(time.strftime("%Y-%m-%dT%H:%M:%SZ")) { (time.strftime("%Y-%m-%d %H:%M:%S UTC")) } }
}

fn ago(now: Timestamp, time: Timestamp) -> String {
    format!("{} ago", lasting(now.duration_since(time).as_secs_f64().max(0.0).round()))
}

/// Says how long something lasts: two figures are enough.
fn lasting(seconds: f64) -> String {
    match seconds {
        short if short < 10.0 && short.fract() > 0.0 => format!("{short:.2} s"),
        short if short < 120.0 => format!("{short:.0} s"),
        long if long < 7_200.0 => format!("{:.0} min", long / 60.0),
        long => format!("{:.1} h", long / 3_600.0),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::super::history::RoundHistory;
    use super::*;

    #[test]
    fn hostile_text_stays_text_and_times_are_said_shortly() {
        let hostile = "<script>alert(1)</script>\u{202e}";
        let target = Some((hostile.to_owned(), hostile.to_owned()));
        let facts = WatchFacts { target, interval: Duration::from_mins(5), manner: vec![hostile.to_owned()] };
        let board = Board::new(facts, RoundHistory::default());
        let round = WatchRound {
            outcome: RoundOutcome::Refused,
            message: Some(hostile.to_owned()),
            help: Some(hostile.to_owned()),
            broken: Some(hostile.to_owned()),
            commit: Some("<b>".to_owned()),
            differing: [(417, 3)].into(),
            steps: [(hostile.to_owned(), 1)].into(),
            run: Some(hostile.to_owned()),
            ..WatchRound::begin(Timestamp::UNIX_EPOCH, hostile)
        };
        board.state().end(round, Duration::ZERO).expect("kept");
        board.state().found = Some(FoundParts {
            at: Timestamp::UNIX_EPOCH,
            drift: Arc::from(""),
            plan: None,
            waiting: vec![hostile.to_owned()],
        });
        let StatusPage { html, policy } = page(&board);
        assert_eq!(html.matches("<script>").count(), 1, "{html}");
        assert!(!html.contains("<b>\"") && !html.contains('\u{202e}'), "{html}");
        assert!(
            policy.contains("default-src 'none'")
                && html.contains("telephony server 417: at most 3 out of sync, now 3")
        );
        let said = [0.0, 0.25, 3.0, 61.0, 300.0, 10_000.0].map(lasting);
        assert_eq!(said, ["0 s", "0.25 s", "3 s", "61 s", "5 min", "2.8 h"]);
    }
}
