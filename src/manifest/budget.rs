//! What the definitions of one load may take together, whatever file says it: memory is bounded by what is made, not by what
//! is written.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::diagnostic::{Code, Diagnostic, Label, Place, Severity};

/// How many bytes aliases, variables, templates, the text of profiles and long texts may make in all files together.
const MOST_EXPANDED: usize = 64 * 1024 * 1024;
/// What a value counts that is made, beside its text, in bytes.
const VALUE: usize = 32;
/// How many keys, patterns and names may be copied where profiles, templates and own keys are laid over each other: what a
/// client takes over whole is shared and counts nothing. As many as 100,000 clients of 80 such keys.
const MOST_LAID: usize = 8_000_000;
/// How many keys all clients may have together, shared or not: whoever compares clients looks at each. As many as 250,000 clients of
/// 128 keys.
const MOST_HAD: usize = 32_000_000;
/// How many clients the definitions may name.
pub(super) const MOST_CLIENTS: usize = 250_000;
/// How many mistakes are told, and how many warnings: nobody reads more, and each takes more room than what it is about.
pub(crate) const MOST_TOLD: usize = 50_000;
/// After how many mistakes no more names are searched that may have been meant.
const MOST_SEARCHED: usize = 200;
/// How many bytes of files with mistakes are kept for showing their lines.
const MOST_KEPT: usize = 64 * 1024 * 1024;
/// How many bytes all files together may have.
const MOST_READ: usize = 512 * 1024 * 1024;

/// How many bytes all CSV files together may have: they are kept until every fleet has its clients. As many as 250,000 devices with
/// 200 bytes each.
const MOST_OF_TABLES: usize = 48 * 1024 * 1024;

/// Counts what the files of one load take, on all threads.
#[derive(Debug, Default)]
pub(super) struct Budget {
    expanded: AtomicUsize,
    laid: AtomicUsize,
    had: AtomicUsize,
    clients: AtomicUsize,
    read: AtomicUsize,
    tables: AtomicUsize,
    kept: AtomicUsize,
    mistakes: AtomicUsize,
    warnings: AtomicUsize,
}

/// Mistakes that are collected, as many as a budget lets be told.
#[derive(Debug, Default)]
pub(super) struct Mistakes {
    budget: Arc<Budget>,
    kept: Vec<Diagnostic>,
    /// How many were found, told or not.
    count: usize,
}

impl Mistakes {
    pub(super) fn within(budget: &Arc<Budget>) -> Self {
        Self { budget: Arc::clone(budget), kept: Vec::new(), count: 0 }
    }

    pub(super) fn push(&mut self, one: Diagnostic) {
        self.count += 1;
        self.kept.extend(self.budget.tell(one));
    }

    pub(super) fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    /// Takes over what was told already.
    pub(super) fn absorb(&mut self, mut told: Self) {
        self.count += told.count;
        self.kept.append(&mut told.kept);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.kept.iter()
    }

    /// Tells whether it is still worth it to look for the name that was meant: where thousands are wrong nobody reads which, and each
    /// search looks at all names.
    pub(super) fn is_worth_a_search(&self) -> bool {
        self.count < MOST_SEARCHED
    }

    /// Counts what was found, told or not.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn into_vec(self) -> Vec<Diagnostic> {
        self.kept
    }
}

impl Extend<Diagnostic> for Mistakes {
    fn extend<T: IntoIterator<Item = Diagnostic>>(&mut self, more: T) {
        more.into_iter().for_each(|one| self.push(one));
    }
}

/// What there is too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overspent {
    Expanded,
    Laid,
    Had,
    Clients,
    Read,
    Tables,
    Mistakes,
    Warnings,
}

impl Budget {
    /// Lets a mistake or a warning be told, as long as there are not too many of them.
    pub(super) fn tell(&self, one: Diagnostic) -> Option<Diagnostic> {
        let (told, overspent) = match one.severity {
            Severity::Error => (&self.mistakes, Overspent::Mistakes),
            Severity::Warning => (&self.warnings, Overspent::Warnings),
        };
        match told.fetch_add(1, Ordering::Relaxed) {
            before if before < MOST_TOLD => Some(one),
            MOST_TOLD => Some(overspent.instead_of(one)),
            _ => None,
        }
    }

    /// Counts values that are about to be made, and the bytes of their text.
    pub(super) fn expand(&self, values: usize, bytes: usize) -> Result<(), Overspent> {
        let bytes = bytes.saturating_add(values.saturating_mul(VALUE));
        spend(&self.expanded, bytes, MOST_EXPANDED).ok_or(Overspent::Expanded)
    }

    /// Counts keys, patterns and names that are about to be copied.
    pub(super) fn lay(&self, entries: usize) -> Result<(), Overspent> {
        spend(&self.laid, entries, MOST_LAID).ok_or(Overspent::Laid)
    }

    /// Counts keys that clients have.
    pub(super) fn have(&self, keys: usize) -> Result<(), Overspent> {
        spend(&self.had, keys, MOST_HAD).ok_or(Overspent::Had)
    }

    /// Counts clients.
    pub(super) fn define(&self, clients: usize) -> Result<(), Overspent> {
        spend(&self.clients, clients, MOST_CLIENTS).ok_or(Overspent::Clients)
    }

    /// Counts the bytes of a file that is kept because something is told of it; `false` if that would be too many.
    pub(super) fn keep(&self, bytes: usize) -> bool {
        spend(&self.kept, bytes, MOST_KEPT).is_some()
    }

    /// Counts the bytes of a file.
    pub(super) fn read(&self, bytes: usize) -> Result<(), Overspent> {
        spend(&self.read, bytes, MOST_READ).ok_or(Overspent::Read)
    }

