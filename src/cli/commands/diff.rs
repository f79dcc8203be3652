//! `icsync diff`: the definitions of two git revisions compared, without a server and without secrets.

use std::borrow::Cow;

use crate::cli::args::{DiffArguments, Global};
use crate::cli::base::warn_of_no_configuration;
use crate::cli::environment::Environment;
use crate::cli::error::CommandError;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::plan_key::of_this_process;
use crate::cli::planning::warn_of_absent;
use crate::cli::repository::{check_strict, root};
use crate::cli::selecting::{check_selection, selection};
use crate::cli::targets::TargetTrees;
use crate::document::ReviewV1;
use crate::git;
use crate::manifest::{Dangers, LoadedTree, ResolvedConfig, Source, TARGET_RULE};
use crate::model::{Change, Desired, DigestKey, Selection, Sensitive};
use crate::report;
use crate::review::{self, Review, TermChange};
use crate::text::counted;

pub(super) fn run(
    environment: &Environment,
    global: &Global,
    arguments: &DiffArguments,
    sink: &Sink<'_>,
) -> Result<Exit, Failure> {
    let base_name = match &arguments.base {
        Some(base) => base.clone(),
        None => upstream(environment, global)?,
    };
    // Two revisions are compared whatever the working tree looks like.
    let (base, head) = TargetTrees::compared(environment, global, (&base_name, arguments.head.as_deref()))?;
    let head_name = arguments.head.as_deref().unwrap_or("working tree");
    if !base.configured && !head.configured {
        return Err(CommandError::NoConfiguration { base: base_name, head: head_name.to_owned() }.into());
    }
    if let (None, Some(first)) = (&arguments.head, head.trees.first()) {
        warn_of_absent(environment, &root(environment, global), &first.resolved)?;
    }
    if !base.configured {
        warn_of_no_configuration(environment, &base_name);
    }
    let selection = selection(&arguments.select);
    let trees = [&base, &head].into_iter().flat_map(|side| &side.trees);
    check_selection(environment, &selection, trees.map(|tree| &tree.desired), None)?;
    let warnings = head.warnings();
    check_strict(global, &warnings, arguments.head.as_deref())?;
    sink.warn(&warnings);
    let reviews = reviews(&base, &head, &selection, (&base_name, head_name));
    let names = (base_name.as_str(), head_name);
    let whole = first_configuration(&base, &base_name);
    let document = ReviewV1::merged(reviews, names).and_also(whole.as_ref(), gone(&base, &head)).with(&warnings);
    sink.render(|format, out, style| report::review(format, out, &document, style))?;
    Ok(if arguments.exit_code && !document.is_empty() { Exit::Changes } else { Exit::Done })
}

/// Compares target by target: those of the head, or of the base where the head has no configuration.
fn reviews(
    base: &TargetTrees,
    head: &TargetTrees,
    selection: &Selection,
    (base_name, head_name): (&str, &str),
) -> Vec<(String, ReviewV1)> {
    let names = if head.configured { &head.trees } else { &base.trees };
    // Under one key what is sensitive is the same for all targets where it is.
    let key = of_this_process();
    let compared = names.iter().map(|tree| {
        let target = &tree.resolved.target;
        let before =
            base.of(target).or_else(|| self::before(base, head, tree)).map_or(target, |tree| &tree.resolved.target);
        let sides = [TreeSide::of(base, before), TreeSide::of(head, target)];
        (target.clone(), ReviewV1::new(base_name, head_name, &compare(&sides, selection, &key)))
    });
    compared.collect()
}

/// Finds what a new target of the head is compared with: the target of the base with the same server, first one that has another
/// name now. What is new of a server that was looked at before is what changes for it.
fn before<'t>(base: &'t TargetTrees, head: &TargetTrees, new: &LoadedTree) -> Option<&'t LoadedTree> {
    let of_server = || base.trees.iter().filter(|tree| tree.resolved.server() == new.resolved.server());
    of_server().find(|tree| head.of(&tree.resolved.target).is_none()).or_else(|| of_server().next())
}

/// Says that the base has no configuration where the head has one: then nothing that it says was there before.
fn first_configuration(base: &TargetTrees, base_name: &str) -> Option<TermChange> {
    let after =
        format!("new here: `{base_name}` has no configuration at this place, and all definitions count as added");
    (!base.configured).then(|| TermChange::new("configuration", Change { before: None, after: Some(after) }))
}

