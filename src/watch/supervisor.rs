//! What systemd is told: that the process is ready, what it does, that it lives, that it ends (`sd_notify(3)`).

use std::io;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

/// Whoever started the process and wants to hear of it.
#[derive(Debug)]
pub(crate) struct Supervisor {
    socket: UnixDatagram,
    /// How often it wants to hear that the process lives.
    beat: Option<Duration>,
}

/// What the environment says of a supervisor.
#[derive(Debug, Clone, Default)]
pub(crate) struct SupervisorVariables {
    /// `NOTIFY_SOCKET`.
    pub(crate) socket: Option<String>,
    /// `WATCHDOG_USEC`: without a sign of life for so many microseconds the process is ended.
    pub(crate) watchdog: Option<String>,
    /// `WATCHDOG_PID`: the process that this is about.
    pub(crate) process: Option<String>,
}

impl Supervisor {
    /// Connects to whoever listens, if anybody does.
    pub(crate) fn of(variables: &SupervisorVariables, process: u32) -> io::Result<Option<Self>> {
        let Some(path) = variables.socket.as_deref().filter(|path| !path.is_empty()) else { return Ok(None) };
        let socket = UnixDatagram::unbound()?;
        connect(&socket, path)?;
        // A supervisor that does not read must never hold up a round.
        socket.set_nonblocking(true)?;
        Ok(Some(Self { socket, beat: beat(variables, process) }))
    }

    /// Gives how often to say that the process lives.
    pub(crate) fn beat(&self) -> Option<Duration> {
        self.beat
    }

    /// Says that the process works.
    pub(crate) fn ready(&self) {
        self.say("READY=1");
    }

    /// Says that the process ends.
    pub(crate) fn stopping(&self) {
        self.say("STOPPING=1");
    }

    /// Says that the process lives.
    pub(crate) fn alive(&self) {
        self.say("WATCHDOG=1");
    }

    /// Says what the process does, in one line.
    pub(crate) fn status(&self, line: &str) {
        self.say(&format!("STATUS={}", line.replace('\n', " ")));
    }

    fn say(&self, message: &str) {
        if let Err(error) = self.socket.send(message.as_bytes()) {
            tracing::debug!(%error, message, "the supervisor was not told");
        }
    }
}

#[cfg(target_os = "linux")]
fn connect(socket: &UnixDatagram, path: &str) -> io::Result<()> {
    use std::os::linux::net::SocketAddrExt as _;
    match path.strip_prefix('@') {
        Some(name) => socket.connect_addr(&std::os::unix::net::SocketAddr::from_abstract_name(name)?),
        None => socket.connect(path),
    }
}

#[cfg(not(target_os = "linux"))]
fn connect(socket: &UnixDatagram, path: &str) -> io::Result<()> {
    socket.connect(path)
}

/// Half of the time that is allowed, as `sd_watchdog_enabled(3)` advises.
fn beat(variables: &SupervisorVariables, process: u32) -> Option<Duration> {
    let about_us = variables.process.as_ref().is_none_or(|other| other.parse() == Ok(process));
    let microseconds: u64 = variables.watchdog.as_ref().filter(|_| about_us)?.parse().ok()?;
    (microseconds > 0).then(|| Duration::from_micros(microseconds / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_listens_is_told_and_the_watchdog_of_another_process_is_not_ours() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("notify");
        let listener = UnixDatagram::bind(&path).expect("a socket");
        let socket = Some(path.to_string_lossy().into_owned());
        let watchdog = Some("30000000".to_owned());
        let variables = SupervisorVariables { socket, watchdog, process: Some("7".to_owned()) };
        let supervisor = Supervisor::of(&variables, 7).expect("connected").expect("a supervisor");
        assert_eq!(supervisor.beat(), Some(Duration::from_secs(15)));
        assert_eq!(beat(&variables, 8), None);
        supervisor.ready();
        supervisor.status("round 1\nof many");
        let mut buffer = [0; 64];
        let mut heard = || {
            let length = listener.recv(&mut buffer).expect("a message");
            String::from_utf8_lossy(&buffer[..length]).into_owned()
        };
        assert_eq!((heard().as_str(), heard().as_str()), ("READY=1", "STATUS=round 1 of many"));
        assert!(Supervisor::of(&SupervisorVariables::default(), 7).expect("nobody").is_none());
    }
}
