/** How the sentinel reaches Bybit, over real sockets against the exchange in a box: all of ours, and nothing else. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openBox } from '../../src/app/box.ts';
import type { PlaceCommand } from '../../src/domain/command.ts';
import { lots } from '../../src/domain/units.ts';
import { systemClock } from '../../src/network/system-clock.ts';
import { systemRng } from '../../src/network/system-rng.ts';
import { systemTransport } from '../../src/network/system-transport.ts';
import { BybitOwnOrders } from '../../src/venues/bybit/own-orders.ts';
import { Credentials } from '../../src/venues/bybit/sign.ts';
import { boxUrls } from '../../src/venues/bybit/urls.ts';
import { OrderDesk } from './order-desk.ts';
import { place } from './order-entry.ts';

const LINEAR = { category: 'linear', settleCoin: 'USDT' } as const;
const SPOT = { category: 'spot', settleCoin: 'USDT' } as const;
const OURS = new Set(['aaaa', 'bbbb']);
const BATCH_MAX = 10;

let desk: OrderDesk;
let own: BybitOwnOrders;
let opened: AsyncDisposableStack;
let other: typeof account;
let account: { readonly name: string; readonly apiKey: string; readonly apiSecret: string };
let urls: ReturnType<typeof boxUrls>;

async function open(limitFactor: number): Promise<void> {
	opened = new AsyncDisposableStack();
	const made = await openBox({
		...{ bybitPort: 0, controlPort: 0, seed: 3, market: 'quiet', symbols: ['BTCUSDT', 'ETHUSDT'], limitFactor },
		onBug: (error) => {
			throw error;
		},
	});
	if (made.kind === 'unavailable') throw new Error(made.message);
	desk = opened.use(await OrderDesk.at(made.box, { orderEntry: 'rest' }));
	const { listening } = made.box;
	const nobody = { name: '', apiKey: '', apiSecret: '' };
	[account = nobody, other = nobody] = listening.accounts;
	urls = boxUrls(listening.bybit);
	own = ownOrders(account);
}

function ownOrders(
	{ apiKey, apiSecret }: { readonly apiKey: string; readonly apiSecret: string },
	reached: typeof urls = urls,
): BybitOwnOrders {
	const clock = systemClock();
	const transport = opened.use(systemTransport({ clock, isAllowed: () => true }));
	const credentials = new Credentials(apiKey, apiSecret);
	return opened.use(
		new BybitOwnOrders({ urls: reached, credentials, recvWindowMs: 5_000 }, { transport, clock, rng: systemRng() }),
	);
}

const idOf = (number: number, runTag: string, symbol = 'BTCUSDT'): string =>
	`${symbol}-Buy-${1_767_225_600_000 + number}-1-${runTag}`;

/** A tick apart, so that none is the twin of another. */
const order = (clientOrderId: string, symbol: 'BTCUSDT' | 'ETHUSDT' = 'BTCUSDT'): PlaceCommand =>
	place(clientOrderId, symbol, { qtyLots: lots(10) });

const spot = (command: PlaceCommand): PlaceCommand => ({
	...command,
	instrument: { ...command.instrument, category: 'spot' },
	qtyLots: lots(1),
});

async function placeAll(commands: readonly PlaceCommand[]): Promise<void> {
	for (let at = 0; at < commands.length; at += BATCH_MAX) {
		const items = await desk.entry.gateway.batchPlaceOrders(commands.slice(at, at + BATCH_MAX));
		expect(items.map(({ outcome }) => (outcome.kind === 'rejected' ? outcome.reason : outcome.kind))).toEqual(
			items.map(() => 'accepted'),
		);
	}
}