/// Says of each target that only the base has what becomes of its clients, which are defined as they were.
fn gone(base: &TargetTrees, head: &TargetTrees) -> Vec<(String, TermChange)> {
    let new = head.trees.iter().filter(|tree| base.of(&tree.resolved.target).is_none());
    let compared: Vec<&str> =
        new.filter_map(|new| before(base, head, new)).map(|tree| &*tree.resolved.target).collect();
    let gone = base.trees.iter().filter(|tree| head.configured && head.of(&tree.resolved.target).is_none());
    let gone = gone.filter(|tree| !compared.contains(&&*tree.resolved.target));
    let term = |tree: &LoadedTree| {
        let (rules, clients) = (tree.resolved.rules(), counted(tree.desired.clients.len(), "client"));
        let target = rules.get(TARGET_RULE).map_or("", String::as_str);
        let mut others = head.trees.iter().filter(|other| other.resolved.server() == tree.resolved.server());
        let rest = match others.next() {
            Some(other) => format!("what is there stays, and only `{}` looks at that server", other.resolved.target),
            None => "what is there stays, and nobody looks at it any more".to_owned(),
        };
        let before = format!("{target} with {clients}: {rest}");
        let change = Change { before: Some(before), after: None };
        (tree.resolved.target.clone(), TermChange::new(TARGET_RULE, change))
    };
    gone.map(term).collect()
}

/// One side of a comparison for a target; without a configuration, or without that target in it, nothing is defined.
struct TreeSide<'a> {
    source: &'a dyn Source,
    resolved: Option<&'a ResolvedConfig>,
    /// Whether it has a configuration at all: the first one is no change of rules.
    configured: bool,
    desired: Cow<'a, Desired>,
}

impl<'a> TreeSide<'a> {
    fn of(trees: &'a TargetTrees, target: &str) -> Self {
        let tree = trees.of(target);
        Self {
            source: &*trees.source,
            resolved: tree.map(|tree| &tree.resolved),
            configured: trees.configured,
            desired: tree.map_or_else(|| Cow::Owned(Desired::default()), |tree| Cow::Borrowed(&tree.desired)),
        }
    }
}

fn compare(sides: &[TreeSide<'_>; 2], selection: &Selection, key: &DigestKey) -> Review {
    let [base, head] = sides;
    let vars = sides.each_ref().map(|side| side.resolved.map(|one| one.written_vars.clone()).unwrap_or_default());
    let known = |side: &TreeSide<'_>| side.resolved.filter(|_| base.configured).map(ResolvedConfig::rules);
    let rules = sides.each_ref().map(|side| known(side).unwrap_or_default());
    let files =
        |place: usize| review::RevisionFiles { source: sides[place].source, vars: &vars[place], rules: &rules[place] };
    // What is sensitive on one side is not shown on the other either.
    let patterns = sides.iter().filter_map(|side| side.resolved).flat_map(|one| one.sensitive.clone());
    let sensitive = Sensitive { key: key.clone(), patterns: patterns.collect() };
    // Without a configuration in the head nothing is managed any more.
    let policy = head.resolved.map(|one| one.policy(&head.desired, Selection::default()));
    let dangers = match (base.resolved, head.resolved) {
        (Some(base), Some(head)) => head.dangers_since(base),
        (None, Some(head)) => head.dangers_of_new(),
        (_, None) => Dangers::default(),
    };
    let (before, after) = review::selected(&base.desired, &head.desired, selection);
    review::review(&before, &after, &sensitive, Some((files(0), files(1))))
        .with_consequences([&base.desired, &head.desired], policy.as_ref())
        .with_dangers(&dangers)
}

/// Names the revision that the working tree is compared with when none is named: where the branch left its upstream, or
/// the last commit if there is none.
fn upstream(environment: &Environment, global: &Global) -> Result<String, Failure> {
    if let Some(base) = git::default_base(&root(environment, global))? {
        return Ok(base);
    }
    let same = global.same_place();
    environment.say(&format!(
        "note: the branch has no upstream, so this is what changed since the last commit; `icsync diff BASE{same}` compares with another revision"
    ));
    Ok("HEAD".to_owned())
}
