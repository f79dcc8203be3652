//! HTTP as it is met: cookies of balancers, proxies, words that repeat credentials.

use std::sync::{Arc, Mutex};

use super::server::{Seen, json, reply};
use super::*;

/// Answers a login, an Info and anything else, with a cookie that changes each time.
fn balanced(seen: &Seen) -> super::server::Reply {
    let cookie =
        format!("Set-Cookie: AWSALB=node{}; Path=/; Secure\r\nSet-Cookie: far=1; Domain=other.com\r\n", seen.number);
    let body = match seen.line.as_str() {
        line if line.contains("/session") => r#"{"Nonce":"0","SessionID":"s1"}"#.to_owned(),
        line if line.contains("integratorClient/") => info(""),
        _ => NO_ROWS.to_owned(),
    };
    reply(200, &format!("{cookie}Content-Type: application/json\r\n"), &body)
}

fn cookie(seen: &Seen) -> String {
    let line = seen.head.lines().find_map(|line| line.strip_prefix("cookie: "));
    line.unwrap_or_default().to_owned()
}

#[tokio::test]
async fn cookies_of_a_balancer_go_back_with_keys_and_with_sessions() {
    let server = Server::start(balanced).await;
    let client = with_key(&server).await;
    for _ in 0..2 {
        client.list(&Scope::EVERYTHING, 0, 1).await.expect("rows");
    }
    assert_eq!(server.seen().iter().map(cookie).collect::<Vec<_>>(), ["", "awsalb=node0"]);
    let server = Server::start(balanced).await;
    let client = Client::connect(options(&server, login())).await.expect("a client");
    client.list(&Scope::EVERYTHING, 0, 1).await.expect("rows");
    client.close().await;
    let sent: Vec<String> = server.seen().iter().map(cookie).collect();
    let same = |number: usize| format!("jsessionid=s1; awsalb=node{number}");
    assert_eq!(sent, [String::new(), same(0), same(1), same(2)]);
}

