import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Connection } from '../../src/web/static/shared/connection.js';
import { backoffMs, mayReconnect, parseFrame } from '../../src/web/static/shared/protocol.js';
import { FakeEnvironment } from './fake.js';

function connected({ mode = 'fresh', headSeq = 0 } = {}) {
  const environment = new FakeEnvironment();
  const signals = [];
  const connection = new Connection({
    url: 'ws://test/v1/chat', credentials: { session: 's', token: 'secret' }, environment, listener: (signal) => signals.push(signal),
  });
  connection.start();
  const welcome = (fields = {}) => {
    environment.socket.onopen();
    environment.socket.says({ t: 'welcome', conn: 'c', epoch: 'e1', head_seq: headSeq, mode, ...fields });
  };
  welcome();
  return { environment, signals, connection, welcome, of: (t) => signals.filter((signal) => signal.t === t) };
}

const event = (seq, fields = {}) => ({ t: 'event', seq, kind: 'message', role: 'bot', body: { text: `m${seq}` }, ...fields });
const seqs = (signals) => signals.filter(({ t }) => t === 'event').map(({ seq }) => seq);

test('says hello with the token, then with what it has read', () => {
  const { environment, welcome } = connected();
  assert.deepEqual(environment.socket.sent[0], { t: 'hello', token: 'secret', epoch: null, after_seq: 0, client: 'eider-web' });
  assert.ok(!environment.socket.url.includes('secret'));
  environment.socket.says(event(1));
  environment.socket.says(event(2));
  environment.socket.drops();
  environment.pass(30_000);
  welcome({ mode: 'resumed', head_seq: 2 });
  const [hello] = environment.socket.frames('hello');
  assert.equal(hello.after_seq, 2);
  assert.equal(hello.epoch, 'e1');
});

test('drops what it has seen and asks again on a gap', () => {
  const { environment, signals, welcome } = connected();
  environment.socket.says(event(1));
  environment.socket.says(event(1));
  environment.socket.says(event(3));
  assert.deepEqual(seqs(signals), [1]);
  assert.equal(environment.sockets[0].closedWith, 4006);
  environment.pass(500);
  welcome({ mode: 'resumed', head_seq: 3 });
  assert.equal(environment.socket.frames('hello')[0].after_seq, 1);
  environment.socket.says(event(2));
  environment.socket.says(event(3));
  assert.deepEqual(seqs(signals), [1, 2, 3]);
});

test('takes a gap that the server insists on instead of asking for ever', () => {
  const { environment, signals, welcome } = connected();
  environment.socket.says(event(1));
  environment.socket.says(event(5));
  environment.pass(500);
  welcome({ mode: 'resumed', head_seq: 5 });
  environment.socket.says(event(5));
  assert.deepEqual(seqs(signals), [1, 5]);
  assert.equal(environment.sockets.length, 2);
});

test('a late frame of an abandoned socket is not heard', () => {
  const { environment, signals } = connected();
  const old = environment.socket;
  old.drops();
  old.says(event(1));
  assert.deepEqual(seqs(signals), []);
});

test('a resync empties the view and reads from the start', () => {
  const { environment, signals, welcome, of } = connected();
  environment.socket.says(event(1));
  environment.socket.drops();
  environment.pass(1_000);
  welcome({ mode: 'resync', epoch: 'e2', head_seq: 2 });
  assert.equal(of('reset').length, 1);
  environment.socket.says(event(1));
  environment.socket.says(event(2));
  assert.deepEqual(seqs(signals), [1, 1, 2]);
});

test('acknowledges after sixteen events or a second', () => {
  const { environment } = connected();
  for (let seq = 1; seq <= 16; seq += 1) environment.socket.says(event(seq));
  assert.deepEqual(environment.socket.frames('ack'), [{ t: 'ack', seq: 16 }]);
  environment.socket.says(event(17));
  environment.pass(999);
  assert.equal(environment.socket.frames('ack').length, 1);
  environment.pass(1);
  assert.deepEqual(environment.socket.frames('ack').at(-1), { t: 'ack', seq: 17 });
});

test('answers a ping at once, and reads again when two of them promise more than came', () => {
  const { environment } = connected();
  environment.socket.says({ t: 'ping', n: 7, head_seq: 3 });
  assert.deepEqual(environment.socket.frames('pong'), [{ t: 'pong', n: 7 }]);
  assert.equal(environment.socket.closedWith, null);
  environment.socket.says({ t: 'ping', n: 8, head_seq: 3 });
  assert.equal(environment.socket.closedWith, 4006);
});

