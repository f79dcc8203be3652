//! `icsync explain`: the long text of a code.

use crate::cli::args::ExplainArguments;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::print;
use crate::diagnostic::{explain, explanations};
use crate::text::quote;

/// Runs the command.
pub(super) fn run(arguments: &ExplainArguments) -> Result<Exit, Failure> {
    let Some(code) = &arguments.code else {
        let list: String = explanations().fold(String::new(), |list, one| list + one.code + "  " + one.title + "\n");
        return print(list.as_bytes()).map(|()| Exit::Done);
    };
    match explain(code) {
        Some(explanation) => print(explanation.to_string().as_bytes()).map(|()| Exit::Done),
        None => {
            let codes: Vec<_> = explanations().map(|one| one.code).collect();
            Err(Failure::new(Exit::Usage, format!("{} is not a code", quote(code)))
                .help(format!("the codes are {}", codes.join(", "))))
        }
    }
}
