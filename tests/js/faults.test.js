/** The visitor's connection and the real server, over a line that fails: everything arrives once, in order. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Connection } from '../../src/web/static/shared/connection.js';
import { uuid } from '../../src/web/static/shared/environment.js';
import { createSession } from '../../src/web/static/shared/session.js';
import { Proxy, faults } from './proxy.js';
import { Server } from './server.js';

/** Time passes ten times as fast for the client, so that its patience does not become ours. */
const haste = 10;
const environment = {
  openSocket: (url) => new WebSocket(url),
  setTimeout: (work, delayMs) => setTimeout(work, delayMs / haste),
  clearTimeout: (timer) => clearTimeout(timer),
  now: () => performance.now() * haste,
  random: () => Math.random(),
  uuid,
};

/** A visitor who notes everything. */
class Visitor {
  seqs = [];
  texts = [];
  deliveries = new Map();
  status = 'idle';

  constructor(port, credentials) {
    this.connection = new Connection({ url: `ws://127.0.0.1:${port}/v1/chat`, credentials, environment, listener: (signal) => this.#note(signal) });
    this.connection.start();
  }

  #note(signal) {
    if (signal.t === 'status') this.status = signal.status;
    if (signal.t === 'delivery') this.deliveries.set(signal.cid, signal.state);
    if (signal.t !== 'event') return;
    this.seqs.push(signal.seq);
    if (signal.role === 'visitor') this.texts.push(signal.body.text);
  }

  /** Everything sent is settled, and everything settled has been read. */
  get isDone() {
    return [...this.deliveries.values()].every((state) => state === 'sent') && this.texts.length >= this.deliveries.size;
  }

  send(text) {
    this.deliveries.set(this.connection.send(text), 'sending');
  }
}

async function until(holds, what) {
  for (let tries = 0; tries < 3_000; tries += 1) {
    if (holds()) return;
    await new Promise((done) => setTimeout(done, 20));
  }
  assert.fail(`it never came to: ${what}`);
}

let server;
let proxy;

async function visitor() {
  const credentials = await createSession(server.base, { site: 'self', consent: { version: '1', lang: 'en' }, context: { drug: null, page: null, region: null } });
  const chat = new Visitor(proxy.port, credentials);
  await until(() => chat.status === 'online', 'a connection');
  return { chat, credentials };
}

/** What the server has, read over a sound line, is what was written; and the client has seen the same. */
async function compare({ chat, credentials }, written) {
  await until(() => chat.isDone, `everything delivered: ${JSON.stringify([...chat.deliveries.values()])}`);
  assert.deepEqual(chat.texts, written);
  const reader = new Visitor(new URL(server.base).port, credentials);
  await until(() => reader.texts.length >= written.length, 'the log');
  // Each message has its answer behind it; a double would come before the end of the log.
  await until(() => reader.seqs.length >= chat.seqs.length && chat.seqs.length >= reader.seqs.length, 'the same log for both');
  assert.deepEqual(reader.texts, written);
  assert.deepEqual(chat.seqs, chat.seqs.map((_, index) => index + 1), 'no gap, no double');
  for (const each of [chat, reader]) each.connection.stop();
}

if (typeof WebSocket === 'undefined') {
  // Node.js 20 has it behind a flag.
  test('over a line that fails everything arrives once', { timeout: 300_000 }, async () => {
    const { NODE_TEST_CONTEXT, ...env } = process.env;
    const { code, said } = await new Promise((resolve) => execFile(process.execPath, ['--experimental-websocket', fileURLToPath(import.meta.url)], { env }, (error, stdout, stderr) => resolve({ code: error?.code ?? 0, said: stdout + stderr })));
    assert.equal(code, 0, said);
    assert.match(said, /# pass [1-9]/);
  });
} else {
  before(async () => {
    server = new Server({ settings: '[limits]\nheartbeat_seconds = 1\n', limits: 'off' });
    proxy = new Proxy();
    await server.start();
    await proxy.start(server.base);
  });
  after(async () => {
    await proxy?.close();
    await server?.remove();
  });

  for (const fault of Object.keys(faults)) {
    test(`messages before, during and after: ${fault}`, async () => {
      const visit = await visitor();
      const written = ['before'];
      visit.chat.send('before');
      await until(() => visit.chat.isDone, 'the first message');
      proxy.strike(fault);
      for (let index = 0; index < 4; index += 1) {
        written.push(`during ${index}`);
        visit.chat.send(`during ${index}`);
      }
      await until(() => visit.chat.isDone, `everything through ${fault}: ${visit.chat.status}`);
      written.push('after');
      visit.chat.send('after');
      await compare(visit, written);
    });
  }

  test('a storm of faults', async () => {
    const visit = await visitor();
    const names = Object.keys(faults);
    const lines = proxy.count;
    const written = [];
    for (let index = 0; index < 12; index += 1) {
      if (index % 2 === 0) {
        await until(() => visit.chat.status === 'online', 'a connection in the storm');
        proxy.strike(names[index / 2 % names.length]);
      }
      written.push(`message ${index}`);
      visit.chat.send(`message ${index}`);
      await new Promise((done) => setTimeout(done, 80));
    }
    await compare(visit, written);
    assert.ok(proxy.count > lines + 2, 'the line did fail');
  });

  test('a server that is killed and comes back', async () => {
    const visit = await visitor();
    visit.chat.send('one');
    await until(() => visit.chat.isDone, 'the first message');
    await server.kill();
    visit.chat.send('two');
    await server.start();
    proxy.target = Number(new URL(server.base).port);
    await compare(visit, ['one', 'two']);
  });
}
