import { createApp, defineComponent, ref } from 'vue';
import { pages } from './pages.js';

/** `/vue/NAME` shows the panel of `NAME.js`. */
const { default: Panel } = await pages[location.pathname.split('/').at(-1)]();

/** The button that opens the panel, and the panel with the button that closes it. */
const Shell = defineComponent({
  components: { Panel },
  setup: () => ({ open: ref(false), cached: Panel.keepAlive === true }),
  template: `
    <main>
      <button id="open" @click="open = true">Open</button>
      <KeepAlive v-if="cached"><Panel v-if="open" /></KeepAlive>
      <section v-if="open" id="panel">
        <Panel v-if="!cached" />
        <button id="close" @click="open = false">Close</button>
      </section>
    </main>`,
});

createApp(Shell).mount('#root');
