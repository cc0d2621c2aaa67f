import { describe, expect, test } from 'vitest';
import { seededRng } from '../simulation/seeded-rng.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { Topics } from './topics.ts';

interface Sent {
	readonly op: 'subscribe' | 'unsubscribe';
	readonly id: string;
	readonly topics: readonly string[];
}

function openTopics(limits: { topicsMax?: number; charsMax?: number } = {}) {
	const clock = new VirtualClock(1_771_000_000_000);
	const sent: Sent[] = [];
	const log: string[] = [];
	const note = (op: Sent['op']) => (id: string, topics: readonly string[]) => JSON.stringify({ op, id, topics });
	const topics = new Topics({
		clock,
		rng: seededRng(3),
		wire: { subscribe: note('subscribe'), unsubscribe: note('unsubscribe'), topicsMax: 10, charsMax: 1_000, ...limits },
		handler: {
			asked: (topic) => log.push(`asked ${topic}`),
			refused: (topic, message) => log.push(`refused ${topic}: ${message}`),
			completed: () => log.push('completed'),
			unanswered: (names) => log.push(`unanswered ${names.join(' ')}`),
		},
	});
	const send = (text: string): boolean => {
		sent.push(JSON.parse(text) as Sent);
		return true;
	};
	const confirm = (request: Sent | undefined = sent.at(-1)) => topics.applyAnswer(request?.id ?? '', { kind: 'confirmed' });
	const refuse = (request: Sent | undefined = sent.at(-1), held: string[] = []) =>
		topics.applyAnswer(request?.id ?? '', { kind: 'refused', message: 'no', held });
	const asked = (): string[] => sent.map(({ op, topics: names }) => `${op} ${names.join(' ')}`);
	return { clock, topics, sent, log, send, confirm, refuse, asked };
}

describe('subscribing', () => {
	test('nothing counts as subscribed without the word of the venue', () => {
		const { topics, send, confirm, log, asked } = openTopics();
		topics.want(['a', 'b']);
		expect(asked()).toEqual([]);
		topics.connected(send);
		expect(asked()).toEqual(['subscribe a b']);
		expect([topics.isComplete, topics.missing(), topics.isHeld('a')]).toEqual([false, ['a', 'b'], false]);
		confirm();
		expect([topics.isComplete, topics.missing(), topics.isHeld('a')]).toEqual([true, [], true]);
		expect(log).toEqual(['completed']);
	});

	test('requests keep within the number of topics and of characters', () => {
		const { topics, send, asked } = openTopics({ topicsMax: 3, charsMax: 9 });
		topics.want(['aa', 'bb', 'cc', 'dd', 'eeeeeeee', 'f', 'gg']);
		topics.connected(send);
		expect(asked()).toEqual(['subscribe aa bb cc', 'subscribe dd', 'subscribe eeeeeeee f', 'subscribe gg']);
	});

	test('what is wanted later is asked for on the same connection, what is wanted already is not', () => {
		const { topics, send, confirm, log, asked } = openTopics();
		topics.want(['a']);
		topics.connected(send);
		confirm();
		topics.want(['a', 'b']);
		expect(topics.isComplete).toBe(false);
		confirm();
		expect(asked()).toEqual(['subscribe a', 'subscribe b']);
		expect(log).toEqual(['completed', 'completed']);
	});

	test('no answer for 5 s: nobody knows what is subscribed (F45)', () => {
		const { topics, clock, send, log } = openTopics();
		topics.want(['a', 'b']);
		topics.connected(send);
		clock.run(4_999);
		expect(log).toEqual([]);
		clock.run(1);
		expect(log).toEqual(['unanswered a b']);
		clock.run(60_000);
		expect(log).toHaveLength(1);
	});

	test('after a reconnect everything is asked for again, and answers to the old connection count for nothing (F45)', () => {
		const { topics, clock, sent, send, confirm, asked, log } = openTopics();
		topics.want(['a', 'b']);
		topics.connected(send);
		const [old] = sent;
		topics.disconnected();
		expect(topics.isConnected).toBe(false);
		clock.run(60_000);
		topics.connected(send);
		expect(asked()).toEqual(['subscribe a b', 'subscribe a b']);
		expect(confirm(old)).toBe(false);
		expect(topics.isComplete).toBe(false);
		expect(confirm()).toBe(true);
		expect(log).toEqual(['completed']);
	});
});

