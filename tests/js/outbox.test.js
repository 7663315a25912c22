import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Connection } from '../../src/web/static/shared/connection.js';
import { FakeEnvironment } from './fake.js';

function start({ online = true } = {}) {
  const environment = new FakeEnvironment();
  const signals = [];
  const connection = new Connection({
    url: 'ws://test', credentials: { session: 's', token: 't' }, environment, listener: (signal) => signals.push(signal),
  });
  connection.start();
  const welcome = (mode = 'fresh') => {
    environment.socket.onopen();
    environment.socket.says({ t: 'welcome', epoch: 'e', head_seq: 0, mode });
  };
  if (online) welcome();
  const states = (cid) => signals.filter((signal) => signal.t === 'delivery' && signal.cid === cid).map(({ state }) => state);
  return { environment, signals, connection, welcome, states, sent: () => environment.socket.frames('send') };
}

test('a message is sent once it is welcome, and settled by accepted', () => {
  const { environment, connection, welcome, states, sent, signals } = start({ online: false });
  const cid = connection.send('hello');
  assert.deepEqual(signals.filter(({ t }) => t === 'composed'), [{ t: 'composed', cid, text: 'hello' }]);
  assert.deepEqual(sent(), []);
  welcome();
  assert.deepEqual(sent(), [{ t: 'send', cid, text: 'hello' }]);
  environment.socket.says({ t: 'accepted', cid, seq: 1, dup: false });
  assert.deepEqual(states(cid), ['sent']);
  assert.ok(connection.outbox.isEmpty);
});

test('after a break the same cid goes out again; dup is success', () => {
  const { environment, connection, welcome, states, sent } = start();
  const cid = connection.send('hello');
  environment.socket.drops();
  environment.pass(1_000);
  welcome('resumed');
  assert.deepEqual(sent(), [{ t: 'send', cid, text: 'hello' }]);
  environment.socket.says({ t: 'accepted', cid, seq: 4, dup: true });
  environment.socket.drops();
  environment.pass(1_000);
  welcome('resumed');
  assert.deepEqual(sent(), []);
  assert.deepEqual(states(cid), ['sent']);
});

test('its event in the log settles a message whose accepted was lost', () => {
  const { environment, connection, states, sent } = start();
  const cid = connection.send('hello');
  environment.socket.says({ t: 'event', seq: 1, kind: 'message', role: 'visitor', cid, body: { text: 'hello' } });
  environment.pass(20_000);
  assert.deepEqual(states(cid), ['sent']);
  assert.equal(sent().length, 1);
});

test('messages keep their order: the second waits for the first', () => {
  const { environment, connection, sent } = start();
  const first = connection.send('one');
  const second = connection.send('two');
  assert.deepEqual(sent().map(({ cid }) => cid), [first]);
  environment.socket.says({ t: 'rejected', cid: first, code: 'rate_limited', retryable: true, retry_after_ms: 3_000 });
  environment.pass(2_999);
  assert.equal(sent().length, 1);
  environment.pass(1);
  environment.socket.says({ t: 'accepted', cid: first, seq: 1 });
  assert.deepEqual(sent().map(({ cid }) => cid), [first, first, second]);
});

test('within ten seconds the visitor knows that a message is not delivered; it still goes out later', () => {
  const { environment, connection, welcome, states, sent } = start();
  environment.socket.drops();
  const cid = connection.send('help');
  environment.pass(9_999);
  assert.deepEqual(states(cid), ['undelivered']);
  environment.pass(5_000);
  welcome('resumed');
  assert.equal(sent().length, 1);
  environment.socket.says({ t: 'accepted', cid, seq: 1 });
  assert.deepEqual(states(cid), ['undelivered', 'sent']);
});

