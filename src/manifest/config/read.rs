//! From the tree of `icsync.yaml` to the configuration of one target.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::network::read_requests;
use super::rules::{Rules, read_rules};
use super::target::{Target, read_target};
use super::{Pattern, Requests, Resolved};
use crate::diagnostic::{Code, Diagnostic, SourceFile, Span};
use crate::manifest::digest::Digest;
use crate::manifest::keys::Mapping;
use crate::manifest::read::{Fields, Reader, list, nearest};
use crate::manifest::variables::{Environment, Variables, Vars};
use crate::manifest::yaml::{Data, Document, Documents, Entry, Node};
use crate::model::Declared;

const DEFAULT_DEFINITIONS: &str = "clients/**/*.yaml";

/// What could be read of the configuration; with mistakes only parts of it.
#[derive(Debug, Default)]
pub(in crate::manifest) struct Config {
    /// Everything, if there was no mistake.
    pub(in crate::manifest) resolved: Option<Resolved>,
    /// The definitions patterns, for checking definitions although the configuration has mistakes.
    pub(in crate::manifest) definitions: Vec<Pattern>,
    /// The variables; `None` if it is not known which there are.
    pub(in crate::manifest) vars: Option<Vars>,
    pub(in crate::manifest) found: Vec<Diagnostic>,
}

/// Reads the configuration for the target that `wanted` names, or else the configuration itself.
pub(in crate::manifest) fn read_config(
    file: SourceFile,
    digest: Digest,
    wanted: Option<&str>,
    environment: &Environment,
) -> Config {
    let file = Arc::new(file);
    let mut reader = Reader::new(&file);
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
    let mut config = Config { definitions: default_definitions(), ..Config::default() };
    match roots.split_first() {
        Some((root, others)) => {
            for other in others {
                let message = "icsync.yaml holds one document";
                reader.error_with(
                    Code::MisplacedKind,
                    begin(other.span),
                    message,
                    "move definitions into files of their own",
                );
            }
            read_root(&mut reader, root, wanted, environment, &mut config);
        }
        None if !broken => reader.missing(Span::START, "kind", "write `kind: Config` and `targets`"),
        None => {}
    }
    if let Some(resolved) = &mut config.resolved {
        resolved.config_path = Arc::clone(file.path());
        resolved.digest = digest;
    }
    if !reader.found.is_empty() {
        config.resolved = None;
    }
    config.found = mask(reader.found, &file, &secrets);
    config
}

fn read_root(
    reader: &mut Reader<'_>,
    root: &Node<'_>,
    wanted: Option<&str>,
    environment: &Environment,
    config: &mut Config,
) {
    if !is_config(reader, root) {
        return;
    }
    let Some(fields) = reader.node_fields(root, "icsync.yaml", Mapping::Config.keys()) else { return };
    let mut rules = Rules::default();
    read_rules(reader, fields, &mut rules);
    let requests = fields.get("requests").map_or_else(Requests::default, |entry| read_requests(reader, entry));
    let mut vars = fields.get("vars").map_or_else(WrittenVars::new, |entry| read_vars(reader, entry));
    let targets = read_targets(reader, fields);
    let chosen = choose(reader, fields, &targets, wanted);
    if let Some(definitions) = rules.definitions.take() {
        config.definitions = definitions;
    }
    let Some(chosen) = chosen else { return };
    let Target { name, endpoint, vars: own_vars, rules: own_rules } = chosen;
    vars.extend(own_vars.clone());
    let written_vars = written(reader, &vars);
    let vars = substitute(reader, &vars, environment);
    if let Some(definitions) = &own_rules.definitions {
        config.definitions.clone_from(definitions);
    }
    config.vars = Some(vars.clone());
    let Some(endpoint) = endpoint else { return };
    config.resolved = Some(Resolved {
        target: name.clone(),
        endpoint: endpoint.clone(),
        manage: own_rules.manage.clone().or(rules.manage),
        prune: own_rules.prune.or(rules.prune).unwrap_or_default(),
        limits: own_rules.limits.over(rules.limits).resolve(),
        protect: rules.protect,
        sensitive: rules.sensitive,
        requests,
        definitions: config.definitions.clone(),
        written_vars,
        vars,
        config_path: Arc::from(""),
        digest: Digest::default(),
    });
}

fn is_config(reader: &mut Reader<'_>, root: &Node<'_>) -> bool {
    let Data::Map(entries) = &root.data else { return true };
    match entries.iter().find(|entry| entry.key == "kind") {
        None => reader.missing(root.span, "kind", "write `kind: Config`"),
        Some(entry) => match reader.text(entry) {
            Some("Config") | None => {}
            Some("IntegratorClient" | "Profile" | "Fleet") => {
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

fn read_targets(reader: &mut Reader<'_>, fields: Fields<'_>) -> Vec<Target> {
    let help =
        "write for example `targets: { sandbox: { sandbox: { data: .icsync/sandbox.db, estate: estate.yaml } } }`";
    let Some(entry) = reader.required(fields, "targets", help) else { return Vec::new() };
    let Some(targets) = reader.map(entry) else { return Vec::new() };
    if targets.entries().is_empty() {
        reader.error_with(Code::MissingKey, entry.value_span(), "`targets` has no target", help);
    }
    targets.entries().iter().map(|entry| read_target(reader, entry)).collect()
}

/// Finds the target that the command line, else `default_target`, else the only entry names.
fn choose<'t>(
    reader: &mut Reader<'_>,
    fields: Fields<'_>,
    targets: &'t [Target],
    wanted: Option<&str>,
) -> Option<&'t Target> {
    let names: Vec<&str> = targets.iter().map(|target| &*target.name).collect();
    let find = |name: &str| targets.iter().find(|target| target.name == name);
    let exist = || format!("the targets are {}", list(&names));
    let unknown = |name: &str| {
        let message = format!("there is no target {}", crate::text::quote(name));
        let help = nearest(name, &names).map_or_else(exist, |near| format!("did you mean `{near}`? {}", exist()));
        Diagnostic::error(Code::UnknownTarget, message).help(help)
    };
    let default = fields.get("default_target").and_then(|entry| Some((entry, reader.text(entry)?)));
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
            let span = fields.get("targets").map_or(Span::START, |entry| entry.key_span);
            reader.error_with(Code::NoTarget, span, "it is not clear which target is meant", help);
            None
        }
    }
}

