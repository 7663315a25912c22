/** Reachable by everyone: screen readers, keyboards, small screens, large type. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask, consent, openPage, question, seriousFindings, stage, until, watchedContext } from './support.js';

const here = stage();

const screens = { phone: { width: 360, height: 740 }, tablet: { width: 768, height: 1024 }, desktop: { width: 1280, height: 800 } };

for (const [screen, viewport] of Object.entries(screens)) {
  for (const [colorScheme, lang] of [['light', 'en'], ['dark', 'zh']]) {
    test(`axe finds nothing serious: ${screen}, ${colorScheme}, ${lang}`, async () => {
      const { context } = await watchedContext(here.browser, { viewport, colorScheme, reducedMotion: 'reduce' });
      const page = await openPage(context, here.server.base, `/chat?lang=${lang}`);
      const findings = [];
      const look = async (at) => findings.push(...(await seriousFindings(page)).map((finding) => `${at}: ${finding}`));
      await look('consent');
      await consent(page);
      await look('empty chat');
      await ask(page, question[lang]);
      await page.click('.menu > button');
      await look('answer and menu');
      await page.click('.menu-entry.grave');
      await look('dialog');
      assert.deepEqual(findings, []);
      await context.close();
    });
  }

  test(`nothing is wider than the screen: ${screen}`, async () => {
    const { context } = await watchedContext(here.browser, { viewport });
    const page = await openPage(context, here.server.base);
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(await overflow(), 0);
    await consent(page);
    await ask(page, `${question.en} ${'x'.repeat(200)}`);
    assert.equal(await overflow(), 0);
    assert.equal(await page.locator('.log').evaluate((log) => log.scrollWidth - log.clientWidth), 0);
    assert.ok(await page.locator('.composer-send').isVisible());
    const box = await page.locator('.chat .emergency-line').boundingBox();
    assert.ok(box && box.y + box.height <= viewport.height, 'the emergency line is on the screen');
    assert.ok(parseFloat(await page.locator('.composer textarea').evaluate((input) => getComputedStyle(input).fontSize)) >= 16);
    await context.close();
  });
}

test('a visit by keyboard alone', async () => {
  const { context, faults } = await watchedContext(here.browser);
  const page = await openPage(context, here.server.base);
  const focused = () => page.evaluate(() => {
    const element = document.activeElement;
    return `${element?.className} ${element?.textContent?.trim().slice(0, 40)} ${element?.getAttribute('aria-label') ?? ''}`;
  });
  const tabTo = async (words) => {
    for (let step = 0; step < 80; step += 1) {
      await page.keyboard.press('Tab');
      if ((await focused()).includes(words)) {
        const outline = await page.evaluate(() => {
          const shown = document.activeElement?.closest('.composer-row') ?? document.activeElement;
          return shown ? getComputedStyle(shown).outlineStyle : 'none';
        });
        assert.notEqual(outline, 'none', `focus is visible on “${words}”`);
        return;
      }
    }
    assert.fail(`Tab never reached “${words}”`);
  };
  await tabTo('Agree and start');
  await page.keyboard.press('Enter');
  await until(page, () => document.activeElement?.id === 'chat-input');
  await page.keyboard.type(question.en);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.log .quote');
  await until(page, () => document.activeElement?.id === 'chat-input');
  await page.locator('.log').focus();
  await tabTo('Show in article');
  const [article] = await Promise.all([context.waitForEvent('page'), page.keyboard.press('Enter')]);
  await article.waitForSelector('.passage:target');
  await article.close();
  await page.locator('#chat .menu > button').focus();
  await page.keyboard.press('Enter');
  assert.match(await focused(), /Download as text/);
  await page.keyboard.press('Escape');
  assert.match(await focused(), /More/);
  assert.equal(await page.locator('.menu-panel').isVisible(), false);
  assert.deepEqual(faults, []);
  await context.close();
});

test('the log announces what is new and stays silent about the past', async () => {
  const { context } = await watchedContext(here.browser);
  const page = await openPage(context, here.server.base);
  await consent(page);
  const log = page.locator('[role="log"]');
  assert.equal(await log.getAttribute('aria-live'), 'polite');
  await ask(page, question.en);
  await page.addInitScript(() => {
    const watch = new MutationObserver((records) => {
      for (const { addedNodes, target } of records) {
        const live = target instanceof Element ? target.closest('[role="log"]')?.getAttribute('aria-live') : null;
        if (live === 'polite' && [...addedNodes].some((node) => node instanceof Element && node.matches('.message'))) window.announced = true;
      }
    });
    watch.observe(document, { childList: true, subtree: true });
  });
  await page.reload();
  await page.waitForSelector('.log .quote');
  assert.notEqual(await page.evaluate(() => window.announced), true);
  await ask(page, 'How is inotuzumab ozogamicin given?');
  assert.equal(await log.getAttribute('aria-live'), 'polite');
  await context.close();
});

test('at 200 % zoom nothing is cut off, and without scripts the pages show where to call', async () => {
  const { context } = await watchedContext(here.browser, { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 });
  const page = await openPage(context, here.server.base);
  await consent(page);
  await ask(page, question.en);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
  assert.ok(await page.locator('.composer-send').isVisible());
  assert.ok((await page.locator('.log').boundingBox()).height > 80, 'there is room to read');
  await context.close();
  const bare = await here.browser.newContext({ javaScriptEnabled: false });
  const still = await bare.newPage();
  await still.goto(here.server.base);
  assert.match(await still.innerText('.foot-emergency'), /US 911.*UK 999.*EU 112.*120/);
  await still.goto(`${here.server.base}/chat`);
  assert.match(await still.innerText('noscript'), /US 911.*UK 999.*EU 112.*120/);
  await bare.close();
});
