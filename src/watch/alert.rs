//! Whether there is something to tell: only when things stand otherwise than before.

use super::round::{RoundOutcome, UNMANAGED, WatchRound};

/// What a receiver is told.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Alert {
    /// How things stood, if that is known.
    pub(crate) before: Option<RoundOutcome>,
    pub(crate) round: WatchRound,
    /// Whether the files have become invalid or valid again.
    pub(crate) files: FilesTurn,
}

/// What became of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FilesTurn {
    /// They are as valid as before.
    Same,
    Broken,
    Mended,
}

/// Compares a round with the one before it, and tells what is to be told. A first round that is in sync is no news.
pub(crate) fn alert(before: Option<&WatchRound>, round: &WatchRound) -> Option<Alert> {
    let files = match (before.and_then(|before| before.broken.as_ref()), &round.broken) {
        (None, Some(_)) => FilesTurn::Broken,
        (Some(_), None) => FilesTurn::Mended,
        (Some(_), Some(_)) | (None, None) => FilesTurn::Same,
    };
    let news = match before {
        _ if round.outcome == RoundOutcome::Interrupted => false,
        _ if !round.steps.is_empty() || files != FilesTurn::Same => true,
        None => round.outcome != RoundOutcome::InSync,
        Some(before) => !stands_as(before, round),
    };
    news.then(|| Alert { before: before.map(|before| before.outcome), round: round.clone(), files })
}

/// Tells whether things stand as before. What was applied is in sync the next time, which is no news.
fn stands_as(before: &WatchRound, round: &WatchRound) -> bool {
    if before.outcome == RoundOutcome::Applied && round.outcome == RoundOutcome::InSync {
        return true;
    }
    // What is ignored may change while all else is in sync.
    let differs = round.outcome.is_compared() && round.outcome != RoundOutcome::InSync;
    before.outcome == round.outcome && (!differs || before.standing == round.standing)
}

impl Alert {
    /// Says it in one line.
    pub(crate) fn headline(&self) -> String {
        let WatchRound { outcome, message, .. } = &self.round;
        let differing = self.round.all_differing();
        match (self.files, outcome) {
            (FilesTurn::Broken, _) => "the files cannot be used: the last good ones stand in for them".to_owned(),
            (FilesTurn::Mended, RoundOutcome::InSync) => "the files can be used again, and all is in sync".to_owned(),
            (_, RoundOutcome::InSync) => "all is in sync again".to_owned(),
            (_, RoundOutcome::Differs) if differing == 0 => {
                let unmanaged = self.round.counts.get(UNMANAGED).copied().unwrap_or_default();
                format!("live and git differ: {unmanaged} unmanaged")
            }
            (_, RoundOutcome::Differs) => format!("live and git differ: {}", clients(differing)),
            (_, RoundOutcome::Applied | RoundOutcome::Withheld | RoundOutcome::Partial | RoundOutcome::InDoubt)
                if !self.round.steps.is_empty() =>
            {
                format!("{}: {}", outcome.words(), self.steps())
            }
            _ => match message {
                Some(message) => format!("{}: {message}", outcome.words()),
                None => outcome.words().to_owned(),
            },
        }
    }

    /// Says what became of the steps.
    fn steps(&self) -> String {
        let steps = self.round.steps.iter().map(|(outcome, count)| format!("{count} {outcome}"));
        let steps = steps.collect::<Vec<_>>().join(", ");
        match self.round.destroyed {
            0 => steps,
            count => format!("{steps}, and with that {} deleted or replaced", clients(count)),
        }
    }

    /// Says what belongs to it, a line each.
    pub(crate) fn details(&self) -> Vec<String> {
        let WatchRound { message, help, broken, commit, dirty, run, differing, .. } = &self.round;
        let beside = if *dirty { "changes on top of " } else { "" };
        let mut lines = Vec::new();
        lines.extend(broken.iter().cloned());
        lines.extend(message.iter().filter(|message| !self.headline().ends_with(message.as_str())).cloned());
        lines.extend(help.iter().map(|help| format!("help: {help}")));
        let servers: Vec<String> = differing.iter().map(|(telsys, count)| format!("{telsys}: {count}")).collect();
        lines.extend((!servers.is_empty()).then(|| format!("by telephony server: {}", servers.join(", "))));
        lines.extend(commit.iter().map(|commit| format!("{beside}commit {commit}")));
        lines.extend(run.iter().map(|run| format!("run {run}")));
        lines
    }
}

fn clients(count: u64) -> String {
    if count == 1 { "1 client".to_owned() } else { format!("{count} clients") }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn round(outcome: RoundOutcome, standing: &str) -> WatchRound {
        let round = WatchRound::begin(Timestamp::UNIX_EPOCH, "timer");
        WatchRound { outcome, standing: standing.to_owned(), ..round }
    }

    fn told(rounds: &[WatchRound]) -> Vec<String> {
        let before = std::iter::once(None).chain(rounds.iter().map(Some));
        before.zip(rounds).filter_map(|(before, round)| Some(alert(before, round)?.headline())).collect()
    }

    #[test]
    fn a_story_is_told_once_for_each_turn() {
        use RoundOutcome::{Applied, Differs, InSync, Refused, Unreachable};
        let broken = WatchRound { broken: Some("clients/a.yaml:3:1".to_owned()), ..round(InSync, "") };
        let mut one = round(Differs, "a");
        one.differing.insert(417, 1);
        let mut two = round(Differs, "b");
        two.differing.insert(417, 2);
        let mut applied = round(Applied, "b");
        applied.steps.insert("applied".to_owned(), 2);
        applied.destroyed = 1;
        let mut refused = round(Refused, "c");
        refused.message = Some("the plan would delete or replace 5 of 9 managed clients".to_owned());
        let down = round(Unreachable, "");
        let sync = round(InSync, "");
        let story = [
            &sync, &sync, &one, &one, &two, &applied, &sync, &down, &down, &sync, &broken, &broken, &sync, &refused,
            &refused,
        ];
        assert_eq!(
            told(&story.map(Clone::clone)),
            [
                "live and git differ: 1 client",
                "live and git differ: 2 clients",
                "applied: 2 applied, and with that 1 client deleted or replaced",
                "the server does not answer",
                "all is in sync again",
                "the files cannot be used: the last good ones stand in for them",
                "the files can be used again, and all is in sync",
                "refused: the plan would delete or replace 5 of 9 managed clients",
            ]
        );
    }

    #[test]
    fn a_first_round_is_news_unless_it_is_in_sync_and_an_interrupted_one_never() {
        assert_eq!(told(&[round(RoundOutcome::InSync, "")]), Vec::<String>::new());
        assert_eq!(told(&[round(RoundOutcome::Failed, "")]), ["failed"]);
        assert_eq!(told(&[round(RoundOutcome::Interrupted, "")]), Vec::<String>::new());
    }

    #[test]
    fn unmanaged_clients_that_come_and_go_are_no_news_while_they_do_not_count() {
        let rounds = [round(RoundOutcome::InSync, "none"), round(RoundOutcome::InSync, "an unmanaged one")];
        assert_eq!(told(&rounds), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn what_stays_as_it_is_is_never_told_again(outcome in 0..RoundOutcome::ALL.len(), standing in "[ab]") {
            let round = round(RoundOutcome::ALL[outcome], &standing);
            prop_assert_eq!(alert(Some(&round), &round), None);
        }
    }
}
