/**
 * Frames that a server rarely sends, drawn by the real page: emergency cards, conflicts, stale
 * quotes, people, redactions, rejections. The page is the server's; the socket is the test's.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { enter } from './hosts.js';
import { consent, eventually, openPage, seriousFindings, stage, until, watchedContext } from './support.js';

const here = stage({ sites: ['drug-site'] });

const quote = (fields = {}) => ({
  article: 'drugs/inotuzumab-ozogamicin/side-effects', title: 'Side effects', heading: ['Liver'], text: 'Call **at once** if:\n- eyes turn *yellow*\n- <b>x</b>',
  span: [0, 9], version: 'sha256:0', source: 'A leaflet of 2024', source_url: null, published: '2025-10-10', reviewed: '2025-11-11',
  rank: 'label', markets: ['US'], lang: 'en', stale: false, ...fields,
});
const answer = (fields = {}) => ({
  id: 'a', kind: 'answer', lang: 'en', text: null, triage: { level: 0, category: null, rules: [] }, drugs: [], about: [], assumed: false, topics: [],
  population: [], quotes: [], conflicts: [], disclaimers: [{ id: 'general', text: 'Words of the server.' }], ask: null, suggestions: [], related: [],
  handoff: { state: 'none', reason: null, text: null }, generation: 1, ...fields,
});

/** Opens the chat, alone or in a host's frame, with a socket that the test speaks through; `reply` handles what the page sends. */
async function chat(reply = () => {}, isFramed = false) {
  const { context, faults } = await watchedContext(here.browser);
  const link = { page: null, context, faults, seq: 0, sockets: [], sent: [] };
  await context.routeWebSocket(/\/v1\/chat$/, (socket) => {
    link.sockets.push(socket);
    link.says = (frame) => socket.send(JSON.stringify(frame));
    link.logs = (fields) => link.says({ t: 'event', seq: link.seq += 1, kind: 'message', role: 'bot', ts: '2026-11-22T10:00:00Z', ...fields });
    socket.onMessage((data) => {
      const frame = JSON.parse(data);
      link.sent.push(frame);
      if (frame.t === 'hello') link.says({ t: 'welcome', conn: 'c', epoch: 'e', head_seq: 0, mode: frame.after_seq > 0 ? 'resumed' : 'fresh', limits: { text_chars: 4000 } });
      else reply(frame, link);
    });
  });
  if (isFramed) link.page = (await enter(context, here.hosts, '/framed')).frame;
  else {
    link.page = await openPage(context, here.server.base);
    await consent(link.page);
  }
  await until(link.page, () => document.querySelector('.bar')?.textContent === '');
  return link;
}

const text = (page, selector) => page.locator(selector).first().innerText();

test('an emergency comes first, with numbers to tap, and stays flagged', async () => {
  const link = await chat();
  const { page } = link;
  link.logs({ body: answer({
    kind: 'urgent', text: 'Call now.', triage: { level: 3, category: 'breathing', rules: ['r'], card: {
      text: 'Call now.', steps: ['Sit upright.', 'Stay with someone.'], numbers: [{ label: 'Ambulance', tel: '1-800-222-1222' }] } },
    quotes: [quote()], handoff: { state: 'urgent', reason: 'urgent', text: 'A person is called.' },
  }) });
  await page.waitForSelector('.card');
  assert.equal(await page.locator('.answer > :first-child').first().getAttribute('class'), 'card');
  assert.equal(await page.locator('.card .phone').getAttribute('href'), 'tel:18002221222');
  assert.deepEqual(await page.locator('.card-steps li').allInnerTexts(), ['Sit upright.', 'Stay with someone.']);
  assert.equal((await text(page, '.answer')).split('Call now.').length, 2, 'said once');
  assert.match(await text(page, '.handoff'), /A person is called/);
  link.logs({ body: answer({ text: 'Later.' }) });
  await until(page, () => document.querySelectorAll('.message-answer').length === 2);
  assert.ok(await page.locator('.chat[data-flagged]').count() === 1);
  assert.deepEqual(await seriousFindings(page), []);
  await link.context.close();
});

