// Bulk jobs of both interfaces.
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const border = require('./border.js');
const { assertRead, assertSilent, assertTokens, customerNumber, email, phone, requests, word } = border;

const crm = border.connection();
crm.bulk.pollInterval = 50;
crm.bulk2.pollInterval = 50;
crm.bulk2.pollTimeout = 60_000;

const person = (more = {}) => ({
  FirstName: word('Jacobiene'),
  LastName: word('de Wit'),
  Email: email(),
  Phone: phone(),
  ...more,
});

test('bulk 2: records come back as they were written', async () => {
  const input = Array.from({ length: 120 }, () => person({ Description: `${word('Zei "ça va",')}\nregel 2` }));
  const done = await crm.bulk2.loadAndWaitForResults({ object: 'Contact', operation: 'insert', input });
  assert.equal(done.successfulResults.length, 120);
  assert.deepEqual([done.failedResults.length, done.unprocessedRecords.length], [0, 0]);
  const byName = new Map(done.successfulResults.map((row) => [row.LastName, row]));
  input.forEach((record) => assertRead(byName.get(record.LastName), record));
  await assertTokens('Contact', byName.get(input[3].LastName).sf__Id, input[3]);

  const stream = await crm.bulk2.query(
    `SELECT Id, LastName, Description FROM Contact WHERE Email = '${input[5].Email}'`,
  );
  const found = await stream.toArray();
  assert.equal(found.length, 1);
  assertRead(found[0], { LastName: input[5].LastName, Description: input[5].Description });
});

test('bulk 2: an upsert in another form of table finds what it wrote', async () => {
  const record = person({ Ext_Id__c: customerNumber() });
  const upsert = async (fields) => {
    const job = crm.bulk2.createJob({
      object: 'Contact',
      operation: 'upsert',
      externalIdFieldName: 'Ext_Id__c',
      lineEnding: 'CRLF',
      columnDelimiter: 'SEMICOLON',
    });
    await job.open();
    const names = Object.keys(fields);
    await job.uploadData(`${names.join(';')}\r\n${names.map((name) => fields[name]).join(';')}\r\n`);
    await job.close();
    await job.poll(50, 60_000);
    return job.check();
  };
  const first = await upsert(record);
  const again = { Ext_Id__c: record.Ext_Id__c, LastName: word('Van Dam') };
  const second = await upsert(again);
  assert.deepEqual([first.numberRecordsFailed, second.numberRecordsFailed], [0, 0]);
  const { records } = await crm.query(`SELECT LastName, Email FROM Contact WHERE Ext_Id__c = '${record.Ext_Id__c}'`);
  assert.equal(records.length, 1);
  assertRead(records[0], { LastName: again.LastName, Email: record.Email });
});

test('bulk 2: a refused record refuses the upload by its name', async () => {
  const job = crm.bulk2.createJob({ object: 'Contact', operation: 'insert' });
  job.on('error', () => {});
  await job.open();
  const before = (await requests()).filter(({ method }) => method === 'PUT').length;
  await assert.rejects(job.uploadData([{ ...person(), Email: word('geen adres') }]), (error) => {
    assert.ok(error.message.includes('[sluis value-unfit]'), error.message);
    assert.ok(error.message.includes('record 1'), error.message);
    assertSilent(error.message, 'the error repeats the value');
    return true;
  });
  assert.equal((await requests()).filter(({ method }) => method === 'PUT').length, before);
  assert.equal((await job.check()).state, 'Aborted');
});

test('bulk 2: a record that policy refuses fails by itself', async () => {
  const bad = { ...person(), Email: word('geen adres') };
  const results = await crm.bulk2.loadAndWaitForResults({
    object: 'Contact',
    operation: 'insert',
    input: [person(), bad, person()],
    pollInterval: 50,
  });
  assert.equal(results.successfulResults.length, 2);
  assert.equal(results.failedResults.length, 1);
  const said = results.failedResults[0].sf__Error;
  assert.ok(said.includes('record 2') && said.includes('[sluis value-unfit]'), said);
  assertSilent(JSON.stringify(results.failedResults), 'the error repeats the value');
});

test('bulk 1: records come back as they were written', async () => {
  const input = Array.from({ length: 12 }, () => person());
  const results = await crm.bulk.load('Contact', 'insert', input);
  assert.ok(results.every((result) => result.success));
  await assertTokens('Contact', results[4].id, input[4]);
  assertRead(await crm.sobject('Contact').retrieve(results[4].id), input[4]);
  const stream = await crm.bulk.query(`SELECT Id, LastName, Email FROM Contact WHERE LastName = '${input[4].LastName}'`);
  const found = await stream.toArray();
  assert.equal(found.length, 1);
  assertRead(found[0], { LastName: input[4].LastName, Email: input[4].Email });
});

test('bulk 1: a refused record is an error of the interface', async () => {
  const call = async () => {
    await crm.bulk.load('Contact', 'insert', [{ ...person(), Nickname__c: word('Bob') }]);
  };
  await assert.rejects(call, (error) => {
    assert.ok(error.message.includes('[sluis policy-unknown-field]'), error.message);
    assertSilent(error.message, 'the error repeats the value');
    return true;
  });
});
