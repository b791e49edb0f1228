// Files go up and come down as if no border stood between; the CRM has them sealed.
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const border = require('./border.js');
const { assertRead, assertRefused, assertTokens, canary, word } = border;

const crm = border.connection();

function content(length) {
  return Buffer.alloc(length, `%PDF-1.7 ${canary.text};paspoort;`);
}

async function collect(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

test('an attachment comes back as it was written', async () => {
  const person = await crm.sobject('Contact').create({ LastName: word('Bos') });
  const body = content(150_000);
  const written = { ParentId: person.id, Name: `${word('Paspoort')}.pdf`, ContentType: 'application/pdf' };
  const { id } = await crm.sobject('Attachment').create({ ...written, Body: body.toString('base64') });
  const back = await collect(crm.sobject('Attachment').record(id).blob('Body'));
  assert.ok(back.equals(body));
  assertRead(await crm.sobject('Attachment').retrieve(id), written);
  await assertTokens('Attachment', id, { Name: written.Name });
});

test('a version that is sent as a form comes back', async () => {
  const body = content(200_000);
  const name = `${word('cv')}.pdf`;
  const written = { PathOnClient: name, Title: word('Brief') };
  const file = { VersionData: { filename: name, contentType: 'application/pdf' } };
  const fields = { ...written, VersionData: body.toString('base64') };
  const { id } = await crm.sobject('ContentVersion').create(fields, { multipartFileFields: file });
  const back = await collect(crm.sobject('ContentVersion').record(id).blob('VersionData'));
  assert.ok(back.equals(body));
  assertRead(await crm.sobject('ContentVersion').retrieve(id), written);
  await assertTokens('ContentVersion', id, written);
});

test('a version is made and read with what it is a version of', async () => {
  const written = { PathOnClient: word('a'), VersionData: content(40).toString('base64') };
  const { id } = await crm.sobject('ContentVersion').create(written);
  const { records } = await crm.query(
    `SELECT Title, ContentDocument.Title, ContentDocumentId FROM ContentVersion WHERE Id = '${id}'`,
  );
  assert.equal(records[0].Title, written.PathOnClient);
  assert.equal(records[0].ContentDocument.Title, written.PathOnClient);
});

test('what is no file of the API\'s is refused by name', async () => {
  await assertRefused(
    'value-unfit',
    'FIELD_CUSTOM_VALIDATION_EXCEPTION',
    () => crm.sobject('Attachment').create({ ParentId: '003000000000001AAA', Name: word('a'), Body: `${canary.text}!` }),
    'Attachment.Body',
  );
  await assertRefused(
    'policy-unknown-object',
    'INVALID_TYPE',
    () => crm.sobject('ContentDistribution').create({ Name: word('a') }),
  );
});
