/** Two short notes when words arrive out of sight. Quiet until the visitor has done something here, and once muted for as long as the tab lives. */

const mark = 'eider.muted';
let isMuted = read();
/** @type {AudioContext | null} */ let context = null;

function read() {
  try {
    return sessionStorage.getItem(mark) !== null;
  } catch {
    return false;
  }
}

export function muted() {
  return isMuted;
}

/** @param {boolean} isQuiet */
export function mute(isQuiet) {
  isMuted = isQuiet;
  try {
    if (isQuiet) sessionStorage.setItem(mark, 'true');
    else sessionStorage.removeItem(mark);
  } catch {
    // Without storage it is quiet until the next page.
  }
}

export function chime() {
  if (isMuted || !navigator.userActivation?.hasBeenActive || typeof AudioContext === 'undefined') return;
  context ??= new AudioContext();
  const start = context.currentTime;
  const volume = new GainNode(context, { gain: 0.05 });
  volume.connect(context.destination);
  [660, 880].forEach((frequency, index) => {
    if (!context) return;
    const note = new OscillatorNode(context, { frequency });
    note.connect(volume);
    note.start(start + index * 0.12);
    note.stop(start + index * 0.12 + 0.1);
  });
}
