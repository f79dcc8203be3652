//! Every metric once: its name, its kind, its labels, and what it counts. `/metrics`, the manual page and the tests ask here.

/// What a number of a family is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MetricKind {
    /// It only grows while the process lives; its name ends in `_total`.
    Counter,
    /// It is what it is now.
    Gauge,
    /// It counts durations, in seconds, by how long they were.
    Histogram,
}

impl MetricKind {
    /// Gives the word of the text formats.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// What there is to say of a family of metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FamilyText {
    pub(crate) name: &'static str,
    pub(crate) kind: MetricKind,
    pub(crate) labels: &'static [&'static str],
    pub(crate) help: &'static str,
}

/// Declares the families, each once.
macro_rules! families {
    ($($family:ident $kind:ident $name:literal [$($label:literal),*] $help:literal;)*) => {
        /// A family of metrics.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum MetricFamily {
            $(#[doc = concat!("`", $name, "`")] $family,)*
        }

        impl MetricFamily {
            /// All families in the order in which they are shown.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$family),*];

            /// Gives what there is to say of it.
            pub(crate) fn text(self) -> FamilyText {
                match self {
                    $(Self::$family => FamilyText {
                        name: $name, kind: MetricKind::$kind, labels: &[$($label),*], help: $help,
                    },)*
                }
            }
        }
    };
}

families! {
    BuildInfo Gauge "icsync_build_info" ["version"] "Always 1; the label tells the version of icsync.";
    Interval Gauge "icsync_interval_seconds" [] "The time from one round to the next, as it was asked for.";
    Rounds Counter "icsync_rounds_total" ["outcome"] "Rounds that have ended, by how they ended.";
    RoundDuration Histogram "icsync_round_duration_seconds" [] "How long rounds took.";
    Withheld Gauge "icsync_withheld_steps" ["telsys"] "Steps of the last plan that are left undone for now, by telephony server: a window is closed, or they wait for such a step.";
    RoundRunning Gauge "icsync_round_running" [] "1 while a round is under way.";
    LastRound Gauge "icsync_last_round_timestamp_seconds" [] "When the last round ended.";
    LastSuccess Gauge "icsync_last_success_timestamp_seconds" [] "When the last round ended that compared live with git.";
    FailuresInARow Gauge "icsync_failures_in_a_row" [] "So many rounds in a row could not work with the server.";
    DefinitionsBroken Gauge "icsync_definitions_broken" [] "1 while the files cannot be used and the last good ones stand in for them.";
    Managed Gauge "icsync_managed_clients" ["telsys"] "Definitions of a telephony server, at the last comparison.";
    Clients Gauge "icsync_clients" ["telsys", "state"] "Clients of a telephony server in a state, at the last comparison: in_sync, drifted, pending, conflict, missing, excepted, not_compared, blocked, or unmanaged.";
    UnreadRows Gauge "icsync_unread_rows" [] "Rows of the lists that could not be read, at the last comparison.";
    PlannedSteps Gauge "icsync_planned_steps" ["action"] "What the last plan would do, by action.";
    Refusals Gauge "icsync_refusals" ["rule"] "What spoke against the last plan, by rule; none when it may be applied.";
    Steps Counter "icsync_steps_total" ["action", "outcome"] "Steps of plans that were applied, by action and outcome.";
    Requests Counter "icsync_api_requests_total" ["operation", "status"] "Requests to the API, repeats too, by operation and HTTP status; none is no answer.";
    Retries Counter "icsync_api_retries_total" [] "Requests that were sent again after a failure.";
    RequestDuration Histogram "icsync_api_request_duration_seconds" ["operation"] "How long requests to the API took, by operation.";
    Parallelism Gauge "icsync_api_parallelism" [] "So many requests may be in flight now.";
    Notices Counter "icsync_notices_total" ["outcome"] "Notices to webhooks: sent, failed after all repeats, or dropped because too many waited.";
    HistoryErrors Counter "icsync_history_errors_total" [] "Rounds that could not be written to the history on disk.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_as_prometheus_wants_them() {
        let texts = MetricFamily::ALL.iter().map(|family| family.text());
        let names: BTreeSet<&str> = texts.clone().map(|text| text.name).collect();
        assert_eq!(names.len(), MetricFamily::ALL.len());
        for FamilyText { name, kind, labels, help } in texts {
            assert!(name.starts_with("icsync_") && help.ends_with('.'), "{name}");
            assert_eq!(name.ends_with("_total"), kind == MetricKind::Counter, "{name}");
            assert!(kind != MetricKind::Histogram || name.ends_with("_seconds"), "{name}");
            assert!(labels.len() <= 2, "{name}");
        }
    }
}
