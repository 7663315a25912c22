/** What happens when the server dies, hangs or is away: nothing is lost, nothing is said twice. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask, consent, openPage, question, stage, until, watchedContext } from './support.js';

const here = stage();

async function session() {
  const { context, faults } = await watchedContext(here.browser);
  const page = await openPage(context, here.server.base);
  await consent(page);
  return { context, faults, page };
}

const bubbles = (page) => page.locator('.bubble').allInnerTexts();

test('the server is killed and comes back: the conversation goes on, a message typed meanwhile is sent once', async () => {
  const { context, faults, page } = await session();
  await ask(page, question.en);
  await here.server.kill();
  await until(page, () => document.querySelector('.bar')?.textContent.includes('Reconnecting'));

  const meanwhile = 'How is inotuzumab ozogamicin given?';
  await page.fill('.composer textarea', meanwhile);
  await page.press('.composer textarea', 'Enter');
  await page.waitForSelector('.delivery-undelivered a[href="tel:911"]');
  assert.match(await page.innerText('.delivery-undelivered'), /urgent/);
  const stored = await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
  assert.ok(!stored.includes('given'), 'unsent text stays in memory');
  await page.fill('.composer textarea', 'and a draft');

  await here.server.start();
  await until(page, () => document.querySelectorAll('.message-answer').length === 2);
  assert.deepEqual(await bubbles(page), [question.en, meanwhile]);
  assert.equal(await page.locator('.delivery-undelivered').count(), 0);
  assert.equal(await page.innerText('.bar'), '');
  assert.equal(await page.inputValue('.composer textarea'), 'and a draft');

  await page.reload();
  await until(page, () => document.querySelectorAll('.message-answer').length === 2);
  assert.deepEqual(await bubbles(page), [question.en, meanwhile]);
  assert.deepEqual(faults, []);
  await context.close();
});

test('“send again” on an undelivered message sends it once', async () => {
  const { context, page } = await session();
  await here.server.kill();
  await page.fill('.composer textarea', question.en);
  await page.press('.composer textarea', 'Enter');
  await page.waitForSelector('.delivery-undelivered');
  await here.server.start();
  await page.locator('.delivery-undelivered .chip').first().click().catch(() => {}); // It may have gone by itself.
  await page.waitForSelector('.message-answer');
  await page.reload();
  await page.waitForSelector('.message-answer');
  assert.deepEqual(await bubbles(page), [question.en]);
  await context.close();
});

test('offline and back: the text is kept and sent when the network returns', async () => {
  const { context, page } = await session();
  await ask(page, question.en);
  await context.setOffline(true);
  await here.server.kill(); // Going offline leaves open sockets alone; a dead one is what an outage feels like.
  await page.fill('.composer textarea', 'How is inotuzumab ozogamicin given?');
  await page.press('.composer textarea', 'Enter');
  await page.waitForTimeout(1_500);
  await here.server.start();
  await context.setOffline(false);
  await until(page, () => document.querySelectorAll('.message-answer').length === 2);
  assert.equal((await bubbles(page)).length, 2);
  await context.close();
});

test('a restart in good order: told to come back, comes back, goes on', async () => {
  const { context, faults, page } = await session();
  await ask(page, question.en);
  await here.server.terminate();
  await until(page, () => document.querySelector('.bar')?.textContent.includes('Reconnecting'));
  await here.server.start();
  await ask(page, 'How is inotuzumab ozogamicin given?');
  assert.equal((await bubbles(page)).length, 2);
  assert.deepEqual(faults, []);
  await context.close();
});

test('no server at consent: a clear word, and another try works', async () => {
  const { context } = await watchedContext(here.browser);
  const page = await openPage(context, here.server.base);
  await here.server.kill();
  await page.click('.consent .primary');
  await until(page, () => document.querySelector('.consent-status')?.textContent.includes('could not be opened'));
  await here.server.start();
  await consent(page);
  await ask(page, question.en);
  await context.close();
});

test('a session that the server does not know ends kindly', async () => {
  const { context } = await watchedContext(here.browser);
  const page = await context.newPage();
  await page.addInitScript(() => sessionStorage.setItem('eider.session', JSON.stringify({ session: 'x', token: 'y'.repeat(43) })));
  await page.goto(`${here.server.base}/chat?lang=en`);
  await page.waitForSelector('.over:visible');
  await page.click('.over .primary');
  await page.waitForSelector('.consent');
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  await context.close();
});

test('a session that is erased elsewhere ends here, and what was being typed moves to the next one', async () => {
  const { context, page } = await session();
  await ask(page, question.en);
  await page.fill('.composer textarea', 'do not lose me');
  await page.evaluate(() => {
    const { token } = JSON.parse(sessionStorage.getItem('eider.session'));
    const socket = new WebSocket(`ws://${location.host}/v1/chat`);
    socket.onopen = () => socket.send(JSON.stringify({ t: 'hello', token, epoch: null, after_seq: 0 }));
    socket.onmessage = ({ data }) => JSON.parse(data).t === 'welcome' && socket.send(JSON.stringify({ t: 'erase', cid: crypto.randomUUID() }));
  });
  await page.waitForSelector('.over:visible'); // The next heartbeat brings the news.
  assert.equal(await page.inputValue('.composer textarea'), 'do not lose me');
  await page.press('.composer textarea', 'Enter');
  assert.equal(await page.inputValue('.composer textarea'), 'do not lose me');
  await page.click('.over .primary');
  await consent(page);
  assert.equal(await page.inputValue('.composer textarea'), 'do not lose me');
  await context.close();
});
