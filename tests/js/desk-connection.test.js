import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Api, ApiFailed } from '../../src/web/static/console/api.js';
import { DeskConnection } from '../../src/web/static/console/connection.js';
import { FakeEnvironment } from './fake.js';

const tick = () => new Promise((resolve) => { setImmediate(resolve); });

/** A connection whose tickets are counted; `ticket` may be told to fail. */
async function connect({ ticket = async () => 'T' } = {}) {
  const environment = new FakeEnvironment();
  const signals = [];
  const desk = new DeskConnection({ url: 'ws://desk', fetchTicket: ticket, environment, listener: (signal) => signals.push(signal) });
  desk.start();
  await tick();
  return { desk, environment, signals, statuses: () => signals.filter(({ t }) => t === 'status').map(({ status }) => status) };
}
const welcome = (fields = {}) => ({ t: 'welcome', conn: 'c', epoch: 'e', hb_ms: 20000, me: {}, limits: {}, outcomes: [], queue: [], people: [], ...fields });
const event = (session, seq) => ({ t: 'event', session, seq, kind: 'message', role: 'visitor', body: { text: 'x' } });
async function online(options) {
  const link = await connect(options);
  link.environment.socket.onopen();
  link.environment.socket.says(welcome());
  return link;
}
async function again({ environment }) {
  environment.pass(30_000);
  await tick();
  environment.socket.onopen();
  environment.socket.says(welcome());
}

test('each socket gets a ticket of its own, in hello and not in the address', async () => {
  let given = 0;
  const link = await online({ ticket: async () => `T${given += 1}` });
  assert.deepEqual(link.environment.socket.sent[0], { t: 'hello', ticket: 'T1' });
  assert.equal(link.environment.socket.url, 'ws://desk');
  link.environment.socket.drops();
  await again(link);
  assert.deepEqual(link.environment.socket.sent[0], { t: 'hello', ticket: 'T2' });
  assert.deepEqual(link.statuses(), ['connecting', 'online', 'waiting', 'connecting', 'online']);
});

test('a lost ticket request is tried again; a refused one ends it', async () => {
  let fails = true;
  const link = await connect({ ticket: async () => { if (fails) throw new TypeError('network'); return 'T'; } });
  assert.equal(link.environment.sockets.length, 0);
  assert.equal(link.statuses().at(-1), 'waiting');
  fails = false;
  link.environment.pass(30_000);
  await tick();
  assert.equal(link.environment.sockets.length, 1);
  const refused = await connect({ ticket: async () => { throw new ApiFailed(401, 'unauthorized', null); } });
  assert.deepEqual(refused.signals.at(-1), { t: 'status', status: 'stopped', code: 4501 });
  const off = await connect({ ticket: async () => { throw new ApiFailed(403, 'forbidden', null); } });
  assert.equal(off.signals.at(-1).code, 4506);
});

test('close codes decide: below 4500 it comes back, from there on it does not', async () => {
  for (const code of [1006, 1012, 4000, 4002, 4499]) {
    const link = await online();
    link.environment.socket.drops(code);
    assert.equal(link.statuses().at(-1), 'waiting', String(code));
  }
  for (const code of [4500, 4501, 4506, 4999]) {
    const link = await online();
    link.environment.socket.drops(code);
    link.environment.pass(600_000);
    await tick();
    assert.equal(link.environment.sockets.length, 1, String(code));
    assert.equal(link.signals.at(-1).status, 'stopped');
  }
});

test('goaway is kept to the letter; pings are answered', async () => {
  const link = await online();
  link.environment.socket.says({ t: 'ping', n: 7 });
  assert.deepEqual(link.environment.socket.frames('pong'), [{ t: 'pong', n: 7 }]);
  link.environment.socket.says({ t: 'goaway', reconnect_in_ms: 1200 });
  link.environment.socket.drops(1012);
  link.environment.pass(1199);
  await tick();
  assert.equal(link.environment.sockets.length, 1);
  link.environment.pass(1);
  await tick();
  assert.equal(link.environment.sockets.length, 2);
});

test('followed sessions are opened again from where they were read to', async () => {
  const link = await online();
  link.desk.follow('a');
  link.desk.follow('a');
  const [first] = link.environment.socket.frames('open');
  assert.deepEqual([link.environment.socket.frames('open').length, first.after_seq], [1, 0]);
  link.environment.socket.says({ t: 'opened', cid: first.cid, session: 'a', head_seq: 2, row: null, online: true, notes: [], forms: [] });
  for (const seq of [1, 2, 2, 1]) link.environment.socket.says(event('a', seq));
  assert.equal(link.signals.filter(({ t }) => t === 'event').length, 2, 'repeated events are dropped');
  link.environment.socket.drops();
  await again(link);
  assert.deepEqual(link.environment.socket.frames('open').map(({ session, after_seq: after }) => [session, after]), [['a', 2]]);
  link.desk.leave('a');
  link.environment.socket.says(event('a', 3));
  assert.equal(link.signals.filter(({ t }) => t === 'event').length, 2);
  assert.deepEqual(link.environment.socket.frames('leave'), [{ t: 'leave', session: 'a' }]);
});

