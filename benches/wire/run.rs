//! One run of the real binary, and what it took.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// What a run took and said.
pub(crate) struct Run {
    pub(crate) wall: f64,
    processor: Option<f64>,
    megabytes: Option<u64>,
    /// What it told people.
    pub(crate) told: String,
}

/// What several runs took: the median of time, the most memory.
#[derive(Debug)]
pub(crate) struct Cost {
    pub(crate) wall: f64,
    pub(crate) processor: Option<f64>,
    pub(crate) megabytes: Option<u64>,
}

impl Run {
    /// Runs icsync once. GNU time tells what the process took, where it is installed.
    pub(crate) fn of(folder: &Path, arguments: &[&str]) -> Self {
        const TIME: &str = "/usr/bin/time";
        let (figures, has_time) = (folder.join("figures"), Path::new(TIME).exists());
        let mut command = Command::new(if has_time { TIME } else { env!("CARGO_BIN_EXE_icsync") });
        if has_time {
            command.args(["-f", "%U %S %M", "-o"]).arg(&figures).arg(env!("CARGO_BIN_EXE_icsync"));
        }
        command.arg("-C").arg(folder).args(arguments).env("CCS_API_KEY", "key").stdout(Stdio::null());
        let began = Instant::now();
        let output = command.stderr(Stdio::piped()).output().expect("the binary");
        let wall = began.elapsed().as_secs_f64();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {}: {told}", output.status);
        let figures = std::fs::read_to_string(figures).unwrap_or_default();
        let mut figures = figures.split_whitespace().map_while(|figure| figure.parse::<f64>().ok());
        let processor = figures.next().zip(figures.next()).map(|(user, system)| user + system);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a number of kilobytes")]
        let megabytes = figures.next().map(|kilobytes| (kilobytes / 1024.0).round() as u64);
        Self { wall, processor, megabytes, told }
    }
}

impl Cost {
    pub(crate) fn of(runs: &[Run]) -> Self {
        let processor: Option<Vec<f64>> = runs.iter().map(|run| run.processor).collect();
        let megabytes: Option<Vec<u64>> = runs.iter().map(|run| run.megabytes).collect();
        Self {
            wall: median(runs.iter().map(|run| run.wall).collect()).expect("a run"),
            processor: processor.and_then(median),
            megabytes: megabytes.and_then(|all| all.into_iter().max()),
        }
    }

    /// Writes the cells of a table, beside how long as many requests take by themselves.
    pub(crate) fn cells(&self, wire: Option<f64>) -> String {
        let Self { wall, processor, megabytes } = self;
        let or_nothing = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
        format!(
            "{wall:.2} s | {} | {} | {} | {}",
            or_nothing(processor.map(|seconds| format!("{seconds:.2} s"))),
            or_nothing(megabytes.map(|megabytes| format!("{megabytes} MB"))),
            or_nothing(wire.map(|seconds| format!("{seconds:.2} s"))),
            or_nothing(wire.map(|seconds| format!("{:.2} ×", wall / seconds))),
        )
    }
}

pub(crate) fn median(mut all: Vec<f64>) -> Option<f64> {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied()
}
