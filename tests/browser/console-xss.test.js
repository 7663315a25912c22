/** Whatever a visitor writes stays text in the console: in every field that can hold it, nothing runs and nothing loads. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeDesk, ago, li, quote } from './desk-fake.js';
import { payloads } from './payloads.js';
import { eventually, stage, until, watchedContext } from './support.js';

const here = stage({ isServed: false });

test('more than two hundred payloads in every field: nothing runs', async () => {
  assert.ok(new Set(payloads).size >= 200, `${payloads.length} payloads`);
  const { context, faults } = await watchedContext(here.browser, { viewport: { width: 1440, height: 900 } });
  const fake = new FakeDesk();
  const page = await fake.open(context);
  const size = 30;
  for (let from = 0; from < payloads.length; from += size) {
    const part = payloads.slice(from, from + size);
    const id = `s${from}`;
    const some = (/** @type {number} */ index) => part[index % part.length];
    fake.session(id, { state: 'claimed', assignee: li.id, context: { drug: some(0), page: some(1), region: some(2), lang: some(3) } }, part.flatMap((text, index) => [
      { kind: 'message', role: 'visitor', body: { text } },
      { kind: 'message', role: 'bot', body: { kind: 'answer', lang: text, text, quotes: [quote({ text, title: text, heading: [text], source: text, source_url: text, lang: text })], conflicts: [{ about: text, values: [{ value: text, quote: 0 }] }], disclaimers: [{ id: text, text }], handoff: { state: 'offered', text } } },
      ...(index < 5 ? [{ kind: 'state', role: 'system', body: { state: 'queued', words: { en: text } } }, { kind: 'safety', role: 'system', body: { level: 3, category: text } }] : []),
    ]), {
      notes: part.map((text, index) => ({ id: `${id}n${index}`, by: { id: 'u-ana', name: text }, at: ago(9), text })),
      forms: part.map((text, index) => ({ id: `${id}f${index}`, session: id, at: ago(9), due: text, state: 'new', name: text, contact: text, preferred: text, service: text, text, lang: text })),
    });
    await until(page, (count) => document.querySelectorAll('.group-mine .entry').length === count, from / size + 1);
    await page.locator('.group-mine .entry-open').last().click();
    await page.waitForSelector('.group-mine .entry:last-child .entry-open[aria-current="true"]');
    await until(page, (count) => document.querySelectorAll('.said').length === count, part.length * 2);
    for (const more of await page.locator('.said-more').all()) await more.evaluate((button) => button.click());
    const shown = await page.locator('.said-visitor .said-words').allTextContents();
    assert.deepEqual(shown.map((text) => text.replace(/\[U\+\w+\]/g, '')), part.map((text) => text.replace(/[\u202A-\u202E\u2066-\u2069]/g, '')), 'words are shown as they were written');
  }
  assert.equal(await page.locator('#console :is(script, iframe, object, embed, link, style, base, meta, video, audio, marquee, math, form[action])').count(), 0);
  assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll('#console a')].map(({ protocol }) => protocol).filter((protocol) => protocol !== 'https:' && protocol !== 'http:')), []);
  assert.equal(await page.evaluate(() => [...document.querySelectorAll('#console *')].some(({ attributes }) => [...attributes].some(({ name }) => name.startsWith('on')))), false);
  assert.deepEqual(faults, []);
  await context.close();
});

test('the watch itself sees a script that runs and a page that loads', async () => {
  const { context, faults } = await watchedContext(here.browser);
  const page = await new FakeDesk().open(context);
  await page.evaluate(() => {
    window.reportFault('xss');
    const image = document.createElement('img');
    image.src = 'https://evil.example/pixel.gif';
    document.body.append(image);
  });
  await eventually('the script and the request', () => faults.includes('xss') && faults.some((fault) => /csp|foreign/.test(fault)));
  await context.close();
});
