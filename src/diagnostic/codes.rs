//! The engine's own codes: what `explain ARC012` says. Rules explain theirs themselves.

/// A code and its explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// `ARC012`.
    pub code: &'static str,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// What it means and what to write instead, as Markdown.
    pub text: &'static str,
}

/// All codes, sorted.
pub const CODES: &[Code] = &[
    Code {
        code: "ARC001",
        title: "not understood",
        text: "The text is no item of the language here. The message says what was expected; reading goes \
               on at the next item, so that one run tells of several errors.",
    },
    Code {
        code: "ARC002",
        title: "never closed",
        text: "A bracket, text or comment is opened and not closed, or closed and never opened. A text ends \
               on the line it starts on; a line break in it is written `\\n`.",
    },
    Code {
        code: "ARC003",
        title: "nested too deeply",
        text: "Blocks or values are nested deeper than anybody draws, which is a bound against hostile \
               files. Declare the inner blocks on their own.",
    },
    Code {
        code: "ARC004",
        title: "file too large",
        text: "A file holds at most 16 MiB. Split the drawing into several files and `import` them.",
    },
    Code {
        code: "ARC005",
        title: "value that is none",
        text: "A number, unit or escape in a text cannot be read, or is too large for what holds it.",
    },
    Code {
        code: "ARC006",
        title: "not text",
        text: "The file is not UTF-8, or holds a NUL byte. Save it as UTF-8.",
    },
    Code {
        code: "ARC007",
        title: "file that cannot be read",
        text: "The file is not there, or the system does not let it be read. Imports are looked for beside \
               the file that holds them.",
    },
    Code {
        code: "ARC020",
        title: "import cycle",
        text: "A file imports itself, directly or by way of others. Put what both need into a file of its \
               own, which both `import`.",
    },
    Code {
        code: "ARC021",
        title: "imported twice",
        text: "One file imports the same file twice. Remove one of the two lines; two different files may \
               import the same third one.",
    },
    Code {
        code: "ARC022",
        title: "name declared twice",
        text: "Two declarations of one kind have the same name, so that nothing could tell them apart. \
               Rename or remove one. Nodes (clients, externals, services, stores, brokers) share one space \
               of names; types inside a service or broker are its own.",
    },
    Code {
        code: "ARC023",
        title: "names too much alike",
        text: "Two names differ only by case or underscores (`order_id`, `orderid`), or a request message \
               (`OrdersFindRequest`, made from the named parameters of an operation) has the name of a \
               type. Types, files and JSON fields made from them would be the same. Give one another name. \
               Methods of a proto file are told of where both would make the same operation.",
    },
    Code {
        code: "ARC024",
        title: "name in the wrong style",
        text: "Nodes, channels, fields and operations are written in `lower_snake`, types and apis in \
               `UpperCamel`, at most 64 letters.",
    },
    Code {
        code: "ARC025",
        title: "unknown name",
        text: "Nothing of that kind is called so. Each unknown name is told of once, where it is first \
               used.",
    },
    Code {
        code: "ARC026",
        title: "unknown type",
        text: "There is no type of that name here. Types declared inside a service or broker are written \
               with it elsewhere: `orders.Receipt`.",
    },
    Code {
        code: "ARC027",
        title: "unknown api or operation",
        text: "The node has no such api, the api no such operation, or it does not travel on this edge.",
    },
    Code {
        code: "ARC028",
        title: "item in the wrong place",
        text: "This declaration does not stand in this block, such as a `queue` outside of a broker or an \
               `api` in a store.",
    },
    Code {
        code: "ARC029",
        title: "unknown attribute",
        text: "No attribute is called so. The message lists what can be written there.",
    },
    Code {
        code: "ARC030",
        title: "attribute on the wrong side",
        text: "The attribute exists and does not stand here: what the caller decides (`retry`) stands on \
               the edge, what the callee decides (`rate_limit`) on the api or operation, so that nobody \
               weakens what is not his.",
    },
    Code {
        code: "ARC031",
        title: "wrong value",
        text: "The attribute takes another kind of value. The message says which, with an example.",
    },
    Code {
        code: "ARC032",
        title: "wrong argument",
        text: "A call such as `exponential(...)` lacks an argument, or has one that it does not know.",
    },
    Code {
        code: "ARC033",
        title: "attribute set twice",
        text: "One block sets the same attribute twice. Remove one.",
    },
    Code {
        code: "ARC034",
        title: "unknown kind",
        text: "What stands after the colon is no kind of this: `client web : browser`, `store db : \
               postgres`, `broker bus : kafka`.",
    },
    Code {
        code: "ARC035",
        title: "mark that does not fit",
        text: "The mark (`@min`, `@pattern`, ...) is unknown, does not fit the type, or has a wrong \
               argument.",
    },
    Code {
        code: "ARC036",
        title: "type form that is none",
        text: "A list or map is optional (an empty one says it), a type is optional twice, the key of a map is \
               no `string`, an enum has no values, or a type stands where only a simpler one can.",
    },
    Code {
        code: "ARC037",
        title: "endless type",
        text: "A type holds itself with no optional field, list or map on the way, so that no value of it \
               could ever end.",
    },
    Code {
        code: "ARC038",
        title: "operation form",
        text: "An event has an answer, a bare parameter is no message, or a result is optional. Named \
               parameters make a message: `find(id: uuid)`.",
    },
    Code {
        code: "ARC039",
        title: "two systems",
        text: "A drawing has one `system`. A file with another one is a drawing of its own, and cannot be \
               imported.",
    },
    Code {
        code: "ARC040",
        title: "undecided edge",
        text: "The edge does not say how it travels. Write a protocol after it; the message carries the \
               selection guide's advice for these two ends.",
    },
    Code {
        code: "ARC041",
        title: "unknown protocol",
        text: "There are `rest`, `grpc`, `graphql`, `websocket`, `sse` and `webhook`. What travels by a \
               broker is drawn through one of its channels.",
    },
    Code {
        code: "ARC042",
        title: "which api",
        text: "The node has several apis, so the edge (or `calls`) must name one: `front.Shop`.",
    },
    Code {
        code: "ARC043",
        title: "protocol cannot carry it",
        text: "The protocol can carry none of the operations, or not the one that `only` names. The table \
               of shapes stands in the language reference.",
    },
    Code {
        code: "ARC044",
        title: "operations left out",
        text: "The protocol carries only some of the api's operations. Nothing is wrong; `only = [...]` \
               says that it is meant.",
    },
    Code {
        code: "ARC045",
        title: "edge drawn twice",
        text: "There is one edge for each caller, api and protocol. Put all that holds for it into one.",
    },
    Code {
        code: "ARC046",
        title: "ends that do not fit",
        text: "Stores start nothing, clients are not called, an edge leads to an api and not to one \
               operation, and to a channel and not to a broker.",
    },
    Code {
        code: "ARC047",
        title: "chain with more",
        text: "`a -> b.c -> d` takes no protocol, policy or body, for it would not be clear which of its \
               edges they are for. Write one edge a line.",
    },
    Code {
        code: "ARC048",
        title: "protocol or policy where none is",
        text: "Edges to stores and channels take no protocol (the engine gives it), consuming edges no \
               policy (nothing is called on them).",
    },
    Code {
        code: "ARC049",
        title: "policies that disagree",
        text: "Two policies of one edge set an attribute differently. Write the attribute on the edge.",
    },
    Code {
        code: "ARC050",
        title: "forwarding that does not match",
        text: "`via` forwards as it is: parameters and results match by name and type, a query forwards to \
               a query, and nothing answers a message that is published.",
    },
    Code {
        code: "ARC051",
        title: "no edge to travel on",
        text: "`via` and `calls` need an edge from this node to what they name. Draw it; the drawing is \
               what may be called.",
    },
    Code {
        code: "ARC052",
        title: "forwarding in a circle",
        text: "Apis forward to each other (`api ... via ...`), and none handles the operations.",
    },
    Code {
        code: "ARC053",
        title: "condition that makes no sense",
        text: "`when` compares claims (`caller.region`, declared in the scheme's `claims`), parameters of \
               the operation and literals, each with its own kind.",
    },
    Code {
        code: "ARC054",
        title: "path that is none",
        text: "`http` and `at` take paths whose segments are letters, digits, `-`, `_`, `.`, `~`, or (in \
               `http`) a required parameter in braces.",
    },
    Code {
        code: "ARC055",
        title: "route taken",
        text: "Two operations of one service have the same method and path over HTTP. Give one another with \
               `http = ...`, or the api another `at`.",
    },
    Code {
        code: "ARC056",
        title: "structure in a query string",
        text: "A GET has only text in its path and query string. Ask by POST (`http = post(\"/find\")`), or \
               take the parameter apart.",
    },
    Code {
        code: "ARC057",
        title: "number that cannot be given",
        text: "`@tag` asks for a protobuf number that another field has or had, or the field has another \
               one already. Numbers on the wire never change.",
    },
    Code {
        code: "ARC058",
        title: "contracts.lock contradicts itself",
        text: "A line cannot be read, or a name or number stands there twice, mostly after a merge. Keep \
               the line that is deployed.",
    },
    Code {
        code: "ARC059",
        title: "acceptance that cannot be read",
        text: "`@accept(CODE, reason = \"why\", until = \"2027-06-30\")` takes one code, a reason and a day.",
    },
    Code {
        code: "ARC060",
        title: "channel that the engine lacks",
        text: "Kafka has topics, SQS has queues, Redis has broadcast channels, RabbitMQ has queues and \
               topics.",
    },
    Code {
        code: "ARC061",
        title: "nobody enforces it",
        text: "A caller's attribute stands on the edge of a client or external, which is not generated. It \
               is taken as a description of what that caller does.",
    },
    Code {
        code: "ARC062",
        title: "proto contract misused",
        text: "An api with `proto(\"file\", package.Service)` has the methods of that service as its operations, \
               and its messages stand in that file; it travels over grpc alone. The block after it says more of \
               some operations, by kind and name in lower snake case. The path starts at the drawing's file; what \
               the proto file imports is looked for from the nearest folder around it that has all of it.",
    },
    Code {
        code: "ARC063",
        title: "auth that is not accepted",
        text: "The edge uses a scheme that an operation on it does not accept.",
    },
    Code {
        code: "ARC064",
        title: "unknown field",
        text: "The message has no field of that name (`key`, `by(field)`, `via ...(field)`).",
    },
    Code {
        code: "ARC065",
        title: "attribute without meaning on this engine",
        text: "`key`, `partitions`, `retention` and `start` belong to logs: kafka and pulsar.",
    },
    Code {
        code: "ARC066",
        title: "empty policy",
        text: "The policy sets nothing, so that `with` it changes nothing.",
    },
    Code {
        code: "ARC067",
        title: "dead letters in a circle",
        text: "The dead letter channel is the channel itself.",
    },
    Code {
        code: "ARC068",
        title: "schedule without a time",
        text: "A schedule says how often it starts: `every = 1h`.",
    },
    Code {
        code: "ARC100",
        title: "not generated yet",
        text: "The drawing is right, and the linter judges all of it, but the generator cannot make this \
               part yet. Mark the service `existing = true` if it runs already, or draw it in a way that \
               can be generated.",
    },
    Code {
        code: "ARC101",
        title: "one name for two things",
        text: "Two names that the drawing tells apart are one in generated code or in protobuf (`SKU` and \
               `Sku`, an api and a type called alike). Rename one of them.",
    },
    Code {
        code: "ARC102",
        title: "message that nobody can make up",
        text: "Every operation is tried in `dev` and proved by tests, which needs one valid request and one \
               valid answer. None was found for this one: its marks contradict each other, its `@pattern` \
               is too hard, or the message holds itself without an end. Loosen the marks, or make the field \
               that leads back optional.",
    },
];

/// Finds a code, in any case.
#[must_use]
pub fn find(code: &str) -> Option<&'static Code> {
    CODES.iter().find(|it| it.code.eq_ignore_ascii_case(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_can_be_searched() {
        assert!(CODES.is_sorted_by(|a, b| a.code < b.code));
        assert_eq!(find("arc001").map(|it| it.code), Some("ARC001"));
        assert_eq!(find("ARC999"), None);
    }
}
