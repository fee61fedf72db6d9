import { useEffect, useState } from 'react';
import { createPortal } from 'react-dom';
import { repaired } from './shared.ts';

function createHost(): HTMLElement {
  // mend
  const host = document.createElement('aside');
  host.className = 'modal-host';
  document.body.append(host); // mend
  return host;
}

/** A host of its own for each dialog, which nobody takes away. */
export default function ModalPanel() {
  const [host] = useState(createHost);
  useEffect(
    () => () => {
      if (repaired) host.remove();
    },
    [host],
  );
  return createPortal(<p>Are you sure?</p>, host);
}
