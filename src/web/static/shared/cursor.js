/** How far a client has read the session's log, and whether something is missing. */
export class Cursor {
  lastSeq = 0;
  /** The seq after which a gap was already asked for: the second time the log is taken as it is. */
  #askedAt = -1;
  #promisedHead = 0;

  /** Starts reading after a welcome; says whether the view must be emptied first. @param {'fresh' | 'resumed' | 'resync'} mode */
  welcome(mode) {
    const isReset = mode === 'resync' || (mode === 'fresh' && this.lastSeq > 0);
    if (mode !== 'resumed') {
      this.lastSeq = 0;
      this.#askedAt = 0;
    }
    this.#promisedHead = this.lastSeq;
    return isReset;
  }

  /** @param {number} seq @returns {'next' | 'known' | 'gap'} */
  read(seq) {
    if (!Number.isInteger(seq) || seq <= this.lastSeq) return 'known';
    if (seq > this.lastSeq + 1 && this.#askedAt !== this.lastSeq) {
      this.#askedAt = this.lastSeq;
      return 'gap';
    }
    this.lastSeq = seq;
    return 'next';
  }

  /** Two pings in a row that promise more than has come mean a lost doorbell. @param {number} headSeq */
  isBehind(headSeq) {
    const behind = this.#promisedHead > this.lastSeq;
    this.#promisedHead = headSeq;
    return behind;
  }
}