/** As the exchange heard them. */
async function cancelCalls(): Promise<readonly string[]> {
	const heard = JSON.stringify(await desk.control('GET /v1/tap?limit=2000'));
	return [...heard.matchAll(/\/v5\/order\/cancel(-batch)?(?=["\\])/g)].map(([path]) => path);
}

const open_ = async (): Promise<readonly string[]> => (await desk.openOrders()).map((line) => line.split(' ', 1)[0] ?? '');
const count = (listed: Awaited<ReturnType<BybitOwnOrders['list']>>): number | string =>
	typeof listed === 'string' ? listed : listed.length;

/** The window of the limit, and a little more. */
const aSecond = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_100));

afterEach(async () => {
	await opened.disposeAsync();
});

describe('with room enough', () => {
	beforeEach(async () => open(Number.POSITIVE_INFINITY));

	test('finds our orders on every page, cancels them in batches, and touches no others', async () => {
		const ours = Array.from({ length: 130 }, (_, number) => order(idOf(number, number % 2 === 0 ? 'aaaa' : 'bbbb')));
		const others = [order(idOf(1, 'zzzz')), order('by-hand'), order(idOf(2, 'aaab'), 'ETHUSDT')];
		await placeAll([...ours.slice(0, 60), ...others, ...ours.slice(60)]);
		const listed = await own.list(LINEAR, OURS);
		expect(count(listed)).toBe(130);
		if (typeof listed !== 'string') await own.cancel(LINEAR, listed);
		expect(await own.list(LINEAR, OURS)).toEqual([]);
		expect(await open_()).toEqual(others.map(({ orderId }) => String(orderId)).sort());
	});

	test('where an environment takes no batches they go one by one', async () => {
		const ours = Array.from({ length: 7 }, (_, number) => spot(order(idOf(number, 'aaaa'))));
		await placeAll(ours);
		const demo = ownOrders(account, { ...urls, environment: 'demo' });
		const listed = await demo.list(SPOT, OURS);
		expect(count(listed)).toBe(7);
		const before = await cancelCalls();
		if (typeof listed !== 'string') await demo.cancel(SPOT, listed);
		expect(await demo.list(SPOT, OURS)).toEqual([]);
		expect((await cancelCalls()).slice(before.length)).toEqual(ours.map(() => '/v5/order/cancel'));
	});

	test('spot has batches of its own size, and contracts stay where they are', async () => {
		const ours = Array.from({ length: 23 }, (_, number) => spot(order(idOf(number, 'aaaa'))));
		const contract = order(idOf(50, 'aaaa'));
		await placeAll([...ours, contract]);
		const listed = await own.list(SPOT, OURS);
		expect(count(listed)).toBe(23);
		if (typeof listed !== 'string') await own.cancel(SPOT, listed);
		expect(await own.list(SPOT, OURS)).toEqual([]);
		expect(await open_()).toEqual([contract.orderId]);
	});

	test('a list that breaks off is none', async () => {
		await placeAll(Array.from({ length: 60 }, (_, number) => order(idOf(number, 'aaaa'))));
		await desk.inject('broken-paging', {});
		expect(count(await own.list(LINEAR, OURS))).toMatch(/order\/realtime/);
		await desk.clearFaults();
		expect(count(await own.list(LINEAR, OURS))).toBe(60);
	});

	test('a rehearsal says whether the key would do', async () => {
		expect(await own.rehearse({ ...LINEAR, account: '1' })).toEqual({ kind: 'able' });
		expect(await own.rehearse({ ...SPOT, account: '1' })).toEqual({ kind: 'able' });
		expect(await ownOrders({ ...account, apiKey: 'nobody' }).rehearse(LINEAR)).toMatchObject({
			kind: 'unable',
			detail: expect.stringMatching(/does not know this API key/) as string,
		});
		await desk.control(`POST /v1/accounts/${account.name}/key`, { readOnly: true });
		expect(await own.rehearse(LINEAR)).toEqual({
			kind: 'unable',
			detail: 'the API key may only read: make one that may also trade',
		});
	});

	test("with a key of another account than the engine's it is unable, and an empty list of its own proves nothing", async () => {
		await placeAll([order(idOf(1, 'aaaa'))]);
		const detail = 'the API key is of the account 2, and the engine trades on 1: take a key of that one';
		const where = { ...LINEAR, account: '1' };
		expect(await ownOrders(other).list(where, OURS)).toBe(detail);
		expect(await ownOrders(other).rehearse(where)).toEqual({ kind: 'unable', detail });
		expect(count(await own.list(where, OURS))).toBe(1);
		expect(await own.list(where, new Set())).toEqual([]);
	});

	test('an account that the engine does not know is a doubt, and no more', async () => {
		expect(await own.rehearse(LINEAR)).toEqual({
			kind: 'unsure',
			detail: "Bybit does not say which account the engine's key is of: make sure that both are of the same",
		});
		expect(await own.list(LINEAR, OURS)).toEqual([]);
	});
});

test("within the venue's limits what does not fit into a second is gone with the next look", async () => {
	await open(1);
	const ours = Array.from({ length: 10 }, (_, number) => order(idOf(number, 'aaaa')));
	await placeAll(ours);
	await aSecond();
	await placeAll(Array.from({ length: 10 }, (_, number) => order(idOf(100 + number, 'bbbb'))));
	for (const left of [10, 0]) {
		const listed = await own.list(LINEAR, OURS);
		if (typeof listed === 'string') throw new Error(listed);
		await own.cancel(LINEAR, listed);
		expect(await open_()).toHaveLength(left);
		await aSecond();
	}
});
