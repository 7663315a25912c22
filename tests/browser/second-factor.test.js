/** Setting up a second factor and signing in with it, on the real server. */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';

import { seriousFindings, stage, until, watchedContext } from './support.js';

const here = stage({ consultants: true, users: { li: ['Li Wen', 'consultant', 'administrator'] } });

/** What an authenticator app shows, as RFC 6238 has it. */
function codeOf(secret, step) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replace(/ /g, '')].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac('sha1', key).update(counter).digest();
  const number = hash.readUInt32BE(hash[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

async function signIn(page) {
  await page.waitForSelector('#login');
  await page.fill('#login', 'li');
  await page.fill('#password', here.passwords.li);
  await page.keyboard.press('Enter');
}

test('a second factor is set up by its key, asked for, and replaced by a recovery code', async () => {
  const { context, faults } = await watchedContext(here.browser, { viewport: { width: 1200, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${here.server.base}/console`);
  await signIn(page);
  await page.waitForSelector('.duty:enabled');
  await page.click('.menu > button');
  await page.getByText('Second factor', { exact: true }).click();
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.waitForSelector('.factor-qr path');
  assert.deepEqual(await seriousFindings(page), []);
  const secret = await page.innerText('.factor-secret');
  const step = Math.floor(Date.now() / 30_000);
  await page.fill('#factor-code', '000000');
  await page.keyboard.press('Enter');
  await until(page, () => /wrong/.test(document.querySelector('.dialog [role="alert"]').textContent));
  await page.fill('#factor-code', codeOf(secret, step));
  await page.keyboard.press('Enter');
  await page.waitForSelector('.factor-codes li');
  const codes = await page.locator('.factor-codes li').allInnerTexts();
  assert.equal(codes.length, 10);
  await page.getByRole('button', { name: 'Done' }).click();

  await context.clearCookies();
  await page.reload();
  await signIn(page);
  await page.waitForSelector('#code:visible');
  await page.keyboard.type(codeOf(secret, step));
  await page.keyboard.press('Enter');
  await until(page, () => /used before/.test(document.querySelector('.sign-in-fault').textContent));
  await page.fill('#code', codes[0]);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.duty:enabled');

  // A table of past sessions, saved by the browser.
  await page.getByText('Past sessions', { exact: true }).first().click();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as a table (CSV)' }).click();
  assert.equal((await saved).suggestedFilename(), 'sessions.csv');
  assert.deepEqual(faults.filter((fault) => !/401/.test(fault)), []);
  await context.close();
});
