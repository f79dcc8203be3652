//! In which portions a plan is carried out, and what has to be well before the next one begins.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// How many steps a wave takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WaveSize {
    /// So many.
    Count(u64),
    /// So many of a hundred of the plan, 1 to 100, and one at least.
    Percent(u64),
    /// Everything that is left.
    Rest,
}

impl WaveSize {
    /// The word for [`Rest`](Self::Rest).
    const REST: &'static str = "rest";

    /// Gives the number of steps, of so many in all.
    pub(crate) fn steps(self, all: usize) -> usize {
        let of = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        match self {
            Self::Count(count) => of(count),
            Self::Percent(percent) => all.saturating_mul(of(percent)).div_ceil(100),
            Self::Rest => usize::MAX,
        }
    }
}

impl FromStr for WaveSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str, most: u64| text.parse().ok().filter(|number| (1..=most).contains(number));
        let size = match (text, text.strip_suffix('%')) {
            (Self::REST, _) => Some(Self::Rest),
            (_, Some(percent)) => number(percent, 100).map(Self::Percent),
            _ => number(text, u64::from(u32::MAX)).map(Self::Count),
        };
        size.ok_or_else(|| {
            format!("`{}` is no wave: it is a number from 1, a share such as `10%`, or `rest`", text.escape_debug())
        })
    }
}

impl fmt::Display for WaveSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => count.fmt(f),
            Self::Percent(percent) => write!(f, "{percent}%"),
            Self::Rest => f.write_str(Self::REST),
        }
    }
}

/// The waves of a plan, one after another; what they leave is a last one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waves(Vec<WaveSize>);

impl Waves {
    /// Takes the sizes of waves: at least one, and nothing after `rest`.
    pub(crate) fn new(sizes: Vec<WaveSize>) -> Result<Self, String> {
        match sizes.iter().position(|size| *size == WaveSize::Rest) {
            _ if sizes.is_empty() => Err("there is no wave".to_owned()),
            Some(place) if place + 1 < sizes.len() => Err("nothing is left for a wave after `rest`".to_owned()),
            _ => Ok(Self(sizes)),
        }
    }

    /// Gives the sizes; the last takes the rest.
    pub(crate) fn sizes(&self) -> impl Iterator<Item = WaveSize> {
        let rest = (self.0.last() != Some(&WaveSize::Rest)).then_some(WaveSize::Rest);
        self.0.iter().copied().chain(rest)
    }
}

impl FromStr for Waves {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::new(text.split(',').map(|size| size.trim().parse()).collect::<Result<_, _>>()?)
    }
}

impl fmt::Display for Waves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&sizes.join(","))
    }
}

/// What comes between two waves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Pause {
    /// Nothing.
    #[default]
    None,
    /// So much time.
    For(Duration),
    /// The word of a person.
    Ask,
}

impl Pause {
    /// The word for [`Ask`](Self::Ask).
    pub(crate) const ASK: &'static str = "ask";
}

/// How a plan is rolled out, as far as anybody says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RolloutRules {
    pub waves: Option<Waves>,
    pub pause: Option<Pause>,
    /// So many steps that are failed, unknown or stale, and no further wave begins.
    pub stop_after: Option<u64>,
}

impl RolloutRules {
    /// Tells whether a person is asked between waves; there are some too where anything is chosen to be first.
    pub(crate) fn asks(&self, any_first: bool) -> bool {
        self.pause == Some(Pause::Ask) && (self.waves.is_some() || any_first)
    }

    /// Takes what is not said here from `below`.
    #[must_use]
    pub(crate) fn over(self, below: Self) -> Self {
        let Self { waves, pause, stop_after } = self;
        Self { waves: waves.or(below.waves), pause: pause.or(below.pause), stop_after: stop_after.or(below.stop_after) }
    }
}

impl fmt::Display for RolloutRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { waves, pause, stop_after } = self;
        let mut parts = Vec::new();
        parts.extend(waves.iter().map(|waves| format!("waves {waves}")));
        parts.extend(pause.and_then(|pause| match pause {
            Pause::None => None,
            Pause::For(time) => Some(format!("pause {} s", time.as_secs_f32())),
            Pause::Ask => Some(format!("pause {}", Pause::ASK)),
        }));
        parts.extend(stop_after.iter().map(|number| format!("stop after {number}")));
        f.write_str(if parts.is_empty() { "(none)".to_owned() } else { parts.join(", ") }.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waves_read_as_they_are_written() {
        for text in ["1", "1,10%,rest", "100%", "5,5"] {
            assert_eq!(text.parse::<Waves>().map(|waves| waves.to_string()), Ok(text.to_owned()));
        }
        for wrong in ["", "0", "0%", "101%", "-1", "1,,2", "rest,1", "all", "1.5", "5 %"] {
            assert!(wrong.parse::<Waves>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_share_is_one_step_at_least_and_what_is_left_is_a_last_wave() {
        let waves: Waves = "1,10%".parse().unwrap();
        let sizes = |all| waves.sizes().map(|size| size.steps(all)).collect::<Vec<_>>();
        assert_eq!(sizes(3), [1, 1, usize::MAX]);
        assert_eq!(sizes(301), [1, 31, usize::MAX]);
    }
}
