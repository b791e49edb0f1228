// What scripts of the CRM's pages get of the border's own ones, which have the same origin: nothing.
'use strict';

const assert = require('node:assert/strict');

const PAGES = ['/.sluis/account', '/.sluis/account/codes', '/.sluis/account/password', '/.sluis/step-up'];
const SECRET = /name="token"|<code>|<svg/;

// On a page of the CRM's, right after a sign-in.
async function getNothing(person) {
  await asksAndSends(person.page);
  await frames(person.page);
  await opens(person);
  await submits(person);
}

async function asksAndSends(page) {
  const answers = await page.evaluate(async (paths) => {
    const got = [];
    const ask = async (path, how) => {
      const answer = await fetch(path, how);
      got.push([path, answer.status, await answer.text()]);
    };
    for (const path of paths) await ask(path);
    const password = 'elf ezels in de polder';
    const body = new URLSearchParams({ password, again: password });
    await ask('/.sluis/account/password', { method: 'POST', body });
    await ask('/.sluis/account/recovery-codes', { method: 'POST' });
    const headers = { 'Content-Type': 'application/json', 'X-Sluis-Token': 'x' };
    await ask('/.sluis/passkey/add/start', { method: 'POST', headers, body: '{}' });
    return got;
  }, PAGES);
  for (const [path, status, text] of answers) {
    assert.equal(status, 403, path);
    assert.doesNotMatch(text, SECRET, path);
  }
  const worker = await page.evaluate(async () => {
    try {
      await navigator.serviceWorker.register('/.sluis/passkey.js');
      return 'installed';
    } catch (error) {
      return error.name;
    }
  });
  assert.match(worker, /^(TypeError|SecurityError)$/);
}

async function frames(page) {
  const shown = await page.evaluate(async (path) => {
    const frame = document.createElement('iframe');
    frame.src = path;
    const loaded = new Promise((resolve) => { frame.onload = resolve; });
    document.body.append(frame);
    await loaded;
    let text = '';
    try {
      text = frame.contentDocument?.documentElement.outerHTML ?? '';
    } catch (error) {
      text = error.name;
    }
    frame.remove();
    return text;
  }, PAGES[1]);
  assert.doesNotMatch(shown, SECRET);
}

// The person sees the page in a window that the script opened; the script does not.
async function opens(person) {
  const { page } = person;
  const [window] = await Promise.all([
    person.context.waitForEvent('page'),
    page.evaluate((path) => { globalThis.opened = globalThis.open(path); }, PAGES[1]),
  ]);
  await window.locator('.hint code').waitFor();
  const read = await page.evaluate(() => {
    try {
      return globalThis.opened.document.documentElement.outerHTML;
    } catch (error) {
      return error.name;
    }
  });
  assert.doesNotMatch(read, SECRET);
  assert.ok(await page.evaluate(() => globalThis.opened.closed), 'the script still has the window');
  await window.close();
}

// A form that a script makes is sent with the person's cookie, as a page of its own.
async function submits(person) {
  const { page } = person;
  const [window] = await Promise.all([
    person.context.waitForEvent('page'),
    page.evaluate(() => {
      const form = document.createElement('form');
      Object.assign(form, { method: 'post', action: '/.sluis/account/recovery-codes', target: '_blank' });
      document.body.append(form);
      form.submit();
      form.remove();
    }),
  ]);
  const said = await window.locator('[role=status]').innerText();
  assert.match(said, /older than your session/);
  assert.doesNotMatch(await window.content(), SECRET);
  await window.close();
}

module.exports = { getNothing };
