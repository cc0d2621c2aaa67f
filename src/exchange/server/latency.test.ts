import { expect, test } from 'vitest';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { latencyOf } from './latency.ts';

const SPEC = { roundTripMs: 40, jitterMs: 0 };

function scene() {
	const clock = new VirtualClock(0);
	const latency = latencyOf(SPEC, { clock, rng: seededRng(1) });
	const sentAt: number[] = [];
	return { clock, inbound: latency.line(), outbound: latency.line(), sentAt, send: () => sentAt.push(clock.monotonicMs()) };
}

test('each direction takes half of the round trip', () => {
	const { clock, inbound, send, sentAt } = scene();
	inbound.push(1, send);
	clock.run(50);
	expect(sentAt).toEqual([20]);
});

test('the work that an answer takes is part of the round trip', () => {
	const { clock, inbound, outbound, send, sentAt } = scene();
	for (let request = 0; request < 2; request += 1) {
		inbound.push(1, () => {
			// Time passes while we work.
			clock.run(5);
			outbound.push(1, send);
		});
	}
	clock.run(100);
	expect(sentAt).toEqual([40, 40]);
});

test('work that takes longer than the way back delays the answer by no more than that', () => {
	const { clock, inbound, outbound, send, sentAt } = scene();
	inbound.push(1, () => {
		clock.run(30);
		outbound.push(1, send);
	});
	clock.run(100);
	expect(sentAt).toEqual([50]);
});

test('what nobody asked for takes its way from when it is sent', () => {
	const { clock, inbound, outbound, send, sentAt } = scene();
	inbound.push(1, () => {});
	clock.run(30);
	outbound.push(1, send);
	clock.run(30);
	expect(sentAt).toEqual([50]);
});

test('an answer that throws does not lend its time to others', () => {
	const { clock, inbound, outbound, send, sentAt } = scene();
	inbound.push(1, () => {
		throw new Error('a mistake');
	});
	expect(() => clock.run(30)).toThrow('a mistake');
	clock.run(10);
	const startMono = clock.monotonicMs();
	outbound.push(1, send);
	clock.run(30);
	expect(sentAt).toEqual([startMono + 20]);
});

test('what is due on several lines at once leaves in the order in which it came', () => {
	const clock = new VirtualClock(0);
	const latency = latencyOf(SPEC, { clock, rng: seededRng(1) });
	const [inbound, news, answers] = [latency.line(), latency.line(), latency.line()];
	const left: string[] = [];
	news.push(1, () => left.push('news from before'));
	clock.run(5);
	for (const request of ['first', 'second']) {
		inbound.push(1, () => {
			answers.push(1, () => left.push(`${request} answer`));
			news.push(1, () => left.push(`${request} news`));
		});
	}
	clock.run(100);
	expect(left).toEqual(['news from before', 'first answer', 'first news', 'second answer', 'second news']);
});

test('what jitter makes slower does not hold up the other lines', () => {
	const clock = new VirtualClock(0);
	const draws = [1, 0];
	const latency = latencyOf(
		{ roundTripMs: 40, jitterMs: 20 },
		{ clock, rng: { ...seededRng(1), next: () => draws.shift() ?? 0 } },
	);
	const left: string[] = [];
	latency.line().push(1, () => left.push(`slow ${clock.monotonicMs()}`));
	latency.line().push(1, () => left.push(`quick ${clock.monotonicMs()}`));
	clock.run(100);
	expect(left).toEqual(['quick 10', 'slow 30']);
});

test('a line that is cleared loses what is under way on it, the others nothing', () => {
	const { clock, inbound, outbound, send, sentAt } = scene();
	inbound.push(3, () => expect.unreachable());
	outbound.push(1, send);
	inbound.clear();
	expect(inbound.waitingBytes).toBe(0);
	inbound.push(2, send);
	expect(inbound.waitingBytes).toBe(2);
	clock.run(100);
	expect(sentAt).toEqual([20, 20]);
	expect(inbound.waitingBytes).toBe(0);
});

test('a mistake on one line takes nothing from the others', () => {
	const { clock, inbound, outbound, send, sentAt } = scene();
	inbound.push(1, () => {
		throw new Error('a mistake');
	});
	outbound.push(1, send);
	expect(() => clock.run(30)).toThrow('a mistake');
	clock.run(30);
	expect(sentAt).toHaveLength(1);
});
