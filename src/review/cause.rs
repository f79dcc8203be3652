//! Which line caused a change: the one that a value was written on, unless that line stood there before as well.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::manifest::{ConfigWording, Source};
use crate::model::{Declared, FilePath, Location};

/// What a revision was read from.
#[derive(Clone, Copy)]
pub(crate) struct RevisionFiles<'a> {
    pub source: &'a dyn Source,
    /// The variables of its target as they are written.
    pub vars: &'a BTreeMap<String, Declared<String>>,
    /// What else decides a run; none where a side has nothing to compare with.
    pub rules: &'a ConfigWording,
}

/// One of the trees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum ReviewSide {
    Base,
    Head,
}

/// A line of one of the trees.
type SideLine = (FilePath, ReviewSide, u32);

/// What caused the changes of values, by the lines that these are written on.
#[derive(Default)]
pub(super) struct Causes(HashMap<SideLine, Option<Location>>);

impl Causes {
    /// Finds the causes of changes of values that are written at `places`. Each file is read once, and what is kept grows with
    /// the places, however long files and lines are.
    pub(super) fn find<'p>(
        [base, head]: [RevisionFiles<'_>; 2],
        places: impl Iterator<Item = (ReviewSide, &'p Location)>,
    ) -> Self {
        let mut files: BTreeMap<&FilePath, BTreeSet<(ReviewSide, u32)>> = BTreeMap::new();
        for (side, at) in places {
            files.entry(&at.file).or_default().insert((side, at.line));
        }
        let mut found = HashMap::new();
        for (file, lines) in files {
            // What cannot be read any more has no lines: then the line itself is the cause.
            let texts = [base, head].map(|tree| tree.source.read(file).unwrap_or_default());
            let texts = texts.each_ref().map(|text| String::from_utf8_lossy(text));
            let of_file = CausesOfFile::new(texts.each_ref().map(|text| &**text), &lines);
            for line @ (side, number) in lines {
                let cause = of_file.of(line, || Location { file: file.clone(), line: number, column: 1 }, (base, head));
                found.insert((file.clone(), side, number), cause);
            }
        }
        Self(found)
    }

    /// Gives the line that caused a change of a value that is written at `at` on one side: that line if it is new there,
    /// else the variable in it that has another value. `None`: what changed is how the client comes by the line.
    pub(super) fn of(&self, side: ReviewSide, at: &Location) -> Option<Location> {
        self.0.get(&(at.file.clone(), side, at.line)).cloned().flatten()
    }
}

/// The lines of a file that are asked for.
struct CausesOfFile<'t> {
    texts: HashMap<(ReviewSide, u32), &'t str>,
    /// How often each of these texts stands in the base and in the head.
    counts: HashMap<&'t str, [usize; 2]>,
}

impl<'t> CausesOfFile<'t> {
    fn new(sides: [&'t str; 2], asked: &BTreeSet<(ReviewSide, u32)>) -> Self {
        let mut texts = HashMap::new();
        for (side, text) in [ReviewSide::Base, ReviewSide::Head].into_iter().zip(sides) {
            let of_side = |line: &(ReviewSide, u32)| line.0 == side;
            let mut lines = (1..).zip(text.lines());
            for line in asked.iter().copied().filter(of_side) {
                let Some((_, text)) = lines.find(|(number, _)| *number == line.1) else { break };
                texts.insert(line, text);
            }
        }
        let mut counts: HashMap<&str, [usize; 2]> = texts.values().map(|text| (*text, [0, 0])).collect();
        for (side, text) in sides.into_iter().enumerate() {
            for line in text.lines() {
                if let Some(count) = counts.get_mut(line) {
                    count[side] += 1;
                }
            }
        }
        Self { texts, counts }
    }

    fn of(
        &self,
        line: (ReviewSide, u32),
        at: impl FnOnce() -> Location,
        (base, head): (RevisionFiles<'_>, RevisionFiles<'_>),
    ) -> Option<Location> {
        let text = self.texts.get(&line)?;
        let [before, after] = self.counts.get(text).copied().unwrap_or_default();
        let (own, other) = match line.0 {
            ReviewSide::Base => (before, after),
            ReviewSide::Head => (after, before),
        };
        if own > other { Some(at()) } else { variable(text, base.vars, head.vars) }
    }
}

/// The variables of a target in one of the trees.
type RevisionVars = BTreeMap<String, Declared<String>>;

/// Finds the first variable in a line that has another value in the other tree.
fn variable(text: &str, base: &RevisionVars, head: &RevisionVars) -> Option<Location> {
    let names = text.split("${var.").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
    names.into_iter().find_map(|name| {
        let (before, after) = (base.get(name), head.get(name));
        let differs = before.map(|one| &one.value) != after.map(|one| &one.value);
        after.or(before).filter(|_| differs).map(|one| Location { column: 1, ..one.at.clone() })
    })
}
