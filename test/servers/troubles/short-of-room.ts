/** An engine that may spend all that the venue grants a beginner, and has few connections. */
import type { Scene } from './trouble.ts';

export const SHORT_OF_ROOM: Scene = {
	where: 'where room is short',
	plan: {
		sections: { risk: { rate_budget_share: 1 }, network: { connector_limit: 3 } },
	},
	troubles: [
		{
			what: 'more levels than a rate limit carries',
			act: async (engine) => engine.quoteLevels({ count: 16, half_spread_bps: 1, step_bps: 0.5 }),
			after: async (engine) => engine.quoteLevels(),
			fires: ['EvenkeelBudgetLow'],
		},
		{
			// Orders then go over REST, where reads have all connections.
			what: 'an order stream that stays away, and few connections',
			faults: [
				{ name: 'refuse-connection', parameters: { channel: 'ws-trade' } },
				{ name: 'cut-socket', parameters: { channel: 'ws-trade', count: 1 } },
			],
			fires: ['EvenkeelPoolExhausted'],
		},
	],
};
