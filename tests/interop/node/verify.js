// Reads claims from standard input and writes what @sigstore/verify says of each: "" where it accepts, else its reason.
// A claim: {note, key: {name, id, spki}}, and for an entry's place {entry, index, proof} too.
// The note is text, all other bytes are base64.
'use strict';

const { readFileSync } = require('node:fs');
const { toTrustMaterial } = require('@sigstore/verify');
const { verifyTLogInclusion } = require('@sigstore/verify/dist/tlog');
const { verifyCheckpoint } = require('@sigstore/verify/dist/tlog/checkpoint');

const bytes = (text) => Buffer.from(text, 'base64');

const known = new Map();

function logsOf({ key }) {
  const name = JSON.stringify(key);
  if (!known.has(name)) {
    known.set(name, trusted(key));
  }
  return known.get(name);
}

function trusted(key) {
  const publicKey = { rawBytes: bytes(key.spki), keyDetails: 'PKIX_ED25519' };
  const log = { baseUrl: `https://${key.name}`, publicKey, checkpointKeyId: { keyId: bytes(key.id) } };
  return toTrustMaterial({ tlogs: [log], ctlogs: [], certificateAuthorities: [], timestampAuthorities: [] }).tlogs;
}

function check(claim) {
  const checkpoint = { envelope: claim.note };
  if (claim.entry === undefined) {
    return verifyCheckpoint({ inclusionProof: { checkpoint } }, logsOf(claim));
  }
  const inclusionProof = { logIndex: String(claim.index), hashes: claim.proof.map(bytes), checkpoint };
  return verifyTLogInclusion({ inclusionProof, canonicalizedBody: bytes(claim.entry) }, logsOf(claim));
}

function reasonAgainst(claim) {
  try {
    check(claim);
    return '';
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(reasonAgainst)));
