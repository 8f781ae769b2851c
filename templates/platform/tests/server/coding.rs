use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use platform::policy::Tls;
use reqwest::Response;

use super::support::*;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut coder = GzEncoder::new(Vec::new(), Compression::best());
    coder.write_all(text).unwrap();
    coder.finish().unwrap()
}

async fn get(server: &Server, path: &str, accept: &str) -> Response {
    let request = client().get(server.url(path));
    let request = request.header("accept-encoding", accept);
    request.send().await.unwrap()
}

#[tokio::test]
async fn long_answers_are_compressed_for_those_who_want_it() {
    let server = Server::start(policy(Tls::Off)).await;
    let plain = get(&server, "/orders/long", "identity").await;
    assert_eq!(plain.headers()["vary"], "accept-encoding");
    assert!(!plain.headers().contains_key("content-encoding"));
    let tag = plain.headers()["etag"].clone();
    let text = plain.bytes().await.unwrap();
    let coded = get(&server, "/orders/long", "br, gzip").await;
    assert_eq!(coded.headers()["content-encoding"], "gzip");
    assert_eq!(coded.headers()["vary"], "accept-encoding");
    let coded_tag = coded.headers()["etag"].clone();
    assert_ne!(coded_tag, tag, "they are not the same byte by byte");
    let small = coded.bytes().await.unwrap();
    assert!(small.len() < text.len() / 10);
    let mut read = Vec::new();
    GzDecoder::new(&*small).read_to_end(&mut read).unwrap();
    assert_eq!(read, text);
    let request = client().get(server.url("/orders/long"));
    let request = request.header("accept-encoding", "gzip");
    let again = request.header("if-none-match", &coded_tag).send().await;
    let again = again.unwrap();
    assert_eq!(again.status(), 304);
    assert_eq!(again.headers()["etag"], coded_tag);
    assert!(!again.headers().contains_key("content-encoding"));
    let short = get(&server, "/orders/a", "gzip").await;
    assert!(!short.headers().contains_key("content-encoding"));
    assert!(!short.headers().contains_key("vary"));
}

#[tokio::test]
async fn compressed_requests_are_read() {
    let server = Server::start(policy(Tls::Off)).await;
    let body = json("a", 1);
    for (coding, body, status) in [
        ("gzip", gzip(body.as_bytes()), 200),
        ("GZIP", gzip(body.as_bytes()), 200),
        ("identity", body.clone().into(), 200),
        ("gzip", body.clone().into(), 400),
        ("gzip", gzip(body.as_bytes())[..20].to_vec(), 400),
        ("br", body.clone().into(), 415),
        ("gzip, gzip", gzip(&gzip(body.as_bytes())), 415),
    ] {
        let request = place(&server, body).header("content-encoding", coding);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status, "{coding}");
    }
}

#[tokio::test]
async fn a_small_body_does_not_become_a_large_one() {
    let policy = policy_with(Tls::Off, |operation| operation.max_body = Some(64 * 1024));
    let server = Server::start(policy).await;
    let bomb = gzip(&vec![b' '; 32 * 1024 * 1024]);
    assert!(bomb.len() < 64 * 1024);
    let request = place(&server, bomb).header("content-encoding", "gzip");
    let refused = problem(request.send().await.unwrap()).await;
    assert_eq!(refused.code, "payload-too-large");
    assert_eq!(server.shop.entered(), 0);
}
