import { type ComponentType, useState } from 'react';

/** The button that opens the panel, and the panel with the button that closes it. */
export function Shell({ Panel }: { Panel: ComponentType }) {
  const [open, setOpen] = useState(false);
  return (
    <main>
      <button id="open" onClick={() => setOpen(true)}>
        Open
      </button>
      {open && (
        <section id="panel">
          <Panel />
          <button id="close" onClick={() => setOpen(false)}>
            Close
          </button>
        </section>
      )}
    </main>
  );
}
