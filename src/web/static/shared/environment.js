/**
 * What the protocol client needs from its surroundings, so that a test can supply its own socket,
 * clock and dice.
 */

/**
 * @typedef {object} Socket
 * @property {(data: string) => void} send
 * @property {(code?: number, reason?: string) => void} close
 * @property {((event: any) => void) | null} onopen
 * @property {((event: any) => void) | null} onmessage
 * @property {((event: any) => void) | null} onclose
 *
 * @typedef {object} Environment
 * @property {(url: string) => Socket} openSocket
 * @property {(work: () => void, delayMs: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 * @property {() => number} now monotonic milliseconds
 * @property {() => number} random
 * @property {() => string} uuid
 */

/** Returns the environment of a browser tab. @returns {Environment} */
export function browserEnvironment() {
  return {
    openSocket: (url) => new WebSocket(url),
    setTimeout: (work, delayMs) => setTimeout(work, delayMs),
    clearTimeout: (timer) => clearTimeout(timer),
    now: () => performance.now(),
    random: () => Math.random(),
    uuid,
  };
}

/** The address of one of the server's sockets. @param {string} path */
export function socketAddress(path) {
  const url = new URL(path, window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

/** Makes a version 4 UUID; `randomUUID` is missing on plain-http pages. */
export function uuid() {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
