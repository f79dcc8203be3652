//! Reads faults, from a file or from what `PUT /sandbox/faults` is sent: what is wrong with a file is told all at once.

use super::fault::{FaultRule, Faults};
use super::mistakes::FileMistakes;
use crate::diagnostic::Diagnostic;
use crate::manifest::typed;

/// Why a text is no list of faults.
#[derive(Debug, thiserror::Error)]
pub enum FaultError {
    /// A file is no list of rules, or a rule of it contradicts itself.
    #[error(transparent)]
    File(FileMistakes),
    /// JSON does not have the fields of rules.
    #[error("`{file}` is not a list of faults: {problem}")]
    Form {
        /// The file as it was named.
        file: String,
        /// What the reader says, with line and column.
        problem: String,
    },
    /// A rule contradicts itself.
    #[error("fault {number}: {problem}")]
    Rule {
        /// Which rule, from 1.
        number: usize,
        /// What does not fit.
        problem: &'static str,
    },
}

/// How many bytes a file of faults may have.
const LARGEST: usize = 1024 * 1024;

impl Faults {
    /// Reads faults from YAML; `file` is its name in errors.
    pub fn parse(text: &str, file: &str) -> Result<Self, FaultError> {
        if text.len() > LARGEST {
            let problem = format!("it has more than {LARGEST} bytes, and faults are a few rules");
            return Err(FaultError::Form { file: file.to_owned(), problem });
        }
        let no_faults = |mistakes| FaultError::File(FileMistakes::new(file, "a list of faults", mistakes));
        // A file with nothing but comments reads as null.
        let rules = typed::<Option<Vec<FaultRule>>>(text, file).map_err(no_faults)?;
        let problems = problems(rules.value.iter().flatten());
        let mistakes: Vec<Diagnostic> = problems
            .map(|(index, problem)| rules.contradiction(Some(("", index)), format!("fault {}: {problem}", index + 1)))
            .collect();
        if mistakes.is_empty() { Ok(Self(rules.value.unwrap_or_default())) } else { Err(no_faults(mistakes)) }
    }

    /// Reads faults from JSON, as `PUT /sandbox/faults` takes them.
    pub fn parse_json(bytes: &[u8]) -> Result<Self, FaultError> {
        let form = |problem: String| FaultError::Form { file: "the body".to_owned(), problem };
        Self::new(serde_json::from_slice(bytes).map_err(|error| form(error.to_string()))?)
    }

    /// Takes rules, if each makes sense.
    pub fn new(rules: Vec<FaultRule>) -> Result<Self, FaultError> {
        let first = problems(rules.iter()).next();
        first.map_or(Ok(()), |(index, problem)| Err(FaultError::Rule { number: index + 1, problem }))?;
        Ok(Self(rules))
    }
}

/// Says which rules contradict themselves, each by its index.
fn problems<'r>(rules: impl Iterator<Item = &'r FaultRule>) -> impl Iterator<Item = (usize, &'static str)> {
    rules.enumerate().flat_map(|(index, rule)| rule.problems().map(move |problem| (index, problem)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_rules_than_anybody_writes_are_refused_before_they_are_read() {
        let error = Faults::parse(&"[".repeat(LARGEST + 1), "f").expect_err("too much").to_string();
        assert!(error.contains("it has more than 1048576 bytes"), "{error}");
    }

    #[test]
    fn rules_that_contradict_themselves_are_refused() {
        for rule in [
            "nth: 1, every: 2",
            "nth: 0",
            "probability: 2",
            "status: 500",
            "by: 1",
            "effect: shift",
            "nope: 1",
            "late_ms: 1, effect: html",
            "late_ms: 1, effect: answer",
        ] {
            assert!(Faults::parse(&format!("[{{ {rule} }}]"), "f").is_err(), "{rule}");
        }
    }

    #[test]
    fn an_answer_may_have_any_status() {
        for status in [408, 425, 520, 521, 522, 523, 524, 529, 599] {
            assert!(Faults::parse(&format!("[{{ effect: answer, status: {status} }}]"), "f").is_ok(), "{status}");
        }
    }

    #[test]
    fn faults_read_back_as_they_were_put() {
        let json = br#"[{"operation":"add","device":"+44","first":3,"effect":"answer","retry_after":7,"work":"done"}]"#;
        let faults = Faults::parse_json(json).expect("faults");
        let again = serde_json::to_vec(&faults).expect("JSON");
        assert_eq!(Faults::parse_json(&again).expect("faults"), faults);
    }

    #[test]
    fn all_mistakes_of_a_file_are_told() {
        let said = |text: &str| {
            let Err(FaultError::File(mistakes)) = Faults::parse(text, "f") else { panic!("{text}") };
            let line = |one: &Diagnostic| format!("{}: {}", one.location().expect("a place"), one.message);
            mistakes.into_diagnostics().iter().map(line).collect::<Vec<_>>().join("\n")
        };
        insta::assert_snapshot!(said("- { nth: 0, status: 900 }\n- {}\n- { by: 1 }\n"), @r"
        f:1: fault 1: `nth` and `every` count from 1
        f:1: fault 1: `status` is from 200 to 599
        f:1: fault 1: `status` needs `effect: answer` or `effect: html`
        f:3: fault 3: `by` belongs to `effect: shift` and `effect: total`, and they need it
        ");
        let said = said("- { nope: 1, nth: x }\n- {}\n- { effect: x }\n- 5\n");
        for part in [
            "f:1: the key `nope`",
            "f:1: here stands the text `x`",
            "f:3: `x` is not one of",
            "f:4: here stands the number 5",
        ] {
            assert!(said.contains(part), "{part}\n{said}");
        }
    }
}
