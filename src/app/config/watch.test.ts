/** Following the file in virtual time: an editor that writes in steps, mistakes, files that go and come back. */
import { expect, test } from 'vitest';
import { MemoryFile } from '../../../test/fixtures/memory-file.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { changeLine } from './changes.ts';
import { readConfig } from './config.ts';
import { problemLine } from './problem.ts';
import { warningLine } from './warnings.ts';
import { ConfigWatch } from './watch.ts';

const START = 'async_batch: { max_batch_size: 20 }\n';
const batch = (size: number, more = ''): string => `async_batch: { max_batch_size: ${size} }\n${more}`;

function scene(start = START, hears: (line: string) => void = () => {}, mayRaise: () => boolean = () => false) {
	const clock = new VirtualClock(0);
	const file = new MemoryFile(start);
	const said: string[] = [];
	const say = (line: string): void => {
		said.push(line);
		hears(line);
	};
	const known = readConfig({ file: { name: 't.yaml', text: START } });
	if (known.kind === 'bad') throw new Error('the start is right');
	const watch = new ConfigWatch({
		clock,
		file,
		sources: { name: 't.yaml', environment: { EVENKEEL_RISK__LEVERAGE_MAX: '2' } },
		start: { text: START, known },
		mayRaise,
		handler: {
			changed: ({ changes }) => say(`changed ${changes.map(changeLine).join('; ')}`),
			remarked: (warnings) => say(`remarked ${warnings.map(warningLine).join('; ')}`),
			refused: (problems) => say(`refused ${problems.map(problemLine).join('; ')}`),
		},
	});
	const write = (text: string | undefined, isTold = false): void => file.write(text, { isTold });
	const run = (forMs: number): void => {
		const untilMono = clock.monotonicMs() + forMs;
		// A timer of its own, so that time goes on when nothing else waits.
		clock.after(forMs, () => {});
		clock.runWhile(() => clock.monotonicMs() < untilMono);
	};
	return { clock, file, said, watch, write, run };
}

const TO_5 = 'changed async_batch.max_batch_size: 20 -> 5, now';

test('a quiet file is read once and then only looked at', () => {
	const { file, said, watch, run } = scene();
	watch.start();
	run(60_000);
	expect([file.readCount, said]).toEqual([1, []]);
});

test.each([true, false])('an edit is heard within two seconds, whether the system tells of it (%s)', (isTold) => {
	const { said, watch, write, run } = scene();
	watch.start();
	run(5_000);
	write(batch(5, 'risk: { leverage_max: 1 }\n'), isTold);
	run(isTold ? 300 : 2_000);
	// The variable of the environment goes before the file, now as at the start.
	expect(said).toEqual([`${TO_5}; risk.leverage_max: 3 -> 2, now`]);
	expect(watch.running.config.async_batch.max_batch_size).toBe(5);
	run(10_000);
	expect(said).toHaveLength(1);
});

test('an edit between the first reading and the start of the watch is not missed', () => {
	const { said, watch, run } = scene(batch(5));
	watch.start();
	run(300);
	expect(said).toEqual([`${TO_5}; risk.leverage_max: 3 -> 2, now`]);
});

test('half a text is not read while it is being written', () => {
	const { file, said, watch, write, run } = scene();
	watch.start();
	run(1_000);
	file.readCount = 0;
	for (const text of ['async', 'async_batch: {', batch(5)]) {
		write(text, true);
		run(60);
	}
	expect([file.readCount, said]).toEqual([0, []]);
	run(1_000);
	expect([file.readCount, said]).toEqual([1, [expect.stringContaining(TO_5)]]);
});

