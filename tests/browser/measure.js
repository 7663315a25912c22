/** Measures what visitors feel: `node tests/browser/measure.js` with a built server (EIDER_BIN names another one). */

import { Hosts, chatFrame, openShadows } from './hosts.js';
import { Server, consent, launch, question } from './support.js';

const rounds = { load: 20, ask: 100 };
const at = (/** @type {number[]} */ values, /** @type {number} */ share) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1);
};
const row = (/** @type {string} */ name, /** @type {number[]} */ values) => console.log(`${name.padEnd(58)} median ${at(values, 0.5)} ms, p95 ${at(values, 0.95)} ms`);

const hosts = new Hosts();
await hosts.start();
const server = new Server({ settings: `[[sites]]\nid = "drug-site"\norigins = ["${hosts.origin}"]\n`, limits: 'off' });
await server.start();
hosts.chat = server.base;
const browser = await launch();
const address = hosts.example('drug-site');

/** Notes when the launcher stands on the page, how long tasks ran, and what moved. */
function watch() {
  Object.assign(window, { shift: 0, tasks: 0, launcherAt: 0 });
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, { ...options, mode: 'open' });
    new MutationObserver((_, observer) => {
      if (!root.querySelector('.launcher')) return;
      observer.disconnect();
      requestAnimationFrame(() => { window.launcherAt = performance.now(); });
    }).observe(root, { childList: true });
    return root;
  };
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.shift += entry.value; }).observe({ type: 'layout-shift', buffered: true });
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.tasks = Math.max(window.tasks, entry.duration); }).observe({ type: 'longtask', buffered: true });
}

const [launchers, scripts] = [[], []];
let [shift, tasks] = [0, 0];
for (let round = 0; round < rounds.load; round += 1) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.addInitScript(watch);
  const page = await context.newPage();
  await page.goto(address);
  await page.waitForFunction(() => window.launcherAt > 0);
  const seen = await page.evaluate(() => {
    const [loader] = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/widget.js'));
    return { fromRequest: window.launcherAt - loader.startTime, fromArrival: window.launcherAt - loader.responseEnd, shift: window.shift, tasks: window.tasks };
  });
  launchers.push(seen.fromRequest);
  scripts.push(seen.fromArrival);
  shift = Math.max(shift, seen.shift);
  tasks = Math.max(tasks, seen.tasks);
  await context.close();
}
row('loader requested to launcher clickable', launchers);
row('loader arrived to launcher clickable', scripts);
console.log(`layout shift of the host page ${shift}, its longest task ${tasks > 0 ? `${tasks.toFixed(0)} ms` : 'under 50 ms'}`);

const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
await openShadows(context);
const page = await context.newPage();
await page.goto(address);
await page.click('.launcher');
const frame = await chatFrame(page);
await consent(frame);
const questions = [question.en, question.zh, 'How is opicapone taken?', 'What is ivosidenib used for?'];
const answers = [];
for (let round = 0; round < rounds.ask; round += 1) {
  answers.push(await frame.evaluate((text) => new Promise((resolve) => {
    const input = document.querySelector('.composer textarea');
    const before = document.querySelectorAll('.message-answer').length;
    const log = document.querySelector('.log');
    const began = performance.now();
    new MutationObserver((_, observer) => {
      if (document.querySelectorAll('.message-answer').length === before) return;
      observer.disconnect();
      // The chat draws in animation frames: the next task comes when this one is laid out and painted.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve(performance.now() - began);
      port2.postMessage(null);
    }).observe(log, { childList: true, subtree: true });
    input.value = text;
    input.dispatchEvent(new Event('input'));
    document.querySelector('.composer').requestSubmit();
  }), questions[round % questions.length]));
}
row('question sent to answer rendered', answers);
await browser.close();
await server.remove();
await hosts.close();
