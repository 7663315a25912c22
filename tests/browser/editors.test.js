/** The editors' pages on the real server: from an edit to the visitor's next answer and back; two editors; payloads; keyboard and looks. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { beginDraft, button, editBox, open, openArticle, path, signIn } from './office.js';
import { payloads } from './payloads.js';
import { ask, consent, openPage, seriousFindings, stage, until, watchedContext } from './support.js';

const here = stage({ consultants: true, settings: '[editors]\nleast_sessions = 2', users: {
  li: ['Li Wen', 'editor'], ana: ['Ana Ruiz', 'editor'], bo: ['Bo Berg', 'consultant', 'administrator'],
} });

const save = async (page) => {
  await page.press('#edit-box', 'Control+s');
  await until(page, () => /^Saved/.test(document.querySelector('.page-status').textContent));
};
const discard = async (page) => {
  await button(page, 'Give up').click();
  await page.locator('dialog .primary').click();
  await page.waitForSelector('.draft-discarded');
};
const answer = async (page) => {
  const found = await ask(page, 'How should I store opicapone?');
  return found.innerText();
};

test('edit, review by a second person, publish; the next answer quotes it; take back', async () => {
  const visitor = await watchedContext(here.browser);
  const chat = await openPage(visitor.context, here.server.base);
  await consent(chat);
  const before = readFileSync(here.server.article(path), 'utf8');
  assert.doesNotMatch(await answer(chat), /blue box/);
  const li = await signIn(here, 'li');
  await beginDraft(li.page);
  await editBox(li.page, (text) => text.replace('They should be kept in', 'They should be kept in a blue box, in'));
  await li.page.fill('#edit-note', 'Name the box');
  // A reload loses nothing.
  await li.page.reload();
  await li.page.waitForSelector('.edit-notice');
  assert.match(await li.page.inputValue('#edit-box'), /blue box/);
  await save(li.page);
  await until(li.page, () => /blue box/.test(document.querySelector('.switch-box').textContent));
  await button(li.page, 'Hand in for review').click();
  await li.page.waitForSelector('.draft-review');
  assert.equal(await button(li.page, 'Approve').count(), 0, 'not by its own writer');
  const ana = await signIn(here, 'ana', {}, new URL(li.page.url()).hash);
  await ana.page.waitForSelector('.edit-draft .diff-new');
  assert.match(await ana.page.innerText('.diff-new'), /blue box/);
  await button(ana.page, 'Approve').click();
  await button(ana.page, 'Publish').waitFor();
  assert.equal(readFileSync(here.server.article(path), 'utf8'), before, 'nothing is written before');
  await button(ana.page, 'Publish').click();
  await ana.page.locator('dialog .primary').click();
  await until(ana.page, () => /Published as generation 2[^]*Generation 2 answers/.test(document.querySelector('.job').textContent));
  assert.match(readFileSync(here.server.article(path), 'utf8'), /blue box/);
  assert.match(await answer(chat), /blue box/);
  await open(ana.page, '#/publishing', '.edit-served');
  await button(ana.page, 'Back to generation 1').click();
  await ana.page.fill('#dialog-line', 'There is no blue box');
  await ana.page.keyboard.press('Enter');
  await until(ana.page, () => /Generation 1 answers/.test(document.querySelector('.edit-served').textContent));
  assert.doesNotMatch(await answer(chat), /blue box/);
  // From the older version on to a draft that puts the file right.
  await openArticle(ana.page);
  await ana.page.getByRole('button', { name: /^Versions/ }).click();
  await button(ana.page, 'Draft from this version').first().click();
  await ana.page.waitForSelector('.edit-draft h2');
  assert.equal(await ana.page.inputValue('#edit-box'), before);
  await discard(ana.page);
  for (const { context, faults } of [visitor, li, ana]) {
    assert.deepEqual(faults, []);
    await context.close();
  }
});

test('two editors of one draft: the second sees both texts, nothing is lost', async () => {
  const [li, ana] = [await signIn(here, 'li'), await signIn(here, 'ana')];
  await beginDraft(li.page);
  await open(ana.page, new URL(li.page.url()).hash, '.edit-draft h2');
  await editBox(li.page, (text) => `${text}\nFrom Li.\n`);
  await save(li.page);
  await editBox(ana.page, (text) => `${text}\nFrom Ana.\n`);
  await ana.page.press('#edit-box', 'Control+s');
  await ana.page.waitForSelector('.edit-notice.is-grave');
  assert.match(await ana.page.innerText('.edit-notice'), /From Li/);
  assert.match(await ana.page.inputValue('#edit-box'), /From Ana/);
  await button(ana.page, 'Go on with mine').click();
  await editBox(ana.page, (text) => `${text}\nFrom Li.\n`);
  await save(ana.page);
  assert.match(await ana.page.inputValue('#edit-box'), /From Ana[^]*From Li/);
  await li.page.reload();
  await li.page.waitForSelector('.edit-draft h2');
  assert.match(await li.page.inputValue('#edit-box'), /From Ana[^]*From Li/);
  await discard(li.page);
  assert.deepEqual([...li.faults, ...ana.faults], []);
  await li.context.close();
  await ana.context.close();
});

test('what is typed while a draft is being saved is not lost', async () => {
  const { page, context, faults } = await signIn(here, 'li');
  await beginDraft(page);
  let letThrough;
  const typed = new Promise((resolve) => { letThrough = resolve; });
  await page.route('**/v1/edit/drafts/*', async (route) => {
    if (route.request().method() === 'POST') await typed;
    await route.continue();
  });
  await editBox(page, (text) => `${text}\nBefore.\n`);
  await page.press('#edit-box', 'Control+s');
  await editBox(page, (text) => `${text}\nMeanwhile.\n`);
  letThrough();
  await until(page, () => /^Saved/.test(document.querySelector('.page-status').textContent));
  assert.match(await page.inputValue('#edit-box'), /Before[^]*Meanwhile/);
  await save(page);
  await page.reload();
  await page.waitForSelector('.edit-draft h2');
  assert.match(await page.inputValue('#edit-box'), /Before[^]*Meanwhile/);
  await discard(page);
  assert.deepEqual(faults, []);
  await context.close();
});

test('payloads in texts, titles and notes run nowhere', async () => {
  const li = await signIn(here, 'li');
  const { page } = li;
  await beginDraft(page);
  await editBox(page, (text) => `${text.replace(/^title: .*$/m, `title: ${JSON.stringify(payloads[0])}`)}\n${payloads.join('\n\n')}\n`);
  await page.fill('#edit-note', payloads[1].slice(0, 400));
  await save(page);
  for (const view of ['Preview', 'Changes', /^Problems/]) await page.locator('.switch').getByRole('button', { name: view }).click();
  const id = new URL(page.url()).hash.split('/')[2];
  await open(page, '#/drafts', '.edit-list .edit-entry');
  await open(page, `#/article/${encodeURIComponent(path)}`, '.edit-article h2');
  const clean = () => page.evaluate(() => document.querySelectorAll('#console :is(script, iframe, object, embed, link, style, base, meta, form[action], img:not(.brand img))').length
    + [...document.querySelectorAll('#console *')].filter(({ attributes }) => [...attributes].some(({ name }) => name.startsWith('on'))).length
    + [...document.querySelectorAll('#console a')].filter(({ protocol }) => !['https:', 'http:'].includes(protocol)).length);
  assert.equal(await clean(), 0);
  await open(page, `#/draft/${id}`, '.edit-draft h2');
  assert.equal(await clean(), 0);
  const reading = await li.context.newPage();
  await reading.goto(`${here.server.base}/v1/edit/drafts/${id}/page`);
  assert.equal(await reading.locator('main :is(script, iframe, img, svg, object, style)').count(), 0);
  await discard(page);
  assert.deepEqual(li.faults, []);
  await li.context.close();
});

test('who was shown a version is told in the words of the policy, and sees it', async () => {
  const visitor = await watchedContext(here.browser);
  const chat = await openPage(visitor.context, here.server.base);
  await consent(chat);
  await answer(chat);
  const { page, context, faults } = await signIn(here, 'li');
  await openArticle(page);
  await page.getByRole('button', { name: /^Versions/ }).click();
  // The version that answers now stands where the article says that it is live.
  await page.locator('.edit-version', { has: page.locator('.draft-published') }).getByRole('button', { name: 'Who was shown this?' }).click();
  await page.waitForSelector('.recall td');
  assert.deepEqual(await seriousFindings(page), []);
  await button(page, 'Tell the open sessions').click();
  await page.locator('.choice').first().click();
  await page.locator('dialog .primary', { hasText: 'Send' }).click();
  await until(page, () => /Told: [1-9]/.test(document.querySelector('.recall').textContent));
  await until(chat, () => document.body.textContent.includes('has been corrected since'));
  assert.deepEqual([...faults, ...visitor.faults], []);
  await context.close();
  await visitor.context.close();
});

test('an administrator approves alone with a reason, and what visitors lack is shown without their words', async () => {
  const { page, context, faults } = await signIn(here, 'bo');
  await page.getByRole('button', { name: 'Knowledge', exact: true }).click();
  await page.waitForSelector('.edit-folder');
  await beginDraft(page);
  await editBox(page, (text) => `${text}\nFrom Bo.\n`);
  await save(page);
  await button(page, 'Hand in for review').click();
  await button(page, 'Approve alone …').click();
  await page.fill('#dialog-line', 'Nobody else is here');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.draft-approved');
  assert.match(await page.innerText('.edit-steps'), /Approved by its own writer[^]*Nobody else is here/);
  await button(page, 'Which answers change?').click();
  await until(page, () => /would be answered otherwise/.test(document.querySelector('.job').textContent));
  await discard(page);
  for (let visitor = 0; visitor < 2; visitor += 1) {
    const one = await watchedContext(here.browser);
    const chat = await openPage(one.context, here.server.base);
    await consent(chat);
    await (await ask(chat, 'Does opicapone interact with moonlight on Mars?')).locator('.thumb-down').click();
    await chat.waitForSelector('.thumb-down[aria-pressed="true"]');
    await one.context.close();
  }
  await open(page, '#/gaps', '.gap');
  assert.match(await page.locator('.gap', { hasText: 'disliked' }).innerText(), /opicapone[^]*2 sessions[^]*disliked: 2[^]*not found: 2/i);
  assert.doesNotMatch(await page.innerText('.gaps'), /moonlight/);
  assert.doesNotMatch(await page.innerText('.gaps'), /store opicapone/);
  await page.getByRole('button', { name: 'Desk', exact: true }).click();
  await page.waitForSelector('.queue');
  assert.equal(new URL(page.url()).hash, '');
  assert.deepEqual(faults, []);
  await context.close();
});

test('the keyboard is enough, from the list to a saved draft', async () => {
  const { page, context, faults } = await signIn(here, 'li');
  const tabTo = async (what) => {
    for (let turn = 0; turn < 60; turn += 1) {
      await page.keyboard.press('Tab');
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), what)) return;
    }
    assert.fail(`Tab never reaches ${what}`);
  };
  await page.waitForSelector('.edit-folder');
  await page.focus('.skip');
  await tabTo('#edit-search');
  await page.keyboard.type('opicapone store');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.edit-folder[open] .edit-entry');
  await tabTo('.edit-entry');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.edit-article h2');
  await tabTo('.edit-actions .primary');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.edit-draft h2');
  await tabTo('#edit-box');
  await page.keyboard.press('Control+End');
  await page.keyboard.type('By keyboard.');
  await page.keyboard.press('Control+s');
  await until(page, () => /^Saved/.test(document.querySelector('.page-status').textContent));
  assert.deepEqual(faults, []);
  await context.close();
});
