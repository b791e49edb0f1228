// People at the console: they look at what crosses the border, change a rule by two people, read the
// ledger, and look after each other. `people` are those of the demo, with passwords and secrets.
'use strict';

const assert = require('node:assert/strict');
const { run, act } = require('./run.js');
const { Person, launch, NARROW, WIDE } = require('./person.js');
const accessible = require('./accessible.js');
const totp = require('./totp.js');

run(async (how) => {
  const browser = await launch(how);
  const seats = {};
  // Each signs in when it is their turn, so that their second factor is fresh.
  const seat = (login, language) => act(`${login} signs in`, async () => {
    const who = how.people.find((one) => one.login === login);
    const person = await Person.at(browser, how.base, {
      name: `console-${login}`, screens: how.screens, language,
    });
    await signIn(person, who);
    seats[login] = person;
    return person;
  });
  const noor = await seat('noor', 'en-GB');

  await act('an editor sees what crossed the border', async () => {
    await noor.open('/overview?span=7d');
    await noor.sees('Contact.LastName', 'Protected');
    assert.equal(await noor.page.locator('figure svg[role=img] rect').count() > 0, true);
    await accessible.check(noor, 'overview');
  });
  await act('an editor reads the policy as a table and as text', async () => {
    await noor.open('/policy?object=Contact');
    await noor.sees('Email', 'Use case 2');
    // The CRM takes no contact without a last name, and the demo has just written some.
    const lastName = noor.page.locator('table.policy tbody tr', { hasText: 'LastName' }).first();
    assert.match(await lastName.innerText(), /string \(80\)\s+demanded by the CRM/);
    const written = lastName.locator('td[data-label="Written in 7 days"]');
    assert.ok(Number(await written.innerText()) > 0);
    const email = noor.page.locator('table.policy tbody tr', { has: noor.page.locator('th', { hasText: /^Email$/ }) });
    assert.doesNotMatch(await email.innerText(), /demanded/);
    await accessible.check(noor, 'policy');
    await noor.open('/policy/text');
    await noor.sees('token_domain');
    await accessible.check(noor, 'policy-text');
  });
  await act('what is for another role says which', async () => {
    const answer = await noor.open('/people');
    assert.equal(answer.status(), 403);
    await noor.sees('admin');
    await accessible.check(noor, 'other-role');
  });

  const draft = await act('an editor hides telephone numbers from support', async () => {
    await noor.open('/drafts');
    await accessible.check(noor, 'drafts-none');
    await noor.page.fill('#title', 'Hide mobile numbers <b>from</b> support');
    await noor.page.getByRole('button', { name: 'Begin' }).click();
    await noor.page.waitForURL(/\/drafts\/\d+$/);
    await noor.open('/drafts/field?object=Contact&field=MobilePhone');
    await accessible.check(noor, 'field');
    await noor.page.selectOption('#class', '=left_out');
    await noor.page.getByRole('button', { name: 'Put it into the draft' }).click();
    await noor.page.waitForURL(/\/drafts\/\d+$/);
    await noor.sees('MobilePhone becomes refused');
    await accessible.check(noor, 'draft');
    // Two cases say otherwise, so it cannot be handed in before somebody has thought about them.
    await noor.sees('what is written to a contact');
    assert.equal(await noor.page.getByRole('button', { name: 'Submit for approval' }).count(), 0);
    await noor.page.getByRole('link', { name: 'Edit as text' }).click();
    const cases = await noor.page.inputValue('#cases');
    await noor.page.fill('#cases', expectRefused(cases));
    await noor.page.getByRole('button', { name: 'Save' }).click();
    await noor.page.waitForURL(/\/drafts\/\d+$/);
    await noor.sees('cases, all as expected');
    return new URL(noor.page.url()).pathname;
  });
  await act('the editor tries the draft on what crossed the border', async () => {
    await noor.page.getByRole('link', { name: 'Try it on the last day' }).click();
    await noor.page.waitForURL((url) => url.pathname === `${draft}/what-if`);
    await noor.sees('Searches would be refused that are answered now', 'Contact.MobilePhone', 'policy-unknown-field');
    await accessible.check(noor, 'what-if');
  });
  await act('what could stand at the cursor is offered, and taken by keys alone', async () => {
    await noor.open(`${draft}/text`);
    const area = noor.page.locator('#policy');
    const offers = noor.page.locator('#offers [role=option]');
    const text = await area.inputValue();
    const header = '\n[objects.Contact.fields]';
    assert.ok(text.includes(`${header}\n`));
    await cursorAt(noor, text.indexOf(header) + header.length);
    await noor.page.keyboard.press('Enter');
    await noor.page.keyboard.type('mobileph');
    await offers.filter({ hasText: 'MobilePhone' }).waitFor();
    await noor.page.keyboard.press('Enter');
    await noor.page.keyboard.type('{ class = "');
    await offers.filter({ hasText: 'pd:EmailAddress' }).first().waitFor();
    assert.equal(await area.getAttribute('aria-expanded'), 'true');
    const chosen = () => area.getAttribute('aria-activedescendant');
    const first = await chosen();
    assert.equal(await noor.page.locator(`#${first}`).getAttribute('aria-selected'), 'true');
    await noor.page.keyboard.press('ArrowUp');
    assert.equal(await offers.last().getAttribute('id'), await chosen());
    await noor.page.keyboard.press('ArrowDown');
    assert.equal(await chosen(), first);
    await accessible.check(noor, 'editor-offers');
    // In a hand, where the cursor's line is below the fold until somebody scrolls there.
    await noor.page.setViewportSize(NARROW);
    await offers.first().scrollIntoViewIfNeeded();
    const box = await noor.page.locator('#offers').boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= NARROW.width, JSON.stringify(box));
    await noor.page.screenshot({ path: `${how.screens}/console-noor-offers-in-a-hand.png` });
    await noor.page.setViewportSize(WIDE);
    await noor.page.keyboard.press('Escape');
    assert.equal(await offers.count(), 0);
    assert.equal(await area.getAttribute('role'), null);
    await noor.page.keyboard.type('pho');
    await offers.filter({ hasText: 'phone' }).first().waitFor();
    await noor.page.keyboard.press('Tab');
    await noor.page.keyboard.type(', act');
    await offers.filter({ hasText: 'action' }).first().click();
    await noor.page.keyboard.type('tok');
    await offers.filter({ hasText: 'tokenize' }).waitFor();
    await noor.page.keyboard.press('Enter');
    await noor.page.keyboard.type(' }');
    const typed = '\nMobilePhone = { class = "phone", action = "tokenize" }\n';
    assert.ok((await area.inputValue()).includes(header + typed), typed);
    // With no list open, Tab leads on, and Enter is a line.
    assert.equal(await offers.count(), 0);
    await noor.page.keyboard.press('Tab');
    assert.notEqual(await noor.page.evaluate(() => document.activeElement.id), 'policy');
    await cursorAt(noor, text.indexOf(header) + header.length + 1);
    await noor.page.keyboard.press('Control+Space');
    await offers.first().waitFor();
    await noor.page.keyboard.press('Escape');
    await area.fill(text);
    assert.equal(await offers.count(), 0);
  });
  await act('a mistake is shown with its place, and cannot be submitted', async () => {
    await noor.open(`${draft}/text`);
    await accessible.check(noor, 'editor');
    const text = await noor.page.inputValue('#policy');
    await noor.page.fill('#policy', text.replace('class = "email"', 'class = "e-mail"'));
    // It is said while it is typed, and leads to the place.
    const place = noor.page.locator('#found li', { hasText: 'policy-unknown-class' }).locator('button');
    await place.click();
    const at = await noor.page.evaluate(() => {
      const { value, selectionStart } = document.getElementById('policy');
      return value.slice(selectionStart).split('\n')[0];
    });
    assert.match(at, /e-mail/);
    await accessible.check(noor, 'editor-wrong');
    await noor.page.getByRole('button', { name: 'Save' }).click();
    await noor.page.waitForURL((url) => url.pathname === draft);
    await noor.sees('policy-unknown-class');
    assert.equal(await noor.page.getByRole('button', { name: 'Submit for approval' }).count(), 0);
    await accessible.check(noor, 'draft-wrong');
    await noor.open(`${draft}/text`);
    await noor.page.fill('#policy', text);
    await noor.page.getByRole('button', { name: 'Save' }).click();
    await noor.page.waitForURL((url) => url.pathname === draft);
  });
  await act('the editor submits, and cannot approve', async () => {
    const reason = noor.page.locator('#reason');
    if (await reason.count()) await reason.fill('Support has no use for them.');
    await noor.page.getByRole('button', { name: 'Submit for approval' }).click();
    await noor.sees('waits for approval');
    assert.equal(await noor.page.getByRole('button', { name: 'Approve' }).count(), 0);
  });
  const bram = await seat('bram', 'nl-NL');
  await act('an approver, in Dutch, makes it the policy in force', async () => {
    await bram.open(draft);
    await bram.sees('Contact.MobilePhone wordt geweigerd');
    assert.equal(await bram.page.locator('main [lang=en]').count(), 0);
    await accessible.check(bram, 'draft-to-decide');
    await bram.page.getByRole('button', { name: 'Goedkeuren', exact: true }).click();
    await bram.sees('van kracht');
    await bram.open('/versions');
    await accessible.check(bram, 'versions');
    await bram.open('/versions/2');
    await bram.sees('bram', 'noor');
    await accessible.check(bram, 'version');
  });
  const carla = await seat('carla', 'en-GB');
  await act('one click goes back to the version before, and a second approver brings it into force', async () => {
    await bram.open('/versions/1');
    await bram.page.fill('#reason', 'Support asked for them after all.');
    await bram.page.getByRole('button', { name: 'Terug naar deze versie' }).click();
    await bram.page.waitForURL(/\/drafts\/\d+$/);
    assert.equal(await bram.page.getByRole('button', { name: 'Goedkeuren', exact: true }).count(), 0);
    await carla.open(new URL(bram.page.url()).pathname);
    await carla.sees('Support asked for them after all.');
    await accessible.check(carla, 'draft-back');
    await carla.page.getByRole('button', { name: 'Approve', exact: true }).click();
    await carla.sees('Version 3 is in force.');
  });
  await act('a title is text and no markup', async () => {
    await noor.open('/drafts?all=1');
    assert.equal(await noor.page.locator('main b').count(), 0);
    await noor.sees('<b>from</b>');
  });

  const ilse = await seat('ilse', 'en-GB');
  await act('an auditor seeks, verifies and copies', async () => {
    await ilse.open('/ledger');
    await ilse.page.selectOption('#kind', 'admin');
    await ilse.page.getByRole('button', { name: 'Search' }).click();
    await ilse.sees('policy.approve', 'bram');
    await ilse.page.getByRole('button', { name: 'Check the chain' }).click();
    await ilse.sees('The chain holds');
    await accessible.check(ilse, 'ledger');
    const copy = await ilse.download(() => ilse.page.getByText('Copy as CSV').click());
    assert.match(copy.bytes.toString('utf8'), /^number,time,/);
  });
  await act('an administrator invites somebody and sees sessions and programs', async () => {
    await ilse.open('/people');
    await accessible.check(ilse, 'people');
    await ilse.page.fill('#login', 'joris');
    await ilse.page.fill('#display', 'Joris van Dam');
    await ilse.page.check('input[name=console-viewer]');
    await ilse.page.getByRole('button', { name: 'Invite somebody' }).click();
    await ilse.sees('/.sluis/enrol?link=');
    await accessible.check(ilse, 'invited');
    await ilse.open('/people/joris');
    await accessible.check(ilse, 'person');
    await ilse.page.check('input[name=console-editor]');
    await ilse.page.locator('form[action$="/roles"] button[type=submit]').click();
    await ilse.sees('Another administrator confirms this');
    await ilse.open('/sessions');
    await ilse.sees('noor', 'bram');
    await accessible.check(ilse, 'sessions');
    await ilse.open('/clients');
    await ilse.sees('demo', 'secret');
    await accessible.check(ilse, 'clients');
    await ilse.open('/clients/demo');
    await ilse.sees('all that the policy has rules for');
    await ilse.page.fill('textarea[name=fields]', 'Contcat');
    await ilse.page.locator('form[action$="/fields"] button[type=submit]').first().click();
    await ilse.sees('Did you mean Contact?');
    await accessible.check(ilse, 'client');
  });
  const sven = await seat('sven', 'nl-NL');
  await act('a second administrator confirms, in Dutch', async () => {
    await sven.open('/people');
    await accessible.check(sven, 'people-waiting');
    await sven.page.getByRole('button', { name: 'Bevestigen' }).click();
    await sven.page.waitForLoadState('networkidle');
    assert.equal(await sven.page.getByRole('button', { name: 'Bevestigen' }).count(), 0);
    await sven.sees('viewer, editor');
  });
  await act('it reads well in the dark, and at 1920 px', async () => {
    await ilse.page.emulateMedia({ colorScheme: 'dark' });
    await ilse.open('/overview?span=7d');
    await accessible.check(ilse, 'overview-dark');
    await ilse.page.setViewportSize({ width: 1920, height: 1080 });
    const across = await ilse.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(across <= 0);
  });
  await act('everybody stayed, and nothing complained', async () => {
    for (const person of Object.values(seats)) {
      person.stayed();
      const bad = person.complaints.filter((text) => !/status of (403|422)/.test(text));
      assert.deepEqual(bad, []);
    }
  });
  await browser.close();
});

