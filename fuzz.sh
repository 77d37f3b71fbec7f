#!/usr/bin/env bash
# Looks for new inputs with every fuzz test in turn (Jazzer takes one for each JVM), as long as its @FuzzTest says,
# and prints how often each parser ran. What it finds lies in the module as crash-*, and in target/fuzz/*.log.
#
#   ./fuzz.sh                      # all: about 20 minutes
#   ./fuzz.sh ProofFuzzTest        # one class, or one method: ProofFuzzTest#a_leaf
#
# Exit code 1 when one of them found something. MAVEN_ARGS is passed on by the wrapper.
set -euo pipefail

home="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
wanted="${1:-}"
cd "$home"
mkdir -p target/fuzz
./mvnw -q -B -Pquick -pl ledger-core/node,telemetry/pipeline -am -DskipTests -DskipITs install

found=0
while IFS=: read -r file method; do
  module="${file%%/src/*}"
  class="$(basename "$file" .java)"
  test="$class#$method"
  [[ "$test" == *"$wanted"* ]] || continue
  log="target/fuzz/$class.$method.log"
  verdict=clean
  ./mvnw -B -Pquick,fuzz -pl "$module" -Dtest="$test" surefire:test >"$log" 2>&1 || { verdict=FOUND; found=1; }
  runs="$(grep -oE '^(\[[A-Z]+\] )?#[0-9]+' "$log" | grep -oE '[0-9]+' | sort -n | tail -n 1 || true)"
  printf '%s executions=%s %s\n' "$test" "${runs:-0}" "$verdict"
done < <(grep -rA3 --include='*FuzzTest.java' '@FuzzTest' ledger-core/*/src/test telemetry/*/src/test \
  | sed -nE 's/^([^ ]+\.java)-.* void ([a-z_0-9]+)\(.*/\1:\2/p')
exit $found
