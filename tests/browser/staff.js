// Two people of the organization behind the border, from their first link to signing out.
'use strict';

const assert = require('node:assert/strict');
const [zoe] = require('../creme/people.json');
const { run, act } = require('./run.js');
const { Person, launch } = require('./person.js');
const accessible = require('./accessible.js');
const border = require('./border.js');
const contacts = require('./contacts.js');
const creme = require('./creme.js');
const daily = require('./daily.js');
const files = require('./files.js');
const masked = require('./masked.js');
const memo = require('./memo.js');
const scripts = require('./scripts.js');

const FIRST_PASSWORD = 'zeilschip achter de duinen';
const PASSWORD = 'korenmolen onder volle zeilen';

run(async (how) => {
  const browser = await launch(how);
  const at = (name, language) => Person.at(browser, how.base, { name, screens: how.screens, language });
  // The policy keeps the year of a birthday alone.
  const shown = (someone) => ({ ...someone, birthday: `${someone.birthday.slice(0, 4)}-01-01` });

  const sales = await at('sales', 'en-GB');
  await act('enrols with a password and one-time codes', () =>
    border.enrolWithCodes(sales, how.links.sales, FIRST_PASSWORD));
  const secret = await act('changes the password and the one-time codes, by keyboard', () =>
    border.changeFactors(sales, PASSWORD));
  await act('signs out', () => border.signOut(sales));
  await act('signs in with password and code, by keyboard', () =>
    border.signInWithCode(sales, 'sales', PASSWORD, secret));
  await act('signs in at Creme', () => creme.signIn(sales, how.agents[0]));
  await act('scripts of Creme get nothing of our pages', () => scripts.getNothing(sales));
  const ids = await daily.work(sales, shown);
  await act('is refused a memo about health, by rule and with a remedy', () =>
    refusedMemo(sales, ids.zoe));
  await act('is refused what policy does not name, on a page of ours', () => refusedPage(sales));
  const document = await act('uploads a file and gets it back', () => fileAndBack(sales));

  const planner = await at('planning', 'nl-NL');
  await act('a second person enrols with a passkey', () =>
    border.enrolWithPasskey(planner, how.links.planning));
  await act('looks at what a password would take', () => border.looksAtCodes(planner));
  await act('signs out', () => border.signOut(planner));
  await act('signs in with the passkey', () => border.signInWithPasskey(planner));
  await act('signs in at Creme', () => creme.signIn(planner, how.agents[1]));
  await act('sees masks', () => masked.seesMasks(planner, ids.zoe, zoe));
  const moved = { ...shown(zoe), city: zoe.new_city };
  await act('saves the form with masks in it', () =>
    masked.saves(planner, ids.zoe, shown(zoe), { 'billing_address-city': moved.city }));
  await act('is refused the file of a class that is not theirs', () => refusedFile(planner, document));
  await act('and nothing was overwritten', async () => {
    await contacts.open(sales, ids.zoe, moved);
    await contacts.edit(sales, ids.zoe, { 'billing_address-city': zoe.city }, contacts.asShown(moved));
    await contacts.open(sales, ids.zoe, zoe);
  });

  await act('after signing out, nothing of Creme is served', async () => {
    await border.signOut(planner);
    const answer = await planner.open('/persons/contacts');
    assert.equal(new URL(planner.page.url()).pathname, '/.sluis/sign-in');
    assert.ok(!/creme/i.test(await answer.text()), 'a page below two factors speaks of Creme');
  });
  for (const person of [sales, planner]) person.stayed();
  await browser.close();
});

async function refusedMemo(person, id) {
  const text = zoe.refused_memo;
  await memo.write(person, id, text);
  const path = `/assistants/memo/add/${id}`;
  const refusal = person.page.waitForResponse((one) =>
    new URL(one.url()).pathname === path && one.request().method() === 'POST');
  await memo.send(person.page.locator('.ui-dialog'));
  const answer = await refusal;
  assert.equal(answer.status(), 422);
  const said = await answer.text();
  assert.match(said, /content/);
  assert.match(said, /special-category/);
  assert.ok(!said.includes('zwanger'), 'the refusal repeats the text');
  await person.open(`/persons/contact/${id}`);
  await person.seesNot(text);
  await memo.add(person, id, 'Belt volgende maand terug over de rondleiding van zaterdag.');
}

async function refusedPage(person) {
  const answer = await person.open('/creme_config/user/portal');
  assert.equal(answer.status(), 403);
  await accessible.check(person, 'refused');
}

// Gives the path of the document's page.
async function fileAndBack(person) {
  await files.upload(person, zoe.file_name, zoe.file);
  const at = new URL(person.page.url()).pathname;
  assert.match(at, /^\/documents\/document\/\d+$/);
  await person.sees(zoe.file_name);
  const back = await files.download(person);
  assert.equal(back.name, zoe.file_name);
  assert.equal(back.bytes.toString('utf8'), zoe.file);
  return at;
}

async function refusedFile(person, at) {
  await person.open(at);
  await person.seesNot(zoe.file_name);
  const link = person.page.locator('a[href*="/creme_core/download/"]').first();
  const answer = await person.open(await link.getAttribute('href'));
  assert.equal(answer.status(), 403);
  await person.look('refused-file');
  await accessible.check(person, 'refused-file');
  await person.seesNot(zoe.file_name);
}
