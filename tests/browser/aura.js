// What Lightning's scripts do: several actions in one form, sent by a page of the border's own name.
'use strict';

const assert = require('node:assert/strict');
const { run, act } = require('./run.js');
const { launch } = require('./person.js');

const CONTROLLER = 'aura://RecordUiController/ACTION$';
const CONTEXT = {
  mode: 'PROD', fwuid: 'ZzhjQmRxMXdrdzhvS0RJMG5qQVdxQTdE', app: 'one:one',
  loaded: { 'APPLICATION@markup://one:one': 'k3lqvXn5Y2hR0cVb1aPz2w' }, dn: [], globals: {}, uad: true,
};

// As the framework's client writes it.
function send(page, actions) {
  return page.evaluate(async ({ actions, context }) => {
    const body = new URLSearchParams({
      message: JSON.stringify({ actions }), 'aura.context': JSON.stringify(context),
      'aura.pageURI': '/lightning/r/Contact/view?c__name=Kanariezoon', 'aura.token': 'null',
    });
    const answer = await fetch('/aura?r=1&aura.RecordUi.getRecordWithFields=1', {
      method: 'POST', body, headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=ISO-8859-13' },
    });
    return { status: answer.status, body: await answer.text() };
  }, { actions, context: CONTEXT });
}

run(async (how) => {
  const browser = await launch({ key: how.key });
  // The answer that the scripts stand in lets none run; a page of Lightning's has a policy of its own.
  const context = await browser.newContext({ bypassCSP: true });
  await context.addCookies([{
    name: '__Host-sluis', value: how.cookie, url: how.base, secure: true, httpOnly: true, sameSite: 'Lax',
  }]);
  const page = await context.newPage();
  await page.goto(`${how.base}/services/data`);
  const read = {
    id: '11;a', descriptor: `${CONTROLLER}getRecordWithFields`, callingDescriptor: 'UNKNOWN',
    params: { recordId: how.contact, fields: ['Contact.LastName'] },
  };
  const write = {
    id: '12;a', descriptor: `${CONTROLLER}updateRecord`, callingDescriptor: 'UNKNOWN',
    params: { recordId: how.contact, recordInput: { fields: { Description: how.illness } } },
  };
  await act('a record is read and a blocked save stands at its field', async () => {
    const { status, body } = await send(page, [read, write]);
    assert.equal(status, 200, body);
    const [first, second] = JSON.parse(body).actions;
    assert.deepEqual([first.id, first.state], ['11;a', 'SUCCESS'], body);
    assert.equal(first.returnValue.fields.LastName.value, how.name);
    assert.deepEqual([second.id, second.state], ['12;a', 'ERROR']);
    const error = second.error[0].event.attributes.values.error.data.output.fieldErrors.Description[0];
    assert.match(error.message, /\[sluis special-category\]/);
  });
  await act('a name is changed and read again', async () => {
    write.params.recordInput.fields = { LastName: 'Zandkasteel' };
    const { body } = await send(page, [write]);
    assert.equal(JSON.parse(body).actions[0].returnValue.fields.LastName.value, 'Zandkasteel', body);
    const again = JSON.parse((await send(page, [read])).body);
    assert.equal(again.actions[0].returnValue.fields.LastName.value, 'Zandkasteel');
  });
  await context.close();
  await browser.close();
});
