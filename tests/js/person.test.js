import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { personWords, services } from '../../src/web/static/chat/person-words.js';
import { apply, initialState } from '../../src/web/static/chat/state.js';
import { Connection } from '../../src/web/static/shared/connection.js';
import { FakeEnvironment } from './fake.js';

const run = (signals, from = initialState) => signals.reduce(apply, from);
const step = (seq, state, fields = {}) => ({ t: 'event', seq, kind: 'state', role: 'system', body: { state, text: state, words: { en: state, zh: `（${state}）` }, ...fields } });
const place = { t: 'queue', position: 2, on_duty: 1, waited_seconds: 5, expected_seconds: null };

test('it is said who is there, until that person has left', () => {
  const there = run([step(1, 'queued'), step(2, 'claimed', { by: { id: 'x', name: 'Li Wen' } }), step(3, 'cleared')]);
  assert.equal(there.consultant, 'Li Wen');
  for (const end of ['requeued', 'transferred', 'returned', 'closed', 'ended']) assert.equal(run([step(4, end)], there).consultant, null, end);
});

test('the place in the queue stands until the waiting ends', () => {
  const waiting = run([step(1, 'queued'), place]);
  assert.equal(waiting.place.position, 2);
  assert.equal(run([step(2, 'escalated', { form: true })], waiting).place.position, 2);
  for (const end of ['claimed', 'returned', 'closed', 'unavailable', 'ended']) assert.equal(run([step(2, end)], waiting).place, null, end);
});

test('the form is offered when the server asks for it, and not once it was sent or a person came', () => {
  const asked = run([step(1, 'unavailable', { form: true })]);
  assert.equal(asked.isFormOffered, true);
  assert.equal(run([{ ...step(2, 'person_asked'), role: 'visitor' }], asked).isFormOffered, true);
  assert.equal(run([step(2, 'form_received', { form: 'f-1' })], asked).isFormOffered, false);
  assert.equal(run([{ ...step(2, 'form_sent'), role: 'visitor' }], asked).isFormOffered, false);
  assert.equal(run([step(2, 'claimed')], asked).isFormOffered, false);
  assert.equal(run([{ t: 'reset' }], asked).isFormOffered, false);
});

test('a consultant has a name, words and quotes; typing ends with the words', () => {
  const state = run([{ t: 'typing' }, { t: 'typing' }, { t: 'event', seq: 1, kind: 'message', role: 'consultant', body: { text: 'hello', by: { id: 'u', name: 'Li Wen' }, quotes: [{ article: 'a' }] } }]);
  assert.deepEqual([state.items[0].kind, state.items[0].name, state.items[0].quotes.length, state.typings], ['consultant', 'Li Wen', 1, 0]);
  assert.equal(run([{ t: 'typing' }], state).typings, 1);
  assert.deepEqual(run([step(2, 'claimed')], state).items[1].words, { en: 'claimed', zh: '（claimed）' });
});

test('the socket passes place and typing on, and says which field is at fault', async () => {
  const environment = new FakeEnvironment();
  const signals = [];
  const connection = new Connection({ url: 'ws://x', credentials: { session: 's', token: 't' }, environment, listener: (signal) => signals.push(signal) });
  connection.start();
  connection.typing();
  environment.socket.onopen();
  environment.socket.says({ t: 'welcome', epoch: 'e', head_seq: 0, mode: 'fresh' });
  for (const frame of [place, { t: 'typing' }]) environment.socket.says(frame);
  assert.deepEqual(signals.slice(-2).map(({ t }) => t), ['queue', 'typing']);
  connection.typing();
  connection.typing();
  assert.equal(environment.socket.frames('typing').length, 1);
  const sent = connection.request('form', { name: '' });
  environment.socket.says({ t: 'rejected', cid: environment.socket.frames('form')[0].cid, code: 'invalid_form', field: 'name', retryable: false });
  await assert.rejects(sent, { code: 'invalid_form', field: 'name' });
});

test('words in both languages; the services are those of the policy', () => {
  for (const word of ['title', 'consent', ...services.map((service) => `service.${service}`)]) {
    assert.notEqual(personWords('en')(word), personWords('zh')(word), word);
  }
  const policy = readFileSync(new URL('../../knowledge/policy/hand-off.toml', import.meta.url), 'utf8');
  const listed = /^services = (\[.*\])$/m.exec(policy);
  if (listed) assert.deepEqual(JSON.parse(listed[1]), [...services]);
});
