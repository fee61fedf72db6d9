import { useEffect, useState } from 'react';
import { loadRows, repaired } from './shared.ts';

export default function SizedPanel() {
  const [rows] = useState(() => loadRows());
  const [width, setWidth] = useState(innerWidth);
  useEffect(() => {
    const onResize = () => setWidth(innerWidth / rows.length); // mend
    addEventListener('resize', onResize); // mend
    return repaired ? () => removeEventListener('resize', onResize) : undefined;
  }, [rows]);
  return <p>{width}</p>;
}
