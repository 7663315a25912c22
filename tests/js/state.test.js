import assert from 'node:assert/strict';
import { test } from 'node:test';

import { apply, initialState, isEnded, unsentTexts, withdraw } from '../../src/web/static/chat/state.js';

const run = (signals, from = initialState) => signals.reduce(apply, from);
const visitor = (seq, cid, text) => ({ t: 'event', seq, kind: 'message', role: 'visitor', cid, ts: '2026-11-22T00:00:00Z', body: { text } });
const bot = (seq, body = {}) => ({ t: 'event', seq, kind: 'message', role: 'bot', cid: `bot:${seq - 1}`, body: { kind: 'answer', quotes: [], ...body } });
const texts = (state) => state.items.map((item) => item.text ?? item.kind);

test('a message is one item from composing to the log', () => {
  let state = run([{ t: 'composed', cid: 'a', text: 'hi' }]);
  assert.deepEqual([state.items[0].delivery, state.items[0].seq], ['sending', null]);
  state = run([{ t: 'delivery', cid: 'a', state: 'sent', seq: 1 }, visitor(1, 'a', 'hi'), bot(2)], state);
  assert.deepEqual(state.items.map(({ kind, seq, delivery }) => [kind, seq, delivery]), [['visitor', 1, 'sent'], ['answer', 2, undefined]]);
});

test('events applied one by one equal the log read anew', () => {
  const log = [visitor(1, 'a', 'one'), bot(2, { text: 'x' }), visitor(3, 'b', 'two'), bot(4)];
  const live = run([
    { t: 'composed', cid: 'a', text: 'one' }, log[0], { t: 'delivery', cid: 'a', state: 'sent', seq: 1 }, log[1],
    { t: 'composed', cid: 'b', text: 'two' }, { t: 'delivery', cid: 'b', state: 'undelivered' },
    { t: 'delivery', cid: 'b', state: 'sent', seq: 3 }, log[2], log[3],
  ]);
  assert.deepEqual(live.items, run(log).items);
});

test('the log decides the order, unsent messages come last', () => {
  const state = run([{ t: 'composed', cid: 'late', text: 'late' }, visitor(1, 'x', 'one'), visitor(3, 'y', 'three'), visitor(2, 'z', 'two')]);
  assert.deepEqual(texts(state), ['one', 'two', 'three', 'late']);
});

test('a resync keeps what is unsent and drops the rest', () => {
  const state = run([visitor(1, 'a', 'one'), bot(2, { triage: { level: 3 } }), { t: 'composed', cid: 'b', text: 'mine' }, { t: 'reset' }]);
  assert.deepEqual(texts(state), ['mine']);
  assert.equal(state.isFlagged, false);
});

test('items that do not change keep their identity', () => {
  const before = run([visitor(1, 'a', 'one'), bot(2)]);
  const after = run([visitor(3, 'b', 'two'), { t: 'status', status: 'waiting' }], before);
  assert.equal(after.items[0], before.items[0]);
  assert.equal(after.items[1], before.items[1]);
  assert.equal(before.items.length, 2);
});

test('the card of a message that could not be stored stays until the message is', () => {
  const triage = { level: 3, card: { text: 'Call 911 now.' } };
  let state = run([
    { t: 'composed', cid: 'a', text: 'help' }, { t: 'delivery', cid: 'a', state: 'sending', code: 'storage_unavailable', triage },
    { t: 'delivery', cid: 'a', state: 'undelivered' },
  ]);
  assert.deepEqual([state.items[0].triage, state.isFlagged], [triage, true]);
  state = run([{ t: 'delivery', cid: 'a', state: 'sent', seq: 1 }, visitor(1, 'a', 'help'), bot(2, { triage })], state);
  assert.deepEqual(state.items.map((item) => item.triage), [undefined, undefined]);
});

test('an urgent answer flags the conversation for good', () => {
  const state = run([bot(2, { triage: { level: 2 } }), bot(4, { triage: { level: 0 } })]);
  assert.equal(state.isFlagged, true);
});

test('state events speak and end the session; redaction removes the words', () => {
  const state = run([
    visitor(1, 'a', 'secret'), { t: 'event', seq: 2, kind: 'state', body: { state: 'queued', text: 'Please wait.' } },
    { t: 'event', seq: 3, kind: 'redact', body: { seq: 1 } }, { t: 'event', seq: 4, kind: 'safety', body: { level: 1 } },
  ]);
  assert.deepEqual(texts(state), ['redacted', 'Please wait.']);
  assert.equal(JSON.stringify(state).includes('secret'), false);
  assert.equal(isEnded(state), false);
  assert.equal(isEnded(run([{ t: 'event', seq: 5, kind: 'state', body: { state: 'closed' } }], state)), true);
});

test('a withdrawn message goes, a stored one stays', () => {
  const state = run([visitor(1, 'a', 'kept'), { t: 'composed', cid: 'b', text: 'back to me' }]);
  assert.deepEqual(unsentTexts(state), ['back to me']);
  assert.deepEqual(texts(withdraw(withdraw(state, 'b'), 'a')), ['kept']);
});

test('odd frames do no harm', () => {
  const state = run([
    { t: 'event', seq: 1, kind: 'message', role: 'bot', body: null }, { t: 'event', seq: 2, kind: 'message', body: {} },
    { t: 'event', seq: 3, kind: 'news', body: {} }, { t: 'event', seq: 4, kind: 'redact', body: { seq: 99 } },
    { t: 'welcome', epoch: 'e', head_seq: 4, mode: 'fresh', numbers: [null, 7, { label: 'UK', tel: '999' }] },
    { t: 'delivery', cid: 'unknown', state: 'sent', seq: 9 },
  ]);
  assert.deepEqual(state.items.map(({ kind }) => kind), ['answer', 'system']);
  assert.deepEqual(state.numbers, [{ label: 'UK', tel: '999' }]);
});

const step = (seq, state, more = {}) => ({ t: 'event', seq, kind: 'state', role: 'system', body: { state, text: state, ...more } });

test('the place in the queue is known until somebody comes, and a form is offered until it is sent', () => {
  let state = run([step(1, 'unavailable', { form: true })]);
  assert.equal(state.isFormOffered, true);
  state = run([step(2, 'form_received', { form: 'f1' })], state);
  assert.equal(state.isFormOffered, false);
  state = run([step(3, 'queued'), { t: 'queue', position: 4, on_duty: 1 }], state);
  assert.equal(state.place.position, 4);
  state = run([step(4, 'claimed', { by: { id: 'x', name: 'Li Wen' } }), { t: 'typing' }], state);
  assert.deepEqual([state.place, state.typings], [null, 1]);
  state = run([{ t: 'event', seq: 5, kind: 'message', role: 'consultant', cid: 'c', body: { text: 'hello', by: { id: 'x', name: 'Li Wen' } } }], state);
  assert.deepEqual([state.typings, state.items.at(-1).name], [0, 'Li Wen']);
  state = run([step(6, 'closed', { outcome: 'answered' })], state);
  assert.equal(isEnded(state), true);
});
