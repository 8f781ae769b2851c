//! A synthetic system of any size: the same graph as a drawing and as a Graphviz file.
//!
//! Services stand in five tiers, each in a zone of its own, the first being workers that nobody calls. Those of a tier
//! call some of the next, 2.5 edges for each service in all, so that requests pass through the whole without a cycle.
//! Nothing is random.

use std::fmt::Write;

const TIERS: usize = 5;

/// The graph.
pub struct Topology {
    services: usize,
    /// Caller and callee.
    edges: Vec<(usize, usize)>,
}

impl Topology {
    /// Of `services` services, at least ten.
    pub fn new(services: usize) -> Self {
        let width = services / TIERS;
        let callers = width * (TIERS - 1);
        let wanted = services * 5 / 2;
        let mut edges = Vec::with_capacity(wanted);
        for at in 0..wanted {
            let caller = at % callers;
            let round = at / callers;
            let next = (caller / width + 1) * width;
            // A step that shares no factor with a tier's width would be ideal; neighbours that differ by round suffice.
            edges.push((caller, next + (caller * 7 + round * 3) % width));
        }
        edges.sort_unstable();
        edges.dedup();
        Self { services, edges }
    }

    /// How many edges there are.
    pub fn edges(&self) -> usize {
        self.edges.len()
    }

    fn tier(&self, service: usize) -> usize {
        (service / (self.services / TIERS)).min(TIERS - 1)
    }

    /// As a drawing that lints clean.
    pub fn drawing(&self) -> String {
        let mut text = String::from(include_str!("prelude.arch"));
        for tier in 0..TIERS {
            let _ = writeln!(text, "\nzone tier{tier} : internal {{");
            for service in (0..self.services).filter(|it| self.tier(*it) == tier) {
                if tier == 0 {
                    let _ = writeln!(text, "  service s{service} : worker");
                    continue;
                }
                let _ = writeln!(
                    text,
                    "  service s{service} {{ api S{service} {{ auth = mesh, timeout = {timeout}ms, query find(id: uuid) -> Thing }} }}",
                    timeout = 1000 - 150 * tier,
                );
            }
            text.push_str("}\n");
        }
        text.push('\n');
        for (from, to) in &self.edges {
            let _ = writeln!(
                text,
                "s{from} -> s{to} : grpc with tier{}",
                self.tier(*from)
            );
        }
        text
    }

    /// As a drawing with clients, stores and topics as well, so that rules about these have something to look at.
    pub fn furnished(&self) -> String {
        let mut text = self.drawing();
        let width = self.services / TIERS;
        let topics = width / 10;
        text.push_str("\nbroker bus : kafka {\n");
        for at in 0..topics {
            let _ = writeln!(text, "  topic t{at} : Thing");
        }
        text.push_str("}\n");
        for at in 0..topics {
            let (publisher, consumer, holder) = (width + at, 2 * width + at, 4 * width + at);
            let _ = writeln!(
                text,
                "s{publisher} -> bus.t{at}\nbus.t{at} -> s{consumer}\nstore d{at} : postgres\ns{holder} -> d{at}"
            );
            if at % 10 == 0 {
                let _ = writeln!(text, "client c{at} : browser\nc{at} -> s{publisher} : rest");
            }
        }
        text
    }

    /// As a Graphviz file that says the same in attributes.
    pub fn graphviz(&self) -> String {
        let mut text = String::from("digraph bench {\n");
        for tier in 0..TIERS {
            let _ = writeln!(
                text,
                "  subgraph cluster_tier{tier} {{\n    label=\"tier{tier}\";"
            );
            for service in (0..self.services).filter(|it| self.tier(*it) == tier) {
                if tier == 0 {
                    let _ = writeln!(
                        text,
                        "    s{service} [label=\"s{service}\", kind=\"worker\"];"
                    );
                    continue;
                }
                let _ = writeln!(
                    text,
                    "    s{service} [label=\"s{service}\", api=\"S{service}\", auth=\"mesh\", timeout=\"{timeout}ms\", query=\"find(id: uuid) -> Thing\"];",
                    timeout = 1000 - 150 * tier,
                );
            }
            text.push_str("  }\n");
        }
        for (from, to) in &self.edges {
            let _ = writeln!(
                text,
                "  s{from} -> s{to} [label=\"grpc\", policy=\"tier{}\"];",
                self.tier(*from)
            );
        }
        text.push_str("}\n");
        text
    }
}
