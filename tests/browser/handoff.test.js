/** A visitor and a consultant in two browsers on the real server, from the question to the close. */

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { payloads } from './payloads.js';
import { ask, consent, goOnDuty, openPage, question, seriousFindings, Server, stage, until, watchedContext } from './support.js';

const here = stage({ isServed: false });
// A queue of its own for each test.
beforeEach(async () => {
  await here.server.remove();
  here.server = new Server({ consultants: true });
  await here.server.start();
  here.passwords.li = here.server.addUser('li', 'Li Wen', 'consultant', 'administrator');
  here.passwords.ana = here.server.addUser('ana', 'Ana Ruiz', 'consultant');
});

const logText = (page) => page.locator('.log').innerText();

const consultant = (login = 'li') => goOnDuty(here, login);

async function visitor() {
  const { context, faults } = await watchedContext(here.browser, { viewport: { width: 1440, height: 900 } });
  const page = await openPage(context, here.server.base);
  await consent(page);
  return { page, context, faults };
}

/** Types and sends; without waiting for an answer, since a person may have the session. */
async function say(page, text) {
  await page.fill('.composer textarea', text);
  await page.press('.composer textarea', 'Enter');
}

/** Nothing forbidden happened on either side. */
async function finish(...sides) {
  for (const { context, faults } of sides) {
    assert.deepEqual(faults, []);
    await context.close();
  }
}

test('from the question to the close, the consultant by keys alone', async () => {
  const desk = await consultant();
  const chat = await visitor();
  await ask(chat.page, question.en);
  await chat.page.click('.chat-person');
  await chat.page.waitForSelector('.message-system');
  await until(chat.page, () => /number 1/.test(document.querySelector('.person-place').textContent));
  await desk.page.waitForSelector('.group-waiting .entry');
  assert.match(await desk.page.innerText('.group-waiting .entry'), /Asked for a person/i);

  await desk.page.keyboard.press('n');
  await desk.page.waitForSelector('.said-bot .quoted');
  assert.match(await desk.page.locator('.said-visitor').first().innerText(), /side effects of inotuzumab/);
  await until(chat.page, () => document.querySelector('.log').innerText.includes('Li Wen'));
  await until(chat.page, () => /is with you/.test(document.querySelector('.person-place').textContent));
  assert.equal(await chat.page.innerText('.chat-subtitle'), 'Li Wen · Consultant');
  await until(desk.page, () => document.activeElement?.id === 'composer');
  await desk.page.keyboard.type('/gre');
  await desk.page.waitForSelector('.suggestion');
  await desk.page.keyboard.press('Enter');
  await desk.page.keyboard.press('Enter');
  await until(chat.page, () => document.querySelector('.message-consultant')?.innerText.includes('this is Li Wen'));

  const answers = await chat.page.locator('.message-answer').count();
  await say(chat.page, 'And what about the dose in cycle 1?');
  await until(desk.page, () => document.querySelector('.events').lastElementChild.innerText.includes('cycle 1') && document.querySelector('#composer').value === '');
  await desk.page.keyboard.type('This is what the label says:');
  await until(chat.page, () => document.querySelector('.person-typing').textContent !== '');
  await desk.page.keyboard.press('Shift+Enter');
  await desk.page.keyboard.type('>besponsa dose cycle 1');
  await desk.page.waitForSelector('.suggestion');
  await desk.page.keyboard.press('Enter');
  await desk.page.waitForSelector('.composer-quote');
  await desk.page.keyboard.press('Enter');
  await until(chat.page, () => document.querySelector('.message-consultant .quote') !== null);
  assert.equal(await chat.page.locator('.message-answer').count(), answers, 'the bot is silent');

  await desk.page.keyboard.press('Escape');
  await desk.page.keyboard.press('o');
  await desk.page.keyboard.type('Wants the label as PDF.');
  await desk.page.keyboard.press('Control+Enter');
  await desk.page.waitForSelector('.note');
  assert.deepEqual(await seriousFindings(desk.page), []);
  await desk.page.keyboard.press('Escape');
  await desk.page.keyboard.press('x');
  await desk.page.waitForSelector('dialog[open]');
  await desk.page.keyboard.press('Enter');
  await chat.page.waitForSelector('.over:visible');
  assert.match(await chat.page.innerText('.chat-subtitle'), /Automatic replies/);
  assert.doesNotMatch(await logText(chat.page), /PDF/);
  await desk.page.waitForSelector('.group-over .entry');
  assert.doesNotMatch(await chat.page.content(), /Wants the label/);

  for (let page = 0; page < 2; page += 1) await desk.page.keyboard.press('g');
  await desk.page.waitForSelector('.past-entry');
  await desk.page.locator('.past-entry').first().press('Enter');
  await desk.page.waitForSelector('.past-reading .said-own');
  assert.match(await desk.page.innerText('.past-reading'), /Wants the label as PDF/);
  await desk.page.keyboard.press('g');
  await desk.page.keyboard.press('g');
  await until(desk.page, () => /whole/.test(document.querySelector('.audit-verdict')?.textContent));
  await finish(desk, chat);
});

