// The same acts on Creme without a border: what the acts expect is so, and what they write is there
// for the scan to find.
'use strict';

const { run, act } = require('./run.js');
const { Person, launch } = require('./person.js');
const creme = require('./creme.js');
const daily = require('./daily.js');

run(async (how) => {
  const browser = await launch({});
  const person = await Person.at(browser, how.base, { name: 'direct', screens: how.screens });
  await act('signs in at Creme', () => creme.signIn(person, how.agents[0]));
  await daily.work(person);
  person.stayed();
  await browser.close();
});
