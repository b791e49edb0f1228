// A colleague whose role may not see telephone numbers and numbers of identity.
'use strict';

const assert = require('node:assert/strict');
const contacts = require('./contacts.js');

const HIDDEN = ['phone', 'mobile', 'bsn', 'iban'];

async function seesMasks(person, id, someone) {
  await person.open('/persons/contacts');
  await person.look('masked-list');
  await person.sees(someone.first_name, someone.last_name, someone.email);
  await person.seesNot(...HIDDEN.map((field) => someone[field]));
  await person.open(`/persons/contact/${id}`);
  await person.look('masked-contact');
  await person.sees(someone.email, someone.street, someone.note);
  await person.seesNot(...HIDDEN.map((field) => someone[field]));
}

// Saves the form with one change; what is masked goes back as it was shown.
async function saves(person, id, someone, changes) {
  await person.open(`/persons/contact/edit/${id}`);
  for (const field of ['phone', 'mobile', 'custom_field-1', 'custom_field-2']) {
    const shown = await contacts.input(person, field).inputValue();
    assert.notEqual(shown, '', `${field} is empty where a mask should be`);
  }
  await person.seesNot(...HIDDEN.map((field) => someone[field]));
  await contacts.edit(person, id, changes, contacts.asShown(someone, HIDDEN));
}

module.exports = { seesMasks, saves };
