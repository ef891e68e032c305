# Short names for the scripts that CI runs too. `just` alone lists them; without just, run the scripts themselves.

_list:
    @just --list --unsorted

# Run the portal on 127.0.0.1:3000
run *arguments:
    cargo run --release -- {{arguments}}

# Run every test; install what they need first
test *arguments:
    scripts/test {{arguments}}

# Formatting and lints, warnings being errors
lint:
    scripts/lint

# The documentation of the code
docs:
    scripts/docs

# Check every chapter, question and YAML block
content:
    cargo run -- content check

# Agreement with Istio and Envoy, of a release build
conformance:
    cargo build --release --locked
    scripts/conformance

# What CI runs
ci:
    .ci/run

# Fuzz a part of the engine for a while: parser, schema or analyze
fuzz target seconds="60":
    scripts/fuzz {{target}} {{seconds}}

# Scenes without end through the engine and a real Envoy: how many, and the seed of the first
replay-nights scenes="1000" seed="":
    scripts/replay-nights {{scenes}} {{seed}}

# Every call of the conformance corpus on a real Envoy, beside the engine's answer
replay-corpus program="target/release/meshwright":
    scripts/replay-corpus {{program}}

# How soon the editor answers a key: its letter on the screen, and its marks
bench-playground:
    cargo build --release --locked
    MEASURED_PROGRAM="$PWD/target/release/meshwright" cargo test --locked --test integration -- --ignored --nocapture from_a_key_to_its_marks

# How fast the engine checks configuration, sends requests and makes xDS, beside its peers; fails where a promise is broken
bench-engine:
    cargo bench --locked --bench engine
