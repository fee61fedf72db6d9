import { createRoot } from 'react-dom/client';
import type { ComponentType } from 'react';
import { pages } from './pages.ts';
import { Shell } from './shell.tsx';

/** `/react/NAME` shows the panel of `NAME.tsx`. */
const name = location.pathname.split('/').at(-1) ?? '';
const page: { default: ComponentType } | undefined = await pages[name]?.();
const root = document.getElementById('root');
if (!root || !page) throw new Error(`no page ${name}`);
createRoot(root).render(<Shell Panel={page.default} />);
