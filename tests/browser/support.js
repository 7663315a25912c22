/** Starts the real server and a real browser, and watches the page for what must never happen. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { chromium } from 'playwright-core';

export { Server, root } from '../js/server.js';

const chromiumPath = process.env.EIDER_CHROMIUM ?? '/usr/bin/chromium';
const chromiumFlags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
];

/** The server, and the host pages of the tests, which are another site to a browser. */
const loopback = ['127.0.0.1', 'localhost'];

/** The question that every test may ask: the knowledge base has an article on exactly this. */
export const question = { en: 'What are the side effects of inotuzumab ozogamicin?', zh: '奥加伊妥珠单抗有哪些副作用？' };

export function launch() {
  return chromium.launch({ executablePath: chromiumPath, args: chromiumFlags, headless: true });
}

/**
 * Opens a context whose pages are watched: `faults` collects requests to other hosts, violations of
 * the content security policy, dialogs, and errors in scripts.
 */
export async function watchedContext(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options });
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

/** Returns a way to declare tests that demand that nothing forbidden happened in them. */
export function visits(browser) {
  return (name, options, work) => test(name, async () => {
    const { context, faults } = await watchedContext(browser(), options);
    try {
      await work(context, faults);
      assert.deepEqual(faults, []);
    } finally {
      await context.close();
    }
  });
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
  await page.waitForFunction((count) => document.querySelectorAll('.message-answer').length > count, before, { timeout: 15_000 });
  return page.locator('.message-answer').last();
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
