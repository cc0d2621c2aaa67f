import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instrumentIndex } from '../domain/instrument.ts';
import { monoMs } from '../domain/units.ts';
import { HOLD_CLEAN_MS, type KillLevel, RiskLevels } from './level.ts';

const BTC = instrumentIndex(0);
const ETH = instrumentIndex(1);
const LEVELS = ['run', 'pauseQuoting', 'reduceOnly', 'kill'] as const satisfies readonly KillLevel[];
const at = (ms: number) => monoMs(ms);

const lastingPause = (nowMs: number, reason = 'because') => ({ reason, liftsByItself: false, nowMono: at(nowMs) });

function raisedTo(level: KillLevel): RiskLevels {
	const levels = new RiskLevels();
	raise(levels, level, `first ${level}`);
	return levels;
}

function raise(levels: RiskLevels, level: KillLevel, reason: string): void {
	if (level === 'pauseQuoting') levels.pause('operator', lastingPause(0, reason));
	else if (level !== 'run') levels.raise(level, reason);
}

describe('the level of the account', () => {
	test('starts with running, for no reason', () => {
		const levels = new RiskLevels();
		expect([levels.level, levels.isPaused, levels.reason]).toEqual(['run', false, undefined]);
	});

	const pairs = LEVELS.flatMap((from, rank) => LEVELS.map((to, other) => ({ from, to, rises: other > rank })));
	test.each(pairs)('from $from, raised to $to: rises is $rises', ({ from, to, rises }) => {
		const levels = raisedTo(from);
		const before = { level: levels.level, reason: levels.reason };
		raise(levels, to, 'second');
		expect({ level: levels.level, reason: levels.reason }).toEqual(rises ? { level: to, reason: 'second' } : before);
		expect(levels.isPaused).toBe(levels.level !== 'run');
	});

	test.each([
		{ level: 'run', resumes: false },
		{ level: 'pauseQuoting', resumes: true },
		{ level: 'reduceOnly', resumes: false },
		{ level: 'kill', resumes: false },
	] as const)('a word resumes from $level: $resumes', ({ level, resumes }) => {
		const levels = raisedTo(level);
		const { version } = levels;
		expect(levels.resume('operator')).toBe(resumes);
		expect(levels.level).toBe(resumes ? 'run' : level);
		expect(levels.version).toBe(resumes ? version + 1 : version);
		expect(levels.reason).toBe(levels.isPaused ? `first ${level}` : undefined);
	});

	test('stays paused while any cause lasts, with the reason of the oldest', () => {
		const levels = new RiskLevels();
		levels.pause('operator', lastingPause(0, 'lunch'));
		levels.pause('private-stream', lastingPause(1, 'no news of our orders'));
		expect([levels.resume('operator'), levels.level, levels.reason]).toEqual([true, 'pauseQuoting', 'no news of our orders']);
		expect([levels.resume('operator'), levels.isPaused]).toEqual([false, true]);
		expect([levels.resume('private-stream'), levels.isPaused, levels.reason]).toEqual([true, false, undefined]);
	});

	test('a pause that can pass lifts by itself once its cause has been absent for long enough, and no other does', () => {
		const levels = new RiskLevels();
		levels.pause('throttled', { reason: 'too many requests', liftsByItself: true, nowMono: at(0) });
		levels.pause('throttled', { reason: 'too many requests', liftsByItself: true, nowMono: at(3_000) });
		levels.applyTime(at(3_000 + HOLD_CLEAN_MS - 1));
		expect(levels.isPaused).toBe(true);
		levels.applyTime(at(3_000 + HOLD_CLEAN_MS));
		expect(levels.isPaused).toBe(false);
		levels.pause('operator', lastingPause(0));
		levels.applyTime(at(1e9));
		expect(levels.isPaused).toBe(true);
	});

	test('never falls but by resuming the last pause, whatever is said', () => {
		const cause = fc.constantFrom('operator', 'stream', 'clock');
		const word = fc.oneof(
			fc.constantFrom('reduceOnly' as const, 'kill' as const).map((level) => ({ kind: 'raise' as const, level })),
			cause.map((of) => ({ kind: 'pause' as const, of })),
			cause.map((of) => ({ kind: 'resume' as const, of })),
		);
		fc.assert(
			fc.property(fc.array(word, { maxLength: 30 }), (words) => {
				const levels = new RiskLevels();
				const lasting = new Set<string>();
				let raised: KillLevel = 'run';
				for (const said of words) {
					if (said.kind === 'raise') {
						levels.raise(said.level, 'because');
						if (raised !== 'kill') raised = said.level;
					} else if (said.kind === 'pause') {
						levels.pause(said.of, lastingPause(0));
						lasting.add(said.of);
					} else {
						expect(levels.resume(said.of)).toBe(lasting.delete(said.of));
					}
					expect(levels.level).toBe(raised === 'run' && lasting.size > 0 ? 'pauseQuoting' : raised);
				}
			}),
		);
	});
});

