/**
 * A host's colour, made readable: it is darkened or lightened until text in it stands out from the
 * background, and what is written on it is black or white, whichever is clearer.
 */

/** Least contrast of text, by WCAG 2.2. */
const enough = 4.5;

/** @param {string} color as `#rrggbb` @returns {number[]} */
function channels(color) {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
}

/** @param {string} color */
function luminance(color) {
  const [red = 0, green = 0, blue = 0] = channels(color).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** @param {string} one @param {string} other */
export function contrast(one, other) {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** @param {string} color @param {string} towards @param {number} share */
function mix(color, towards, share) {
  const goal = channels(towards);
  return `#${channels(color).map((value, index) => Math.round(value + ((goal[index] ?? 0) - value) * share).toString(16).padStart(2, '0')).join('')}`;
}

/** The nearest colour that can be read on this surface. @param {string} color @param {string} surface */
export function readable(color, surface) {
  const towards = luminance(surface) > 0.4 ? '#000000' : '#ffffff';
  for (let share = 0; share < 1; share += 0.05) {
    const tried = mix(color, towards, share);
    if (contrast(tried, surface) >= enough) return tried;
  }
  return towards;
}

/** Puts a host's look on the page. @param {{theme?: string, color?: string, font?: string, radius?: string}} look */
export function wear({ theme = 'auto', color, font, radius }) {
  const { style, dataset } = document.documentElement;
  if (theme !== 'auto') dataset.theme = theme;
  if (font) style.setProperty('--font-text', font);
  if (radius) style.setProperty('--radius', radius);
  if (!color) return;
  const paint = () => {
    const isDark = theme === 'dark' || (theme === 'auto' && window.matchMedia('(prefers-color-scheme: dark)').matches);
    // The tints of the theme, the hardest backgrounds an accent stands on.
    const accent = readable(color, isDark ? '#2a393d' : '#e4eceb');
    style.setProperty('--accent', accent);
    style.setProperty('--accent-hover', mix(accent, isDark ? '#ffffff' : '#000000', 0.2));
    style.setProperty('--on-accent', contrast(accent, '#ffffff') >= contrast(accent, '#000000') ? '#ffffff' : '#000000');
    style.setProperty('--tint', mix(accent, isDark ? '#162124' : '#ffffff', 0.88));
  };
  paint();
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paint);
}