test('a silent server is left after 45 seconds', () => {
  const { environment, of } = connected();
  environment.pass(44_000);
  environment.socket.says({ t: 'ping', n: 1, head_seq: 0 });
  environment.pass(44_999);
  assert.equal(environment.sockets.length, 1);
  environment.pass(1);
  assert.equal(environment.sockets[0].closedWith, 4002);
  assert.equal(of('status').at(-1).status, 'waiting');
});

test('waking finds a dead connection, and cuts a wait short', () => {
  const { environment, connection } = connected();
  connection.wake();
  assert.equal(environment.sockets.length, 1);
  environment.time += 46_000; // asleep: no timer ran
  connection.wake();
  environment.pass(0);
  assert.equal(environment.sockets.length, 2);
  environment.socket.drops();
  connection.wake();
  assert.equal(environment.sockets.length, 3);
});

test('a handshake that gets no welcome is given up after ten seconds', () => {
  const environment = new FakeEnvironment();
  const connection = new Connection({ url: 'ws://t', credentials: { session: 's', token: 't' }, environment, listener: () => {} });
  connection.start();
  environment.pass(10_000);
  assert.equal(environment.sockets[0].closedWith, 4002);
  environment.pass(500);
  assert.equal(environment.sockets.length, 2);
});

test('waits longer each time, and starts over after thirty healthy seconds', () => {
  const { environment, of, welcome } = connected();
  environment.dice = 0.999999;
  const delays = () => of('status').filter(({ status }) => status === 'waiting').map(({ delayMs }) => delayMs);
  for (let attempt = 0; attempt < 9; attempt += 1) {
    environment.socket.drops();
    environment.pass(delays().at(-1));
  }
  assert.deepEqual(delays(), [499, 999, 1999, 3999, 7999, 15999, 29999, 29999, 29999]);
  welcome();
  environment.pass(29_000);
  environment.socket.drops();
  assert.equal(delays().at(-1), 29999);
  environment.pass(29_999);
  welcome();
  environment.pass(30_000);
  environment.socket.drops();
  assert.equal(delays().at(-1), 499);
});

test('goaway: comes back when it was told to', () => {
  const { environment, of, connection } = connected();
  environment.socket.says({ t: 'goaway', reconnect_in_ms: 7_000 });
  environment.socket.drops(1012);
  assert.equal(of('status').at(-1).delayMs, 7_000);
  connection.wake();
  assert.equal(environment.sockets.length, 1);
  environment.pass(7_000);
  assert.equal(environment.sockets.length, 2);
});

test('goaway without a close: leaves by itself', () => {
  const { environment } = connected();
  environment.socket.says({ t: 'goaway', reconnect_in_ms: 2_000 });
  environment.pass(3_000);
  assert.equal(environment.sockets.length, 2);
});

test('the range of a close code decides', () => {
  const comesBack = [1000, 1001, 1005, 1006, 1011, 1012, 1013, 4000, 4001, 4002, 4003, 4004, 4006, 4007, 4400, 4499];
  const stops = [1002, 1003, 1007, 1008, 1009, 4500, 4501, 4502, 4503, 4504, 4505, 4506, 4777, 4999];
  for (const code of comesBack) assert.equal(mayReconnect(code), true, String(code));
  for (const code of stops) {
    assert.equal(mayReconnect(code), false, String(code));
    const { environment, of } = connected();
    environment.socket.drops(code);
    environment.pass(600_000);
    assert.equal(environment.sockets.length, 1, String(code));
    assert.deepEqual(of('status').at(-1), { t: 'status', status: 'stopped', code });
  }
});

test('stays within full jitter', () => {
  assert.equal(backoffMs(0, 0), 0);
  assert.equal(backoffMs(3, 0.5), 2_000);
  assert.equal(backoffMs(5_000, 0.5), 15_000);
});

test('ignores what is no frame', () => {
  const { environment } = connected();
  for (const junk of ['', '{', 'null', '[]', '42', '{"t":7}', '{"t":"news","x":1}', '{"t":"presence"}']) environment.socket.says(junk);
  assert.equal(parseFrame(new ArrayBuffer(3)), null);
  assert.equal(environment.socket.closedWith, null);
});

test('stop closes for good', () => {
  const { environment, connection, of } = connected();
  connection.stop();
  assert.equal(environment.socket.closedWith, 1000);
  environment.pass(600_000);
  connection.wake();
  assert.equal(environment.sockets.length, 1);
  assert.equal(of('status').at(-1).status, 'stopped');
});

