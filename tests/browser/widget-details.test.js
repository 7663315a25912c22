/** What a visitor sees and hears of the chat on somebody's site beside the answers: news, places kept, sounds, colours, thumbs. */

import assert from 'node:assert/strict';

import { askElsewhere, chatFrame, enter, openHost } from './hosts.js';
import { another, ask, consent, question, seriousFindings, stage, until } from './support.js';

const here = stage({ sites: ['drug-site'] });
const { hosts, visit } = here;
const site = 'data-site="drug-site"';
const answers = (frame, count) => until(frame, (wanted) => document.querySelectorAll('.message-answer').length === wanted, count);

visit('a second tab of the same visit follows the first, and each can ask', {}, async (context) => {
  const { page, frame } = await enter(context, hosts, '/tabs');
  await ask(frame, question.en);
  const [second] = await Promise.all([context.waitForEvent('page'), page.evaluate(() => { window.open(location.href); })]);
  const other = await chatFrame(second);
  await answers(other, 1);
  await ask(other, another.en);
  await answers(frame, 2);
  await ask(frame, question.zh);
  await answers(other, 3);
  assert.deepEqual(await other.locator('.bubble').allInnerTexts(), await frame.locator('.bubble').allInnerTexts());
  await other.click('.chat-close');
  assert.ok(await page.locator('.panel').isVisible(), 'closed in one tab, open in the other');
});

visit('a reader who left for an article, or for another language, comes back to the same lines', {}, async (context) => {
  const page = await openHost(context, `${here.server.base}/knowledge/drugs/inotuzumab-ozogamicin/storage`);
  await page.click('.launcher');
  let frame = await chatFrame(page);
  await consent(frame);
  await ask(frame, question.en);
  await ask(frame, another.en);
  const link = frame.locator('.quote-links a').first();
  await link.scrollIntoViewIfNeeded();
  /** What stands at the top of the log, and how far above its edge. */
  const top = () => frame.evaluate(() => {
    const log = document.querySelector('.log');
    const edge = log.getBoundingClientRect().top;
    const first = [...log.querySelectorAll('.message')].find((message) => message.getBoundingClientRect().bottom > edge);
    return { seq: first.dataset.seq, above: Math.round(edge - first.getBoundingClientRect().top) };
  });
  const same = (now, then) => assert.ok(now.seq === then.seq && Math.abs(now.above - then.above) <= 2, JSON.stringify([now, then]));
  const was = await top();
  await link.click();
  await page.waitForSelector('.passage:target');
  frame = await chatFrame(page);
  await answers(frame, 2);
  await frame.waitForFunction((seq) => document.querySelector(`[data-seq="${seq}"]`)?.getBoundingClientRect().top < 200, was.seq);
  same(await top(), was);
  assert.equal(await frame.evaluate(() => sessionStorage.getItem('eider.place')), null, 'kept from one page to the next only');
  await frame.click('.chat-row .text-button');
  await frame.waitForSelector('.chat:lang(zh)');
  await answers(frame, 2);
  assert.equal((await top()).seq, was.seq);
  // A chat that was closed meanwhile opens at its newest exchange.
  await frame.click('.chat-close');
  await page.waitForSelector('.launcher');
  await page.reload();
  frame = await (await page.waitForSelector('iframe', { state: 'attached' })).contentFrame();
  await answers(frame, 2);
  await page.click('.launcher');
  await until(frame, () => document.querySelector('.log').scrollTop > 0);
  assert.equal((await top()).seq, await frame.locator('.message-visitor').last().getAttribute('data-seq'));
});

visit('an answer that found nothing can be disliked, with a reason', {}, async (context) => {
  const { frame } = await enter(context, hosts, '/dislike');
  const answer = await ask(frame, 'Does opicapone interact with moonlight on Mars?');
  assert.equal(await answer.locator('.quote').count(), 0);
  await answer.locator('.thumb-down').click();
  await answer.locator('.thumb-down[aria-pressed="true"]').waitFor();
  assert.equal(await answer.locator('.feedback .chip').count(), 3, 'nothing was quoted that could be out of date');
  await answer.locator('.feedback .chip').first().click();
  await answer.locator('.feedback .chip[aria-pressed="true"]').waitFor();
  await answer.locator('.feedback-thanks', { hasText: 'Thank' }).waitFor();
});

