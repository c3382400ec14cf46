// Access tokens by another implementation: panva's jose, and Node's own Ed25519 where jose would not make what is asked for.
//
//   node access_tokens.cjs JOSE verify JWKS TOKEN OPTIONS      prints the claims, or why it is refused
//   node access_tokens.cjs JOSE sign JWK HEADER CLAIMS         prints a token that jose signed
//   node access_tokens.cjs JOSE raw JWK HEADERS PAYLOAD        a token a line for each text of the JSON array, signed as it is
//   node access_tokens.cjs JOSE hs256 JWK HEADER CLAIMS        with the public key as a secret
const crypto = require('crypto');
const jose = require(process.argv[2]);
const [verb, key, first, second] = process.argv.slice(3);

const base64url = (bytes) => Buffer.from(bytes).toString('base64url');

const verbs = {
  async verify() {
    const {payload, protectedHeader} = await jose.jwtVerify(first, jose.createLocalJWKSet(JSON.parse(key)), JSON.parse(second));
    return JSON.stringify({header: protectedHeader, claims: payload});
  },
  async sign() {
    const imported = await jose.importJWK(JSON.parse(key), 'EdDSA');
    return new jose.SignJWT(JSON.parse(second)).setProtectedHeader(JSON.parse(first)).sign(imported);
  },
  async raw() {
    const imported = crypto.createPrivateKey({key: JSON.parse(key), format: 'jwk'});
    return JSON.parse(first).map((header) => {
      const input = `${base64url(header)}.${base64url(second)}`;
      return `${input}.${base64url(crypto.sign(null, Buffer.from(input), imported))}`;
    }).join('\n');
  },
  async hs256() {
    const secret = Buffer.from(JSON.parse(key).x, 'base64url');
    return new jose.SignJWT(JSON.parse(second)).setProtectedHeader(JSON.parse(first)).sign(secret);
  },
};

verbs[verb]().then(console.log, (error) => { console.log(`refused: ${error.code}`); });
