//! Goal 1: linting a drawing costs less than Graphviz takes to parse the same graph.

use crate::measure::{self, Usage};
use crate::{goal, topology::Topology};

const ARCHWRIGHT: &str = env!("CARGO_BIN_EXE_archwright");

struct Sizes {
    archwright: Usage,
    nop: Usage,
    sccmap: Usage,
}

/// Measures and prints.
pub fn bench() -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    println!("lint, all rules, against graphviz on the same graph (CPU seconds; peak MiB)");
    println!(
        "  {:>8} {:>7} {:>21} {:>18} {:>18}",
        "services", "edges", "archwright lint", "nop", "sccmap"
    );
    let of = |services: usize, runs: usize| -> Result<Sizes, String> {
        let topology = Topology::new(services);
        let drawing = folder.path().join(format!("{services}.arch"));
        let graph = folder.path().join(format!("{services}.gv"));
        std::fs::write(&drawing, topology.drawing()).map_err(|error| error.to_string())?;
        std::fs::write(&graph, topology.graphviz()).map_err(|error| error.to_string())?;
        let (mut archwright, mut nop, mut sccmap) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..runs {
            archwright.push(measure::run(&[
                ARCHWRIGHT.as_ref(),
                "lint".as_ref(),
                drawing.as_os_str(),
            ])?);
            nop.push(measure::run(&["nop".as_ref(), graph.as_os_str()])?);
            sccmap.push(measure::run(&["sccmap".as_ref(), graph.as_os_str()])?);
        }
        let sizes = Sizes {
            archwright: measure::median(archwright),
            nop: measure::median(nop),
            sccmap: measure::median(sccmap),
        };
        let shown = |it: &Usage| format!("{:.4} s {:>6.1} MiB", it.cpu, it.memory);
        println!(
            "  {services:>8} {:>7} {:>21} {:>18} {:>18}",
            topology.edges(),
            shown(&sizes.archwright),
            shown(&sizes.nop),
            shown(&sizes.sccmap)
        );
        Ok(sizes)
    };
    let small = of(50, 15)?;
    let middle = of(1_000, 9)?;
    let large = of(10_000, 5)?;
    goal(
        "10 000 services: CPU, as a multiple of nop's",
        large.archwright.cpu / large.nop.cpu,
        0.8,
    );
    goal(
        "10 000 services: peak memory in MiB",
        large.archwright.memory,
        200.0,
    );
    goal(
        "1 000 services: CPU, as a multiple of sccmap's",
        middle.archwright.cpu / middle.sccmap.cpu,
        0.8,
    );
    goal(
        "1 000 services: peak memory in MiB",
        middle.archwright.memory,
        20.0,
    );
    goal("50 services: CPU in ms", small.archwright.cpu * 1e3, 5.0);
    goal(
        "growth from 1 000 to 10 000 services",
        large.archwright.cpu / middle.archwright.cpu,
        12.0,
    );
    Ok(())
}
