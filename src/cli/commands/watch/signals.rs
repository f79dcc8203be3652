//! What happens from outside, as the loop hears it: signals, and files that change.

use std::collections::hash_map::DefaultHasher;
use std::ffi::OsStr;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use crate::watch::Happening;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// Looking takes at most this part of the time, however many files there are.
const PART: u32 = 20;
/// Files with these endings are looked at; others are read anew in the next round.
const WATCHED: [&str; 3] = ["yaml", "yml", "csv"];

/// Tells of SIGTERM, SIGINT and SIGHUP, for ever.
#[cfg(unix)]
pub(super) async fn tell_signals(happenings: UnboundedSender<Happening>) {
    use tokio::signal::unix::{SignalKind, signal};
    let all = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()].map(signal);
    let [Ok(mut terminate), Ok(mut interrupt), Ok(mut hangup)] = all else { return };
    loop {
        let happening = tokio::select! {
            _ = terminate.recv() => Happening::Stop,
            _ = interrupt.recv() => Happening::Stop,
            _ = hangup.recv() => Happening::Reload,
        };
        if happenings.send(happening).is_err() {
            return;
        }
    }
}

/// Tells of Ctrl-C, for ever.
#[cfg(not(unix))]
pub(super) async fn tell_signals(happenings: UnboundedSender<Happening>) {
    while tokio::signal::ctrl_c().await.is_ok() && happenings.send(Happening::Stop).is_ok() {}
}

/// Tells of files below a folder that change, for ever. They are looked at again and again, which works on every file
/// system, over the network too.
pub(super) async fn tell_files(root: PathBuf, happenings: UnboundedSender<Happening>) {
    let mut known = None;
    loop {
        let (folder, began) = (root.clone(), Instant::now());
        let Ok(seen) = tokio::task::spawn_blocking(move || fingerprint(&folder)).await else { return };
        let took = began.elapsed();
        if known.replace(seen).is_some_and(|before| before != seen) && happenings.send(Happening::FilesChanged).is_err()
        {
            return;
        }
        tokio::time::sleep(LOOK.max(took * PART)).await;
    }
}

/// Sums up which files there are, how long they are and when they were written. Folders and files whose names begin with
/// a dot are left out.
fn fingerprint(root: &Path) -> u64 {
    let (mut open, mut sum) = (vec![root.to_owned()], 0_u64);
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.filter_map(Result::ok) {
            let path = entry.path();
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push(path),
                Ok(_) if path.extension().and_then(OsStr::to_str).is_some_and(|end| WATCHED.contains(&end)) => {
                    sum = sum.wrapping_add(of_file(&path));
                }
                Ok(_) | Err(_) => {}
            }
        }
    }
    sum
}

/// The order of files in a folder says nothing, so their sums are added up.
fn of_file(path: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    // Through links: what they lead to is what is read.
    if let Ok(metadata) = path.metadata() {
        (metadata.len(), metadata.modified().ok()).hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test writes the files that are looked at")]
    fn what_is_written_added_or_removed_changes_the_fingerprint_and_nothing_else_does() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let look = || fingerprint(folder.path());
        std::fs::create_dir_all(path("clients/.hidden")).expect("a folder");
        std::fs::write(path("clients/a.yaml"), "a").expect("written");
        let first = look();
        std::fs::write(path("clients/.hidden/b.yaml"), "b").expect("written");
        std::fs::write(path("sandbox.db"), "b").expect("written");
        assert_eq!(look(), first);
        std::fs::write(path("clients/a.yaml"), "longer").expect("written");
        let second = look();
        assert_ne!(second, first);
        std::fs::write(path("clients/desks.csv"), "b").expect("written");
        assert_ne!(look(), second);
        std::fs::remove_file(path("clients/desks.csv")).expect("removed");
        assert_eq!(look(), second);
    }
}
