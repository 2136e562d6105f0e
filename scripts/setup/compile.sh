#!/usr/bin/env bash
# Compiles the contracts if a source, the settings or OpenZeppelin changed, and then all of them: Ape by itself
# keeps the types of deleted contracts, and the old code of those whose library or settings changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# Checksums of what goes into the compilation and of what came out of it.
fingerprint() {
    find contracts -name '*.sol' -not -path '*/.cache/*' | LC_ALL=C sort |
        xargs cksum ape-config.yaml package-lock.json scripts/setup/solc.js .build/__local__.json 2>/dev/null || true
}

stamp=.build/fingerprint
if [ "$(fingerprint)" = "$(cat "$stamp" 2>/dev/null)" ]; then exit; fi
echo "Compiling the contracts"
rm -rf .build contracts/.cache
.venv/bin/ape compile --verbosity WARNING
fingerprint >"$stamp"