describe('refusals', () => {
	test('one bad topic does not stand in the way of the others', () => {
		const { topics, sent, send, confirm, refuse, log, asked } = openTopics();
		topics.want(['a', 'bad', 'c']);
		topics.connected(send);
		refuse();
		expect(asked().slice(1)).toEqual(['subscribe a bad', 'subscribe c']);
		refuse(sent[1]);
		expect(asked().slice(3)).toEqual(['subscribe a', 'subscribe bad']);
		confirm(sent[2]);
		confirm(sent[3]);
		refuse(sent[4]);
		expect(topics.missing()).toEqual(['bad']);
		expect(log).toEqual(['refused bad: no']);
	});

	test('one among many is found by few requests', () => {
		const { topics, sent, send, confirm, refuse, log, asked } = openTopics();
		topics.want([...Array.from({ length: 63 }, (_, index) => `t${index}`), 'bad']);
		topics.connected(send);
		for (let i = 0; i < sent.length; i += 1) {
			if (asked()[i]?.includes('bad') === true) refuse(sent[i]);
			else confirm(sent[i]);
		}
		expect(log).toEqual(['refused bad: no']);
		expect(topics.missing()).toEqual(['bad']);
		expect(sent.length).toBeLessThanOrEqual(30);
	});

	test('what the venue took of a refused request is held', () => {
		const { topics, send, refuse, asked } = openTopics();
		topics.want(['a', 'bad']);
		topics.connected(send);
		refuse(undefined, ['a']);
		expect(topics.missing()).toEqual(['bad']);
		expect(asked().slice(1)).toEqual(['subscribe bad']);
	});

	test('a refused topic is asked for again, slower each time, and taken when it is given', () => {
		const { topics, clock, sent, send, confirm, refuse, log } = openTopics();
		topics.want(['bad']);
		topics.connected(send);
		for (let i = 1; i <= 6; i += 1) {
			const count = sent.length;
			refuse();
			clock.runWhile(() => sent.length === count);
		}
		const tookMs = clock.monotonicMs();
		expect(tookMs).toBeGreaterThan(1_000);
		expect(tookMs).toBeLessThan(500 * 2 ** 6);
		confirm();
		expect(topics.isComplete).toBe(true);
		expect(log.filter((line) => line === 'asked bad')).toHaveLength(6);
	});
});

describe('renewing a topic', () => {
	function held() {
		const parts = openTopics();
		parts.topics.want(['a', 'b']);
		parts.topics.connected(parts.send);
		parts.confirm();
		return parts;
	}

	test('it is left, then asked for again after a while; the other one stays', () => {
		const { topics, clock, confirm, log, asked } = held();
		topics.renew('a');
		expect(asked().slice(1)).toEqual(['unsubscribe a']);
		expect([topics.isHeld('a'), topics.isHeld('b')]).toEqual([false, true]);
		topics.renew('a');
		expect(asked(), 'once is enough').toHaveLength(2);
		confirm();
		expect(log).toEqual(['completed']);
		clock.run(500);
		expect(asked().slice(2)).toEqual(['subscribe a']);
		expect(log).toEqual(['completed', 'asked a']);
		confirm();
		expect(log).toEqual(['completed', 'asked a', 'completed']);
	});

	test('an unsubscription that is refused was none to begin with', () => {
		const { topics, clock, refuse, asked } = held();
		topics.renew('a');
		refuse();
		clock.run(500);
		expect(asked().slice(2)).toEqual(['subscribe a']);
	});

	test('an unsubscription that nobody answers is as bad as a subscription', () => {
		const { topics, clock, log } = held();
		topics.renew('a');
		clock.run(5_000);
		expect(log).toEqual(['completed', 'unanswered a']);
	});

	test('what was bad ahead of its confirmation is renewed right after it', () => {
		const { topics, send, confirm, asked } = openTopics();
		topics.want(['a']);
		topics.connected(send);
		topics.renew('a');
		expect(asked()).toEqual(['subscribe a']);
		confirm();
		expect(asked()).toEqual(['subscribe a', 'unsubscribe a']);
		expect(topics.isComplete).toBe(false);
	});

	test('one that keeps going bad is renewed slower each time, until it held for 10 s', () => {
		const waits: number[] = [];
		const { topics, clock, sent, confirm } = held();
		const renew = (): number => {
			const startedAtMono = clock.monotonicMs();
			topics.renew('a');
			confirm();
			const count = sent.length;
			clock.runWhile(() => sent.length === count);
			confirm();
			return clock.monotonicMs() - startedAtMono;
		};
		for (let i = 0; i < 10; i += 1) waits.push(renew());
		expect(Math.max(...waits.slice(6))).toBeGreaterThan(8_000);
		clock.run(10_000);
		expect(renew()).toBeLessThanOrEqual(500);
	});

	test('a reconnect forgets renewals that were under way', () => {
		const { topics, clock, send, confirm, asked } = held();
		topics.renew('a');
		confirm();
		topics.disconnected();
		topics.connected(send);
		clock.run(1_000);
		expect(asked().slice(2)).toEqual(['subscribe a b']);
	});
});
