// Who may come in, and what they see.
'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const { createHmac } = require('node:crypto');
const path = require('node:path');
const { test } = require('node:test');
const jsforce = require('jsforce');
const border = require('./border.js');
const { assertRead, assertSilent, demo, dump, email, word } = border;

// The client's one-time code (RFC 6238): SHA-1, six digits, 30 seconds.
function code(ahead, seed = demo.client.totp_secret) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...seed].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const mac = createHmac('sha1', key).update(step).digest();
  const at = mac[mac.length - 1] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

async function signIn(clientSecret) {
  const oauth2 = { loginUrl: demo.border, clientId: demo.client.client_id, clientSecret };
  const crm = new jsforce.Connection({ oauth2, version: border.version });
  await crm.authorize({ grant_type: 'client_credentials' });
  return crm;
}

test('two proofs make a session that works, and one proof makes none', async () => {
  const secret = demo.client.client_secret;
  await assert.rejects(signIn(secret));
  await assert.rejects(signIn(code(1)));

  // The demo's own token took the code of the step that it began in.
  const used = code(1);
  const crm = await signIn(secret + used);
  assert.equal(crm.instanceUrl, demo.border);
  const name = word('Bos');
  const { id } = await crm.sobject('Contact').create({ LastName: name });
  assert.equal((await crm.sobject('Contact').retrieve(id)).LastName, name);

  await assert.rejects(signIn(secret + used), 'a code is good once');
});

test('a client signs in with its name and password', async () => {
  const added = execFileSync(process.env.SLUIS_BINARY, [
    ...['client', '--config', path.join(demo.folder, 'sluis.toml'), 'add', 'tests-password'],
    ...['--role', 'sales', '--purpose', 'tests'],
  ]).toString();
  const shown = (name) => added.match(new RegExp(`^${name} +(\\S+)`, 'm'))[1];
  const secret = shown('client_secret');
  const seed = added.match(/secret=([A-Z2-7]+)/)[1];
  const oauth2 = { loginUrl: demo.border, clientId: shown('client_id'), clientSecret: secret };
  const crm = new jsforce.Connection({ oauth2, version: border.version });
  await assert.rejects(crm.login('tests-password', secret), 'one proof, sent twice, is one proof');
  const user = await crm.login('tests-password', secret + code(0, seed));
  assert.match(user.id, /^005/);
  const { totalSize } = await crm.query('SELECT Id FROM Contact LIMIT 1');
  assert.equal(totalSize, 1);
});

test('a session that nobody gave out is none', async () => {
  const stranger = border.connection('00D000000000001!AQ');
  await assert.rejects(stranger.query('SELECT Id FROM Contact LIMIT 1').run(), { errorCode: 'INVALID_SESSION_ID' });
});

test('a role that may see nothing sees tokens, and writes them back unharmed', async () => {
  const crm = border.connection();
  const blind = border.connection(demo.masked_token);
  const person = { LastName: word('Bos'), Email: email(), Description: word('Belt maandag terug') };
  const { id } = await crm.sobject('Contact').create({ ...person, Birthdate: '1961-02-03' });

  const masked = await blind.sobject('Contact').retrieve(id);
  assertSilent(JSON.stringify(masked), 'a mask shows the value');
  assert.equal(masked.Birthdate, null);
  const row = (await dump()).Contact.find((record) => record.Id === id);
  assertRead(masked, { LastName: row.LastName, Email: row.Email, Description: row.Description });

  await blind.sobject('Contact').update({ Id: id, LastName: masked.LastName, LeadSource: 'Web' });
  assertRead(await crm.sobject('Contact').retrieve(id), { ...person, LeadSource: 'Web' });
});

module.exports = { code };
