//! From the tree of `icsync.yaml` to the configuration of one target.

use std::sync::Arc;

use super::exceptions::read_exceptions;
use super::masking::{mask, secrets, suspects};
use super::network::read_requests;
use super::rules::{read_placed_patterns, read_protect, read_rules};
use super::target::{Target, read_target};
use super::vars::{WrittenVars, read_vars, substitute, written};
use super::{DEFAULT_DEFINITIONS, DefinitionFiles, DefinitionGlob, Endpoint, Requests, ResolvedConfig};
use crate::diagnostic::{Code, Diagnostic, Place, SourceFile, Span};
use crate::manifest::digest::Digest;
use crate::manifest::keys::{self, CLIENT_KIND, CONFIG_KIND, FLEET_KIND, KEY_STRICTNESS, KIND, PROFILE_KIND, Written};
use crate::manifest::lint::lint;
use crate::manifest::path::normalize;
use crate::manifest::read::{TreeReader, did_you_mean, first_line, list, nearest};
use crate::manifest::variables::{EnvironmentVariables, Vars};
use crate::manifest::yaml::{Data, Document, Documents, MapEntry, Node};
use crate::model::Prune;

/// How many bytes the configuration may have: it is read for each of its targets.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// What could be read of the configuration; with mistakes only parts of it.
#[derive(Debug, Default)]
pub(in crate::manifest) struct Config {
    /// Everything, if there was no mistake.
    pub(in crate::manifest) resolved: Option<ResolvedConfig>,
    /// The definitions patterns, for checking definitions although the configuration has mistakes.
    pub(in crate::manifest) definitions: DefinitionFiles,
    /// The names of all targets, the one that is meant without `--target` first.
    pub(in crate::manifest) targets: Vec<String>,
    /// The files that any target names, each with what it is.
    pub(in crate::manifest) named_files: Vec<(String, &'static str)>,
    /// The files that hold secrets of any target.
    pub(in crate::manifest) secret_files: Vec<String>,
    /// The variables; `None` if it is not known which there are.
    pub(in crate::manifest) vars: Option<Vars>,
    pub(in crate::manifest) found: Vec<Diagnostic>,
}

/// Reads the configuration for the target that `wanted` names, or else the configuration itself.
pub(in crate::manifest) fn read_config(
    file: SourceFile,
    digest: Digest,
    wanted: Option<&str>,
    environment: &EnvironmentVariables,
) -> Config {
    if file.text().len() > MOST_BYTES {
        let message = format!("the configuration has more than {MOST_BYTES} bytes");
        let place = Place { file: Arc::new(SourceFile::named(file.path().clone())), span: Span::START };
        let help = "make several configurations, each for some of the scopes";
        let found = vec![Diagnostic::error(Code::TooLarge, message).at(place, "").help(help)];
        return Config { found, ..Config::default() };
    }
    let file = Arc::new(file);
    let mut reader = TreeReader::new(&file);
    let mut documents = Documents::new(&file);
    let mut roots: Vec<Node<'_>> = Vec::new();
    let mut broken = false;
    while let Some(document) = documents.next(&mut reader.found) {
        match document {
            Document::Read(node) => roots.push(node),
            Document::Broken => broken = true,
        }
    }
    let secrets = if broken { suspects(&file) } else { secrets(&roots) };
    let mut config = Config { definitions: DefinitionFiles::of(default_definitions()), ..Config::default() };
    match roots.split_first() {
        Some((root, others)) => {
            for other in others {
                let message = "icsync.yaml holds one document";
                reader.error_with(
                    Code::MisplacedKind,
                    first_line(other.span),
                    message,
                    "move definitions into files of their own",
                );
            }
            lint(&mut reader, root);
            read_root(&mut reader, root, wanted, environment, &mut config);
        }
        None if !broken => reader.missing(Span::START, KIND, "write `kind: Config` and `targets`"),
        None => {}
    }
    if let Some(resolved) = &mut config.resolved {
        resolved.config_path = Arc::clone(file.path());
        resolved.digest = digest;
    }
    if reader.found.iter().any(Diagnostic::is_error) {
        config.resolved = None;
    }
    config.found = mask(reader.found.into_vec(), &file, &secrets);
    config
}

fn read_root(
    reader: &mut TreeReader<'_>,
    root: &Node<'_>,
    wanted: Option<&str>,
    environment: &EnvironmentVariables,
    config: &mut Config,
) {
    if !is_config(reader, root) {
        return;
    }
    let Some(keys) = reader.node_keys::<keys::ConfigKeys<'_>>(root, "icsync.yaml") else { return };
    let mut rules = read_rules(reader, &keys);
    let (protect, protect_places) = keys.protect.entry.map(|entry| read_protect(reader, entry)).unwrap_or_default();
    let sensitive = keys.sensitive.entry.map_or_else(Vec::new, |entry| read_placed_patterns(reader, entry));
    let (sensitive, sensitive_places) = sensitive.into_iter().unzip();
    let exceptions = keys.exceptions.entry.map_or_else(Vec::new, |entry| read_exceptions(reader, entry));
    let strictness = reader.word(keys.keys, &KEY_STRICTNESS).unwrap_or_default();
    let requests = keys.requests.entry.map_or_else(Requests::default, |entry| read_requests(reader, entry));
    let mut vars = keys.vars.entry.map_or_else(WrittenVars::new, |entry| read_vars(reader, entry));
    let targets = read_targets(reader, keys.targets);
    let default = keys.default_target.entry.and_then(|entry| Some((entry, reader.text(entry)?)));
    let chosen = choose(reader, (keys.targets, default), &targets, wanted);
    config.targets = names(&targets, chosen);
    let endpoints = || targets.iter().filter_map(|target| target.endpoint.as_ref());
    config.secret_files = endpoints().flat_map(Endpoint::secret_files).map(str::to_owned).collect();
    config.named_files = endpoints().flat_map(Endpoint::files).map(|(path, what)| (path.to_owned(), what)).collect();
    let definitions = rules.definitions.take().unwrap_or_else(default_definitions);
    config.definitions = definition_files(&targets, chosen, (&definitions, rules.prune));
    let Some(chosen) = chosen else { return };
    let Target { name, endpoint, vars: own_vars, rules: own_rules } = chosen;
    vars.extend(own_vars.clone());
    let written_vars = written(reader, &vars);
    let secrets = Arc::new(endpoints().flat_map(Endpoint::secret_variables).map(str::to_owned).collect());
    let vars = substitute(reader, &vars, (environment, secrets));
    config.vars = Some(vars.clone());
    let Some(endpoint) = endpoint else { return };
    config.resolved = Some(ResolvedConfig {
        target: name.clone(),
        default_target: default.map(|(_, name)| name.to_owned()),
        endpoint: endpoint.clone(),
        manage: own_rules.manage.clone().or(rules.manage),
        prune: config.definitions.prune,
        limits: own_rules.limits.over(rules.limits).resolve(),
        rollout: own_rules.rollout.clone().over(rules.rollout),
        windows: own_rules.windows.clone().or(rules.windows).unwrap_or_default(),
        protect,
        protect_places,
        sensitive,
        sensitive_places,
        exceptions,
        keys: strictness,
        requests,
        definitions: config.definitions.clone(),
        written_vars,
        vars,
        config_path: Arc::from(""),
        digest: Digest::default(),
    });
}

fn is_config(reader: &mut TreeReader<'_>, root: &Node<'_>) -> bool {
    let Data::Map(entries) = &root.data else { return true };
    match entries.iter().find(|entry| entry.key == KIND) {
        None => reader.missing(root.span, KIND, "write `kind: Config`"),
        Some(entry) => match reader.text(entry) {
            Some(CONFIG_KIND) | None => {}
            Some(CLIENT_KIND | PROFILE_KIND | FLEET_KIND) => {
                let message = "definitions do not stand in icsync.yaml";
                reader.error_with(
                    Code::MisplacedKind,
                    entry.value_span(),
                    message,
                    "move it into a file below `clients/`",
                );
                return false;
            }
            Some(_) => {
                let message = "icsync.yaml is of another kind than `Config`";
                reader.error_with(Code::UnknownKind, entry.value_span(), message, "write `kind: Config`");
            }
        },
    }
    true
}

/// How many targets a configuration may have.
const MOST_TARGETS: usize = 256;

fn read_targets(reader: &mut TreeReader<'_>, written: Written<'_>) -> Vec<Target> {
    let help =
        "write for example `targets: { sandbox: { sandbox: { data: .icsync/sandbox.db, estate: estate.yaml } } }`";
    let Some(entry) = reader.required(written, help) else { return Vec::new() };
    let Some(targets) = reader.map(entry) else { return Vec::new() };
    if targets.entries().is_empty() {
        reader.error_with(Code::MissingKey, entry.value_span(), "`targets` has no target", help);
    }
    if let Some(entry) = targets.entries().get(MOST_TARGETS) {
        let message = format!("there are more than {MOST_TARGETS} targets");
        let help = "make several configurations: all definitions are checked for each target";
        reader.error_with(Code::TooManyDocuments, entry.key_span, message, help);
    }
    targets.entries().iter().take(MOST_TARGETS + 1).map(|entry| read_target(reader, entry)).collect()
}

/// Names the targets, the chosen one first. Where there are too many, which is a mistake, one of them is enough to tell it.
fn names(targets: &[Target], chosen: Option<&Target>) -> Vec<String> {
    let rest = targets.iter().filter(|target| chosen.is_none_or(|chosen| chosen.name != target.name));
    let most = if targets.len() > MOST_TARGETS { 1 } else { targets.len() };
    chosen.into_iter().chain(rest).map(|target| target.name.clone()).take(most).collect()
}

/// Finds the target that the command line, else `default_target`, else the only entry names.
fn choose<'t>(
    reader: &mut TreeReader<'_>,
    (written, default): (Written<'_>, Option<(&MapEntry<'_>, &str)>),
    targets: &'t [Target],
    wanted: Option<&str>,
) -> Option<&'t Target> {
    let names: Vec<&str> = targets.iter().map(|target| &*target.name).collect();
    let find = |name: &str| targets.iter().find(|target| target.name == name);
    let exist = || format!("the targets are {}", list(&names));
    let unknown = |name: &str| {
        let message = format!("there is no target {}", crate::text::quote(name));
        let help = nearest(name, &names).map_or_else(exist, |near| format!("{} {}", did_you_mean(near), exist()));
        Diagnostic::error(Code::UnknownTarget, message).help(help)
    };
    if let Some((entry, name)) = default.filter(|(_, name)| find(name).is_none() && !targets.is_empty()) {
        let place = reader.place(entry.value_span());
        reader.found.push(unknown(name).at(place, ""));
    }
    match (wanted, default, targets) {
        (_, _, []) => None,
        (Some(name), ..) => {
            if find(name).is_none() {
                reader.found.push(unknown(name));
            }
            find(name)
        }
        (None, Some((_, name)), _) => find(name),
        (None, None, [only]) => Some(only),
        (None, None, _) => {
            let help = format!("pass `--target NAME` or write `default_target`; {}", exist());
            let span = written.entry.map_or(Span::START, |entry| entry.key_span);
            reader.error_with(Code::NoTarget, span, "it is not clear which target is meant", help);
            None
        }
    }
}

/// Puts together which files hold definitions for a target, and what others are for. Without a target that was chosen they
/// are those of the top.
fn definition_files(
    targets: &[Target],
    chosen: Option<&Target>,
    (top, prune): (&[DefinitionGlob], Option<Prune>),
) -> DefinitionFiles {
    let globs = |target: &Target| target.rules.definitions.clone().unwrap_or_else(|| top.to_vec());
    let others = targets.iter().filter(|target| chosen.is_none_or(|chosen| chosen.name != target.name));
    let named = targets.iter().filter_map(|target| target.endpoint.as_ref()).flat_map(Endpoint::files);
    DefinitionFiles {
        globs: chosen.map_or_else(|| top.to_vec(), globs),
        elsewhere: others.map(globs).collect(),
        named: named.filter_map(|(path, _)| normalize("", path)).collect(),
        prune: chosen.and_then(|chosen| chosen.rules.prune).or(prune).unwrap_or_default(),
    }
}

fn default_definitions() -> Vec<DefinitionGlob> {
    vec![DefinitionGlob::new(DEFAULT_DEFINITIONS, None)]
}
