#!/usr/bin/env bash
# Brings everything the project needs below this folder: .venv, node_modules, .solcx and .tools.
# Each part is left alone while the files it was made from have not changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly SOLC_VERSION=0.8.30
mkdir -p "${TMPDIR:-/tmp}"

fail() {
    echo "setup: $*" >&2
    exit 1
}

# Prints the first interpreter that runs (a pyenv shim may be found and still refuse to).
find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.12 python3.11 python}; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.11 or 3.12 is missing (another one can be named: PYTHON=/path/to/python make ...)"
}

require_node() {
    local major
    major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null) || fail "Node.js 20 or newer is missing"
    [ "$major" -ge 20 ] || fail "Node.js 20 or newer is needed, this is $(node --version)"
    command -v npm >/dev/null || fail "npm (it comes with Node.js) is missing"
}

# What the environment depends on: where it lies, the interpreter, the locks, how the project is installed.
describe_environment() {
    pwd
    "$python" --version
    cat requirements/bootstrap.lock requirements/dev.lock pyproject.toml scripts/setup/tools.pth
}

# uv does not read pip's settings: hand it the index and the certificates a user configured there.
use_pip_settings() {
    local index cert
    index=${PIP_INDEX_URL:-$(.venv/bin/pip config get global.index-url 2>/dev/null || true)}
    cert=${PIP_CERT:-$(.venv/bin/pip config get global.cert 2>/dev/null || true)}
    if [ -n "$index" ]; then export UV_DEFAULT_INDEX=${UV_DEFAULT_INDEX:-$index}; fi
    if [ -n "$cert" ]; then export SSL_CERT_FILE=${SSL_CERT_FILE:-$cert}; fi
}

setup_python() {
    local stamp=.venv/.installed
    if cmp -s <(describe_environment) "$stamp" && .venv/bin/python -c '' 2>/dev/null; then return; fi
    echo "Installing the Python packages into .venv"
    cmp -s <(describe_environment | head -n 2) <(head -n 2 "$stamp" 2>/dev/null) || rm -rf .venv
    rm -f "$stamp"
    "$python" -m venv .venv >/dev/null || fail "this Python cannot make environments: install its venv package"
    .venv/bin/python -m pip install -qq --require-hashes -r requirements/bootstrap.lock ||
        fail "the Python packages could not be installed: is a package index reachable?"
    use_pip_settings
    export VIRTUAL_ENV=$PWD/.venv
    .venv/bin/uv pip sync -q --require-hashes --compile-bytecode requirements/dev.lock || {
        echo "uv could not install them: trying pip, which is slower"
        .venv/bin/python -m pip install -qq --require-hashes --no-deps -r requirements/dev.lock
    } || fail "the Python packages could not be installed"
    .venv/bin/uv pip install -q --no-deps --no-build-isolation -e .
    cp scripts/setup/tools.pth "$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
    describe_environment >"$stamp"
}

setup_node() {
    local stamp=node_modules/.installed
    if ! cmp -s package-lock.json "$stamp"; then
        echo "Installing the npm packages into node_modules"
        npm ci --ignore-scripts --loglevel=error || fail "the npm packages could not be installed"
        cp package-lock.json "$stamp"
    fi
    command -v anvil >/dev/null || [ -x node_modules/.bin/anvil ] ||
        fail "npm has no Anvil for this platform: install Foundry, so that 'anvil' is on PATH"
}

setup_compiler() {
    local solc=.solcx/solc-v$SOLC_VERSION
    if [ -x "$solc" ]; then return; fi
    echo "Installing the Solidity compiler into .solcx"
    mkdir -p .solcx
    if ! .venv/bin/python - "$SOLC_VERSION" >/dev/null 2>&1 <<'PYTHON'; then
import signal, sys
import requests, solcx
signal.alarm(90)  # a network that swallows packets must not hold up the set-up
requests.head("https://binaries.soliditylang.org", timeout=5)
solcx.install_solc(sys.argv[1])
PYTHON
        echo "The native compiler cannot be downloaded here: using the npm one (same output, slower)"
        ln -sfn ../scripts/setup/solc.js "$solc"
    fi
}

# The MQTT broker, for the tests of the meter gateway: the system's, or Debian's packages unpacked into .tools.
setup_broker() {
    if [ -x .tools/bin/mosquitto ] || { command -v mosquitto && command -v mosquitto_pub; } >/dev/null; then return; fi
    if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null || ! unpack_broker; then
        echo "The tests of the meter gateway need mosquitto 2 and its clients: install them (apt install mosquitto" \
            "mosquitto-clients, brew install mosquitto); all else works without"
    fi
}

unpack_broker() {
    local folder=.tools/mosquitto packages
    echo "Unpacking the MQTT broker mosquitto into .tools"
    rm -rf "$folder"
    mkdir -p "$folder" .tools/bin
    packages=$(apt-cache depends mosquitto 2>/dev/null |
        awk '/ Depends: lib(cjson|dlt|mosquitto|websockets|wrap)/ {print $2}')
    # shellcheck disable=SC2086
    (cd "$folder" && apt-get -qq download mosquitto mosquitto-clients libmosquitto1 $packages >/dev/null 2>&1) || return
    for package in "$folder"/*.deb; do dpkg -x "$package" "$folder" || return; done
    rm "$folder"/*.deb
    for name in mosquitto mosquitto_pub mosquitto_sub; do
        cat >".tools/bin/$name" <<'WRAPPER'
#!/usr/bin/env bash
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../mosquitto" && pwd)
libraries=$(find "$root" -name '*.so.*' -printf '%h\n' | sort -u | paste -sd :)
export LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
program=$(find "$root/usr" -path "*bin/$(basename "$0")")
exec "$program" "$@"
WRAPPER
        chmod +x ".tools/bin/$name"
    done
    .tools/bin/mosquitto -h >/dev/null 2>&1 || [ $? -ne 127 ] || { rm -r .tools/bin && return 1; }
}

python=$(find_python)
require_node
setup_python
setup_node
setup_compiler
setup_broker
