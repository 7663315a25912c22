/**
 * A list on the page that follows a list of values: entries keep their elements, and with them
 * focus and place, for as long as their key is in the list.
 */

/**
 * @template T
 * @param {HTMLElement} parent
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => {element: HTMLElement, update: (item: T) => void}} create
 * @returns {(items: readonly T[]) => void}
 */
export function keyedList(parent, keyOf, create) {
  /** @type {Map<string, {element: HTMLElement, update: (item: T) => void}>} */ let shown = new Map();
  return (items) => {
    /** @type {typeof shown} */ const next = new Map();
    for (const item of items) next.set(keyOf(item), shown.get(keyOf(item)) ?? create(item));
    for (const [key, { element }] of shown) if (!next.has(key)) element.remove();
    const focused = document.activeElement;
    /** @type {HTMLElement | null} */ let previous = null;
    for (const item of items) {
      const view = next.get(keyOf(item));
      if (!view) continue;
      view.update(item);
      /** @type {Node | null} */ const place = previous ? previous.nextSibling : parent.firstChild;
      if (place !== view.element) parent.insertBefore(view.element, place);
      previous = view.element;
    }
    // An element that is moved loses the focus.
    if (focused instanceof HTMLElement && focused !== document.activeElement && parent.contains(focused)) focused.focus({ preventScroll: true });
    shown = next;
  };
}

/** Writes only what is different, so that screen readers hear what is new and nothing else. @param {HTMLElement} element @param {string} words */
export function say(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
