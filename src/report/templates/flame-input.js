// Pointer, wheel and keys of a flame graph.

/** A press that moves further than this drags, and is no click; pixels. */
const slop = 4;

export function listenToPointer(canvas, scroller, view) {
  const held = new Map();
  let dragged = false;

  canvas.addEventListener('pointerdown', (event) => {
    held.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (held.size === 1) dragged = false;
  });
  canvas.addEventListener('pointermove', (event) => {
    const before = held.get(event.pointerId);
    if (!before) {
      if (event.pointerType === 'mouse') view.hover(view.nodeAt(event.clientX, event.clientY));
      return;
    }
    const now = { x: event.clientX, y: event.clientY };
    if (!dragged && Math.hypot(now.x - before.x, now.y - before.y) < slop) return;
    if (!dragged) canvas.setPointerCapture(event.pointerId);
    dragged = true;
    view.hover(-1);
    const [other] = [...held].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    if (other) {
      // two fingers: what was between them stays between them
      const box = canvas.getBoundingClientRect();
      const [was, is] = [Math.abs(before.x - other.x), Math.abs(now.x - other.x)];
      if (was > 8 && is > 8) view.zoomBy(was / is, ((now.x + other.x) / 2 - box.left) / box.width);
    } else {
      view.panBy(before.x - now.x);
      // a finger that moves up or down scrolls by itself
      if (event.pointerType === 'mouse') scroller.scrollTop += before.y - now.y;
    }
    held.set(event.pointerId, now);
  });
  for (const end of ['pointerup', 'pointercancel', 'lostpointercapture']) {
    canvas.addEventListener(end, (event) => held.delete(event.pointerId));
  }
  canvas.addEventListener('pointerleave', () => view.hover(-1));
  canvas.addEventListener('click', (event) => {
    if (dragged) return;
    const node = view.nodeAt(event.clientX, event.clientY);
    if (node < 0) return;
    view.select(node);
    view.zoomTo(node);
  });
  canvas.addEventListener(
    'wheel',
    (event) => {
      const box = canvas.getBoundingClientRect();
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        view.zoomBy(Math.exp(event.deltaY * 0.004), (event.clientX - box.left) / box.width);
        return;
      }
      const across = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
      if (Math.abs(across) <= Math.abs(event.shiftKey ? 0 : event.deltaY)) return;
      event.preventDefault();
      view.panBy(across);
    },
    { passive: false },
  );
}

export function listenToKeys(canvas, view, { search }) {
  canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    switch (event.key) {
      case 'ArrowUp':
      case 'ArrowDown':
      case 'ArrowLeft':
      case 'ArrowRight': {
        const node = view.neighbour(event.key);
        if (node >= 0) view.select(node);
        break;
      }
      case 'Enter':
        if (view.selected >= 0) view.zoomTo(view.selected);
        break;
      case 'Escape':
        view.out();
        break;
      case '/':
        search.focus();
        search.select();
        break;
      case '+':
      case '=':
        view.zoomBy(0.7);
        break;
      case '-':
        view.zoomBy(1 / 0.7);
        break;
      default:
        return;
    }
    event.preventDefault();
  });
}
