/** Whether the page is the repaired twin. */
export const repaired = new URLSearchParams(location.search).has('repaired');

export interface Row {
  readonly id: number;
  readonly price: number;
}

/** Rows to show, so that what a page leaks has some weight. */
export const loadRows = (count = 200): Row[] => Array.from({ length: count }, (_, at) => ({ id: at, price: at * 1.1 }));
