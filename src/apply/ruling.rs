//! The table of settling: what follows from what the server answered to a write, what is seen then, and what earlier
//! sends of the same write left open. Pure; a snapshot shows it whole.

/// Whether a step that is not applied may have changed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing was sent, or the server refused it.
    None,
    /// Something was written, or may have been.
    Possible,
}

/// What a step writes, as far as settling differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    /// A new client in its scope.
    Added,
    /// The content of a client.
    Changed,
    /// That a client is not there.
    Absent,
    /// The same, where the client comes back elsewhere: its content is needed.
    Moved,
}

/// What the server answered to one send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AnswerClass {
    /// That it is done.
    Done,
    /// A coded no: it certainly did not do this one.
    Refused,
    /// With a code, that it does not find the client.
    NotFound,
    /// The same without a code, which may come from anything between us and the server.
    Missing,
    /// Any other no without a code.
    TurnedAway,
    /// Nothing, because it was never reached.
    Unsent,
    /// That the session was over, as it was.
    Postponed,
    /// Nothing that is certain: the answer was lost, or asks to come back later.
    Lost,
}

/// What the sends before left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Doubt {
    /// Nothing.
    None,
    /// One had no certain answer: it may be carried out at any time.
    Open,
}

/// What reading shows after a send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// All is as it shall be.
    AsWanted,
    /// All is as it was.
    AsBefore,
    /// Some of what was sent is there, and nothing else is new.
    InPart,
    /// Something else is there than before and than was sent.
    Otherwise,
    /// The client is gone.
    Gone,
    /// Nothing that tells.
    Unclear,
    /// Nothing, because it could not be read, or reading contradicts itself: that may pass.
    Unread,
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ruling {
    /// It is settled.
    Settled(Settled),
    /// It may show later: worth another look, perhaps another send, and in the end this.
    Open(Again, Settled),
}

/// How a write ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    /// It is done and seen.
    Applied,
    /// It is not done, or not as it shall be.
    Failed(Effect),
    /// The client is not what the plan was made for.
    Stale,
    /// Nobody can tell.
    Unknown,
}

/// Whether the same write may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// It may.
    Yes,
    /// It may not.
    No,
}

impl AnswerClass {
    /// Gives what a send with this answer leaves open.
    fn leaves(self) -> Doubt {
        match self {
            Self::Done | Self::Refused | Self::NotFound | Self::Unsent => Doubt::None,
            Self::Missing | Self::TurnedAway | Self::Postponed | Self::Lost => Doubt::Open,
        }
    }

    /// Tells whether it says that the client is not there.
    pub(super) fn is_not_found(self) -> bool {
        matches!(self, Self::NotFound | Self::Missing)
    }
}

impl Doubt {
    /// Adds what one more send leaves open.
    pub(super) fn after(self, answered: AnswerClass) -> Self {
        self.max(answered.leaves())
    }

    /// Gives how a write ends of which nothing is seen.
    fn unseen(self) -> Settled {
        match self {
            Self::None => Settled::Failed(Effect::None),
            Self::Open => Settled::Unknown,
        }
    }
}

/// Rules on one send. `earlier` is what the sends before it left open.
pub(super) fn rule(goal: Goal, answered: AnswerClass, seen: Seen, earlier: Doubt) -> Ruling {
    let doubt = earlier.after(answered);
    match seen {
        Seen::AsWanted => Ruling::Settled(Settled::Applied),
        Seen::Gone => Ruling::Settled(gone(goal, answered, earlier)),
        Seen::AsBefore => as_before(goal, answered, doubt),
        Seen::InPart | Seen::Otherwise if (answered, earlier) == (AnswerClass::NotFound, Doubt::None) => {
            Ruling::Settled(Settled::Stale)
        }
        Seen::InPart | Seen::Otherwise => differs(answered, seen, doubt),
        Seen::Unclear | Seen::Unread if answered == AnswerClass::Refused => Ruling::Settled(doubt.unseen()),
        Seen::Unclear => Ruling::Settled(Settled::Unknown),
        Seen::Unread => Ruling::Open(Again::No, Settled::Unknown),
    }
}

/// A client that is gone is what a delete wants; whose content was needed, or was to be changed, is stale unless one of
/// our own sends may have found it.
fn gone(goal: Goal, answered: AnswerClass, earlier: Doubt) -> Settled {
    let not_ours = earlier == Doubt::None;
    match goal {
        // A change takes nothing away, whoever says that there is nothing to change.
        Goal::Changed if not_ours && answered.is_not_found() => Settled::Stale,
        Goal::Moved if not_ours && answered == AnswerClass::NotFound => Settled::Stale,
        Goal::Absent | Goal::Moved => Settled::Applied,
        Goal::Changed => Settled::Failed(Effect::Possible),
        Goal::Added => Settled::Unknown,
    }
}

