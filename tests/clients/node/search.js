// Searches find people by whole values, and the UI API shows them.
'use strict';

const assert = require('node:assert/strict');
const { before, describe, test } = require('node:test');
const border = require('./border.js');
const { assertRead, assertSilent, assertTokens, email, phone, requests, version, word } = border;

const crm = border.connection();
const ui = `/services/data/v${version}/ui-api`;

describe('searches', () => {
  const person = { FirstName: word('Aleid'), LastName: word('van der Meer'), Email: email(), Phone: phone() };

  before(async () => {
    person.Id = (await crm.sobject('Contact').create({ ...person })).id;
  });

  for (const [group, field] of [['ALL', 'LastName'], ['NAME', 'FirstName'], ['EMAIL', 'Email'], ['PHONE', 'Phone']]) {
    test(`${field} finds its contact in ${group} FIELDS`, async () => {
      const { searchRecords } = await crm.search(
        `FIND {${person[field]}} IN ${group} FIELDS RETURNING Contact(Id, LastName, Email)`,
      );
      assert.equal(searchRecords.length, 1);
      assertRead(searchRecords[0], { Id: person.Id, LastName: person.LastName, Email: person.Email });
    });
  }

  test('several objects are searched at once', async () => {
    const { searchRecords } = await crm.search(`FIND {${person.LastName}} RETURNING Lead(Id), Contact, Account(Id, Name)`);
    assert.deepEqual(searchRecords.map((record) => record.Id), [person.Id]);
  });

  test('wildcards are refused by clause', async () => {
    await border.assertRefused('query-clause', 'MALFORMED_QUERY', () => crm.search(`FIND {${word('Bos')}*} RETURNING Contact(Id)`));
  });
});

describe('the UI API', () => {
  test('a record is made, read and changed', async () => {
    const fields = { LastName: word('Bos'), Email: email() };
    const made = await crm.requestPost(`${ui}/records`, { apiName: 'Contact', fields });
    assert.equal(made.fields.LastName.value, fields.LastName);
    await assertTokens('Contact', made.id, fields);
    const read = await crm.request(`${ui}/records/${made.id}?fields=Contact.Email,Contact.Name`);
    assert.equal(read.fields.Email.value, fields.Email);
    const changed = word('Dijk');
    const body = JSON.stringify({ fields: { LastName: changed } });
    const after = await crm.request({
      method: 'PATCH',
      url: `${ui}/records/${made.id}`,
      body,
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(after.fields.LastName.value, changed);
  });

  test('what is refused stands at its field', async () => {
    const before = (await requests()).length;
    const fields = { LastName: word('Bos'), Nickname__c: word('Bosje') };
    await assert.rejects(crm.requestPost(`${ui}/records`, { apiName: 'Contact', fields }), (error) => {
      assert.ok(error.message.includes('[sluis policy-unknown-field]'), error.message);
      assertSilent(error.message, 'the error repeats the value');
      return true;
    });
    assert.equal((await requests()).length, before);
  });
});
