/** One Ctrl-C reaches a program more than once; two are another matter. */
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { stopOnSignal } from './stop.ts';

function heard() {
	const source = new EventEmitter();
	const clock = new VirtualClock(0);
	const calls: string[] = [];
	const stop = stopOnSignal({ source, clock, onFirst: () => calls.push('first'), onAgain: () => calls.push('again') });
	return { source, clock, calls, stop };
}

test('the same Ctrl-C from the terminal and from npm asks once', async () => {
	const { source, clock, calls, stop } = heard();
	source.emit('SIGINT');
	clock.run(20);
	source.emit('SIGINT');
	await stop.asked;
	expect(calls).toEqual(['first']);
});

test('a second Ctrl-C a moment later stops at once, whichever signal it is', () => {
	const { source, clock, calls } = heard();
	source.emit('SIGTERM');
	clock.run(301);
	source.emit('SIGINT');
	expect(calls).toEqual(['first', 'again']);
});

test('nothing listens any more once it is disposed of', () => {
	const { source, calls, stop } = heard();
	stop[Symbol.dispose]();
	source.emit('SIGINT');
	expect(calls).toEqual([]);
	expect(source.eventNames()).toEqual([]);
});
