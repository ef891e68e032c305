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

# How fast the engine checks configuration, beside its peers; fails where a promise is broken
bench-engine:
    cargo bench --locked --bench engine
