//! From files and the server to a plan: what `plan`, `apply` and a saved plan have in common.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::args::{Global, LimitArguments, Selected, ShapeArguments};
use super::base::{Base, sensitive_at};
use super::connect::{ServerConnection, connect};
use super::environment::{Environment, now};
use super::failure::Failure;
use super::past_runs::OpenDoubt;
use super::plan_error::SavedPlanError;
use super::plan_key::{Digested, STATE, digest_key};
use super::progress::ProgressDisplay;
use super::repository::{Repository, load};
use super::selecting::{check_fits, check_selection, selection};
use crate::apply;
use crate::document::{DiagnosticV1, Heading, OptionsV1, PlanV1, SourceTreeV1, TargetV1};
use crate::git::{self, Checkout, CheckoutState};
use crate::live::{self, Fetched};
use crate::manifest::{self, Emptiness, ResolvedConfig};
use crate::model::{
    Desired, FieldPattern, Live, Parallelism, Policy, Prune, RolloutRules, Selection, Selector, Sensitive,
};
use crate::plan::{self, Action, Conditions, Plan, Step, WaveChoice};
use crate::text::{counted, visible};

/// So many rows that could not be read are named in a warning; a plan names all.
const MOST_NAMED: usize = 10;

/// A plan and everything it was made of.
#[derive(Debug)]
pub(super) struct Planned {
    pub repository: Repository,
    /// What decided besides the two sides.
    pub policy: Policy,
    /// What the plan document says besides the plan.
    pub heading: Heading,
    pub read: Fetched,
    pub plan: Plan,
    pub rollout: ChosenRollout,
}

/// How a plan is rolled out, as the command line, a saved plan or the configuration says.
#[derive(Debug, Clone, Default)]
pub(super) struct ChosenRollout {
    pub rules: RolloutRules,
    pub choice: WaveChoice,
}

impl Planned {
    /// Decides what is withheld by an apply at this moment that approves these actions, or all, and the waves of the rest.
    #[must_use]
    pub(super) fn at_once(self, approved: Option<BTreeSet<Action>>) -> Self {
        let windows = Some((self.repository.windows().clone(), now()));
        let conditions = Conditions { approved, windows, ..Conditions::lasting(&self.policy.limits) };
        let plan = self.plan.under(&conditions, &self.rollout.choice);
        Self { plan, ..self }
    }

    /// Adds to the document of the plan what stands in the way at this moment, which is no part of it.
    pub(super) fn shown(&self, document: PlanV1) -> PlanV1 {
        let windows = Some((self.repository.windows().clone(), now()));
        let conditions = Conditions { windows, ..Conditions::lasting(&self.policy.limits) };
        document.withheld_now(&self.plan.rollout_under(&conditions, &self.rollout.choice))
    }

    /// Forgets the clients that were read: where nothing is written, nobody asks for them once there is a plan.
    #[must_use]
    pub(super) fn without_live(self) -> Self {
        let Fetched { live: _, rows } = self.read;
        Self { read: Fetched { live: Live::default(), rows }, ..self }
    }

    /// Makes the document of the plan as it is compared with a saved one.
    pub(super) fn compared(&self) -> PlanV1 {
        PlanV1::compared(&self.heading, &self.plan, &self.policy.sensitive.key)
    }

    /// Makes the document of the plan, without a signature.
    pub(super) fn document(&self) -> Result<PlanV1, Failure> {
        Ok(PlanV1::new(&self.heading, &self.plan, &self.policy.sensitive.key)?)
    }
}

impl ChosenRollout {
    /// Tells whether a person is asked before each wave.
    pub(super) fn asks(&self) -> bool {
        self.rules.asks(!self.choice.first.is_empty())
    }
}

