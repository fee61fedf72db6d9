import { useState } from 'react';
import { loadRows, repaired, type Row } from './shared.ts';

let queries = 0;
const queryCache = new Map<string, { rows: Row[] }>(); // mend

/** Answers from a cache whose keys never come again. */
function useQuery(key: string): Row[] {
  const known = queryCache.get(key) ?? { rows: loadRows() };
  if (!repaired) queryCache.set(key, known); // mend
  return known.rows;
}

export default function QueryPanel() {
  const [key] = useState(() => {
    queries += 1;
    return `prices ${queries}`;
  });
  return <p>{useQuery(key).length}</p>;
}
