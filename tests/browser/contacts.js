// What a person does with contacts in Creme.
'use strict';

const assert = require('node:assert/strict');

// The fields of Creme's form that a person fills in, by the names of people.json.
const FIELDS = {
  first_name: 'first_name',
  last_name: 'last_name',
  full_position: 'position',
  birthday: 'birthday',
  description: 'note',
  phone: 'phone',
  mobile: 'mobile',
  email: 'email',
  'custom_field-1': 'bsn',
  'custom_field-2': 'iban',
  'billing_address-address': 'street',
  'billing_address-zipcode': 'zipcode',
  'billing_address-city': 'city',
};

async function create(person, someone) {
  await person.open('/persons/contact/add');
  for (const [field, value] of Object.entries(FIELDS)) await fill(person, field, someone[value]);
  await person.look('create');
  await save(person);
  const made = person.page.url().match(/\/persons\/contact\/(\d+)$/);
  assert.ok(made, `after saving, the browser is at ${person.page.url()}`);
  await person.look('created');
  return made[1];
}

async function list(person, ...people) {
  await person.open('/persons/contacts');
  await person.look('list');
  for (const someone of people) await person.sees(someone.last_name, someone.email, someone.phone);
}

async function open(person, id, someone) {
  await person.open(`/persons/contact/${id}`);
  await person.look('contact');
  await person.sees(
    someone.first_name, someone.email, someone.phone, someone.mobile, someone.position,
    someone.note, someone.street, someone.zipcode, someone.city, someone.bsn, someone.iban,
  );
  // One person's position is markup, which is shown and not run.
  assert.notEqual(await person.page.title(), 'gekaapt');
}

// Changes some fields; the form sends all the others again as it showed them.
async function edit(person, id, changes, shown = {}) {
  await person.open(`/persons/contact/edit/${id}`);
  for (const [field, value] of Object.entries(shown)) {
    assert.equal(await input(person, field).inputValue(), value, `${field} of the form`);
  }
  for (const [field, value] of Object.entries(changes)) await fill(person, field, value);
  await person.look('edit');
  await save(person);
  assert.match(person.page.url(), /\/persons\/contact\/\d+$/, 'the form came back');
}

// What the edit form shows, by the names of people.json.
function asShown(someone, except = []) {
  const fields = Object.entries(FIELDS).filter(([, value]) => !except.includes(value));
  return Object.fromEntries(fields.map(([field, value]) => [field, someone[value]]));
}

const input = (person, field) =>
  person.page.locator(`input[name="${field}"], textarea[name="${field}"]`);

async function fill(person, field, value) {
  await input(person, field).fill(value);
  // A calendar opens over the form.
  if (field === 'birthday') await person.page.keyboard.press('Escape');
}

async function save(person) {
  const left = person.page.waitForNavigation();
  await person.page.locator('form button[type=submit], form input[type=submit]').last().click();
  await left;
  await person.page.waitForLoadState('networkidle');
}

module.exports = { create, list, open, edit, asShown, input };
