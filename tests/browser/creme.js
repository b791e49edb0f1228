// Creme's own sign-in, as it is behind the border's.
'use strict';

const assert = require('node:assert/strict');

async function signIn(person, [user, password]) {
  await person.open('/');
  await person.look('creme-sign-in');
  await person.page.fill('#id_username', user);
  await person.page.fill('#id_password', password);
  const left = person.page.waitForNavigation();
  await person.page.locator('input[type=submit], button[type=submit]').first().click();
  await left;
  await person.page.waitForLoadState('networkidle');
  assert.equal(new URL(person.page.url()).pathname, '/', 'signed in at Creme');
  await person.look('creme-home');
}

module.exports = { signIn };
