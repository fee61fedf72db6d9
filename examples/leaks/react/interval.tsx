import { useEffect, useState } from 'react';
import { loadRows, repaired } from './shared.ts';

export default function TickingPanel() {
  const [rows, setRows] = useState(() => loadRows());
  useEffect(() => {
    const tick = () => setRows((old) => old.toReversed()); // mend
    const timer = setInterval(tick, 20_000); // mend
    return repaired ? () => clearInterval(timer) : undefined;
  }, []);
  return <p>{rows.length}</p>;
}
