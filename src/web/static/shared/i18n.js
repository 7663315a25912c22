/**
 * Every word the interface itself says, in English and Chinese. No medical statement stands here:
 * answers and disclaimers come from the server. The emergency line is the one exception, because
 * it must work when nothing else does.
 */

import { en } from './words-en.js';
import { zh } from './words-zh.js';

/** @typedef {'en' | 'zh'} Lang */
/** @typedef {keyof typeof en} Key */

const tables = { en, zh };

/** @typedef {(key: Key, values?: Record<string, string | number>) => string} Translate */

/** @param {Lang} lang @returns {Translate} */
export function translator(lang) {
  return (key, values) => fill(tables[lang][key], values);
}

/** Puts values into the holes of a text. @param {string} text @param {Record<string, string | number>} [values] */
export function fill(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''));
}

/** Says whether the interface has a word for this. @param {string} key @returns {key is Key} */
export function isKey(key) {
  return Object.hasOwn(en, key);
}

/** The interface language for a language tag. @param {string | null | undefined} tag @returns {Lang} */
export function toLang(tag) {
  return /^zh\b/i.test(tag ?? '') ? 'zh' : 'en';
}

/** A language tag that fonts and screen readers understand. @param {string | null | undefined} lang */
export function langTag(lang) {
  return toLang(lang) === 'zh' ? 'zh-Hans' : 'en';
}

/** A calendar day in words; what is no date stays as it is. @param {string} day @param {Lang} lang */
export function formatDay(day, lang) {
  const time = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(time)) return day;
  return new Intl.DateTimeFormat(lang === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'medium', timeZone: 'UTC' }).format(time);
}
