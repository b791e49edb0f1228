// Events by way of jsforce, whose streaming is faye's.
'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const border = require('./border.js');
const { assertSilent, assertTokens, email, word } = border;

const crm = border.connection();

// What is heard on a channel of what `act` does.
async function heard(channel, act) {
  const client = crm.streaming.createClient();
  try {
    const messages = [];
    let wake;
    const subscription = client.subscribe(channel, (message) => {
      messages.push(message);
      wake?.();
    });
    await subscription;
    const { id } = await act();
    for (;;) {
      const own = messages.find((message) => JSON.stringify(message).includes(id));
      if (own) return [id, own];
      await new Promise((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    client.disconnect();
  }
}

describe('events', () => {
  test('changes are heard as they were written', async () => {
    const person = { LastName: word('Bos'), Email: email() };
    const [id, message] = await heard('/data/ContactChangeEvent', () => crm.sobject('Contact').create({ ...person }));
    assert.equal(message.payload.LastName, person.LastName);
    assert.equal(message.payload.Email, person.Email);
    assert.ok(message.event.replayId > 0);
    await assertTokens('Contact', id, person);
  });

  test('a channel that policy does not name is refused', async () => {
    const client = crm.streaming.createClient();
    try {
      await assert.rejects(
        async () => client.subscribe(`/topic/${word('x').replaceAll(' ', '')}`, () => {}),
        (error) => {
          assertSilent(String(error.message), 'the error repeats the value');
          assert.match(String(error.message), /sluis endpoint-unknown/);
          return true;
        },
      );
    } finally {
      client.disconnect();
    }
  });
});
