//! Which line caused a change: the one that a value was written on, unless that line stood there before as well.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use crate::manifest::Source;
use crate::model::{Declared, Location};

/// What a revision was read from.
#[derive(Clone, Copy)]
pub(crate) struct RevisionFiles<'a> {
    pub source: &'a dyn Source,
    /// The variables of its target as they are written.
    pub vars: &'a BTreeMap<String, Declared<String>>,
    /// What else decides a plan, in words.
    pub rules: &'a BTreeMap<&'static str, String>,
}

/// The lines of a file and how often each stands in it.
type Lines = Rc<(Vec<String>, HashMap<String, usize>)>;

/// Tells causes of changes between two trees.
pub(super) struct Causes<'a> {
    base: RevisionFiles<'a>,
    head: RevisionFiles<'a>,
    read: RefCell<HashMap<(ReviewSide, Arc<str>), Lines>>,
}

/// One of the trees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum ReviewSide {
    Base,
    Head,
}

impl<'a> Causes<'a> {
    pub(super) fn new(base: RevisionFiles<'a>, head: RevisionFiles<'a>) -> Self {
        Self { base, head, read: RefCell::default() }
    }

    /// Gives the line that caused a change of a value that is written at `at` on one side: that line if it is new there,
    /// else the variable in it that has another value. `None`: what changed is how the client comes by the line.
    pub(super) fn of(&self, side: ReviewSide, at: &Location) -> Option<Location> {
        let (own, other) = match side {
            ReviewSide::Base => (self.lines(ReviewSide::Base, &at.file), self.lines(ReviewSide::Head, &at.file)),
            ReviewSide::Head => (self.lines(ReviewSide::Head, &at.file), self.lines(ReviewSide::Base, &at.file)),
        };
        let place = at.line.checked_sub(1).and_then(|line| usize::try_from(line).ok());
        let text = place.and_then(|place| own.0.get(place))?;
        let count = |lines: &Lines| lines.1.get(text).copied().unwrap_or_default();
        if count(&own) > count(&other) {
            return Some(at.clone());
        }
        self.variable(text)
    }

    /// Finds the first variable in a line that has another value in the other tree.
    fn variable(&self, text: &str) -> Option<Location> {
        let names = text.split("${var.").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
        names.into_iter().find_map(|name| {
            let (before, after) = (self.base.vars.get(name), self.head.vars.get(name));
            let differs = before.map(|one| &one.value) != after.map(|one| &one.value);
            after.or(before).filter(|_| differs).map(|one| one.at.clone())
        })
    }

    fn lines(&self, side: ReviewSide, file: &Arc<str>) -> Lines {
        let key = (side, Arc::clone(file));
        if let Some(lines) = self.read.borrow().get(&key) {
            return Rc::clone(lines);
        }
        let tree = match side {
            ReviewSide::Base => self.base,
            ReviewSide::Head => self.head,
        };
        // What cannot be read any more has no lines: then the line itself is the cause.
        let bytes = tree.source.read(file).unwrap_or_default();
        let lines: Vec<String> = String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect();
        let mut counts = HashMap::new();
        for line in &lines {
            *counts.entry(line.clone()).or_default() += 1;
        }
        let lines = Rc::new((lines, counts));
        self.read.borrow_mut().insert(key, Rc::clone(&lines));
        lines
    }
}