// The cursor in the policy, where somebody clicked.
function cursorAt(person, place) {
  return person.page.evaluate((at) => {
    const area = document.getElementById('policy');
    area.focus();
    area.setSelectionRange(at, at);
  }, place);
}

// The cases of contacts, where mobile numbers are refused.
function expectRefused(cases) {
  const parts = cases.split(/(?=^\[\[case\]\]$)/m);
  const contact = (part) => /^object = "Contact"$/m.test(part);
  return parts
    .map((part) => (contact(part) ? part.replace(/^MobilePhone = .*$/gm, 'MobilePhone = "refused"') : part))
    .join('');
}

async function signIn(person, who) {
  await person.open('/');
  assert.equal(new URL(person.page.url()).pathname, '/.sluis/sign-in');
  await accessible.check(person, 'sign-in');
  await person.page.fill('#login', who.login);
  await person.page.fill('#password', who.password);
  await person.page.locator('form[action$="/sign-in"] button[type=submit]').click();
  await person.page.locator('#code').waitFor();
  // The code of this half minute was used up when they enrolled.
  await person.page.fill('#code', totp.code(who.totp_secret, 1));
  await person.page.locator('form[action$="/code"] button[type=submit]').click();
  await person.page.waitForURL((url) => !url.pathname.startsWith('/.sluis'));
}