describe('a hold on a symbol', () => {
	const passing = (nowMs: number) => ({ reason: 'stale book', liftsByItself: true, nowMono: at(nowMs) });
	const lasting = (nowMs: number) => ({ reason: 'strategy failed', liftsByItself: false, nowMono: at(nowMs) });

	test('holds that symbol and no other, and leaves the account alone', () => {
		const levels = new RiskLevels();
		levels.hold(BTC, 'book', passing(0));
		expect(levels.holdReason(BTC, at(0))).toBe('stale book');
		expect(levels.holdReason(ETH, at(0))).toBeUndefined();
		expect(levels.isPaused).toBe(false);
	});

	test('lifts by itself when its cause has been absent for ten seconds, and not a millisecond before', () => {
		const levels = new RiskLevels();
		levels.hold(BTC, 'book', passing(5));
		expect(HOLD_CLEAN_MS).toBe(10_000);
		expect(levels.holdReason(BTC, at(10_004))).toBe('stale book');
		expect(levels.holdReason(BTC, at(10_005))).toBeUndefined();
	});

	test('counts the ten seconds from the last word of its cause', () => {
		const levels = new RiskLevels();
		levels.hold(BTC, 'book', passing(0));
		levels.hold(BTC, 'book', passing(9_000));
		expect(levels.holdReason(BTC, at(18_999))).toBe('stale book');
		expect(levels.holdReason(BTC, at(19_000))).toBeUndefined();
	});

	test('stays for good where its cause does not pass', () => {
		const levels = new RiskLevels();
		levels.hold(BTC, 'strategy', lasting(0));
		expect(levels.holdReason(BTC, at(1e12))).toBe('strategy failed');
	});

	test('may need longer than ten seconds, and never less than was asked for once', () => {
		const levels = new RiskLevels();
		levels.hold(BTC, 'runaway', { ...passing(0), cleanMs: 300_000 });
		levels.hold(BTC, 'runaway', passing(1_000));
		expect(levels.holdReason(BTC, at(300_999))).toBe('stale book');
		expect(levels.holdReason(BTC, at(301_000))).toBeUndefined();
	});

	test('that lifts by itself turns into one that does not, and never back', () => {
		const levels = new RiskLevels();
		levels.hold(BTC, 'strategy', passing(0));
		levels.hold(BTC, 'strategy', lasting(1));
		levels.hold(BTC, 'strategy', passing(2));
		expect(levels.holdReason(BTC, at(1e12))).toBe('strategy failed');
	});

	test('of several causes lasts until the last one has passed', () => {
		const levels = new RiskLevels();
		levels.hold(BTC, 'book', passing(0));
		levels.hold(BTC, 'strategy', lasting(0));
		expect(levels.holdReason(BTC, at(20_000))).toBe('strategy failed');
		levels.release(BTC, 'strategy');
		expect(levels.holdReason(BTC, at(20_000))).toBeUndefined();
	});

	test('is released cause by cause, or all at once by a person', () => {
		const levels = new RiskLevels();
		levels.hold(BTC, 'book', passing(0));
		levels.hold(BTC, 'strategy', lasting(0));
		levels.release(BTC, 'book');
		expect(levels.holdReason(BTC, at(1))).toBe('strategy failed');
		levels.hold(BTC, 'operator', { ...lasting(1), reason: 'operator' });
		levels.release(BTC);
		expect(levels.holdReason(BTC, at(1))).toBeUndefined();
	});

	test('is released by a person, but for what watches over us and does not stand', () => {
		const levels = new RiskLevels();
		for (const cause of ['operator', 'guard', 'sentinel', 'runaway']) {
			levels.hold(BTC, cause, { reason: cause, liftsByItself: false, nowMono: monoMs(0) });
		}
		levels.release(BTC);
		expect(levels.holdsOf(BTC, monoMs(0)).map(({ cause }) => cause)).toEqual(['guard', 'sentinel']);
		const { version } = levels;
		levels.release(BTC);
		expect(levels.version).toBe(version);
		levels.release(BTC, 'guard');
		levels.release(BTC, 'sentinel');
		expect(levels.holdsOf(BTC, monoMs(0))).toEqual([]);
	});

	test('changes the version when it comes, lifts or is released, and not otherwise', () => {
		const levels = new RiskLevels();
		const versions: number[] = [];
		const after = (action: () => unknown): void => {
			action();
			versions.push(levels.version);
		};
		after(() => levels.hold(BTC, 'book', passing(0)));
		after(() => levels.hold(BTC, 'book', passing(1)));
		after(() => levels.holdReason(BTC, at(2)));
		after(() => levels.release(BTC, 'strategy'));
		after(() => levels.release(ETH));
		after(() => levels.holdReason(BTC, at(10_001)));
		after(() => levels.release(BTC));
		after(() => levels.hold(BTC, 'strategy', lasting(0)));
		after(() => levels.release(BTC, 'strategy'));
		expect(versions).toEqual([1, 1, 1, 1, 1, 2, 2, 3, 4]);
	});
});
