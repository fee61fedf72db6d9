import { loadRows, panel, repaired } from './panel.js';

/** An EventTarget that lives as long as the page. */
const bus = new EventTarget(); // mend

class PriceList {
  // mend
  rows = loadRows();
  connect() {
    bus.addEventListener('price', this); // mend
  }
  disconnect() {
    bus.removeEventListener('price', this);
  }
  handleEvent({ detail }) {
    // mend
    this.rows[detail.id].price = detail.price;
  }
}

let list;

panel(
  () => {
    list = new PriceList();
    list.connect();
  },
  () => {
    if (repaired) list.disconnect();
    list = undefined;
  },
);
