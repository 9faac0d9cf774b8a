#!/usr/bin/env bash
# How long a cold debug build of freddy-types takes, beside one of serde (with derive) and serde_json alone, in the same
# versions. To be run by hand: benches/cold-build.sh [ROUNDS]
set -euo pipefail
rounds=${1:-5}
workspace=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset CARGO_TARGET_DIR CARGO_BUILD_TARGET_DIR CARGO_INCREMENTAL
# A compiler cache would answer for the compiler, and some locales put a comma into the clock.
export RUSTC_WRAPPER= LC_ALL=C
# The same toolchain and configuration for both builds.
cd "$workspace"

mkdir -p "$scratch/serde/src"
cp "$workspace/Cargo.lock" "$scratch/serde/"
: >"$scratch/serde/src/lib.rs"
cat >"$scratch/serde/Cargo.toml" <<'EOF'
[package]
name = "serde-alone"
edition = "2024"

[dependencies]
serde = { version = "1", features = ["derive"] }
serde_json = "1"

[workspace]
EOF
cargo fetch --quiet --manifest-path "$scratch/serde/Cargo.toml"
cargo fetch --quiet --locked --manifest-path "$workspace/Cargo.toml"

# Seconds that a build into an empty folder takes.
cold() {
  rm -rf "$scratch/target"
  local start=$EPOCHREALTIME
  cargo build --quiet --offline --target-dir "$scratch/target" "$@"
  awk "BEGIN { print $EPOCHREALTIME - $start }"
}

median() { sort -n | awk '{ seconds[NR] = $1 } END { print seconds[int((NR + 1) / 2)] }'; }

for ((round = 0; round < rounds; round++)); do
  cold --manifest-path "$scratch/serde/Cargo.toml" >>"$scratch/serde.seconds"
  cold --manifest-path "$workspace/Cargo.toml" --package freddy-types >>"$scratch/freddy-types.seconds"
done
serde=$(median <"$scratch/serde.seconds")
types=$(median <"$scratch/freddy-types.seconds")
awk "BEGIN {
  ratio = $types / $serde
  printf \"serde and serde_json  %6.2f s\nfreddy-types          %6.2f s\nratio                 %6.2f   bar 1.30  %s\n\", $serde, $types, ratio, ratio <= 1.3 ? \"ok\" : \"MISSED\"
  exit ratio > 1.3
}"
