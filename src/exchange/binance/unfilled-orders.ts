/**
 * Spot counts orders that have not traded: the first fill of each gives back what it took of its account's count. Futures
 * count all of them.
 */
import type { Exchange } from '../core/exchange.ts';
import type { TradeExecution } from '../core/views.ts';
import type { BinanceSymbol } from './symbol.ts';
import { type Limits, ONE_ORDER } from './weights.ts';

export function giveBackFilled(
	exchange: Exchange,
	{ limits, symbols }: { readonly limits: Limits; readonly symbols: readonly BinanceSymbol[] },
): void {
	const keys = new Set(symbols.map(({ exchangeKey }) => exchangeKey));
	exchange.subscribe((event) => {
		if (event.kind !== 'execution' || event.execution.kind !== 'trade') return;
		const { execution, atMs } = event;
		if (!keys.has(execution.symbol) || !isFirst(execution)) return;
		limits.giveBackOrders(execution.accountId, ONE_ORDER, atMs);
	});
}

function isFirst({ qtyLots, orderQtyLots, leavesLots }: TradeExecution): boolean {
	return qtyLots + leavesLots === orderQtyLots;
}
