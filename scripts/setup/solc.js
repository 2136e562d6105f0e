#!/usr/bin/env node
// The npm compiler behind the command line of the native one, for machines that cannot download it.
// Serves what Ape, Slither and forge call: `solc --version`, and
// `solc --standard-json [--base-path P]` with the input on stdin and nothing but JSON on stdout.
"use strict";

const fs = require("fs");
const path = require("path");
const solc = require("solc");

const args = process.argv.slice(2);

if (args.includes("--version")) {
  const name = "solc, the solidity compiler commandline interface";
  process.stdout.write(`${name}\nVersion: ${solc.version()}\n`);
} else if (args.includes("--standard-json")) {
  const at = args.indexOf("--base-path");
  const basePath = at >= 0 ? args[at + 1] : ".";
  const readImport = (name) => {
    try {
      return { contents: fs.readFileSync(path.resolve(basePath, name), "utf8") };
    } catch (error) {
      return { error: error.message };
    }
  };
  process.stdout.write(solc.compile(fs.readFileSync(0, "utf8"), { import: readImport }));
} else {
  process.stderr.write("solc.js: only --version and --standard-json are served\n");
  process.exit(2);
}