#[tokio::test]
async fn what_a_server_repeats_of_credentials_is_blanked() {
    let ways: [fn() -> Auth<SecretString>; 3] =
        [|| Auth::ApiKey("hunter2&key".into()), || Auth::Session("hunter2.node1".into()), login];
    for (way, filler) in ways.into_iter().flat_map(|way| [(way, 0), (way, 280)]) {
        let more = if matches!(way(), Auth::Login { .. }) { "pass:wörd n0nce-hunter2" } else { "" };
        let server = Server::start(move |seen| match seen.line.as_str() {
            line if line.contains("/session") => json(200, r#"{"Nonce":"n0nce-hunter2","SessionID":"hunter2session"}"#),
            line if line.contains("/login") => reply(200, "Set-Cookie: AWSALB=hunter2balance\r\n", ""),
            _ => {
                let signed = |line: &&str| line.starts_with("x-api-key") || line.starts_with("cookie");
                let signed = seen.head.lines().find(signed).expect("a signature");
                let said = format!("{} {signed} {more}", "x".repeat(filler));
                json(
                    400,
                    &serde_json::json!({ "Result": "Failure", "ErrorCode": 30000, "ErrorMessage": said }).to_string(),
                )
            }
        })
        .await;
        let client = Client::connect(options(&server, way())).await.expect("a client");
        let error = client.list(&Scope::EVERYTHING, 0, 1).await.expect_err("refused").to_string();
        assert!(error.contains("30000") && (filler > 0 || error.contains("***")), "{error}");
        assert!(!error.contains("hunter") && !error.contains("pass:w"), "{error}");
    }
}

/// A proxy that opens no tunnel.
async fn through_proxy(value: &str) -> (String, Vec<Seen>) {
    let server = Server::start(|_| reply(407, "", "")).await;
    let mut options = options(&server, Auth::ApiKey("hunter2".into()));
    options.url = ServerUrl::new("https://ccs.example.com").expect("a URL");
    options.ca = Some(CaFile { file: "ca.pem".to_owned(), pem: authority("ours").cert.pem().into_bytes() });
    let value = value.replace("PROXY", server.url.trim_start_matches("http://"));
    options.proxies = BTreeMap::from([("HTTPS_PROXY", value)]);
    options.retries = 0;
    let client = Client::connect(options).await.expect("a client");
    let error = client.list(&Scope::EVERYTHING, 0, 1).await.expect_err("no tunnel").to_string();
    (error, server.seen())
}

#[tokio::test]
async fn a_proxy_is_asked_for_a_tunnel_and_named_without_its_password() {
    let (error, seen) = through_proxy("http://anne:hunter3@PROXY/").await;
    assert!(seen[0].line.starts_with("CONNECT ccs.example.com:443"), "{seen:?}");
    // `anne:hunter3`, and nothing that is meant for the server.
    assert!(seen[0].holds("proxy-authorization: basic YW5uZTpodW50ZXIz") && !seen[0].holds("hunter2"), "{seen:?}");
    assert!(error.contains("by the proxy `http://127.0.0.1:") && error.contains("of HTTPS_PROXY"), "{error}");
    assert!(!error.contains("hunter3"), "{error}");
}

struct Authority {
    cert: rcgen::Certificate,
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
}

fn authority(name: &str) -> Authority {
    let mut params = rcgen::CertificateParams::new(Vec::new()).expect("names");
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().expect("a key");
    let cert = params.self_signed(&key).expect("a certificate");
    Authority { cert, issuer: rcgen::Issuer::new(params, key) }
}

/// Makes a certificate as a person does who has read how to make one of an authority.
fn of_itself(name: &str) -> (rcgen::Certificate, rcgen::KeyPair) {
    let mut params = rcgen::CertificateParams::new([name.to_owned()]).expect("a name");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().expect("a key");
    (params.self_signed(&key).expect("a certificate"), key)
}

impl Authority {
    fn issue(&self, name: &str, until: i32) -> (rcgen::Certificate, rcgen::KeyPair) {
        let mut params = rcgen::CertificateParams::new([name.to_owned()]).expect("a name");
        (params.not_before, params.not_after) = (rcgen::date_time_ymd(2020, 1, 1), rcgen::date_time_ymd(until, 1, 1));
        let key = rcgen::KeyPair::generate().expect("a key");
        (params.signed_by(&key, &self.issuer).expect("a certificate"), key)
    }

    /// Starts a server of TLS that answers every request with an empty list, and gives its port.
    async fn serve(
        &self,
        (cert, key): (rcgen::Certificate, rcgen::KeyPair),
        clients: Clients,
    ) -> (u16, Arc<Mutex<u32>>) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = rustls::ServerConfig::builder();
        let builder = match clients {
            Clients::Anybody => builder.with_no_client_auth(),
            Clients::Certified => {
                let mut roots = rustls::RootCertStore::empty();
                roots.add(self.cert.der().clone()).expect("a root");
                let verifier = rustls::server::WebPkiClientVerifier::builder(Arc::new(roots)).build();
                builder.with_client_cert_verifier(verifier.expect("a verifier"))
            }
        };
        let key = rustls::pki_types::PrivatePkcs8KeyDer::from(key.serialize_der());
        let config = builder.with_single_cert(vec![cert.der().clone()], key.into()).expect("a key that fits");
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let answered = Arc::new(Mutex::new(0));
        let counter = Arc::clone(&answered);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if answer(&acceptor, stream).await.is_ok() {
                    *counter.lock().expect("no panic") += 1;
                }
            }
        });
        (port, answered)
    }

    /// Asks a server for a list, and gives why it failed.
    async fn ask(&self, url: String, certificate: Option<String>) -> Result<ListPage, String> {
        let server = Server::start(|_| json(500, "")).await;
        let mut options = options(&server, Auth::ApiKey("k".into()));
        (options.url, options.retries) = (ServerUrl::new(&url).expect("a URL"), 0);
        options.ca = Some(CaFile { file: "ca.pem".to_owned(), pem: self.cert.pem().into_bytes() });
        options.certificate = certificate.map(Into::into);
        let client = Client::connect(options).await.map_err(|error| error.to_string())?;
        client.list(&Scope::EVERYTHING, 0, 1).await.map_err(|error| error.to_string())
    }
}

/// Whom a server of TLS lets in.
#[derive(Clone, Copy)]
enum Clients {
    Anybody,
    Certified,
}

async fn answer(acceptor: &tokio_rustls::TlsAcceptor, stream: tokio::net::TcpStream) -> std::io::Result<()> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = acceptor.accept(stream).await?;
    let mut chunk = [0; 4096];
    let _ = stream.read(&mut chunk).await?;
    let length = NO_ROWS.len();
    let text = format!("HTTP/1.1 200 X\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{NO_ROWS}");
    stream.write_all(text.as_bytes()).await?;
    stream.shutdown().await
}

