/** Needs bash, openssl and sha256sum. */
export const CHECK_SCRIPT = String.raw`#!/usr/bin/env bash
# Checks the proofs beside it. Usage: bash check.sh [PUBLIC-KEY]
set -euo pipefail
if [ $# -gt 0 ]; then key=$(realpath "$1"); else key=$(realpath "$(dirname "$0")/public-key.pem"); fi
cd "$(dirname "$0")"

sha256() { sha256sum | cut -d ' ' -f 1; }
bytes() { printf "$(printf %s "$1" | sed 's/../\\x&/g')"; }
fail() { echo "NOT VALID: $1" >&2; exit 1; }

for signature in checkpoints/*.sig; do
  openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in "checkpoints/$(basename "$signature" .sig).json" -sigfile "$signature" > /dev/null ||
    fail "$signature is not a signature of this key"
done

count=0
for proof in proofs/*/; do
  hash=
  for event in "$proof"event-*.json; do
    [ -z "$hash" ] || grep -qF "\"previousHash\":\"$hash\"" "$event" || fail "$event does not follow the event before it"
    hash=$(sha256 < "$event")
  done
  grep -qF "{\"hash\":\"$hash\"," "$proof"leaf.json || fail "$proof: the leaf has another hash"
  node=$({ printf '\0'; cat "$proof"leaf.json; } | sha256)
  while read -r side sibling; do
    if [ "$side" = left ]; then node=$({ printf '\1'; bytes "$sibling"; bytes "$node"; } | sha256)
    else node=$({ printf '\1'; bytes "$node"; bytes "$sibling"; } | sha256); fi
  done < "$proof"path.txt
  grep -qF "\"root\":\"$node\"" "$(cat "$proof"checkpoint.txt).json" || fail "$proof: the path leads to another root"
  count=$((count + 1))
done
echo "Valid: $count events."
`

interface Contents {
  readonly keyId: string
  readonly entries: number
  readonly proven: number
}

export const readme = ({ keyId, entries, proven }: Contents): string => `AUDIT PACKAGE

report.html      the report; its end states what it covers
report.csv       its entries; the column eventId names the folder of an event in proofs/
public-key.pem   the public key ${keyId}
checkpoints/     signed checkpoints of the log: the signed bytes (.json) and the signature (.sig)
proofs/          for each event: its text, its path to a checkpoint, and proof.json with both for Hark
check.sh         checks all proofs with openssl and sha256sum

The report lists ${entries} entries. ${proven} of them are proven; no checkpoint covered the other ${entries - proven} yet.

CHECK WITHOUT HARK

    bash check.sh
    bash check.sh KEY.pem      with the public key that you were given before, which is the one to trust

1. Each checkpoint is signed with Ed25519:
   openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in checkpoints/ROOT.json -sigfile checkpoints/ROOT.sig
2. In each folder of proofs/, "sha256sum" of an event-*.json is the previousHash in the next one; that of the last one is
   the hash in leaf.json.
3. The SHA-256 of a zero byte and leaf.json is the first node. Each line of path.txt has the sibling of a node, and its
   side: the next node is the SHA-256 of a byte 1, the left node and the right node. The last one is the root of the
   checkpoint in checkpoint.txt.

The texts of the events are what is proven: compare report.html and report.csv with them where it matters.

CHECK WITH HARK

    hark audit verify --proof proofs/EVENT/proof.json --public-key public-key.pem
`
