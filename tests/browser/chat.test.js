/** A visit: consent, question, quote, source, reload, and the ways out. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { ask, consent, openPage, question, stage, until } from './support.js';

const here = stage();
const { visit } = here;
const texts = (page, selector) => page.locator(selector).allInnerTexts();

visit('nothing is stored or connected before consent', {}, async (context) => {
  const page = await context.newPage();
  const calls = [];
  page.on('request', (request) => request.method() === 'POST' && calls.push(request.url()));
  page.on('websocket', (socket) => calls.push(socket.url()));
  await page.goto(`${here.server.base}/chat?lang=en`);
  await page.waitForSelector('.consent');
  assert.match(await page.innerText('.consent'), /30 days/);
  assert.ok(await page.locator('.consent-privacy a').count() > 0, 'the privacy article is linked');
  assert.deepEqual(calls, []);
  assert.deepEqual(await page.evaluate(() => [sessionStorage.length, localStorage.length, document.cookie]), [0, 0, '']);
  await page.waitForSelector('.chat .emergency-line a[href="tel:911"]');
});

visit('consent, a question, a quote with its source; reload, and it is still there', {}, async (context) => {
  const page = await openPage(context, here.server.base);
  await consent(page);
  const answer = await ask(page, question.en);
  assert.ok(await answer.locator('.quote').count() > 0);
  assert.ok((await answer.locator('.quote blockquote').first().innerText()).length > 40);
  assert.match(await answer.locator('.quote-source').first().innerText(), /Source: \S+/);
  assert.match(await answer.locator('.quote-facts').first().innerText(), /Checked against the source \d+ \w+ \d{4}/);
  assert.ok(await answer.locator('.disclaimers p').count() > 0);
  assert.ok(await answer.locator('.quote').first().isVisible());
  const said = await texts(page, '.log .quote blockquote');

  const stored = await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie]));
  assert.ok(!stored.includes('side effects'), 'no health text in storage');
  assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage)), ['eider.session']);
  assert.deepEqual(await page.evaluate(() => [localStorage.length, document.cookie]), [0, '']);

  await page.reload();
  await page.waitForSelector('.log .quote');
  assert.deepEqual(await texts(page, '.bubble'), [question.en]);
  assert.deepEqual(await texts(page, '.log .quote blockquote'), said);
});

visit('a Chinese question gets a Chinese answer', { locale: 'zh-CN' }, async (context) => {
  const page = await openPage(context, here.server.base, '/chat');
  assert.equal(await page.getAttribute('html', 'lang'), 'zh-Hans');
  await consent(page);
  const answer = await ask(page, question.zh);
  assert.equal(await answer.locator('.answer').getAttribute('lang'), 'zh-Hans');
  assert.equal(await answer.locator('.quote').first().getAttribute('lang'), 'zh-Hans');
  assert.match(await answer.locator('.quote blockquote').first().innerText(), /\p{Script=Han}{4}/u);
  assert.equal(await page.locator('.bubble').first().getAttribute('lang'), 'zh-Hans');
});

visit('the language switches without losing the conversation or what is being typed', {}, async (context) => {
  const page = await openPage(context, here.server.base);
  await consent(page);
  await ask(page, question.en);
  await page.fill('.composer textarea', 'half a thou');
  await page.click('.chat-row .text-button');
  await page.waitForSelector('.chat:lang(zh)');
  assert.equal(await page.inputValue('.composer textarea'), 'half a thou');
  assert.deepEqual(await texts(page, '.bubble'), [question.en]);
  await page.waitForSelector('.log .quote');
});

visit('hostile text is shown, never run', {}, async (context, faults) => {
  const page = await openPage(context, here.server.base);
  await consent(page);
  const payloads = [
    '<img src=x onerror=alert(1)>', '<script>alert(2)</script>', '"><svg onload=alert(3)>', 'javascript:alert(4)',
    '[x](javascript:alert(5))', '{{constructor.constructor("alert(6)")()}}', 'dose \u202E001 gm\u202C \u2066x\u2069',
  ];
  for (const payload of payloads) await ask(page, payload);
  await page.reload();
  await until(page, (count) => document.querySelectorAll('.message-answer').length === count, payloads.length);
  const shown = await texts(page, '.bubble');
  assert.deepEqual(shown.slice(0, 6), payloads.slice(0, 6));
  assert.ok(!/[\u202A-\u202E\u2066-\u2069]/.test(await page.innerText('.log')));
  assert.match(shown[6], /\[U\+202E\]001 gm/);
  assert.equal(await page.locator('.log img, .log script, .log [onload], .log [onerror], .log a[href^="javascript"]').count(), 0);
  assert.deepEqual(faults, []);
});

visit('a text that is too long stays where it is', {}, async (context) => {
  const page = await openPage(context, here.server.base);
  await consent(page);
  const long = `${'x'.repeat(3_999)}🙂🙂`;
  await page.fill('.composer textarea', long);
  await page.press('.composer textarea', 'Enter');
  assert.match(await page.innerText('.composer-count'), /1 characters too long/);
  assert.equal(await page.inputValue('.composer textarea'), long);
  assert.equal(await page.locator('.bubble').count(), 0);
});

visit('Enter sends, Shift+Enter breaks the line, Enter that ends a composition does neither', {}, async (context) => {
  const page = await openPage(context, here.server.base);
  await consent(page);
  const input = page.locator('.composer textarea');
  await input.focus();
  await page.keyboard.type('one');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('two');
  assert.equal(await input.inputValue(), 'one\ntwo');
  await input.evaluate((element) => {
    element.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }));
    element.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true, cancelable: true }));
  });
  assert.equal(await page.locator('.bubble').count(), 0);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.bubble');
  assert.equal(await input.inputValue(), '');
});

visit('a person can be asked for at any time', {}, async (context) => {
  const page = await openPage(context, here.server.base);
  await consent(page);
  await page.click('.chat-person');
  await page.waitForSelector('.message-system, .message-answer');
  assert.equal(await page.innerText('.chat-notice'), '');
});

visit('the transcript comes as text and as data', {}, async (context) => {
  const page = await openPage(context, here.server.base);
  await consent(page);
  const answer = await ask(page, question.en);
  const quoted = (await answer.locator('.quote blockquote').first().innerText()).split('\n')[0];
  const save = async (index) => {
    await page.click('.menu > button');
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.menu-entry').nth(index).click()]);
    return readFile(await download.path(), 'utf8');
  };
  const text = await save(0);
  assert.ok(text.includes(question.en) && text.includes(quoted.slice(0, 30)) && text.includes('Source: '));
  assert.ok(JSON.stringify(JSON.parse(await save(1))).includes(question.en));
});

visit('deleting the chat asks first, then leaves nothing', {}, async (context) => {
  const page = await openPage(context, here.server.base);
  await consent(page);
  await ask(page, question.en);
  const { token } = await page.evaluate(() => JSON.parse(sessionStorage.getItem('eider.session')));
  const openDialog = async () => {
    await page.click('.menu > button');
    await page.click('.menu-entry.grave');
  };
  await openDialog();
  await page.click('.confirm .secondary');
  assert.equal(await page.locator('.bubble').count(), 1);
  await openDialog();
  await page.click('.confirm .danger');
  await page.waitForSelector('.consent');
  assert.match(await page.innerText('.chat-notice'), /deleted/);
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  const code = await page.evaluate((secret) => new Promise((resolve) => {
    const socket = new WebSocket(`ws://${location.host}/v1/chat`);
    socket.onopen = () => socket.send(JSON.stringify({ t: 'hello', token: secret, epoch: null, after_seq: 0 }));
    socket.onclose = (event) => resolve(event.code);
  }), token);
  assert.ok(code >= 4500 && code <= 4599, `the old token is worth nothing: ${code}`);
});

visit('a second tab of the session sees what the first one says, and does not jump', {}, async (context) => {
  const first = await openPage(context, here.server.base);
  await consent(first);
  const kept = await first.evaluate(() => sessionStorage.getItem('eider.session'));
  const second = await context.newPage();
  await second.addInitScript((value) => sessionStorage.setItem('eider.session', value), kept);
  await second.goto(`${here.server.base}/chat?lang=en`);
  await ask(first, question.en);
  await second.waitForSelector('.log .quote');
  await ask(first, 'How is inotuzumab ozogamicin given?');
  await until(second, () => document.querySelectorAll('.message-answer').length === 2);
  await second.locator('.log').evaluate((log) => new Promise((scrolled) => {
    log.addEventListener('scroll', scrolled, { once: true });
    log.scrollTop = 0;
  }));
  await ask(first, 'What is inotuzumab ozogamicin used for?');
  await second.waitForSelector('.new-answer:visible');
  assert.equal(await second.locator('.log').evaluate((log) => log.scrollTop), 0);
  await second.click('.new-answer');
  assert.ok(await second.locator('.log').evaluate((log) => log.scrollTop) > 0);
});
