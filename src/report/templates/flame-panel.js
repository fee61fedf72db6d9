// What a flame graph says in words: of the box under the pointer, of the chosen one, and of the way to it.
import { changeText, factsOf, placeText, shareText, timeText } from './flame-words.js';

function button(text, act) {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = text;
  made.addEventListener('click', act);
  return made;
}

function item(...parts) {
  const made = document.createElement('li');
  made.append(...parts);
  return made;
}

/** `part(name)` finds an element of the graph. `show` takes each new layout, `inverted` where callers stand below. */
export function createPanel(part) {
  let layout = null;
  let inverted = false;

  const frameAt = (node) => layout.frames[layout.frame[node]];
  const nameOf = (node) => frameAt(node)?.name ?? layout.roots.find(({ root }) => root === node).name;
  const changeOf = (node) => layout.total[node] - layout.base.total[node];

  function wholeOf(node) {
    let at = node;
    while (layout.parent[at] >= 0) at = layout.parent[at];
    return layout.total[at];
  }

  function sumOf(times) {
    return layout.roots.reduce((sum, { root }) => sum + times[root], 0);
  }

  function placeOf(node) {
    const frame = frameAt(node);
    return frame ? placeText(frame) : '';
  }

  function fill(name, place, facts) {
    part('name').textContent = name;
    part('place').textContent = place;
    part('facts').replaceChildren(
      ...facts.map(([term, text]) => {
        const [box, dt, dd] = ['div', 'dt', 'dd'].map((tag) => document.createElement(tag));
        dt.textContent = term;
        dd.textContent = text;
        box.append(dt, dd);
        return box;
      }),
    );
  }

  return {
    show(next, upwards) {
      layout = next;
      inverted = upwards;
    },
    nameOf,
    changeOf,
    totalTime: () => sumOf(layout.total),

    labelOf(node) {
      const change = layout.base ? changeText(changeOf(node)) : '';
      // what did not change needs its place for its name
      return /^[+−]/.test(change) ? `${change} ${nameOf(node)}` : nameOf(node);
    },

    /** Facts of a box; of everything for -1. */
    describe(node) {
      if (node >= 0) {
        fill(nameOf(node), placeOf(node), factsOf(layout, node, { whole: wholeOf(node), inverted }));
        return;
      }
      const threads = layout.roots.map(({ name, root }) => [name, timeText(layout.total[root])]);
      const base = layout.base ? [['In base', timeText(sumOf(layout.base.total))]] : [];
      fill('One pass', '', [...(threads.length > 1 ? threads : [['Total', timeText(sumOf(layout.total))]]), ...base]);
    },

    /** The same in a sentence, for those who hear it. */
    say(node) {
      const facts = factsOf(layout, node, { whole: wholeOf(node), inverted });
      const parts = [nameOf(node), placeOf(node), ...facts.map(([term, text]) => `${term}: ${text}`)];
      part('said').textContent = parts.filter((text) => text !== '').join('. ');
    },

    /** The hint at the pointer: the shortest that helps. */
    hint(node) {
      part('tip').hidden = node < 0;
      if (node < 0) return;
      const change = layout.base ? ` (${changeText(changeOf(node))})` : '';
      const own = frameAt(node) && !inverted ? `, self ${timeText(layout.self[node])}` : '';
      part('tip-name').textContent = nameOf(node);
      part('tip-text').textContent =
        `${timeText(layout.total[node])}${change}, ${shareText(layout.total[node], wholeOf(node))}${own}`;
      part('tip-place').textContent = placeOf(node);
    },

    /** From everything down to what is zoomed into. */
    drawPath(view) {
      const nodes = [];
      for (let at = view.focus(); at >= 0; at = layout.parent[at]) nodes.unshift(at);
      // the nearest ones: paths of React are 60 long
      const near = nodes.slice(-4);
      const gap = nodes.length > near.length ? [item(`… ${nodes.length - near.length} more`)] : [];
      const items = [
        item(button('All', () => view.reset())),
        ...gap,
        ...near.map((node) => item(button(nameOf(node), () => view.zoomTo(node)))),
      ];
      items.at(-1).firstElementChild.setAttribute('aria-current', 'true');
      part('path').replaceChildren(...items);
    },
  };
}
