/** The demonstration page: a host like any other, with questions to try and ways to the reading pages. */

import assert from 'node:assert/strict';

import { chatFrame, openShadows } from './hosts.js';
import { ask, consent, openPage, seriousFindings, stage } from './support.js';

const here = stage();
const { visit } = here;

visit('a question of the page is asked in the chat; languages switch everywhere; links lead to articles', {}, async (context) => {
  await openShadows(context);
  const page = await context.newPage();
  await page.goto(`${here.server.base}/?lang=en`);
  await page.waitForSelector('.launcher');
  assert.deepEqual(await seriousFindings(page), []);
  await page.click('button.question >> nth=0');
  const frame = await chatFrame(page);
  await consent(frame);
  await frame.waitForSelector('.log .quote');
  assert.match(await frame.locator('.quote-title').first().innerText(), /inotuzumab/i);
  await page.click('#lang-toggle');
  await frame.waitForSelector('.chat:lang(zh)');
  assert.match(await page.innerText('h1'), /\p{Script=Han}/u);
  for (const link of await page.locator('a[data-path]').all()) {
    const response = await context.request.get(here.server.base + await link.getAttribute('href'));
    assert.equal(response.status(), 200, await link.getAttribute('href'));
    assert.match(await response.text(), /<html lang="zh|chat\/bundle\.js/);
  }
});

visit('a question that could be about any medicine is asked back, and an option answers it', {}, async (context) => {
  const page = await openPage(context, here.server.base);
  await consent(page);
  const back = await ask(page, 'What are the side effects?');
  await back.locator('.ask .chip', { hasText: /inotuzumab/i }).click();
  await page.waitForSelector('.log .quote');
  assert.match(await page.locator('.quote-title').first().innerText(), /inotuzumab/i);
});

visit('a question without a name is about the medicine of the page', {}, async (context) => {
  const page = await openPage(context, here.server.base, '/chat?lang=en&drug=avelumab');
  await consent(page);
  const answer = await ask(page, 'What are the side effects?');
  assert.match(await answer.locator('.quote-title').first().innerText(), /avelumab/i);
});
