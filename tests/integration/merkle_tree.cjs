// What OpenZeppelin's library makes of a tree that Python made: values, dump and proofs of it come
// in as JSON, and what the library says of them goes out.

const { StandardMerkleTree } = require("@openzeppelin/merkle-tree");

const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
const loaded = StandardMerkleTree.load(JSON.parse(given.dump));
const built = StandardMerkleTree.of(given.rows, given.types);
const verify = (row, proof) => StandardMerkleTree.verify(loaded.root, given.types, row, proof);

process.stdout.write(
  JSON.stringify({
    loadedRoot: loaded.root,
    builtRoot: built.root,
    verified: given.rows.map((row, index) => verify(row, given.proofs[index])),
    withoutLast: given.rows.map((row, index) => verify(row, given.proofs[index].slice(0, -1))),
    loadedProofs: given.rows.map((row) => loaded.getProof(row)),
    builtProofs: given.rows.map((_, index) => built.getProof(index)),
    built: built.dump(),
  }),
);
