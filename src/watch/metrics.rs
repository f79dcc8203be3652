//! What is measured, and how it is written: `OpenMetrics` 1.0, and the older text format for those that ask for no other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::families::{FamilyText, MetricFamily, MetricKind};
use super::round::{RoundOutcome, StateCounts, UNMANAGED, by_server, no_clients};
use crate::api::{Meter, Operation};
use crate::apply::Outcomes;
use crate::drift::Drift;
use crate::model::Telsys;
use crate::plan::{Action, Plan};

/// So many telephony servers have numbers of their own; the others are one.
const MOST_SERVERS: usize = 200;
/// The name of those others.
const OTHER_SERVERS: &str = "other";
/// The upper bounds of the buckets of durations, in seconds.
const BUCKETS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0, 600.0];
/// The word beside the states of drift for steps that are left undone.
const WITHHELD: &str = "withheld";
/// Each of these statuses is counted by itself; the others by their first digit.
const STATUSES: [u16; 16] = [200, 201, 204, 302, 400, 401, 403, 404, 405, 409, 429, 500, 501, 502, 503, 504];

/// Everything that is measured.
#[derive(Debug, Default)]
pub(crate) struct Metrics(Mutex<Samples>);

#[derive(Debug, Default)]
struct Samples {
    values: BTreeMap<(MetricFamily, String), f64>,
    durations: BTreeMap<(MetricFamily, String), DurationBuckets>,
}

#[derive(Debug, Default, Clone)]
struct DurationBuckets {
    /// How many fell into each bucket, and into none.
    counts: [u64; BUCKETS.len() + 1],
    sum: f64,
}

/// The form that a reader asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exposition {
    OpenMetrics,
    /// Version 0.0.4 of Prometheus.
    Text,
}

impl Exposition {
    /// Chooses by what a request says that it takes.
    pub(crate) fn of(accept: &str) -> Self {
        if accept.contains("application/openmetrics-text") { Self::OpenMetrics } else { Self::Text }
    }

    /// Gives the type of the answer.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

impl Metrics {
    /// Begins with everything whose labels are known at zero: what has not happened yet can be seen not to have.
    pub(crate) fn new(interval: Duration) -> Self {
        let metrics = Self::default();
        let mut samples = metrics.samples();
        samples.set(MetricFamily::BuildInfo, &[env!("CARGO_PKG_VERSION")], 1.0);
        samples.set(MetricFamily::Interval, &[], interval.as_secs_f64());
        for outcome in RoundOutcome::ALL {
            samples.add(MetricFamily::Rounds, &[outcome.name()], 0.0);
        }
        for action in Action::ALL {
            samples.set(MetricFamily::PlannedSteps, &[action.name()], 0.0);
        }
        for family in [
            MetricFamily::RoundRunning,
            MetricFamily::FailuresInARow,
            MetricFamily::DefinitionsBroken,
            MetricFamily::UnreadRows,
            MetricFamily::Retries,
            MetricFamily::HistoryErrors,
        ] {
            samples.set(family, &[], 0.0);
        }
        for outcome in NoticeOutcome::ALL {
            samples.add(MetricFamily::Notices, &[outcome.name()], 0.0);
        }
        drop(samples);
        metrics
    }

    /// Sets a number without labels.
    pub(crate) fn set(&self, family: MetricFamily, value: f64) {
        self.samples().set(family, &[], value);
    }

    /// Counts one more.
    pub(crate) fn count(&self, family: MetricFamily, labels: &[&str]) {
        self.samples().add(family, labels, 1.0);
    }

    /// Notes a round that has ended.
    pub(crate) fn round(&self, outcome: RoundOutcome, took: Duration, ended: f64) {
        let mut samples = self.samples();
        samples.add(MetricFamily::Rounds, &[outcome.name()], 1.0);
        samples.took(MetricFamily::RoundDuration, &[], took);
        samples.set(MetricFamily::LastRound, &[], ended);
        if outcome.is_compared() {
            samples.set(MetricFamily::LastSuccess, &[], ended);
        }
    }

    /// Notes what a comparison found.
    pub(crate) fn compared(&self, drift: &Drift, plan: &Plan) {
        let mut samples = self.samples();
        samples.forget(&[MetricFamily::Clients, MetricFamily::Managed, MetricFamily::Refusals, MetricFamily::Withheld]);
        for (server, count) in withheld(drift, plan) {
            samples.set(MetricFamily::Withheld, &[&server], number(count));
        }
        for (server, counts) in named_servers(by_server(drift)) {
            let managed: u64 = counts.iter().filter(|(state, _)| *state != UNMANAGED).map(|(_, count)| count).sum();
            samples.set(MetricFamily::Managed, &[&server], number(managed));
            for (state, count) in counts {
                samples.set(MetricFamily::Clients, &[&server, &state], number(count));
            }
        }
        for action in Action::ALL {
            let count = plan.steps.iter().filter(|step| step.action() == action).count();
            samples.set(MetricFamily::PlannedSteps, &[action.name()], number(count as u64));
        }
        for rule in plan.guard.findings.iter().map(|finding| finding.rule).collect::<BTreeSet<_>>() {
            let count = plan.guard.findings.iter().filter(|finding| finding.rule == rule).count();
            samples.set(MetricFamily::Refusals, &[rule], number(count as u64));
        }
        samples.set(MetricFamily::UnreadRows, &[], number(drift.unread.len() as u64));
    }

