// Several requests in one.
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const border = require('./border.js');
const { assertRead, assertTokens, email, version, word } = border;

const crm = border.connection();
const data = `/services/data/v${version}`;

test('a tree of records is planted', async () => {
  const firm = { Name: word('Bakkerij'), BillingCity: word('Breda') };
  const person = { LastName: word('Bos'), Email: email() };
  const answer = await crm.requestPost('/composite/tree/Account', {
    records: [
      {
        attributes: { type: 'Account', referenceId: 'firm' },
        ...firm,
        Contacts: { records: [{ attributes: { type: 'Contact', referenceId: 'person' }, ...person }] },
      },
    ],
  });
  assert.equal(answer.hasErrors, false);
  const ids = Object.fromEntries(answer.results.map((result) => [result.referenceId, result.id]));
  assertRead(await crm.sobject('Account').retrieve(ids.firm), firm);
  assertRead(await crm.sobject('Contact').retrieve(ids.person), { ...person, AccountId: ids.firm });
  await assertTokens('Contact', ids.person, person);
});

test('requests refer to each other', async () => {
  const person = { LastName: word('Bos'), Email: email() };
  const subject = word('Klacht');
  const answer = await crm.requestPost('/composite', {
    allOrNone: true,
    compositeRequest: [
      { method: 'POST', url: `${data}/sobjects/Contact`, referenceId: 'person', body: person },
      {
        method: 'POST',
        url: `${data}/sobjects/Case`,
        referenceId: 'complaint',
        body: { ContactId: '@{person.id}', Subject: subject },
      },
      {
        method: 'GET',
        url: `${data}/sobjects/Contact/@{person.id}?fields=LastName,Email`,
        referenceId: 'found',
      },
    ],
  });
  const [made, complaint, found] = answer.compositeResponse;
  assert.deepEqual([made, complaint, found].map((part) => part.httpStatusCode), [201, 201, 200]);
  assertRead(found.body, person);
  const read = await crm.sobject('Case').retrieve(complaint.body.id);
  assertRead(read, { Subject: subject, ContactEmail: person.Email, ContactId: made.body.id });
  await assertTokens('Case', complaint.body.id, { Subject: subject });
});

test('a batch reads', async () => {
  const name = word('Bos');
  const { id } = await crm.sobject('Contact').create({ LastName: name });
  const answer = await crm.requestPost('/composite/batch', {
    batchRequests: [{ method: 'GET', url: `v${version}/sobjects/Contact/${id}` }],
  });
  assert.equal(answer.results[0].result.LastName, name);
});