visit('two notes sound when words come out of sight, and none once muted, also after a reload', {}, async (context) => {
  await context.addInitScript(() => {
    window.notes = 0;
    const { start } = OscillatorNode.prototype;
    OscillatorNode.prototype.start = function (...given) {
      window.notes += 1;
      return start.apply(this, given);
    };
  });
  let { page, frame } = await enter(context, hosts, '/sound');
  await ask(frame, question.en);
  assert.equal(await frame.evaluate(() => window.notes), 0, 'nothing sounds while one looks');
  const missed = async (text, badge) => {
    await frame.click('.chat-close');
    await askElsewhere(frame, text);
    await until(page, (words) => window.heard.filter(({ name }) => name === 'unread').at(-1)?.count === words, badge);
    await page.click('.launcher');
    return frame.evaluate(() => window.notes);
  };
  const choose = async (words) => {
    await frame.click('.menu > button');
    await frame.locator('.menu-entry', { hasText: words }).click();
  };
  assert.equal(await missed(another.en, 1), 2);
  await choose('Turn sounds off');
  assert.equal(await missed('What is ivosidenib used for?', 1), 2);
  await page.reload();
  frame = await chatFrame(page);
  await answers(frame, 3);
  await choose('Turn sounds on');
  assert.equal(await missed('How is opicapone taken?', 1), 2, 'counted anew on the new page');
});

visit('forced colours leave every button its edge, and the reader the focus', { forcedColors: 'active' }, async (context) => {
  const page = await openHost(context, hosts.snippet('/forced', site));
  /** The edge of an element, when it can be told from what is around. */
  const edged = (element) => element.evaluate((box) => {
    const { borderTopWidth, borderTopStyle, borderTopColor, backgroundColor } = getComputedStyle(box);
    return matchMedia('(forced-colors: active)').matches && parseFloat(borderTopWidth) >= 1 && borderTopStyle !== 'none' && borderTopColor !== backgroundColor;
  });
  assert.ok(await edged(page.locator('.launcher')), 'launcher');
  await page.click('.launcher');
  const frame = await chatFrame(page);
  assert.ok(await edged(frame.locator('.consent .primary')), 'consent');
  await consent(frame);
  await ask(frame, question.en);
  for (const part of ['.bubble', '.quote', '.composer-row', '.composer-send', '.chat-person']) assert.ok(await edged(frame.locator(part).first()), part);
  await frame.locator('.thumb-down').click();
  await frame.locator('.thumb-down[aria-pressed="true"]').waitFor();
  const looks = (part) => frame.locator(part).evaluate((box) => getComputedStyle(box).backgroundColor);
  assert.notEqual(await looks('.thumb-down'), await looks('.thumb:not(.thumb-down)'), 'pressed is not only a colour of ours');
  await page.keyboard.press('Tab');
  assert.notEqual(await frame.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), 'none');
  assert.deepEqual(await seriousFindings(frame), []);
});

visit('what arrives while the chat is closed is counted, marked, and told to the host; a reload goes on', {}, async (context) => {
  const page = await openHost(context, hosts.example('drug-site'));
  await page.click('.launcher');
  let frame = await chatFrame(page);
  await consent(frame);
  await ask(frame, question.en);
  await frame.click('.chat-close');
  await page.waitForSelector('.launcher:focus');
  await askElsewhere(frame, 'How is inotuzumab ozogamicin given?');
  await page.waitForSelector('.badge:visible');
  assert.equal(await page.innerText('.badge'), '1');
  assert.match(await page.getAttribute('.launcher', 'aria-label'), /1 new/);
  assert.deepEqual(await page.evaluate(() => window.heard.filter(({ name }) => name === 'unread').map(({ count }) => count)), [1]);
  await page.click('.launcher');
  await frame.waitForSelector('.unread');
  await page.waitForSelector('.badge', { state: 'hidden' });
  assert.equal(await frame.locator('.unread + .message .answer').count(), 1, 'the mark stands before what was missed');
  await frame.fill('.composer textarea', 'a draft');
  await frame.fill('.composer textarea', '');

  await page.reload();
  frame = await chatFrame(page);
  await until(frame, () => document.querySelectorAll('.message-answer').length === 2);
});
