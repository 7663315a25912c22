/** The editors' pages' looks: axe at three widths, in both languages and colours, nothing wider than the screen; and the pictures. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { beginDraft, editBox, open, path, signIn } from './office.js';
import { makesPictures, picture, seriousFindings, stage } from './support.js';

const here = stage({ consultants: true, users: { li: ['Li Wen', 'editor'] } });
test('a draft is begun, and listed', async () => {
  const { page, context, faults } = await signIn(here, 'li');
  await beginDraft(page);
  await open(page, '#/drafts', '.edit-list .edit-entry');
  assert.deepEqual(faults, []);
  await context.close();
});

const pictures = ['article', 'draft', 'bench'];
const views = [
  ['articles', '#/articles', '.edit-folder'], ['article', `#/article/${encodeURIComponent(path)}`, '.edit-rendered'], ['drafts', '#/drafts', '.edit-list .edit-entry'],
  ['gaps', '#/gaps', '.gaps li'], ['work', '#/work', '.edit-entry, .page-body p'], ['publishing', '#/publishing', '.table td'], ['bench', '#/bench', '#bench-question'],
];
const screens = [['phone', 320, 'en', 'light'], ['tablet', 768, 'zh', 'dark'], ['desktop', 1280, 'en', 'light']];

for (const [screen, width, lang, colorScheme] of screens) {
  test(`axe finds nothing serious, nothing is too wide: ${screen}, ${lang}, ${colorScheme}`, async () => {
    const { page, context, faults } = await signIn(here, 'li', { viewport: { width, height: 900 }, locale: lang, colorScheme });
    const look = async (name) => {
      assert.deepEqual(await seriousFindings(page), [], name);
      const over = await page.evaluate(() => Math.max(document.documentElement.scrollWidth - innerWidth, document.querySelector('.page').scrollWidth - document.querySelector('.page').clientWidth));
      assert.ok(over <= 0, `${name} is ${over} px too wide`);
      if (makesPictures && pictures.includes(name)) await picture(page, `editor-${name}${screen === 'desktop' ? '' : `-${screen}`}`);
    };
    for (const [name, hash, wait] of views) {
      await open(page, hash, wait);
      if (name === 'bench') {
        await page.fill('#bench-question', 'How should I store opicapone?');
        await page.press('#bench-question', 'Enter');
        await page.waitForSelector('.bench-why');
      }
      await page.waitForTimeout(50);
      await look(name);
    }
    await open(page, '#/drafts', '.edit-list .edit-entry');
    await page.locator('.edit-entry').first().click();
    await page.waitForSelector('.edit-draft h2');
    await editBox(page, (text) => `${text.split('\n<')[0].slice(0, 900)}\n\n| Dose | When |\n|---|---|\n| 50 mg | at bedtime |\n`);
    await page.locator('.switch .chip').nth(1).click();
    await page.waitForSelector('.diff-new');
    await page.waitForTimeout(900);
    await look('draft');
    assert.deepEqual(faults, []);
    await context.close();
  });
}
