import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { LOG_LEVELS, type LogLevel, openLog } from './log.ts';

const CANARY = 'canary/"0123456789';

let lines: string[];
const logAt = (level: LogLevel) =>
	openLog({
		level,
		sink: (line) => lines.push(line),
		wallMs: () => 1_767_225_600_123,
		about: { run: 'aaaa' },
		secrets: [CANARY],
	});
const only = (): Record<string, unknown> => JSON.parse(lines[0] ?? '') as Record<string, unknown>;

/** What a terminal, or a reader of lines, takes for more than text. */
function isUnsafe(character: string): boolean {
	const code = character.charCodeAt(0);
	const isControl = code < 0x20 || (code >= 0x7f && code <= 0x9f);
	return isControl || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

beforeEach(() => {
	lines = [];
});

describe('a line', () => {
	test('says when, by whom, how important, what, and the rest by name', () => {
		logAt('info').write('warn', 'stream down', { venue: 'bybit', ageMs: 12.5, isUp: false, none: undefined });
		expect(only()).toEqual({
			...{ level: 'warn', time: '2026-01-01T00:00:00.123Z', run: 'aaaa', msg: 'stream down' },
			...{ venue: 'bybit', ageMs: 12.5, isUp: false },
		});
	});

	test.each(LOG_LEVELS.flatMap((at) => LOG_LEVELS.map((level) => ({ at, level }))))('of $level at $at', ({ at, level }) => {
		const isWanted = LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(at);
		const log = logAt(at);
		log.write(level, 'x');
		expect([lines.length, log.isOn(level)]).toEqual([isWanted ? 1 : 0, isWanted]);
	});

	test('is one line of JSON that no text can break, and no text reaches a terminal as more than text', () => {
		const hostile = fc.oneof(
			fc.string({ unit: 'binary', maxLength: 200 }),
			fc.constantFrom(
				'a\nb',
				'\u001b[2J',
				'\u009b31m',
				'\u2028',
				'\u202etxt',
				'{"level":"error"}',
				'\ud800',
				'__proto__',
				'\u007f',
			),
		);
		fc.assert(
			fc.property(hostile, hostile, (what, value) => {
				lines = [];
				logAt('info').write('info', what, { value, __proto: value });
				expect(lines).toHaveLength(1);
				const [line = ''] = lines;
				expect([...line.slice(0, -1)].filter(isUnsafe)).toEqual([]);
				expect(line.endsWith('\n')).toBe(true);
				expect(only()['value']).toBe(value.isWellFormed() ? value : only()['value']);
			}),
		);
	});

	test('is 8 KiB at most, whatever is in it', () => {
		const fields = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`field${at}`, '\u0001'.repeat(5_000)]));
		logAt('info').write('info', 'y'.repeat(100_000), fields);
		expect(Buffer.byteLength(lines[0] ?? '')).toBeLessThanOrEqual(8_192);
		expect(only()).toMatchObject({ level: 'info', droppedBytes: expect.any(Number) as number });
	});
});

describe('a secret', () => {
	test('is in no line, wherever it was put', () => {
		logAt('info').write('info', `key ${CANARY} refused`, {
			sentence: `sent ${CANARY}`,
			token: 'other',
			apiKey: 'k',
			password: 'p',
		});
		expect(lines[0]).not.toContain('0123456789');
		expect(only()).toMatchObject({
			msg: 'key [secret] refused',
			sentence: 'sent [secret]',
			token: '[secret]',
			password: '[secret]',
		});
	});

	test('that comes later is in no line from then on', () => {
		const log = logAt('info');
		log.hide(['another-0123456789']);
		log.write('info', 'got another-0123456789');
		expect(only()['msg']).toBe('got [secret]');
	});

	test('that is too short to be one hides nothing else', () => {
		openLog({ level: 'info', sink: (line) => lines.push(line), wallMs: () => 0, about: {}, secrets: ['a', ''] }).write(
			'info',
			'a banana',
		);
		expect(only()['msg']).toBe('a banana');
	});
});