/// What shapes a plan: the command line's options, or those of a saved plan.
#[derive(Debug, Clone, Default)]
pub(super) struct PlanShape {
    pub selection: Selection,
    /// What the plan document keeps of the options.
    pub options: OptionsV1,
    /// What happens to unmanaged clients, if not what the configuration says.
    pub prune: Option<Prune>,
    /// How many requests at the same time, if not what the configuration says.
    pub parallelism: Option<Parallelism>,
    /// What git said at the revision of `--since`.
    pub base: Option<Base>,
    /// What is not shown besides, because it is sensitive at the revision of `--sensitive-at`.
    pub hidden: Vec<FieldPattern>,
    /// What becomes of digests of sensitive values.
    pub digested: Digested,
    pub origin: ShapeOrigin,
    /// In which waves the plan is applied, if not as the configuration says.
    pub rollout: RolloutRules,
    /// What goes in the first wave.
    pub first: Selection,
}

/// Who said what shapes a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum ShapeOrigin {
    /// A person, just now: a selection that fits nothing is a typo.
    #[default]
    CommandLine,
    /// A saved plan: since then clients may have gone.
    SavedPlan,
}

impl PlanShape {
    pub(super) fn of(arguments: &ShapeArguments) -> Self {
        let ShapeArguments { select, shard, prune, no_prune, limits, since, parallelism } = arguments;
        let LimitArguments { deletes, changes, vanished } = limits;
        let texts = |chosen: &[Selected]| chosen.iter().map(|one| one.text.clone()).collect();
        Self {
            selection: Selection { shard: *shard, ..selection(select) },
            options: OptionsV1 {
                select: texts(&select.select),
                exclude: texts(&select.exclude),
                max_deletes: *deletes,
                max_changes: *changes,
                max_vanished: *vanished,
                waves: None,
                first: Vec::new(),
                part: None,
                shard: shard.map(|shard| shard.to_string()),
                since: since.clone(),
                sensitive_at: None,
                rollback_of: None,
            },
            prune: match (prune, no_prune) {
                (true, _) => Some(Prune::Delete),
                (_, true) => Some(Prune::Report),
                (false, false) => None,
            },
            parallelism: *parallelism,
            base: None,
            hidden: Vec::new(),
            digested: Digested::default(),
            origin: ShapeOrigin::CommandLine,
            rollout: RolloutRules::default(),
            first: Selection::default(),
        }
    }

    /// Lets the command line say in which waves the plan is applied, over what a saved plan says.
    #[must_use]
    pub(super) fn in_waves(self, rules: RolloutRules, first: &[Selected]) -> Self {
        let rollout = rules.over(self.rollout);
        if first.is_empty() {
            return Self { rollout, ..self };
        }
        let select = first.iter().map(|one| one.selector.clone()).collect();
        let options = OptionsV1 { first: first.iter().map(|one| one.text.clone()).collect(), ..self.options };
        Self { rollout, options, first: Selection { select, ..Selection::default() }, ..self }
    }

    /// Loads the revisions of `--since` and `--sensitive-at`. The plan keeps their full names, so that planning again is planning
    /// the same.
    pub(super) fn with_base(mut self, environment: &Environment, global: &Global) -> Result<Self, Failure> {
        if let Some(since) = &self.options.since {
            let (base, commit) = Base::load(environment, global, since)?;
            self.options.since = Some(commit);
            self.base = Some(base);
        }
        if let Some(revision) = &self.options.sensitive_at {
            let (hidden, commit) = sensitive_at(environment, global, revision)?;
            self.options.sensitive_at = Some(commit);
            self.hidden = hidden;
        }
        Ok(self)
    }

    /// Takes the options of a saved plan, so that planning again is planning the same.
    pub(super) fn of_saved(
        options: OptionsV1,
        prune: Prune,
        parallelism: Option<Parallelism>,
    ) -> Result<Self, Failure> {
        let selectors = |texts: &[String]| -> Result<Vec<Selector>, Failure> {
            let broken = |error: String| SavedPlanError::Options(error).into();
            texts.iter().map(|text| Selector::new(text).map_err(broken)).collect()
        };
        let shard = options.shard.as_ref().map(|text| text.parse()).transpose().map_err(SavedPlanError::Options)?;
        let selection = Selection { select: selectors(&options.select)?, exclude: selectors(&options.exclude)?, shard };
        let (digested, origin) = (Digested::Saved, ShapeOrigin::SavedPlan);
        let first = Selection { select: selectors(&options.first)?, ..Selection::default() };
        let waves = options.waves.as_ref().map(|text| text.parse()).transpose().map_err(SavedPlanError::Options)?;
        let rollout = RolloutRules { waves, ..RolloutRules::default() };
        let (prune, hidden) = (Some(prune), Vec::new());
        Ok(Self { selection, options, prune, parallelism, base: None, hidden, digested, origin, rollout, first })
    }
}