test('what the server says of a message it refuses reaches the visitor', () => {
  const { environment, connection, signals } = start();
  const cid = connection.send('i cant breathe');
  const triage = { level: 3, card: { text: 'Call 911 now.', numbers: [{ label: 'Emergency', tel: '911' }] } };
  environment.socket.says({ t: 'rejected', cid, code: 'storage_unavailable', retryable: true, retry_after_ms: 1_000, triage });
  assert.deepEqual(signals.filter(({ t }) => t === 'delivery').at(-1), { t: 'delivery', cid, state: 'sending', code: 'storage_unavailable', triage });
});

test('the card of an emergency comes ahead of a slow receipt', () => {
  const { environment, connection, signals, states } = start();
  const cid = connection.send('i cant breathe');
  const triage = { level: 3, card: { text: 'Call 911 now.', numbers: [] } };
  environment.socket.says({ t: 'alarm', cid, triage });
  assert.deepEqual(signals.filter(({ t }) => t === 'delivery').at(-1), { t: 'delivery', cid, state: 'sending', triage });
  environment.socket.says({ t: 'accepted', cid, seq: 1 });
  assert.equal(states(cid).at(-1), 'sent');
  environment.socket.says({ t: 'alarm', cid, triage });
  assert.equal(states(cid).at(-1), 'sent', 'a late one says nothing new');
});

test('a refusal for good leaves the message to the visitor, and the next one goes', () => {
  const { environment, connection, states, sent } = start();
  const bad = connection.send('x'.repeat(4001));
  const good = connection.send('fine');
  environment.socket.says({ t: 'rejected', cid: bad, code: 'too_long', retryable: false });
  assert.deepEqual(states(bad), ['failed']);
  assert.equal(sent().at(-1).cid, good);
  assert.equal(connection.outbox.isEmpty, false);
  environment.socket.says({ t: 'accepted', cid: good, seq: 1 });
  connection.outbox.retry(bad);
  assert.equal(sent().at(-1).cid, bad);
  environment.socket.says({ t: 'rejected', cid: bad, code: 'too_long', retryable: false });
  connection.outbox.discard(bad);
  assert.ok(connection.outbox.isEmpty);
});

test('an answer that never comes on a living socket: sent once more', () => {
  const { environment, connection, sent } = start();
  connection.send('hello');
  environment.pass(15_000);
  assert.equal(sent().length, 2);
});

test('a session that ended fails what is waiting', () => {
  const { environment, connection, states } = start();
  const cid = connection.send('late');
  environment.socket.drops(4503);
  assert.deepEqual(states(cid), ['failed']);
});

test('a command resolves with its answer, survives a break, and gives up in time', async () => {
  const { environment, connection, welcome } = start();
  const exported = connection.request('export');
  environment.socket.drops();
  environment.pass(1_000);
  welcome('resumed');
  const [frame] = environment.socket.frames('export');
  environment.socket.says({ t: 'exported', cid: frame.cid, session: { events: [] } });
  assert.deepEqual((await exported).session, { events: [] });

  const late = connection.request('handoff');
  environment.pass(15_000);
  await assert.rejects(late, { code: 'timeout' });

  const refused = connection.request('feedback', { seq: 2, value: 'up' });
  const { cid } = environment.socket.frames('feedback')[0];
  environment.socket.says({ t: 'rejected', cid, code: 'bad_frame', retryable: false });
  await assert.rejects(refused, { code: 'bad_frame' });

  const again = connection.request('handoff');
  const handoff = environment.socket.frames('handoff').at(-1);
  environment.socket.says({ t: 'rejected', cid: handoff.cid, code: 'rate_limited', retryable: true, retry_after_ms: 100 });
  environment.pass(100);
  assert.equal(environment.socket.frames('handoff').at(-1).cid, handoff.cid);
  environment.socket.says({ t: 'accepted', cid: handoff.cid, seq: 9 });
  assert.equal((await again).seq, 9);
});

test('an erase that ends the session before it is answered has succeeded', async () => {
  const { environment, connection } = start();
  const erased = connection.request('erase');
  const handoff = connection.request('handoff');
  environment.socket.drops(4503);
  assert.equal((await erased).t, 'erased');
  await assert.rejects(handoff, { code: 'closed' });
});
