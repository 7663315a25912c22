/** The console's looks: axe at three widths, in both languages and colours, nothing wider than the screen; and the pictures. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeDesk, ago, li, quote, usualLog } from './desk-fake.js';
import { makesPictures, picture, seriousFindings, stage, until, watchedContext } from './support.js';

const here = stage({ isServed: false });

const administrator = { ...li, roles: ['consultant', 'administrator'] };
const past = (session, fields = {}) => ({
  session, state: 'closed', reason: 'asked', priority: 0, outcome: 'answered', assignee: { id: li.id, name: li.name }, opened: ago(86_400), active: ago(80_000),
  context: { drug: 'opicapone', page: '/drugs/opicapone', region: 'EU', lang: 'en' }, ...fields,
});

/** A desk in the middle of a working day. */
function busyDesk() {
  const fake = new FakeDesk({ me: administrator });
  fake.session('9f3c7a10', { reason: 'urgent', priority: 3, since: ago(35), escalations: 1, context: { drug: 'inotuzumab-ozogamicin', page: '/drugs/inotuzumab-ozogamicin/side-effects', region: 'US', lang: 'en' } }, [
    { kind: 'message', role: 'visitor', body: { text: 'My father cannot breathe since the infusion' } },
    { kind: 'safety', role: 'system', body: { level: 3, category: 'breathing', rules: [] } },
    { kind: 'message', role: 'bot', body: { kind: 'urgent', lang: 'en', text: 'Call now.', quotes: [], triage: { level: 3, category: 'breathing', rules: [], card: { text: 'Call your local emergency number now.', steps: [], numbers: [] } } } }]);
  fake.session('41d20b77', { reason: 'adverse_event', priority: 1, since: ago(190), context: { drug: 'riociguat', page: '/drugs/riociguat', region: 'EU', lang: 'zh' } }, [{ kind: 'message', role: 'visitor', body: { text: '吃药后头晕' } }]);
  fake.session('c0ffee12', { since: ago(820) }, usualLog());
  fake.session('7a7a0001', { since: ago(75), for: 'u-ana' }, usualLog());
  fake.session('0a1b2c3d', { state: 'claimed', assignee: li.id, since: ago(300) }, [...usualLog(),
    { kind: 'state', role: 'consultant', body: { state: 'claimed', by: li, words: { en: 'Li Wen has joined the chat.', zh: 'Li Wen 已加入对话。' } } },
    { kind: 'message', role: 'consultant', body: { text: 'Hello, this is Li Wen. This is what the product information says:', by: li, quotes: [quote({ text: `${quote().text}\n\n${'More of the passage. '.repeat(30)}` })] } },
    { kind: 'message', role: 'visitor', body: { text: 'Thank you! And can I take it with food?' } }], {
    notes: [{ id: 'n0', by: { id: 'u-ana', name: 'Ana Ruiz' }, at: ago(600), text: 'Asked the same last week.' }],
    forms: [{ id: 'f1', session: '0a1b2c3d', at: ago(900), due: ago(-86_400), state: 'new', name: 'M. Svensson', contact: 'm.svensson@example.org', preferred: 'after 17:00', service: 'remote-consultation', text: 'Please call my daughter instead.', lang: 'en' }] });
  fake.session('5e5e5e5e', { state: 'claimed', assignee: li.id, since: ago(100), context: { drug: 'tafamidis', page: '/', region: 'EU', lang: 'en' } }, usualLog('Where can I get tafamidis?'));
  fake.session('dddd4444', { state: 'claimed', assignee: 'u-ana', since: ago(400) }, usualLog());
  fake.answers.set('/v1/desk/figures', { waiting: 4, longest_wait_seconds: 820, on_duty: 2, today: { handed_over: 20, claimed: 18, abandoned: 1, closed: 15, first_reply_seconds: 31, resolution_seconds: 4640, sessions: 210, bot_alone: 190 } });
  fake.answers.set('/v1/desk/sessions', ({ query }) => ({ body: { sessions: query.get('before') ? [past('0ld00003')] : [past('0ld00001'), past('0ld00002', { priority: 2, reason: 'urgent', outcome: 'referred' })], next: query.get('before') ? null : 'next' } }));
  fake.answers.set('/v1/desk/sessions/*', ({ query, path }) => (path.endsWith('2') && !query.get('reason') ? { status: 403, body: { error: 'reason_required', message: '' } }
    : { body: { session: past(path.slice(-8)), events: fake.logs.get('0a1b2c3d').events, notes: fake.logs.get('0a1b2c3d').notes, forms: [] } }));
  fake.answers.set('/v1/desk/forms', ({ query }) => ({ body: { forms: fake.logs.get('0a1b2c3d').forms.filter(({ state }) => state === query.get('state')) } }));
  fake.answers.set('/v1/desk/forms/*', ({ body }) => {
    fake.logs.get('0a1b2c3d').forms[0].state = body.state;
    return { status: 204 };
  });
  fake.answers.set('/v1/desk/audit', { rows: [{ seq: 7, at: ago(60), actor: 'li', action: 'view', subject: 'session:0a1b2c3d', detail: 'asked by the visitor' }, { seq: 6, at: ago(600), actor: 'li', action: 'login', subject: 'user:li', detail: null }], next: null, intact: true });
  fake.answers.set('/v1/me/sessions', { sessions: [{ id: 's1', created: ago(60), active: ago(1), agent: 'Mozilla/5.0 (X11)', current: true }, { id: 's2', created: ago(9_000), active: ago(5_000), agent: '<img src=x onerror=alert(1)>', current: false }] });
  return fake;
}

