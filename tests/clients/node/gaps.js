// What clients do that the border does not carry yet as the CRM would.
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const border = require('./border.js');
const { assertRead, demo, email, version, word } = border;

const crm = border.connection();
const data = `/services/data/v${version}`;

test('the library reads all fields that describe names, when it is told none', async () => {
  const person = { LastName: word('Bos'), Email: email() };
  const { id } = await crm.sobject('Contact').create(person);
  assertRead((await crm.sobject('Contact').retrieve([id]))[0], person);
  assertRead(await crm.sobject('Contact').findOne({ Id: id }), person);
  assertRead(await crm.sobject('Contact').findOne({ Id: id }, '*'), person);
});

test('a query by a value that an earlier part writes is refused, not answered wrongly', async () => {
  const person = { LastName: word('Bos'), Email: email() };
  const soql = `SELECT LastName FROM Contact WHERE Email = '${person.Email}'`;
  const asked = crm.requestPost('/composite', {
    compositeRequest: [
      { method: 'POST', url: `${data}/sobjects/Contact`, referenceId: 'person', body: person },
      { method: 'GET', url: `${data}/query?q=${encodeURIComponent(soql)}`, referenceId: 'found' },
    ],
  });
  await assert.rejects(asked, /query-clause/);
});

test('a query asks by the reference of an earlier part', async () => {
  const person = { LastName: word('Bos') };
  const answer = await crm.requestPost('/composite', {
    compositeRequest: [
      { method: 'POST', url: `${data}/sobjects/Contact`, referenceId: 'person', body: person },
      {
        method: 'GET',
        url: `${data}/query?q=SELECT+LastName+FROM+Contact+WHERE+Id='@{person.id}'`,
        referenceId: 'found',
      },
    ],
  });
  assert.equal(answer.compositeResponse[1].httpStatusCode, 200);
  assert.equal(answer.compositeResponse[1].body.records[0].LastName, person.LastName);
});

test('a task shows the name of whom it is about', async () => {
  const name = word('Bos');
  const { id } = await crm.sobject('Contact').create({ LastName: name });
  await crm.sobject('Task').create({ Subject: word('Bellen'), WhoId: id });
  const { records } = await crm.query(`SELECT Who.Name FROM Task WHERE WhoId = '${id}'`);
  assert.equal(records[0].Who.Name, name);
});

test('the library hears who its token is, and of nobody else', async () => {
  const own = await crm.identity();
  assert.equal(own.username, demo.client.username);
  assert.match(own.user_id, /^005/);
  const asked = await crm.request(`${demo.border}/id/00D000000000009AAA/005000000000009AAA`);
  assert.equal(asked.user_id, own.user_id);
  await assert.rejects(border.connection('00D000000000001!AQ').identity());
});
