import { expect, test } from 'vitest';
import { NO_SPAN } from '../../ports/tracer.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { type RecordedTrace, RecordingTracer, SPANS_OF_TRACE_MAX } from './recording-tracer.ts';

function recorded(): { tracer: RecordingTracer; told: RecordedTrace[]; pass: (ms: number) => void } {
	const clock = new VirtualClock(1_700_000_000_000);
	const told: RecordedTrace[] = [];
	let nowMs = 0;
	return {
		tracer: new RecordingTracer({ ...at(clock), monotonicMs: () => nowMs }, (trace) => told.push(trace)),
		told,
		pass: (ms) => {
			nowMs += ms;
		},
	};
}

function at(clock: VirtualClock) {
	return { wallMs: () => clock.wallMs(), after: clock.after.bind(clock) };
}

test('a tick that sent something is told when it is over, with every span behind its parent', () => {
	const { tracer, told, pass } = recorded();
	const tick = tracer.start('tick');
	const batch = tick.start('batch');
	batch.set('venue', 'bybit');
	batch.set('commands', 20);
	pass(1);
	const call = batch.start('call');
	pass(40);
	call.end();
	batch.end();
	expect(told).toEqual([]);
	tick.end();
	const [trace] = told;
	const [first, second, third] = trace?.spans ?? [];
	expect(trace?.spans.map(({ name, startMono, endMono }) => [name, startMono, endMono])).toEqual([
		['tick', 0, 41],
		['batch', 0, 41],
		['call', 1, 41],
	]);
	expect([first?.parent, second?.parent, third?.parent]).toEqual([undefined, first, second]);
	expect(second?.values).toEqual(['venue', 'bybit', 'commands', 20]);
});

test('a tick that sent nothing is told to nobody', () => {
	const { tracer, told } = recorded();
	const tick = tracer.start('tick');
	tick.start('plan').start('symbol').end();
	tick.end();
	expect(told).toEqual([]);
});

test('what nobody ended ends with the whole, and what comes later or twice changes nothing', () => {
	const { tracer, told, pass } = recorded();
	const tick = tracer.start('tick');
	const call = tick.start('call');
	pass(5);
	tick.end();
	pass(5);
	tick.end();
	call.end();
	call.set('late', 1);
	expect(tick.start('batch')).toBe(NO_SPAN);
	expect(told).toHaveLength(1);
	expect(told[0]?.spans.map(({ endMono, values }) => [endMono, values])).toEqual([
		[5, undefined],
		[5, undefined],
	]);
});

test('the next of several parts begins at the moment in which the one before it ends', () => {
	const { tracer, told, pass } = recorded();
	const tick = tracer.start('tick');
	const one = tick.start('symbol', 'one');
	pass(1);
	const other = one.next('symbol', 'other');
	pass(2);
	other.end();
	tick.start('call').end();
	tick.end();
	const [root, ...parts] = told[0]?.spans ?? [];
	expect(parts.slice(0, 2).map(({ subject, startMono, endMono }) => [subject, startMono, endMono])).toEqual([
		['one', 0, 1],
		['other', 1, 3],
	]);
	expect(parts.map(({ parent }) => parent)).toEqual([root, root, root]);
});

test('a trace grows to its bound and no further', () => {
	const { tracer, told } = recorded();
	const tick = tracer.start('tick');
	const spans = Array.from({ length: SPANS_OF_TRACE_MAX }, () => tick.start('call'));
	expect(spans.at(-2)).not.toBe(NO_SPAN);
	expect(spans.at(-1)).toBe(NO_SPAN);
	tick.end();
	expect(told[0]?.spans).toHaveLength(SPANS_OF_TRACE_MAX);
});
