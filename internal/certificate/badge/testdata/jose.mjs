// Does with jose what a checker does who knows nothing but the issuer's name and the published keys, or not even these
// and follows a token's kid. Reads one JSON object, writes one: for each token the payload that jose believed, or the
// code of its error.
import { webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

// Node.js 18, which Debian 12 has, does not offer it by itself.
globalThis.crypto ??= webcrypto;
const jose = await import(pathToFileURL(process.argv[2]).href);
const { jwks, issuer, tokens } = JSON.parse(readFileSync(0, 'utf8'));
const keys = jose.createLocalJWKSet(jwks);

async function keyAt({ kid }) {
  const response = await fetch(kid);
  if (!response.ok) throw new Error(`${kid} answers ${response.status}`);
  return jose.importJWK(await response.json(), 'RS256');
}

async function judge({ token, typ, now }, keys) {
  try {
    const currentDate = new Date(now);
    const { payload } = await jose.jwtVerify(token, keys, { algorithms: ['RS256'], issuer, typ, currentDate, requiredClaims: ['jti', 'sub', 'nbf'] });
    return { payload };
  } catch (error) {
    return { refused: error.code ?? String(error) };
  }
}

const judged = {};
const followed = {};
for (const [name, what] of Object.entries(tokens)) {
  judged[name] = await judge(what, keys);
  if (jose.decodeProtectedHeader(what.token).kid.startsWith('http')) followed[name] = await judge(what, keyAt);
}
const thumbprints = await Promise.all(jwks.keys.map((key) => jose.calculateJwkThumbprint(key)));
console.log(JSON.stringify({ judged, followed, thumbprints }));
