// Records are written and read back as if no border stood between.
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const border = require('./border.js');
const { assertRead, assertTokens, customerNumber, email, phone, word } = border;

const crm = border.connection();

function contact() {
  return {
    FirstName: word('Jacobiene'),
    LastName: word('de Wit-'),
    Email: email(),
    Phone: phone(),
    Title: word('Secretaresse'),
    MailingStreet: word('Keizersgracht 12\nachter'),
    MailingCity: word('Utrecht'),
    Description: `${word('Zei: "ça va" – 😀 <b>& \\ \' ')}\n${word('Regel 2').repeat(40)}`,
  };
}

test('a contact comes back as it was written', async () => {
  const written = contact();
  const answer = await crm.sobject('Contact').create(written);
  assert.ok(answer.success);
  const read = await crm.sobject('Contact').retrieve(answer.id);
  assertRead(read, written);
  assert.equal(read.Name, `${written.FirstName} ${written.LastName}`);
  await assertTokens('Contact', answer.id, written);
});

test('many contacts come back as they were written', async () => {
  const written = Array.from({ length: 250 }, contact);
  const answers = await crm.sobject('Contact').create(written, { allOrNone: true, allowRecursive: true });
  assert.ok(answers.every((answer) => answer.success));
  const ids = answers.slice(0, 50).map((answer) => answer.id);
  const read = await crm.sobject('Contact').retrieve(ids, { fields: Object.keys(written[0]) });
  read.forEach((record, at) => assertRead(record, written[at]));
  await assertTokens('Contact', answers[249].id, written[249]);
});

test('an update changes what it names and nothing else', async () => {
  const written = contact();
  const { id } = await crm.sobject('Contact').create(written);
  const change = { LastName: word('Van Dam'), Phone: phone() };
  assert.ok((await crm.sobject('Contact').update({ Id: id, ...change })).success);
  assertRead(await crm.sobject('Contact').retrieve(id), { ...written, ...change });
  await assertTokens('Contact', id, change);
});

test('several records are updated in one request', async () => {
  const answers = await crm.sobject('Contact').create([contact(), contact()]);
  const changes = answers.map(({ id }) => ({ Id: id, LastName: word('Kok') }));
  const updated = await crm.sobject('Contact').update(changes);
  assert.ok(updated.every((answer) => answer.success));
  for (const change of changes) {
    assertRead(await crm.sobject('Contact').retrieve(change.Id), change);
  }
});

test('an upsert by customer number makes a record and then finds it', async () => {
  const key = customerNumber();
  const first = await crm.sobject('Contact').upsert({ Ext_Id__c: key, LastName: word('Bos') }, 'Ext_Id__c');
  assert.ok(first.success);
  const change = { Ext_Id__c: key, LastName: word('Van den Bos') };
  const second = await crm.sobject('Contact').upsert(change, 'Ext_Id__c');
  assert.equal(second.id ?? first.id, first.id);
  assertRead(await crm.sobject('Contact').retrieve(first.id), change);
  await assertTokens('Contact', first.id, change);
});

test('an upsert by address finds its contact', async () => {
  // The library puts the address into the URL as it is.
  const address = email();
  const { id } = await crm.sobject('Contact').create({ LastName: word('Bos'), Email: address });
  const title = word('Directeur');
  const answer = await crm.sobject('Contact').upsert({ Email: address, Title: title }, 'Email');
  assert.ok(answer.success);
  assertRead(await crm.sobject('Contact').retrieve(id), { Email: address, Title: title });
});

test('several records are upserted in one request', async () => {
  const people = [0, 1].map(() => ({ Ext_Id__c: customerNumber(), LastName: word('Bos') }));
  for (const created of [true, false]) {
    const answers = await crm.sobject('Contact').upsert(people, 'Ext_Id__c');
    assert.deepEqual(answers.map((answer) => [answer.success, answer.created]), [[true, created], [true, created]]);
  }
});

test('characters that formats escape come back as they were', async () => {
  for (const sign of ['<b>&amp;"\'', '\u2028', '%41 + %2B', '\u00e9 e\u0301', '{!Contact.Id} ${7*7}']) {
    const name = `x ${sign} ${word('Bos')}`;
    const { id } = await crm.sobject('Contact').create({ LastName: name, Description: `${name}\u0001\t` });
    const read = await crm.sobject('Contact').retrieve(id);
    assertRead(read, { LastName: name, Description: `${name}\u0001\t` });
    const found = await crm.sobject('Contact').find({ LastName: name }, ['Id']).execute();
    assert.deepEqual(found.map((record) => record.Id), [id]);
  }
});

test('a key with characters beyond ASCII is found again', async () => {
  // The library puts it into the path as it is, escaped by Node alone.
  for (const key of [`\u00e4\u20ac ${customerNumber()}`, `a+b ${customerNumber()}`]) {
    const person = { Ext_Id__c: key, LastName: word('Bos') };
    assert.ok((await crm.sobject('Contact').upsert(person, 'Ext_Id__c')).success);
    const found = await crm.sobject('Contact').find({ Ext_Id__c: key }, ['Ext_Id__c', 'LastName']).execute();
    assert.equal(found.length, 1);
    assertRead(found[0], person);
  }
});

test('a record is related by the customer number of another', async () => {
  const firm = { Name: word('Bakkerij'), Ext_Id__c: customerNumber() };
  await crm.sobject('Account').create(firm);
  const person = { LastName: word('Bos'), Account: { Ext_Id__c: firm.Ext_Id__c } };
  const { id } = await crm.sobject('Contact').create(person);
  const soql = `SELECT Account.Name, Account.Ext_Id__c FROM Contact WHERE Id = '${id}'`;
  assertRead((await crm.query(soql)).records[0].Account, firm);
});

test('empty texts are empty', async () => {
  const { id } = await crm.sobject('Contact').create({ LastName: word('Bos'), Phone: '', Email: '' });
  assertRead(await crm.sobject('Contact').retrieve(id), { Phone: null, Email: null });
});

test('a customer number that another record has is refused by the CRM, which says which', async () => {
  const key = customerNumber();
  const { id } = await crm.sobject('Contact').create({ LastName: word('Bos'), Ext_Id__c: key });
  await assert.rejects(crm.sobject('Contact').create({ LastName: word('Bos'), Ext_Id__c: key }), (error) => {
    assert.equal(error.errorCode, 'DUPLICATE_VALUE');
    assert.ok(error.message.includes(id));
    return true;
  });
});

test('what was seen last is listed with its names', async () => {
  const name = word('Bos');
  const { id } = await crm.sobject('Contact').create({ LastName: name });
  const recent = await crm.recent();
  assert.equal(recent.find((record) => record.Id === id).Name, name);
});

test('deleted records are gone', async () => {
  const answers = await crm.sobject('Contact').create([contact(), contact(), contact()]);
  const [first, ...others] = answers.map(({ id }) => id);
  assert.ok((await crm.sobject('Contact').destroy(first)).success);
  assert.ok((await crm.sobject('Contact').destroy(others)).every((answer) => answer.success));
  for (const id of [first, ...others]) {
    await assert.rejects(crm.sobject('Contact').retrieve(id));
  }
});
