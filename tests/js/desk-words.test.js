import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

import { Drafts, asked, fitting, replyText } from '../../src/web/static/console/drafts.js';
import { clock, drugWords, secondsSince, span } from '../../src/web/static/console/format.js';
import { Preferences } from '../../src/web/static/console/preferences.js';
import { reasons } from '../../src/web/static/console/protocol.js';
import { translator } from '../../src/web/static/console/words.js';
import { en } from '../../src/web/static/console/words-en.js';
import { zh } from '../../src/web/static/console/words-zh.js';

const folder = new URL('../../src/web/static/console/', import.meta.url);
const sources = readdirSync(folder).filter((name) => name.endsWith('.js')).map((name) => readFileSync(new URL(name, folder), 'utf8'));
const contract = readFileSync(new URL('../../docs/desk.md', import.meta.url), 'utf8');

test('both languages have the same words with the same holes', () => {
  assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
  const holes = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  for (const [key, text] of Object.entries(en)) {
    assert.deepEqual(holes(zh[key]), holes(text), key);
    assert.notEqual(zh[key].trim(), '', key);
  }
});

test('every word that a script asks for exists, and none stands unused', () => {
  const text = sources.join('\n');
  const wanted = [...text.matchAll(/\bt(?:ools\.t)?\('([\w.]+)'/g)].map(([, key]) => key);
  assert.ok(wanted.length > 100, 'the words are found in the scripts');
  for (const key of wanted) assert.ok(key in en, key);
  const families = /^(?:hook|reason|outcome|state|code|formState|priority|page|theme|edit|folder|status|age|drafts|draftState|draftStep|stage|result|sign|work|done|problem)\./;
  const body = sources.filter((source) => !/export const (?:en|zh|edit) =/.test(source)).join('\n');
  for (const key of Object.keys(en)) {
    const parts = [key, key.replace(/(?:Title|Text|Done|Hint|None)$/, '')];
    assert.ok(families.test(key) || parts.some((part) => body.includes(`'${part}'`)), `${key} is not used`);
  }
});

test('every reason and every code of the contract has its words', () => {
  const t = translator('zh');
  const table = contract.slice(contract.indexOf('### Codes of `refused`'), contract.indexOf('Close codes are those'));
  const codes = [...table.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, names]) => names.match(/\w+/g));
  assert.ok(codes.length > 15, 'the codes are found in the contract');
  for (const code of codes) assert.ok(`code.${code}` in en, code);
  for (const reason of reasons) assert.ok(`reason.${reason}` in en && contract.includes(`\`${reason}\``), reason);
  assert.equal(t('reason.brand_new'), 'brand new', 'a reason of a later server is shown as it came');
  assert.equal(t('code.brand_new'), t('code.internal'));
});

test('times, spans and names', () => {
  const t = translator('en');
  assert.deepEqual([span(0, t), span(65.9, t), span(3599, t), span(3725, t), span(-5, t)], ['0:00', '1:05', '59:59', '1:02 h', '0:00']);
  assert.equal(secondsSince('2026-11-22T12:00:00.000Z', Date.parse('2026-11-22T12:01:30.000Z')), 90);
  assert.deepEqual([secondsSince('2099-01-01T00:00:00Z', 0), secondsSince('soon', 5)], [0, 0]);
  assert.deepEqual([clock('nonsense', 'en'), clock(null, 'zh'), drugWords('inotuzumab-ozogamicin'), drugWords(null)], ['', '', 'inotuzumab ozogamicin', '']);
});

test('what a line asks for: replies, passages, or nothing', () => {
  assert.deepEqual(asked('/gre', 4), { kind: 'reply', query: 'gre', from: 0, to: 4 });
  assert.deepEqual(asked('Hello\n> missed dose', 19), { kind: 'passage', query: 'missed dose', from: 6, to: 19 });
  assert.equal(asked('》漏服', 3).kind, 'passage', 'as a Chinese keyboard types it');
  for (const [text, caret] of [['', 0], ['hello /x', 8], ['a > b', 5], ['/gre', 0], ['/x\nnext', 7]]) assert.equal(asked(text, caret), null, text);
});

test('replies are found by name, then by words, and filled in the visitor\'s language', () => {
  const replies = [{ id: 'wait', text: { en: 'One moment, greeting follows', zh: '请稍候' } }, { id: 'greeting', text: { en: 'Hello, {consultant}. About {drug}.', zh: '您好，{consultant}。' } }];
  assert.deepEqual(fitting(replies, 'gre').map(({ id }) => id), ['greeting', 'wait']);
  assert.deepEqual(fitting(replies, '稍候').map(({ id }) => id), ['wait']);
  assert.deepEqual(fitting(replies, '').length, 2);
  const values = { consultant: 'Li $& {drug}', drug: 'opicapone' };
  assert.equal(replyText(replies[1], 'zh', values), '您好，Li $& {drug}。');
  assert.equal(replyText(replies[1], 'fr', values), 'Hello, Li $& {drug}. About opicapone.');
});

test('a draft keeps its cid while its words stay the same', () => {
  let serial = 0;
  const drafts = new Drafts(() => `cid-${serial += 1}`);
  const draft = drafts.of('a');
  draft.text = 'one';
  assert.equal(drafts.cidOf('a'), drafts.cidOf('a'));
  const first = drafts.cidOf('a');
  draft.text = 'two';
  assert.notEqual(drafts.cidOf('a'), first);
  draft.note = 'a note';
  draft.quotes = [{ article: 'x', anchor: 'y' }];
  assert.equal(drafts.hasWords, true);
  drafts.sent('a');
  assert.deepEqual([drafts.of('a').text, drafts.of('a').quotes, drafts.of('a').note], ['', [], 'a note']);
  const second = drafts.cidOf('a');
  assert.notEqual(second, first, 'the same words said twice are two messages');
  drafts.forget('a');
  assert.equal(drafts.hasWords, false);
});

test('preferences survive a reload, and a browser without storage', () => {
  const kept = new Map();
  const storage = () => ({ getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) });
  const first = new Preferences(storage, 'zh-CN');
  assert.deepEqual([first.lang, first.theme, first.hasKeys], ['zh', 'system', true]);
  first.change({ lang: 'en', theme: first.nextTheme(), hasKeys: false });
  const second = new Preferences(storage, 'zh-CN');
  assert.deepEqual([second.lang, second.theme, second.hasKeys], ['en', 'light', false]);
  kept.set('eider.console', 'null');
  assert.equal(new Preferences(storage, 'en').theme, 'system');
  const blocked = new Preferences(() => { throw new Error('blocked'); }, 'en');
  blocked.change({ theme: 'dark' });
  assert.equal(blocked.theme, 'dark');
});

test('the two ways to dark colours are the same colours', () => {
  const theme = readFileSync(new URL('../shared/theme.css', folder), 'utf8');
  const colours = (start) => theme.slice(theme.indexOf(start)).split('}')[0].match(/--[\w-]+: [^;]+/g);
  const bySystem = colours(':root:not([data-theme="light"])');
  assert.ok(bySystem.length > 15);
  assert.deepEqual(colours(':root[data-theme="dark"]'), bySystem);
});
