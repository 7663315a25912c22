/** Timers by name: setting one again replaces it, and all can be dropped at once. */
export class Timers {
  /** @type {Map<string, any>} */ #running = new Map();

  /** @param {import('./environment.js').Environment} environment */
  constructor(environment) {
    this.environment = environment;
  }

  /** @param {string} name @param {number} delayMs @param {() => void} work */
  set(name, delayMs, work) {
    this.clear(name);
    this.#running.set(name, this.environment.setTimeout(() => {
      this.#running.delete(name);
      work();
    }, delayMs));
  }

  /** @param {string} name */
  has(name) {
    return this.#running.has(name);
  }

  /** @param {string} name */
  clear(name) {
    this.environment.clearTimeout(this.#running.get(name));
    this.#running.delete(name);
  }

  clearAll() {
    for (const name of [...this.#running.keys()]) this.clear(name);
  }
}
