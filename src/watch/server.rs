//! Serves metrics, health and the status page to readers.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep};

use super::board::Board;
use super::door::{StatusPath, Turned, admit};
use super::metrics::{Exposition, Metrics};
use super::page;

/// So many connections are open at the same time.
const MOST_CONNECTIONS: usize = 256;
/// A connection is closed after this, whatever it does: whoever is slow does not keep others out.
const LONGEST_CONNECTION: Duration = Duration::from_secs(10);

/// What is given out, and to whom.
#[derive(Debug)]
pub(crate) struct StatusServer {
    pub(crate) board: Arc<Board>,
    pub(crate) metrics: Arc<Metrics>,
    /// Names by which the process is known besides addresses and localhost.
    pub(crate) names: Vec<String>,
}

impl StatusServer {
    /// Serves until the process ends.
    pub(crate) async fn serve(self, listener: TcpListener) -> io::Result<()> {
        let server = Arc::new(self);
        let routes = Router::new().fallback(move |request: Request| {
            let server = Arc::clone(&server);
            async move { server.answer(&request) }
        });
        let permits = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        axum::serve(BoundedListener { listener, permits }, routes).await
    }

    fn answer(&self, request: &Request) -> Response<Body> {
        let headers = request.headers();
        match admit(request.method(), request.uri(), headers, &self.names) {
            Ok(StatusPath::Page) => {
                let page = page::page(&self.board);
                let answer = answer(StatusCode::OK, "text/html; charset=utf-8", page.html);
                with(answer, &[(header::CONTENT_SECURITY_POLICY, &page.policy), (header::X_FRAME_OPTIONS, "DENY")])
            }
            Ok(StatusPath::Metrics) => {
                let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
                let form = Exposition::of(accept);
                answer(StatusCode::OK, form.content_type(), self.metrics.write(form))
            }
            Ok(StatusPath::Alive) => health(self.board.is_alive(), "alive", "the round under way hangs"),
            Ok(StatusPath::Ready) => health(self.board.is_ready(), "ready", "live and git were not compared lately"),
            Err(Turned::ReadOnly) => {
                let answer = plain(StatusCode::METHOD_NOT_ALLOWED, "there is nothing to write");
                with(answer, &[(header::ALLOW, "GET, HEAD")])
            }
            Err(Turned::Host) => plain(
                StatusCode::FORBIDDEN,
                "asked under a name that is not known here: see `icsync watch --host NAME`",
            ),
            Err(Turned::Origin) => plain(StatusCode::FORBIDDEN, "asked by a page of another origin"),
            Err(Turned::Nothing) => plain(StatusCode::NOT_FOUND, "there is /, /metrics, /healthz and /readyz"),
        }
    }
}

fn health(good: bool, yes: &str, no: &str) -> Response<Body> {
    if good { plain(StatusCode::OK, yes) } else { plain(StatusCode::SERVICE_UNAVAILABLE, no) }
}

fn plain(status: StatusCode, line: &str) -> Response<Body> {
    answer(status, "text/plain; charset=utf-8", format!("{line}\n"))
}

fn answer(status: StatusCode, kind: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    with(
        response,
        &[
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "no-store"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
            (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        ],
    )
}

fn with(mut response: Response<Body>, headers: &[(HeaderName, &str)]) -> Response<Body> {
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Accepts connections, not too many, and none for ever.
struct BoundedListener {
    listener: TcpListener,
    permits: Arc<Semaphore>,
}

/// A connection that ends.
struct BoundedStream {
    stream: TcpStream,
    end: Pin<Box<Sleep>>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Listener for BoundedListener {
    type Io = BoundedStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (BoundedStream, SocketAddr) {
        let permit = Arc::clone(&self.permits).acquire_owned().await.ok();
        let (stream, peer) = Listener::accept(&mut self.listener).await;
        let end = Box::pin(tokio::time::sleep_until(Instant::now() + LONGEST_CONNECTION));
        (BoundedStream { stream, end, _permit: permit }, peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl BoundedStream {
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.end.as_mut().poll(cx).is_ready() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(()) }
    }
}

impl AsyncRead for BoundedStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for BoundedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
