import { describe, expect, test } from 'vitest';
import type { RefusalReason } from '../core/requests.ts';
import { type FuturesDeed, futuresRefusal } from './futures-refusals.ts';
import { refusalBody } from './refusal.ts';

describe('what the exchange refuses, in the codes of this market', () => {
	test.each<{ reason: RefusalReason; deed: FuturesDeed; status?: number; code: number }>([
		{ reason: 'duplicate-client-id', deed: 'place', code: -4116 },
		{ reason: 'too-many-open-orders', deed: 'place', code: -2025 },
		{ reason: 'insufficient-margin', deed: 'place', code: -2019 },
		{ reason: 'reduce-only-not-reducing', deed: 'place', code: -2022 },
		{ reason: 'post-only-would-cross', deed: 'place', code: -5022 },
		{ reason: 'price-off-grid', deed: 'place', code: -4014 },
		{ reason: 'quantity-off-grid', deed: 'place', code: -4023 },
		{ reason: 'below-min-quantity', deed: 'place', code: -4004 },
		{ reason: 'symbol-reduce-only', deed: 'place', code: -4140 },
		{ reason: 'symbol-closed', deed: 'place', code: -4141 },
		{ reason: 'symbol-not-trading', deed: 'place', code: -1122 },
		{ reason: 'symbol-not-trading', deed: 'modify', code: -5024 },
		{ reason: 'amend-refused', deed: 'modify', code: -5026 },
		{ reason: 'amend-unchanged', deed: 'modify', code: -5027 },
		{ reason: 'order-closed', deed: 'cancel', code: -2011 },
		{ reason: 'order-closed', deed: 'modify', code: -2013 },
		{ reason: 'order-not-found', deed: 'query', code: -2013 },
		{ reason: 'busy', deed: 'place', status: 503, code: -1008 },
		{ reason: 'too-many-requests', deed: 'place', status: 429, code: -1003 },
	])('$reason to $deed: $code', ({ reason, deed, status = 400, code }) => {
		expect(futuresRefusal(reason, { deed })).toMatchObject({ status, code });
	});

	test('the texts name the edge of the band on the order’s side, and the smallest value', () => {
		const about = { deed: 'place', edgePrice: '68250.00', minNotional: '50' } as const;
		const said = (reason: RefusalReason, side: 'buy' | 'sell'): unknown =>
			refusalBody(futuresRefusal(reason, { ...about, side }));
		expect(said('price-outside-band', 'buy')).toEqual({ code: -4016, msg: "Limit price can't be higher than 68250.00." });
		expect(said('price-outside-band', 'sell')).toEqual({ code: -4024, msg: "Limit price can't be lower than 68250.00." });
		expect(said('below-min-notional', 'buy')).toEqual({
			code: -4164,
			msg: "Order's notional must be no smaller than 50 (unless you choose reduce only).",
		});
	});
});