test('a wrong text changes nothing, says why once, and the next right one counts', () => {
	const { said, watch, write, run } = scene();
	watch.start();
	run(1_000);
	const before = watch.running;
	write('async_batch: { max_batch_size: 0 }\n');
	run(10_000);
	expect(watch.running).toBe(before);
	expect(said).toEqual([expect.stringMatching(/^refused t\.yaml:1:32: async_batch\.max_batch_size: found 0/)]);
	write(batch(5));
	run(10_000);
	expect(said.slice(1)).toEqual([expect.stringContaining(TO_5)]);
});

test('a file that is gone for a while leaves all as it is', () => {
	const { said, watch, write, run } = scene();
	watch.start();
	write(undefined, true);
	run(10_000);
	write(START, true);
	run(10_000);
	expect(said).toEqual([]);
});

test('what waits for a restart is told once, and again when it is taken back', () => {
	const { said, watch, write, run } = scene();
	watch.start();
	run(1_000);
	const waits = 'network: { timeout_total: 5 }\n';
	for (const text of [batch(20, waits), batch(20, `${waits}# a remark\n`), batch(20, '# none\n')]) {
		write(text);
		run(5_000);
	}
	expect(said).toEqual(['changed risk.leverage_max: 3 -> 2, now; network.timeout_total: 30 -> 5, after a restart', 'changed ']);
	expect(watch.running.config.network.timeout_total).toBe(30);
});

test('a wider limit waits until a comparison was clean, and is taken without another edit', () => {
	let isClean = false;
	const { said, watch, write, run } = scene(START, undefined, () => isClean);
	watch.start();
	run(1_000);
	write(`${START}risk: { order_notional_max: 30000 }\n`);
	run(60_000);
	const waits = 'risk.order_notional_max: 25000 -> 30000, after a clean comparison with the venue';
	expect(said).toEqual([`changed ${waits}; risk.leverage_max: 3 -> 2, now`]);
	expect(watch.running.config.risk.order_notional_max).toBe(25_000);
	isClean = true;
	run(2_000);
	expect(said.slice(1)).toEqual(['changed risk.order_notional_max: 25000 -> 30000, now']);
	expect(watch.running.config.risk.order_notional_max).toBe(30_000);
	run(60_000);
	expect(said).toHaveLength(2);
});

test('a wider limit that is taken back while it waits is not taken later', () => {
	let isClean = false;
	const { watch, write, run } = scene(START, undefined, () => isClean);
	watch.start();
	run(1_000);
	write(`${START}risk: { order_notional_max: 30000 }\n`);
	run(5_000);
	write(START);
	run(5_000);
	isClean = true;
	run(60_000);
	expect(watch.running.config.risk.order_notional_max).toBe(25_000);
});

test('a remark is made once, when it is news', () => {
	const { said, watch, write, run } = scene();
	watch.start();
	run(1_000);
	const later = 'fleet: { host_name: one }\n';
	for (const text of [`${later}${START}`, `# a line more\n${later}${START}`, START, `${START}${later}`]) {
		write(text);
		run(5_000);
	}
	const remark = 'fleet: is checked but not used yet; it comes with the fleet';
	expect(said.filter((line) => line.startsWith('remarked'))).toEqual([
		`remarked t.yaml:1:1: ${remark}`,
		`remarked t.yaml:2:1: ${remark}`,
	]);
});

test('once disposed it looks no more', () => {
	const { file, said, watch, write, run, clock } = scene();
	watch.start();
	run(1_000);
	watch[Symbol.dispose]();
	write(batch(5), true);
	run(10_000);
	expect([said, file.isWatched]).toEqual([[], false]);
	expect(clock.monotonicMs()).toBeGreaterThan(10_000);
});

test('whoever ends it from inside of a message has ended it', () => {
	const { clock, file, said, watch, write, run } = scene(START, (line) => {
		if (line.startsWith('changed')) watch[Symbol.dispose]();
	});
	watch.start();
	write(batch(5));
	run(5_000);
	const { readCount } = file;
	write(batch(6));
	run(10_000);
	expect([said.length, file.readCount]).toEqual([1, readCount]);
	expect(clock.step()).toBe(false);
});