#[tokio::test]
async fn a_client_certificate_opens_what_asks_for_one() {
    let authority = authority("ours");
    let (port, answered) = authority.serve(authority.issue("localhost", 2090), Clients::Certified).await;
    let url = format!("https://localhost:{port}");
    let error = authority.ask(url.clone(), None).await.expect_err("no certificate");
    assert!(error.contains("asks for a client certificate: name one as `certificate`"), "{error}");
    let ((cert, key), (_, other)) = (authority.issue("anne", 2090), authority.issue("kim", 2090));
    authority.ask(url.clone(), Some(cert.pem() + &key.serialize_pem())).await.expect("rows");
    assert_eq!(*answered.lock().expect("no panic"), 1);
    for (pem, why) in [
        (cert.pem(), "there is no key with it"),
        (key.serialize_pem(), "there is no certificate"),
        (cert.pem() + &other.serialize_pem(), "its key belongs to another certificate"),
        (cert.pem() + "-----BEGIN ENCRYPTED PRIVATE KEY-----", "its key is encrypted"),
    ] {
        let error = authority.ask(url.clone(), Some(pem)).await.expect_err(why);
        assert!(error.contains(why), "{error}");
    }
}

/// Starts a server that answers in plain HTTP whatever it gets, and gives its port.
async fn without_tls() -> u16 {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
        }
    });
    port
}

#[tokio::test]
async fn what_is_wrong_with_tls_is_said_in_words() {
    let (authority, stranger) = (authority("ours"), authority("theirs"));
    let (sound, _) = authority.serve(authority.issue("localhost", 2090), Clients::Anybody).await;
    let (old, _) = authority.serve(authority.issue("localhost", 2021), Clients::Anybody).await;
    let (other, _) = authority.serve(authority.issue("elsewhere.example", 2090), Clients::Anybody).await;
    let (own, _) = authority.serve(of_itself("localhost"), Clients::Anybody).await;
    let plain = without_tls().await;
    authority.ask(format!("https://localhost:{sound}"), None).await.expect("rows");
    let mut said = Vec::new();
    for (who, url) in [
        (&authority, format!("https://localhost:{old}")),
        (&authority, format!("https://localhost:{other}")),
        (&stranger, format!("https://localhost:{sound}")),
        (&authority, format!("https://localhost:{own}")),
        (&authority, format!("https://127.0.0.1:{plain}")),
        (&authority, format!("http://localhost:{sound}")),
    ] {
        said.push(who.ask(url, None).await.expect_err("no trust").replace("list of all/all/all failed: ", ""));
    }
    insta::assert_snapshot!(said.join("\n"), @r"
    no connection: the certificate of the server expired on 2021-01-01: the host needs a new one, unless the clock of this machine is wrong
    no connection: the certificate of the server is for `elsewhere.example` and not for `localhost`: write a name of the certificate in `url`
    no connection: the certificate of the server is of an authority that is not trusted here: name the authority's own certificate as `ca_file` of the target
    no connection: the certificate of the server is one of an authority, as self-signed ones often are: the host needs one of its own (`basicConstraints=CA:FALSE`), whose issuer can be named as `ca_file` of the target
    no connection: what answers does not speak TLS: the port may be one of plain HTTP; look at the port in `url`
    the connection broke: what answers does not speak HTTP: the port may be one of TLS, then `url` begins with `https://`
    ");
}

/// Starts a server whose answer has this head, and gives its port.
async fn with_head(head: String) -> u16 {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(head.as_bytes()).await;
        }
    });
    port
}

#[tokio::test]
async fn a_head_that_is_wrong_is_not_called_one_of_tls() {
    let authority = authority("ours");
    let many = "X-More: a\r\n".repeat(120);
    for (rest, said) in [
        (format!("{many}Content-Length: 2\r\n\r\n{{}}"), "is too large: it has more than 100 headers"),
        ("Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}".to_owned(), "a Content-Length that is no number, or two"),
        ("Content Length: 2\r\n\r\n{}".to_owned(), "breaks the rules of HTTP"),
    ] {
        let port = with_head(format!("HTTP/1.1 200 OK\r\n{rest}")).await;
        let error = authority.ask(format!("http://localhost:{port}"), None).await.expect_err("no sense");
        assert!(error.contains(said) && !error.contains("TLS"), "{error}");
    }
}