    /// Notes what became of a plan.
    pub(crate) fn applied(&self, outcomes: &Outcomes) {
        let mut samples = self.samples();
        for step in &outcomes.steps {
            samples.add(MetricFamily::Steps, &[step.action.name(), step.outcome.name()], 1.0);
        }
    }

    /// Writes everything.
    pub(crate) fn write(&self, form: Exposition) -> String {
        let samples = self.samples();
        let mut text = String::new();
        for family in MetricFamily::ALL {
            samples.write(*family, form, &mut text);
        }
        if form == Exposition::OpenMetrics {
            text.push_str("# EOF\n");
        }
        text
    }

    fn samples(&self) -> MutexGuard<'_, Samples> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Meter for Metrics {
    fn request(&self, operation: Operation, status: Option<u16>, took: Duration, allowed: usize) {
        let operation = operation.to_string();
        let mut samples = self.samples();
        samples.add(MetricFamily::Requests, &[&operation, &status_word(status)], 1.0);
        samples.took(MetricFamily::RequestDuration, &[&operation], took);
        samples.set(MetricFamily::Parallelism, &[], number(allowed as u64));
    }

    fn retry(&self) {
        self.samples().add(MetricFamily::Retries, &[], 1.0);
    }
}

/// What became of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoticeOutcome {
    Sent,
    Failed,
    Dropped,
}

impl NoticeOutcome {
    const ALL: [Self; 3] = [Self::Sent, Self::Failed, Self::Dropped];

    /// Gives the word of the metric.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Dropped => "dropped",
        }
    }
}

/// Names the status of an answer; a server that makes statuses up makes no more than a few words.
fn status_word(status: Option<u16>) -> String {
    match status {
        None => "none".to_owned(),
        Some(status) if STATUSES.contains(&status) => status.to_string(),
        Some(status @ 100..=599) => format!("{}xx", status / 100),
        Some(_) => "other".to_owned(),
    }
}

/// Names each telephony server, as many as have names; the numbers of the others are added up.
fn named_servers(servers: BTreeMap<Telsys, StateCounts>) -> BTreeMap<String, StateCounts> {
    let mut named: BTreeMap<String, StateCounts> = BTreeMap::new();
    for (place, (telsys, counts)) in servers.into_iter().enumerate() {
        let name = if place < MOST_SERVERS { telsys.number().to_string() } else { OTHER_SERVERS.to_owned() };
        let sums = named.entry(name).or_insert_with(no_clients);
        for (state, count) in counts {
            *sums.entry(state).or_default() += count;
        }
    }
    named
}

/// Counts the steps that are left undone by telephony server; those that have clients and no such step are there too.
fn withheld(drift: &Drift, plan: &Plan) -> BTreeMap<String, u64> {
    let mut servers: BTreeMap<Telsys, StateCounts> = by_server(drift);
    for step in plan.steps.iter().filter(|step| plan.rollout.reason(step.number).is_some()) {
        *servers.entry(step.scope.telsys).or_default().entry(WITHHELD.to_owned()).or_default() += 1;
    }
    let counts = named_servers(servers).into_iter();
    counts.map(|(server, counts)| (server, counts.get(WITHHELD).copied().unwrap_or_default())).collect()
}

/// Numbers of metrics are floating; what is counted here is far below where that loses one.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn number(count: u64) -> f64 {
    count as f64
}

impl Samples {
    fn set(&mut self, family: MetricFamily, labels: &[&str], value: f64) {
        self.values.insert((family, written(family, labels)), value);
    }

    fn add(&mut self, family: MetricFamily, labels: &[&str], value: f64) {
        *self.values.entry((family, written(family, labels))).or_default() += value;
    }

    fn took(&mut self, family: MetricFamily, labels: &[&str], took: Duration) {
        let seconds = took.as_secs_f64();
        let duration = self.durations.entry((family, written(family, labels))).or_default();
        let bucket = BUCKETS.iter().position(|bound| seconds <= *bound).unwrap_or(BUCKETS.len());
        duration.counts[bucket] += 1;
        duration.sum += seconds;
    }

    fn forget(&mut self, families: &[MetricFamily]) {
        self.values.retain(|(family, _), _| !families.contains(family));
    }

