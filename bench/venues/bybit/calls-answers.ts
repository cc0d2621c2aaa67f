/** What both ends of the call benchmark have to agree on: the orders, and what the venue says when it takes them. */
export interface CallServerData {
	readonly orderIds: readonly string[];
}

export const SYMBOL = 'BTCUSDT';
export const ORDER_IDS: readonly string[] = Array.from({ length: 20 }, (_, i) => `${SYMBOL}-Buy-1771000000000-${i + 1}-1a2b`);

export const LIMIT_HEADERS = {
	'X-Bapi-Limit': '1000000',
	'X-Bapi-Limit-Status': '999980',
	'X-Bapi-Limit-Reset-Timestamp': '1771000000126',
	Traceid: '5f2c9d0e7a1b4c3d8e6f0a1b2c3d4e5f',
	Timenow: '1771000000126',
} as const;

/** REST has the items under `result`, the trade socket under `data`. */
export function batchAnswer(orderIds: readonly string[], under: 'result' | 'data'): object {
	const list = orderIds.map((orderLinkId, index) => ({
		category: 'linear',
		symbol: SYMBOL,
		orderId: venueIdOf(index),
		orderLinkId,
		createAt: '1771000000125',
	}));
	return { [under]: { list }, retExtInfo: { list: orderIds.map(() => ({ code: 0, msg: 'OK' })) } };
}

export function singleAnswer(orderLinkId: string): object {
	return { data: { orderId: venueIdOf(0), orderLinkId }, retExtInfo: {} };
}

function venueIdOf(index: number): string {
	return `0f9a7b52-3f1c-4a77-8c11-0b7a35d2e9${String(index).padStart(2, '0')}`;
}
