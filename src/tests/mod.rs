//! Everything that is read, under input that nobody meant: mutated examples never make it panic.
//!
//! A test run tries each reader for about a second; `just fuzz TARGET MINUTES` goes on for longer. What is found becomes a named test
//! beside the reader.

mod mutation;
mod readers;
mod speed;

use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

use mutation::Mutator;

/// Inputs are tried so long unless `ICSYNC_FUZZ_SECONDS` says otherwise: a bound of work, not of what is right.
const SHORT: Duration = Duration::from_secs(1);
/// Inputs that did something new are kept, up to so many.
const MOST_KEPT: usize = 4_000;

/// Reads an input and says in a few words what came of it: what leads to new words is mutated further.
type FuzzReader = fn(&[u8]) -> String;

fn setting(name: &str) -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "tests are told how long to go on")]
    std::env::var(name).ok()?.parse().ok()
}

/// Gives the examples of a target, in order.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(target);
    let entries = std::fs::read_dir(&folder).expect("a folder of examples");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    #[expect(clippy::disallowed_methods, reason = "tests read their own examples")]
    let read = |path: &std::path::PathBuf| std::fs::read(path).expect("an example");
    paths.iter().map(read).collect()
}

/// Tries mutated examples. A panic shows the input, which is written to a file of the temporary folder too.
fn fuzz(target: &str, read: FuzzReader) {
    let long = setting("ICSYNC_FUZZ_SECONDS").map(Duration::from_secs);
    let mut mutator = Mutator::new(setting("ICSYNC_FUZZ_SEED").unwrap_or(1));
    let mut pool = corpus(target);
    let (mut seen, mut count) = (HashSet::new(), 0_u64);
    let examples = pool.clone();
    let mut attempt = |input: &[u8]| {
        let outcome = std::panic::catch_unwind(|| read(input));
        if outcome.is_err() {
            let path = std::env::temp_dir().join(format!("icsync-fuzz-{target}"));
            #[expect(clippy::disallowed_methods, reason = "whoever looks into a panic wants its input whole")]
            let _ = std::fs::write(&path, input);
            panic!("{target} panics over {}: {:?}", path.display(), String::from_utf8_lossy(input));
        }
        count += 1;
        outcome.is_ok_and(|words| seen.insert(words))
    };
    for input in &examples {
        attempt(input);
    }
    let end = Instant::now() + long.unwrap_or(SHORT);
    while Instant::now() < end {
        let input = mutator.mutate(&pool);
        if attempt(&input) && pool.len() < MOST_KEPT {
            pool.push(input);
        }
    }
    if long.is_some() {
        println!("{target}: {count} executions, {} kinds of outcome, {} inputs kept", seen.len(), pool.len());
    }
}

#[test]
fn definitions() {
    fuzz("definitions", readers::definitions);
}

#[test]
fn configuration() {
    fuzz("configuration", readers::configuration);
}

#[test]
fn csv() {
    fuzz("csv", readers::csv);
}

#[test]
fn variables() {
    fuzz("variables", readers::variables);
}

#[test]
fn plans() {
    fuzz("plans", readers::plan);
}

#[test]
fn journals() {
    fuzz("journals", readers::journal);
}

#[test]
fn answers() {
    fuzz("answers", readers::answer);
}

#[test]
fn estate() {
    fuzz("estate", readers::estate);
}

#[test]
fn faults() {
    fuzz("faults", readers::faults);
}
