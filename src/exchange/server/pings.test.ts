import { expect, test } from 'vitest';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { ping } from './pings.ts';

const HEARTBEAT = { everyMs: 20_000, answerMsMax: 60_000 };

/** The venue's end of a socket, whose client answers when it is told to. */
class Line {
	readonly clock = new VirtualClock(0);
	readonly pings: string[] = [];
	readonly goneAtMs: number[] = [];
	#hear: (data: Buffer) => void = () => {};
	readonly pinging = ping(
		{
			ping: (data: unknown) => this.pings.push(String(data)),
			on: (_event: string, hear: (data: Buffer) => void) => {
				this.#hear = hear;
			},
		} as unknown as Parameters<typeof ping>[0],
		HEARTBEAT,
		this.clock,
		() => this.goneAtMs.push(this.clock.monotonicMs()),
	);

	answer(data: string | undefined): void {
		this.#hear(Buffer.from(data ?? ''));
	}
}

test('a client that answers is pinged for ever', () => {
	const line = new Line();
	for (let count = 0; count < 10; count += 1) {
		line.clock.run(20_000);
		line.answer(line.pings.at(-1));
	}
	expect([line.pings, line.goneAtMs]).toEqual([['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'], []]);
});

test('one that does not is given up a minute after the first ping without an answer', () => {
	const line = new Line();
	line.clock.run(20_000);
	line.answer('1');
	line.clock.run(200_000);
	expect(line.goneAtMs).toEqual([100_000]);
});

test('answers that nobody asked for do not count, and late ones do', () => {
	const deaf = new Line();
	const late = new Line();
	for (let count = 0; count < 5; count += 1) {
		for (const line of [deaf, late]) line.clock.run(20_000);
		for (const data of ['', '99', 'hello']) deaf.answer(data);
		late.answer(late.pings.at(-2) ?? '1');
	}
	expect([deaf.goneAtMs, late.goneAtMs]).toEqual([[80_000], []]);
});

test('nothing more is sent once it has stopped', () => {
	const line = new Line();
	line.pinging.stop();
	line.clock.run(200_000);
	expect([line.pings, line.goneAtMs]).toEqual([[], []]);
});
