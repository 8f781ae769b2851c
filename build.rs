//! How the `archwright` command is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |part: &str| std::env::var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        // A command that lives for milliseconds spends one of them on the 18 000 addresses that a program which may lie
        // anywhere in memory has filled in at its start.
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
