import { expect, test } from 'vitest';
import { Client } from './ws.fixture.ts';
import { StreamSession } from './ws-control.ts';
import { BookChanges, StreamFloor } from './ws-stream.ts';

/** A floor with one stream, and what was asked of it. */
function floorOf(log: string[]): StreamFloor {
	return new StreamFloor((name) =>
		name !== 'a@b'
			? null
			: {
					tapes: [],
					open: (say) => ({
						start: (_nowMs, isFirst) => log.push(isFirst ? 'first' : 'another'),
						tick: (nowMs) => {
							log.push('tick');
							say(String(nowMs));
						},
					}),
				},
	);
}

test('a stream lives while somebody listens, and knows who is the first', () => {
	const log: string[] = [];
	const floor = floorOf(log);
	const clients = [new Client(), new Client()];
	const open = (peer = new Client()) =>
		new StreamSession(floor, { messagesPerSecMax: 5, streamsMax: 5 }, { isCombined: peer !== clients[0] }, peer);
	const sessions = clients.map((peer) => open(peer));
	floor.tick(1);
	for (const session of sessions) session.begin(['a@b', 'none'], 2);
	floor.tick(3);
	sessions[0]?.closed();
	floor.tick(4);
	sessions[1]?.closed();
	floor.tick(5);
	open(clients[0]).begin(['a@b'], 6);
	expect(log).toEqual(['first', 'another', 'tick', 'tick', 'first']);
	expect(clients.map(({ texts }) => texts)).toEqual([['3'], ['{"stream":"a@b","data":3}', '{"stream":"a@b","data":4}']]);
});

test('changed levels are handed out once, best first, the last size of each', () => {
	const changes = new BookChanges();
	const change = { kind: 'book-level', symbol: 'X', seq: 1, atMs: 9 } as const;
	const rows = [
		['bid', 10, 1],
		['bid', 12, 2],
		['ask', 15, 3],
		['ask', 14, 4],
		['bid', 10, 0],
	] as const;
	for (const [index, [side, priceTicks, qtyLots]] of rows.entries()) {
		changes.add({ ...change, side, priceTicks, qtyLots, bookSeq: 5 + index });
	}
	const level = (priceTicks: number, qtyLots: number): object => ({ priceTicks, qtyLots });
	expect(changes.take()).toEqual({
		firstSeq: 5,
		lastSeq: 9,
		atMs: 9,
		bids: [level(12, 2), level(10, 0)],
		asks: [level(14, 4), level(15, 3)],
	});
	expect(changes.take()).toBeNull();
});
