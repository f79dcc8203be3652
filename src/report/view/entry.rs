//! One client of a report, and what there is to say of it.

use std::borrow::Cow;

use super::{
    CONFIGURATION, Hue, LONGEST_NAME, Level, Mark, ScopeText, ShownDifference, ShownProblem, ShownValue, SourceLine,
    people,
};
use crate::text::{bounded, isolated};

/// One client and what there is to say of it.
#[derive(Debug, Clone)]
pub(crate) struct ReportEntry<'a> {
    pub(crate) number: Option<u64>,
    pub(crate) mark: Mark,
    /// Its colour.
    pub(crate) hue: Hue,
    /// The word for it: an action, an outcome, a state.
    pub(crate) state: &'static str,
    pub(crate) level: Level,
    /// Whether the word stands beside the client; the symbol says it otherwise.
    pub(crate) show_state: ShowState,
    pub(crate) client: Option<&'a str>,
    /// The description of a live client that git does not define: it stands where the name of others does.
    pub(crate) described: Option<ShownValue<'a>>,
    pub(crate) place: ScopeText,
    /// What the server calls the levels of the scope: the customer, the site, the person.
    pub(crate) labels: Vec<&'a str>,
    pub(crate) id: Option<&'a str>,
    /// Where the definition stands.
    pub(crate) at: Option<SourceLine<'a>>,
    /// Where who looks at the changed files finds what caused it.
    pub(crate) edited: Option<SourceLine<'a>>,
    /// What it may take from a live client that was left alone before.
    pub(crate) dangers: &'a [String],
    /// The column there, of a mistake.
    pub(crate) column: Option<u64>,
    pub(crate) changes: Vec<ShownDifference<'a>>,
    /// Short facts that belong to the edit: where it comes from, what it waits for.
    pub(crate) notes: Vec<String>,
    /// What it looks like a move of, and how it would be one. Those of a group each look like a move of their own.
    pub(crate) likely_move: Vec<String>,
    /// What it was before. Of a group, each was something else.
    pub(crate) was: Former<'a>,
    /// The id that the step gave it: the client's own, as its device is.
    pub(crate) new_id: Option<String>,
    /// A fact that does not belong to the edit: who changed the live client last.
    pub(crate) aside: Option<String>,
    /// Why something is not as it should be.
    pub(crate) problem: Option<ShownProblem<'a>>,
    pub(crate) complaint: IsComplaint,
    /// What tells it from others of the report that look alike.
    pub(crate) told: ToldApart,
}

/// What a client was before, where that is something else.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Former<'a> {
    pub(crate) client: Option<&'a str>,
    /// Its scope.
    pub(crate) place: Option<String>,
    /// How it comes from there, where that is known.
    pub(crate) moved_by: Option<&'static str>,
}

impl Former<'_> {
    /// Tells which of them there are.
    pub(crate) fn kinds(&self) -> [bool; 2] {
        let Self { client, place, moved_by: _ } = self;
        [client.is_some(), place.is_some()]
    }

    fn said(&self, now: &ScopeText) -> Vec<String> {
        let Self { client, place, moved_by } = self;
        let was = client.map(|from| format!("was `{from}`"));
        let how = moved_by.map(|how| format!(": {how}")).unwrap_or_default();
        let moves = place.as_ref().map(|from| format!("moves from {from} to {}{how}", now.text));
        was.into_iter().chain(moves).collect()
    }
}

/// Writes two scopes, of the second what is another: `417/1/104 → …/105`.
pub(crate) fn moved(from: &str, to: &str) -> String {
    let shared = from.split_inclusive('/').zip(to.split_inclusive('/')).take_while(|(one, other)| one == other);
    let shared: usize = shared.map(|(level, _)| level.len()).sum();
    match to.get(shared..) {
        Some(rest) if shared > 0 => format!("{from} → …/{rest}"),
        _ => format!("{from} → {to}"),
    }
}

