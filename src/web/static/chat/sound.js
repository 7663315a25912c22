/** Two short notes when words arrive out of sight. Quiet until the visitor has done something here, and for good once muted. */

let isMuted = false;
/** @type {AudioContext | null} */ let context = null;

export function muted() {
  return isMuted;
}

/** @param {boolean} isQuiet */
export function mute(isQuiet) {
  isMuted = isQuiet;
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
