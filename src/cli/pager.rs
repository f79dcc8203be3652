//! Long text on a terminal, shown by the pager that its reader chose.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::environment::Environment;
use super::environment::print;
use super::failure::Failure;
use super::interrupt;
use super::runtime;
use super::variables::{HeardVariable, VariableValue};

/// The pager of most systems, where nobody chose one.
const USUAL: &str = "less";
/// What it is told unless somebody said otherwise: to end where the text fits the screen, and to let colours through.
const USUAL_OPTIONS: &str = "FRX";

/// Shows a text: through the pager on a terminal, else as it is.
pub(super) fn show(environment: &Environment, text: &str) -> Result<(), Failure> {
    if environment.terminal && page(text) {
        return Ok(());
    }
    print(text.as_bytes())
}

/// Tells whether a pager has shown the text.
fn page(text: &str) -> bool {
    let chosen = match HeardVariable::Pager.read() {
        VariableValue::Unset => USUAL.to_owned(),
        VariableValue::Text(words) => words,
        VariableValue::NotText => return false,
    };
    let mut words = chosen.split_whitespace();
    let Some(program) = words.next() else { return false };
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::piped());
    if HeardVariable::Less.read() == VariableValue::Unset {
        command.env(HeardVariable::Less.name(), USUAL_OPTIONS);
    }
    let runtime = runtime().ok();
    let _interrupts = runtime.as_ref().and_then(interrupt::left_to_another);
    let Ok(mut pager) = command.spawn() else { return false };
    if let Some(mut stdin) = pager.stdin.take() {
        // Whoever leaves the pager early has read enough.
        let _ = stdin.write_all(text.as_bytes());
    }
    pager.wait().is_ok()
}
