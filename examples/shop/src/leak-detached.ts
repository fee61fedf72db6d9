const keptRows: HTMLElement[] = [];

/** Leaks `count` elements that were in the document, have left it, and are still held. */
export function keepCartRows(count: number): void {
  for (let at = 0; at < count; at++) {
    const row = document.createElement('li');
    row.className = 'kept-cart-row';
    row.hidden = true;
    document.body.append(row);
    row.remove();
    keptRows.push(row);
  }
}
