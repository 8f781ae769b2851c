//! The grammar and the tree builder, construct by construct.

use archwright::source::{FileId, Sources};
use archwright::syntax::{Parsed, parse};

fn read(text: &str) -> (Sources, Parsed) {
    let mut sources = Sources::default();
    let id: FileId = sources.add("test.arch", text);
    let parsed = parse(&sources, id);
    (sources, parsed)
}

#[test]
fn the_whole_system_reads() {
    let (_, parsed) = read(include_str!("syntax/shop.arch"));
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(parsed.file.items.len(), 21);
}

#[test]
fn the_sketch_reads() {
    let (_, parsed) = read(
        "client web : browser\nservice front : gateway\nservice orders\nservice billing\nbroker bus : kafka\n\n\
         web -> front : rest\nfront -> orders : grpc\norders -> bus.placed -> billing\n",
    );
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(parsed.file.items.len(), 8);
}
