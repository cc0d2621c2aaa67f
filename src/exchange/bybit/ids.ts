/**
 * Ids as the venue writes them. The exchange counts its orders, fills and trades; Bybit shows UUIDs, and for spot
 * orders decimal numbers of 19 digits. Both ways are pure arithmetic, so the same run has the same ids and nothing
 * needs to be remembered.
 */
import type { BybitSymbol } from './venue.ts';

const SPOT_BASE = 1_770_000_000_000_000_000n;
const SPOT_ORDER = /^177\d{16}$/;
const TAIL = /^([0-9a-f]{8})-0000-4000-8000-([0-9a-f]{12})$/;

const ORDER_HEAD = '7c1e2a40';
const EXECUTION_HEAD = '5e8f10c2';
const TRADE_HEAD = '9a1d3c64';

export function shownOrderId(symbol: BybitSymbol, orderId: string): string {
	return symbol.category === 'spot' ? (SPOT_BASE + BigInt(orderId)).toString() : uuid(ORDER_HEAD, orderId);
}

/** The exchange's own id behind a shown one, or undefined for what this venue never gave out. */
export function ownOrderId(shown: string): string | undefined {
	if (SPOT_ORDER.test(shown)) return (BigInt(shown) - SPOT_BASE).toString();
	const match = TAIL.exec(shown);
	if (match === null || match[1] !== ORDER_HEAD) return undefined;
	return BigInt(`0x${match[2] ?? '0'}`).toString();
}

export function shownExecutionId(execId: string): string {
	return uuid(EXECUTION_HEAD, execId);
}

export function shownTradeId(tradeId: string): string {
	return uuid(TRADE_HEAD, tradeId);
}

function uuid(head: string, count: string): string {
	return `${head}-0000-4000-8000-${BigInt(count).toString(16).padStart(12, '0')}`;
}
