//! What is said of an add that looks like a move.

use super::people;
use crate::document::{LikelyMoveV1, LikelyOriginV1};
use crate::redact::Shown;
use crate::text::{bounded, counted};

/// What is said of an add: what is so of it alone, and what is so of all adds with its content.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct LikelyWords {
    pub(super) own: Vec<String>,
    pub(super) shared: Vec<String>,
}

/// Says what an add may be meant to move, and how it would be a move. Of several nobody guesses.
pub(super) fn words(likely: &LikelyMoveV1) -> LikelyWords {
    let LikelyMoveV1 { of, clients, adds, pinnable } = likely;
    let place =
        if *pinnable { "in the definition" } else { "in a definition of its own, as a fleet has no line for it" };
    match &of[..] {
        [] => LikelyWords::default(),
        [one] if (*clients, *adds) == (1, 1) => LikelyWords {
            own: vec![
                format!("looks like a move of {}", title(one)),
                format!("to make it one, pin it {place}: {}", pin(one)),
            ],
            shared: Vec::new(),
        },
        several => {
            let others = match *adds {
                0 | 1 => String::new(),
                2 => ", as 1 more add has".to_owned(),
                adds => format!(", as {} more adds have", adds - 1),
            };
            let live = counted(usize::try_from(*clients).unwrap_or(usize::MAX), "live client");
            let mut shared = vec![format!(
                "has the content of {live} that git does not define{others}: it may be a move, nobody can tell of which"
            )];
            shared.extend(several.iter().map(|one| format!("  {}   {}", title(one), pin(one))));
            let more = clients.saturating_sub(several.len() as u64);
            shared.extend((more > 0).then(|| format!("  and {more} more")));
            shared.push(format!("to make it a move, pin the one that is meant {place}"));
            LikelyWords { own: Vec::new(), shared }
        }
    }
}

fn pin(origin: &LikelyOriginV1) -> String {
    format!("id: \"{}\"", bounded(origin.id.as_str(), 200))
}

fn described(description: &Shown) -> String {
    match description {
        Shown::Plain(text) => bounded(&text.value().to_string(), 60).into_owned(),
        Shown::Sensitive(_) => "(sensitive)".to_owned(),
    }
}

/// Names it: `"Front desk" 417/1/01234567120 (Sunshine Insurance · Anne Hunter)`.
fn title(origin: &LikelyOriginV1) -> String {
    let LikelyOriginV1 { id: _, scope, labels, description } = origin;
    let people = people(&labels.texts().collect::<Vec<_>>());
    let people = if people.is_empty() { people } else { format!(" ({people})") };
    format!("{} {scope}{people}", described(description))
}
