/** Sites that embed the chat, on another origin than the server's: the example pages of the documentation, and small ones. */

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

import { root } from '../js/server.js';

export class Hosts {
  /** The chat's server, once it is known. */ chat = '';
  /** @type {Map<string, {html: string, policy?: string}>} */ #pages = new Map();
  #server = createServer(({ url }, response) => {
    const page = this.#pages.get(new URL(url ?? '/', this.origin).pathname);
    if (!page) return response.writeHead(404).end();
    const of = (/** @type {string} */ text) => text.replaceAll('https://chat.example', this.chat);
    const headers = { 'content-type': 'text/html; charset=utf-8', ...(page.policy ? { 'content-security-policy': of(page.policy) } : {}) };
    response.writeHead(200, headers).end(of(page.html));
  });

  async start() {
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  /** Another origin than the server's. */
  get origin() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** Another site, too: there browsers like the tests' own block all storage in frames. */
  get otherSite() {
    return this.origin.replace('127.0.0.1', 'localhost');
  }

  /** Serves an example of the documentation; returns its address. */
  example(name, policy) {
    return this.page(`/${name}`, readFileSync(join(root, 'docs/examples', `${name}.html`), 'utf8'), policy);
  }

  /** Serves a page; returns its address. */
  page(path, html, policy) {
    this.#pages.set(path, { html, policy });
    return this.origin + path;
  }

  /** Serves a page that holds nothing but the snippet. */
  snippet(path, attributes, { before = '', policy } = {}) {
    return this.page(path, `<!doctype html><html lang="en"><head><meta name="viewport" content="width=device-width">${before}<script async src="https://chat.example/widget.js" ${attributes}></script></head><body><main><h1>A host</h1><p id="place">Words.</p>${'<p>More words.</p>'.repeat(80)}</main></body></html>`, policy);
  }

  close() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Lets the test look into the launcher, which is closed to the host otherwise. */
export function openShadows(context) {
  return context.addInitScript(() => {
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function (options) {
      return attach.call(this, { ...options, mode: 'open' });
    };
  });
}

/** The frame with the conversation, as soon as it shows something. */
export async function chatFrame(page) {
  const frame = await (await page.waitForSelector('iframe', { state: 'attached' })).contentFrame();
  await frame.waitForSelector('.consent, .panel');
  return frame;
}

/** Opens a page that carries the chat. */
export async function openHost(context, address) {
  await openShadows(context);
  const page = await context.newPage();
  await page.goto(address);
  await page.waitForSelector('.launcher, .panel', { state: 'attached' });
  return page;
}

/** Has a page keep every event that it is told. */
const listening = '<script>window.heard=[];window.eider=function(){(eider.q=eider.q||[]).push(arguments)};for(const n of["ready","open","close","unread","answer","handoff","emergency","citation"])eider("on",n,(d)=>heard.push({name:n,...d}))</script>';

/** Opens the chat on a page made for it, and agrees. */
export async function enter(context, hosts, path, attributes = '') {
  const page = await openHost(context, hosts.snippet(path, `data-site="drug-site" ${attributes}`, { before: listening }));
  await page.click('.launcher');
  const frame = await chatFrame(page);
  await frame.click('.consent .primary');
  await frame.waitForSelector('.composer textarea');
  return { page, frame };
}

/** Another window of the same session asks, so that an answer arrives here unasked. */
export function askElsewhere(frame, text) {
  return frame.evaluate((words) => {
    const { token } = JSON.parse(sessionStorage.getItem('eider.session'));
    const socket = new WebSocket(`ws://${location.host}/v1/chat`);
    socket.onopen = () => socket.send(JSON.stringify({ t: 'hello', token, epoch: null, after_seq: 0 }));
    socket.onmessage = ({ data }) => JSON.parse(data).t === 'welcome' && socket.send(JSON.stringify({ t: 'send', cid: crypto.randomUUID(), text: words }));
  }, text);
}
