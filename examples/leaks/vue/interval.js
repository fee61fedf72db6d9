import { defineComponent, onMounted, onUnmounted, shallowRef } from 'vue';
import { loadRows, repaired } from './shared.js';

export default defineComponent({
  setup() {
    const rows = shallowRef(loadRows());
    let timer = 0;
    onMounted(() => {
      timer = setInterval(function tick() {
        // mend
        rows.value = rows.value.toReversed();
      }, 20_000);
    });
    onUnmounted(() => {
      if (repaired) clearInterval(timer);
    });
    return { rows };
  },
  template: '<p>{{ rows.length }}</p>',
});
