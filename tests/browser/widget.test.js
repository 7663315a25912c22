/** The chat on other people's sites: what it does for the host, what it keeps from it, and what it withstands. */

import assert from 'node:assert/strict';

import { chatFrame, openHost, openShadows } from './hosts.js';
import { ask, consent, question, stage, until } from './support.js';

const here = stage({ sites: ['drug-site', 'hostile'] });
const { hosts, visit } = here;
const site = 'data-site="drug-site"';
/** What the documentation tells a site with a strict policy to allow. */
const strict = "default-src 'none'; script-src 'self' 'nonce-x' https://chat.example; frame-src https://chat.example; style-src 'nonce-x'; require-trusted-types-for 'script'";

const heard = (page) => page.evaluate(() => window.heard.map(({ name }) => name));

visit('nothing is asked for, stored or moved before the chat is opened; then it answers, under a strict policy', {}, async (context, faults) => {
  const requests = [];
  context.on('request', (request) => request.url().startsWith(here.server.base) && requests.push(new URL(request.url()).pathname));
  await context.addInitScript(() => {
    window.shift = 0;
    new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.shift += entry.value; }).observe({ type: 'layout-shift', buffered: true });
  });
  const page = await openHost(context, hosts.snippet('/strict', `${site} data-drug="opicapone"`, { policy: strict, before: '<script nonce="x">window.heard=[];window.eider=function(){(eider.q=eider.q||[]).push(arguments)};for(const n of["ready","open","close","answer","citation"])eider("on",n,(d)=>heard.push({name:n,...d}))</script>' }));
  assert.deepEqual(requests, ['/widget.js']);
  const box = await page.locator('.launcher').boundingBox();
  assert.ok(box.width >= 44 && box.height >= 44 && box.x + box.width <= 1280 && box.y + box.height <= 800);
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  const frame = await chatFrame(page);
  assert.ok(!requests.includes('/v1/sessions'));
  assert.deepEqual(await frame.evaluate(() => [sessionStorage.length, localStorage.length, document.cookie]), [0, 0, '']);
  await consent(frame);
  assert.match(await frame.innerText('.empty'), /side effects of opicapone/);
  const answer = await ask(frame, question.en);
  assert.ok(await answer.locator('.quote').count() > 0);
  assert.deepEqual(await page.evaluate(() => [sessionStorage.length, localStorage.length, document.cookie]), [1, 0, ''], 'on the host only whether the chat is open');
  assert.deepEqual(await context.cookies(), []);
  assert.equal(await page.evaluate(() => window.shift), 0);
  await until(page, () => window.heard.length === 3);
  assert.deepEqual(await heard(page), ['open', 'ready', 'answer']);
  assert.ok(!JSON.stringify(await page.evaluate(() => window.heard)).includes('inotuzumab'), 'no words of the conversation');

  const [article] = await Promise.all([context.waitForEvent('page'), answer.locator('.quote-links a').first().click()]);
  await article.waitForSelector('.passage:target');
  assert.match(article.url(), /\/knowledge\/drugs\/inotuzumab-ozogamicin\/[\w.-]+#\w/);
  const quoted = (await answer.locator('.quote blockquote').first().innerText()).split('\n')[0];
  assert.ok((await article.innerText('.passage:target')).includes(quoted));
  await until(page, () => window.heard.at(-1).name === 'citation');
});

visit('the host can neither read the conversation nor speak for it', {}, async (context) => {
  // The worst host: it takes hold of the launcher's insides before the loader comes.
  await openShadows(context);
  const page = await context.newPage();
  await page.goto(hosts.example('drug-site'));
  await until(page, () => window.eider.isEider);
  await page.evaluate(() => window.eider('open'));
  await until(page, () => window.heard.some(({ name }) => name === 'ready'));
  const [frame] = page.frames().filter((other) => other.url().startsWith(here.server.base));
  await consent(frame);
  await ask(frame, question.en);
  const tried = await page.evaluate(async () => {
    const [inside] = [...document.documentElement.children].filter((element) => element.shadowRoot).map((element) => element.shadowRoot.querySelector('iframe'));
    const attempts = { listed: window.length, document: inside.contentDocument };
    try {
      attempts.read = inside.contentWindow.document.body.innerText;
    } catch (error) {
      attempts.read = error.name;
    }
    // What the schema does not know, or the wrong type, goes nowhere.
    for (const data of [{ eider: 1, t: 'erase' }, { eider: 1, t: 'ask', text: 7 }, { eider: 1, t: 'export' }, 'ask', null]) inside.contentWindow.postMessage(data, '*');
    await new Promise((done) => setTimeout(done, 100));
    return attempts;
  });
  assert.deepEqual(tried, { listed: 0, document: null, read: 'SecurityError' });
  assert.equal(await frame.locator('.bubble').count(), 1);
  // A page of another origin in the same window hears nothing and is not heard.
  await page.evaluate(() => window.postMessage({ eider: 1, t: 'unread', count: 7 }, '*'));
  assert.ok(!(await heard(page)).includes('unread'));
});

