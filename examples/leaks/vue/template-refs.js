import { defineComponent, onMounted, onUnmounted, ref } from 'vue';
import { repaired } from './shared.js';

const measured = []; // mend

export default defineComponent({
  setup() {
    const list = ref(null);
    onMounted(() => measured.push(list.value)); // mend
    onUnmounted(() => {
      if (repaired) measured.pop();
    });
    return { list };
  },
  template: '<ul ref="list"><li v-for="at in 20" :key="at">{{ at }}</li></ul>',
});
