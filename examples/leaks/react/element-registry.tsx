import { useEffect, useRef } from 'react';
import { repaired } from './shared.ts';

const elementRegistry: HTMLElement[] = []; // mend

/** Registers its element, and stays registered. */
export default function MeasuredPanel() {
  const ref = useRef<HTMLUListElement>(null);
  useEffect(() => {
    if (ref.current) elementRegistry.push(ref.current); // mend
    return () => {
      if (repaired) elementRegistry.pop();
    };
  }, []);
  return (
    <ul ref={ref}>
      {Array.from({ length: 20 }, (_, at) => (
        <li key={at}>{at}</li>
      ))}
    </ul>
  );
}
