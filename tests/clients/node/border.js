// What the tests of jsforce stand on: the border, the CRM behind it, invented values.
//
// The library is used as it comes from its registry. It is told another host and another
// credential, and nothing else; Node trusts the demo's certificate through NODE_EXTRA_CA_CERTS.
'use strict';

const assert = require('node:assert/strict');
const jsforce = require('jsforce');
const canary = require('../canary.json');

const demo = JSON.parse(process.env.SLUIS_DEMO);
const version = '60.0';
let numbers = 0;

// The library, pointed at the border.
function connection(accessToken = demo.access_token) {
  return new jsforce.Connection({ instanceUrl: demo.border, accessToken, version });
}

// Each value that a test invents has the canary in it, and is nowhere else.
const word = (beginning) => `${beginning} ${canary.text}${++numbers}`;
const email = () => `${canary.text}.${++numbers}@example.nl`;
const phone = () => `+${canary.digits}${String(++numbers).padStart(3, '0')}`;
const customerNumber = () => `K-${canary.text}-${++numbers}`;

// Everything that the CRM holds or was sent, past the border.
async function past(path) {
  const answer = await fetch(demo.crm + path);
  assert.equal(answer.status, 200, path);
  return answer.text();
}

const dump = async () => JSON.parse(await past('/_dump'));
const requests = async () => JSON.parse(await past('/_requests'));

async function assertCrmHoldsNoValue() {
  for (const path of ['/_dump', '/_requests']) {
    assertSilent(await past(path), `${path} has a value that the border must keep`);
  }
}

function assertSilent(text, message) {
  for (const part of Object.values(canary)) {
    assert.ok(!text.toLowerCase().includes(part), message);
  }
}

// Something stands in each of these fields in the CRM, and it is not the value.
async function assertTokens(type, id, fields) {
  const row = (await dump())[type].find((record) => record.Id === id);
  assert.ok(row, `the CRM has no ${type} ${id}`);
  for (const [field, value] of Object.entries(fields)) {
    assert.ok(row[field], `${field} is empty in the CRM`);
    assert.notEqual(row[field], value, field);
  }
}

function assertRead(record, expected) {
  for (const [field, value] of Object.entries(expected)) {
    assert.equal(record[field], value, field);
  }
}

// The call fails with the library's own error, which names rule and field and no value; nothing of
// it reached the CRM, and the library did not try again.
async function assertRefused(code, errorCode, call, field) {
  const before = (await requests()).length;
  await assert.rejects(call, (error) => {
    assert.equal(error.errorCode, errorCode, error.message);
    assert.ok(error.message.includes(`[sluis ${code}]`), error.message);
    if (field) {
      assert.ok(error.message.includes(field) || error.data?.fields?.includes(field), error.message);
    }
    assertSilent(error.message + JSON.stringify(error.data ?? ''), 'the error repeats the value');
    return true;
  });
  assert.equal((await requests()).length, before, 'something reached the CRM');
}

module.exports = {
  assertCrmHoldsNoValue,
  assertRead,
  assertRefused,
  assertSilent,
  assertTokens,
  canary,
  connection,
  customerNumber,
  demo,
  dump,
  email,
  phone,
  requests,
  version,
  word,
};
