//! A server whose answers are ready.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::clients::row;
use crate::{Case, Details, PAGE};

/// What stands in answers in place of the number of a client.
const HOLE: &str = "@@@@@@";

/// A server whose answers are ready, on a thread of its own.
pub(crate) struct Server {
    pub(crate) port: u16,
    pub(crate) requests: Arc<AtomicUsize>,
    _runtime: tokio::runtime::Runtime,
}

/// What the server answers.
struct Answers {
    case: Case,
    info: Vec<u8>,
    /// Where the number of the client stands in `info`.
    holes: Vec<usize>,
    /// The pages that were asked for, by their queries.
    pages: Mutex<HashMap<String, Arc<[u8]>>>,
    requests: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) fn start(case: Case) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let info = answer(&format!("{{\"Result\":\"Success\",\"Data\":{}}}", row(HOLE, true)));
        let holes = (0..info.len()).filter(|at| info[*at..].starts_with(HOLE.as_bytes())).collect();
        let requests = Arc::new(AtomicUsize::new(0));
        let answers = Arc::new(Answers { case, info, holes, pages: Mutex::default(), requests: Arc::clone(&requests) });
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&answers)));
            }
        });
        Self { port, requests, _runtime: runtime }
    }
}

async fn serve(mut stream: TcpStream, answers: Arc<Answers>) {
    let _ = stream.set_nodelay(true);
    let mut read = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            let mut chunk = [0; 8192];
            match stream.read(&mut chunk).await {
                Ok(0) | Err(_) => return,
                Ok(length) => read.extend_from_slice(&chunk[..length]),
            }
        };
        let head: Vec<u8> = read.drain(..end).collect();
        answers.requests.fetch_add(1, Ordering::Relaxed);
        if answers.case.latency > 0 {
            tokio::time::sleep(Duration::from_millis(answers.case.latency)).await;
        }
        let head = String::from_utf8_lossy(&head);
        if stream.write_all(&answers.to(head.split(' ').nth(1).unwrap_or_default())).await.is_err() {
            return;
        }
    }
}

impl Answers {
    fn to(&self, target: &str) -> Vec<u8> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path.ends_with("/integratorClient") {
            let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
            let page = pages.entry(query.to_owned()).or_insert_with(|| self.page(query).into());
            return page.to_vec();
        }
        let mut answer = self.info.clone();
        let number = &path.as_bytes()[path.len().saturating_sub(HOLE.len())..];
        for hole in &self.holes {
            answer[*hole..hole + HOLE.len()].copy_from_slice(number);
        }
        answer
    }

    fn page(&self, query: &str) -> Vec<u8> {
        let number = |name: &str| query.split('&').find_map(|one| one.strip_prefix(name)?.parse::<usize>().ok());
        let (offset, limit) = (number("offset=").unwrap_or_default(), number("limit=").unwrap_or(PAGE));
        let total = self.case.clients;
        let rows =
            (offset..total.min(offset + limit)).map(|at| row(&format!("{at:06}"), self.case.details == Details::List));
        let rows: Vec<_> = rows.collect();
        answer(&format!("{{\"Result\":\"Success\",\"Data\":{{\"Total\":{total},\"Items\":[{}]}}}}", rows.join(",")))
    }
}

fn answer(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}