visit('commands wait for the loader, and each does what it says', {}, async (context) => {
  const before = `<script>
    window.heard = [];
    window.eider = function () { (eider.q = eider.q || []).push(arguments); };
    window.eiderConfig = { site: 'drug-site', texts: true, color: '#123456' };
    eider('on', 'answer', function note(detail) { heard.push(detail); });
    eider('ask', ${JSON.stringify(question.en)});
    eider('setContext', { drug: 'avelumab', drugName: 'avelumab' });
    eider('identify', { name: 'Ana Example', contact: 'ana@example.org', role: '<b>' });
  </script>`;
  const page = await openHost(context, hosts.snippet('/queue', '', { before }));
  const frame = await chatFrame(page);
  assert.equal(await frame.locator('.bubble').count(), 0, 'nothing is asked without consent');
  await consent(frame);
  await frame.waitForSelector('.log .quote');
  assert.deepEqual(await frame.locator('.bubble').allInnerTexts(), [question.en]);
  await until(page, () => window.heard.length === 1);
  assert.deepEqual(await page.evaluate(() => Object.keys(window.heard[0]).sort()), ['by', 'kind', 'text']);
  assert.equal(await frame.inputValue('#form-name'), 'Ana Example');
  const eider = (...call) => page.evaluate((given) => window.eider(...given), call);
  const shows = async () => [await page.locator('.launcher').isVisible(), await page.locator('.panel').isVisible()];
  assert.deepEqual(await shows(), [false, true]);
  await eider('toggle');
  assert.deepEqual(await shows(), [true, false]);
  await eider('hide');
  assert.deepEqual(await shows(), [false, false]);
  await eider('show');
  assert.deepEqual(await shows(), [true, false]);
  await eider('setLang', 'zh');
  assert.equal(await page.innerText('.launcher'), '用药咨询');
  await frame.waitForSelector('.chat:lang(zh)', { state: 'attached' });
  await eider('off', 'answer');
  await eider('open');
  await ask(frame, question.zh);
  assert.equal(await page.evaluate(() => window.heard.length), 1);
  const warned = page.waitForEvent('console', (message) => message.type() === 'warning');
  await eider('destroyEverything');
  assert.match((await warned).text(), /no command “destroyEverything”/);
  await eider('reset');
  await frame.waitForSelector('.consent');
  assert.equal(await frame.evaluate(() => sessionStorage.length), 0);
  await eider('setLang', 'en');
  await frame.waitForSelector('.chat:lang(en)');
  await consent(frame);
  assert.match(await frame.innerText('.empty'), /side effects of avelumab/);
  assert.match(await (await ask(frame, 'What are the side effects?')).innerText(), /avelumab/i);
});

visit('a hostile page: resets, old libraries, a tracker, the snippet twice, wrong attributes', {}, async (context, faults) => {
  const warnings = [];
  context.on('console', (message) => message.type() === 'warning' && warnings.push(message.text()));
  const page = await openHost(context, hosts.example('hostile'));
  assert.equal(await page.locator('.launcher').count(), 1, 'two snippets, one chat');
  const box = await page.locator('.launcher').boundingBox();
  assert.ok(box.height >= 44, JSON.stringify(box));
  assert.equal(await page.locator('.launcher').evaluate((launcher) => getComputedStyle(launcher).getPropertyValue('color')), 'rgb(255, 255, 255)');
  for (const name of ['lang', 'drug', 'position', 'color', 'theme', 'open', 'consent']) {
    assert.ok(warnings.some((words) => words.includes(`“${name}”`)), `${name} is named: ${warnings}`);
  }
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  const frame = await chatFrame(page);
  const panel = await page.locator('.panel').boundingBox();
  assert.ok(panel.width > 300 && panel.height > 500, JSON.stringify(panel));
  await consent(frame);
  await frame.locator('.composer textarea').focus();
  await page.keyboard.type('secretword');
  await frame.fill('.composer textarea', '');
  const answer = await ask(frame, question.en);
  assert.ok(await answer.locator('.quote').first().isVisible());
  const seen = JSON.stringify(await page.evaluate(() => window.seen.join('\n')));
  assert.ok(!seen.includes('secretword') && !/keydown s/.test(seen) && !seen.includes('inotuzumab'), seen);
});

