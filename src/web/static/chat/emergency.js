/** The emergency line, which needs no server: where to call, one tap away. */

import { el, icon } from '../shared/dom.js';

/** @typedef {import('../shared/protocol.js').PhoneNumber} PhoneNumber */
/** @typedef {import('../shared/i18n.js').Translate} Translate */

/** The line of last resort; the server's own list replaces it once it is known. */
const fallback = /** @type {const} */ ({ us: '911', uk: '999', eu: '112', china: '120' });

/** @param {Translate} t @param {readonly PhoneNumber[]} numbers @returns {PhoneNumber[]} */
export function numbersOr(t, numbers) {
  if (numbers.length > 0) return [...numbers];
  const places = /** @type {(keyof typeof fallback)[]} */ (t('call_order').split(' '));
  return places.map((place) => ({ label: t(place), tel: fallback[place] }));
}

/** Links that dial. @param {readonly PhoneNumber[]} numbers */
export function phoneLinks(numbers) {
  return el('span', { class: 'phones' }, numbers.map(({ label, tel }) => {
    const dialled = tel.replace(/[^+\d]/g, '');
    const words = label.includes(tel) ? label : `${label} ${tel}`;
    return dialled === '' ? el('span', {}, words) : el('a', { class: 'phone', href: `tel:${dialled}` }, words);
  }));
}

/** @param {Translate} t */
export function emergencyLine(t) {
  /** @type {readonly PhoneNumber[]} */ let shown = [];
  const links = el('span', {}, phoneLinks(numbersOr(t, shown)));
  return {
    element: el('p', { class: 'emergency-line' }, icon('alert'), el('span', {}, t('emergency'), ' ', links)),
    /** @param {readonly PhoneNumber[]} numbers */
    update(numbers) {
      if (numbers === shown) return;
      shown = numbers;
      links.replaceChildren(phoneLinks(numbersOr(t, numbers)));
    },
  };
}
