/** The frame that holds the conversation, and the line to it: exact origins, both ways. */

import { makeAway } from './away.js';
import { make } from './style.js';

/** @typedef {Record<string, any>} Fields */

/** A page that came is given so long to answer, and one that did not come so long to arrive. */
const answerMs = 2_000;
const arriveMs = 15_000;

/**
 * @param {{base: string, panel: HTMLElement, address: (isAlone: boolean) => string, words: () => import('./words.js').Words,
 *   hello: () => Fields, hear: (message: Fields) => void, close: (() => void) | null}} options
 */
export function makeFrame({ base, panel, address, words, hello, hear, close }) {
  /** @type {HTMLIFrameElement | null} */ let frame = null;
  let isReady = false;
  /** @type {Fields[]} */ const waiting = [];

  /** @param {Fields} message */
  const post = (message) => frame?.contentWindow?.postMessage({ eider: 1, ...message }, base);

  function load() {
    if (frame) return;
    isReady = false;
    const made = make('iframe', { src: address(false), title: words().title, referrerpolicy: 'no-referrer' });
    frame = made;
    const giveUp = () => frame === made && !isReady && showAway();
    let timer = setTimeout(giveUp, arriveMs);
    made.addEventListener('load', () => {
      post({ t: 'hello', ...hello() });
      clearTimeout(timer);
      timer = setTimeout(giveUp, answerMs);
    });
    panel.replaceChildren(made);
  }

  function showAway() {
    const retry = () => {
      frame = null;
      load();
    };
    panel.querySelector('.away')?.remove();
    const away = makeAway(words(), address(true), retry, close);
    panel.append(away);
    if (!panel.hidden) away.querySelector('button').focus();
  }

  window.addEventListener('message', ({ source, origin, data }) => {
    if (!frame || source !== frame.contentWindow || origin !== base || data?.eider !== 1) return;
    if (data.t === 'ready') {
      isReady = true;
      panel.querySelector('.away')?.remove();
      for (const message of waiting.splice(0)) post(message);
    }
    hear(data);
  });

  return {
    load,
    get isLoaded() {
      return frame !== null;
    },
    get isReady() {
      return isReady;
    },
    /** Says it now, or as soon as somebody listens. @param {string} t @param {Fields} [fields] */
    tell(t, fields = {}) {
      if (isReady) post({ t, ...fields });
      else waiting.push({ t, ...fields });
    },
    focus: () => frame?.focus(),
    rename: () => frame?.setAttribute('title', words().title),
  };
}
