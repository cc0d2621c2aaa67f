import { expect, test } from 'vitest';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { PacedSender } from './paced-sender.ts';

function open(messagesPerSec = 3) {
	const clock = new VirtualClock(1_771_000_000_000);
	const sent: { readonly text: string; readonly atMono: number }[] = [];
	const sender = new PacedSender({
		clock,
		messagesPerSec,
		send: (text) => sent.push({ text, atMono: clock.monotonicMs() }) > 0,
	});
	return { clock, sent, sender };
}

test('what fits goes at once, the rest in its order, never more of it within a second', () => {
	const { clock, sent, sender } = open();
	const texts = Array.from({ length: 20 }, (_, index) => `${index}`);
	for (const text of texts.slice(0, 10)) expect(sender.send(text)).toBe(true);
	expect(sent.map(({ text }) => text)).toEqual(['0', '1', '2']);
	clock.run(500);
	for (const text of texts.slice(10)) sender.send(text);
	clock.run(20_000);
	expect(sent.map(({ text }) => text)).toEqual(texts);
	for (const { atMono } of sent) {
		expect(sent.filter((each) => each.atMono >= atMono && each.atMono <= atMono + 1_000).length).toBeLessThanOrEqual(3);
	}
	expect(sent.at(-1)?.atMono).toBeLessThan(8_000);
});

test('what waits on a connection that is over is never sent, and the queue has an end', () => {
	const { clock, sent, sender } = open(1);
	const taken = Array.from({ length: 400 }, (_, index) => sender.send(`${index}`));
	expect(taken.filter(Boolean)).toHaveLength(257);
	clock.run(2_000);
	expect(sent).toHaveLength(2);
	sender.stop();
	clock.run(10_000);
	expect([sent.length, clock.step()]).toEqual([2, false]);
});