/// What stands in the place of names that look like others: the same with code points. Not yet visible.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ToldApart {
    pub(crate) title: Option<String>,
    pub(crate) place: Option<String>,
    pub(crate) labels: Option<Vec<String>>,
}

/// Whether an entry is about what a file says and not about a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IsComplaint {
    No,
    Yes,
}

/// Whether the word of an entry stands beside its client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShowState {
    /// The symbol says enough.
    No,
    /// It does.
    Yes,
}

impl ReportEntry<'_> {
    /// Makes an entry with nothing but its mark, its word and its scope.
    pub(super) fn new(mark: Mark, state: &'static str, place: ScopeText) -> Self {
        Self {
            number: None,
            mark,
            hue: Hue::Mark(mark),
            state,
            level: mark.level(),
            show_state: ShowState::Yes,
            client: None,
            described: None,
            place,
            labels: Vec::new(),
            id: None,
            at: None,
            edited: None,
            dangers: &[],
            column: None,
            changes: Vec::new(),
            notes: Vec::new(),
            likely_move: Vec::new(),
            was: Former::default(),
            new_id: None,
            aside: None,
            problem: None,
            complaint: IsComplaint::No,
            told: ToldApart::default(),
        }
    }

    /// Gives everything short that is said of it.
    pub(crate) fn said(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.said_without_aside().chain(self.aside.as_deref().map(Cow::from))
    }

    /// Gives everything short that is said of it, besides who changed it last.
    pub(crate) fn said_without_aside(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let notes = self.notes.iter().chain(&self.likely_move).chain(&self.new_id);
        self.was.said(&self.place).into_iter().map(Cow::from).chain(notes.map(|note| Cow::from(note.as_str())))
    }

    /// Gives what is so of it alone, and not of all in its group.
    pub(crate) fn said_of_itself(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let own = self.likely_move.iter().chain(&self.new_id).chain(&self.aside);
        self.was.said(&self.place).into_iter().map(Cow::from).chain(own.map(|note| Cow::from(note.as_str())))
    }

    /// Tells whether anything tells it from others: a definition or a scope.
    pub(crate) fn is_named(&self) -> bool {
        self.client.is_some() || !self.place.text.is_empty()
    }

    /// Says where it is, beside its name, and where it was; without a name and a description the scope is its name already.
    pub(crate) fn whereabouts(&self) -> Cow<'_, str> {
        match &self.was.place {
            _ if self.client.is_none() && self.described.is_none() => Cow::Borrowed(""),
            Some(from) => {
                let moved = moved(from, self.shown_place());
                Cow::Owned(isolated(bounded(&moved, 2 * LONGEST_NAME)).into_owned())
            }
            None => self.scope(),
        }
    }

    /// Gives its scope.
    pub(crate) fn scope(&self) -> Cow<'_, str> {
        isolated(bounded(self.shown_place(), LONGEST_NAME))
    }

    fn shown_place(&self) -> &str {
        self.told.place.as_ref().unwrap_or(&self.place.text)
    }

    /// Gives what the server calls the levels of the scope in one line: `Sunshine Insurance · Anne Hunter`.
    pub(crate) fn people(&self) -> String {
        match &self.told.labels {
            Some(told) => people(told),
            None => people(&self.labels),
        }
    }

    /// Says where its definition stands, or that there is none.
    pub(crate) fn written(&self) -> Option<String> {
        let column = self.column.map(|column| format!(":{column}")).unwrap_or_default();
        match (self.at, self.client, self.mark) {
            (Some(at), ..) => Some(format!("{at}{column}")),
            (None, None, Mark::Delete | Mark::Blocked) => Some("not in git".to_owned()),
            (None, ..) => None,
        }
    }

    /// Tells whether it is about no client, but about what is done to all of them.
    pub(crate) fn is_configuration(&self) -> bool {
        self.client == Some(CONFIGURATION)
    }

    /// Tells whether it destroys a live client.
    pub(crate) fn is_destructive(&self) -> bool {
        self.mark.is_destructive()
    }
}
