/** Pictures for the documentation: `EIDER_SCREENSHOTS=1` writes them to docs/screenshots. */

import assert from 'node:assert/strict';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Hosts, chatFrame, openShadows } from './hosts.js';
import { Server, ask, consent, launch, question, root, watchedContext } from './support.js';

const isWanted = process.env.EIDER_SCREENSHOTS === '1';
const folder = join(root, 'docs/screenshots');
const [phone, tablet, desktop] = [{ width: 360, height: 740 }, { width: 768, height: 1024 }, { width: 1280, height: 800 }];
const article = '/knowledge/drugs/inotuzumab-ozogamicin/side-effects';
const pictures = [
  { name: 'desktop', viewport: desktop, lang: 'en', path: article, asks: question.en, jumps: true },
  { name: 'desktop-zh-dark', viewport: desktop, lang: 'zh', path: `${article}.zh`, colorScheme: 'dark', asks: question.zh },
  { name: 'demo', viewport: desktop, lang: 'en', path: '/?lang=en' },
  { name: 'tablet', viewport: tablet, lang: 'en', example: 'drug-site', asks: 'How is inotuzumab ozogamicin given?' },
  { name: 'tablet-zh-emergency', viewport: tablet, lang: 'zh', path: '/?lang=zh', asks: '我胸口压榨样疼痛，出冷汗' },
  { name: 'phone-launcher', viewport: phone, lang: 'en', example: 'drug-site' },
  { name: 'phone-consent', viewport: phone, lang: 'en', example: 'drug-site', opens: true },
  { name: 'phone-answer', viewport: phone, lang: 'zh', path: '/?lang=zh', asks: question.zh },
  { name: 'phone-answer-dark', viewport: phone, lang: 'en', path: '/?lang=en', colorScheme: 'dark', asks: question.en },
  { name: 'hostile', viewport: desktop, lang: 'en', example: 'hostile', asks: 'What is ivosidenib used for?' },
];

const hosts = new Hosts();
let server;
let browser;
before(async () => {
  if (!isWanted) return;
  mkdirSync(folder, { recursive: true });
  await hosts.start();
  server = new Server({ settings: ['drug-site', 'hostile'].map((id) => `[[sites]]\nid = "${id}"\norigins = ["${hosts.origin}"]\n`).join('') });
  await server.start();
  hosts.chat = server.base;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.remove();
  if (isWanted) await hosts.close();
});

for (const { name, viewport, colorScheme = 'light', path, example, opens, asks, jumps } of pictures) {
  test(`screenshot: ${name}`, { skip: !isWanted }, async () => {
    const { context } = await watchedContext(browser, { viewport, colorScheme, ...(viewport === phone ? { hasTouch: true, isMobile: true } : {}) });
    await openShadows(context);
    const page = await context.newPage();
    await page.goto(example ? hosts.example(example) : server.base + path);
    await page.waitForSelector('.launcher');
    if (opens || asks) {
      await page.click('.launcher');
      let frame = await chatFrame(page);
      if (asks) {
        await consent(frame);
        await ask(frame, asks);
        await frame.locator('.composer textarea').blur();
      }
      if (jumps) {
        await frame.locator('.quote-links a').first().click();
        await page.waitForSelector('.passage:target');
        frame = await chatFrame(page);
        await frame.waitForSelector('.log .quote');
      }
    }
    await page.waitForTimeout(400);
    const file = join(folder, `${name}.png`);
    await page.screenshot({ path: file });
    assert.ok(statSync(file).size <= 300 * 1024, `${name}.png is larger than 300 KiB`);
    await context.close();
  });
}
