/** What an editor does at the console, for the tests of the editors' pages. */

import { watchedContext } from './support.js';

/** The article that the tests write in. */
export const path = 'drugs/opicapone/storage.md';

/** Somebody at the console, in a context of their own. */
export async function signIn(here, login, options = {}, hash = '') {
  const { context, faults } = await watchedContext(here.browser, { viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  await page.goto(`${here.server.base}/console${hash}`);
  await page.fill('#login', login);
  await page.fill('#password', here.passwords[login]);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.edit, .duty:enabled');
  return { page, context, faults };
}

export const open = async (page, hash, wait) => {
  await page.evaluate((wanted) => { window.location.hash = wanted; }, hash);
  await page.waitForSelector(wait);
};
export const button = (page, name) => page.getByRole('button', { name, exact: true });
export const openArticle = (page) => open(page, `#/article/${encodeURIComponent(path)}`, '.edit-article h2');
export const beginDraft = async (page) => {
  await openArticle(page);
  await button(page, 'Edit').click();
  await page.waitForSelector('.edit-draft h2');
};
export const editBox = async (page, change) => page.fill('#edit-box', change(await page.inputValue('#edit-box')));
