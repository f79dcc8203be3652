//! What the process asks of the system for itself, before it holds any secret.

use std::io::Write as _;
use std::panic::PanicHookInfo;

use super::args::LogFormat;
#[cfg(unix)]
use super::check_open_files;

/// Lets a panic say where it was and nothing of what was worked on: its message may hold a value, as that of the standard
/// library does when text is cut inside of a character. A message without any value in it is written in the program, and said.
pub(super) fn keep_values_out_of_panics(format: LogFormat) {
    std::panic::set_hook(Box::new(move |panic| {
        let line = format!("error: icsync made a mistake of its own, {}", told(panic));
        match format {
            // Neither the bar nor its lock is touched: the panic may have been there.
            LogFormat::Text => {
                let _ = writeln!(std::io::stderr().lock(), "{line}\nhelp: {REPORT}");
            }
            LogFormat::Json => tracing::error!(target: "icsync::said", code = "panic", help = REPORT, "{line}"),
        }
    }));
}

const REPORT: &str =
    "please report this line and `icsync --version`; if it was writing, `icsync runs` says how far it came";

fn told(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map_or_else(|| "nobody knows where".to_owned(), |at| format!("at {at}"));
    match panic.payload().downcast_ref::<&'static str>() {
        Some(words) => format!("{place}: {words}"),
        None => place,
    }
}

/// Switches core dumps off, so that no crash leaves secrets on a disk. Where the system does not know them, as Windows, this does nothing.
pub(super) fn keep_memory_to_itself() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // No dump fits into one byte. Linux hands dumps to programs such as `systemd-coredump` whatever the limit, except where it
        // is just this (core(5), fs/coredump.c).
        let limit = Rlimit { current: Some(1), maximum: Some(1) };
        if setrlimit(Resource::Core, limit).is_err() {
            // A limit of none is below that already.
            let none = Rlimit { current: Some(0), maximum: Some(0) };
            let _ = setrlimit(Resource::Core, none);
        }
    }
}

/// Lets a write beyond the limit on the size of files fail (setrlimit(2), `RLIMIT_FSIZE`). By default it ends the process, in the middle of
/// a run and with a temporary file left behind.
pub(super) fn survive_large_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Signal, getrlimit};
        use tokio::signal::unix::{SignalKind, signal};
        if getrlimit(Resource::Fsize).current.is_none() || check_open_files().is_err() {
            return;
        }
        // Whoever has listened for a signal once keeps it from its default until the end of the process.
        if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
            let _inside = runtime.enter();
            drop(signal(SignalKind::from_raw(Signal::XFSZ.as_raw())));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;
    use std::process::Command;

    use secrecy::SecretString;

    use super::*;
    use crate::manifest::EnvironmentVariables;

    const CANARY: &str = "canary-é-4711";

    type Attempt = Box<dyn Fn() + std::panic::UnwindSafe + std::panic::RefUnwindSafe>;

    /// What another process does: panics with secrets in memory.
    fn panics_with_secrets_in_memory(format: LogFormat) {
        keep_values_out_of_panics(format);
        let _ = tracing_subscriber::fmt().json().with_writer(std::io::stderr).try_init();
        let secret = SecretString::from(CANARY);
        let variables: EnvironmentVariables = [("KEY".to_owned(), CANARY.to_owned())].into_iter().collect();
        let text = CANARY.to_owned();
        let inside = CANARY.find('é').expect("a letter of two bytes") + 1;
        let attempts: [(&str, Attempt); 5] = [
            ("cut", Box::new(move || drop(CANARY[..inside].to_owned()))),
            ("error", Box::new(|| std::hint::black_box(Err::<(), _>(CANARY.to_owned())).expect("no error"))),
            ("words", Box::new(move || panic!("{text} is not known"))),
            ("key", Box::new(|| serde_json::from_str::<u8>(&format!("\"{CANARY}\"")).map(drop).expect("a number"))),
            ("debug", Box::new(move || panic!("{secret:?} {variables:?}"))),
        ];
        for (name, attempt) in attempts {
            assert!(catch_unwind(attempt).is_err(), "{name}");
        }
        assert!(catch_unwind(|| panic!("nothing but words")).is_err());
    }

    /// Words among the filters of the other process, which fit no test.
    const FORMATS: [(&str, LogFormat); 2] = [("panic-as-text", LogFormat::Text), ("panic-as-json", LogFormat::Json)];

    #[test]
    fn no_panic_says_a_value() {
        let arguments: Vec<String> = std::env::args().collect();
        if let Some((_, format)) = FORMATS.into_iter().find(|(word, _)| arguments.iter().any(|one| one == word)) {
            return panics_with_secrets_in_memory(format);
        }
        for (backtrace, (word, _)) in [("0", FORMATS[0]), ("1", FORMATS[0]), ("full", FORMATS[1])] {
            let mut command = Command::new(std::env::current_exe().expect("this program"));
            command.args(["--exact", "cli::hardening::tests::no_panic_says_a_value", word, "--nocapture"]);
            command.env("RUST_BACKTRACE", backtrace).env("RUST_LIB_BACKTRACE", backtrace);
            let ended = command.output().expect("the other process");
            let said = String::from_utf8_lossy(&[ended.stdout, ended.stderr].concat()).into_owned();
            assert!(ended.status.success(), "{said}");
            assert_eq!(said.matches("icsync made a mistake of its own, at ").count(), 6, "{said}");
            assert!(said.contains("hardening.rs") && said.contains(": nothing but words"), "{said}");
            assert!(!said.contains("canary") && !said.contains("4711"), "{said}");
        }
    }
}
