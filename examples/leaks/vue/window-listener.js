import { defineComponent, onMounted, onUnmounted, ref, shallowRef } from 'vue';
import { loadRows, repaired } from './shared.js';

export default defineComponent({
  setup() {
    const rows = shallowRef(loadRows());
    const width = ref(innerWidth);
    const onResize = () => {
      // mend
      width.value = innerWidth / rows.value.length;
    };
    onMounted(() => addEventListener('resize', onResize)); // mend
    onUnmounted(() => {
      if (repaired) removeEventListener('resize', onResize);
    });
    return { width };
  },
  template: '<p>{{ width }}</p>',
});
