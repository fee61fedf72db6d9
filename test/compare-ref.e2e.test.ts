/** `compare <ref>`: real repositories, commands and servers. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createRepository } from './support/repository.ts';

const few = ['--pairs', '2', '--no-budgets'];

test('builds and starts both sides, the second time from the cache; uncommitted changes count', async () => {
  using project = createRepository();
  const base = project.commit('first');
  project.git('switch', '--quiet', '--create', 'feature');
  project.write('index.html', '<h1>second</h1>');
  project.commit('second');
  project.write('index.html', '<h1>third</h1>');

  const first = await project.pacewright(['compare', 'main', ...few], project.env);
  expect(first.code, first.output).toBe(0);
  expect(first.output).toMatch(new RegExp(`base {2}main ${base.slice(0, 7)} {2}http://127\\.0\\.0\\.1:\\d+/`));
  expect(first.output).toMatch(/head {2}feature \w{7}, with uncommitted changes {2}http/);
  expect(project.note('ran')).toBe('base install\nbase build\nhead install\nhead build\n');
  expect(project.note('base.log')).not.toBe('');
  expect(project.note('head.log')).not.toBe('');

  const second = await project.pacewright(['compare', 'main', ...few], project.env);
  expect(second.code, second.output).toBe(0);
  expect(second.output).toContain('was built before');
  expect(project.note('ran')).toBe('base install\nbase build\nhead install\nhead build\nhead install\nhead build\n');
  expect(project.git('worktree', 'list').split('\n')).toHaveLength(1);
  expect(readdirSync(`${project.folder}/.git`)).not.toContain('worktrees');
});
