/** Starts the real server, in folders of its own. */

import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const binary = process.env.EIDER_BIN ?? join(root, 'target/debug/eider');

/** One server with folders of its own; it can be killed and started again at the same address. */
export class Server {
  #folder = mkdtempSync(join(tmpdir(), 'eider-browser-'));
  #knowledge = join(root, 'knowledge');
  #config = join(this.#folder, 'eider.toml');
  #limits;
  #child = null;
  #port = 0;

  /** @param {{consultants?: boolean, settings?: string, limits?: 'off'}} [options] with consultants there are no business hours, so that no test depends on its hour; `settings` is an `eider.toml` */
  constructor({ consultants = false, settings = '', limits } = {}) {
    if (consultants) this.#withoutHours();
    this.#limits = limits;
    writeFileSync(this.#config, settings);
  }

  get base() {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Where an article stands; for servers with consultants, whose folder is their own. */
  article(path) {
    return join(this.#knowledge, path);
  }

  async start() {
    const child = spawn(binary, ['--config', this.#config], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: this.#environment(),
    });
    this.#child = child;
    let said = '';
    this.#port = await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the server did not start in time:\n${said}`)), 120_000);
      child.stderr.on('data', (data) => {
        said = (said + data).slice(-20_000);
        const found = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(said);
        if (!found) return;
        clearTimeout(timer);
        resolve(Number(found[1]));
      });
      const fail = (/** @type {Error} */ error) => {
        clearTimeout(timer);
        reject(error);
      };
      child.once('error', fail);
      child.once('exit', (code) => fail(new Error(`the server ended with ${code}:\n${said}`)));
    });
  }

  #environment() {
    return {
      ...process.env, EIDER_LISTEN: `127.0.0.1:${this.#port}`, EIDER_KNOWLEDGE: this.#knowledge,
      EIDER_DATA: join(this.#folder, 'data'), EIDER_INDEX: join(this.#folder, 'index'),
      ...(this.#limits ? { EIDER_LIMITS: this.#limits } : {}),
    };
  }

  #withoutHours() {
    this.#knowledge = join(this.#folder, 'knowledge');
    cpSync(join(root, 'knowledge'), this.#knowledge, { recursive: true });
    const path = join(this.#knowledge, 'policy/hand-off.toml');
    const policy = readFileSync(path, 'utf8').replace(/^\[hours\][^]*?(?=^\[)/m, '');
    writeFileSync(path, policy);
  }

  /** Makes an account; the password is its name, twice and with a tail. */
  addUser(login, name, ...roles) {
    const password = `${login}-${login}-password`;
    execFileSync(binary, ['user', 'add', login, '--name', name, ...roles.flatMap((role) => ['--role', role]), '--password-stdin'], { cwd: root, env: this.#environment(), input: `${password}\n` });
    return password;
  }

  /** Asks the server to leave in good order. */
  terminate() {
    return this.kill('SIGTERM');
  }

  /** Ends the server at once, as a power cut would. */
  async kill(signal = 'SIGKILL') {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  async remove() {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
