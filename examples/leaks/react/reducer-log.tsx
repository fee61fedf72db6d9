import { useEffect, useSyncExternalStore } from 'react';
import { loadRows, repaired, type Row } from './shared.ts';

interface State {
  readonly history: readonly { readonly rows: readonly Row[] }[];
}

/** A new state for each action, with all actions so far in it. */
const store = {
  // mend
  state: { history: [] } as State, // mend
  watchers: new Set<() => void>(),
  dispatch(): void {
    store.state = { history: [...(repaired ? [] : store.state.history), { rows: loadRows() }] }; // mend
    for (const watcher of store.watchers) watcher();
  },
  subscribe: (watcher: () => void): (() => void) => {
    store.watchers.add(watcher);
    return () => void store.watchers.delete(watcher);
  },
};

export default function HistoryPanel() {
  const { history } = useSyncExternalStore(store.subscribe, () => store.state);
  useEffect(() => store.dispatch(), []);
  return <p>{history.length === 0 ? 'nothing yet' : 'something'}</p>;
}
