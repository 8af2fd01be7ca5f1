//! Makes a module of each Rust snippet of the documents.

use std::path::Path;
use std::{env, fs};

const DOCUMENTS: [&str; 3] = [
    "../README.md",
    "migrating.md",
    "../crates/async-iterable-bridge-derive/README.md",
];

fn main() {
    let mut modules = String::new();
    for document in DOCUMENTS {
        println!("cargo::rerun-if-changed={document}");
        let text = fs::read_to_string(document).expect("the document is there");
        let before = modules.len();
        modules += &snippets(document, &text);
        assert!(modules.len() > before, "{document} has no Rust snippets");
    }
    let folder = env::var("OUT_DIR").expect("cargo says where to write");
    fs::write(Path::new(&folder).join("snippets.md"), modules).expect("the folder is writable");
}

fn snippets(document: &str, text: &str) -> String {
    let mut modules = String::new();
    let mut is_inside = false;
    for (line, number) in text.lines().zip(1..) {
        match (is_inside, line) {
            (false, "```rust") => {
                modules += &format!("```no_run\nmod snippet {{ // {document}, line {number}\n");
                is_inside = true;
            }
            (true, "```") => {
                modules += "}\nfn main() {}\n```\n\n";
                is_inside = false;
            }
            (true, line) => modules += &format!("{line}\n"),
            (false, _) => {}
        }
    }
    modules
}
