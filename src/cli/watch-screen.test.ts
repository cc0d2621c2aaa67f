import { describe, expect, test } from 'vitest';
import { WatchScreen } from './watch-screen.ts';

function screenOf(given: { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number }) {
	let written = '';
	return { ...given, write: (text: string) => void (written += text), taken: () => written };
}

describe('what changes before the eyes of a person', () => {
	test('stands in place on a screen of its own, which is left as it was', () => {
		const out = screenOf({ isTTY: true, columns: 5, rows: 3 });
		const screen = new WatchScreen(out, 'whole');
		screen.show('one and more\ntwo\nthree\nfour\n');
		expect(out.taken()).toBe('\u001b[?1049h\u001b[?25l\u001b[Hone a\u001b[K\ntwo\u001b[K\n\u001b[J');
		screen.show('again');
		expect(out.taken().split('\u001b[?1049h')).toHaveLength(2);
		screen[Symbol.dispose]();
		screen[Symbol.dispose]();
		expect(out.taken().endsWith('\u001b[Hagain\u001b[K\n\u001b[J\u001b[?25h\u001b[?1049l')).toBe(true);
	});

	test.each([
		['off a terminal', {}, 'whole' as const],
		['as lines for a program', { isTTY: true }, 'lines' as const],
	])('comes now and then, and nothing else: %s', (_where, given, form) => {
		const out = screenOf(given);
		{
			using screen = new WatchScreen(out, form);
			for (let at = 1; at <= 12; at += 1) screen.show(`text ${at}`);
		}
		expect(out.taken()).toBe('text 1\ntext 11\n');
	});
});