const screens = { narrow: { width: 320, height: 640 }, tablet: { width: 768, height: 1024 }, desktop: { width: 1440, height: 900 } };
const overflow = (page) => page.evaluate(() => Math.max(document.documentElement.scrollWidth - innerWidth,
  ...[...document.querySelectorAll('.transcript, .queue, .side, .page')].filter((box) => box.checkVisibility()).map((box) => box.scrollWidth - box.clientWidth)));

for (const [screen, viewport] of Object.entries(screens)) {
  for (const [colorScheme, lang] of [['light', 'en'], ['dark', 'zh']]) {
    test(`axe finds nothing serious, nothing is too wide: ${screen}, ${colorScheme}, ${lang}`, async () => {
      const { context, faults } = await watchedContext(here.browser, { viewport, colorScheme, locale: lang, reducedMotion: 'reduce' });
      const fake = busyDesk();
      const findings = [];
      const look = async (at) => {
        findings.push(...(await seriousFindings(page)).map((finding) => `${at}: ${finding}`));
        assert.ok(await overflow(page) <= 0, `${at} is wider than the screen`);
      };
      fake.isSignedIn = false;
      const page = await fake.open(context);
      await page.waitForSelector('#login');
      await look('sign-in');
      await page.fill('#login', 'li');
      await page.fill('#password', 'right');
      await page.keyboard.press('Enter');
      await page.waitForSelector('.group-mine .entry');
      await look('queue');
      await page.locator('.group-mine .entry-open').first().click();
      await page.waitForSelector('.said-own .quoted');
      await page.click('.said-own .said-more');
      await page.fill('#composer', '>dose');
      await page.waitForSelector('.suggestion');
      await look('session');
      await page.keyboard.press('Enter');
      await page.fill('#composer', 'x'.repeat(300));
      if (screen !== 'desktop') await page.click('.side-open');
      await look('details');
      await page.keyboard.press('Escape');
      await page.locator('.panel-actions .primary').click();
      await look('dialog');
      await page.keyboard.press('Escape');
      await page.click('.help');
      await look('help');
      await page.keyboard.press('Escape');
      for (const [index, wait] of [[1, '.figure'], [2, '.past-entry'], [3, '.form-list .form'], [4, '.table td']]) {
        await page.locator('.tab').nth(index).click();
        await page.waitForSelector(wait);
        await look(wait);
      }
      await page.click('.menu > button');
      await look('menu');
      assert.deepEqual(findings, []);
      assert.deepEqual(faults, []);
      await context.close();
    });
  }
}

