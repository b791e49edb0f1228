// Posts and comments by way of jsforce.
'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const border = require('./border.js');
const { dump, word } = border;

const crm = border.connection();
const text = (...words) => ({ body: { messageSegments: words.map((one) => ({ type: 'Text', text: one })) } });
const elements = crm.chatter.resource('/feed-elements');
const comments = (id) => crm.chatter.resource(`/feed-elements/${id}/capabilities/comments/items`);
const post = async (body, subjectId = 'me') => elements.create({ ...body, feedElementType: 'FeedItem', subjectId });

describe('Chatter', () => {
  test('a post and its comments are read as they were written', async () => {
    const name = word('van der Meer');
    const { id } = await crm.sobject('Contact').create({ LastName: name });
    const words = word('Heeft teruggebeld over de oven');
    const made = await post(text(words), id);
    assert.equal(made.body.text, words);
    assert.equal(made.body.messageSegments[0].text, words);
    assert.equal(made.parent.name, name);
    const comment = word('Zal ik bestellen');
    const reply = await comments(made.id).create(text(comment));
    assert.equal(reply.body.text, comment);
    const listed = await comments(made.id).retrieve();
    assert.deepEqual(listed.items.map((item) => item.body.text), [comment]);
    const kept = await dump();
    assert.match(kept.FeedItem.find((row) => row.Id === made.id).Body, /^tq1/);
    assert.match(kept.FeedComment.find((row) => row.Id === reply.id).CommentBody, /^tq1/);
    // The same record by the other door.
    assert.equal((await crm.sobject('FeedItem').retrieve(made.id)).Body, words);
  });

  test('a post in several segments mentions and is changed', async () => {
    const me = await crm.chatter.resource('/users/me').retrieve();
    const [first, second] = [word('Zie'), word('over de oven')];
    const made = await post({
      body: {
        messageSegments: [
          { type: 'Text', text: `${first} ` },
          { type: 'Mention', id: me.id },
          { type: 'MarkupBegin', markupType: 'Bold' },
          { type: 'Text', text: ` ${second}` },
          { type: 'MarkupEnd', markupType: 'Bold' },
        ],
      },
    });
    assert.equal(made.body.text, `${first} @${me.name} ${second}`);
    assert.equal(made.body.messageSegments[1].name, me.name);
    assert.equal(made.actor.displayName, me.displayName);
    const url = `/feed-elements/${made.id}`;
    const again = word('Toch niet');
    const changed = await crm.chatter.request({ method: 'PATCH', url, body: text(again) });
    assert.equal(changed.body.text, again);
    assert.equal((await crm.chatter.resource(url).retrieve()).body.text, again);
    const like = await crm.chatter.resource(`${url}/capabilities/chatter-likes/items`).create('');
    assert.equal(like.likedItem.id, made.id);
    await crm.chatter.resource(url).delete();
    await assert.rejects(async () => crm.chatter.resource(url).retrieve());
  });

  test('links and hashtags are words of the text', async () => {
    const url = `https://example.nl/${word('x').replaceAll(' ', '')}`;
    const tag = word('oven').replaceAll(' ', '');
    const segments = [{ type: 'Link', url }, { type: 'Text', text: ' ' }, { type: 'Hashtag', tag }];
    const made = await post({ body: { messageSegments: segments } });
    assert.equal(made.body.text, `${url} #${tag}`);
  });

  test('a feed is read page by page', async () => {
    const { id } = await crm.sobject('Account').create({ Name: word('Bakkerij') });
    const words = [word('een'), word('twee'), word('drie')];
    for (const one of words) await post(text(one), id);
    const feed = crm.chatter.resource(`/feeds/record/${id}/feed-elements`, { pageSize: 2 });
    const first = await feed.retrieve();
    assert.equal(first.elements.length, 2);
    const rest = await crm.chatter.resource(first.nextPageUrl).retrieve();
    const read = [...first.elements, ...rest.elements].map((element) => element.body.text);
    assert.deepEqual(read.sort(), words.sort());
  });

  test('a batch goes through the same doors', async () => {
    const words = word('In een keer');
    const me = crm.chatter.resource('/users/me');
    const made = elements.create({ ...text(words), subjectId: 'me' });
    const { hasErrors } = await crm.chatter.batch([me, made]);
    assert.equal(hasErrors, false);
    assert.equal((await made).body.text, words);
    assert.equal((await me).isActive, true);
    const kept = (await dump()).FeedItem.find((row) => /^tq1/.test(row.Body));
    assert.ok(kept);
  });

  test('what has no rule is refused', async () => {
    const segments = (...messageSegments) => ({ body: { messageSegments } });
    for (const body of [
      segments({ type: 'Link', url: 'https://example.nl', urlName: word('x') }),
      segments({ type: 'Mention', username: border.email() }),
      { ...text('x'), capabilities: { poll: { choices: [word('x'), word('y')] } } },
    ]) {
      await border.assertRefused('body-malformed', 'JSON_PARSER_ERROR', () => post(body));
    }
    const special = text('Mevrouw heeft borst', 'kanker');
    await border.assertRefused(
      'special-category', 'FIELD_CUSTOM_VALIDATION_EXCEPTION', () => post(special), 'FeedItem.Body');
    const message = { body: word('x'), recipients: [border.demo.user ?? '005000000000001AAA'] };
    const send = async () => crm.chatter.resource('/users/me/messages').create(message);
    await border.assertRefused('endpoint-unknown', 'INSUFFICIENT_ACCESS', send);
    const batch = () => crm.chatter.batch([crm.chatter.resource('/users', { q: word('x') })]);
    await border.assertRefused('parameter-unknown', 'INVALID_QUERY_FILTER_OPERATOR', batch);
  });
});