visit('where frames of ours are blocked the plain page and the numbers are one tap away', {}, async (context, faults) => {
  const page = await openHost(context, hosts.snippet('/blocked', site, { policy: strict.replace('frame-src https://chat.example', "frame-src 'none'") }));
  await page.evaluate(() => window.eider('open'));
  await page.waitForSelector('.away');
  assert.ok(await page.locator('.away a[href="tel:112"]').isVisible());
  const [plain] = await Promise.all([context.waitForEvent('page'), page.click('.away a[target="_blank"]')]);
  await consent(plain);
  assert.ok(await (await ask(plain, question.en)).locator('.quote').count() > 0);
  await page.locator('.away button').first().focus();
  await page.keyboard.press('Escape');
  assert.ok(await page.locator('.launcher').isVisible());
  faults.splice(0, faults.length, ...faults.filter((fault) => !fault.startsWith('csp: frame-src')));

  const stranger = await openHost(context, hosts.snippet('/stranger', 'data-site="unknown"'));
  await stranger.evaluate(() => window.eider('open'));
  await stranger.waitForSelector('.away');
});

visit('blocked storage and a clock that is a day off cost nothing but the reload', {}, async (context) => {
  await context.addInitScript(() => {
    for (const name of ['sessionStorage', 'localStorage']) Object.defineProperty(window, name, { get() { throw new DOMException('blocked', 'SecurityError'); } });
    const now = Date.now.bind(Date);
    Date.now = () => now() + 86_400_000;
  });
  const page = await openHost(context, hosts.snippet('/storage', site).replace(hosts.origin, hosts.otherSite));
  await page.click('.launcher');
  const frame = await chatFrame(page);
  await consent(frame);
  assert.ok(await (await ask(frame, question.en)).locator('.quote').count() > 0);
  await frame.click('.chat-close');
  assert.ok(await page.locator('.launcher').isVisible());
});

visit('inline the chat stands in the page, without launcher or closing', {}, async (context) => {
  const page = await openHost(context, hosts.snippet('/inline', `${site} data-target="#place" data-lang="zh-CN"`));
  const frame = await chatFrame(page);
  assert.equal(await page.locator('.launcher').count(), 0);
  assert.ok(await page.locator('#place iframe').isVisible());
  assert.equal(await frame.locator('.chat-close').count(), 0);
  assert.equal(await frame.getAttribute('html', 'lang'), 'zh-Hans');
  await consent(frame);
  assert.ok(await (await ask(frame, question.zh)).locator('.quote').count() > 0);
});

visit('our own pages carry the chat, and a quote opens its passage beside it', {}, async (context) => {
  const page = await openHost(context, `${here.server.base}/knowledge/drugs/inotuzumab-ozogamicin/storage`);
  await page.click('.launcher');
  const frame = await chatFrame(page);
  await consent(frame);
  const answer = await ask(frame, 'What are the side effects?');
  assert.match(await answer.locator('.quote-title').first().innerText(), /inotuzumab/i);
  await answer.locator('.quote-links a').first().click();
  await page.waitForURL(/#/);
  await page.waitForSelector('.passage:target');
  const [passage, panel] = await Promise.all([page.locator('.passage:target').boundingBox(), page.locator('.panel').boundingBox()]);
  assert.ok(passage.x + passage.width <= panel.x, `the passage stands beside the chat: ${JSON.stringify([passage, panel])}`);
  const again = await chatFrame(page);
  await again.waitForSelector('.log .quote');
});

visit('the region decides whom to call first, at the foot and on the card', {}, async (context) => {
  const page = await openHost(context, hosts.snippet('/region', site));
  const setRegion = (region) => page.evaluate((given) => window.eider('setRegion', given), region);
  await setRegion('UK');
  await page.click('.launcher');
  const frame = await chatFrame(page);
  await consent(frame);
  await until(frame, () => document.querySelector('.emergency-line .phone').getAttribute('href') === 'tel:999');
  await setRegion('CN');
  const answer = await ask(frame, 'I have crushing chest pain right now');
  assert.equal(await answer.locator('.card .phone').first().getAttribute('href'), 'tel:120');
  const warned = page.waitForEvent('console', (message) => message.type() === 'warning');
  await setRegion('<moon>');
  assert.match((await warned).text(), /“region”/);
});
