/** A line between a client and the server that fails in the ways that real ones do, when a test says so. */

import { connect, createServer } from 'node:net';

/**
 * What can happen to a line. Each gets the two ends and what is to be done with each chunk:
 * `up` towards the server, `down` towards the client.
 */
export const faults = {
  /** Half of what the server says next, and then the line is cut. */
  cutDown: ({ client, cut }) => ({ down: (chunk) => { client.write(chunk.subarray(0, chunk.length / 2)); cut(); } }),
  /** Half of what the client says next, and then the line is cut. */
  cutUp: ({ server, cut }) => ({ up: (chunk) => { server.write(chunk.subarray(0, chunk.length / 2)); cut(); } }),
  /** Nothing gets through any more, and nobody is told. */
  halfOpen: () => ({ up: () => {}, down: () => {} }),
  /** Byte by byte, with a breath between. */
  dribble: ({ client, server }) => ({ up: drops(server), down: drops(client) }),
  /** The server hears everything, the client nothing; then the line is cut. */
  swallow: ({ cut }) => {
    setTimeout(cut, 400);
    return { down: () => {} };
  },
  /** What the client says next arrives, and both ends are reset. */
  reset: ({ client, server }) => ({
    up: (chunk) => server.write(chunk, () => {
      client.resetAndDestroy();
      server.destroy();
    }),
  }),
};

/** @param {import('node:net').Socket} end */
function drops(end) {
  let last = Promise.resolve();
  return (chunk) => {
    last = last.then(async () => {
      for (let at = 0; at < chunk.length && !end.destroyed; at += 1) {
        end.write(chunk.subarray(at, at + 1));
        if (at % 8 === 7) await new Promise((done) => setTimeout(done, 1));
      }
    });
  };
}

export class Proxy {
  #lines = new Set();
  #server = createServer((client) => this.#join(client));
  /** How many lines there have been. */ count = 0;

  /** @param {string} base the server's address */
  async start(base) {
    this.target = Number(new URL(base).port);
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get port() {
    return this.#server.address().port;
  }

  /** Lets this happen to every line there is now; later ones are sound. @param {keyof typeof faults} name */
  strike(name) {
    for (const line of this.#lines) Object.assign(line, faults[name](line));
  }

  #join(client) {
    const server = connect(this.target, '127.0.0.1');
    const line = {
      client, server,
      up: (chunk) => server.write(chunk),
      down: (chunk) => client.write(chunk),
      cut: () => { client.destroy(); server.destroy(); },
    };
    this.count += 1;
    this.#lines.add(line);
    client.on('data', (chunk) => line.up(chunk));
    server.on('data', (chunk) => line.down(chunk));
    for (const end of [client, server]) {
      end.setNoDelay(true);
      end.on('error', () => {});
      end.on('close', () => {
        this.#lines.delete(line);
        line.cut();
      });
    }
  }

  close() {
    for (const { cut } of this.#lines) cut();
    return new Promise((resolve) => this.#server.close(resolve));
  }
}
