// What the border refuses, the library says in its own words: rule and field, never the value.
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const border = require('./border.js');
const { assertRefused, email, requests, word } = border;

const crm = border.connection();
const create = (fields) => () => crm.sobject('Contact').create({ LastName: word('Bos'), ...fields });
const query = (soql) => () => crm.query(soql).run();

test('the same calls without what is refused pass', async () => {
  const before = (await requests()).length;
  await create({})();
  await query(`SELECT Id FROM Contact WHERE LastName = '${word('Bos')}'`)();
  assert.equal((await requests()).length - before, 2);
});

test('fields that policy does not know or leaves out are refused', async () => {
  for (const field of ['Nickname__c', 'PhotoUrl', 'Jigsaw']) {
    await assertRefused('policy-unknown-field', 'INVALID_FIELD', create({ [field]: word('Bob') }));
  }
  await assertRefused('field-not-writable', 'INVALID_FIELD_FOR_INSERT_UPDATE', create({ Name: word('Bob') }), 'Name');
});

test('what cannot be answered over a protected field is refused by field', async () => {
  for (const soql of [
    `SELECT Id FROM Contact WHERE LastName LIKE '${word('Bos')}%'`,
    'SELECT Id FROM Contact ORDER BY LastName',
    `SELECT Id FROM Contact WHERE LastName > '${word('Bos')}'`,
  ]) {
    await assertRefused('query-clause', 'MALFORMED_QUERY', query(soql), 'LastName');
  }
});

test('objects, paths and texts that nobody has looked at are refused', async () => {
  await assertRefused('policy-unknown-object', 'INVALID_TYPE', () =>
    crm.sobject('Patient__c').create({ Name: word('Bos') }),
  );
  await assertRefused('endpoint-unknown', 'INSUFFICIENT_ACCESS', () => crm.tooling.query(`SELECT Id FROM ApexClass`));
  await assertRefused('query-malformed', 'MALFORMED_QUERY', query(`DELETE FROM Contact WHERE Email = '${email()}'`));
});

test('interfaces that nobody has looked at are refused', async () => {
  await assertRefused('endpoint-unknown', 'INSUFFICIENT_ACCESS', () =>
    crm.apex.post('/Customers/', { LastName: word('Bos') }),
  );
});

test('a value of another type or form is refused', async () => {
  await assertRefused('value-unfit', 'FIELD_CUSTOM_VALIDATION_EXCEPTION', create({ LastName: 97054821736 }), 'LastName');
  await assertRefused('value-unfit', 'FIELD_CUSTOM_VALIDATION_EXCEPTION', create({ Email: word('geen adres') }), 'Email');
});

test('a value that does not fit is refused and not cut', async () => {
  await assertRefused('value-too-long', 'STRING_TOO_LONG', create({ Description: word('Lang ').repeat(2000) }));
  await assertRefused('special-category', 'FIELD_CUSTOM_VALIDATION_EXCEPTION', create({ Description: word('Mevrouw ligt aan de dialyse ') }));
});
