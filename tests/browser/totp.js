// One-time codes as an authenticator app makes them: RFC 6238, SHA-1, six digits, 30 seconds.
'use strict';

const { createHmac } = require('node:crypto');

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

// `ahead` is how many steps from now: a code works once, and the border takes the next one too.
function code(secret, ahead = 0) {
  const step = BigInt(Math.floor(Date.now() / 30_000) + ahead);
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(step);
  const mac = createHmac('sha1', bytes(secret)).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

// RFC 4648 base32, with blanks between groups.
function bytes(secret) {
  let bits = '';
  for (const letter of secret.replace(/[\s=]/g, '').toUpperCase()) {
    bits += ALPHABET.indexOf(letter).toString(2).padStart(5, '0');
  }
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

module.exports = { code };