/// Nothing has happened yet. A confirmed write should show; one that is in doubt still may, now or later. Only what may pass
/// is sent again: a lost answer, not one that says no. A client that was accepted may still show, and then a second Add made
/// two of it: only a later run may send another.
fn as_before(goal: Goal, answered: AnswerClass, doubt: Doubt) -> Ruling {
    match (answered, doubt) {
        (AnswerClass::Done, _) if goal == Goal::Added => Ruling::Open(Again::No, Settled::Unknown),
        (AnswerClass::Done, _) => Ruling::Open(Again::No, Settled::Failed(Effect::Possible)),
        (AnswerClass::Postponed | AnswerClass::Lost, _) => Ruling::Open(Again::Yes, doubt.unseen()),
        (_, Doubt::Open) => Ruling::Open(Again::No, doubt.unseen()),
        (_, Doubt::None) => Ruling::Settled(doubt.unseen()),
    }
}

/// Something else is there. What was sent may have been carried out in part, or be under way to a server that is read
/// elsewhere; what somebody else wrote ends no doubt.
fn differs(answered: AnswerClass, seen: Seen, doubt: Doubt) -> Ruling {
    match (answered, seen, doubt) {
        (AnswerClass::Done, _, _) | (_, Seen::InPart, Doubt::Open) => {
            Ruling::Open(Again::No, Settled::Failed(Effect::Possible))
        }
        (_, _, Doubt::Open) => Ruling::Open(Again::No, Settled::Unknown),
        (_, _, Doubt::None) => Ruling::Settled(Settled::Failed(Effect::None)),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    const GOALS: [Goal; 4] = [Goal::Added, Goal::Changed, Goal::Absent, Goal::Moved];
    const ANSWERS: [AnswerClass; 8] = [
        AnswerClass::Done,
        AnswerClass::Refused,
        AnswerClass::NotFound,
        AnswerClass::Missing,
        AnswerClass::TurnedAway,
        AnswerClass::Postponed,
        AnswerClass::Unsent,
        AnswerClass::Lost,
    ];
    const SIGHTS: [Seen; 7] =
        [Seen::AsWanted, Seen::AsBefore, Seen::InPart, Seen::Otherwise, Seen::Gone, Seen::Unclear, Seen::Unread];
    const DOUBTS: [Doubt; 2] = [Doubt::None, Doubt::Open];

    fn word(settled: Settled) -> &'static str {
        match settled {
            Settled::Applied => "applied",
            Settled::Failed(Effect::None) => "failed, no effect",
            Settled::Failed(Effect::Possible) => "failed",
            Settled::Stale => "stale",
            Settled::Unknown => "unknown",
        }
    }

    fn cell(ruling: Ruling) -> String {
        match ruling {
            Ruling::Settled(settled) => word(settled).to_owned(),
            Ruling::Open(Again::Yes, settled) => format!("look, send, {}", word(settled)),
            Ruling::Open(Again::No, settled) => format!("look, {}", word(settled)),
        }
    }

    /// Gives the row of an answer and a sight: one cell for each doubt, and one for all goals where they agree.
    fn row(answered: AnswerClass, seen: Seen) -> Vec<String> {
        let cells = |goal| DOUBTS.map(|doubt| cell(rule(goal, answered, seen, doubt)));
        let first = cells(Goal::Added);
        if GOALS.into_iter().all(|goal| cells(goal) == first) {
            return vec![format!("{:<10} {:<30} {}", "", first[0], first[1])];
        }
        let line = |goal| {
            let [none, open] = cells(goal);
            format!("{:<10} {none:<30} {open}", format!("{goal:?}"))
        };
        GOALS.map(line).to_vec()
    }

    #[test]
    fn the_table_of_what_follows_from_an_answer_and_a_look() {
        let mut out = format!("{:<33} {:<30} in doubt before\n", "", "no doubt before");
        for answered in ANSWERS {
            for seen in SIGHTS {
                for row in row(answered, seen) {
                    let _ =
                        writeln!(out, "{:<11} {:<10} {}", format!("{answered:?}"), format!("{seen:?}"), row.trim_end());
                }
            }
        }
        insta::assert_snapshot!(out);
    }

    #[test]
    fn what_has_no_certain_answer_never_fails_without_effect_and_never_ends_as_not_done() {
        for (goal, answered) in GOALS.into_iter().flat_map(|goal| ANSWERS.map(|answered| (goal, answered))) {
            for (seen, doubt) in SIGHTS.into_iter().flat_map(|seen| DOUBTS.map(|doubt| (seen, doubt))) {
                let (Ruling::Settled(end) | Ruling::Open(_, end)) = rule(goal, answered, seen, doubt);
                if doubt.after(answered) == Doubt::Open {
                    assert_ne!(end, Settled::Failed(Effect::None), "{goal:?} {answered:?} {seen:?}");
                    let unseen = seen == Seen::AsBefore && answered != AnswerClass::Done;
                    assert!(!unseen || end == Settled::Unknown, "{goal:?} {answered:?} {seen:?}");
                }
            }
        }
    }
}
