/** What happens to orders, positions and money, in a market that rests and on an account that is small. */
import type { ScrapedEngine } from '../scraped-engine.ts';
import type { Scene } from './trouble.ts';

interface Listed {
	readonly orders: readonly { readonly orderId: string; readonly symbol: string; readonly side: string }[];
}

export const IN_THE_BOOKS: Scene = {
	where: 'in the books',
	plan: {
		box: {
			market: 'quiet',
			symbols: ['SOLUSDT', 'XRPUSDT', 'ETHUSDT'],
			accounts: [{ name: 'alice', balances: { USDT: '1000', ETH: '1' } }],
		},
	},
	troubles: [
		{
			// Fills that nobody tells are found in the lists and explained; what is simply gone is not.
			what: 'orders that the exchange takes out, and nobody tells',
			faults: [{ name: 'drop-frames', parameters: { channel: 'ws-private', probability: 1 } }],
			act: (engine) => toBids(engine, 'self-trade'),
			fires: ['EvenkeelDesync'],
		},
		{
			what: 'fees in a coin that nothing prices',
			act: async (engine) => {
				await engine.control('POST /v1/accounts/alice/fee-coin', { coin: 'ETH' });
				await toBids(engine, 'fill');
			},
			fires: ['EvenkeelProfitUnknown'],
		},
		{
			what: 'a price that falls while a position is held',
			act: async (engine) => {
				await engine.control('POST /v1/symbols/SOLUSDT/spike', { rate: '-0.3', forMs: 600_000 });
			},
			fires: ['EvenkeelDrawdown'],
			strikesAnytime: true,
		},
	],
};

async function toBids(engine: ScrapedEngine, what: 'fill' | 'self-trade'): Promise<void> {
	const { orders } = (await engine.control('GET /v1/accounts/alice/orders?state=open&symbol=SOLUSDT')) as unknown as Listed;
	for (const { orderId, side } of orders) {
		if (side === 'buy') await engine.control(`POST /v1/accounts/alice/orders/${orderId}/${what}`, {});
	}
}
