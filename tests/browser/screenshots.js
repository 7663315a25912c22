/** Makes the chat's pictures for the documentation, in docs/screenshots: `npm run pictures`. */

import { test } from 'node:test';

import { chatFrame, openShadows } from './hosts.js';
import { ask, consent, picture, question, stage, watchedContext } from './support.js';

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

const here = stage({ sites: ['drug-site', 'hostile'] });

for (const { name, viewport, colorScheme = 'light', path, example, opens, asks, jumps } of pictures) {
  test(`screenshot: ${name}`, async () => {
    const { context } = await watchedContext(here.browser, { viewport, colorScheme, ...(viewport === phone ? { hasTouch: true, isMobile: true } : {}) });
    await openShadows(context);
    const page = await context.newPage();
    await page.goto(example ? here.hosts.example(example) : here.server.base + path);
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
        await frame.locator('.quote-links a').first().evaluate((link) => link.click());
        await page.waitForSelector('.passage:target');
        frame = await chatFrame(page);
        await frame.waitForSelector('.log .quote');
      }
    }
    await page.waitForTimeout(400);
    await picture(page, name);
    await context.close();
  });
}
