//! Options that say in which waves a plan is carried out, and which steps of it at all.

use std::str::FromStr as _;

use clap::Args;

use super::values::{Selected, parse_selector};
use crate::manifest::pause;
use crate::model::{Pause, RolloutRules, Waves};
use crate::plan::Action;

/// Which steps go when.
#[derive(Debug, Args, Default)]
pub(in crate::cli) struct WaveArguments {
    /// Carry it out in waves of so many steps: numbers, shares of the plan, and `rest`, such as 1,10%,rest
    #[arg(long, value_name = "SIZES", value_parser = Waves::from_str)]
    pub waves: Option<Waves>,
    /// What goes in the first wave, as for --select; repeatable
    #[arg(long, value_name = "EXPR", value_parser = parse_selector)]
    pub first: Vec<Selected>,
}

/// How a plan is rolled out.
#[derive(Debug, Args, Default)]
pub(in crate::cli) struct RolloutArguments {
    /// The waves.
    #[command(flatten)]
    pub waves: WaveArguments,
    /// What comes between two waves: a time such as 10m, or `ask`
    #[arg(long, value_name = "TIME", value_parser = parse_pause)]
    pub pause: Option<Pause>,
    /// Begin no further wave once this many steps failed, became stale or stayed unknown [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub stop_after: Option<u64>,
}

impl RolloutArguments {
    pub(in crate::cli) fn rules(&self) -> RolloutRules {
        let Self { waves, pause, stop_after } = self;
        RolloutRules { waves: waves.waves.clone(), pause: *pause, stop_after: *stop_after }
    }
}

fn parse_pause(text: &str) -> Result<Pause, String> {
    pause(text).ok_or_else(|| format!("write for example `30s` or `10m`, or `{}`", Pause::ASK))
}

/// Numbers of steps: `1-20,35`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct StepList {
    ranges: Vec<(u64, u64)>,
}

impl StepList {
    /// Gives the ranges, first and last number of each.
    pub(in crate::cli) fn ranges(&self) -> &[(u64, u64)] {
        &self.ranges
    }
}

pub(super) fn parse_steps(text: &str) -> Result<StepList, String> {
    let range = |part: &str| {
        let part = part.trim();
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let range = (first.parse().ok()?, last.parse().ok()?);
        Some(range).filter(|(first, last)| 0 < *first && first <= last)
    };
    let ranges = text.split(',').map(|part| range(part).ok_or(part)).collect::<Result<_, _>>();
    let ranges =
        ranges.map_err(|part| format!("`{}` is no number of a step and no range such as 1-20", part.escape_debug()))?;
    Ok(StepList { ranges })
}

pub(super) fn parse_action(text: &str) -> Result<Action, String> {
    let found = Action::ALL.into_iter().find(|action| action.name() == text);
    found.ok_or_else(|| {
        let names = Action::ALL.map(Action::name).join(", ");
        format!("it is none of {names}")
    })
}
