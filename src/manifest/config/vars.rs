//! `vars`: text by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::Span;
use crate::manifest::read::TreeReader;
use crate::manifest::variables::{EnvironmentVariables, SecretNames, Variables, Vars};
use crate::manifest::yaml::MapEntry;
use crate::model::Declared;

/// Variables as they are written, each with its place.
pub(super) type WrittenVars = BTreeMap<String, (String, Span)>;

/// Reads `vars`: text by name.
pub(super) fn read_vars(reader: &mut TreeReader<'_>, entry: &MapEntry<'_>) -> WrittenVars {
    let Some(fields) = reader.map(entry) else { return WrittenVars::new() };
    let text = |entry: &MapEntry<'_>| Some((entry.key.to_string(), (reader.text(entry)?.to_owned(), entry.value.span)));
    fields.entries().iter().filter_map(text).collect()
}

pub(super) fn written(reader: &TreeReader<'_>, vars: &WrittenVars) -> BTreeMap<String, Declared<String>> {
    let declared = |(text, span): &(String, Span)| Declared { value: text.clone(), at: reader.place(*span).location() };
    vars.iter().map(|(name, written)| (name.clone(), declared(written))).collect()
}

/// Substitutes `${env.NAME}` in the variables of the chosen target; those of others may be unset here.
pub(super) fn substitute(
    reader: &mut TreeReader<'_>,
    vars: &WrittenVars,
    (environment, secrets): (&EnvironmentVariables, SecretNames),
) -> Vars {
    let variables = Variables::of_environment(environment, &secrets);
    let fixed = vars.iter().map(|(name, (text, span))| {
        let value = variables.template(reader, text, *span).and_then(|value| value.fixed(&mut reader.found));
        (name.clone(), value.unwrap_or_default())
    });
    Vars::new(fixed.collect(), Arc::clone(&secrets))
}
