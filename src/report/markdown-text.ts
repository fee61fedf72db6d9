import { cleanText } from '../core/text.ts';

/**
 * Text that Markdown shows as it is. What Markdown gives a meaning is escaped; mentions, issue references, emoji codes
 * and bare links, which GitHub looks for in the finished text, are broken by a zero-width space.
 */
export function escapeMarkdown(text: string): string {
  return cleanText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_{}[\]|~$]/g, '\\$&')
    .replace(/@(?=\S)|#(?=\d)|:(?=\/\/)|:(?=[\w+-]+:)|\bwww(?=\.)/gi, '$&&#8203;')
    .replace(/^(?:([-+=#])|(\d+)([.)])(?=\s|$))/, (_, mark = '', digits = '', end = '') => `${digits}\\${mark}${end}`);
}