/// Reads and plans, and notes what the reading settles of the doubt of earlier runs. The connection is the caller's, who
/// closes it whatever comes.
pub(super) async fn plan_with(
    environment: &Environment,
    mut repository: Repository,
    desired: &Desired,
    shape: &PlanShape,
    (connection, journal): (&ServerConnection, Option<&PathBuf>),
) -> Result<Planned, Failure> {
    repository.check_exceptions(now())?;
    let mut policy = policy(&repository, desired, shape)?;
    repository.check_unread(policy.prune)?;
    policy.not_checked_out = repository.not_checked_out()?;
    let doubt = open_doubt(environment, &repository, journal);
    let read = read_live(environment, connection, (desired, &doubt), &policy).await?;
    doubt.settle((&read.live, &policy));
    if shape.origin == ShapeOrigin::CommandLine {
        check_selection(environment, &shape.selection, [desired], Some(&read.live))?;
        check_fits(&shape.first, &[desired], Some(&read.live))?;
    }
    repository.compare_keys(desired, &read.live, &policy.selection)?;
    let plan = plan::plan(desired, &read.live, &policy);
    let heading = heading(environment, &repository, desired, (shape, &policy));
    let (plan, rollout) = rolled_out(plan, desired, &repository, (shape, &policy));
    Ok(Planned { repository, policy, heading, read, plan, rollout })
}

/// Decides what of a plan is withheld whenever it is applied, and in which waves the rest goes.
pub(super) fn rolled_out(
    plan: Plan,
    desired: &Desired,
    repository: &Repository,
    (shape, policy): (&PlanShape, &Policy),
) -> (Plan, ChosenRollout) {
    let rules = shape.rollout.clone().over(repository.rollout().clone());
    let is_first =
        |step: &&Step| !shape.first.is_all() && shape.first.covers_step(step.client.as_ref(), &step.scope, desired);
    let first = plan.steps.iter().filter(is_first).map(|step| step.number).collect();
    let choice = WaveChoice { waves: rules.waves.clone(), first };
    let plan = plan.rolled_out(&Conditions::lasting(&policy.limits), &choice);
    (plan, ChosenRollout { rules, choice })
}

/// Finds what earlier runs on the target left in doubt, which a reading that begins now can settle.
pub(super) fn open_doubt(environment: &Environment, repository: &Repository, journal: Option<&PathBuf>) -> OpenDoubt {
    let patience = apply::longest_patience(repository.requests().settle);
    OpenDoubt::find(&journals(environment, repository, journal), &repository.target_url(), patience)
}

/// Reads the live side, in detail what a plan has to know, and what is in doubt.
pub(super) async fn read_live(
    environment: &Environment,
    connection: &ServerConnection,
    (desired, doubt): (&Desired, &OpenDoubt),
    policy: &Policy,
) -> Result<Fetched, Failure> {
    connection.reader().expect(desired);
    let progress = ProgressDisplay::start(environment, connection.activity(), "reading");
    let wanted = |live: &Live| {
        let mut wanted = plan::wanted_details(desired, live, policy);
        wanted.extend(doubt.wanted(live));
        wanted
    };
    let read = live::fetch(connection.reader(), &connection.extent(desired, policy), wanted, &progress).await?;
    drop(progress);
    warn_of_unread(environment, &read.live);
    plan::afford(desired, &read.live, policy)?;
    Ok(read)
}

/// Warns of rows that could not be read.
pub(super) fn warn_of_unread(environment: &Environment, live: &Live) {
    if live.unread.is_empty() {
        return;
    }
    environment.say(&format!("warning: {} could not be read", counted(live.unread.len(), "row")));
    for row in live.unread.iter().take(MOST_NAMED) {
        environment.say(&format!("  {}", visible(&row.to_string())));
    }
    if live.unread.len() > MOST_NAMED {
        environment.say(&format!("  and {} more", live.unread.len() - MOST_NAMED));
    }
}

