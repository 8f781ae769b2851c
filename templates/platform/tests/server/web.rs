//! gRPC-Web as a page in a browser sends it: the bytes themselves, over HTTP/1.1.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use platform::policy::Tls;
use prost::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::support::*;

const PAGE: &str = "https://www.example.com";

async fn server() -> Server {
    let mut policy = policy(Tls::Off);
    for api in &mut policy.apis {
        api.cors = vec![PAGE];
    }
    Server::start(policy).await
}

/// What comes back for a request, to the last byte.
async fn exchange(server: &Server, head: &str, body: &[u8]) -> (String, Vec<u8>) {
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "{head}\r\nhost: shop\r\norigin: {PAGE}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let body = answer.split_off(end.unwrap() + 4);
    let head = String::from_utf8(answer).unwrap().to_ascii_lowercase();
    if head.contains("transfer-encoding: chunked") {
        return (head, unchunked(&body));
    }
    (head, body)
}

fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let line = body.windows(2).position(|two| two == b"\r\n").unwrap();
        let size = std::str::from_utf8(&body[..line]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return whole;
        }
        whole.extend_from_slice(&body[line + 2..line + 2 + size]);
        body = &body[line + 2 + size + 2..];
    }
}

fn message(id: &str, quantity: i32) -> Vec<u8> {
    let id = id.to_owned();
    let order = Order { id, quantity }.encode_to_vec();
    let mut frame = vec![0, 0, 0, 0, u8::try_from(order.len()).unwrap()];
    frame.extend(order);
    frame
}

/// The messages and the trailers in the frames of an answer.
fn frames(mut body: &[u8]) -> (Vec<Order>, String) {
    let (mut messages, mut trailers) = (Vec::new(), String::new());
    while let Some((head, rest)) = body.split_at_checked(5) {
        let size = u32::from_be_bytes(head[1..].try_into().unwrap());
        let (frame, rest) = rest.split_at(usize::try_from(size).unwrap());
        match head[0] {
            0 => messages.push(Order::decode(frame).unwrap()),
            0x80 => trailers += std::str::from_utf8(frame).unwrap(),
            other => panic!("a frame of {other}"),
        }
        body = rest;
    }
    (messages, trailers)
}

fn order(id: &str, quantity: i32) -> Order {
    let id = id.to_owned();
    Order { id, quantity }
}

#[tokio::test]
async fn one_message_is_answered_in_bytes() {
    let server = server().await;
    let head = "POST /test.Shop/Place HTTP/1.1\r\ncontent-type: application/grpc-web+proto";
    let (head, body) = exchange(&server, head, &message("tea", 3)).await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(
        head.contains("content-type: application/grpc-web+proto"),
        "{head}"
    );
    assert!(
        head.contains(&format!("access-control-allow-origin: {PAGE}")),
        "{head}"
    );
    assert!(head.contains("access-control-expose-headers: "), "{head}");
    let (messages, trailers) = frames(&body);
    assert_eq!(messages, [order("tea", 3)]);
    assert_eq!(trailers, "grpc-status: 0\r\n");
}

#[tokio::test]
async fn a_stream_is_answered_in_text() {
    let server = server().await;
    let head = "POST /test.Shop/Watch HTTP/1.1\r\ncontent-type: application/grpc-web-text";
    let asked = STANDARD.encode(message("breaks", 2));
    let (head, body) = exchange(&server, head, asked.as_bytes()).await;
    assert!(
        head.contains("content-type: application/grpc-web-text+proto"),
        "{head}"
    );
    let mut bytes = Vec::new();
    for four in body.chunks(4) {
        STANDARD.decode_vec(four, &mut bytes).unwrap();
    }
    let (messages, trailers) = frames(&bytes);
    assert_eq!(messages, [order("breaks", 0), order("breaks", 1)]);
    assert!(trailers.contains("grpc-status: 10\r\n"), "{trailers}");
    assert!(trailers.contains("problem-bin: "), "{trailers}");
}

#[tokio::test]
async fn what_is_refused_says_so_where_a_page_looks() {
    let server = server().await;
    let head = "POST /test.Shop/Place HTTP/1.1\r\ncontent-type: application/grpc-web+proto";
    let (head, _) = exchange(&server, head, &message("missing", 1)).await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(head.contains("grpc-status: 5"), "{head}");
    let exposed = head
        .lines()
        .find_map(|line| line.strip_prefix("access-control-expose-headers: "));
    assert!(
        exposed.is_some_and(|names| names.contains("grpc-status")),
        "{head}"
    );
    // Cut off in the middle of a message.
    let head = "POST /test.Shop/Place HTTP/1.1\r\ncontent-type: application/grpc-web-text";
    let (head, _) = exchange(&server, head, b"AAAAAAUKA3").await;
    assert!(!head.contains("grpc-status: 0"), "{head}");
    let head = "POST /test.Shop/Place HTTP/1.1\r\ncontent-type: application/grpc-web+json";
    let (head, _) = exchange(&server, head, b"{}").await;
    assert!(head.starts_with("http/1.1 415"), "{head}");
}

#[tokio::test]
async fn a_page_asks_before_it_calls() {
    let server = server().await;
    let head = "OPTIONS /test.Shop/Place HTTP/1.1\r\naccess-control-request-method: POST\r\n\
        access-control-request-headers: content-type,x-grpc-web";
    let (head, _) = exchange(&server, head, b"").await;
    assert!(head.starts_with("http/1.1 204"), "{head}");
    assert!(
        head.contains("access-control-allow-methods: post"),
        "{head}"
    );
    assert!(head.contains("x-grpc-web"), "{head}");
    assert_eq!(server.shop.entered(), 0);
}
