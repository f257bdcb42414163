/** Needs bash, openssl and sha256sum. */
export const CHECK_SCRIPT = String.raw`#!/usr/bin/env bash
# Checks the proofs beside it. Usage: bash check.sh [PUBLIC-KEY]
# Ends with status 0 if all are valid, 1 if one is not, and 2 if there is none.
set -euo pipefail
shopt -s nullglob
export LC_ALL=C
if [ $# -gt 0 ]; then key=$(realpath "$1"); else key=$(realpath "$(dirname "$0")/public-key.pem"); fi
cd "$(dirname "$0")"

sha256() { sha256sum | cut -d ' ' -f 1; }
bytes() { printf "$(printf %s "$1" | sed 's/../\\x&/g')"; }
fail() { echo "NOT VALID: $1" >&2; exit 1; }

signed() {
  [ -f "$1.sig" ] || fail "$1.json has no signature"
  openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in "$1.json" -sigfile "$1.sig" > /dev/null ||
    fail "$1.sig is not a signature of this key"
}

for signature in checkpoints/*.sig; do signed "checkpoints/$(basename "$signature" .sig)"; done

count=0
for proof in proofs/*/; do
  id=$(basename "$proof")
  set -- "$proof"event-*.json
  # The members of an event are sorted: its own id and type come after those in its data.
  [ "$(sed 's/.*,"id":"\([^"]*\)".*/\1/' "$1")" = "$id" ] || fail "$proof has the proof of another event"
  type=$(sed 's/.*,"type":"\([^"]*\)".*/\1/' "$1")
  grep -qF ",$type,$id," report.csv || fail "report.csv has no entry of $type $id"
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
  checkpoint=$(cat "$proof"checkpoint.txt)
  [[ $checkpoint =~ ^checkpoints/[0-9a-f]{64}$ ]] || fail "$proof: checkpoint.txt names no checkpoint of this package"
  signed "$checkpoint"
  grep -qF "\"root\":\"$node\"" "$checkpoint.json" || fail "$proof: the path leads to another root"
  count=$((count + 1))
done
if [ "$count" = 0 ]; then echo "Nothing is proven: this package has no proof of any event."; exit 2; fi
entries=$(grep -oE ',[A-Za-z]+,[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12},' report.csv | sort -u | wc -l)
echo "Valid: $count events."
[ "$entries" -le "$count" ] || echo "Not proven: $((entries - count)) other entries of report.csv."
`

interface Contents {
  readonly keyId: string
  readonly entries: number
  readonly proven: number
}

const coverage = (entries: number, proven: number): string => {
  if (entries === 0) return 'Nothing is proven: there is nothing to prove.'
  return proven === 0
    ? 'Nothing is proven: no checkpoint that this key signed covers any of them yet.'
    : `${proven} of them are proven; no checkpoint that this key signed covers the other ${entries - proven} yet.`
}

export const readme = ({ keyId, entries, proven }: Contents): string => `AUDIT PACKAGE

report.html      the report; its end states what it covers
report.csv       its entries; the column eventId names the folder of an event in proofs/
public-key.pem   the public key ${keyId}
checkpoints/     signed checkpoints of the log: the signed bytes (.json) and the signature (.sig)
proofs/          for each event: its text, its path to a checkpoint, and proof.json with both for Hark
check.sh         checks all proofs with openssl and sha256sum

The report lists ${entries} entries. ${coverage(entries, proven)}

CHECK WITHOUT HARK

    bash check.sh
    bash check.sh KEY.pem      with the public key that you were given before, which is the one to trust

After a rotation (hark audit rotate-key), these commands accept only the public key in this package. With an older key,
use hark audit verify --proof (below), which follows the rotation.

1. In each folder of proofs/, checkpoint.txt is one line, checkpoints/ROOT, where ROOT is 64 digits of 0-9 and a-f. That
   checkpoint has a signature (.sig), with Ed25519; one without it proves nothing:
   openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in checkpoints/ROOT.json -sigfile checkpoints/ROOT.sig
   Each folder is named after the id of its first event, which report.csv lists with its type.
2. "sha256sum" of an event-*.json is the previousHash in the next one; that of the last one is the hash in leaf.json.
3. The SHA-256 of a zero byte and leaf.json is the first node. Each line of path.txt has the sibling of a node, and its
   side: the next node is the SHA-256 of a byte 1, the left node and the right node. The last one is the root in the
   checkpoint of step 1.

The texts of the events are what is proven: compare report.html and report.csv with them where it matters.

CHECK WITH HARK

    hark audit verify --proof proofs/EVENT/proof.json --public-key public-key.pem

With --public-key, pass the key that you were given before: trust in it extends to the keys that it introduced.
`
