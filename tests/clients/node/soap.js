// SOAP by jsforce, which writes records in a namespace of its own and reads answers by local names.
'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');
const jsforce = require('jsforce');
const border = require('./border.js');
const { assertRead, assertRefused, assertTokens, customerNumber, demo, email, phone, requests, word } = border;
const { code } = require('./sign-in.js');

const crm = border.connection();
const contact = (fields) => ({ type: 'Contact', LastName: word('Bos'), ...fields });

test('SOAP: a record is made and changed, and REST reads it', async () => {
  const person = contact({ LastName: word('de Vries <&> "é"'), Email: email(), Phone: phone() });
  const made = await crm.soap.create(person);
  assert.equal(made.success, true, JSON.stringify(made));
  const { type, ...written } = person;
  await assertTokens(type, made.id, written);
  assertRead(await crm.sobject(type).retrieve(made.id), written);

  const change = { LastName: word('Dam'), Phone: null };
  assert.ok((await crm.soap.update({ type, Id: made.id, ...change })).success);
  assertRead(await crm.sobject(type).retrieve(made.id), { ...written, ...change });
});

test('SOAP: an upsert by customer number makes a record and then finds it', async () => {
  const key = customerNumber();
  const [first] = await crm.soap.upsert('Ext_Id__c', [contact({ Ext_Id__c: key })]);
  const [second] = await crm.soap.upsert('Ext_Id__c', [contact({ Ext_Id__c: key })]);
  assert.deepEqual([first.created, second.created, second.id], [true, false, first.id]);
});

test('SOAP: records are deleted and taken back', async () => {
  const made = await crm.soap.create([contact(), contact()]);
  const ids = made.map(({ id }) => id);
  const found = async () =>
    (await crm.query(`SELECT Id FROM Contact WHERE Id IN ('${ids.join("','")}')`)).totalSize;
  assert.ok((await crm.soap.delete(ids)).every(({ success }) => success));
  assert.equal(await found(), 0);
  assert.ok((await crm.soap.undelete(ids)).every(({ success }) => success));
  assert.equal(await found(), 2);
});

test('SOAP: a lead becomes a contact of the same person', async () => {
  const person = { LastName: word('Bos'), Email: email(), Company: word('Bakkerij'), Salutation: 'Dhr.' };
  const lead = await crm.sobject('Lead').create(person);
  const opportunityName = word('Broodjes');
  const done = await crm.soap.convertLead({ leadId: lead.id, convertedStatus: 'Qualified', opportunityName });
  const [result] = [done].flat();
  assert.equal(String(result.success), 'true', JSON.stringify(done));
  const { Company, ...contact } = person;
  const { Salutation, ...tokens } = contact;
  await assertTokens('Contact', result.contactId, tokens);
  await assertTokens('Opportunity', result.opportunityId, { Name: opportunityName });
  assertRead(await crm.sobject('Contact').retrieve(result.contactId), contact);
});

test('SOAP: the time is told, and who one is', async () => {
  assert.ok(Date.parse((await crm.soap.getServerTimestamp()).timestamp));
  assert.match((await crm.soap.getUserInfo()).userId, /^005/);
});

test('SOAP: what policy refuses is a fault that names field and rule', async () => {
  const refused = (rule, fault, call, field) => assertRefused(rule, `sf:${fault}`, call, field);
  const create = (fields) => () => crm.soap.create(contact(fields));
  await refused('policy-unknown-field', 'INVALID_FIELD', create({ Nickname__c: word('Bob') }), 'Contact');
  await refused('field-not-writable', 'INVALID_FIELD_FOR_INSERT_UPDATE', create({ Name: word('Bob') }), 'Contact.Name');
  await refused('special-category', 'TXN_SECURITY_NO_ACCESS', create({ Description: `${word('Bob')} heeft HIV` }), 'Contact.Description');
  await refused('policy-unknown-object', 'INVALID_TYPE', create({ type: 'Patient__c' }));
  await refused('endpoint-unknown', 'FUNCTIONALITY_NOT_ENABLED', () => crm.soap.setPassword('005000000000001AAA', word('Bos')));
});

test('SOAP: a session that nobody gave out is none', async () => {
  const stranger = border.connection('00D000000000001!AQ');
  await assert.rejects(stranger.soap.getServerTimestamp(), { errorCode: 'sf:INVALID_SESSION_ID' });
});

test('SOAP: two proofs make a session at the border, and signing out ends it', async () => {
  const added = execFileSync(process.env.SLUIS_BINARY, [
    ...['client', '--config', path.join(demo.folder, 'sluis.toml'), 'add', 'tests-jsforce-soap'],
    ...['--role', 'sales', '--purpose', 'tests'],
  ]).toString();
  const secret = added.match(/^client_secret +(\S+)/m)[1];
  const seed = added.match(/secret=([A-Z2-7]+)/)[1];
  const own = new jsforce.Connection({ loginUrl: demo.border, version: border.version });
  await assert.rejects(own.loginBySoap('tests-jsforce-soap', secret), /INVALID_LOGIN/);
  const before = (await requests()).length;
  const user = await own.loginBySoap('tests-jsforce-soap', secret + code(0, seed));
  assert.match(user.id, /^005/);
  assert.equal(own.instanceUrl, demo.border);
  assert.equal((await requests()).length, before, 'a sign-in is nothing for the CRM');
  const session = own.accessToken;
  assert.ok((await own.soap.create(contact())).success);
  await own.logoutBySoap();
  await assert.rejects(border.connection(session).soap.getServerTimestamp(), { errorCode: 'sf:INVALID_SESSION_ID' });
});
