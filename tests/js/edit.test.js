import assert from 'node:assert/strict';
import { test } from 'node:test';

import { diff } from '../../src/web/static/console/edit-diff.js';
import { UnsavedTexts } from '../../src/web/static/console/unsaved.js';

const said = (before, after) => diff(before, after).map(({ kind, text }) => `${{ same: ' ', old: '-', new: '+' }[kind]}${text}`);

test('what differs, line by line', () => {
  assert.deepEqual(said('a\nb\nc\n', 'a\nB\nc\n'), [' a', '-b', '+B', ' c']);
  assert.deepEqual(said('a\nb\n', 'a\nx\nb\n'), [' a', '+x', ' b']);
  assert.deepEqual(said('a\nb\nc\nd', 'b\nd\ne'), ['-a', ' b', '-c', ' d', '+e']);
  assert.deepEqual(said('same', 'same\n'), [' same']);
  assert.deepEqual(said('', 'new'), ['-', '+new']);
});

test('old lines and new ones always make up both texts', () => {
  let seed = 7;
  const random = (below) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
  for (let turn = 0; turn < 300; turn += 1) {
    const text = () => Array.from({ length: 1 + random(12) }, () => 'abc'[random(3)]).join('\n');
    const [before, after] = [text(), text()];
    const lines = diff(before, after);
    const of = (kind) => lines.filter((line) => line.kind === 'same' || line.kind === kind).map((line) => line.text).join('\n');
    assert.deepEqual([of('old'), of('new')], [before, after]);
  }
  const long = Array.from({ length: 4000 }, (_, line) => `line ${line}`).join('\n');
  assert.equal(diff(long, `${long}\nmore`).at(-1)?.text, 'more');
  assert.ok(diff(long, [...long].reverse().join('')).length > 4000, 'a text that was rewritten is no trouble');
});

test('unsaved texts are kept until they are saved, and blocked storage costs nothing', () => {
  const kept = new Map();
  const storage = { setItem: (key, value) => kept.set(key, value), getItem: (key) => kept.get(key) ?? null, removeItem: (key) => kept.delete(key) };
  const unsaved = new UnsavedTexts(() => storage);
  assert.equal(unsaved.of('d1'), null);
  assert.equal(unsaved.keep('d1', { revision: 3, base: 'sha256:0', text: 'words 药', note: 'why' }), true);
  assert.deepEqual(unsaved.of('d1'), { revision: 3, base: 'sha256:0', text: 'words 药', note: 'why', path: '' });
  unsaved.forget('d1');
  assert.equal(unsaved.of('d1'), null);
  kept.set('eider.unsaved.d2', '{"text":7}');
  kept.set('eider.unsaved.d3', 'nonsense');
  assert.deepEqual([unsaved.of('d2'), unsaved.of('d3')], [null, null]);
  const blocked = new UnsavedTexts(() => { throw new Error('blocked'); });
  assert.deepEqual([blocked.keep('d', { revision: 1, base: '', text: 'x', note: '' }), blocked.of('d')], [false, null]);
  blocked.forget('d');
});