/// Loads the repository, with nothing shown that the shape hides, and connects to its target.
pub(super) async fn open(
    environment: &Environment,
    global: &Global,
    shape: &PlanShape,
) -> Result<(Repository, Desired, ServerConnection), Failure> {
    let (mut repository, desired) = load(environment, global, Emptiness::Refused)?;
    repository.hide_too(&shape.hidden);
    let connection = connect(environment, &repository, shape.parallelism).await?;
    Ok((repository, desired, connection))
}

/// Puts together what decides a plan besides the two sides.
pub(super) fn policy(repository: &Repository, desired: &Desired, shape: &PlanShape) -> Result<Policy, Failure> {
    let mut policy = repository.policy(desired, shape.selection.clone());
    policy.prune = shape.prune.unwrap_or(policy.prune);
    if let Some(base) = &shape.base {
        policy.changed_in_git = desired.changed_since(&base.desired);
        // What was sensitive then is what live still has.
        policy.sensitive.patterns.extend(base.sensitive().iter().cloned());
    }
    policy.sensitive.key = digest_key(repository.root(), &policy.sensitive.patterns, shape.digested)?;
    policy.limits.max_deletes = shape.options.max_deletes;
    policy.limits.max_changes = shape.options.max_changes;
    policy.limits.max_vanished = shape.options.max_vanished;
    Ok(policy)
}

/// Puts together what the plan document says besides the plan.
pub(super) fn heading(
    environment: &Environment,
    repository: &Repository,
    desired: &Desired,
    (shape, policy): (&PlanShape, &Policy),
) -> Heading {
    Heading {
        target: target(repository),
        source: source(environment, repository, desired, &policy.sensitive),
        diagnostics: repository.warnings().iter().map(DiagnosticV1::from).collect(),
        options: OptionsV1 {
            waves: shape.rollout.waves.as_ref().or(repository.rollout().waves.as_ref()).map(ToString::to_string),
            ..shape.options.clone()
        },
    }
}

/// Names the commit that a plan is made of, or says why there is none.
fn source(
    environment: &Environment,
    repository: &Repository,
    desired: &Desired,
    sensitive: &Sensitive,
) -> SourceTreeV1 {
    let checkout = git::checkout(repository.root(), &desired.files).unwrap_or_else(|error| {
        environment.say(&format!("note: the plan names no commit: {error}"));
        Checkout::default()
    });
    let Checkout { commit, state } = checkout;
    // A sensitive value that stands in a file could be guessed from a plain digest of the file.
    let digest = match &*sensitive.patterns {
        [] => desired.digest.clone(),
        _ => sensitive.key.digest(&["source", &desired.digest]).as_str().to_owned(),
    };
    SourceTreeV1 { digest, git_commit: commit, dirty: state == CheckoutState::Dirty }
}

/// Names the server of a repository in documents.
pub(super) fn target(repository: &Repository) -> TargetV1 {
    TargetV1 { name: repository.target_name().to_owned(), url: repository.target_url() }
}

/// The folder of the journals in that of the state.
pub(super) const RUNS: &str = "runs";

pub(super) fn journals(environment: &Environment, repository: &Repository, chosen: Option<&PathBuf>) -> PathBuf {
    chosen.map_or_else(|| repository.root().join(STATE).join(RUNS), |folder| environment.path(folder))
}

/// Warns of definitions that git tracks and did not check out: what they define looks unwanted here.
pub(super) fn warn_of_absent(environment: &Environment, root: &Path, resolved: &ResolvedConfig) -> Result<(), Failure> {
    let absent = manifest::not_checked_out(root, resolved)?;
    if let Some(first) = absent.first() {
        let (files, first) = (counted(absent.len(), "file"), visible(first));
        environment.say(&format!(
            "warning: git tracks {files} of definitions that are not checked out here, such as `{first}`: what they define is \
             taken for not defined"
        ));
    }
    Ok(())
}
