/** What has arrived while nobody looked: how many, and where the reader left off. */

/** @typedef {import('./state.js').Item} Item */

export class Unread {
  /** The last message that was in view. */ #seen = 0;
  #count = 0;
  #wasSeen = true;
  /** Where the reader left off, in the log's numbers: the first message that was missed. @type {number | null} */ mark = null;

  /** @param {(count: number) => void} changed */
  constructor(changed) {
    this.changed = changed;
  }

  /** Takes in what the log holds now. @param {readonly Item[]} items @param {boolean} isSeen somebody is looking @param {number} replayTo what was there before the page */
  follow(items, isSeen, replayTo) {
    const newest = items.reduce((last, { seq }) => Math.max(last, seq ?? 0), 0);
    if (isSeen) this.#seen = newest;
    else this.#seen = Math.max(this.#seen, Math.min(replayTo, newest));
    const missed = items.filter((item) => (item.seq ?? 0) > this.#seen && isNews(item));
    // The mark stands while what it announces is being read, and goes when the reader leaves.
    if (!isSeen && this.#wasSeen) this.mark = null;
    this.mark ??= missed[0]?.seq ?? null;
    this.#wasSeen = isSeen;
    if (missed.length === this.#count) return;
    this.#count = missed.length;
    this.changed(missed.length);
  }

  forget() {
    this.#seen = 0;
    this.#count = 0;
    this.mark = null;
    this.changed(0);
  }
}

/** @param {Item} item */
function isNews({ kind }) {
  return kind === 'answer' || kind === 'consultant';
}
