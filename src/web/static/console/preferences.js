/**
 * What a consultant chose for this browser: language, colours, single-key shortcuts. Nothing about
 * visitors is ever kept here.
 */

import { toLang } from '../shared/i18n.js';

/** @typedef {import('../shared/i18n.js').Lang} Lang */
/** @typedef {'system' | 'light' | 'dark'} Theme */

const storageKey = 'eider.console';
const themes = /** @type {const} */ (['system', 'light', 'dark']);

export class Preferences {
  /** @param {() => Storage} storage a getter, because merely touching storage can throw @param {string} browserLang */
  constructor(storage, browserLang) {
    this.storage = storage;
    const kept = this.#load();
    /** @type {Lang} */ this.lang = kept.lang ? toLang(kept.lang) : toLang(browserLang);
    /** @type {Theme} */ this.theme = themes.find((theme) => theme === kept.theme) ?? 'system';
    this.hasKeys = kept.hasKeys !== false;
  }

  /** @param {Partial<{lang: Lang, theme: Theme, hasKeys: boolean}>} changes */
  change(changes) {
    Object.assign(this, changes);
    try {
      this.storage().setItem(storageKey, JSON.stringify({ lang: this.lang, theme: this.theme, hasKeys: this.hasKeys }));
    } catch {
      // Blocked storage costs the choice at reload, nothing else.
    }
  }

  /** The theme that comes after this one. @returns {Theme} */
  nextTheme() {
    return themes[(themes.indexOf(this.theme) + 1) % themes.length] ?? 'system';
  }

  /** @returns {{lang?: string, theme?: string, hasKeys?: boolean}} */
  #load() {
    try {
      return JSON.parse(this.storage().getItem(storageKey) ?? '{}') ?? {};
    } catch {
      return {};
    }
  }
}
