/** On small screens the chat is a sheet over the page; on wide ones it stands beside the article. */

const wide = window.matchMedia('(min-width: 60rem)');

/** @param {{place: HTMLElement, open: HTMLElement, behind: HTMLElement[], onOpen: () => void}} parts */
export function createSheet({ place, open, behind, onOpen }) {
  let isOpen = false;

  function arrange() {
    const isSheet = !wide.matches;
    const covers = isSheet && isOpen;
    place.hidden = isSheet && !isOpen;
    open.hidden = !isSheet || isOpen;
    document.body.classList.toggle('has-sheet', covers);
    for (const element of behind) element.inert = covers;
  }

  function close() {
    if (!isOpen) return;
    isOpen = false;
    arrange();
    if (!wide.matches) open.focus({ preventScroll: true });
  }

  open.addEventListener('click', () => {
    isOpen = true;
    arrange();
    onOpen();
  });
  place.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !wide.matches) close();
  });
  wide.addEventListener('change', arrange);
  arrange();
  return { close };
}
