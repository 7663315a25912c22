/** What stands where the chat cannot: a way to the plain page, and where to call. */

import { make } from './style.js';
import { phones } from './words.js';

/** @param {import('./words.js').Words} words @param {string} page the plain page @param {() => void} retry @param {(() => void) | null} close */
export function makeAway({ away, page: label, again, close: shut, call, places }, page, retry, close) {
  const button = (/** @type {string} */ text, /** @type {() => void} */ action) => {
    const element = make('button', { type: 'button' }, text);
    element.onclick = action;
    return element;
  };
  const links = phones.map((number, index) => make('a', { href: `tel:${number}` }, `${places[index]} ${number}`));
  return make('div', { class: 'away', role: 'alert' }, make('p', {}, away),
    make('p', {}, make('a', { href: page, target: '_blank', rel: 'noopener' }, label)),
    button(again, retry), ...(close ? [button(shut, close)] : []), make('p', {}, call), ...links);
}
