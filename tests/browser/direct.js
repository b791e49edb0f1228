// The same acts on Creme without a border: what the acts expect is so, and what they write is there
// for the scan to find.
'use strict';

const assert = require('node:assert/strict');
const [zoe] = require('../creme/people.json');
const { run, act } = require('./run.js');
const { Person, launch } = require('./person.js');
const creme = require('./creme.js');
const daily = require('./daily.js');
const files = require('./files.js');

run(async (how) => {
  const browser = await launch({});
  const person = await Person.at(browser, how.base, {
    name: 'direct', screens: how.screens, har: how.har,
  });
  await act('signs in at Creme', () => creme.signIn(person, how.agents[0]));
  await daily.work(person);
  await act('uploads a file and gets it back', async () => {
    await files.upload(person, zoe.file_name, zoe.file);
    const back = await files.download(person);
    assert.equal(back.bytes.toString('utf8'), zoe.file);
  });
  person.stayed();
  await person.context.close();
  await browser.close();
});