test('past sessions: search, more, a reason for what is not ours, and back', async () => {
  const { context, faults } = await watchedContext(here.browser);
  const fake = busyDesk();
  const page = await fake.open(context);
  await page.locator('.tab').nth(2).click();
  await page.waitForSelector('.past-entry');
  assert.equal(await page.locator('.past-entry').count(), 2);
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await until(page, () => document.querySelectorAll('.past-entry').length === 3);
  await page.locator('.past-entry').first().click();
  await page.waitForSelector('.past-reading .said');
  await page.getByRole('button', { name: 'Back to the list' }).click();
  await page.locator('.past-entry').nth(1).click();
  await page.waitForSelector('dialog[open] input');
  await page.keyboard.press('Enter');
  assert.ok(await page.locator('dialog[open]').isVisible(), 'without a reason it stays shut');
  await page.keyboard.type('complaint of the visitor');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.past-reading .said');
  assert.deepEqual(faults, []);
  await context.close();
});

test('forms are marked as done; sign-ins elsewhere are ended; language and colours are switched', async () => {
  const { context, faults } = await watchedContext(here.browser);
  const fake = busyDesk();
  const page = await fake.open(context);
  await page.locator('.tab').nth(3).click();
  await page.getByRole('button', { name: 'Mark as done' }).click();
  await until(page, () => document.querySelectorAll('.form-list .form').length === 0);
  assert.deepEqual(fake.posted.find(({ path }) => path.startsWith('/v1/desk/forms/')).body, { state: 'done' });
  fake.answers.set('/v1/me/sessions/revoke', () => ({ status: 204 }));
  await page.click('.menu > button');
  await page.getByRole('button', { name: 'Where I am signed in' }).click();
  await page.getByRole('button', { name: 'Sign out there' }).click();
  await until(page, () => document.querySelectorAll('.places li').length === 1);
  await page.keyboard.press('Escape');
  await page.locator('.tab').first().click();
  await page.locator('.group-mine .entry-open').first().click();
  await page.waitForSelector('.said');
  await page.fill('#composer', 'half a thought');
  await page.click('.menu > button');
  await page.getByRole('button', { name: /Colours/ }).click();
  await page.click('.menu > button');
  await page.getByRole('button', { name: /Colours: light/ }).click();
  assert.equal(await page.getAttribute('html', 'data-theme'), 'dark');
  await page.click('.menu > button');
  await page.getByRole('button', { name: '中文' }).click();
  assert.equal(await page.getAttribute('html', 'lang'), 'zh-Hans');
  await until(page, () => document.querySelector('#composer')?.value === 'half a thought');
  assert.deepEqual(await page.evaluate(() => Object.values(localStorage)), ['{"lang":"zh","theme":"dark","hasKeys":true}']);
  assert.deepEqual(faults, []);
  await context.close();
});

const pictures = [
  ['console', screens.desktop, 'light', 'en', true], ['console-zh-dark', screens.desktop, 'dark', 'zh', true], ['console-tablet', screens.tablet, 'light', 'en', true],
  ['console-phone-queue', screens.narrow, 'light', 'en', false], ['console-phone', screens.narrow, 'dark', 'en', true],
];
for (const [name, viewport, colorScheme, lang, opens] of makesPictures ? pictures : []) {
  test(`screenshot: ${name}`, async () => {
    const { context } = await watchedContext(here.browser, { viewport, colorScheme, locale: lang, reducedMotion: 'reduce' });
    const fake = busyDesk();
    const page = await fake.open(context);
    if (opens) {
      await page.locator('.group-mine .entry-open').first().click();
      await page.waitForSelector('.said-own');
      fake.visitor('5e5e5e5e', 'Is there a pharmacy near Malmö?');
    }
    await page.waitForTimeout(400);
    await picture(page, name);
    await context.close();
  });
}
