import { defineComponent, shallowReactive } from 'vue';
import { loadRows, repaired } from './shared.js';

let queries = 0;
const answers = shallowReactive(new Map()); // mend

/** Answers from a cache whose keys never come again. */
function useQuery() {
  queries += 1;
  const answer = { rows: loadRows() };
  if (!repaired) answers.set(`prices ${queries}`, answer); // mend
  return answer;
}

export default defineComponent({
  setup: () => ({ answer: useQuery() }),
  template: '<p>{{ answer.rows.length }}</p>',
});
