//! When faults hold: the requests that each rule has seen.

use std::time::Duration;

use super::fault::{Asked, FaultKind, FaultRule, Faults};

/// What goes wrong with one request.
#[derive(Debug, Clone, Default)]
pub(super) struct Fault {
    pub(super) delay: Duration,
    pub(super) late: Duration,
    pub(super) rule: FaultRule,
}

/// The rules, and how many requests each has seen.
#[derive(Debug, Default)]
pub(super) struct FaultSchedule {
    faults: Faults,
    seen: Vec<u64>,
    seed: u64,
}

impl FaultSchedule {
    pub(super) fn new(faults: Faults, seed: u64) -> Self {
        Self { seen: vec![0; faults.0.len()], faults, seed }
    }

    pub(super) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Puts other rules in place, and starts counting again.
    pub(super) fn replace(&mut self, faults: Faults) {
        *self = Self::new(faults, self.seed);
    }

    /// Counts a request and says what goes wrong with it.
    pub(super) fn decide(&mut self, request: &Asked) -> Fault {
        let mut fault = Fault::default();
        for (index, rule) in self.faults.0.iter().enumerate() {
            if !rule.is_about(request) {
                continue;
            }
            self.seen[index] += 1;
            // Every rule draws from its own row of chances.
            let seed = self.seed.wrapping_add(index as u64);
            if rule.holds(self.seen[index], seed) {
                fault.delay += Duration::from_millis(rule.latency_ms);
                fault.late += Duration::from_millis(rule.late_ms);
                if fault.rule.effect == FaultKind::Delay {
                    fault.rule = rule.clone();
                }
            }
        }
        fault
    }
}

#[cfg(test)]
mod tests {
    use super::super::fault::Operation;
    use super::*;

    const LIST: Asked = Asked { operation: Operation::List, telsys: Some(417), device: None, id: None };

    fn hits(rule: &str, times: usize) -> Vec<usize> {
        let faults = Faults::parse(&format!("[{rule}]"), "faults.yaml").expect("a fault");
        let mut schedule = FaultSchedule::new(faults, 1);
        (1..=times).filter(|_| schedule.decide(&LIST).rule.effect != FaultKind::Delay).collect()
    }

    #[test]
    fn occurrences_count_the_requests_a_rule_is_about() {
        assert_eq!(hits("{ operation: list, nth: 2, effect: html }", 4), [2]);
        assert_eq!(hits("{ every: 2, effect: html }", 5), [2, 4]);
        assert_eq!(hits("{ first: 2, effect: html }", 5), [1, 2]);
        assert_eq!(hits("{ telsys: 417, effect: html }", 2), [1, 2]);
        assert!(hits("{ telsys: 418, effect: html }", 2).is_empty());
        assert!(hits("{ operation: info, effect: html }", 2).is_empty());
        assert_eq!(hits("{ probability: 0.5, effect: html }", 64), hits("{ probability: 0.5, effect: html }", 64));
    }

    #[test]
    fn delays_add_up_and_the_first_effect_wins() {
        let text = "[{ latency_ms: 5 }, { latency_ms: 7, effect: drop_after }, { effect: html }]";
        let mut schedule = FaultSchedule::new(Faults::parse(text, "f").expect("faults"), 1);
        let fault = schedule.decide(&LIST);
        assert_eq!((fault.delay.as_millis(), fault.rule.effect), (12, FaultKind::DropAfter));
    }
}
