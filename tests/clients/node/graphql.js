// GraphQL by way of jsforce: programs send documents of their own.
'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const border = require('./border.js');
const { assertSilent, assertTokens, email, requests, version, word } = border;

const crm = border.connection();
const url = `/services/data/v${version}/graphql`;
const asked = (query, variables) => crm.requestPost(url, { query, variables });

describe('GraphQL', () => {
  test('a mutation writes several records', async () => {
    const [first, second] = [word('Bos'), word('Dijk')];
    const create = (name) => `ContactCreate(input: {Contact: {LastName: ${JSON.stringify(name)}}}) { Record { Id LastName { value } } }`;
    const { data, errors } = await asked(`mutation { uiapi { a: ${create(first)} b: ${create(second)} } }`);
    assert.deepEqual(errors, []);
    for (const [key, LastName] of [['a', first], ['b', second]]) {
      const record = data.uiapi[key].Record;
      assert.equal(record.LastName.value, LastName);
      await assertTokens('Contact', record.Id, { LastName });
    }
  });

  test('an address finds its contact', async () => {
    const person = { LastName: word('van der Meer'), Email: email() };
    const { id } = await crm.sobject('Contact').create({ ...person });
    const query = `query ByEmail($email: EmailAddress) {
      uiapi { query { Contact(where: { Email: { eq: $email } }) { edges { node { Id, mail: Email { value }, LastName { value } } } } } }
    }`;
    const { data } = await asked(query, { email: person.Email });
    assert.deepEqual(data.uiapi.query.Contact.edges, [
      { node: { Id: id, mail: { value: person.Email }, LastName: { value: person.LastName } } },
    ]);
  });

  test('patterns are refused where they stand', async () => {
    const before = (await requests()).length;
    const answer = await asked(`{ uiapi { query { Contact(where: { LastName: { like: "${word('Bos')}%" } }) { totalCount } } } }`);
    assert.equal(answer.data, null);
    assert.ok(answer.errors[0].message.includes('[sluis query-clause]'), answer.errors[0].message);
    assert.deepEqual(answer.errors[0].locations, [{ line: 1, column: 19 }]);
    assertSilent(JSON.stringify(answer), 'the error repeats the value');
    assert.equal((await requests()).length, before);
  });
});
