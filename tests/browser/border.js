// The border's own pages: enrolment by link, signing in by password and code or by passkey, out.
'use strict';

const assert = require('node:assert/strict');
const accessible = require('./accessible.js');
const totp = require('./totp.js');

// Chooses a password and one-time codes, and gives the secret of the codes.
async function enrolWithCodes(person, link, password) {
  const { page } = person;
  await page.goto(link);
  await accessible.check(person, 'enrol');
  const secret = await page.locator('.hint code').innerText();
  await page.fill('#password', password);
  await page.fill('#again', password);
  await page.fill('#code', totp.code(secret));
  await page.locator('form[action$="/enrol"] button[type=submit]').click();
  await page.locator('ol.codes').waitFor();
  await accessible.check(person, 'recovery-codes');
  return secret;
}

// With the keyboard alone.
async function signInWithCode(person, login, password, secret) {
  const { keyboard } = person.page;
  await person.open('/persons/contacts');
  assert.equal(new URL(person.page.url()).pathname, '/.sluis/sign-in');
  await accessible.check(person, 'sign-in');
  // The field for the login name has the focus.
  await keyboard.type(login);
  await keyboard.press('Tab');
  await keyboard.type(password);
  await keyboard.press('Enter');
  await person.page.locator('#code').waitFor();
  await accessible.check(person, 'code');
  await keyboard.type(totp.code(secret, 1));
  await keyboard.press('Enter');
  await person.page.waitForURL((url) => !url.pathname.startsWith('/.sluis/sign-in'));
}

// A passkey in software that asks nobody: Chromium's virtual authenticator.
async function giveAuthenticator(person) {
  const session = await person.context.newCDPSession(person.page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true,
    },
  });
}

async function enrolWithPasskey(person, link) {
  await giveAuthenticator(person);
  await person.page.goto(link);
  await person.page.fill('#label', 'Laptop');
  await person.page.locator('form.passkey button').click();
  await person.page.waitForURL((url) => url.pathname !== '/.sluis/enrol');
  await accessible.check(person, 'after-passkey');
}

async function signInWithPasskey(person) {
  await person.open('/persons/contacts');
  assert.equal(new URL(person.page.url()).pathname, '/.sluis/sign-in');
  await accessible.check(person, 'sign-in');
  await person.page.locator('form.passkey button').click();
  await person.page.waitForURL((url) => !url.pathname.startsWith('/.sluis/'));
}

async function signOut(person) {
  await person.open('/.sluis/account');
  await accessible.check(person, 'account');
  await person.page.locator('form[action$="/sign-out"] button').click();
  await person.page.locator('[role=status]').waitFor();
  await accessible.check(person, 'signed-out');
}

// Another password and another authenticator app, with the keyboard alone; gives the new secret.
async function changeFactors(person, password) {
  const { page } = person;
  const { keyboard } = page;
  await person.open('/.sluis/account');
  await follow(person, 'a[href="/.sluis/account/password"]');
  await accessible.check(person, 'new-password');
  // The first field has the focus.
  await keyboard.type(password);
  await keyboard.press('Tab');
  await keyboard.type(password);
  await keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === '/.sluis/account');
  await follow(person, 'a[href="/.sluis/account/codes"]');
  await accessible.check(person, 'new-codes');
  const secret = await page.locator('.hint code').innerText();
  await page.locator('#code').focus();
  await keyboard.type(totp.code(secret));
  await keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === '/.sluis/account');
  return secret;
}

// Follows a link that the Tab key reaches.
async function follow(person, link) {
  const { page } = person;
  const reached = () => page.evaluate((wanted) => document.activeElement.matches(wanted), link);
  for (let presses = 0; !(await reached()); presses += 1) {
    assert.ok(presses < 40, `the Tab key does not reach ${link}`);
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => link.includes(`"${url.pathname}"`));
}

// What somebody with passkeys alone is offered beside them.
async function looksAtCodes(person) {
  await person.open('/.sluis/account/codes');
  await accessible.check(person, 'add-password');
  await person.page.locator('#password').waitFor();
}

module.exports = {
  changeFactors, looksAtCodes, enrolWithCodes, signInWithCode, enrolWithPasskey, signInWithPasskey, signOut,
};