test('a gap asks for the log again; another epoch reads it from the start', async () => {
  const link = await online();
  link.desk.follow('a');
  link.environment.socket.says(event('a', 1));
  link.environment.socket.says(event('a', 4));
  assert.deepEqual(link.environment.socket.frames('open').map(({ after_seq: after }) => after), [0, 1]);
  for (const seq of [2, 3, 4]) link.environment.socket.says(event('a', seq));
  assert.deepEqual(link.signals.filter(({ t }) => t === 'event').map(({ seq }) => seq), [1, 2, 3, 4]);
  link.environment.socket.drops();
  link.environment.pass(30_000);
  await tick();
  link.environment.socket.onopen();
  link.environment.socket.says(welcome({ epoch: 'other' }));
  assert.equal(link.signals.some(({ t }) => t === 'reset'), true);
  assert.equal(link.environment.socket.frames('open')[0].after_seq, 0);
});

test('a session that may not be followed is given up, one that may later is asked for again', async () => {
  const link = await online();
  link.desk.follow('a');
  const [{ cid }] = link.environment.socket.frames('open');
  link.environment.socket.says({ t: 'refused', cid, code: 'rate_limited', retryable: true, retry_after_ms: 500 });
  link.environment.pass(500);
  assert.equal(link.environment.socket.frames('open').length, 2);
  link.environment.socket.says({ t: 'refused', cid, code: 'not_found', retryable: false });
  assert.deepEqual(link.signals.at(-1), { t: 'closed', session: 'a', why: 'not_found' });
  link.environment.socket.drops();
  await again(link);
  assert.equal(link.environment.socket.frames('open').length, 0);
});

test('commands go out again under the same cid until they are answered', async () => {
  const link = await online();
  const answered = link.desk.request('send', { session: 'a', text: 'hi' }, 'mine');
  link.environment.socket.drops();
  await again(link);
  link.environment.pass(120_000);
  assert.deepEqual(link.environment.sockets.map((socket) => socket.frames('send').map(({ cid }) => cid)).slice(0, 2), [['mine'], ['mine']], 'a message is never given up');
  await again(link);
  link.environment.socket.says({ t: 'done', cid: 'mine', session: 'a', fence: 3, seq: 9, dup: true });
  assert.equal((await answered).seq, 9);
  const refused = link.desk.request('claim', { session: 'a', fence: 3 });
  link.environment.socket.says({ t: 'refused', cid: link.environment.socket.frames('claim')[0].cid, code: 'lost_race', retryable: false, session: 'a', fence: 4 });
  await assert.rejects(refused, { code: 'lost_race' });
  assert.equal(link.signals.at(-1).code, 'lost_race', 'the state learns the fence of now');
  const late = link.desk.request('claim', { session: 'b', fence: 1 });
  link.environment.pass(15_000);
  await assert.rejects(late, { code: 'timeout' });
});

test('typing is said at most every three seconds, and not into the void', async () => {
  const link = await online();
  for (const pause of [0, 1_000, 2_500]) {
    link.desk.typing('a');
    link.environment.pass(pause);
  }
  link.desk.typing('a');
  assert.equal(link.environment.socket.frames('typing').length, 2);
  link.environment.socket.drops();
  link.desk.typing('b');
  await again(link);
  assert.equal(link.environment.socket.frames('typing').length, 0);
});

test('the api sends the CSRF value with every POST and reports refusals', async () => {
  const calls = [];
  const answers = [];
  const api = new Api(async (path, options) => {
    calls.push([options.method, path, options.headers['x-csrf'], options.body]);
    const { status, body, headers = {} } = answers.shift();
    return { status, ok: status < 300, headers: { get: (name) => headers[name] ?? null }, json: async () => { if (body === undefined) throw new SyntaxError('no body'); return body; } };
  });
  answers.push({ status: 401, body: { error: 'unauthorized' } });
  assert.equal(await api.me(), null);
  answers.push({ status: 200, body: { user: {}, csrf: 'secret' }, headers: { date: new Date(Date.now() + 60_000).toUTCString() } });
  await api.login('li', 'pass');
  assert.ok(Math.abs(api.clockAheadMs - 60_000) < 2_000, 'the server\'s clock is known');
  answers.push({ status: 200, body: { ticket: 'T' } });
  assert.equal(await api.ticket(), 'T');
  assert.deepEqual(calls.at(-1), ['POST', '/v1/desk/ticket', 'secret', '{}']);
  answers.push({ status: 200, body: {} });
  await api.get('/v1/desk/sessions', { q: 'a&b', drug: '', before: null, from: undefined, k: 3 });
  assert.deepEqual(calls.at(-1).slice(0, 2), ['GET', '/v1/desk/sessions?q=a%26b&k=3']);
  answers.push({ status: 204 });
  assert.equal(await api.post('/v1/logout'), null);
  answers.push({ status: 429, body: { error: 'rate_limited' }, headers: { 'retry-after': '30' } });
  await assert.rejects(api.get('/v1/x'), { status: 429, code: 'rate_limited', retryAfterSeconds: 30 });
  answers.push({ status: 502 });
  await assert.rejects(api.get('/v1/x'), { code: 'internal' });
});