    /// Counts the bytes of a CSV file.
    pub(super) fn tabulate(&self, bytes: usize) -> Result<(), Overspent> {
        spend(&self.tables, bytes, MOST_OF_TABLES).ok_or(Overspent::Tables)
    }

    /// Tells whether nothing more needs to be read: there was too much of anything. Warnings stop nothing.
    pub(super) fn is_enough(&self) -> bool {
        self.is_overspent() || self.mistakes.load(Ordering::Relaxed) > MOST_TOLD
    }

    /// Tells whether there was too much of what takes room.
    pub(super) fn is_overspent(&self) -> bool {
        let Self { expanded, laid, had, clients, read, tables, kept: _, mistakes: _, warnings: _ } = self;
        let over = |counted: &AtomicUsize, most| counted.load(Ordering::Relaxed) > most;
        over(expanded, MOST_EXPANDED)
            || over(laid, MOST_LAID)
            || over(had, MOST_HAD)
            || over(clients, MOST_CLIENTS)
            || over(read, MOST_READ)
            || over(tables, MOST_OF_TABLES)
    }
}

/// Counts up; `None` if that is beyond the most.
fn spend(counted: &AtomicUsize, more: usize, most: usize) -> Option<()> {
    // Never beyond twice the most in one step, so that nothing overflows.
    let more = more.min(most + 1);
    let before = counted.fetch_add(more, Ordering::Relaxed);
    if before > most {
        counted.fetch_sub(more, Ordering::Relaxed);
        return None;
    }
    (before + more <= most).then_some(())
}

impl Overspent {
    /// Says so where it was noticed.
    pub(super) fn at(self, place: Place) -> Diagnostic {
        let diagnostic = Diagnostic::error(self.code(), self.message());
        diagnostic.at(place, "too much from here on").help(self.help())
    }

    /// Says so in place of what is not told.
    fn instead_of(self, one: Diagnostic) -> Diagnostic {
        let Diagnostic { severity, primary, .. } = one;
        let diagnostic = Diagnostic { severity, ..Diagnostic::error(self.code(), self.message()) }.help(self.help());
        match primary {
            Some(Label { place, .. }) => diagnostic.at(place, "nothing is told from here on"),
            None => diagnostic,
        }
    }

    fn code(self) -> Code {
        match self {
            Self::Expanded | Self::Laid | Self::Had => Code::AliasBudget,
            Self::Clients | Self::Mistakes | Self::Warnings => Code::TooManyDocuments,
            Self::Read | Self::Tables => Code::TooLarge,
        }
    }

    fn message(self) -> String {
        match self {
            Self::Expanded => format!(
                "the aliases, variables, templates, descriptions and long texts of all definitions together make more than {MOST_EXPANDED} bytes"
            ),
            Self::Laid => format!(
                "laying profiles, templates and own keys over each other makes more than {MOST_LAID} keys in all definitions together"
            ),
            Self::Had => format!("the clients have more than {MOST_HAD} keys together, counted for each"),
            Self::Clients => format!("the definitions name more than {MOST_CLIENTS} clients"),
            Self::Mistakes => format!("there are more than {MOST_TOLD} mistakes: the rest is not told"),
            Self::Warnings => format!("there are more than {MOST_TOLD} warnings: the rest is not told"),
            Self::Tables => format!("the CSV files have more than {MOST_OF_TABLES} bytes together"),
            Self::Read => format!("the files of definitions have more than {MOST_READ} bytes together"),
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::Expanded => {
                "put what clients have in common into settings or policies of a profile, which they share; refer to shorter variables, or less often"
            }
            Self::Laid => {
                "clients share a profile that they take over whole: give fewer of them keys of their own beside a large one"
            }
            Self::Mistakes | Self::Warnings => "many of one kind have one cause: correct it, and look again",
            Self::Tables => "leave out columns that nothing refers to, or make several configurations",
            Self::Had | Self::Clients | Self::Read => {
                "make several configurations of some of the definitions each, with `manage` for their scopes"
            }
        }
    }

    /// Leaves what was noticed first of each kind: other threads notice it too.
    pub(super) fn once(found: &mut Vec<Diagnostic>) {
        for kind in [Self::Expanded, Self::Laid, Self::Had, Self::Clients, Self::Read, Self::Tables] {
            let (message, mut is_first) = (kind.message(), true);
            found.retain(|one| one.message != message || std::mem::take(&mut is_first));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_ends_at_its_most_and_stays_there() {
        let budget = Budget::default();
        assert_eq!(budget.expand(0, MOST_EXPANDED), Ok(()));
        assert!(!budget.is_overspent());
        assert_eq!(budget.expand(1, 0), Err(Overspent::Expanded));
        assert_eq!(budget.expand(usize::MAX, usize::MAX), Err(Overspent::Expanded));
        assert!(budget.is_overspent());
        assert_eq!((budget.define(MOST_CLIENTS), budget.define(1)), (Ok(()), Err(Overspent::Clients)));
    }

    #[test]
    fn what_is_told_ends_at_its_most_and_says_so_once() {
        let budget = Budget::default();
        let of = |one: Diagnostic| (0..MOST_TOLD + 3).filter_map(|_| budget.tell(one.clone())).collect::<Vec<_>>();
        let warnings = of(Diagnostic::warning(Code::BooleanWord, "w"));
        assert!(warnings.len() == MOST_TOLD + 1 && warnings.iter().all(|one| !one.is_error()));
        assert!(!budget.is_enough());
        let mistakes = of(Diagnostic::error(Code::DuplicateKey, "m"));
        assert_eq!(
            (mistakes.len(), mistakes.last().map(|one| one.code)),
            (MOST_TOLD + 1, Some(Code::TooManyDocuments))
        );
        assert!(budget.is_enough() && !budget.is_overspent());
    }
}
