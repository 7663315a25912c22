/** The site around the chat: articles, ways between them, and how they and the chat meet. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Server, ask, consent, launch, openPage, question, visits, watchedContext } from './support.js';

const server = new Server();
let browser;
before(async () => {
  await server.start();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server.remove();
});

const visit = visits(() => browser);

visit('a quote leads to its passage in the article', {}, async (context) => {
  const page = await openPage(context, server.base, '/?lang=en&article=drugs/inotuzumab-ozogamicin/storage');
  await consent(page);
  const answer = await ask(page, question.en);
  const quoted = (await answer.locator('.quote blockquote').first().innerText()).split('\n')[0];
  await answer.locator('.quote-links button').first().click();
  await page.waitForSelector('.passage.marked');
  assert.ok((await page.innerText('.passage.marked')).includes(quoted));
  assert.match(page.url(), /article=drugs/);
  await page.goBack();
  await page.waitForFunction(() => !document.querySelector('.passage.marked'));
});

test('a question without a name is about the medicine of the page in view', async () => {
  const { context } = await watchedContext(browser);
  try {
    const page = await openPage(context, server.base);
    await consent(page);
    await page.click('#browse-toggle');
    await page.locator('.browse a', { hasText: /avelumab/i }).first().click();
    await page.waitForFunction(() => /avelumab/i.test(document.querySelector('h1')?.textContent ?? ''));
    const answer = await ask(page, 'What are the side effects?');
    assert.match(await answer.locator('.quote-title').first().innerText(), /avelumab/i);
  } finally {
    await context.close();
  }
});

visit('a question that could be about any medicine is asked back, and an option answers it', {}, async (context) => {
  const page = await openPage(context, server.base, '/?lang=en&article=general/privacy');
  await consent(page);
  const back = await ask(page, 'What are the side effects?');
  await back.locator('.ask .chip', { hasText: /inotuzumab/i }).click();
  await page.waitForSelector('.log .quote');
  assert.match(await page.locator('.quote-title').first().innerText(), /inotuzumab/i);
});

visit('the site can be walked: categories, related articles, a missing one', {}, async (context) => {
  const page = await openPage(context, server.base);
  const title = await page.innerText('h1');
  await page.click('#browse-toggle');
  await page.locator('.browse a', { hasText: /avelumab/i }).first().click();
  await page.waitForFunction((old) => document.querySelector('h1')?.textContent !== old, title);
  assert.match(await page.innerText('h1'), /avelumab/i);
  assert.equal(await page.locator('#browse').isVisible(), false);
  await page.goBack();
  await page.waitForFunction((old) => document.querySelector('h1')?.textContent === old, title);
  await page.goto(`${server.base}/?article=drugs/nothing/here&lang=en`);
  await page.waitForSelector('.article-failure a');
});
