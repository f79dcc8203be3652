//! `--select` and `--exclude`: what they name has to be there.

use std::collections::BTreeSet;

use super::args::{SelectArguments, Selected};
use super::environment::Environment;
use super::error::CommandError;
use super::failure::Failure;
use crate::manifest::nearest;
use crate::model::{Desired, Live, Selection, Selector};

pub(super) fn selection(arguments: &SelectArguments) -> Selection {
    let selectors = |chosen: &[Selected]| chosen.iter().map(|one| one.selector.clone()).collect();
    Selection { select: selectors(&arguments.select), exclude: selectors(&arguments.exclude), shard: None }
}

/// Refuses what fits nothing, and warns where each expression fits something and all together leave no definition.
pub(super) fn check_selection<'a>(
    environment: &Environment,
    selection: &Selection,
    desired: impl IntoIterator<Item = &'a Desired>,
    live: Option<&Live>,
) -> Result<(), Failure> {
    let desired: Vec<&Desired> = desired.into_iter().collect();
    check_fits(selection, &desired, live)?;
    if !selection.is_all() && !desired.iter().any(|desired| selection.covers_any(desired)) {
        environment.say("warning: --select and --exclude leave no definition");
    }
    Ok(())
}

/// Refuses an expression that fits no definition and no live client of the boundary: a typo looks like all is well.
pub(super) fn check_fits(selection: &Selection, desired: &[&Desired], live: Option<&Live>) -> Result<(), Failure> {
    let rows = || live.into_iter().flat_map(|live| live.clients.values());
    let fits = |one: &Selector| {
        let mut definitions = desired.iter().flat_map(|desired| desired.clients.values());
        definitions.any(|definition| one.fits(definition)) || rows().any(|row| one.fits_live(row))
    };
    match selection.selectors().find(|one| !fits(one)) {
        Some(one) => Err(CommandError::NothingFits {
            text: one.as_str().to_owned(),
            near: near(one, desired),
            live: live.is_some(),
        }
        .into()),
        None => Ok(()),
    }
}

/// Finds what was probably meant.
fn near(selector: &Selector, desired: &[&Desired]) -> Option<String> {
    let definitions = desired.iter().flat_map(|desired| desired.clients.values());
    let said: BTreeSet<String> = definitions.flat_map(|definition| selector.said_of(definition)).collect();
    let said: Vec<&str> = said.iter().map(String::as_str).collect();
    nearest(selector.as_str(), &said).map(str::to_owned)
}
