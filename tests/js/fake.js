/** A clock, dice and sockets that a test turns by hand. */

export class FakeEnvironment {
  time = 0;
  dice = 0.5;
  sockets = [];
  #timers = [];
  #serial = 0;

  openSocket = (url) => {
    const socket = new FakeSocket(url);
    this.sockets.push(socket);
    return socket;
  };
  setTimeout = (work, delayMs) => {
    const timer = { at: this.time + delayMs, serial: this.#serial += 1, work };
    this.#timers.push(timer);
    return timer;
  };
  clearTimeout = (timer) => {
    this.#timers = this.#timers.filter((other) => other !== timer);
  };
  now = () => this.time;
  random = () => this.dice;
  uuid = () => `cid-${this.#serial += 1}`;

  /** Lets time pass, running what falls due in order. */
  pass(ms) {
    const end = this.time + ms;
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.serial - b.serial)[0];
      if (!due) break;
      this.clearTimeout(due);
      this.time = due.at;
      due.work();
    }
    this.time = end;
  }

  get socket() {
    return this.sockets.at(-1);
  }
}

class FakeSocket {
  sent = [];
  closedWith = null;
  onopen = null;
  onmessage = null;
  onclose = null;

  constructor(url) {
    this.url = url;
  }

  send(data) {
    this.sent.push(JSON.parse(data));
  }

  close(code) {
    this.closedWith = code;
  }

  /** The server says something. */
  says(frame) {
    this.onmessage?.({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) });
  }

  /** The connection ends from the other side. */
  drops(code = 1006) {
    this.onclose?.({ code });
  }

  frames(t) {
    return this.sent.filter((frame) => frame.t === t);
  }
}
