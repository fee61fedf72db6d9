import { lazy, Suspense, useState } from 'react';
import { loadRows } from './shared.ts';

const Late = lazy(() => import('./late-list.tsx'));
let newest = loadRows(1);

/** A part that is loaded when first shown, and the newest rows in a variable of the module. */
export default function LazyPanel() {
  const [rows] = useState(() => {
    newest = loadRows();
    return newest;
  });
  return (
    <Suspense fallback={<p>…</p>}>
      <Late rows={rows} />
    </Suspense>
  );
}