test('an urgent answer without a card still shows where to call', async () => {
  const link = await chat();
  link.logs({ body: answer({ kind: 'urgent', text: 'Contact the team today.', triage: { level: 2, category: 'x', rules: [] } }) });
  await link.page.waitForSelector('.card .phone[href="tel:112"]');
  assert.match(await text(link.page, '.card'), /Contact the team today/);
  await link.context.close();
});

test('conflicts, stale marks, the drug that was assumed, and Markdown without markup', async () => {
  const link = await chat();
  const { page } = link;
  link.logs({ body: answer({
    assumed: true, about: ['Besponsa'], quotes: [quote(), quote({ source: 'Another page', stale: true, other_market: true, source_url: 'https://example.org/leaflet', lang: 'zh', title: '副作用' }), quote({ source_url: 'javascript:alert(1)' })],
    conflicts: [{ about: 'cycle 1 total dose', values: [{ value: '1.5 mg/m²', quote: 0 }, { value: '1.8 mg/m²', quote: 1 }] }],
    disclaimers: [{ id: 'general', text: '<i>calm</i>' }],
  }) });
  await page.waitForSelector('.conflict');
  assert.match(await text(page, '.assumed'), /About Besponsa/);
  assert.deepEqual(await page.locator('.conflict li').allInnerTexts(), ['1.5 mg/m² quote 1, A leaflet of 2024', '1.8 mg/m² quote 2, Another page']);
  assert.deepEqual(await page.locator('.quote blockquote').first().locator('li').allInnerTexts(), ['eyes turn yellow', '<b>x</b>']);
  assert.equal(await page.locator('.quote strong').first().innerText(), 'at once');
  assert.deepEqual(await page.locator('.quote-mark').allInnerTexts(), ['Past its review date', 'For another country or region than yours, or the one you asked about']);
  assert.equal(await page.locator('.quote').nth(1).getAttribute('lang'), 'zh-Hans');
  const links = page.locator('.quote-links a[href^="http"]');
  assert.equal(await links.count(), 1);
  assert.equal(await links.getAttribute('rel'), 'noopener noreferrer');
  assert.match(await text(page, '.quote-facts'), /Official label · Published 10 Oct 2025 · Checked against the source 11 Nov 2025 · Applies to US/);
  assert.equal(await text(page, '.disclaimers'), '<i>calm</i>');
  assert.deepEqual(await seriousFindings(page), []);
  assert.deepEqual(link.faults, []);
  await link.context.close();
});

test('options and suggestions send; thumbs report', async () => {
  const link = await chat((frame, { says }) => frame.t === 'feedback' && says({ t: 'done', cid: frame.cid }));
  const { page } = link;
  link.logs({ body: answer({ kind: 'clarify', ask: { text: 'Which one?', options: [{ label: 'Besponsa', send: 'Besponsa: dose' }] }, suggestions: ['What else?'] }) });
  await page.click('.ask .chip');
  await page.waitForSelector('.bubble');
  await eventually('the choice', () => link.sent.some(({ t }) => t === 'send'));
  link.logs({ role: 'visitor', cid: link.sent.find(({ t }) => t === 'send').cid, body: { text: 'Besponsa: dose' } });
  await page.click('.suggestions .chip');
  await until(page, () => document.querySelectorAll('.bubble').length === 2);
  const asked = () => link.sent.filter(({ t }) => t === 'send').map((frame) => frame.text);
  await eventually('the suggestion', () => asked().length === 2);
  assert.deepEqual(asked(), ['Besponsa: dose', 'What else?']);
  link.logs({ body: answer({ quotes: [quote()] }) });
  await page.click('.thumb-down');
  await page.waitForSelector('.thumb-down[aria-pressed="true"]');
  await page.locator('.feedback .chips .chip').first().click();
  await page.waitForSelector('.feedback .chip[aria-pressed="true"]');
  const reports = link.sent.filter(({ t }) => t === 'feedback');
  assert.deepEqual(reports.map(({ value, reason }) => [value, reason]), [['down', undefined], ['down', 'wrong_medicine']]);
  await link.context.close();
});

