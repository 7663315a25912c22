/** The reading pages: without scripts, on every screen, for everyone; a passage's address shows the passage. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { makesPictures, picture, seriousFindings, stage, watchedContext } from './support.js';

const here = stage();

const article = '/knowledge/drugs/inotuzumab-ozogamicin/side-effects';
const paths = [
  '/knowledge/', '/knowledge/?lang=zh', '/knowledge/drugs/inotuzumab-ozogamicin/', `${article}#most-common-side-effects`,
  `${article}.zh`, '/knowledge/search?q=besponsa+liver+zebra', '/knowledge/nothing',
];

for (const [width, colorScheme] of [[320, 'dark'], [768, 'light'], [1280, 'dark'], [1280, 'light']]) {
  test(`pages fit, and axe finds nothing serious: ${width} px, ${colorScheme}`, async () => {
    const { context, faults } = await watchedContext(here.browser, { viewport: { width, height: 900 }, colorScheme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    const findings = [];
    for (const path of paths) {
      await page.goto(here.server.base + path);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (wider > 0) findings.push(`${path} is ${wider} px too wide`);
      findings.push(...(await seriousFindings(page)).map((finding) => `${path}: ${finding}`));
    }
    await context.close();
    assert.deepEqual(findings, []);
    assert.deepEqual(faults, []);
  });
}

test('without scripts: from the list to a medicine, an article, a passage; and by search', async () => {
  const { context, faults } = await watchedContext(here.browser, { javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${here.server.base}/knowledge/`);
  await page.locator('#_a-z ~ .drugs a', { hasText: 'Inotuzumab' }).click();
  await page.locator('.cards a', { hasText: 'Side effects' }).first().click();
  await page.locator('.contents a', { hasText: 'Most common' }).click();
  assert.equal(await page.locator('.passage:target').getAttribute('id'), 'most-common-side-effects');
  assert.ok(await page.locator('.passage:target').evaluate((passage) => passage.getBoundingClientRect().top < 200));
  await page.fill('.search input[type="search"]', 'besponsa veno-occlusive');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/knowledge\/search\?q=besponsa/);
  await page.locator('.results a').first().click();
  await page.waitForURL(/#/);
  assert.equal(await page.locator('.passage:target').count(), 1);
  await context.close();
  assert.deepEqual(faults, []);
});

test('both readers of Markdown agree on the words of every article', async () => {
  const { context } = await watchedContext(here.browser);
  const page = await context.newPage();
  await page.goto(`${here.server.base}/knowledge/`);
  const { compared, differing } = await page.evaluate(async () => {
    const { renderMarkdown } = await import('/assets/shared/markdown-dom.js');
    const words = (/** @type {Node} */ node) => node.textContent.replace(/\s+/g, '');
    const { articles } = await (await fetch('/v1/knowledge')).json();
    const differing = [];
    let compared = 0;
    for (const { id } of articles) {
      const { passages } = await (await fetch(`/v1/knowledge/${id}`)).json();
      const frame = document.createElement('iframe');
      frame.src = `/knowledge/${id}`;
      await new Promise((loaded) => { frame.onload = loaded; document.body.append(frame); });
      for (const { anchor, text } of passages) {
        const section = frame.contentDocument.getElementById(anchor);
        section?.querySelectorAll('h2, h3, h4').forEach((heading) => heading.remove());
        if (!section || words(section) !== words(renderMarkdown(text, ''))) differing.push(`${id}#${anchor}`);
        compared += 1;
      }
      frame.remove();
    }
    return { compared, differing };
  });
  await context.close();
  assert.deepEqual(differing, []);
  assert.ok(compared > 100, `${compared} passages`);
});

const pictures = [
  ['knowledge-article', `${article}#most-common-side-effects`, 1280, 'light'],
  ['knowledge-medicine-zh-dark', '/knowledge/drugs/inotuzumab-ozogamicin/?lang=zh', 768, 'dark'],
  ['knowledge-search-phone', '/knowledge/search?q=besponsa+liver+zebra', 360, 'light'],
];
for (const [name, path, width, colorScheme] of makesPictures ? pictures : []) {
  test(`screenshot: ${name}`, async () => {
    const { context } = await watchedContext(here.browser, { viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    await page.goto(here.server.base + path);
    await picture(page, name);
    await context.close();
  });
}
