# The everyday commands; `just` lists them.

_default:
    @just --list

# Run all tests
test:
    cargo test

# Format, lint and build the documentation as CI does
check:
    cargo fmt
    cargo clippy --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --document-private-items

# Run the quickstart against its sandbox
quickstart *ARGS:
    cargo run --release -- -C examples/quickstart apply --auto-approve {{ARGS}}

# Everything that CI runs
ci:
    .ci/run

# The laws under kills and lost replies, for ROUNDS rounds from SEED
laws ROUNDS="200" SEED="1":
    ICSYNC_LAWS_ROUNDS={{ROUNDS}} ICSYNC_LAWS_SEED={{SEED}} cargo test --release --test integration laws -- --nocapture

# Time `plan` beside the wire and `apply` beside its requests, against servers of their own: `--quick` looks at the requests alone, `--large` adds 100,000 clients, `--json=FILE`
bench *ARGS:
    cargo bench --bench wire -- {{ARGS}}

# Time the commands that need no server
bench-commands *ARGS:
    cargo bench --bench commands -- {{ARGS}}

# Time the pure parts by themselves, at 1,000, 10,000 and 100,000 clients
bench-parts:
    cargo test --release --lib -- --ignored --exact tests::speed::parts --nocapture

# Look after what the program is built of: licences, sources, unused dependencies
dependencies:
    .ci/dependencies

# Accept changed snapshots
accept:
    cargo insta accept

# Faulted runs whose writes land late, turned back, for ROUNDS rounds from SEED
late ROUNDS="400" SEED="1":
    ICSYNC_LATE_ROUNDS={{ROUNDS}} ICSYNC_LATE_SEED={{SEED}} ICSYNC_LATE_JOBS=16 cargo test --release --test integration late -- --nocapture

# Try mutated examples on one reader (definitions, configuration, csv, variables, plans, journals, answers, estate, faults) for MINUTES
fuzz TARGET MINUTES="5" SEED="1":
    ICSYNC_FUZZ_SECONDS=$(({{MINUTES}} * 60)) ICSYNC_FUZZ_SEED={{SEED}} cargo test --profile fuzz --lib -- --exact tests::{{TARGET}} --nocapture

# Run random command lines for MINUTES
fuzz-commands MINUTES="5" SEED="1":
    ICSYNC_FUZZ_SECONDS=$(({{MINUTES}} * 60)) ICSYNC_FUZZ_SEED={{SEED}} cargo test --profile fuzz --test integration -- --exact command_lines::random_command_lines_end_with_a_documented_code --nocapture
