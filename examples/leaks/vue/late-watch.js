import { defineComponent, onUnmounted, ref, shallowRef, watch } from 'vue';
import { loadRows, repaired } from './shared.js';

/** Lives as long as the page, and with it all that watches it. */
const currency = ref('EUR'); // mend

export default defineComponent({
  setup() {
    const rows = shallowRef(loadRows());
    let stop = () => {};
    // After an await Vue no longer knows for which component it is: nothing stops this watcher.
    void Promise.resolve().then(() => {
      stop = watch(currency, function onCurrency() {
        // mend
        rows.value = [];
      });
    });
    onUnmounted(() => {
      if (repaired) stop();
    });
    return { rows };
  },
  template: '<p>{{ rows.length }}</p>',
});
