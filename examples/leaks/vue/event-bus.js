import { defineComponent, onUnmounted, shallowRef } from 'vue';
import { loadRows, repaired } from './shared.js';

const listeners = new Map(); // mend

/** As mitt does it: a list of handlers for each event. */
function on(event, handler) {
  const list = listeners.get(event) ?? [];
  listeners.set(event, list);
  list.push(handler); // mend
  return () => list.splice(list.indexOf(handler), 1);
}

export default defineComponent({
  setup() {
    const rows = shallowRef(loadRows());
    const off = on('price', function onPrice(price) {
      // mend
      rows.value = [{ id: 0, price }];
    });
    onUnmounted(() => {
      if (repaired) off();
    });
    return { rows };
  },
  template: '<p>{{ rows.length }}</p>',
});
