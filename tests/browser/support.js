/** Starts the real server and a real browser, and watches the page for what must never happen. */

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const binary = process.env.EIDER_BIN ?? join(root, 'target/debug/eider');
const chromiumPath = process.env.EIDER_CHROMIUM ?? '/usr/bin/chromium';
const chromiumFlags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
];

/** The question that every test may ask: the knowledge base has an article on exactly this. */
export const question = { en: 'What are the side effects of inotuzumab ozogamicin?', zh: '奥加伊妥珠单抗有哪些副作用？' };

/** One server with folders of its own; it can be killed and started again at the same address. */
export class Server {
  #folder = mkdtempSync(join(tmpdir(), 'eider-browser-'));
  #knowledge = join(root, 'knowledge');
  #child = null;
  #port = 0;

  /** @param {{consultants?: boolean}} [options] with consultants there are no business hours, so that no test depends on its hour */
  constructor({ consultants = false } = {}) {
    if (consultants) this.#withoutHours();
  }

  get base() {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Where an article stands; for servers with consultants, whose folder is their own. */
  article(path) {
    return join(this.#knowledge, path);
  }

  async start() {
    const child = spawn(binary, [], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: this.#environment(),
    });
    this.#child = child;
    let said = '';
    this.#port = await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the server did not start in time:\n${said}`)), 120_000);
      child.stderr.on('data', (data) => {
        said = (said + data).slice(-20_000);
        const found = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(said);
        if (!found) return;
        clearTimeout(timer);
        resolve(Number(found[1]));
      });
      const fail = (/** @type {Error} */ error) => {
        clearTimeout(timer);
        reject(error);
      };
      child.once('error', fail);
      child.once('exit', (code) => fail(new Error(`the server ended with ${code}:\n${said}`)));
    });
  }

  #environment() {
    return {
      ...process.env, EIDER_LISTEN: `127.0.0.1:${this.#port}`, EIDER_KNOWLEDGE: this.#knowledge,
      EIDER_DATA: join(this.#folder, 'data'), EIDER_INDEX: join(this.#folder, 'index'),
    };
  }

  #withoutHours() {
    this.#knowledge = join(this.#folder, 'knowledge');
    cpSync(join(root, 'knowledge'), this.#knowledge, { recursive: true });
    const path = join(this.#knowledge, 'policy/hand-off.toml');
    const policy = readFileSync(path, 'utf8').replace(/^\[hours\][^]*?(?=^\[)/m, '');
    writeFileSync(path, policy);
  }

  /** Makes an account; the password is its name, twice and with a tail. */
  addUser(login, name, ...roles) {
    const password = `${login}-${login}-password`;
    execFileSync(binary, ['user', 'add', login, '--name', name, ...roles.flatMap((role) => ['--role', role]), '--password-stdin'], { cwd: root, env: this.#environment(), input: `${password}\n` });
    return password;
  }

  /** Asks the server to leave in good order. */
  terminate() {
    return this.kill('SIGTERM');
  }

  /** Ends the server at once, as a power cut would. */
  async kill(signal = 'SIGKILL') {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  async remove() {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

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
    if (protocol.startsWith('http') && hostname !== '127.0.0.1') faults.push(`foreign request: ${request.url()}`);
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

/** Opens the demo page and waits for the article. */
export async function openPage(context, base, path = '/?lang=en') {
  const page = await context.newPage();
  await page.goto(base + path);
  await page.waitForSelector('.article-body p');
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
