//! `icsync validate`: checks the configuration and every definition, for all targets.

use std::io::{self, Write};

use crate::cli::args::Global;
use crate::cli::environment::Environment;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Sink;
use crate::cli::repository::check_strict;
use crate::cli::targets::TargetTrees;
use crate::document::{self, DiagnosticV1, TargetClientsV1, ValidationV1};
use crate::manifest::{Emptiness, LoadedTree};
use crate::report::{self, Format};
use crate::text::{counted, visible};

pub(super) fn run(environment: &Environment, global: &Global, sink: &Sink<'_>) -> Result<Exit, Failure> {
    let targets = TargetTrees::of_folder(environment, global, Emptiness::Refused);
    let sandbox_mistakes = TargetTrees::sandbox_mistakes(environment, global);
    let targets = match (targets, sandbox_mistakes) {
        (targets, none) if none.is_empty() => targets?,
        (Ok(_), mistakes) => return Err(Failure::invalid(mistakes)),
        (Err(failure), mistakes) => return Err(failure.with_mistakes(mistakes)),
    };
    let warnings = targets.warnings();
    check_strict(global, &warnings, None)?;
    sink.complain(&warnings);
    let diagnostics: Vec<DiagnosticV1> = warnings.iter().map(DiagnosticV1::from).collect();
    sink.render(|format, out, style| match format {
        Format::Json => document::write(out, &document_of(&targets.trees, &diagnostics)),
        Format::Text => text(out, &targets.trees),
        other => report::complaints(other, out, "definitions", &diagnostics, style),
    })?;
    Ok(Exit::Done)
}

fn document_of(trees: &[LoadedTree], diagnostics: &[DiagnosticV1]) -> ValidationV1 {
    let clients_of = |tree: &LoadedTree| TargetClientsV1 {
        target: tree.resolved.target.clone(),
        clients: tree.desired.clients.len() as u64,
    };
    let targets: Vec<TargetClientsV1> = trees.iter().map(clients_of).collect();
    let clients = targets.first().map_or(0, |first| first.clients);
    ValidationV1 { clients, targets, diagnostics: diagnostics.to_vec(), ..ValidationV1::default() }
}

fn text(out: &mut impl Write, trees: &[LoadedTree]) -> io::Result<()> {
    for tree in trees {
        let target = visible(&tree.resolved.target);
        let warnings = match tree.warnings.len() {
            0 => String::new(),
            warnings => format!(", {}", counted(warnings, "warning")),
        };
        writeln!(out, "valid: {} for target {target}{warnings}", counted(tree.desired.clients.len(), "client"))?;
    }
    Ok(())
}
