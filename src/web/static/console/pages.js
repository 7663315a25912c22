/** The pages of the desk; each is built when it is first wanted and fetched anew when it is shown. */

import { el } from '../shared/dom.js';
import { createAudit } from './audit.js';
import { createFigures } from './figures.js';
import { createForms } from './forms.js';
import { createKnowledge, isEditing } from './knowledge.js';
import { createPast } from './past.js';
import { createWebhooks } from './webhooks.js';

/**
 * @typedef {import('./frame.js').Page} Page
 * @typedef {{element: HTMLElement, shown?: () => void, hidden?: () => void, update?: (state: import('./state.js').State) => void}} View
 */

/** @param {readonly string[]} roles @returns {Page[]} */
export function pageNames(roles) {
  const isAdministrator = roles.includes('administrator');
  return ['desk', 'figures', 'past', 'forms', ...(isAdministrator ? /** @type {const} */ (['audit', 'webhooks']) : []), ...(isAdministrator || roles.includes('editor') ? /** @type {const} */ (['knowledge']) : [])];
}

/** The page that a console opens with: the one that the address names, or the desk. @param {readonly string[]} roles @returns {Page} */
export function firstPage(roles) {
  return isEditing() && pageNames(roles).includes('knowledge') ? 'knowledge' : 'desk';
}

/** @param {import('./desk.js').Tools} tools @param {HTMLElement} workplace */
export function createPages(tools, workplace) {
  /** @type {Record<Page, () => View>} */
  const makers = {
    desk: () => ({ element: workplace }), figures: () => createFigures(tools), past: () => createPast(tools),
    forms: () => createForms(tools), audit: () => createAudit(tools), webhooks: () => createWebhooks(tools),
    knowledge: () => createKnowledge(tools),
  };
  /** @type {Map<Page, View>} */ const views = new Map();
  /** @type {Page | null} */ let current = null;
  const element = el('div', { class: 'pages' });

  return {
    element,
    /** @param {Page} page */
    show(page) {
      const isSame = page === current;
      const view = views.get(page) ?? makers[page]();
      views.set(page, view);
      if (isSame && view.element.isConnected) return;
      if (current) views.get(current)?.hidden?.();
      current = page;
      element.replaceChildren(view.element);
      view.update?.(tools.state());
      view.shown?.();
    },
    /** @param {import('./state.js').State} state */
    update(state) {
      if (current) views.get(current)?.update?.(state);
    },
  };
}
