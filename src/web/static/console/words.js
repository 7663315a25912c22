/** The words of the console in both languages. Visitors never see them. */

import { fill } from '../shared/i18n.js';
import { en } from './words-en.js';
import { zh } from './words-zh.js';

/** @typedef {import('../shared/i18n.js').Lang} Lang */
/** @typedef {(key: string, values?: Record<string, string | number>) => string} Translate */

/** @type {Record<Lang, Record<string, string>>} */
const tables = { en, zh };

/** Families whose members the server may add to: an unknown one is shown as it came. */
const open = /^(?:reason|outcome|state|code|formState)\./;

/** @param {Lang} lang @returns {Translate} */
export function translator(lang) {
  return (key, values) => {
    const words = tables[lang][key] ?? (key.startsWith('code.') ? tables[lang]['code.internal'] : open.test(key) ? key.slice(key.indexOf('.') + 1).replace(/_/g, ' ') : key);
    return fill(words ?? key, values);
  };
}
