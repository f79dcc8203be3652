//! A server of one closure: it gets every request in order and says what to answer, byte by byte if need be.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

pub(super) struct Server {
    pub(super) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// How many came before it.
    pub(super) number: usize,
    /// `GET /path?query`.
    pub(super) line: String,
    /// The lines of the head in lower case.
    pub(super) head: String,
    pub(super) body: String,
}

/// What the server does about a request.
pub(super) enum Reply {
    /// Sends these bytes and closes the connection.
    Bytes(String),
    /// Closes the connection without a word.
    Drop,
    /// Says nothing for ever.
    Hang,
}

impl Server {
    pub(super) async fn start(answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (answer, log) = (Arc::new(answer), Arc::clone(&seen));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&answer), Arc::clone(&log)));
            }
        });
        Self { url, seen }
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no panic").clone()
    }

    /// Counts the requests whose line begins with this.
    pub(super) fn count(&self, line: &str) -> usize {
        self.seen().iter().filter(|seen| seen.line.starts_with(line)).count()
    }
}

impl Seen {
    pub(super) fn holds(&self, header: &str) -> bool {
        self.head.contains(&header.to_ascii_lowercase())
    }
}

async fn serve(
    mut stream: TcpStream,
    answer: Arc<impl Fn(&Seen) -> Reply + Send + Sync + 'static>,
    log: Arc<Mutex<Vec<Seen>>>,
) {
    let Some((head, body)) = receive(&mut stream).await else { return };
    let line = head.lines().next().unwrap_or_default().trim_end_matches(" HTTP/1.1").to_owned();
    let reply = {
        let mut log = log.lock().expect("no panic");
        let seen = Seen { number: log.len(), line, head: head.to_ascii_lowercase(), body };
        log.push(seen.clone());
        answer(&seen)
    };
    match reply {
        Reply::Bytes(bytes) => {
            let _ = stream.write_all(bytes.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
        Reply::Drop => {}
        Reply::Hang => std::future::pending().await,
    }
}

async fn receive(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            return Some((head.to_owned(), body.to_owned()));
        }
    }
}

pub(super) fn reply(status: u16, headers: &str, body: &str) -> Reply {
    let length = body.len();
    let length = if status == 204 { String::new() } else { format!("Content-Length: {length}\r\n") };
    Reply::Bytes(format!("HTTP/1.1 {status} X\r\n{length}Connection: close\r\n{headers}\r\n{body}"))
}

pub(super) fn json(status: u16, body: &str) -> Reply {
    reply(status, "Content-Type: application/json\r\n", body)
}

pub(super) fn html(status: u16) -> Reply {
    reply(status, "Content-Type: text/html\r\n", "<html><title>Sign in</title></html>")
}

/// A body that ends before its length.
pub(super) fn truncated() -> Reply {
    Reply::Bytes("HTTP/1.1 200 X\r\nContent-Length: 500\r\n\r\n{\"Result\":\"Suc".to_owned())
}
