import { computed, defineComponent, onMounted, onUnmounted, shallowRef, watch } from 'vue';
import { loadRows } from './shared.js';

/** Watchers of the component's own, a listener that goes, a computed value. */
export default defineComponent({
  setup() {
    const rows = shallowRef(loadRows());
    const sum = computed(() => rows.value.reduce((all, { price }) => all + price, 0));
    const onResize = () => {
      rows.value = rows.value.toReversed();
    };
    watch(sum, () => {
      document.title = String(sum.value);
    });
    onMounted(() => addEventListener('resize', onResize));
    onUnmounted(() => removeEventListener('resize', onResize));
    return { sum };
  },
  template: '<p>{{ sum }}</p>',
});