    fn write(&self, family: MetricFamily, form: Exposition, text: &mut String) {
        let FamilyText { name, kind, labels: _, help } = family.text();
        let values = self.values.iter().filter(|((of, _), _)| *of == family);
        let durations = self.durations.iter().filter(|((of, _), _)| *of == family);
        if values.clone().next().is_none() && durations.clone().next().is_none() {
            return;
        }
        // In OpenMetrics the family of a counter is named without what its samples end in.
        let title = match form {
            Exposition::OpenMetrics => name.strip_suffix("_total").unwrap_or(name),
            Exposition::Text => name,
        };
        let _ = writeln!(text, "# HELP {title} {help}\n# TYPE {title} {}", kind.name());
        if form == Exposition::OpenMetrics && kind != MetricKind::Counter && name.ends_with("_seconds") {
            let _ = writeln!(text, "# UNIT {title} seconds");
        }
        for ((_, labels), value) in values {
            let _ = writeln!(text, "{name}{} {value}", braced(labels, None));
        }
        for ((_, labels), duration) in durations {
            duration.write(name, labels, text);
        }
    }
}

impl DurationBuckets {
    fn write(&self, name: &str, labels: &str, text: &mut String) {
        let Self { counts, sum } = self;
        let mut below = 0;
        let bounds = BUCKETS.iter().map(|bound| format!("{bound:?}")).chain(["+Inf".to_owned()]);
        for (count, bound) in counts.iter().zip(bounds) {
            below += count;
            let _ = writeln!(text, "{name}_bucket{} {below}", braced(labels, Some(&bound)));
        }
        let _ =
            writeln!(text, "{name}_sum{} {sum}\n{name}_count{} {below}", braced(labels, None), braced(labels, None));
    }
}

/// Writes labels; their names are those of the family.
fn written(family: MetricFamily, labels: &[&str]) -> String {
    let names = family.text().labels;
    debug_assert_eq!(names.len(), labels.len(), "{family:?}");
    let pairs = names.iter().zip(labels).map(|(name, value)| format!("{name}=\"{}\"", escaped(value)));
    pairs.collect::<Vec<_>>().join(",")
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn braced(labels: &str, bound: Option<&str>) -> String {
    let bound = bound.map(|bound| format!("le=\"{bound}\""));
    let parts: Vec<&str> = [labels].into_iter().filter(|part| !part.is_empty()).chain(bound.as_deref()).collect();
    if parts.is_empty() { String::new() } else { format!("{{{}}}", parts.join(",")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(metrics: &Metrics, form: Exposition, beginning: &str) -> Vec<String> {
        metrics.write(form).lines().filter(|line| line.contains(beginning)).map(str::to_owned).collect()
    }

    #[test]
    fn both_forms_say_the_same_and_name_counters_as_they_want_them() {
        let metrics = Metrics::new(Duration::from_mins(5));
        metrics.round(RoundOutcome::InSync, Duration::from_millis(40), 100.0);
        let sample = "icsync_rounds_total{outcome=\"in_sync\"} 1";
        let open = lines(&metrics, Exposition::OpenMetrics, "icsync_rounds");
        assert_eq!(open[1], "# TYPE icsync_rounds counter");
        let text = lines(&metrics, Exposition::Text, "icsync_rounds");
        assert_eq!(text[1], "# TYPE icsync_rounds_total counter");
        assert!(open.contains(&sample.to_owned()) && text.contains(&sample.to_owned()), "{open:?}");
        assert!(metrics.write(Exposition::OpenMetrics).ends_with("\n# EOF\n"));
        assert_eq!(
            Exposition::of("application/openmetrics-text;version=1.0.0,text/plain;q=0.5"),
            Exposition::OpenMetrics
        );
        assert_eq!(Exposition::of("*/*"), Exposition::Text);
    }

    #[test]
    fn durations_add_up_from_bucket_to_bucket() {
        let metrics = Metrics::default();
        for milliseconds in [1, 40, 40, 1_000_000] {
            metrics.request(Operation::List, Some(200), Duration::from_millis(milliseconds), 8);
        }
        let found = lines(&metrics, Exposition::Text, "icsync_api_request_duration_seconds_");
        assert_eq!(found[0], "icsync_api_request_duration_seconds_bucket{operation=\"list\",le=\"0.005\"} 1");
        assert_eq!(found[3], "icsync_api_request_duration_seconds_bucket{operation=\"list\",le=\"0.05\"} 3");
        assert_eq!(found[14], "icsync_api_request_duration_seconds_bucket{operation=\"list\",le=\"+Inf\"} 4");
        assert_eq!(found[16], "icsync_api_request_duration_seconds_count{operation=\"list\"} 4");
    }

    #[test]
    fn labels_are_bounded_and_escaped() {
        let metrics = Metrics::default();
        (0..u16::MAX).for_each(|status| metrics.request(Operation::Info, Some(status), Duration::ZERO, 1));
        let words = lines(&metrics, Exposition::Text, "icsync_api_requests_total{").len();
        assert_eq!(words, STATUSES.len() + 6);
        let servers = (0..5_000).map(|number| (Telsys::One(number), StateCounts::from([("drifted".to_owned(), 1)])));
        let named = named_servers(servers.collect());
        assert_eq!((named.len(), named[OTHER_SERVERS]["drifted"]), (MOST_SERVERS + 1, 4_800));
        assert_eq!(written(MetricFamily::BuildInfo, &["a\"b\\c\nd"]), r#"version="a\"b\\c\nd""#);
    }
}
