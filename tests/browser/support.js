/** Starts the real server and a real browser, and watches the page for what must never happen. */

import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';

import { Server, root } from '../js/server.js';
import { Hosts } from './hosts.js';

export { Server, root };

const chromiumPath = process.env.EIDER_CHROMIUM ?? '/usr/bin/chromium';
const chromiumFlags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
];

/** How long a page may take to become what a test waits for; generous, the machine may be busy. */
const patienceMs = 90_000;

/** The server, and the host pages of the tests, which are another site to a browser. */
const loopback = ['127.0.0.1', 'localhost'];

/** The question that every test may ask: the knowledge base has an article on exactly this. */
export const question = { en: 'What are the side effects of inotuzumab ozogamicin?', zh: '奥加伊妥珠单抗有哪些副作用？' };

/** And one to follow it. */
export const another = { en: 'How is inotuzumab ozogamicin given?', zh: '奥加伊妥珠单抗怎么用？' };

export function launch() {
  return chromium.launch({ executablePath: chromiumPath, args: chromiumFlags, headless: true });
}

/**
 * Opens a context whose pages are watched: `faults` collects requests to other hosts, violations of
 * the content security policy, dialogs, and errors in scripts.
 */
export async function watchedContext(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options });
  context.setDefaultTimeout(patienceMs);
  const faults = [];
  await context.exposeFunction('reportFault', (fault) => faults.push(fault));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => window.reportFault(`csp: ${event.violatedDirective} ${event.blockedURI}`));
  });
  context.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && !loopback.includes(hostname)) faults.push(`foreign request: ${request.url()}`);
  });
  context.on('page', (page) => {
    page.on('pageerror', (error) => faults.push(`script error: ${error.message}`));
    page.on('dialog', (dialog) => {
      if (dialog.type() !== 'beforeunload') faults.push(`dialog: ${dialog.message()}`);
      dialog.accept().catch(() => {});
    });
    page.on('websocket', (socket) => {
      if (new URL(socket.url()).search !== '') faults.push(`a socket's address carries data: ${socket.url()}`);
    });
  });
  return { context, faults };
}

/** Whether the tests also make the pictures of the documentation: `npm run pictures`. */
export const makesPictures = process.env.EIDER_SCREENSHOTS === '1';

/** Makes a picture for the documentation. */
export async function picture(page, name) {
  const file = join(root, 'docs/screenshots', `${name}.png`);
  await page.screenshot({ path: file });
  assert.ok(statSync(file).size <= 300 * 1024, `${file} is larger than 300 KiB`);
}

/**
 * Gives a file's tests a browser, a server with `users` (login: name and roles), and with `sites`
 * the pages of others that embed the chat; ends all of them afterwards. `visit` declares a test
 * that demands that nothing forbidden happened in it.
 */
export function stage({ sites = [], users = {}, settings = '', isServed = true, ...options } = {}) {
  /** @type {{server: Server, browser: import('playwright-core').Browser, hosts: Hosts, passwords: Record<string, string>, visit: typeof visit}} */
  const here = { server: null, browser: null, hosts: new Hosts(), passwords: {}, visit };
  before(async () => {
    const { hosts } = here;
    await hosts.start();
    const known = sites.map((id) => `[[sites]]\nid = "${id}"\norigins = ["${hosts.origin}", "${hosts.otherSite}"]\n`);
    here.server = new Server({ ...options, settings: [settings, ...known].join('\n') });
    [here.browser] = await Promise.all([launch(), isServed && here.server.start()]);
    hosts.chat = here.server.base;
    for (const [login, [name, ...roles]] of Object.entries(users)) here.passwords[login] = here.server.addUser(login, name, ...roles);
  });
  after(async () => {
    await here.browser?.close();
    await here.server?.remove();
    await here.hosts.close();
  });
  return here;

  function visit(name, settings, work) {
    test(name, async () => {
      const { context, faults } = await watchedContext(here.browser, settings);
      try {
        await work(context, faults);
        assert.deepEqual(faults, []);
      } finally {
        await context.close();
      }
    });
  }
}

/** Waits until something is true of the page. */
export function until(page, work, argument) {
  return page.waitForFunction(work, argument, { timeout: patienceMs });
}

/** Waits until something is true that the test itself sees, such as what a page has sent. */
export async function eventually(what, holds) {
  for (const end = Date.now() + patienceMs; !holds(); await sleep(10)) assert.ok(Date.now() < end, `waited in vain: ${what}`);
}

/** Opens the chat as a page of its own. */
export async function openPage(context, base, path = '/chat?lang=en') {
  const page = await context.newPage();
  await page.goto(base + path);
  await page.waitForSelector('.consent, .panel');
  return page;
}

export async function consent(page) {
  await page.click('.consent .primary');
  await page.waitForSelector('.composer textarea');
}

/** Types a question, sends it with Enter, and waits for one more answer. */
export async function ask(page, text) {
  const before = await page.locator('.message-answer').count();
  await page.fill('.composer textarea', text);
  await page.press('.composer textarea', 'Enter');
  await until(page, (count) => document.querySelectorAll('.message-answer').length > count, before);
  return page.locator('.message-answer').last();
}

/** Opens the console in a browser of its own and goes on duty. */
export async function goOnDuty(here, login, options = {}) {
  const { context, faults } = await watchedContext(here.browser, { viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  await page.goto(`${here.server.base}/console`);
  await page.waitForSelector('#login');
  await page.keyboard.type(login);
  await page.keyboard.press('Tab');
  await page.keyboard.type(here.passwords[login]);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.duty:enabled');
  if (await page.getAttribute('.duty', 'aria-checked') !== 'true') await page.keyboard.press('d');
  await page.waitForSelector('.duty[aria-checked="true"]');
  return { page, context, faults };
}

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Returns the serious and critical findings of axe-core, one line each. */
export async function seriousFindings(page) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ target, failureSummary }) => `${target.join(' ')} (${failureSummary.replace(/\s+/g, ' ')})`).join('; ')}`);
}