test('two consultants press at once: one has it, the other is told; the words that came in between are read first', async () => {
  const [first, second] = [await consultant('li'), await consultant('ana')];
  const chat = await visitor();
  await chat.page.click('.chat-person');
  const desks = [first.page, second.page];
  for (const page of desks) {
    await page.locator('.group-waiting .entry-open').first().click();
    await page.waitForSelector('.panel-claim');
  }
  const told = Promise.any(desks.map((page) => page.waitForSelector('.toast-fault')));
  const has = Promise.any(desks.map((page) => page.waitForSelector('.group-mine .entry').then(() => page)));
  await Promise.all(desks.map((page) => page.keyboard.press('c')));
  const [owner] = await Promise.all([has, told]);
  const [other] = desks.filter((page) => page !== owner);
  await other.waitForSelector('.group-waiting .entry', { state: 'detached' });
  assert.equal(await other.locator('.group-mine .entry').count(), 0);
  await until(chat.page, () => /has joined/.test(document.querySelector('.log').innerText));

  await owner.fill('#composer', 'Half an answer');
  await say(chat.page, 'One more thing: I am pregnant');
  await owner.press('#composer', 'Enter');
  await until(owner, () => document.querySelector('.events').innerText.includes('pregnant') && document.querySelector('.is-held, .said-own'));
  if (await owner.locator('.is-held').count() > 0) await owner.press('#composer', 'Enter');
  await until(chat.page, () => document.querySelector('.message-consultant')?.innerText.includes('Half an answer'));
  assert.equal(await chat.page.locator('.message-consultant').count(), 1);
  await until(owner, () => document.querySelector('#composer').value === '');

  await owner.getByRole('button', { name: 'To bot' }).click();
  await owner.keyboard.press('Enter');
  await until(chat.page, () => /automatic replies answer you again/.test(document.querySelector('.log').innerText));
  await ask(chat.page, question.en);
  await finish(first, second, chat);
});

test('a server that is killed loses nothing of what was written', async () => {
  const desk = await consultant();
  const chat = await visitor();
  await chat.page.click('.chat-person');
  await desk.page.waitForSelector('.group-waiting .entry');
  await desk.page.keyboard.press('n');
  await until(desk.page, () => document.activeElement?.id === 'composer');
  await desk.page.keyboard.type('Before');
  await desk.page.keyboard.press('Enter');
  await desk.page.waitForSelector('.said-own');
  await here.server.kill();
  await desk.page.waitForSelector('.bar:visible');
  await desk.page.fill('#composer', 'After');
  await desk.page.press('#composer', 'Enter');
  await here.server.start();
  await until(chat.page, () => document.querySelectorAll('.message-consultant').length > 0);
  await desk.page.waitForSelector('.bar', { state: 'hidden' });
  await desk.page.waitForSelector('.group-mine .entry, .group-waiting .entry');
  // Whoever was away too long finds the session in the queue again.
  if (await desk.page.locator('.group-mine .entry').count() === 0) {
    await desk.page.locator('.group-waiting .entry-act').first().click();
    await until(desk.page, () => document.querySelectorAll('.group-mine .entry').length === 1);
    if (await desk.page.inputValue('#composer') !== '') await desk.page.press('#composer', 'Enter');
  }
  await until(chat.page, () => document.querySelectorAll('.message-consultant').length === 2);
  assert.deepEqual((await chat.page.locator('.message-consultant .bubble').allInnerTexts()), ['Before', 'After']);
  await desk.page.getByRole('button', { name: 'To bot' }).click();
  await desk.page.keyboard.press('Enter');
  await finish(desk, chat);
});

