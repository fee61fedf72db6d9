/** What every page has: a button that opens a panel, and one in the panel that closes it again. */

/** Whether the page is the repaired twin. */
export const repaired = new URLSearchParams(location.search).has('repaired');

const button = document.getElementById('open');
const place = document.getElementById('place');

/** Rows to show, so that what a page leaks has some weight. */
export const loadRows = (count = 200) => Array.from({ length: count }, (_, at) => ({ id: at, price: at * 1.1 }));

/**
 * @param {(panel: HTMLElement) => unknown} open called when the panel opens, awaited before it shows
 * @param {(panel: HTMLElement) => unknown} close called when it closes, awaited before it goes
 */
export function panel(open, close = () => {}) {
  button.onclick = async () => {
    const section = document.createElement('section');
    section.id = 'panel';
    await open(section);
    const end = document.createElement('button');
    end.id = 'close';
    end.textContent = 'Close';
    end.onclick = async () => {
      await close(section);
      section.remove();
    };
    section.append(end);
    place.append(section);
  };
}
