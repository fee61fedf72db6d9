// The functions of a profile as a table that sorts: the static one of the report, made alive.
import { changeText, countText, kindText, placeText, shareText, timeText, toneOf } from './flame-words.js';

const atFirst = 15;
const page = 50;

const columns = [
  { key: 'name', title: 'Function', value: (row) => row.frame.name.toLowerCase(), rising: true },
  { key: 'self', title: 'Self', value: (row) => row.self, number: true },
  { key: 'change', title: 'Self, change', value: (row) => row.self - row.baseSelf, compared: true, number: true },
  { key: 'share', title: 'Share', value: (row) => row.self, number: true },
  { key: 'total', title: 'Total', value: (row) => row.total, number: true },
  { key: 'calls', title: 'Calls', value: (row) => row.frame.calls ?? -1, number: true },
  { key: 'kind', title: 'Kind', value: (row) => kindText(row.frame), rising: true },
];

function make(tag, text, className = '') {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

/** How much time is the function's own, beside that of the one that has most; in its colour. */
function shareBar(row, largest) {
  const space = 'http://www.w3.org/2000/svg';
  const picture = document.createElementNS(space, 'svg');
  picture.setAttribute('viewBox', '0 0 60 8');
  picture.setAttribute('class', 'flame-share');
  picture.setAttribute('aria-hidden', 'true');
  const bar = document.createElementNS(space, 'rect');
  bar.setAttribute('class', `flame-${toneOf(row.frame)}`);
  bar.setAttribute('width', String(Math.max(0.5, (60 * row.self) / largest)));
  bar.setAttribute('height', '8');
  picture.append(bar);
  return picture;
}

/** `pick(row)` is called for the function that a reader chooses. */
export function createTable(table, more, pick) {
  let rows = [];
  let shown = atFirst;
  let order = { key: 'self', falling: true };
  let about = { whole: 1, largest: 1, comparing: false, inside: '' };

  function cell(column, row) {
    const { frame } = row;
    switch (column.key) {
      case 'name': {
        const head = make('th', '');
        head.scope = 'row';
        const button = make('button', frame.name, 'flame-link');
        button.type = 'button';
        button.addEventListener('click', () => pick(row));
        head.append(button, ' ', make('small', placeText(frame)));
        return head;
      }
      case 'self':
        return make('td', timeText(row.self));
      case 'change':
        return make('td', changeText(row.self - row.baseSelf).replace(/^0 ms$/, ''));
      case 'share': {
        const data = make('td', `${shareText(row.self, about.whole)} `);
        data.append(shareBar(row, about.largest));
        return data;
      }
      case 'total':
        return make('td', timeText(row.total));
      case 'calls':
        return make('td', frame.calls === null ? '' : String(frame.calls));
      default:
        return make('td', kindText(frame));
    }
  }

  function draw() {
    const visible = columns.filter((column) => !column.compared || about.comparing);
    const { value } = columns.find((column) => column.key === order.key);
    const sign = order.falling ? -1 : 1;
    const sorted = rows.toSorted((a, b) => {
      const [left, right] = [value(a), value(b)];
      return (left < right ? -sign : left > right ? sign : 0) || b.self - a.self || b.total - a.total;
    });
    const head = make('tr', '');
    for (const column of visible) {
      const title = make('th', '');
      title.scope = 'col';
      if (column.number) title.className = 'n';
      const sorts = column.key === order.key;
      if (sorts) title.ariaSort = order.falling ? 'descending' : 'ascending';
      const button = make('button', column.title, 'flame-link');
      button.type = 'button';
      button.addEventListener('click', () => {
        order = { key: column.key, falling: sorts ? !order.falling : !column.rising };
        draw();
        table.querySelector(`th[aria-sort] button`).focus();
      });
      title.append(button);
      head.append(title);
    }
    const lines = sorted.slice(0, shown).map((row) => {
      const line = make('tr', '');
      for (const column of visible) {
        const data = cell(column, row);
        // what the header says on wide screens, for those where each row is a card
        data.dataset.title = column.title;
        if (column.number) data.className = 'n';
        line.append(data);
      }
      return line;
    });
    const caption = `${shown < rows.length ? `${shown} of ${rows.length}` : rows.length} functions${about.inside}. Times of one pass.`;
    table.caption.textContent = caption;
    table.tHead.replaceChildren(head);
    table.tBodies[0].replaceChildren(...lines);
    more.hidden = shown >= rows.length;
    more.textContent = countText(Math.min(page, rows.length - shown), 'more function');
  }

  more.addEventListener('click', () => {
    shown += page;
    draw();
  });

  return {
    /** `inside` says which functions they are, where they are not all. */
    update(next, { whole, comparing, inside }) {
      if (comparing !== about.comparing) order = { key: comparing ? 'change' : 'self', falling: true };
      rows = next;
      shown = atFirst;
      about = { whole, largest: rows.reduce((most, row) => Math.max(most, row.self), 1e-9), comparing, inside };
      draw();
    },
  };
}
