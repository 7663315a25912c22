/** The desk's first page: queue, conversation and details side by side; one at a time where the screen is narrow. */

import { el } from '../shared/dom.js';
import { createPanel } from './panel.js';
import { createQueue } from './queue.js';
import { createSide } from './side.js';

/** @param {import('./desk.js').Tools} tools */
export function createWorkplace(tools) {
  const queue = createQueue(tools);
  const panel = createPanel(tools);
  const side = createSide(tools);
  const element = el('div', { class: 'workplace' }, queue.element, panel.element, side.element);

  /** @param {boolean} isShown */
  function showSide(isShown) {
    element.classList.toggle('has-side', isShown);
    if (isShown) side.element.querySelector('button')?.focus();
  }

  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    showSide(false);
    const current = element.querySelector('.entry-open[aria-current="true"]');
    if (current instanceof HTMLElement && current.checkVisibility()) current.focus();
    else if (event.target instanceof HTMLElement) event.target.blur();
  });

  return {
    element,
    showSide,
    focusSession: panel.focus,
    /** Whether the focus is still where a session that cannot be written in yet has put it. */
    isReading: () => document.activeElement === document.body || document.activeElement?.getAttribute('role') === 'log',
    focusNote() {
      showSide(true);
      side.focusNote();
    },
    /** Moves along the queue. @param {1 | -1} step */
    move(step) {
      const entries = queue.buttons();
      const at = entries.findIndex((entry) => entry === document.activeElement);
      const from = at >= 0 ? at : entries.findIndex((entry) => entry.getAttribute('aria-current') === 'true');
      entries[Math.max(0, Math.min(entries.length - 1, from < 0 ? 0 : from + step))]?.focus();
    },
    /** @param {import('./state.js').State} state */
    update(state) {
      const session = state.current ? state.sessions[state.current] : undefined;
      element.classList.toggle('has-session', session !== undefined);
      queue.update(state);
      panel.update(state);
      side.element.hidden = session === undefined;
      if (session) side.update(state, session);
    },
    tick: queue.tick,
  };
}
