import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

import { uuid } from '../../src/web/static/shared/environment.js';
import { formatDay, isKey, langTag, toLang, translator } from '../../src/web/static/shared/i18n.js';
import { SessionKeeper, SessionRefused, createSession } from '../../src/web/static/shared/session.js';

const root = new URL('../../src/web/static/', import.meta.url);
const files = readdirSync(root, { recursive: true }).filter((name) => /\.(js|html|css)$/.test(name));
const read = (name) => readFileSync(new URL(name, root), 'utf8');

test('a session is asked for with consent, and a refusal names its delay', async () => {
  let asked;
  const request = { site: 'demo', consent: { version: '1', lang: 'en' }, context: { drug: null, page: null, region: null } };
  const credentials = await createSession('', request, async (url, options) => {
    asked = { url, ...options };
    return new Response(JSON.stringify({ session: 's', token: 't', epoch: 'e' }), { status: 201 });
  });
  assert.deepEqual(credentials, { session: 's', token: 't', epoch: 'e' });
  assert.deepEqual([asked.url, asked.method, asked.credentials], ['/v1/sessions', 'POST', 'omit']);
  assert.deepEqual(JSON.parse(asked.body), request);
  const busy = createSession('', request, async () => new Response('', { status: 429, headers: { 'retry-after': '3' } }));
  await assert.rejects(busy, (error) => error instanceof SessionRefused && error.retryAfterMs === 3_000);
});

test('the token survives in storage, or in memory where storage is blocked', () => {
  const stored = new Map();
  const storage = { getItem: (key) => stored.get(key) ?? null, setItem: (key, value) => stored.set(key, value), removeItem: (key) => stored.delete(key) };
  new SessionKeeper(() => storage).keep({ session: 's', token: 't', epoch: 'e' });
  assert.equal(new SessionKeeper(() => storage).load().token, 't');
  new SessionKeeper(() => storage).forget();
  assert.equal(new SessionKeeper(() => storage).load(), null);
  const blocked = new SessionKeeper(() => { throw new Error('blocked'); });
  assert.equal(blocked.load(), null);
  blocked.keep({ session: 's', token: 't' });
  assert.equal(blocked.load().token, 't');
  blocked.forget();
  assert.equal(blocked.load(), null);
  stored.set('eider.session', '{broken');
  assert.equal(new SessionKeeper(() => storage).load(), null);
});

test('both languages say everything, with the same blanks', () => {
  const keys = [...read('shared/words-en.js').matchAll(/(?:^|[{,]) *(?:'([\w.]+)'|(\w+)): '/gm)].map(([, quoted, plain]) => quoted ?? plain);
  assert.ok(keys.length > 80, String(keys.length));
  const [en, zh] = [translator('en'), translator('zh')];
  const blanks = {};
  const seen = new Proxy(blanks, { get: (_, name) => `<${String(name)}>` });
  const blanksOf = (text) => [...text.matchAll(/<\w+>/g)].map(([blank]) => blank).sort();
  for (const key of keys) {
    assert.ok(isKey(key), key);
    assert.notEqual(zh(key), '', key);
    assert.deepEqual(blanksOf(zh(key, seen)), blanksOf(en(key, seen)), key);
  }
});

test('language tags and days', () => {
  assert.deepEqual(['zh-CN', 'zh', 'ZH-hant', 'en-GB', null, 'fr'].map(toLang), ['zh', 'zh', 'zh', 'en', 'en', 'en']);
  assert.equal(langTag('zh'), 'zh-Hans');
  assert.equal(formatDay('2025-10-10', 'en'), '10 Oct 2025');
  assert.equal(formatDay('2025-10-10', 'zh'), '2025年10月10日');
  assert.equal(formatDay('soon', 'en'), 'soon');
});

test('uuids are version 4 and differ', () => {
  const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  assert.match(uuid(), pattern);
  assert.notEqual(uuid(), uuid());
});

test('no file reads strings as markup, reaches elsewhere, or grows past 250 lines', () => {
  const banned = /\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|srcdoc|document\.cookie|setAttribute\('style'|\son\w+="|\sstyle="/;
  for (const name of files) {
    const text = read(name);
    assert.doesNotMatch(text, banned, name);
    // What consultants choose for their browser outlives the tab, and an article that is being
    // written; nothing of a visitor may.
    if (!['console/console.js', 'console/knowledge.js'].includes(name)) assert.doesNotMatch(text, /localStorage/, name);
    assert.doesNotMatch(text.replaceAll('http://www.w3.org/2000/svg', ''), /(src|href)="(https?:)?\/\/|url\(|@import/, name);
    assert.ok(text.split('\n').length <= 251, `${name} has more than 250 lines`);
  }
});
