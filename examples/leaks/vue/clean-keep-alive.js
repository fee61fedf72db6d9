import { defineComponent, onActivated, shallowRef } from 'vue';
import { loadRows } from './shared.js';

/** Kept while it is not shown, and shown again: one instance for good. */
export default defineComponent({
  keepAlive: true,
  setup() {
    const rows = shallowRef(loadRows());
    onActivated(() => {
      rows.value = loadRows();
    });
    return { rows };
  },
  template: '<p>{{ rows.length }}</p>',
});
