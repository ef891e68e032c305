//! Every input that fuzzing kept, and every one that it once found at fault.

#[path = "../../fuzz/checks.rs"]
mod checks;

use std::path::Path;

/// Runs the inputs of a target. The name of one at fault stands in the output of the test.
fn hold(target: &str, check: fn(&[u8])) {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    for kept in ["corpus", "regressions"] {
        // There may be no regression yet.
        let Ok(inputs) = fuzz.join(kept).join(target).read_dir() else { continue };
        for input in inputs {
            let path = input.unwrap().path();
            println!("{}", path.display());
            check(&std::fs::read(&path).unwrap());
        }
    }
}

#[test]
fn the_parser_takes_every_kept_input() {
    hold("parser", checks::parser);
}

#[test]
fn the_schema_takes_every_kept_input() {
    hold("schema", checks::schema);
}

#[test]
fn analysis_takes_every_kept_input() {
    hold("analyze", checks::analyze);
}
