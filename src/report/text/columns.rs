//! How wide each column of the heads of entries is, so that they fit the terminal.

use std::collections::{BTreeSet, HashSet};

use unicode_width::UnicodeWidthStr as _;

use super::super::Grouping;
use super::super::group::{Group, title};
use super::super::view::{ReportEntry, ShowState};
use crate::text::{cut_middle, shared_room};

/// The widest column: without a width, a longer text pushes the rest of its own line only.
pub(super) const WIDEST: usize = 44;
/// What stands between two columns.
pub(super) const GAP: usize = 3;
/// The least that a name, what the server calls a place, and where a definition stands are cut to.
const LEAST: [usize; 3] = [20, 14, 24];
/// The least of a name where nothing else can give way.
const LEAST_NAME: usize = 8;

/// The columns of the heads of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct HeadWidths {
    pub(super) number: usize,
    pub(super) name: usize,
    pub(super) place: usize,
    pub(super) people: usize,
    pub(super) state: usize,
    /// Where the definition stands, or in a brief report what there is to say.
    pub(super) rest: usize,
    /// How many of the last columns have no room and stand on a line of their own.
    pub(super) below: usize,
    /// The least of a name by which those that are cut still look different; more than there is where they never do.
    pub(super) distinct: usize,
}

impl HeadWidths {
    /// Measures everything that is shown.
    pub(super) fn of(
        groups: &[Group<'_, '_>],
        grouping: Grouping,
        most: Option<usize>,
        rest: impl Fn(&ReportEntry<'_>) -> String,
    ) -> Self {
        let (mut widths, mut names) = (Self::default(), BTreeSet::new());
        for group in groups {
            let all = group.first.mark.is_destructive() || grouping == Grouping::Brief;
            let shown = if all { group.others.as_slice() } else { &[] };
            for entry in std::iter::once(&group.first).chain(shown) {
                widths.measure(entry, most, &rest(entry));
                names.insert(title(entry));
            }
        }
        if let Some(most) = most {
            widths.distinct = distinct(&names, most.saturating_sub(widths.start()));
            if widths.distinct <= most {
                widths.name = widths.name.max(widths.distinct);
            }
        }
        widths
    }

    /// Gives entries and what stands besides them the same columns if these fit, else each its own.
    pub(super) fn fitting_both(one: Self, other: Self, most: Option<usize>, grouping: Grouping) -> (Self, Self) {
        let number = one.number.max(other.number);
        let both = Self {
            number,
            name: one.name.max(other.name),
            place: one.place.max(other.place),
            people: one.people.max(other.people),
            state: one.state.max(other.state),
            rest: one.rest.max(other.rest),
            below: 0,
            distinct: one.distinct.max(other.distinct),
        };
        match most {
            Some(most) if both.fitting(most, grouping) != both => {
                (Self { number, ..one }.fitting(most, grouping), Self { number, ..other }.fitting(most, grouping))
            }
            _ => (both, both),
        }
    }

    fn measure(&mut self, entry: &ReportEntry<'_>, most: Option<usize>, rest: &str) {
        let fit = |text: &str| match text.width() {
            width if width <= WIDEST => width,
            _ if most.is_some() => WIDEST,
            _ => 0,
        };
        self.number = self.number.max(entry.number.map_or(0, |number| number.to_string().len()));
        self.name = self.name.max(fit(&title(entry)));
        self.place = self.place.max(fit(&entry.whereabouts()));
        self.people = self.people.max(fit(&entry.people()));
        self.rest = self.rest.max(rest.width());
        if entry.show_state == ShowState::Yes {
            self.state = self.state.max(entry.state.width());
        }
    }

    /// Gives how much stands before the name.
    pub(super) fn start(&self) -> usize {
        // The number behind a blank, a blank, the symbol and a blank.
        if self.number == 0 { GAP } else { self.number + 1 + GAP }
    }

    /// Cuts what may be cut, the longest first, and puts below what has no room even then.
    fn fitting(mut self, most: usize, grouping: Grouping) -> Self {
        self.place = self.place.min(most / 2);
        let spaced = |width: usize| if width == 0 { 0 } else { GAP + width };
        for below in 0..=3 {
            let [people, state, rest] = under(below, grouping).map(|under| !under);
            let flexible = [Some(self.name), people.then_some(self.people), rest.then_some(self.rest)];
            let flexible = flexible.map(Option::unwrap_or_default);
            let gaps = flexible[1..].iter().filter(|width| **width > 0).count() * GAP;
            let state = if state { spaced(self.state) } else { 0 };
            let fixed = self.start() + spaced(self.place) + state + gaps;
            let room = most.saturating_sub(fixed);
            let last = below == 3;
            let distinct = if self.distinct > most { 0 } else { self.distinct };
            let narrowest = [LEAST[0].max(distinct), LEAST[1], LEAST[2]];
            let needed: usize = flexible.iter().zip(narrowest).map(|(width, least)| least.min(*width)).sum();
            if last || needed <= room {
                let shared = shared_room(&flexible, &narrowest, room);
                let (name, people, rest) = (shared[0], shared[1], shared[2]);
                let name = name.min(room.max(LEAST_NAME));
                let brief = grouping == Grouping::Brief;
                let kept = |shown: usize, all: usize| if shown > 0 || brief { shown } else { all };
                return Self { name, people: kept(people, self.people), rest: kept(rest, self.rest), below, ..self };
            }
        }
        self
    }
}

/// Gives the least width by which names that are cut still differ, if they do within the most.
fn distinct(names: &BTreeSet<String>, most: usize) -> usize {
    const STEP: usize = 4;
    let all_differ = |width: &usize| {
        let mut cut = HashSet::new();
        names.iter().filter(|name| name.width() > *width).all(|name| cut.insert(cut_middle(name, *width).into_owned()))
    };
    let widest = names.iter().map(|name| name.width()).max().unwrap_or_default();
    if widest <= LEAST[0] {
        return 0;
    }
    let found = (LEAST[0]..=most.min(widest + STEP)).step_by(STEP).find(all_differ);
    found.map_or(usize::MAX, |width| width.min(widest))
}

/// Tells of what the server calls a place, the state and the rest whether they stand below. A brief line leaves them out, and
/// what there is to say last.
pub(super) fn under(below: usize, grouping: Grouping) -> [bool; 3] {
    let last = if grouping == Grouping::Brief { [1, 3, 2] } else { [2, 3, 1] };
    last.map(|last| below >= last)
}

/// Cuts text to its column, if there is one.
pub(super) fn cut(text: String, width: usize, most: Option<usize>) -> String {
    if most.is_some() { cut_middle(&text, width).into_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_room_stands_below() {
        let widths =
            HeadWidths { number: 2, name: 20, place: 17, people: 30, state: 7, rest: 33, below: 0, distinct: 0 };
        let fitted = |most| widths.fitting(most, Grouping::Grouped);
        assert_eq!(fitted(200), widths);
        assert_eq!(fitted(100), HeadWidths { people: 14, rest: 24, ..widths });
        assert_eq!(fitted(70), HeadWidths { below: 2, ..widths });
        assert_eq!(fitted(40), HeadWidths { name: 14, below: 3, ..widths });
    }

    #[test]
    fn names_get_the_room_by_which_they_differ() {
        let names =
            |middles: &[&str]| middles.iter().map(|one| format!("sunshine-insurance-{one}-reception-desk")).collect();
        let width = distinct(&names(&["north", "south", "east"]), 70);
        let cut: BTreeSet<String> = names(&["north", "south", "east"])
            .iter()
            .map(|name: &String| cut_middle(name, width).into_owned())
            .collect();
        assert!(cut.len() == 3 && width > LEAST[0], "{width} {cut:?}");
        assert_eq!(distinct(&names(&["north"]), 70), LEAST[0]);
        assert_eq!(distinct(&names(&["north", "south"]), 30), usize::MAX, "the middle is where they differ");
        assert_eq!(distinct(&BTreeSet::from(["desk".to_owned()]), 70), 0);
    }
}
