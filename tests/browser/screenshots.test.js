/** Pictures for the documentation: `EIDER_SCREENSHOTS=1` writes them to docs/screenshots. */

import assert from 'node:assert/strict';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Server, ask, consent, launch, openPage, question, root, watchedContext } from './support.js';

const isWanted = process.env.EIDER_SCREENSHOTS === '1';
const folder = join(root, 'docs/screenshots');
const pictures = [
  { name: 'desktop', viewport: { width: 1280, height: 800 }, lang: 'en', colorScheme: 'light', asks: true },
  { name: 'desktop-zh-dark', viewport: { width: 1280, height: 800 }, lang: 'zh', colorScheme: 'dark', asks: true },
  { name: 'tablet', viewport: { width: 768, height: 1024 }, lang: 'en', colorScheme: 'light', asks: false },
  { name: 'phone-article', viewport: { width: 360, height: 740 }, lang: 'zh', colorScheme: 'light', asks: false },
  { name: 'phone-consent', viewport: { width: 360, height: 740 }, lang: 'en', colorScheme: 'light', asks: false, opens: true },
  { name: 'phone-answer', viewport: { width: 360, height: 740 }, lang: 'en', colorScheme: 'dark', asks: true },
];

const server = new Server();
let browser;
before(async () => {
  if (!isWanted) return;
  mkdirSync(folder, { recursive: true });
  await server.start();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server.remove();
});

for (const { name, viewport, lang, colorScheme, asks, opens } of pictures) {
  test(`screenshot: ${name}`, { skip: !isWanted }, async () => {
    const { context } = await watchedContext(browser, { viewport, colorScheme });
    const page = await openPage(context, server.base, `/?lang=${lang}`);
    if ((asks || opens) && viewport.width < 960) await page.click('#chat-open');
    if (asks) {
      await consent(page);
      await ask(page, question[lang]);
      await page.locator('.composer textarea').blur();
      await page.locator('.quote-origin').first().scrollIntoViewIfNeeded();
    }
    await page.waitForTimeout(300);
    const path = join(folder, `${name}.png`);
    await page.screenshot({ path });
    assert.ok(statSync(path).size <= 300 * 1024, `${name}.png is larger than 300 KiB`);
    await context.close();
  });
}
