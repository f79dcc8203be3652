//! What is said of an add that looks like a move.

use super::people;
use crate::document::{LikelyMoveV1, LikelyOriginV1, RemovedOriginV1};
use crate::model::ClientId;
use crate::redact::Shown;
use crate::text::{bounded, counted};

/// What is said of an add: what is so of it alone, and what is so of all adds with its content.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct LikelyWords {
    pub(super) own: Vec<String>,
    pub(super) shared: Vec<String>,
}

/// What an add may be meant to move.
struct PossibleMoves {
    /// The first few: what each is called, and the line that pins it as far as it is known.
    of: Vec<(String, Option<String>)>,
    clients: u64,
    adds: u64,
    pinnable: bool,
    /// What one of them is: its kind, and why it is one that may be meant.
    what: (&'static str, &'static str),
}

/// Says what an add of a plan may be meant to move, and how it would be a move.
pub(super) fn of_plan(likely: &LikelyMoveV1) -> LikelyWords {
    let LikelyMoveV1 { of, clients, adds, pinnable } = likely;
    words(&PossibleMoves {
        of: of.iter().map(|one| (live(one), Some(pin(&one.id)))).collect(),
        clients: *clients,
        adds: *adds,
        pinnable: *pinnable,
        what: ("live client", "that git does not define"),
    })
}

/// Says what a definition that comes may be meant to move, and how it would be a move.
pub(super) fn of_review(likely: &LikelyMoveV1<RemovedOriginV1>) -> LikelyWords {
    let LikelyMoveV1 { of, clients, adds, pinnable } = likely;
    words(&PossibleMoves {
        of: of.iter().map(|one| (removed(one), one.id.as_ref().map(pin))).collect(),
        clients: *clients,
        adds: *adds,
        pinnable: *pinnable,
        what: ("definition", "removed here"),
    })
}

/// Says what it looks like a move of. Of several nobody guesses.
fn words(likely: &PossibleMoves) -> LikelyWords {
    let PossibleMoves { of, clients, adds, pinnable, what: (kind, reason) } = likely;
    let place =
        if *pinnable { "in the definition" } else { "in a definition of its own, as a fleet has no line for it" };
    match &of[..] {
        [] => LikelyWords::default(),
        [(title, pin)] if (*clients, *adds) == (1, 1) => LikelyWords {
            own: vec![
                format!("looks like a move of {title}"),
                match pin {
                    Some(pin) => format!("to make it one, pin it {place}: {pin}"),
                    None => format!("to make it one, pin it {place}: `icsync plan --prune` shows the `id:` to write"),
                },
            ],
            shared: Vec::new(),
        },
        several => {
            let others = match *adds {
                0 | 1 => String::new(),
                2 => ", as 1 more add has".to_owned(),
                adds => format!(", as {} more adds have", adds - 1),
            };
            let all = counted(usize::try_from(*clients).unwrap_or(usize::MAX), kind);
            let mut shared =
                vec![format!("has the content of {all} {reason}{others}: it may be a move, nobody can tell of which")];
            let line = |(title, pin): &(String, Option<String>)| match pin {
                Some(pin) => format!("  {title}   {pin}"),
                None => format!("  {title}"),
            };
            shared.extend(several.iter().map(line));
            let more = clients.saturating_sub(several.len() as u64);
            shared.extend((more > 0).then(|| format!("  and {more} more")));
            shared.push(format!("to make it a move, pin the one that is meant {place}"));
            LikelyWords { own: Vec::new(), shared }
        }
    }
}

fn pin(id: &ClientId) -> String {
    format!("id: \"{}\"", bounded(id.as_str(), 200))
}

fn described(description: &Shown) -> String {
    match description {
        Shown::Plain(text) => bounded(&text.value().to_string(), 60).into_owned(),
        Shown::Sensitive(_) => "(sensitive)".to_owned(),
    }
}

/// Names it: `"Front desk" 417/1/01234567120 (Sunshine Insurance · Anne Hunter)`.
fn live(origin: &LikelyOriginV1) -> String {
    let LikelyOriginV1 { id: _, scope, labels, description } = origin;
    let people = people(&labels.texts().collect::<Vec<_>>());
    let people = if people.is_empty() { people } else { format!(" ({people})") };
    format!("{} {scope}{people}", described(description))
}

/// Names a definition that goes: `` `front-desk` (417/1/01234567120) ``.
fn removed(origin: &RemovedOriginV1) -> String {
    let RemovedOriginV1 { client, scope, id: _ } = origin;
    format!("`{client}` ({scope})")
}