/// Variables as they are written, each with its place.
pub(super) type WrittenVars = BTreeMap<String, (String, Span)>;

/// Reads `vars`: text by name.
pub(super) fn read_vars(reader: &mut Reader<'_>, entry: &Entry<'_>) -> WrittenVars {
    let Some(fields) = reader.map(entry) else { return WrittenVars::new() };
    let text = |entry: &Entry<'_>| Some((entry.key.to_string(), (reader.text(entry)?.to_owned(), entry.value.span)));
    fields.entries().iter().filter_map(text).collect()
}

fn written(reader: &Reader<'_>, vars: &WrittenVars) -> BTreeMap<String, Declared<String>> {
    let declared = |(text, span): &(String, Span)| Declared { value: text.clone(), at: reader.place(*span).location() };
    vars.iter().map(|(name, written)| (name.clone(), declared(written))).collect()
}

/// Substitutes `${env.NAME}` in the variables of the chosen target; those of others may be unset here.
fn substitute(reader: &mut Reader<'_>, vars: &WrittenVars, environment: &Environment) -> Vars {
    let variables = Variables::of_environment(environment);
    let fixed = vars.iter().map(|(name, (text, span))| {
        let value = variables.template(reader, text, *span).and_then(|value| value.fixed(&mut reader.found));
        (name.clone(), value.unwrap_or_default())
    });
    fixed.collect()
}

fn default_definitions() -> Vec<Pattern> {
    vec![Pattern { glob: DEFAULT_DEFINITIONS.to_owned(), place: None }]
}

fn begin(span: Span) -> Span {
    Span { end: span.start, ..span }
}

/// Finds what may be a secret, so that no diagnostic shows it: scalars below `auth` other than the words of its form.
fn secrets(roots: &[Node<'_>]) -> Vec<Span> {
    let mut spans = Vec::new();
    for root in roots {
        find_secrets(root, Inside::Elsewhere, &mut spans);
    }
    spans
}

/// Words that announce a secret.
const WORDS: [&str; 10] =
    ["api_key", "apikey", "authorization", "credential", "password", "username", "session", "token", "secret", "url"];

fn announces(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    WORDS.iter().any(|word| key.contains(word))
}

/// Finds what may be a secret in a file that is not YAML: whatever stands after a word that announces one.
fn suspects(file: &SourceFile) -> Vec<Span> {
    let mut spans = Vec::new();
    for number in 1.. {
        let Some((start, line)) = file.line(number) else { break };
        let lower = line.to_ascii_lowercase();
        let first = WORDS.iter().filter_map(|word| Some(lower.find(word)? + word.len())).min();
        if let Some(value) = first {
            spans.push(file.span(start + value, start + line.len()));
        }
    }
    spans
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Auth,
    Url,
    Elsewhere,
}

fn find_secrets(node: &Node<'_>, inside: Inside, spans: &mut Vec<Span>) {
    match &node.data {
        Data::Scalar(scalar) => match inside {
            Inside::Auth => spans.push(node.span),
            Inside::Url if scalar.text.contains(['@', '?']) => spans.push(node.span),
            Inside::Url | Inside::Elsewhere => {}
        },
        Data::List(items) => items.iter().for_each(|item| find_secrets(item, inside, spans)),
        Data::Map(entries) => {
            for entry in entries {
                let below = match (&*entry.key, inside) {
                    ("file" | "locale", Inside::Auth) => Inside::Elsewhere,
                    ("env", Inside::Auth) if super::target::env_name(&entry.value).is_some() => Inside::Elsewhere,
                    ("auth", _) => Inside::Auth,
                    ("url", _) => Inside::Url,
                    // A secret may stand where nobody expects one.
                    (key, Inside::Elsewhere) if announces(key) => Inside::Auth,
                    _ => inside,
                };
                find_secrets(&entry.value, below, spans);
            }
        }
    }
}

/// Makes all diagnostics point into a copy of the file without secrets.
fn mask(mut found: Vec<Diagnostic>, file: &Arc<SourceFile>, secrets: &[Span]) -> Vec<Diagnostic> {
    if secrets.is_empty() || found.is_empty() {
        return found;
    }
    let masked = Arc::new(file.masked(secrets));
    for place in found.iter_mut().flat_map(Diagnostic::places_mut) {
        place.file = Arc::clone(&masked);
    }
    found
}
