/**
 * Order entry over real sockets while the box misbehaves. Whatever it does to a batch: each order has one outcome, what is
 * told as accepted is there, what is told as rejected is not, and all else is told as unknown.
 */
import { describe, expect, test } from 'vitest';
import { OrderDesk } from './order-desk.ts';
import { place } from './order-entry.ts';

interface Case {
	readonly fault: string;
	readonly parameters?: object;
	/** How each may be told; every kind must be told of one order at least. */
	readonly kinds: readonly ('accepted' | 'rejected' | 'unknown')[];
	readonly only?: 'ws' | 'rest';
}

const CASES: readonly Case[] = [
	{ fault: 'drop-reply', parameters: { answer: 'never' }, kinds: ['unknown'] },
	{ fault: 'drop-reply', parameters: { answer: 'reset' }, kinds: ['unknown'] },
	{ fault: 'drop-request', parameters: { answer: 'reset' }, kinds: ['unknown'] },
	{ fault: 'server-error', parameters: { form: 'venue-restarting', effect: 'applied' }, kinds: ['unknown'] },
	{ fault: 'server-error', parameters: { form: 'venue-timeout', effect: 'none' }, kinds: ['unknown'] },
	{ fault: 'server-error', parameters: { form: 'http-502', effect: 'applied' }, kinds: ['unknown'], only: 'rest' },
	{ fault: 'mangled-body', parameters: { form: 'html-200', effect: 'applied' }, kinds: ['unknown'], only: 'rest' },
	{ fault: 'mangled-body', parameters: { form: 'empty', effect: 'applied' }, kinds: ['unknown'], only: 'rest' },
	{ fault: 'mangled-body', parameters: { form: 'cut', effect: 'applied' }, kinds: ['unknown'], only: 'rest' },
	// The venue's own words under a wrong content type are its words all the same.
	{ fault: 'mangled-body', parameters: { form: 'wrong-type', effect: 'applied' }, kinds: ['accepted'], only: 'rest' },
	{ fault: 'partial-batch', parameters: { form: 'tail' }, kinds: ['accepted', 'rejected'] },
	{ fault: 'batch-reply', parameters: { form: 'short' }, kinds: ['accepted', 'unknown'] },
	{ fault: 'batch-reply', parameters: { form: 'shuffled' }, kinds: ['accepted'] },
	{ fault: 'batch-reply', parameters: { form: 'doubled' }, kinds: ['accepted'] },
	{ fault: 'batch-reply', parameters: { form: 'foreign' }, kinds: ['accepted', 'unknown'] },
	{ fault: 'rate-limit', parameters: { form: 'venue' }, kinds: ['rejected'] },
	{ fault: 'rate-limit', parameters: { form: 'http-429' }, kinds: ['unknown'], only: 'rest' },
	{ fault: 'duplicate-request', parameters: { answer: 'second' }, kinds: ['unknown'], only: 'rest' },
	{ fault: 'cut-socket', parameters: { bytes: 0 }, kinds: ['unknown'], only: 'ws' },
	{ fault: 'cut-socket', parameters: { bytes: 300 }, kinds: ['unknown'], only: 'ws' },
	{ fault: 'half-open', kinds: ['unknown'], only: 'ws' },
	{ fault: 'ban', parameters: { forMs: 60_000 }, kinds: ['rejected'], only: 'rest' },
];

const IDS = ['a', 'b', 'c', 'd', 'e'];

for (const orderEntry of ['ws', 'rest'] as const) {
	describe(`a batch by ${orderEntry}`, () => {
		const cases = CASES.filter(({ only }) => only === undefined || only === orderEntry);
		test.each(cases)('$fault $parameters: $kinds', async ({ fault, parameters = {}, kinds }) => {
			// Where nothing will be heard there is no point in patience, and else none in haste.
			const orderTimeoutMs = kinds.includes('accepted') ? 5_000 : 200;
			await using desk = await OrderDesk.open({ orderEntry, orderTimeoutMs });
			await desk.inject(fault, { probability: 1, ...parameters });
			const told = await desk.entry.gateway.batchPlaceOrders(IDS.map((id, i) => place(id, i % 2 === 0 ? 'BTCUSDT' : 'ETHUSDT')));
			await desk.clearFaults();
			const standing = (await desk.openOrders()).map((order) => order.split(' ')[0]);
			expect(told.map(({ orderId }) => orderId)).toEqual(IDS);
			for (const { orderId, outcome } of told) {
				if (outcome.kind === 'accepted') expect(standing).toContain(orderId);
				if (outcome.kind === 'rejected') expect(standing).not.toContain(orderId);
			}
			expect([...new Set(told.map(({ outcome }) => outcome.kind))].sort()).toEqual(kinds);
			expect(new Set(standing).size).toBe(standing.length);
		});
	});
}