test('people, notices, and a message that was removed', async () => {
  const link = await chat();
  const { page } = link;
  link.logs({ kind: 'state', body: { state: 'queued', text: 'You are first in the queue.' } });
  link.logs({ role: 'consultant', body: { text: 'Good day <b>', by: { id: 'u1', name: 'Dr Example' } } });
  link.logs({ role: 'system', body: { text: '顾问已加入。' } });
  await until(page, () => document.querySelectorAll('.message').length === 3);
  assert.match(await text(page, '.message-consultant'), /Dr Example · Consultant\s+Good day <b>/);
  assert.equal(await page.locator('.message-system p').last().getAttribute('lang'), 'zh-Hans');
  link.logs({ kind: 'redact', body: { seq: 2 } });
  await page.waitForSelector('.message-redacted');
  assert.ok(!(await page.innerText('.log')).includes('Good day'));
  link.logs({ kind: 'state', body: { state: 'closed', text: 'Closed.' } });
  await page.waitForSelector('.over:visible');
  await link.context.close();
});

test('a refused message can be edited; a delayed one says why', async () => {
  let answerWith = { code: 'too_long', retryable: false };
  const link = await chat((frame, { says }) => frame.t === 'send' && says({ t: 'rejected', cid: frame.cid, ...answerWith }));
  const { page } = link;
  await page.fill('.composer textarea', 'mine');
  await page.press('.composer textarea', 'Enter');
  await page.waitForSelector('.delivery-undelivered');
  assert.match(await text(page, '.delivery-undelivered'), /too long/);
  await page.locator('.delivery-undelivered .chip').last().click();
  assert.equal(await page.inputValue('.composer textarea'), 'mine');
  await page.waitForSelector('.bubble', { state: 'detached' });
  answerWith = { code: 'rate_limited', retryable: true, retry_after_ms: 60_000 };
  await page.press('.composer textarea', 'Enter');
  await until(page, () => document.querySelector('.delivery-sending')?.textContent.includes('Many messages'));
  await page.waitForSelector('.delivery-undelivered');
  await link.context.close();
});

test('of ten thousand messages in a frame a few hundred stand on the page, the others come on demand, and one can go on', async () => {
  const link = await chat(({ t, cid, text }, { logs }) => {
    if (t !== 'send') return;
    logs({ role: 'visitor', cid, body: { text } });
    logs({ body: answer({ text: 'the last answer' }) });
  }, true);
  for (let pair = 0; pair < 5_000; pair += 1) {
    link.logs({ role: 'visitor', cid: `c${pair}`, body: { text: `question ${pair}` } });
    link.logs({ body: answer({ text: `answer ${pair}`, disclaimers: [] }) });
  }
  await until(link.page, () => document.querySelector('.log')?.lastElementChild?.textContent.includes('answer 4999'));
  assert.ok(await link.page.locator('.bubble').last().isVisible());
  const count = () => link.page.locator('.message').count();
  const before = await count();
  assert.ok(before <= 300, `${before} messages on the page`);
  await link.page.locator('.earlier').click();
  assert.equal(await count(), before + 200);
  await link.page.fill('.composer textarea', 'one more question');
  await link.page.press('.composer textarea', 'Enter');
  await until(link.page, () => document.querySelector('.log')?.lastElementChild?.textContent.includes('the last answer'));
  const last = await link.page.locator('.bubble').last().boundingBox();
  assert.ok(last.y >= 0 && last.y < 800, 'the new question is in view');
  assert.deepEqual(link.faults, []);
  await link.context.close();
});
