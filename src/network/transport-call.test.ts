import { expect, test } from 'vitest';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import type { HttpCall, HttpHeard } from './transport.ts';
import { PendingCall } from './transport-call.ts';

const CALL: HttpCall = { origin: 'http://a', method: 'GET', target: '/', headers: [], pool: 'p', timeoutMs: 100 };
const REPLY: HttpHeard = { kind: 'reply', status: 200, header: () => undefined, body: new Uint8Array(0) };

class Call extends PendingCall {
	dropCount = 0;

	protected override drop(): void {
		this.dropCount += 1;
	}
}

function make() {
	const clock = new VirtualClock(0);
	const heard: HttpHeard[] = [];
	const settled: PendingCall[] = [];
	const call = new Call(
		CALL,
		(each) => heard.push(each),
		(each) => settled.push(each),
	);
	call.startTimer(clock, 100);
	return { clock, heard, settled, call };
}

test.each([
	['replied', (call: Call) => call.settle(REPLY), 0],
	['lost', (call: Call) => call.lose('reset', 'cut'), 0],
	['given up', (call: Call) => call.giveUp('aborted', 'by us', (task) => task()), 1],
])('%s: heard once, forgotten, and nothing is left to run', (_name, end, dropCount) => {
	const { clock, heard, settled, call } = make();
	end(call);
	call.settle(REPLY);
	call.lose('reset', 'again');
	call.giveUp('aborted', 'again', (task) => task());
	expect(heard).toHaveLength(1);
	expect(settled).toEqual([call]);
	expect(call.dropCount).toBe(dropCount);
	expect(clock.step()).toBe(false);
});

test.each([false, true])('out of time: dropped, and told whether a byte may have left (%s)', (isSent) => {
	const { clock, heard, call } = make();
	call.isSent = isSent;
	clock.run(99);
	expect(heard).toEqual([]);
	clock.run(1);
	expect(heard).toMatchObject([{ kind: 'lost', sent: isSent, reason: 'timeout' }]);
	expect(call.dropCount).toBe(1);
});

test('given up later: what counts is what had left by then', () => {
	const { heard, call } = make();
	let tell: (() => void) | undefined;
	call.giveUp('aborted', 'by us', (task) => {
		tell = task;
	});
	call.isSent = true;
	expect(heard).toEqual([]);
	tell?.();
	expect(heard).toMatchObject([{ kind: 'lost', sent: false, reason: 'aborted' }]);
});