test('nobody on duty: the visitor is told, leaves a form with consent, and the consultant finds it', async () => {
  const desk = await consultant();
  await desk.page.keyboard.press('d');
  await desk.page.waitForSelector('.duty[aria-checked="false"]');
  const chat = await visitor();
  await chat.page.click('.chat-person');
  await chat.page.waitForSelector('.person-open:visible');
  await chat.page.click('.person-open');
  await chat.page.fill('#form-name', 'M. <b>Svensson</b>');
  await chat.page.fill('#form-contact', 'nonsense');
  await chat.page.click('.person-form [type="submit"]');
  await until(chat.page, () => /agree first/.test(document.querySelector('.person-status').textContent));
  await chat.page.check('#form-consent');
  await chat.page.click('.person-form [type="submit"]');
  await until(chat.page, () => /e-mail/.test(document.querySelector('.person-status').textContent));
  assert.deepEqual(await seriousFindings(chat.page), []);
  await chat.page.fill('#form-contact', 'm@example.org');
  await chat.page.click('.person-form [type="submit"]');
  await chat.page.waitForSelector('.person-form', { state: 'hidden' });
  await until(chat.page, () => /We have your details/.test(document.querySelector('.log').innerText));
  for (let page = 0; page < 3; page += 1) await desk.page.keyboard.press('g');
  await desk.page.waitForSelector('.form-list .form');
  assert.match(await desk.page.innerText('.form-list'), /M\. <b>Svensson<\/b>[\s\S]*m@example\.org/);
  await desk.page.getByRole('button', { name: 'Mark as done' }).first().click();
  await until(desk.page, () => document.querySelectorAll('.form-list .form').length === 0);
  await finish(desk, chat);
});

test('scripts that a visitor writes stay words at the desk', async () => {
  const desk = await consultant();
  const chat = await visitor();
  await chat.page.click('.chat-person');
  await desk.page.waitForSelector('.group-waiting .entry');
  await desk.page.keyboard.press('n');
  await desk.page.waitForSelector('.group-mine .entry');
  // A visitor may send 300 a day and 8 at once: many payloads go into each message.
  const parts = Array.from({ length: 7 }, (_, part) => payloads.filter((_text, index) => index % 7 === part).join('\n').toWellFormed().replaceAll('\u0000', '').slice(0, 3_900));
  for (const part of parts) await say(chat.page, part);
  await until(desk.page, (count) => document.querySelectorAll('.said-visitor').length === count, parts.length);
  assert.equal(await desk.page.locator('#console :is(script, iframe, object, embed, style, base)').count(), 0);
  await desk.page.getByRole('button', { name: 'To bot' }).click();
  await desk.page.keyboard.press('Enter');
  await finish(desk, chat);
});

test('signing out closes the desk at once, also in the other tab', async () => {
  const desk = await consultant();
  const other = await desk.context.newPage();
  await other.goto(`${here.server.base}/console`);
  await other.waitForSelector('.duty:enabled');
  await desk.page.click('.menu > button');
  await desk.page.click('.menu-entry.grave');
  await desk.page.waitForSelector('#login');
  await other.waitForSelector('#login');
  assert.match(await other.innerText('.sign-in-notice'), /signed out/);
  await finish(desk);
});
