import { useEffect, useState } from 'react';
import { loadRows, repaired } from './shared.ts';

export default function VisiblePanel() {
  const [rows] = useState(() => loadRows());
  const [seen, setSeen] = useState(0);
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => setSeen(entries.length + rows.length)); // mend
    observer.observe(document.body); // mend
    return repaired ? () => observer.disconnect() : undefined;
  }, [rows]);
  return <p>{seen}</p>;
}
