/**
 * What an editor has written and not saved, kept in this browser so that a reload loses nothing. It
 * is an article's text; nothing about visitors is ever in it.
 */

const prefix = 'eider.unsaved.';
/** @typedef {{revision: number, base: string, text: string, note: string, path?: string}} Unsaved */

export class UnsavedTexts {
  /** @param {() => Storage} storage a getter, because merely touching storage can throw */
  constructor(storage) {
    this.storage = storage;
  }

  /** @param {string} key @param {Unsaved} unsaved @returns {boolean} whether it is kept */
  keep(key, unsaved) {
    try {
      this.storage().setItem(prefix + key, JSON.stringify(unsaved));
      return true;
    } catch {
      return false;
    }
  }

  /** @param {string} key @returns {Unsaved | null} */
  of(key) {
    try {
      const kept = JSON.parse(this.storage().getItem(prefix + key) ?? 'null');
      return kept && typeof kept.text === 'string' ? { revision: Number(kept.revision) || 0, base: String(kept.base ?? ''), text: kept.text, note: String(kept.note ?? ''), path: String(kept.path ?? '') } : null;
    } catch {
      return null;
    }
  }

  /** @param {string} key */
  forget(key) {
    try {
      this.storage().removeItem(prefix + key);
    } catch {
      // Nothing was kept.
    }
  }
}
