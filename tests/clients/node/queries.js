// Queries find people by what is known of them, though the CRM does not know it.
'use strict';

const assert = require('node:assert/strict');
const { before, describe, test } = require('node:test');
const jsforce = require('jsforce');
const border = require('./border.js');
const { assertRead, email, phone, requests, word } = border;

const crm = border.connection();

describe('queries', () => {
  const account = { Name: word('Bakkerij') };
  const people = ['Aleid', 'Bram', 'Carlijn'].map((first) => ({
    FirstName: word(first),
    LastName: word("O'Hara"),
    Email: email(),
    Phone: phone(),
  }));

  before(async () => {
    account.Id = (await crm.sobject('Account').create({ Name: account.Name })).id;
    for (const person of people) {
      person.Id = (await crm.sobject('Contact').create({ ...person, AccountId: account.Id })).id;
    }
  });

  const find = (conditions) =>
    crm.sobject('Contact').find(conditions, ['Id', 'FirstName', 'LastName', 'Email', 'Phone']).execute();

  function assertFinds(records, expected) {
    assert.equal(records.length, expected.length);
    for (const person of expected) {
      assertRead(records.find((record) => record.Id === person.Id), person);
    }
  }

  for (const field of ['Email', 'LastName', 'Phone']) {
    test(`one ${field} finds its contact`, async () => {
      assertFinds(await find({ [field]: people[1][field] }), [people[1]]);
    });

    test(`a list of ${field} finds all of them`, async () => {
      assertFinds(await find({ [field]: { $in: people.map((person) => person[field]) } }), people);
    });
  }

  test('a value that nobody has finds nobody', async () => {
    assertFinds(await find({ Email: email() }), []);
    assertFinds(await find({ $or: [{ LastName: word('Niemand') }, { Phone: phone() }] }), []);
  });

  test('conditions are joined', async () => {
    const either = { $or: [{ Email: people[0].Email }, { LastName: people[1].LastName }], AccountId: account.Id };
    assertFinds(await find(either), people.slice(0, 2));
  });

  test('relations are followed up and down', async () => {
    const up = await crm.query(`SELECT Account.Name FROM Contact WHERE Email = '${people[0].Email}'`);
    assert.equal(up.records[0].Account.Name, account.Name);
    const down = await crm
      .sobject('Account')
      .find({ Id: account.Id }, ['Name'])
      .include('Contacts')
      .select(['Email'])
      .end()
      .execute();
    assert.equal(down[0].Name, account.Name);
    const addresses = down[0].Contacts.records.map((record) => record.Email);
    assert.deepEqual(addresses.sort(), people.map((person) => person.Email).sort());
  });

  test('all fields that policy knows come with FIELDS(ALL)', async () => {
    const soql = `SELECT FIELDS(ALL) FROM Contact WHERE Id = '${people[0].Id}' LIMIT 1`;
    assertRead((await crm.query(soql)).records[0], people[0]);
  });

  test('records are sorted and limited by what is no value', async () => {
    const records = await crm
      .sobject('Contact')
      .find({ AccountId: account.Id, CreatedDate: { $gte: jsforce.Date.toDateTimeLiteral(0) } }, ['Id', 'Name'])
      .sort('-CreatedDate')
      .limit(2)
      .execute();
    assert.equal(records.length, 2);
    const names = people.map((person) => `${person.FirstName} ${person.LastName}`);
    assert.ok(records.every((record) => names.includes(record.Name)));
  });

  test('people are counted', async () => {
    assert.equal(await crm.sobject('Contact').count({ AccountId: account.Id }), people.length);
  });

  test('all pages of a long answer are read', async () => {
    const employer = (await crm.sobject('Account').create({ Name: word('Fabriek') })).id;
    const names = Array.from({ length: 450 }, () => word('Arbeider'));
    const records = names.map((LastName) => ({ LastName, AccountId: employer }));
    await crm.sobject('Contact').create(records, { allOrNone: true, allowRecursive: true });
    const before = (await requests()).length;
    const soql = `SELECT LastName FROM Contact WHERE AccountId = '${employer}' ORDER BY Id`;
    const answer = await crm.query(soql, {
      autoFetch: true,
      maxFetch: 1000,
      headers: { 'Sforce-Query-Options': 'batchSize=200' },
    });
    assert.deepEqual(answer.records.map((record) => record.LastName).sort(), names.sort());
    assert.equal((await requests()).length - before, 3, '450 records in pages of 200 are three pages');
  });

  test('objects are described and limits are told', async () => {
    const names = (await crm.describeGlobal()).sobjects.map((item) => item.name);
    assert.ok(['Account', 'Contact', 'Lead'].every((name) => names.includes(name)));
    const fields = (await crm.describe('Contact')).fields;
    assert.equal(fields.find((field) => field.name === 'Email').type, 'email');
    assert.ok((await crm.limits()).DailyApiRequests.Max > 0);
    assert.ok(crm.limitInfo.apiUsage.limit > 0);
  });
});
